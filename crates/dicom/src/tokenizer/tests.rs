//! Stories of data sets, right and wrong, and what arbitrary cutting must not change.

use super::*;
use crate::data_set::DataSet;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use proptest::prelude::*;

/// Tokens as lines, with the pieces of a value joined.
fn told(bytes: &[u8], syntax: TransferSyntax, pieces: &[usize]) -> (Vec<String>, Result<Ending, ReadError>) {
    let mut lines = Vec::new();
    let mut value = Vec::new();
    let mut sink = |token: Token<'_>| {
        match token {
            Token::Value(piece) => value.extend_from_slice(piece),
            Token::ElementEnd | Token::FragmentEnd => {
                lines.push(format!("= {:?}", std::mem::take(&mut value)));
            }
            Token::Element(header) | Token::Sequence(header) | Token::Fragments(header) => {
                let kind = match token {
                    Token::Element(_) => "",
                    Token::Sequence(_) => "sequence ",
                    _ => "fragments ",
                };
                lines.push(format!(
                    "{kind}{} {} {:?} @{}+{}",
                    header.tag,
                    header.vr,
                    header.length,
                    header.offset,
                    header.value_offset - header.offset
                ));
            }
            token => lines.push(format!("{token:?}")),
        }
        Ok(())
    };
    let mut tokenizer = Tokenizer::new(syntax, &Limits::default());
    let mut rest = bytes;
    let mut lengths = pieces.iter().copied().cycle();
    let mut outcome = Ok(());
    while !rest.is_empty() && outcome.is_ok() {
        let (piece, after) = rest.split_at(lengths.next().unwrap_or(usize::MAX).clamp(1, rest.len()));
        outcome = tokenizer.push(piece, &mut sink);
        rest = after;
    }
    let ending = outcome.and_then(|()| tokenizer.finish(&mut sink));
    (lines, ending)
}

fn whole(bytes: &[u8], syntax: TransferSyntax) -> (Vec<String>, Result<Ending, ReadError>) {
    told(bytes, syntax, &[])
}

const EXPLICIT: TransferSyntax = TransferSyntax::EXPLICIT_LITTLE;
const IMPLICIT: TransferSyntax = TransferSyntax::IMPLICIT_LITTLE;

#[test]
fn an_element_is_told_with_its_place() {
    let (lines, ending) = whole(b"\x08\0\x60\0CS\x02\0CT\x10\0\x10\0PN\x04\0A^B ", EXPLICIT);
    assert_eq!(
        lines,
        ["(0008,0060) CS Some(2) @0+8", "= [67, 84]", "(0010,0010) PN Some(4) @10+8", "= [65, 94, 66, 32]"]
    );
    assert_eq!(ending, Ok(Ending::Complete));
}

#[test]
fn lengths_of_sequences_and_items_may_be_defined_or_not() {
    let defined =
        b"\x40\0\x75\x02SQ\0\0\x12\0\0\0\xFE\xFF\0\xE0\x0a\0\0\0\x08\0\x60\0CS\x02\0CT\x20\0\x13\0IS\0\0";
    let undefined =
        b"\x40\0\x75\x02SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF\x08\0\x60\0CS\x02\0CT\
          \xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0\x20\0\x13\0IS\0\0";
    for bytes in [&defined[..], undefined] {
        let data_set = DataSet::read(bytes, EXPLICIT).unwrap();
        assert_eq!(
            data_set.sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE)[0].text(tags::MODALITY).as_deref(),
            Some("CT")
        );
        assert!(data_set.contains(tags::INSTANCE_NUMBER));
        assert_eq!(whole(bytes, EXPLICIT).1, Ok(Ending::Complete));
    }
}

#[test]
fn missing_delimiters_do_not_matter() {
    // Neither the item nor the sequence is ended, then an item and the sequence, then the file is over.
    for bytes in [
        &b"\x40\0\x75\x02SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF\x08\0\x60\0CS\x02\0CT\
            \xFE\xFF\0\xE0\xFF\xFF\xFF\xFF\x08\0\x60\0CS\x02\0MR"[..],
        b"\x40\0\x75\x02SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF\x08\0\x60\0CS\x02\0CT\
            \xFE\xFF\0\xE0\xFF\xFF\xFF\xFF\x08\0\x60\0CS\x02\0MR\xFE\xFF\xDD\xE0\0\0\0\0",
    ] {
        let items = DataSet::read(bytes, EXPLICIT).unwrap();
        let items = items.sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE);
        let modalities: Vec<_> = items.iter().filter_map(|item| item.text(tags::MODALITY)).collect();
        assert_eq!(modalities, ["CT", "MR"]);
    }
}

