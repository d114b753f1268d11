//! What a header says of its pixels, as decoders are told it. Functional groups of a multi-frame image are resolved for the
//! frame.

use serde::{Deserialize, Serialize};

use super::base64;

/// What the header says of a frame's pixels (PS3.3 C.7.6.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameHeader {
    /// The transfer syntax that the frame lies in. Of a deflated data set, that which it is once inflated.
    pub transfer_syntax: String,
    /// Rows.
    pub rows: u16,
    /// Columns.
    pub columns: u16,
    /// Samples per Pixel.
    pub samples: u16,
    /// Bits Allocated; 32 for Float Pixel Data, 64 for Double Float Pixel Data.
    pub bits_allocated: u16,
    /// Bits Stored.
    pub bits_stored: u16,
    /// High Bit.
    pub high_bit: u16,
    /// How numbers are written.
    pub numbers: Numbers,
    /// Whether Planar Configuration is 1.
    pub planar: bool,
    /// Photometric Interpretation.
    pub photometric: String,
    /// Bits of the first byte that belong to the frame before; 0 but for images of one bit.
    pub first_bit: u8,
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Numbers {
    /// Pixel Representation 0.
    Unsigned,
    /// Pixel Representation 1.
    Signed,
    /// Float Pixel Data or Double Float Pixel Data.
    Float,
}

/// What the header says of how an image is looked at. The default says nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Presentation {
    /// From stored values to those of the modality.
    pub modality: Modality,
    /// Window Center and Window Width, all of them.
    pub windows: Vec<Window>,
    /// VOI LUT Function.
    pub voi_function: VoiFunction,
    /// VOI LUT Sequence.
    pub voi_tables: Vec<Table>,
    /// Whether Presentation LUT Shape is INVERSE.
    pub inverse: bool,
    /// The palette of PALETTE COLOR.
    pub palette: Option<Palette>,
    /// Pixel Padding Value.
    pub padding: Option<Padding>,
    /// Overlay planes, of this frame.
    pub overlays: Vec<OverlayPlane>,
    /// Pixel Aspect Ratio, or Pixel Spacing: height and width of a pixel.
    pub pixel_aspect: Option<(f64, f64)>,
}

/// From stored values to those of the modality.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Modality {
    /// They are the same.
    #[default]
    Stored,
    /// Rescale Slope and Rescale Intercept.
    Rescale(f64, f64),
    /// Modality LUT Sequence.
    Table(Table),
}

/// A window, in values of the modality.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Window Center.
    pub center: f64,
    /// Window Width.
    pub width: f64,
}

/// VOI LUT Function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum VoiFunction {
    /// LINEAR.
    #[default]
    Linear,
    /// `LINEAR_EXACT`.
    LinearExact,
    /// SIGMOID.
    Sigmoid,
}

/// A lookup table as the header has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Entries, first value mapped, bits.
    pub descriptor: [u16; 3],
    /// Whether the first value mapped is one of a signed image.
    pub signed: bool,
    /// Whether the data is segmented.
    pub segmented: bool,
    /// The data, words with the small end first.
    #[serde(with = "base64")]
    pub data: Vec<u8>,
}

/// The tables of PALETTE COLOR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Palette {
    /// Red.
    pub red: Table,
    /// Green.
    pub green: Table,
    /// Blue.
    pub blue: Table,
}

/// Stored values that are no part of the image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Padding {
    /// Pixel Padding Value.
    pub value: f64,
    /// Pixel Padding Range Limit.
    pub limit: Option<f64>,
}

/// An overlay plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverlayPlane {
    /// Overlay Rows.
    pub rows: u16,
    /// Overlay Columns.
    pub columns: u16,
    /// Overlay Origin: row and column, of which the first are 1.
    pub origin: (i16, i16),
    /// Overlay Data of the frame, the lowest bit of a byte first.
    #[serde(with = "base64")]
    pub bits: Vec<u8>,
}
