//! What the header says of a frame's pixels (PS3.3 C.7.6.3), and what may be spent on them.

use crate::PixelError;

/// What samples stand for (PS3.3 C.7.6.3.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Photometric {
    /// Grey; the least value is white.
    Monochrome1,
    /// Grey; the least value is black.
    Monochrome2,
    /// Indices into a palette.
    PaletteColor,
    /// Red, green, blue.
    Rgb,
    /// Luminance and two colour differences, each 0 to full scale.
    YbrFull,
    /// The same, of which plain frames hold the colour differences for every second pixel only.
    YbrFull422,
    /// Luminance and colour differences of television, 16 to 235 or 240 of 255, halved as [`Self::YbrFull422`]. Retired.
    YbrPartial422,
    /// The same with a quarter of the colour differences; in compressed frames only. Retired.
    YbrPartial420,
    /// JPEG 2000's irreversible transform: its decoder gives RGB.
    YbrIct,
    /// JPEG 2000's reversible transform: its decoder gives RGB.
    YbrRct,
    /// Luminance and its whiteness, an intensity that no decoder here knows more of.
    Xyb,
}

impl Photometric {
    /// By the defined term, as Photometric Interpretation (0028,0004) writes it.
    pub fn from_term(term: &str) -> Option<Self> {
        Some(match term.trim_end_matches(['\0', ' ']) {
            "MONOCHROME1" => Self::Monochrome1,
            "MONOCHROME2" => Self::Monochrome2,
            "PALETTE COLOR" => Self::PaletteColor,
            "RGB" => Self::Rgb,
            "YBR_FULL" => Self::YbrFull,
            "YBR_FULL_422" => Self::YbrFull422,
            "YBR_PARTIAL_422" => Self::YbrPartial422,
            "YBR_PARTIAL_420" => Self::YbrPartial420,
            "YBR_ICT" => Self::YbrIct,
            "YBR_RCT" => Self::YbrRct,
            "XYB" => Self::Xyb,
            _ => return None,
        })
    }

    /// The defined term.
    pub const fn term(self) -> &'static str {
        match self {
            Self::Monochrome1 => "MONOCHROME1",
            Self::Monochrome2 => "MONOCHROME2",
            Self::PaletteColor => "PALETTE COLOR",
            Self::Rgb => "RGB",
            Self::YbrFull => "YBR_FULL",
            Self::YbrFull422 => "YBR_FULL_422",
            Self::YbrPartial422 => "YBR_PARTIAL_422",
            Self::YbrPartial420 => "YBR_PARTIAL_420",
            Self::YbrIct => "YBR_ICT",
            Self::YbrRct => "YBR_RCT",
            Self::Xyb => "XYB",
        }
    }

    /// Whether plain frames hold one pair of colour differences for two pixels.
    pub const fn is_halved(self) -> bool {
        matches!(self, Self::YbrFull422 | Self::YbrPartial422)
    }
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Number {
    /// From zero up: Pixel Representation 0.
    Unsigned,
    /// Two's complement: Pixel Representation 1.
    Signed,
    /// IEEE 754: Float Pixel Data with 32 bits, Double Float Pixel Data with 64.
    Float,
}

/// What the header says of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Rows (0028,0010).
    pub rows: u16,
    /// Columns (0028,0011).
    pub columns: u16,
    /// Samples per Pixel (0028,0002): 1, 3 or 4.
    pub samples: u16,
    /// Bits Allocated (0028,0100): 1, 8, 16, 32 or 64.
    pub bits_allocated: u16,
    /// Bits Stored (0028,0101).
    pub bits_stored: u16,
    /// High Bit (0028,0102).
    pub high_bit: u16,
    /// Pixel Representation (0028,0103), or which of the Pixel Data elements it is.
    pub number: Number,
    /// Planar Configuration (0028,0006): true where a plain frame holds one plane after the other.
    pub planar: bool,
    /// Photometric Interpretation (0028,0004).
    pub photometric: Photometric,
    /// Bits of the first byte that belong to the frame before. Only where [`Self::bits_allocated`] is 1 and frames do not end
    /// at bytes; otherwise 0.
    pub first_bit: u8,
}

impl Shape {
    /// Pixels of the frame.
    pub fn pixels(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }

    /// Samples of the frame once unpacked, every pixel with all of its own.
    pub fn values(&self) -> u64 {
        self.pixels() * u64::from(self.samples)
    }

    /// Bytes of a plain frame; for one bit a sample, those that [`Self::first_bit`] touches too.
    pub fn plain_bytes(&self) -> u64 {
        if self.bits_allocated == 1 {
            return (self.values() + u64::from(self.first_bit)).div_ceil(8);
        }
        let width = u64::from(self.bits_allocated / 8);
        if self.photometric.is_halved() {
            let pairs = u64::from(self.columns).div_ceil(2);
            return pairs * 4 * u64::from(self.rows) * width;
        }
        self.values() * width
    }

    /// Refuses what is no image, and what would need more than is allowed.
    pub(crate) fn check(&self, limits: Limits) -> Result<(), PixelError> {
        if self.rows == 0 || self.columns == 0 {
            return Err(PixelError::Header("it has no pixels"));
        }
        if !matches!(self.samples, 1 | 3 | 4) {
            return Err(PixelError::Header("a pixel has 1, 3 or 4 samples"));
        }
        let allocated_fits = match self.number {
            Number::Float => matches!(self.bits_allocated, 32 | 64),
            _ => matches!(self.bits_allocated, 1 | 8 | 16 | 32),
        };
        if !allocated_fits {
            return Err(PixelError::Unsupported(
                "bits allocated other than 1, 8, 16 or 32; floats of 32 or 64",
            ));
        }
        if self.bits_stored == 0 || self.bits_stored > self.bits_allocated {
            return Err(PixelError::Header("bits stored do not fit into bits allocated"));
        }
        if self.high_bit >= self.bits_allocated || self.high_bit + 1 < self.bits_stored {
            return Err(PixelError::Header("the high bit lies outside"));
        }
        if self.first_bit > 7 || (self.first_bit > 0 && self.bits_allocated != 1) {
            return Err(PixelError::Header("only bits have a first bit"));
        }
        if self.photometric.is_halved() && self.samples != 3 {
            return Err(PixelError::Header("colour differences need three samples"));
        }
        let bytes = self.values() * u64::from(self.bits_allocated.div_ceil(8));
        if bytes > limits.bytes {
            return Err(PixelError::TooLarge { bytes, limit: limits.bytes });
        }
        Ok(())
    }
}

/// What may be spent on one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all samples, unpacked. Decoding needs a few times as much while it lasts.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 256 << 20 }
    }
}
