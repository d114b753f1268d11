//! Frames in fragments (PS3.5 annex A.4): which belong to which frame is told by one of two tables, or has to be found out.

use dicom_dictionary_std::tags;

use super::{ByteRange, FrameError, Layout};
use crate::data_set::{DataSet, Fragment, Fragments};

/// Bytes of the head of a fragment.
const HEAD: u64 = 8;

pub(super) fn layout(
    data_set: &DataSet,
    fragments: &Fragments,
    first_fragment: u64,
    declared: Option<u32>,
) -> Result<Layout, FrameError> {
    let list = &fragments.list;
    if list.is_empty() {
        return Err(FrameError::TooShort);
    }
    if let Some(layout) = by_extended_table(data_set, list, first_fragment) {
        return Ok(layout);
    }
    let ranges: Vec<ByteRange> =
        list.iter().map(|fragment| ByteRange { offset: fragment.offset, length: fragment.length }).collect();
    let frames = declared.unwrap_or(1) as usize;
    // A fragment has at least its head, and offsets are of 64 bits, so there are fewer than 2^32 in what anybody stores.
    let starts = by_basic_table(fragments, first_fragment, declared)
        .or_else(|| (frames == list.len()).then(|| (0..=u32::MAX).take(list.len()).collect()))
        .or_else(|| (frames == 1).then(|| vec![0]))
        .or_else(|| by_markers(list, frames))
        .or_else(|| (list.len() < frames).then(|| (0..=u32::MAX).take(list.len()).collect()));
    let starts: Vec<u32> = starts.ok_or(FrameError::Unclear)?;
    let one_each = starts.len() == list.len();
    Ok(Layout::Encapsulated { fragments: ranges, starts: (!one_each).then_some(starts) })
}

/// The Extended Offset Table (PS3.3 C.7.6.3.1.8): a fragment for each frame, and its length without padding.
fn by_extended_table(data_set: &DataSet, list: &[Fragment], first_fragment: u64) -> Option<Layout> {
    let words = |tag| {
        let bytes = data_set.get(tag)?.bytes()?;
        let (words, rest) = bytes.as_chunks::<8>();
        (rest.is_empty() && !words.is_empty())
            .then(|| words.iter().map(|word| u64::from_le_bytes(*word)).collect::<Vec<u64>>())
    };
    let offsets = words(tags::EXTENDED_OFFSET_TABLE)?;
    let lengths = words(tags::EXTENDED_OFFSET_TABLE_LENGTHS).unwrap_or_default();
    let ranges = offsets.iter().enumerate().map(|(frame, offset)| {
        let fragment = list[fragment_at(list, first_fragment, *offset)?];
        let length = lengths.get(frame).and_then(|length| u32::try_from(*length).ok());
        let length = length.filter(|length| *length > 0).unwrap_or(fragment.length).min(fragment.length);
        Some(ByteRange { offset: fragment.offset, length })
    });
    Some(Layout::Encapsulated { fragments: ranges.collect::<Option<_>>()?, starts: None })
}

/// The Basic Offset Table, when it is right.
fn by_basic_table(fragments: &Fragments, first_fragment: u64, declared: Option<u32>) -> Option<Vec<u32>> {
    let table = &fragments.offset_table;
    let complete = declared.is_none_or(|frames| table.len() == frames as usize);
    if table.is_empty() || !complete {
        return None;
    }
    let starts = table.iter().map(|offset| {
        let at = fragment_at(&fragments.list, first_fragment, u64::from(*offset))?;
        u32::try_from(at).ok()
    });
    let starts: Vec<u32> = starts.collect::<Option<_>>()?;
    let rising = starts.first() == Some(&0) && starts.is_sorted_by(|one, next| one < next);
    rising.then_some(starts)
}

/// A frame ends where the end marker of a JPEG stands.
fn by_markers(list: &[Fragment], frames: usize) -> Option<Vec<u32>> {
    let ends = list.iter().zip(1_u32..).filter(|(fragment, _)| fragment.ends_image).map(|(_, next)| next);
    let mut starts: Vec<u32> = std::iter::once(0).chain(ends).collect();
    let is_complete = starts.last().is_some_and(|last| *last as usize == list.len());
    if is_complete {
        starts.pop();
    }
    (starts.len() == frames).then_some(starts)
}

/// The number of the fragment whose head is at an offset from that of the first one.
fn fragment_at(list: &[Fragment], first_fragment: u64, offset: u64) -> Option<usize> {
    let value = first_fragment.checked_add(offset)?.checked_add(HEAD)?;
    list.binary_search_by_key(&value, |fragment| fragment.offset).ok()
}
