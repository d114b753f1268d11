//! Other sizes: where a picture gets smaller, the mean of the area of each pixel; where it gets larger, Catmull and Rom's cubic.

use super::Picture;

/// A stretch of one side of a picture, px from its start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) flipped: bool,
}

impl Axis {
    pub(super) fn length(&self) -> f64 {
        self.to - self.from
    }
}

/// What a new pixel is made of: old ones from a place on, with the weight of each.
struct Taps {
    start: usize,
    weights: Vec<f32>,
}

/// A part of a picture in another size.
pub(super) fn resample(picture: &Picture, across: Axis, width: u32, down: Axis, height: u32) -> Picture {
    let channels = usize::from(picture.channels);
    let columns = taps(across, width, picture.width);
    let rows = taps(down, height, picture.height);
    let stride = columns.len() * channels;
    let first = rows.iter().map(|row| row.start).min().unwrap_or(0);
    let end = rows.iter().map(|row| row.start + row.weights.len()).max().unwrap_or(0);
    let old = picture.width as usize * channels;
    let mut lines = Vec::with_capacity((end - first) * stride);
    for line in picture.bytes.chunks_exact(old).take(end).skip(first) {
        for column in &columns {
            for channel in 0..channels {
                let places = line.iter().skip(column.start * channels + channel).step_by(channels);
                let sum: f32 =
                    column.weights.iter().zip(places).map(|(weight, byte)| weight * f32::from(*byte)).sum();
                lines.push(sum);
            }
        }
    }
    let mut bytes = Vec::with_capacity(rows.len() * stride);
    let mut sums = vec![0.0_f32; stride];
    for row in &rows {
        sums.fill(0.5);
        let below = lines[(row.start - first) * stride..].chunks_exact(stride);
        for (weight, line) in row.weights.iter().zip(below) {
            sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += weight * value);
        }
        bytes.extend(sums.iter().map(|sum| byte(*sum)));
    }
    Picture { width, height, channels: picture.channels, bytes }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn byte(sum: f32) -> u8 {
    sum.clamp(0.0, 255.0) as u8
}

fn taps(axis: Axis, count: u32, old: u32) -> Vec<Taps> {
    let step = axis.length() / f64::from(count);
    let mut taps: Vec<Taps> = (0..count)
        .map(|at| {
            let from = axis.from + f64::from(at) * step;
            if step > 1.0 { area(from, from + step, old) } else { cubic(from + step / 2.0, old) }
        })
        .collect();
    if axis.flipped {
        taps.reverse();
    }
    taps
}

/// How much of each old pixel lies between two places.
fn area(from: f64, to: f64, old: u32) -> Taps {
    let (start, end) = (place(from.floor(), old), place(to.ceil() - 1.0, old));
    let share = |at: usize| (to.min(at as f64 + 1.0) - from.max(at as f64)).max(0.0);
    normal(start, (start..=end).map(share).collect())
}

/// The four old pixels around a place.
fn cubic(centre: f64, old: u32) -> Taps {
    let nearest = (centre - 0.5).floor();
    let (start, end) = (place(nearest - 1.0, old), place(nearest + 2.0, old));
    let weight = |at: usize| {
        let far = (at as f64 + 0.5 - centre).abs();
        if far < 1.0 {
            (1.5 * far - 2.5) * far * far + 1.0
        } else if far < 2.0 {
            ((2.5 - 0.5 * far) * far - 4.0) * far + 2.0
        } else {
            0.0
        }
    };
    normal(start, (start..=end).map(weight).collect())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the picture")]
fn place(at: f64, old: u32) -> usize {
    at.clamp(0.0, f64::from(old) - 1.0) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "weights need no more digits")]
fn normal(start: usize, weights: Vec<f64>) -> Taps {
    let sum: f64 = weights.iter().sum();
    Taps { start, weights: weights.into_iter().map(|weight| (weight / sum) as f32).collect() }
}
