//! What a scan is coded with (T.87 C.2.4.1.1, A.2.1).

use super::DAMAGED;
use crate::PixelError;

/// Preset coding parameters, 0 where the default holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Presets {
    most: u16,
    thresholds: [u16; 3],
    reset: u16,
}

impl Presets {
    /// Of an LSE segment.
    pub(super) fn read(segment: &[u8]) -> Result<Self, PixelError> {
        let (kind, rest) = segment.split_first().ok_or(DAMAGED)?;
        if *kind != 1 {
            return Err(PixelError::Unsupported("JPEG-LS with mapping tables or large sizes"));
        }
        let (words, _) = rest.as_chunks::<2>();
        let [most, t1, t2, t3, reset, ..] = *words else { return Err(DAMAGED) };
        let word = u16::from_be_bytes;
        Ok(Self { most: word(most), thresholds: [word(t1), word(t2), word(t3)], reset: word(reset) })
    }
}

/// What a scan is coded with. All are small: samples have 16 bits at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameters {
    /// The greatest sample, MAXVAL.
    pub(super) most: i32,
    /// How far a sample may be off, NEAR.
    pub(super) near: i32,
    /// Between two reconstructed values, 2 * NEAR + 1.
    pub(super) step: i32,
    /// How many errors of prediction there are, RANGE.
    pub(super) range: i32,
    /// Bits of one of them, qbpp.
    pub(super) range_bits: u32,
    /// The longest code, LIMIT.
    pub(super) limit: u32,
    /// Where gradients are parted: T1, T2, T3.
    pub(super) thresholds: [i32; 3],
    /// After how many samples a context forgets half, RESET.
    pub(super) reset: i32,
}

impl Parameters {
    pub(super) fn new(precision: u8, near: u8, presets: &Presets) -> Result<Self, PixelError> {
        const WRONG: PixelError = PixelError::Corrupt("JPEG-LS parameters out of range");
        let full = (1 << precision) - 1;
        let most = if presets.most == 0 { full } else { i32::from(presets.most) };
        let near = i32::from(near);
        if most > full || near > (most / 2).min(255) {
            return Err(WRONG);
        }
        let step = 2 * near + 1;
        let range = (most + 2 * near) / step + 1;
        let sample_bits = bits(most + 1).max(2);
        let mut thresholds = defaults(most, near);
        for (threshold, preset) in thresholds.iter_mut().zip(presets.thresholds) {
            if preset != 0 {
                *threshold = i32::from(preset);
            }
        }
        let ordered = near < thresholds[0] && thresholds.is_sorted() && thresholds[2] <= most;
        let reset = if presets.reset == 0 { 64 } else { i32::from(presets.reset) };
        if !ordered || reset < 3 {
            return Err(WRONG);
        }
        let limit = 2 * (sample_bits + sample_bits.max(8));
        Ok(Self { most, near, step, range, range_bits: bits(range), limit, thresholds, reset })
    }
}

/// Bits that tell so many values apart.
fn bits(values: i32) -> u32 {
    32 - (values - 1).leading_zeros()
}

fn defaults(most: i32, near: i32) -> [i32; 3] {
    let basic = if most >= 128 {
        let factor = (most.min(4095) + 128) / 256;
        [factor + 2 + 3 * near, factor * 4 + 3 + 5 * near, factor * 17 + 4 + 7 * near]
    } else {
        let factor = 256 / (most + 1);
        [(3 / factor + 3 * near).max(2), (7 / factor + 5 * near).max(3), (21 / factor + 7 * near).max(4)]
    };
    let mut least = near + 1;
    basic.map(|threshold| {
        least = if threshold > most || threshold < least { least } else { threshold };
        least
    })
}
