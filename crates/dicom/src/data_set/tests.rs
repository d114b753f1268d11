//! Data sets built, written, read, changed.

use super::*;
use crate::header::{HeaderReader, PixelData};
use dicom_dictionary_std::tags;
use proptest::prelude::*;

fn study() -> DataSet {
    let mut code = DataSet::new();
    code.set_text(tags::CODE_VALUE, "CTHEAD");
    let mut data_set = DataSet::new();
    data_set.set_text(tags::PATIENT_NAME, "Müller^Jürgen");
    data_set.set_text(tags::PATIENT_ID, "4711");
    data_set.set_texts(tags::IMAGE_TYPE, &["ORIGINAL", "PRIMARY", "AXIAL"]);
    data_set.set_text(tags::STUDY_INSTANCE_UID, "1.2.3");
    data_set.set_int(tags::ROWS, 512);
    data_set.set_int(tags::SERIES_NUMBER, 7);
    data_set.set_decimals(tags::PIXEL_SPACING, &[0.5, 0.25]);
    data_set.set_decimals(tags::EXPOSURE_TIME_INMS, &[1.5]);
    data_set.set_tags(tags::FRAME_INCREMENT_POINTER, &[tags::FRAME_TIME]);
    data_set.set_sequence(tags::PROCEDURE_CODE_SEQUENCE, vec![code]);
    data_set.set_bytes(tags::PIXEL_DATA, VR::OW, vec![1, 2, 3, 4]);
    data_set
}

const SYNTAXES: [TransferSyntax; 4] = [
    TransferSyntax::EXPLICIT_LITTLE,
    TransferSyntax::IMPLICIT_LITTLE,
    TransferSyntax::EXPLICIT_BIG,
    TransferSyntax::DEFLATED_LITTLE,
];

#[test]
fn what_is_set_is_got_after_it_was_written_in_any_transfer_syntax() {
    for syntax in SYNTAXES {
        for lengths in [Lengths::Explicit, Lengths::Undefined] {
            let bytes = study().to_bytes_from(syntax, lengths, None).unwrap();
            let read = DataSet::read(&bytes, syntax).unwrap();
            assert_eq!(read.text(tags::PATIENT_NAME).as_deref(), Some("Müller^Jürgen"));
            assert_eq!(read.text(tags::SPECIFIC_CHARACTER_SET).as_deref(), Some("ISO_IR 192"));
            assert_eq!(read.texts(tags::IMAGE_TYPE), ["ORIGINAL", "PRIMARY", "AXIAL"]);
            assert_eq!(read.uid(tags::STUDY_INSTANCE_UID).as_deref(), Some("1.2.3"));
            assert_eq!((read.int(tags::ROWS), read.int(tags::SERIES_NUMBER)), (Some(512), Some(7)));
            assert_eq!(read.decimals(tags::PIXEL_SPACING), [Some(0.5), Some(0.25)]);
            assert_eq!(read.decimal(tags::EXPOSURE_TIME_INMS), Some(1.5));
            assert_eq!(read.tags(tags::FRAME_INCREMENT_POINTER), [tags::FRAME_TIME]);
            let code = read.item_at(&[tags::PROCEDURE_CODE_SEQUENCE]).unwrap();
            assert_eq!(code.text(tags::CODE_VALUE).as_deref(), Some("CTHEAD"));
            let back = read.to_bytes(TransferSyntax::EXPLICIT_LITTLE).unwrap();
            assert_eq!(back, study().to_bytes(TransferSyntax::EXPLICIT_LITTLE).unwrap(), "{syntax}");
        }
    }
}

