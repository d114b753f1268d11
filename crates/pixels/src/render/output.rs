//! Pictures as files.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::{Picture, PixelError};

/// The format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG.
    Jpeg {
        /// 1 to 100.
        quality: u8,
    },
    /// PNG, which loses nothing.
    Png,
    /// WebP, here always lossless.
    WebP,
}

impl Format {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg { .. } => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

/// The file of a picture.
pub(super) fn write(picture: &Picture, format: Format) -> Result<Vec<u8>, PixelError> {
    let mut file = Vec::new();
    let kind = if picture.channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let (bytes, width, height) = (&picture.bytes, picture.width, picture.height);
    let written = match format {
        Format::Jpeg { quality } => JpegEncoder::new_with_quality(&mut file, quality.clamp(1, 100))
            .write_image(bytes, width, height, kind),
        Format::Png => PngEncoder::new(&mut file).write_image(bytes, width, height, kind),
        Format::WebP => WebPEncoder::new_lossless(&mut file).write_image(bytes, width, height, kind),
    };
    written.map_err(|_| PixelError::Unsupported("a picture of this size in this format"))?;
    Ok(file)
}
