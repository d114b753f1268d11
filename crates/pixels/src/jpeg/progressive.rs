//! Progressive streams, by zune-jpeg. DICOM retired them; archives still hold some.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::segments::Frame;
use crate::PixelError;

/// All samples, pixel by pixel, with no colour turned.
pub(super) fn decode(bytes: &[u8], frame: &Frame) -> Result<Vec<u16>, PixelError> {
    const BROKEN: PixelError = PixelError::Corrupt("a progressive JPEG");
    let (width, height) = (usize::from(frame.columns), usize::from(frame.rows));
    let options = DecoderOptions::default().set_max_width(width).set_max_height(height).set_strict_mode(true);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| BROKEN)?;
    let as_it_is = decoder.input_colorspace().ok_or(BROKEN)?;
    let options = match as_it_is {
        ColorSpace::Luma | ColorSpace::YCbCr | ColorSpace::RGB => options.jpeg_set_out_colorspace(as_it_is),
        _ => return Err(PixelError::Unsupported("a progressive JPEG of four components")),
    };
    decoder.set_options(options);
    let pixels = decoder.decode().map_err(|_| BROKEN)?;
    if pixels.len() != width * height * frame.components.len() {
        return Err(BROKEN);
    }
    Ok(pixels.into_iter().map(u16::from).collect())
}