#[test]
fn text_that_its_character_set_lacks_makes_the_whole_utf8() {
    let mut item = DataSet::new();
    item.set_text(tags::CODE_MEANING, "plain");
    let mut data_set = DataSet::new();
    data_set.set_text(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 100");
    data_set.set_sequence(tags::PROCEDURE_CODE_SEQUENCE, vec![item]);
    data_set.set_text(tags::PATIENT_NAME, "Jérôme");
    assert_eq!(data_set.get(tags::PATIENT_NAME).unwrap().bytes(), Some(&b"J\xE9r\xF4me"[..]));
    data_set.set_text(tags::REFERRING_PHYSICIAN_NAME, "王^小东");
    assert_eq!(data_set.text(tags::SPECIFIC_CHARACTER_SET).as_deref(), Some("ISO_IR 192"));
    assert_eq!(data_set.text(tags::PATIENT_NAME).as_deref(), Some("Jérôme"));
    assert_eq!(data_set.text(tags::REFERRING_PHYSICIAN_NAME).as_deref(), Some("王^小东"));
}

#[test]
fn items_have_the_character_set_around_them_or_their_own() {
    let mut item = DataSet::new();
    item.set_text(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 100");
    item.set_text(tags::CODE_MEANING, "Schädel");
    let mut data_set = DataSet::new();
    data_set.set_text(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 144");
    data_set.set_sequence(tags::PROCEDURE_CODE_SEQUENCE, vec![item.clone()]);
    item.remove(tags::SPECIFIC_CHARACTER_SET);
    data_set.set_sequence(tags::REQUESTED_PROCEDURE_CODE_SEQUENCE, vec![item]);
    let bytes = data_set.to_bytes(TransferSyntax::IMPLICIT_LITTLE).unwrap();
    let read = DataSet::read(&bytes, TransferSyntax::IMPLICIT_LITTLE).unwrap();
    for tag in [tags::PROCEDURE_CODE_SEQUENCE, tags::REQUESTED_PROCEDURE_CODE_SEQUENCE] {
        assert_eq!(read.sequence(tag)[0].text(tags::CODE_MEANING).as_deref(), Some("Schädel"));
    }
    let mut utf8 = read;
    utf8.to_utf8();
    assert_eq!(
        utf8.sequence(tags::PROCEDURE_CODE_SEQUENCE)[0].get(tags::CODE_MEANING).unwrap().bytes(),
        Some("Schädel".as_bytes())
    );
}

#[test]
fn blanks_and_nuls_at_the_ends_do_not_count() {
    let mut data_set = DataSet::new();
    data_set.set_bytes(tags::STUDY_INSTANCE_UID, VR::UI, b"1.2.3 \0".to_vec());
    data_set.set_bytes(tags::IMAGE_TYPE, VR::CS, b" A \\\\B".to_vec());
    data_set.set_bytes(tags::IMAGE_COMMENTS, VR::LT, b"  a\\b ".to_vec());
    data_set.set_bytes(tags::PATIENT_ID, VR::LO, b"    ".to_vec());
    assert_eq!(data_set.uid(tags::STUDY_INSTANCE_UID).as_deref(), Some("1.2.3"));
    assert_eq!(data_set.texts(tags::IMAGE_TYPE), ["A", "", "B"]);
    assert_eq!(data_set.texts(tags::IMAGE_COMMENTS), ["  a\\b"]);
    assert_eq!(data_set.text(tags::PATIENT_ID), None);
    assert!(data_set.texts(tags::PATIENT_ID).is_empty());
}

#[test]
fn private_elements_keep_their_creator() {
    let mut data_set = DataSet::new();
    data_set.set_text(Tag(0x0029, 0x0010), "SIEMENS CSA HEADER");
    data_set.set_bytes(Tag(0x0029, 0x1008), VR::UN, b"x ".to_vec());
    let bytes = data_set.to_bytes(TransferSyntax::IMPLICIT_LITTLE).unwrap();
    let read = DataSet::read(&bytes, TransferSyntax::IMPLICIT_LITTLE).unwrap();
    assert_eq!(read.private_creator(Tag(0x0029, 0x1008)).as_deref(), Some("SIEMENS CSA HEADER"));
    assert_eq!(read.private_creator(Tag(0x0029, 0x1108)), None);
    assert_eq!(read, data_set);
}

#[test]
fn values_with_a_sign_are_read_with_it_also_in_implicit_transfer_syntaxes() {
    for (representation, number) in [(0, 65535), (1, -1)] {
        let mut data_set = DataSet::new();
        data_set.set_int(tags::PIXEL_REPRESENTATION, representation);
        data_set.set_int(tags::PIXEL_PADDING_VALUE, -1);
        let bytes = data_set.to_bytes(TransferSyntax::IMPLICIT_LITTLE).unwrap();
        let read = DataSet::read(&bytes, TransferSyntax::IMPLICIT_LITTLE).unwrap();
        assert_eq!(read.int(tags::PIXEL_PADDING_VALUE), Some(number));
    }
}

#[test]
fn a_value_too_long_for_its_representation_goes_as_unknown_and_is_read_as_what_it_is() {
    let mut data_set = DataSet::new();
    let numbers: Vec<f64> = (0..20_000).map(f64::from).collect();
    data_set.set_decimals(tags::CONTOUR_DATA, &numbers);
    let bytes = data_set.to_bytes(TransferSyntax::EXPLICIT_LITTLE).unwrap();
    let read = DataSet::read(&bytes, TransferSyntax::EXPLICIT_LITTLE).unwrap();
    assert_eq!(read.get(tags::CONTOUR_DATA).unwrap().vr, VR::UN);
    assert_eq!(read.decimals(tags::CONTOUR_DATA).last(), Some(&Some(19_999.0)));
}

#[test]
fn long_bytes_and_pixels_stay_where_they_are_and_come_back_from_there() {
    let mut data_set = study();
    data_set.set_bytes(tags::ICC_PROFILE, VR::OB, vec![7; 100_001]);
    data_set.set_bytes(tags::PIXEL_DATA, VR::OW, [1, 2].repeat(500_000));
    for from in SYNTAXES {
        let bytes = data_set.to_bytes(from).unwrap();
        let inflated =
            data_set.to_bytes(if from.deflated() { TransferSyntax::EXPLICIT_LITTLE } else { from }).unwrap();
        let mut reader = HeaderReader::new(from);
        bytes.chunks(1000).for_each(|piece| reader.push(piece).unwrap());
        let header = reader.finish().unwrap();
        assert_eq!((header.length, header.ending), (inflated.len() as u64, crate::Ending::Complete));
        let Some(PixelData::Native { offset, length, .. }) = header.pixel_data() else { panic!() };
        assert_eq!((offset + u64::from(length), length), (header.length, 1_000_000));
        assert!(matches!(header.data_set.get(tags::ICC_PROFILE).unwrap().value, Value::Bulk { .. }));
        assert_eq!(header.data_set.to_bytes(from), Err(WriteError::NotHeld));
        for to in SYNTAXES {
            let written = header.data_set.to_bytes_from(to, Lengths::Explicit, Some(&inflated)).unwrap();
            assert_eq!(written, data_set.to_bytes(to).unwrap(), "{from} to {to}");
        }
        let short = &inflated[..inflated.len() - 1];
        let outside = header.data_set.to_bytes_from(from, Lengths::Explicit, Some(short));
        assert_eq!(outside, Err(WriteError::OutsideSource));
    }
}

#[test]
fn fragments_are_referred_to_and_written_from_there() {
    let jpeg = TransferSyntax::from_uid("1.2.840.10008.1.2.4.50");
    let mut bytes = study().to_bytes(jpeg).unwrap();
    bytes.truncate(bytes.len() - 16);
    let start = bytes.len();
    bytes
        .extend_from_slice(b"\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\x08\0\0\0\0\0\0\0\x0C\0\0\0");
    bytes.extend_from_slice(
        b"\xFE\xFF\0\xE0\x04\0\0\0\xFF\xD8\xFF\xD9\xFE\xFF\0\xE0\x06\0\0\0\xFF\xD8ab\xFF\xD9",
    );
    bytes.extend_from_slice(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    for size in [1, 7, 1000] {
        let mut reader = HeaderReader::new(jpeg);
        bytes.chunks(size).for_each(|piece| reader.push(piece).unwrap());
        let header = reader.finish().unwrap();
        let Some(PixelData::Encapsulated { fragments, first_fragment }) = header.pixel_data() else {
            panic!()
        };
        assert_eq!(first_fragment, start as u64 + 28);
        assert_eq!(fragments.offset_table, [0, 12]);
        let places: Vec<_> =
            fragments.list.iter().map(|f| (f.offset - first_fragment, f.length, f.ends_image)).collect();
        assert_eq!(places, [(8, 4, true), (20, 6, true)]);
        let written = header.data_set.to_bytes_from(jpeg, Lengths::Explicit, Some(&bytes)).unwrap();
        assert_eq!(written, bytes);
        let native =
            header.data_set.to_bytes_from(TransferSyntax::IMPLICIT_LITTLE, Lengths::Explicit, Some(&bytes));
        assert_eq!(native, Err(WriteError::Encapsulated));
    }
}

#[test]
fn a_header_that_is_too_long_is_refused() {
    let limits = Limits { held_bytes: 10_000, ..Limits::default() };
    let mut data_set = DataSet::new();
    data_set.set_text(tags::PIXEL_DATA_PROVIDER_URL, &"x".repeat(20_000));
    let bytes = data_set.to_bytes(TransferSyntax::EXPLICIT_LITTLE).unwrap();
    let mut reader = HeaderReader::with_limits(TransferSyntax::EXPLICIT_LITTLE, limits);
    assert_eq!(reader.push(&bytes), Err(ReadError::TooLong));
    // A length that is only claimed takes no memory, and is no reason to refuse.
    let mut reader = HeaderReader::new(TransferSyntax::EXPLICIT_LITTLE);
    reader.push(b"\x08\0\x60\0UT\0\0\xFE\xFF\xFF\xFFabc").unwrap();
    assert_eq!(reader.finish().unwrap().ending, crate::Ending::Truncated { missing: 0xFFFF_FFFE - 3 });
}

#[test]
fn items_of_frames_are_passed_over_beyond_what_is_wanted() {
    let mut position = DataSet::new();
    position.set_text(tags::IMAGE_POSITION_PATIENT, "0\\0\\1");
    let mut frame = DataSet::new();
    frame.set_sequence(tags::PLANE_POSITION_SEQUENCE, vec![position.clone(), position]);
    let mut data_set = study();
    data_set.set_sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, vec![frame; 50]);
    data_set.set_text(tags::DATA_SET_TRAILING_PADDING, "x");
    let bytes = data_set.to_bytes(TransferSyntax::EXPLICIT_LITTLE).unwrap();
    for wanted in [0, 3, 50, 60] {
        let limits = Limits { per_frame_items: wanted, ..Limits::default() };
        let mut reader = HeaderReader::with_limits(TransferSyntax::EXPLICIT_LITTLE, limits);
        reader.push(&bytes).unwrap();
        let header = reader.finish().unwrap();
        let items = header.data_set.sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        assert_eq!(
            (items.len(), header.frames_left_out),
            (wanted.min(50), 50_u64.saturating_sub(wanted as u64))
        );
        assert!(header.pixel_data().is_some());
        assert!(header.data_set.contains(tags::DATA_SET_TRAILING_PADDING));
    }
}

#[test]
fn elements_in_the_wrong_order_are_put_in_order_and_of_two_the_last_one_stays() {
    let element = |number: u32, value: &[u8]| {
        let [_, _, high, low] = number.to_be_bytes();
        [&[0x11, 0, low, high | 0x10][..], b"LO\x02\0", value].concat()
    };
    let numbers = (0..200).rev().chain(50..150);
    let mut bytes: Vec<u8> = numbers.flat_map(|number| element(number, b"a ")).collect();
    bytes.extend(element(70, b"b "));
    let data_set = DataSet::read(&bytes, TransferSyntax::EXPLICIT_LITTLE).unwrap();
    assert_eq!(data_set.len(), 200);
    assert!(data_set.elements().is_sorted_by_key(|element| element.tag));
    assert_eq!(data_set.text(Tag(0x11, 0x1046)).as_deref(), Some("b"));
    assert_eq!(data_set.text(Tag(0x11, 0x1047)).as_deref(), Some("a"));
}

fn any_data_set() -> impl Strategy<Value = DataSet> {
    let leaf = || {
        prop::collection::vec(
            prop_oneof![
                ("[A-Z0-9 ]{0,20}", Just(tags::PATIENT_ID)).prop_map(|(text, tag)| (
                    tag,
                    VR::LO,
                    text.into_bytes()
                )),
                ("\\PC{0,20}", Just(tags::PATIENT_NAME)).prop_map(|(text, tag)| (
                    tag,
                    VR::PN,
                    text.into_bytes()
                )),
                (prop::collection::vec(any::<u8>(), 0..9), Just(tags::ICC_PROFILE))
                    .prop_map(|(bytes, tag)| (tag, VR::OB, bytes)),
                (any::<[u8; 4]>(), Just(tags::ROWS)).prop_map(|(bytes, tag)| (tag, VR::US, bytes.to_vec())),
                (any::<[u8; 8]>(), any::<u16>()).prop_map(|(bytes, element)| (
                    Tag(0x0011, element | 0x1000),
                    VR::FD,
                    bytes.to_vec()
                )),
            ],
            0..6,
        )
        .prop_map(|elements| {
            let mut data_set = DataSet::new();
            for (tag, vr, bytes) in elements {
                data_set.set_bytes(tag, vr, bytes);
            }
            data_set
        })
    };
    leaf().prop_recursive(4, 20, 4, move |inner| {
        (leaf(), prop::collection::vec(inner, 0..4)).prop_map(|(mut data_set, items)| {
            data_set.set_sequence(tags::PROCEDURE_CODE_SEQUENCE, items);
            data_set
        })
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(data_set in any_data_set(), undefined in any::<bool>(), deflated in any::<bool>()) {
        let lengths = if undefined { Lengths::Undefined } else { Lengths::Explicit };
        let syntax = if deflated { TransferSyntax::DEFLATED_LITTLE } else { TransferSyntax::EXPLICIT_LITTLE };
        let bytes = data_set.to_bytes_from(syntax, lengths, None).unwrap();
        prop_assert_eq!(&DataSet::read(&bytes, syntax).unwrap(), &data_set);
        let big = data_set.to_bytes_from(TransferSyntax::EXPLICIT_BIG, lengths, None).unwrap();
        let turned = DataSet::read(&big, TransferSyntax::EXPLICIT_BIG).unwrap();
        prop_assert_eq!(turned.to_bytes_from(syntax, lengths, None).unwrap(), bytes);
    }
}
