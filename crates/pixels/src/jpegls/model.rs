//! Contexts, prediction and its correction (T.87 A.3 to A.7), for one scan.

use super::bits::Bits;
use super::parameters::Parameters;
use crate::PixelError;

/// Bits of the lengths of runs, by run index (A.7.1.2).
const RUN_BITS: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const WILD: PixelError = PixelError::Corrupt("a JPEG-LS error of prediction out of range");

/// A context of regular samples (A.2): A, B, C and N.
#[derive(Debug, Clone, Copy)]
struct Context {
    size: i32,
    bias: i32,
    correction: i32,
    count: i32,
}

/// A context of the samples that end runs (A.2): A, N and Nn.
#[derive(Debug, Clone, Copy)]
struct EndContext {
    size: i32,
    count: i32,
    negative: i32,
}

/// All that a scan learns as it goes.
pub(super) struct Model {
    pub(super) of: Parameters,
    contexts: [Context; 365],
    ends: [EndContext; 2],
}

impl Model {
    pub(super) fn new(of: Parameters) -> Self {
        let size = ((of.range + 32) / 64).max(2);
        Self {
            of,
            contexts: [Context { size, bias: 0, correction: 0, count: 1 }; 365],
            ends: [EndContext { size, count: 1, negative: 0 }; 2],
        }
    }

    /// The context of a sample between its neighbours: left, above, above left, above right. 0 is that of runs.
    #[inline]
    pub(super) fn context(&self, [left, above, corner, right]: [i32; 4]) -> i32 {
        (self.part(right - above) * 9 + self.part(above - corner)) * 9 + self.part(corner - left)
    }

    #[inline]
    fn part(&self, gradient: i32) -> i32 {
        let size = gradient.abs();
        let [t1, t2, t3] = self.of.thresholds;
        let part = if size <= self.of.near {
            0
        } else {
            1 + i32::from(size >= t1) + i32::from(size >= t2) + i32::from(size >= t3)
        };
        if gradient < 0 { -part } else { part }
    }

    /// A regular sample (A.4 to A.6).
    #[inline]
    pub(super) fn regular(
        &mut self,
        bits: &mut Bits<'_>,
        context: i32,
        [left, above, corner, _]: [i32; 4],
    ) -> Result<i32, PixelError> {
        let of = self.of;
        let sign = if context < 0 { -1 } else { 1 };
        let learned = &mut self.contexts[context.unsigned_abs() as usize];
        let median = if corner >= left.max(above) {
            left.min(above)
        } else if corner <= left.min(above) {
            left.max(above)
        } else {
            left + above - corner
        };
        let predicted = (median + sign * learned.correction).clamp(0, of.most);
        let k = golomb_parameter(learned.count, learned.size);
        let mapped = bits.golomb(k, of.limit, of.range_bits)?;
        if mapped > 2 * of.range {
            return Err(WILD);
        }
        let mut error = if mapped & 1 == 0 { mapped >> 1 } else { -((mapped + 1) >> 1) };
        if of.near == 0 && k == 0 && 2 * learned.bias <= -learned.count {
            // The other order of signs (A.5.2): -1 for 0, 0 for 1, -2 for 2.
            error = -error - 1;
        }
        learned.learn(error, of);
        Ok(reconstruct(of, predicted, sign * error))
    }

    /// The sample that ends a run (A.7.2). `like` tells whether it is coded as one that is near its left neighbour.
    pub(super) fn run_end(
        &mut self,
        bits: &mut Bits<'_>,
        like: bool,
        run_index: usize,
        left: i32,
        above: i32,
    ) -> Result<i32, PixelError> {
        let of = self.of;
        let kind = i32::from(like);
        let learned = &mut self.ends[usize::from(like)];
        let size = if like { learned.size + (learned.count >> 1) } else { learned.size };
        let k = golomb_parameter(learned.count, size);
        let mapped = bits.golomb(k, of.limit - RUN_BITS[run_index] - 1, of.range_bits)?;
        if mapped > 2 * of.range {
            return Err(WILD);
        }
        let doubled = mapped + kind;
        let odd = doubled & 1 == 1;
        let magnitude = (doubled >> 1) + i32::from(odd);
        let negative = (k != 0 || 2 * learned.negative >= learned.count) == odd;
        let error = if negative { -magnitude } else { magnitude };
        learned.negative += i32::from(error < 0);
        learned.size = learned.size.saturating_add((mapped + 1 - kind) >> 1);
        if learned.count == of.reset {
            learned.size >>= 1;
            learned.count >>= 1;
            learned.negative >>= 1;
        }
        learned.count += 1;
        let sign = if !like && left > above { -1 } else { 1 };
        Ok(reconstruct(of, if like { left } else { above }, sign * error))
    }
}

impl Context {
    #[inline]
    fn learn(&mut self, error: i32, of: Parameters) {
        self.bias += error * of.step;
        self.size = self.size.saturating_add(error.abs());
        if self.count == of.reset {
            self.size >>= 1;
            self.bias >>= 1;
            self.count >>= 1;
        }
        self.count += 1;
        if self.bias <= -self.count {
            self.bias = (self.bias + self.count).max(1 - self.count);
            self.correction = (self.correction - 1).max(-128);
        } else if self.bias > 0 {
            self.bias = (self.bias - self.count).min(0);
            self.correction = (self.correction + 1).min(127);
        }
    }
}

/// How many samples of the run that is read next are coded at once, and the bits of a shorter one.
pub(super) const fn run_bits(run_index: usize) -> u32 {
    RUN_BITS[run_index]
}

/// The least k with `count << k >= size` (A.5.1).
#[inline]
fn golomb_parameter(count: i32, size: i32) -> u32 {
    let (count, size) = (i64::from(count), i64::from(size));
    let mut k = 0;
    while count << k < size {
        k += 1;
    }
    k
}

/// Prediction and error as a sample (A.4.5, A.6).
#[inline]
fn reconstruct(of: Parameters, predicted: i32, error: i32) -> i32 {
    let around = of.range * of.step;
    let mut sample = predicted + error * of.step;
    if sample < -of.near {
        sample += around;
    } else if sample > of.most + of.near {
        sample -= around;
    }
    sample.clamp(0, of.most)
}
