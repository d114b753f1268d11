//! Lines of a scan (T.87 A.7.1, Annex B).

use super::bits::Bits;
use super::model::{Model, run_bits};
use super::parameters::Parameters;
use super::{Interleave, Scan};
use crate::PixelError;

/// The run index grows no further.
const LAST_RUN: usize = 31;

/// Two lines of one component: the samples from 1 on, with one more at each end (A.2.1).
struct Lines {
    above: Vec<i32>,
    line: Vec<i32>,
}

impl Lines {
    fn new(columns: usize) -> Self {
        Self { above: vec![0; columns + 2], line: vec![0; columns + 2] }
    }

    /// The line that was decoded becomes the one above.
    fn next(&mut self) {
        std::mem::swap(&mut self.above, &mut self.line);
        let columns = self.above.len() - 2;
        self.above[columns + 1] = self.above[columns];
        self.line[0] = self.above[1];
    }

    /// Left, above, above left and above right of a place.
    #[inline]
    fn around(&self, at: usize) -> [i32; 4] {
        [self.line[at - 1], self.above[at], self.above[at - 1], self.above[at + 1]]
    }
}

/// Decodes a scan into the pixels of all components, and tells how many bytes it had.
pub(super) fn decode(
    bytes: &[u8],
    scan: &Scan,
    parameters: Parameters,
    columns: usize,
    count: usize,
    pixels: &mut [u16],
) -> Result<usize, PixelError> {
    let mut bits = Bits::new(bytes);
    let mut model = Model::new(parameters);
    let mut lines: Vec<Lines> = scan.components.iter().map(|_| Lines::new(columns)).collect();
    let mut runs = vec![0; lines.len()];
    for out in pixels.chunks_exact_mut(columns * count) {
        if scan.interleave == Interleave::Sample {
            by_sample(&mut bits, &mut model, &mut lines, &mut runs[0], columns)?;
        } else {
            for (lines, run) in lines.iter_mut().zip(&mut runs) {
                by_line(&mut bits, &mut model, lines, run, columns)?;
            }
        }
        if bits.overrun() {
            return Err(PixelError::Corrupt("a JPEG-LS scan ends early"));
        }
        for (lines, component) in lines.iter_mut().zip(&scan.components) {
            let places = out.iter_mut().skip(*component).step_by(count);
            for (place, value) in places.zip(&lines.line[1..=columns]) {
                *place = u16::try_from(*value).unwrap_or(u16::MAX);
            }
            lines.next();
        }
    }
    Ok(bits.used())
}

/// A line of one component.
fn by_line(
    bits: &mut Bits<'_>,
    model: &mut Model,
    lines: &mut Lines,
    run_index: &mut usize,
    columns: usize,
) -> Result<(), PixelError> {
    let mut at = 1;
    while at <= columns {
        let around = lines.around(at);
        let context = model.context(around);
        if context != 0 {
            lines.line[at] = model.regular(bits, context, around)?;
            at += 1;
            continue;
        }
        let left = around[0];
        let (length, ended) = run(bits, run_index, columns + 1 - at)?;
        lines.line[at..at + length].fill(left);
        at += length;
        if ended {
            let above = lines.above[at];
            let like = (left - above).abs() <= model.of.near;
            lines.line[at] = model.run_end(bits, like, *run_index, left, above)?;
            *run_index = run_index.saturating_sub(1);
            at += 1;
        }
    }
    Ok(())
}

/// A line of all components, which run together or not at all (B.2.3).
fn by_sample(
    bits: &mut Bits<'_>,
    model: &mut Model,
    lines: &mut [Lines],
    run_index: &mut usize,
    columns: usize,
) -> Result<(), PixelError> {
    let mut at = 1;
    let mut contexts = [0; 4];
    while at <= columns {
        for (context, lines) in contexts.iter_mut().zip(lines.iter()) {
            *context = model.context(lines.around(at));
        }
        if contexts.iter().any(|context| *context != 0) {
            for (context, lines) in contexts.iter().zip(lines.iter_mut()) {
                lines.line[at] = model.regular(bits, *context, lines.around(at))?;
            }
            at += 1;
            continue;
        }
        let (length, ended) = run(bits, run_index, columns + 1 - at)?;
        for lines in lines.iter_mut() {
            let left = lines.line[at - 1];
            lines.line[at..at + length].fill(left);
        }
        at += length;
        if ended {
            for lines in lines.iter_mut() {
                let (left, above) = (lines.line[at - 1], lines.above[at]);
                lines.line[at] = model.run_end(bits, false, *run_index, left, above)?;
            }
            *run_index = run_index.saturating_sub(1);
            at += 1;
        }
    }
    Ok(())
}

/// The length of a run, and whether a sample ends it before the line does (A.7.1.2).
fn run(bits: &mut Bits<'_>, run_index: &mut usize, most: usize) -> Result<(usize, bool), PixelError> {
    let mut length = 0;
    while bits.bit() {
        let whole = 1 << run_bits(*run_index);
        if length + whole > most {
            return Ok((most, false));
        }
        length += whole;
        *run_index = (*run_index + 1).min(LAST_RUN);
        if length == most {
            return Ok((most, false));
        }
    }
    length += usize::try_from(bits.number(run_bits(*run_index))).unwrap_or(0);
    if length >= most {
        return Err(PixelError::Corrupt("a run over the end of the line"));
    }
    Ok((length, true))
}
