//! Components that are sampled less densely are spread to all pixels, linearly between centres (T.81 A.1.1, as JFIF centres
//! them).

use super::segments::Frame;

/// The samples of one component.
pub(super) struct Plane {
    /// Samples of a line, with those that only fill the last block.
    pub(super) stride: usize,
    /// Samples of a line that count.
    pub(super) width: usize,
    /// Lines that count.
    pub(super) height: usize,
    /// The samples.
    pub(super) values: Vec<u16>,
}

/// Where a pixel lies between two samples.
#[derive(Clone, Copy)]
struct Between {
    near: usize,
    far: usize,
    /// The share of the far one, of [`Between::parts`].
    share: u32,
}

/// Pixels with the samples of all components, each spread over all of them.
pub(super) fn interleave(planes: &[Plane], frame: &Frame) -> Vec<u16> {
    let (columns, rows) = (usize::from(frame.columns), usize::from(frame.rows));
    let (across, down) = frame.most();
    let count = planes.len();
    let mut pixels = vec![0; columns * rows * count];
    for (index, (plane, component)) in planes.iter().zip(&frame.components).enumerate() {
        let whole = component.across == across && component.down == down;
        let columns_between = between(columns, plane.width, component.across, across);
        let rows_between = between(rows, plane.height, component.down, down);
        let parts = (parts(across), parts(down));
        let mut blended = vec![0; plane.width];
        for (line, place) in pixels.chunks_exact_mut(columns * count).zip(&rows_between) {
            let near = &plane.values[place.near * plane.stride..][..plane.width];
            let out = line.iter_mut().skip(index).step_by(count);
            if whole {
                out.zip(near).for_each(|(pixel, value)| *pixel = *value);
                continue;
            }
            let far = &plane.values[place.far * plane.stride..][..plane.width];
            for (value, (near, far)) in blended.iter_mut().zip(near.iter().zip(far)) {
                *value = u32::from(*near) * (parts.1 - place.share) + u32::from(*far) * place.share;
            }
            spread(&blended, &columns_between, parts, out);
        }
    }
    pixels
}

fn spread<'a>(line: &[u32], columns: &[Between], parts: (u32, u32), out: impl Iterator<Item = &'a mut u16>) {
    let all = parts.0 * parts.1;
    for (pixel, place) in out.zip(columns) {
        let sum = line[place.near] * (parts.0 - place.share) + line[place.far] * place.share;
        *pixel = u16::try_from((sum + all / 2) / all).unwrap_or(u16::MAX);
    }
}

/// Shares are of so many parts.
fn parts(most: usize) -> u32 {
    2 * u32::try_from(most).unwrap_or(1)
}

fn between(pixels: usize, samples: usize, dense: usize, most: usize) -> Vec<Between> {
    let last = samples.saturating_sub(1);
    let place = |pixel: usize| {
        // The pixel's centre in halves of the densest grid, from the centre of the first sample; before it there is nothing.
        let at = ((2 * pixel + 1) * dense).checked_sub(most);
        let (near, share) = at.map_or((0, 0), |at| (at / (2 * most), at % (2 * most)));
        let share = u32::try_from(share).unwrap_or(0);
        Between { near: near.min(last), far: (near + 1).min(last), share }
    };
    (0..pixels).map(place).collect()
}
