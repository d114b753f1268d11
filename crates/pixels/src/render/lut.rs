//! Lookup tables: of modalities, of values of interest, of palettes (PS3.3 C.11.1.1, C.7.6.3.1.5).

use super::segmented;
use crate::PixelError;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lut {
    first: i32,
    bits: u16,
    entries: Vec<u16>,
}

impl Lut {
    /// A table from its descriptor (entries, first value, bits) and its data, words with the small end first.
    ///
    /// `signed` says that the first value is one of a signed image. Data of one byte an entry is taken as such.
    pub fn new(descriptor: [u16; 3], signed: bool, data: &[u8]) -> Result<Self, PixelError> {
        let count = count(descriptor);
        let (words, _) = data.as_chunks::<2>();
        let entries: Vec<u16> = if words.len() >= count {
            words[..count].iter().map(|word| u16::from_le_bytes(*word)).collect()
        } else if descriptor[2] <= 8 && data.len() >= count {
            data[..count].iter().map(|byte| u16::from(*byte)).collect()
        } else {
            return Err(PixelError::Header("a lookup table has fewer entries than its descriptor says"));
        };
        Self::of(descriptor, signed, entries)
    }

    /// The same from segmented data (PS3.3 C.7.9.2).
    pub fn segmented(descriptor: [u16; 3], signed: bool, data: &[u8]) -> Result<Self, PixelError> {
        let entries = segmented::expand(data, count(descriptor), descriptor[2] <= 8)?;
        Self::of(descriptor, signed, entries)
    }

    fn of([_, first, bits]: [u16; 3], signed: bool, entries: Vec<u16>) -> Result<Self, PixelError> {
        if !(1..=16).contains(&bits) {
            return Err(PixelError::Header("a lookup table has entries of 1 to 16 bits"));
        }
        let first = if signed { i32::from(first.cast_signed()) } else { i32::from(first) };
        // Tables of bytes that say they hold words would be all black.
        let bits = if bits > 8 && entries.iter().all(|entry| *entry <= 0xff) { 8 } else { bits };
        Ok(Self { first, bits, entries })
    }

    /// The entry of a value; the first and the last stand for all beyond them.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the entries")]
    pub fn get(&self, value: f64) -> u16 {
        let last = self.entries.len().saturating_sub(1);
        let at = (value - f64::from(self.first)).clamp(0.0, last as f64) as i64;
        usize::try_from(at).ok().and_then(|at| self.entries.get(at)).copied().unwrap_or(0)
    }

    /// The entry of a value, 0 to 1.
    pub(super) fn share(&self, value: f64) -> f64 {
        f64::from(self.get(value)) / f64::from(u16::MAX >> (16 - self.bits))
    }

    /// The entry of an index, as a byte.
    pub(super) fn byte(&self, index: f64) -> u8 {
        let entry = self.get(index);
        let [byte, _] =
            if self.bits > 8 { (entry >> (self.bits - 8)).to_le_bytes() } else { entry.to_le_bytes() };
        byte
    }

    /// The least and the greatest entry.
    pub(super) fn range(&self) -> (u16, u16) {
        (self.entries.iter().min().copied().unwrap_or(0), self.entries.iter().max().copied().unwrap_or(0))
    }
}

fn count([entries, ..]: [u16; 3]) -> usize {
    if entries == 0 { 1 << 16 } else { usize::from(entries) }
}
