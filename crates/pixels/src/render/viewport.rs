//! The viewport of a rendered resource (PS3.18 8.3.5.1.3): how large the picture is, and which part of the image it shows.

use super::resample::{self, Axis};
use super::{ImageDescription, Picture, PixelError};
use crate::{Limits, Shape};

/// How large a picture is at most, and what it shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    /// The picture is no wider, px.
    pub width: u32,
    /// The picture is no higher, px. It fills the viewport one way, and keeps its shape.
    pub height: u32,
    /// The part of the image; all of it when none.
    pub source: Option<Source>,
}

/// A part of an image, in its pixels. What lies outside of the image is not shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Source {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Below zero: flipped left to right.
    pub width: f64,
    /// Below zero: flipped top to bottom.
    pub height: f64,
}

impl Viewport {
    /// How often an image of this shape may be halved and still be twice as fine as what is shown of it. Twice, since the samples of
    /// a halved image lie half a pixel beside the means of two.
    pub(super) fn halvings(&self, shape: &Shape) -> u32 {
        let (columns, rows) = (f64::from(shape.columns), f64::from(shape.rows));
        let (wide, high) =
            self.source.map_or((columns, rows), |source| (source.width.abs(), source.height.abs()));
        let (mut wide, mut high, mut halvings) = (wide.min(columns), high.min(rows), 0);
        while wide >= 4.0 * f64::from(self.width) && high >= 4.0 * f64::from(self.height) && halvings < 16 {
            (wide, high, halvings) = (wide / 2.0, high / 2.0, halvings + 1);
        }
        halvings
    }

    /// The picture in this viewport. It may be smaller than the image that is described; the source is told in pixels of that.
    pub(super) fn show(
        &self,
        picture: &Picture,
        description: &ImageDescription,
        limits: Limits,
    ) -> Result<Picture, PixelError> {
        let (columns, rows) = (f64::from(description.shape.columns), f64::from(description.shape.rows));
        let source = self.source.unwrap_or(Source { x: 0.0, y: 0.0, width: columns, height: rows });
        let finer = (columns / f64::from(picture.width), rows / f64::from(picture.height));
        let across = clip(source.x / finer.0, source.width / finer.0, picture.width)?;
        let down = clip(source.y / finer.1, source.height / finer.1, picture.height)?;
        let (wide, high) =
            (across.length() * finer.0, down.length() * finer.1 * stretch(description.pixel_aspect));
        let scale = (f64::from(self.width) / wide).min(f64::from(self.height) / high);
        let (width, height) = (side(wide * scale, self.width)?, side(high * scale, self.height)?);
        let bytes = u64::from(width) * u64::from(height) * u64::from(picture.channels);
        // Lines lie between the two passes with the old height and the new width, as numbers of four bytes.
        let between = u64::from(width) * u64::from(picture.height) * u64::from(picture.channels) * 4;
        let needed = bytes.max(between);
        if needed > limits.bytes {
            return Err(PixelError::TooLarge { bytes: needed, limit: limits.bytes });
        }
        Ok(resample::resample(picture, across, width, down, height))
    }
}

/// How much higher than wide a pixel is.
fn stretch(aspect: Option<(f64, f64)>) -> f64 {
    match aspect {
        Some((height, width)) if height > 0.0 && width > 0.0 && (height / width).is_finite() => {
            height / width
        }
        _ => 1.0,
    }
}

fn clip(start: f64, length: f64, most: u32) -> Result<Axis, PixelError> {
    let most = f64::from(most);
    let (from, to) = (start.clamp(0.0, most), (start + length.abs()).clamp(0.0, most));
    if to - from > 0.0 {
        Ok(Axis { from, to, flipped: length < 0.0 })
    } else {
        Err(PixelError::Header("the viewport shows nothing"))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the viewport")]
fn side(exact: f64, most: u32) -> Result<u32, PixelError> {
    if most == 0 {
        return Err(PixelError::Header("a viewport without size"));
    }
    Ok(exact.round().clamp(1.0, f64::from(most)) as u32)
}
