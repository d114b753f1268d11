//! Decodes an image and makes its preview. Runs in the worker process only; see [`super::worker`].

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageReader, Limits, RgbImage,
};

use super::structure::{by_magic, check_pixels};
use super::{Format, PhotoError};

/// The longest edge of a preview, px.
pub const PREVIEW_EDGE: u32 = 1600;
/// JPEG quality of a preview.
const QUALITY: u8 = 85;
/// What a decoder may allocate.
const MAX_ALLOC: u64 = 800 << 20;
/// The largest colour profile that a preview carries on.
const MAX_PROFILE: usize = 1 << 20;

const TOO_MUCH: PhotoError = PhotoError::NoPreview("decoding it takes too much memory");

/// A preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// A JPEG of at most [`PREVIEW_EDGE`] on its longest edge, upright, without EXIF, position or any other metadata
    /// but the colour profile.
    pub jpeg: Vec<u8>,
    /// Width of the original as it is looked at, that is upright, px.
    pub width: u32,
    /// Height of the original as it is looked at, px.
    pub height: u32,
}

/// Pixels as they are stored.
struct Decoded {
    pixels: DynamicImage,
    orientation: Orientation,
    profile: Option<Vec<u8>>,
}

/// Makes the preview of an image: rotated as its EXIF says, at most [`PREVIEW_EDGE`] wide and high, transparency on white.
///
/// It decodes pixels and must not be called in the server: [`super::DecodeWorker`] calls it in a process of its own.
pub fn preview(bytes: &[u8]) -> Result<Preview, PhotoError> {
    let Decoded { pixels, orientation, profile } = match by_magic(bytes).ok_or(PhotoError::Unsupported)? {
        Format::Heic => decode_heic(bytes)?,
        Format::Jpeg => decode(bytes, image::ImageFormat::Jpeg)?,
        Format::Png => decode(bytes, image::ImageFormat::Png)?,
        Format::WebP => decode(bytes, image::ImageFormat::WebP)?,
    };
    let (mut width, mut height) = (pixels.width(), pixels.height());
    if is_quarter_turn(orientation) {
        (width, height) = (height, width);
    }
    // Turning what is small already needs no second copy of what is large.
    let mut small = shrink(pixels);
    small.apply_orientation(orientation);
    let jpeg = encode(&on_white(small), profile)?;
    Ok(Preview { jpeg, width, height })
}

const fn is_quarter_turn(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn decode(bytes: &[u8], format: image::ImageFormat) -> Result<Decoded, PhotoError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refusal(&error))?;
    let (width, height) = decoder.dimensions();
    check_pixels(width, height)?;
    let profile = decoder.icc_profile().ok().flatten();
    // Broken EXIF is no reason to lose a photo.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    if decoder.total_bytes() > MAX_ALLOC {
        return Err(TOO_MUCH);
    }
    let pixels = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    Ok(Decoded { pixels, orientation, profile })
}

/// HEIC carries its rotation in the container, which the decoder applies; its EXIF orientation is not for readers.
///
/// Whatever the decoder cannot do is no proof that the photo is broken, so every failure is [`PhotoError::NoPreview`].
fn decode_heic(bytes: &[u8]) -> Result<Decoded, PhotoError> {
    const CANNOT: PhotoError = PhotoError::NoPreview("this HEIC cannot be decoded");
    let info = heic_decoder::probe(bytes).map_err(|_| CANNOT)?;
    let side = |side: usize| u32::try_from(side).map_err(|_| CANNOT);
    check_pixels(side(info.coded_width)?, side(info.coded_height)?)?;
    let mut decoded = heic_decoder::decode(bytes).map_err(|_| CANNOT)?;
    let profile = decoded.metadata.icc_profile.take();
    let rgb = decoded.to_rgb8().map_err(|_| CANNOT)?;
    drop(decoded);
    let pixels = RgbImage::from_raw(side(rgb.width)?, side(rgb.height)?, rgb.data).ok_or(CANNOT)?;
    Ok(Decoded { pixels: pixels.into(), orientation: Orientation::NoTransforms, profile })
}

fn refusal(error: &ImageError) -> PhotoError {
    match error {
        ImageError::Limits(_) => TOO_MUCH,
        ImageError::Unsupported(_) => PhotoError::NoPreview("this variant of the format cannot be decoded"),
        _ => PhotoError::Corrupt("the pixels cannot be decoded"),
    }
}

/// Shrinks to the preview's size; a small image stays as it is. Large ones go in two steps, since the good filter reads
/// every pixel many times.
fn shrink(pixels: DynamicImage) -> DynamicImage {
    let longest = pixels.width().max(pixels.height());
    if longest <= PREVIEW_EDGE {
        return pixels;
    }
    let fit = |side: u32| {
        let rounded =
            (u64::from(side) * u64::from(PREVIEW_EDGE) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(rounded).unwrap_or(PREVIEW_EDGE).max(1)
    };
    let (width, height) = (fit(pixels.width()), fit(pixels.height()));
    let closer =
        if longest > 4 * PREVIEW_EDGE { pixels.thumbnail_exact(2 * width, 2 * height) } else { pixels };
    closer.resize_exact(width, height, image::imageops::FilterType::Lanczos3)
}

fn on_white(pixels: DynamicImage) -> RgbImage {
    if !pixels.color().has_alpha() {
        return pixels.into_rgb8();
    }
    let transparent = pixels.into_rgba8();
    RgbImage::from_fn(transparent.width(), transparent.height(), |x, y| {
        let [red, green, blue, alpha] = transparent.get_pixel(x, y).0;
        let mix = |colour: u8| {
            let sum = u16::from(colour) * u16::from(alpha) + 255 * (255 - u16::from(alpha));
            u8::try_from((sum + 127) / 255).unwrap_or(255)
        };
        image::Rgb([mix(red), mix(green), mix(blue)])
    })
}

fn encode(pixels: &RgbImage, profile: Option<Vec<u8>>) -> Result<Vec<u8>, PhotoError> {
    const CANNOT: PhotoError = PhotoError::NoPreview("the preview cannot be written");
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    if let Some(profile) = profile.filter(|profile| describes_rgb(profile)) {
        encoder.set_icc_profile(profile).map_err(|_| CANNOT)?;
    }
    encoder
        .write_image(pixels.as_raw(), pixels.width(), pixels.height(), ExtendedColorType::Rgb8)
        .map_err(|_| CANNOT)?;
    Ok(jpeg)
}

/// Whether a colour profile is one for what the preview holds. Without it a wide-gamut photo would lose the colour of skin.
fn describes_rgb(profile: &[u8]) -> bool {
    profile.len() <= MAX_PROFILE
        && profile.get(16..20) == Some(b"RGB ")
        && profile.get(36..40) == Some(b"acsp")
}

#[cfg(test)]
mod tests;
