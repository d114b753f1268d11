//! Packing a frame anew, for those who ask for another transfer syntax.

use crate::{Photometric, PixelError, Samples, Shape, Values, jpeg, rle};

/// What a frame is packed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Explicit VR Little Endian, 1.2.840.10008.1.2.1.
    Plain,
    /// RLE Lossless, 1.2.840.10008.1.2.5.
    Rle,
    /// JPEG Baseline, 1.2.840.10008.1.2.4.50: 8 bits, grey or colour. It loses something.
    JpegBaseline {
        /// 1 to 100.
        quality: u8,
    },
    /// JPEG Lossless, selection value 1, 1.2.840.10008.1.2.4.70: up to 16 bits.
    JpegLossless,
}

impl Target {
    /// The target that a transfer syntax means; none for what is not written here.
    pub fn of_transfer_syntax(uid: &str, quality: u8) -> Option<Self> {
        Some(match uid {
            "1.2.840.10008.1.2.1" => Self::Plain,
            "1.2.840.10008.1.2.5" => Self::Rle,
            "1.2.840.10008.1.2.4.50" => Self::JpegBaseline { quality },
            "1.2.840.10008.1.2.4.70" => Self::JpegLossless,
            _ => return None,
        })
    }
}

/// A frame that was packed, and what the header has to say of it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The frame, of even length.
    pub bytes: Vec<u8>,
    /// Photometric Interpretation. Planar Configuration is 0, and stands only where a pixel has several samples.
    pub photometric: Photometric,
    /// Bits Allocated.
    pub bits_allocated: u16,
    /// Bits Stored.
    pub bits_stored: u16,
    /// High Bit.
    pub high_bit: u16,
}

/// Packs a frame. `shape` is that of the header which the samples were decoded with.
pub fn encode(samples: &Samples, shape: &Shape, target: Target) -> Result<Packed, PixelError> {
    let mut photometric = samples.photometric;
    let bits_allocated = u16::try_from(samples.values.bits()).unwrap_or(u16::MAX);
    let bits_stored = shape.bits_stored.min(bits_allocated);
    let mut bytes = match target {
        Target::Plain => samples.values.to_le_bytes(),
        Target::Rle => rle::encode(samples)?,
        Target::JpegLossless => jpeg::lossless(samples, bits_allocated.min(16))?,
        Target::JpegBaseline { quality } => {
            let bytes = baseline(samples, quality)?;
            if samples.samples == 3 {
                photometric = Photometric::YbrFull;
            }
            bytes
        }
    };
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    Ok(Packed { bytes, photometric, bits_allocated, bits_stored, high_bit: bits_stored - 1 })
}

fn baseline(samples: &Samples, quality: u8) -> Result<Vec<u8>, PixelError> {
    let Values::U8(values) = &samples.values else {
        return Err(PixelError::Unsupported("baseline JPEG of other than 8 bits unsigned"));
    };
    let side =
        |side: u32| u16::try_from(side).map_err(|_| PixelError::Unsupported("JPEG of more than 65535 lines"));
    let (columns, rows) = (side(samples.columns)?, side(samples.rows)?);
    match (samples.samples, samples.photometric) {
        (1, Photometric::Monochrome1 | Photometric::Monochrome2) => {
            jpeg::baseline(values, columns, rows, false, quality)
        }
        (3, Photometric::Rgb) => jpeg::baseline(values, columns, rows, true, quality),
        (3, Photometric::YbrFull | Photometric::YbrFull422) => {
            let rgb = crate::render::full_to_rgb(values);
            jpeg::baseline(&rgb, columns, rows, true, quality)
        }
        _ => Err(PixelError::Unsupported("baseline JPEG of a palette or of partial colours")),
    }
}
