//! Colour: palettes, luminance and colour differences, more bits than a screen has (PS3.3 C.7.6.3.1.2, C.7.9).

use super::ImageDescription;
use crate::{Number, Photometric, PixelError, Samples, Shape, Values};

/// How samples make colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// All are 0 to full scale.
    Full,
    /// Luminance is 16 to 235, differences 16 to 240.
    Partial,
}

/// Red, green and blue of each pixel.
pub(super) fn bytes(samples: &Samples, shape: &Shape) -> Result<Vec<u8>, PixelError> {
    if samples.samples != 3 {
        return Err(PixelError::Unsupported("colour of other than three samples"));
    }
    let eight = eight_bits(samples, shape)?;
    match samples.photometric {
        Photometric::Rgb => Ok(eight),
        Photometric::YbrFull | Photometric::YbrFull422 => Ok(full_to_rgb(&eight)),
        Photometric::YbrPartial422 | Photometric::YbrPartial420 => Ok(to_rgb(&eight, Scale::Partial)),
        _ => Err(PixelError::Unsupported("such a photometric interpretation")),
    }
}

/// Red, green and blue of indices.
pub(super) fn by_palette(samples: &Samples, description: &ImageDescription) -> Result<Vec<u8>, PixelError> {
    let palette = description.palette.as_ref().ok_or(PixelError::Header("a palette is missing"))?;
    if samples.samples != 1 {
        return Err(PixelError::Header("a palette has one index a pixel"));
    }
    let colour = |index: f64| [palette.red.byte(index), palette.green.byte(index), palette.blue.byte(index)];
    let mut bytes = Vec::with_capacity(samples.values.len() * 3);
    samples.values.for_each(|index| bytes.extend(colour(index)));
    Ok(bytes)
}

/// YBR_FULL of 8 bits as RGB, pixel by pixel.
pub(crate) fn full_to_rgb(ybr: &[u8]) -> Vec<u8> {
    to_rgb(ybr, Scale::Full)
}

/// The highest eight of the bits that are stored.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "scaled to a byte")]
fn eight_bits(samples: &Samples, shape: &Shape) -> Result<Vec<u8>, PixelError> {
    if shape.number != Number::Unsigned {
        return Err(PixelError::Unsupported("colours below zero"));
    }
    if let (Values::U8(values), 8) = (&samples.values, shape.bits_stored) {
        return Ok(values.clone());
    }
    let most = ((1_u64 << shape.bits_stored) - 1) as f64;
    let mut bytes = Vec::with_capacity(samples.values.len());
    samples.values.for_each(|value| bytes.push((value / most * 255.0 + 0.5).min(255.0) as u8));
    Ok(bytes)
}

fn to_rgb(ybr: &[u8], scale: Scale) -> Vec<u8> {
    let (pixels, _) = ybr.as_chunks::<3>();
    pixels.iter().flat_map(|pixel| rgb(*pixel, scale)).collect()
}

#[inline]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn rgb([y, blue, red]: [u8; 3], scale: Scale) -> [u8; 3] {
    let (y, spread) = match scale {
        Scale::Full => (f32::from(y), 1.0),
        Scale::Partial => ((f32::from(y) - 16.0) * (255.0 / 219.0), 255.0 / 224.0),
    };
    let (blue, red) = ((f32::from(blue) - 128.0) * spread, (f32::from(red) - 128.0) * spread);
    [y + 1.402 * red, y - 0.344_136 * blue - 0.714_136 * red, y + 1.772 * blue]
        .map(|value| (value + 0.5).clamp(0.0, 255.0) as u8)
}
