//! Objects with frames of every kind, and what becomes of them when they are wrong.

use super::*;
use crate::data_set::{DataSet, Fragment, Fragments};
use crate::{Element, HeaderReader, TransferSyntax, VR, Value};
use proptest::prelude::*;

fn image(rows: i64, columns: i64, samples: i64, bits: i64, frames: i64) -> DataSet {
    let mut data_set = DataSet::new();
    data_set.set_int(tags::ROWS, rows);
    data_set.set_int(tags::COLUMNS, columns);
    data_set.set_int(tags::SAMPLES_PER_PIXEL, samples);
    data_set.set_int(tags::BITS_ALLOCATED, bits);
    data_set.set_int(tags::NUMBER_OF_FRAMES, frames);
    data_set
}

fn table(
    data_set: &DataSet,
    syntax: TransferSyntax,
    source: Option<&[u8]>,
) -> Result<Option<FrameTable>, FrameError> {
    let bytes = data_set.to_bytes_from(syntax, crate::Lengths::Explicit, source).unwrap();
    let mut reader = HeaderReader::new(syntax);
    bytes.chunks(7).for_each(|piece| reader.push(piece).unwrap());
    let table = FrameTable::of(&reader.finish().unwrap());
    if let Ok(Some(table)) = &table {
        assert_eq!(FrameTable::from_bytes(&table.to_bytes()).as_ref(), Ok(table));
    }
    table
}

fn native(mut data_set: DataSet, bytes: usize) -> Result<Option<FrameTable>, FrameError> {
    data_set.set_bytes(tags::PIXEL_DATA, VR::OW, vec![0; bytes]);
    table(&data_set, TransferSyntax::EXPLICIT_LITTLE, None)
}

/// Fragments, each with its bytes, behind a table.
fn packed(
    mut data_set: DataSet,
    offset_table: &[u32],
    fragments: &[&[u8]],
) -> Result<Option<FrameTable>, FrameError> {
    let source = fragments.concat();
    let mut offset = 0;
    let list = fragments.iter().map(|bytes| {
        let fragment = Fragment { offset, length: u32::try_from(bytes.len()).unwrap(), ends_image: false };
        offset += bytes.len() as u64;
        fragment
    });
    let value = Fragments { offset_table: offset_table.to_vec(), list: list.collect() };
    data_set.put(Element { tag: tags::PIXEL_DATA, vr: VR::OB, value: Value::Fragments(Box::new(value)) });
    table(&data_set, TransferSyntax::from_uid("1.2.840.10008.1.2.4.50"), Some(&source))
}

/// How long each frame is, and in how many fragments.
fn lengths(table: &FrameTable) -> Vec<(u64, usize)> {
    let frames = (0..table.frames()).map(|number| table.frame(number).unwrap());
    frames.map(|frame| (frame.length(), frame.ranges.len())).collect()
}

const ENDED: &[u8] = b"\xFF\xD8abcd\xFF\xD9";
const OPEN: &[u8] = b"\xFF\xD8ab";

#[test]
fn native_frames_lie_one_after_another() {
    let table = native(image(4, 5, 3, 16, 2), 240).unwrap().unwrap();
    assert_eq!((table.frames(), table.is_encapsulated()), (2, false));
    let [first, second] = [0, 1].map(|number| table.frame(number).unwrap());
    assert_eq!((first.length(), first.bits), (120, None));
    assert_eq!(second.ranges[0].offset, first.ranges[0].offset + 120);
    assert_eq!(table.frame(2), None);
}

#[test]
fn frames_of_one_bit_begin_within_a_byte() {
    let table = native(image(3, 3, 1, 1, 3), 4).unwrap().unwrap();
    let frames: Vec<_> = (0..3).map(|number| table.frame(number).unwrap()).collect();
    let start = frames[0].ranges[0].offset;
    let places: Vec<_> =
        frames.iter().map(|f| (f.ranges[0].offset - start, f.length(), f.first_bit, f.bits)).collect();
    assert_eq!(places, [(0, 2, 0, Some(9)), (1, 2, 1, Some(9)), (2, 2, 2, Some(9))]);
}

