//! Palettes in segments: values as they are, lines between two, and segments used again (PS3.3 C.7.9.2).

use crate::PixelError;

const BROKEN: PixelError = PixelError::Header("a segmented palette that does not fit together");

/// The entries of a segmented palette. `bytes` says that its data is of bytes, not of words with the small end first.
pub(super) fn expand(data: &[u8], count: usize, bytes: bool) -> Result<Vec<u16>, PixelError> {
    let (words, _) = data.as_chunks::<2>();
    let cells: Vec<u16> = if bytes {
        data.iter().map(|byte| u16::from(*byte)).collect()
    } else {
        words.iter().map(|word| u16::from_le_bytes(*word)).collect()
    };
    let mut entries = Vec::with_capacity(count);
    let mut rest = &cells[..];
    while entries.len() < count {
        rest = match rest {
            [2, repeated, after @ ..] => {
                let offset = offset(after, bytes)?;
                let mut again = cells.get(offset..).ok_or(BROKEN)?;
                for _ in 0..*repeated {
                    // Segments that are used again are plain ones.
                    again = plain(again, &mut entries, count)?;
                }
                after.get(if bytes { 4 } else { 2 }..).ok_or(BROKEN)?
            }
            rest => plain(rest, &mut entries, count)?,
        };
    }
    Ok(entries)
}

/// Reads a segment of values or of a line, and tells what comes after it.
fn plain<'a>(cells: &'a [u16], entries: &mut Vec<u16>, count: usize) -> Result<&'a [u16], PixelError> {
    let [kind, length, rest @ ..] = cells else { return Err(BROKEN) };
    let length = usize::from(*length);
    if length == 0 {
        // They would be used again without end, and add nothing.
        return Err(BROKEN);
    }
    let left = count - entries.len();
    match kind {
        0 => {
            let (values, rest) = rest.split_at_checked(length).ok_or(BROKEN)?;
            entries.extend_from_slice(&values[..length.min(left)]);
            Ok(rest)
        }
        1 => {
            let ((end, rest), start) = (rest.split_first().ok_or(BROKEN)?, *entries.last().ok_or(BROKEN)?);
            entries.extend((1..=length).take(left).map(|step| between(start, *end, step, length)));
            Ok(rest)
        }
        _ => Err(BROKEN),
    }
}

fn between(start: u16, end: u16, step: usize, steps: usize) -> u16 {
    let (start, end) = (i64::from(start), i64::from(end));
    let (step, steps) = (i64::try_from(step).unwrap_or(0), i64::try_from(steps).unwrap_or(1));
    let exact = (end - start) * step;
    let rounded = (2 * exact + if exact < 0 { -steps } else { steps }) / (2 * steps);
    u16::try_from(start + rounded).unwrap_or(0)
}

/// Where a segment that is used again begins, in cells. The data says it in bytes, the lower half first.
fn offset(cells: &[u16], bytes: bool) -> Result<usize, PixelError> {
    let offset = match (bytes, cells) {
        (true, [a, b, c, d, ..]) => {
            [a, b, c, d].into_iter().rev().fold(0, |high, byte| high << 8 | usize::from(*byte))
        }
        (false, [low, high, ..]) => (usize::from(*high) << 16 | usize::from(*low)) / 2,
        _ => return Err(BROKEN),
    };
    Ok(offset)
}