#[test]
fn what_is_unknown_and_made_of_items_is_an_implicit_sequence() {
    let bytes = b"\x40\0\x75\x02UN\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF\x08\0\x60\0\x02\0\0\0CT\
          \xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0\x20\0\x13\0IS\x02\x001 ";
    let data_set = DataSet::read(bytes, EXPLICIT).unwrap();
    let items = data_set.sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE);
    assert_eq!(items[0].text(tags::MODALITY).as_deref(), Some("CT"));
    assert_eq!(data_set.int(tags::INSTANCE_NUMBER), Some(1));
    let defined = b"\x40\0\x75\x02UN\0\0\x12\0\0\0\xFE\xFF\0\xE0\x0a\0\0\0\x08\0\x60\0\x02\0\0\0CT";
    let data_set = DataSet::read(defined, EXPLICIT).unwrap();
    assert_eq!(data_set.sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE).len(), 1);
}

#[test]
fn value_representations_that_are_wrong_for_the_transfer_syntax_are_seen() {
    let implicit = b"\x08\0\x60\0\x02\0\0\0CT\x20\0\x13\0\x02\0\0\x001 ";
    let explicit = b"\x08\0\x60\0CS\x02\0CT\x20\0\x13\0IS\x02\x001 ";
    let mixed = b"\x08\0\x60\0CS\x02\0CT\x20\0\x13\0\x02\0\0\x001 ";
    for (bytes, syntax) in [(implicit, EXPLICIT), (explicit, IMPLICIT), (mixed, EXPLICIT)] {
        let data_set = DataSet::read(bytes, syntax).unwrap();
        assert_eq!(data_set.text(tags::MODALITY).as_deref(), Some("CT"));
        assert_eq!(data_set.int(tags::INSTANCE_NUMBER), Some(1));
    }
}

#[test]
fn a_value_representation_of_the_future_is_long_and_a_short_one_is_read() {
    let bytes = b"\x08\0\x60\0CS\x02\0CT\x11\0\x10\x10ZZ\0\0\x02\0\0\0ab\x11\0\x11\x10ZZ\x02\0ab\x20\0\x13\0IS\x02\x001 ";
    let data_set = DataSet::read(bytes, EXPLICIT).unwrap();
    assert_eq!(data_set.len(), 4);
    assert_eq!(data_set.get(Tag(0x11, 0x1010)).unwrap().bytes(), Some(&b"ab"[..]));
    assert_eq!(data_set.int(tags::INSTANCE_NUMBER), Some(1));
}

#[test]
fn fragments_are_told_with_their_places() {
    let bytes =
        b"\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\x04\0\0\0\0\0\0\0\xFE\xFF\0\xE0\x02\0\0\0ab\
          \xFE\xFF\xDD\xE0\0\0\0\0\xFC\xFF\xFC\xFFOB\0\0\x02\0\0\0\0\0";
    let (lines, ending) = whole(bytes, TransferSyntax::from_uid("1.2.840.10008.1.2.4.50"));
    assert_eq!(
        lines,
        [
            "fragments (7FE0,0010) OB None @0+12",
            "Fragment { offset: 20, length: 4 }",
            "= [0, 0, 0, 0]",
            "Fragment { offset: 32, length: 2 }",
            "= [97, 98]",
            "FragmentsEnd",
            "(FFFC,FFFC) OB Some(2) @42+12",
            "= [0, 0]",
        ]
    );
    assert_eq!(ending, Ok(Ending::Complete));
}

#[test]
fn a_value_of_undefined_length_that_is_not_made_of_items_lasts_until_the_delimiter() {
    let bytes = b"\x09\0\x10\x10UT\0\0\xFF\xFF\xFF\xFFab\xFE\xFFcdefgh\xFE\xFF\xDD\xE0\0\0\0\0\x20\0\x13\0IS\x02\x001 ";
    let (lines, _) = whole(bytes, EXPLICIT);
    assert_eq!(lines[1], format!("= {:?}", b"ab\xFE\xFFcdefgh"));
    assert_eq!(lines[2], "(0020,0013) IS Some(2) @30+8");
}

#[test]
fn zeros_at_the_end_and_stray_delimiters_are_nothing() {
    let mut bytes = b"\xFE\xFF\x0D\xE0\0\0\0\0\x08\0\x60\0CS\x02\0CT".to_vec();
    bytes.extend([0; 37]);
    let (lines, ending) = whole(&bytes, EXPLICIT);
    assert_eq!(lines.len(), 2);
    assert_eq!(ending, Ok(Ending::Complete));
}

