//! Frames as they are, one after another (PS3.5 section 8.1.1).

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::{ByteRange, FrameError, FrameRanges, Layout};
use crate::data_set::DataSet;

pub(super) fn layout(
    data_set: &DataSet,
    tag: Tag,
    offset: u64,
    length: u32,
    declared: u32,
) -> Result<Layout, FrameError> {
    let size = |tag| data_set.int(tag).and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
    let pixels = size(tags::ROWS).and_then(|rows| rows.checked_mul(size(tags::COLUMNS)?));
    let allocated = match tag {
        tags::FLOAT_PIXEL_DATA => Some(32),
        tags::DOUBLE_FLOAT_PIXEL_DATA => Some(64),
        _ => size(tags::BITS_ALLOCATED),
    };
    let samples = size(tags::SAMPLES_PER_PIXEL).unwrap_or(1);
    let photometric = data_set.text(tags::PHOTOMETRIC_INTERPRETATION).unwrap_or_default();
    let halved = samples == 3 && matches!(photometric.as_str(), "YBR_FULL_422" | "YBR_PARTIAL_422");
    // Of two pixels, the two samples of colour are there once.
    let samples = if halved { 2 } else { samples };
    let bits = pixels
        .zip(allocated)
        .and_then(|(pixels, allocated)| pixels.checked_mul(samples)?.checked_mul(allocated))
        .ok_or(FrameError::NoSize)?;
    let there = u64::from(length) * 8 / bits;
    let frames = u32::try_from(there.min(u64::from(declared))).unwrap_or(u32::MAX);
    // The bytes of a frame are counted in 32 bits, as its object's pixel data is.
    if frames == 0 { Err(FrameError::TooShort) } else { Ok(Layout::Native { offset, bits, frames }) }
}

pub(super) fn frame(offset: u64, bits: u64, number: u32) -> Option<FrameRanges> {
    let first = bits.checked_mul(u64::from(number))?;
    let end = first.checked_add(bits)?;
    let (start, end) = (first / 8, end.div_ceil(8));
    let range = ByteRange { offset: offset.checked_add(start)?, length: u32::try_from(end - start).ok()? };
    let odd = !bits.is_multiple_of(8);
    // The remainder is below eight.
    let first_bit = u8::try_from(first % 8).unwrap_or(0);
    Some(FrameRanges { ranges: vec![range], first_bit, bits: odd.then_some(bits) })
}
