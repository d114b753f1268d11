//! The viewport of a rendered resource (PS3.18 8.3.5.1.3): how large the picture is, and which part of the image it shows.

use super::resample::{self, Axis};
use super::{Picture, PixelError};
use crate::Limits;

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
    /// The picture in this viewport. `aspect` is height and width of a pixel.
    pub(super) fn show(
        &self,
        picture: &Picture,
        aspect: Option<(f64, f64)>,
        limits: &Limits,
    ) -> Result<Picture, PixelError> {
        let source = self.source.unwrap_or(Source {
            x: 0.0,
            y: 0.0,
            width: f64::from(picture.width),
            height: f64::from(picture.height),
        });
        let across = clip(source.x, source.width, picture.width)?;
        let down = clip(source.y, source.height, picture.height)?;
        let stretch = match aspect {
            Some((height, width)) if height > 0.0 && width > 0.0 && (height / width).is_finite() => {
                height / width
            }
            _ => 1.0,
        };
        let (wide, high) = (across.length(), down.length() * stretch);
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