#[test]
fn colour_may_be_there_for_every_second_pixel_only() {
    let mut data_set = image(4, 4, 3, 8, 1);
    data_set.set_text(tags::PHOTOMETRIC_INTERPRETATION, "YBR_FULL_422");
    assert_eq!(lengths(&native(data_set, 32).unwrap().unwrap()), [(32, 1)]);
}

#[test]
fn of_an_object_that_was_cut_the_whole_frames_are_there() {
    assert_eq!(native(image(4, 4, 1, 8, 9), 40).unwrap().unwrap().frames(), 2);
    assert_eq!(native(image(4, 4, 1, 8, 1), 4), Err(FrameError::TooShort));
    assert_eq!(native(image(4, 0, 1, 8, 1), 4), Err(FrameError::NoSize));
    assert_eq!(native(image(65535, 65535, 65535, 32_767, i64::from(i32::MAX)), 4), Err(FrameError::TooShort));
    let nothing = table(&image(1, 1, 1, 8, 1), TransferSyntax::EXPLICIT_LITTLE, None);
    assert_eq!(nothing, Ok(None));
}

#[test]
fn a_table_tells_which_fragments_are_a_frame() {
    let fragments = [OPEN, ENDED, ENDED, OPEN, ENDED];
    let table = packed(image(1, 1, 1, 8, 3), &[0, 28, 44], &fragments).unwrap().unwrap();
    assert_eq!(lengths(&table), [(12, 2), (8, 1), (12, 2)]);
}

#[test]
fn without_a_table_or_with_a_wrong_one_markers_tell_it() {
    let fragments = [OPEN, ENDED, ENDED, OPEN, ENDED];
    for wrong in [&[][..], &[0, 29, 44], &[0, 28], &[4, 28, 44]] {
        let table = packed(image(1, 1, 1, 8, 3), wrong, &fragments).unwrap().unwrap();
        assert_eq!(lengths(&table), [(12, 2), (8, 1), (12, 2)]);
    }
    assert_eq!(packed(image(1, 1, 1, 8, 2), &[], &fragments), Err(FrameError::Unclear));
    assert_eq!(packed(image(1, 1, 1, 8, 2), &[], &[]), Err(FrameError::TooShort));
}

#[test]
fn as_many_fragments_as_frames_are_a_frame_each_and_one_frame_has_all() {
    let fragments = [OPEN, OPEN, ENDED];
    let each = packed(image(1, 1, 1, 8, 3), &[], &fragments).unwrap().unwrap();
    assert_eq!(lengths(&each), [(4, 1), (4, 1), (8, 1)]);
    let one = packed(image(1, 1, 1, 8, 1), &[0], &fragments).unwrap().unwrap();
    assert_eq!(lengths(&one), [(16, 3)]);
    let cut = packed(image(1, 1, 1, 8, 9), &[], &fragments).unwrap().unwrap();
    assert_eq!(lengths(&cut), [(4, 1), (4, 1), (8, 1)]);
}

#[test]
fn an_extended_table_tells_lengths_without_padding() {
    let mut data_set = image(1, 1, 1, 8, 2);
    let words = |words: [u64; 2]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    data_set.set_bytes(tags::EXTENDED_OFFSET_TABLE, VR::OV, words([0, 12]));
    data_set.set_bytes(tags::EXTENDED_OFFSET_TABLE_LENGTHS, VR::OV, words([3, 7]));
    let table = packed(data_set, &[], &[OPEN, ENDED]).unwrap().unwrap();
    assert_eq!(lengths(&table), [(3, 1), (7, 1)]);
}

#[test]
fn a_table_of_thousands_of_frames_is_short() {
    let fragments =
        (0..10_000_u64).map(|at| ByteRange { offset: 5000 + at * 20_008, length: 20_000 }).collect();
    let table = FrameTable { layout: Layout::Encapsulated { fragments, starts: None }, inflated: false };
    assert!(table.to_bytes().len() < 41_000);
}

proptest! {
    #[test]
    fn any_bytes_are_a_table_or_none(mut bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        if let Ok(table) = FrameTable::from_bytes(&bytes) {
            for number in [0, 1, u32::MAX] {
                let _ = table.frame(number);
            }
            prop_assert_eq!(FrameTable::from_bytes(&table.to_bytes()), Ok(table));
        }
    }
}
