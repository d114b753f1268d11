//! Numbers of elements, in binary and in text.

use dicom_core::{Tag, VR};

use super::DataSet;
use super::value::width;
use crate::dictionary::tag_from;

impl DataSet {
    /// The first value as an integer; none when it is absent or no integer.
    pub fn int(&self, tag: Tag) -> Option<i64> {
        self.ints(tag).first().copied().flatten()
    }

    /// The values as integers, none for each that is not one.
    pub fn ints(&self, tag: Tag) -> Vec<Option<i64>> {
        let Some((element, vr, bytes)) = self.bytes_of(tag) else { return Vec::new() };
        let numbers = self.words(element.vr, vr, bytes);
        match vr {
            VR::US | VR::UL | VR::OB | VR::OW | VR::OL => {
                numbers.map(|number| i64::try_from(number).ok()).collect()
            }
            VR::UV | VR::OV => numbers.map(|number| i64::try_from(number).ok()).collect(),
            VR::SS | VR::SL | VR::SV => numbers.map(|number| Some(signed(number, width(vr)))).collect(),
            VR::FL | VR::FD | VR::OF | VR::OD => Vec::new(),
            _ => self.texts(tag).iter().map(|text| integer(text)).collect(),
        }
    }

    /// The first value as a number; none when it is absent or no number.
    pub fn decimal(&self, tag: Tag) -> Option<f64> {
        self.decimals(tag).first().copied().flatten()
    }

    /// The values as numbers, none for each that is not one.
    pub fn decimals(&self, tag: Tag) -> Vec<Option<f64>> {
        let Some((element, vr, bytes)) = self.bytes_of(tag) else { return Vec::new() };
        let words = self.words(element.vr, vr, bytes);
        match vr {
            #[expect(clippy::cast_possible_truncation, reason = "four bytes were read")]
            VR::FL | VR::OF => words.map(|word| Some(f64::from(f32::from_bits(word as u32)))).collect(),
            VR::FD | VR::OD => words.map(|word| Some(f64::from_bits(word))).collect(),
            VR::DS | VR::IS => self.texts(tag).iter().map(|text| text.parse().ok()).collect(),
            _ => self.ints(tag).into_iter().map(|number| number.map(|number| number as f64)).collect(),
        }
    }

    /// The values of an element of tags (`AT`).
    pub fn tags(&self, tag: Tag) -> Vec<Tag> {
        let Some((element, VR::AT, bytes)) = self.bytes_of(tag) else { return Vec::new() };
        let halves: Vec<u64> = self.words(element.vr, VR::AT, bytes).collect();
        let (pairs, _) = halves.as_chunks::<2>();
        // Both halves were read from two bytes.
        pairs
            .iter()
            .map(|[group, element]| tag_from(u32::try_from(group << 16 | element).unwrap_or(0)))
            .collect()
    }

    /// The bytes as words of the width of a representation; what is left over at the end is not one.
    pub(crate) fn words<'a>(
        &self,
        written: VR,
        vr: VR,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = u64> + use<'a> {
        // What came as unknown is low byte first in any transfer syntax.
        let big_endian = self.big_endian && written != VR::UN;
        bytes.chunks_exact(width(vr)).map(move |word| {
            let join = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
            if big_endian { word.iter().fold(0, join) } else { word.iter().rev().fold(0, join) }
        })
    }
}

/// A number of so many bytes, read as one with a sign.
pub(crate) fn signed(number: u64, width: usize) -> i64 {
    let unused = 64 - 8 * width;
    #[expect(clippy::cast_possible_wrap, reason = "the sign is wanted")]
    let number = (number << unused) as i64;
    number >> unused
}

fn integer(text: &str) -> Option<i64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    // Devices write integer strings as decimals that are whole.
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    rest.bytes().all(|byte| byte == b'0').then(|| whole.parse().ok()).flatten()
}