#[test]
fn a_cut_data_set_says_how_much_is_missing() {
    let bytes = b"\x08\0\x60\0CS\x02\0CT\xE0\x7F\x10\0OW\0\0\x40\0\0\0abcd";
    assert_eq!(whole(bytes, EXPLICIT).1, Ok(Ending::Truncated { missing: 60 }));
    assert_eq!(whole(&bytes[..13], EXPLICIT).1, Ok(Ending::Truncated { missing: 1 }));
}

#[test]
fn sequences_may_not_lie_in_one_another_for_ever() {
    let one = b"\x40\0\x75\x02SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF";
    assert_eq!(whole(&one.repeat(31), EXPLICIT).1, Ok(Ending::Undelimited));
    assert_eq!(whole(&one.repeat(33), EXPLICIT).1, Err(ReadError::TooDeep));
}

#[test]
fn a_deflated_data_set_is_inflated_and_a_bomb_is_not() {
    let mut data_set = DataSet::new();
    data_set.set_text(tags::PATIENT_NAME, "A^B");
    data_set.set_bytes(tags::PIXEL_DATA, VR::OW, vec![0; 1 << 20]);
    let syntax = TransferSyntax::DEFLATED_LITTLE;
    let bytes = data_set.to_bytes(syntax).unwrap();
    assert!(bytes.len() < 4096);
    assert_eq!(DataSet::read(&bytes, syntax).unwrap(), data_set);
    let limits = Limits { inflated_bytes: 1 << 19, ..Limits::default() };
    let mut tokenizer = Tokenizer::new(syntax, &limits);
    assert_eq!(tokenizer.push(&bytes, &mut |_: Token<'_>| Ok(())), Err(ReadError::InflatesTooFar));
    assert_eq!(DataSet::read(&[0xFF; 40], syntax), Err(ReadError::NotDeflated));
    assert!(matches!(whole(&bytes[..bytes.len() / 2], syntax).1, Ok(Ending::Truncated { .. })));
}

/// Bytes that are nearly a data set: heads of elements, items and delimiters in any order, with values of any length.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just(b"\x08\0\x60\0CS\x02\0CT".to_vec()),
        Just(b"\x08\0\x60\0\x02\0\0\0CT".to_vec()),
        Just(b"\x40\0\x75\x02SQ\0\0\xFF\xFF\xFF\xFF".to_vec()),
        (0_u8..60).prop_map(|length| [&b"\x40\0\x75\x02SQ\0\0"[..], &[length, 0, 0, 0]].concat()),
        Just(b"\x40\0\x75\x02UN\0\0\xFF\xFF\xFF\xFF".to_vec()),
        Just(b"\x40\0\x75\x02\xFF\xFF\xFF\xFF".to_vec()),
        Just(b"\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF".to_vec()),
        (0_u8..40).prop_map(|length| [&b"\xFE\xFF\0\xE0"[..], &[length, 0, 0, 0]].concat()),
        Just(b"\xFE\xFF\x0D\xE0\0\0\0\0".to_vec()),
        Just(b"\xFE\xFF\xDD\xE0\0\0\0\0".to_vec()),
        Just(b"\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF".to_vec()),
        Just(b"\x09\0\x10\x10UT\0\0\xFF\xFF\xFF\xFF".to_vec()),
        prop::collection::vec(any::<u8>(), 0..12),
        Just(vec![0; 8]),
    ];
    prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

fn syntaxes() -> impl Strategy<Value = TransferSyntax> {
    prop_oneof![Just(EXPLICIT), Just(IMPLICIT), Just(TransferSyntax::EXPLICIT_BIG)]
}

proptest! {
    #[test]
    fn cutting_changes_nothing(
        bytes in nearly(),
        syntax in syntaxes(),
        pieces in prop::collection::vec(1_usize..20, 1..6),
    ) {
        prop_assert_eq!(told(&bytes, syntax, &pieces), whole(&bytes, syntax));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), syntax in syntaxes()) {
        let _ = DataSet::read(&bytes, syntax);
        let _ = DataSet::read(&bytes, TransferSyntax::DEFLATED_LITTLE);
    }

    #[test]
    fn what_is_nearly_a_data_set_can_be_written_and_read_again(bytes in nearly(), syntax in syntaxes()) {
        let Ok(data_set) = DataSet::read(&bytes, syntax) else { return Ok(()) };
        let Ok(written) = data_set.to_bytes(EXPLICIT) else { return Ok(()) };
        let again = DataSet::read(&written, EXPLICIT);
        prop_assert!(again.is_ok(), "{again:?}");
    }
}
