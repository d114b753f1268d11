//! Lossless scans (T.81 Annex H): process 14, any predictor, 2 to 16 bits.

use super::huffman::{Bits, Table};
use super::segments::{Frame, Scan, Segments, Step};
use crate::PixelError;

/// All samples, pixel by pixel.
pub(super) fn decode(segments: &mut Segments<'_>, frame: &Frame) -> Result<Vec<u16>, PixelError> {
    let (across, down) = frame.most();
    if frame.components.iter().any(|component| (component.across, component.down) != (across, down)) {
        return Err(PixelError::Unsupported("lossless JPEG with components of several densities"));
    }
    let count = frame.components.len();
    let mut pixels = vec![0; usize::from(frame.columns) * usize::from(frame.rows) * count];
    let mut seen = vec![false; count];
    while !seen.iter().all(|seen| *seen) {
        match segments.step()? {
            Step::Scan(scan) => {
                decode_scan(segments, frame, &scan, &mut pixels)?;
                scan.components.iter().for_each(|component| seen[component.index] = true);
            }
            Step::End => return Err(PixelError::Corrupt("a component of the JPEG frame is missing")),
            Step::Frame => return Err(PixelError::Unsupported("hierarchical JPEG")),
        }
    }
    Ok(pixels)
}

fn decode_scan(
    segments: &mut Segments<'_>,
    frame: &Frame,
    scan: &Scan,
    pixels: &mut [u16],
) -> Result<(), PixelError> {
    let middle = u32::from(frame.precision).checked_sub(u32::from(scan.low) + 1);
    let middle = 1_u16 << middle.ok_or(PixelError::Corrupt("a point transform of all bits"))?;
    if !(1..=7).contains(&scan.start) {
        return Err(PixelError::Unsupported("lossless JPEG without prediction"));
    }
    let tables: Vec<(usize, &Table)> = scan
        .components
        .iter()
        .map(|chosen| segments.dc[chosen.dc].as_ref().map(|table| (chosen.index, table)))
        .collect::<Option<_>>()
        .ok_or(PixelError::Corrupt("a table of the JPEG stream is missing"))?;
    let mut bits = Bits::new(segments.coded());
    let columns = usize::from(frame.columns);
    let stride = columns * frame.components.len();
    let lines_between_restarts = restart_lines(segments.restart, columns)?;
    let mut above = vec![0_u16; stride];
    let mut line = vec![0_u16; stride];
    for (number, out) in pixels.chunks_exact_mut(stride).enumerate() {
        let restarts = lines_between_restarts > 0 && number > 0 && number % lines_between_restarts == 0;
        if restarts {
            bits.restart()?;
        }
        let first = number == 0 || restarts;
        let predictor = if first { First } else { After(scan.start) };
        decode_line(&mut bits, &tables, predictor, middle, frame.components.len(), &above, &mut line)?;
        if bits.overrun() {
            return Err(PixelError::Corrupt("a JPEG scan ends early"));
        }
        for (index, _) in &tables {
            let count = frame.components.len();
            let of_component = out.iter_mut().skip(*index).step_by(count);
            let values = line.iter().skip(*index).step_by(count);
            of_component.zip(values).for_each(|(place, value)| *place = value << scan.low);
        }
        std::mem::swap(&mut above, &mut line);
    }
    let end = bits.end();
    segments.at += end;
    Ok(())
}

/// Restarts lie between lines (H.1.1).
fn restart_lines(restart: u32, columns: usize) -> Result<usize, PixelError> {
    let restart = restart as usize;
    if !restart.is_multiple_of(columns) {
        return Err(PixelError::Corrupt("a restart within a line of a lossless JPEG"));
    }
    Ok(restart / columns)
}

/// What a line is predicted from.
#[derive(Clone, Copy)]
enum Line {
    /// Nothing above it: from the left.
    First,
    /// By the predictor of Table H.1.
    After(u8),
}
use Line::{After, First};

fn decode_line(
    bits: &mut Bits<'_>,
    tables: &[(usize, &Table)],
    predictor: Line,
    middle: u16,
    count: usize,
    above: &[u16],
    line: &mut [u16],
) -> Result<(), PixelError> {
    for (index, _) in tables {
        line[*index] = match predictor {
            First => middle,
            After(_) => above[*index],
        };
    }
    for start in (0..line.len()).step_by(count) {
        for (index, table) in tables {
            let at = start + index;
            let predicted = if start == 0 { line[at] } else { predict(predictor, line, above, at, count) };
            line[at] = predicted.wrapping_add(difference(bits, table)?);
        }
    }
    Ok(())
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "prediction is modulo 65536 (H.1.2.1)"
)]
fn predict(predictor: Line, line: &[u16], above: &[u16], at: usize, count: usize) -> u16 {
    let left = line[at - count];
    let After(predictor) = predictor else { return left };
    if predictor == 1 {
        return left;
    }
    let (a, b, c) = (i32::from(left), i32::from(above[at]), i32::from(above[at - count]));
    (match predictor {
        2 => b,
        3 => c,
        4 => a + b - c,
        5 => a + ((b - c) >> 1),
        6 => b + ((a - c) >> 1),
        _ => (a + b) >> 1,
    }) as u16
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "differences are modulo 65536 (H.1.2.1)"
)]
fn difference(bits: &mut Bits<'_>, table: &Table) -> Result<u16, PixelError> {
    match bits.symbol(table)? {
        size @ 0..16 => Ok(bits.extended(u32::from(size)) as u16),
        16 => Ok(1 << 15),
        _ => Err(PixelError::Corrupt("a difference of more than 16 bits")),
    }
}
