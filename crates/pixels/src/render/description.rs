//! What the header says of how an image is looked at.

use super::Lut;
use crate::Shape;

/// What of a header matters to rendering. Functional groups of a multi-frame image are resolved for the frame by whoever
/// fills this.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageDescription {
    /// The pixels.
    pub shape: Shape,
    /// From stored values to those of the modality (PS3.3 C.11.1).
    pub modality: Modality,
    /// Window Center (0028,1050) and Window Width (0028,1051), all of them.
    pub windows: Vec<Window>,
    /// VOI LUT Function (0028,1056).
    pub voi_function: VoiFunction,
    /// VOI LUT Sequence (0028,3010).
    pub voi_luts: Vec<Lut>,
    /// Whether Presentation LUT Shape (2050,0020) is INVERSE. MONOCHROME1 is inverted anyhow, and once only.
    pub inverse: bool,
    /// The palette of PALETTE COLOR.
    pub palette: Option<Palette>,
    /// Pixel Padding Value (0028,0120): what is no part of the image.
    pub padding: Option<Padding>,
    /// Overlay planes (60xx,3000).
    pub overlays: Vec<Overlay>,
    /// Pixel Aspect Ratio (0028,0034): height and width of a pixel; or Pixel Spacing, in whatever unit. A viewport shows
    /// pixels square.
    pub pixel_aspect: Option<(f64, f64)>,
}

impl ImageDescription {
    /// An image of which nothing but its pixels is said.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            modality: Modality::Stored,
            windows: Vec::new(),
            voi_function: VoiFunction::Linear,
            voi_luts: Vec::new(),
            inverse: false,
            palette: None,
            padding: None,
            overlays: Vec::new(),
            pixel_aspect: None,
        }
    }
}

/// From stored values to those of the modality, Hounsfield units for example.
#[derive(Debug, Clone, PartialEq)]
pub enum Modality {
    /// They are the same.
    Stored,
    /// Rescale Slope (0028,1053) and Rescale Intercept (0028,1052).
    Rescale {
        /// What a stored value is multiplied by.
        slope: f64,
        /// What is added then.
        intercept: f64,
    },
    /// Modality LUT Sequence (0028,3000).
    Lut(Lut),
}

/// The values that are shown from black to white, in those of the modality.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Window Center.
    pub center: f64,
    /// Window Width: above 0, for [`VoiFunction::Linear`] at least 1.
    pub width: f64,
}

/// How a window is read (PS3.3 C.11.2.1.2, C.11.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoiFunction {
    /// LINEAR, which is meant where nothing is said.
    Linear,
    /// `LINEAR_EXACT`.
    LinearExact,
    /// SIGMOID.
    Sigmoid,
}

impl VoiFunction {
    /// By the defined term; none for another.
    pub fn from_term(term: &str) -> Option<Self> {
        match term.trim_end_matches(['\0', ' ']) {
            "" | "LINEAR" => Some(Self::Linear),
            "LINEAR_EXACT" => Some(Self::LinearExact),
            "SIGMOID" => Some(Self::Sigmoid),
            _ => None,
        }
    }
}

/// The colours of indices (PS3.3 C.7.9).
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    /// Red.
    pub red: Lut,
    /// Green.
    pub green: Lut,
    /// Blue.
    pub blue: Lut,
}

/// Stored values that are no part of the image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Padding {
    /// Pixel Padding Value (0028,0120).
    pub value: f64,
    /// Pixel Padding Range Limit (0028,0121): all between the two is padding.
    pub limit: Option<f64>,
}

impl Padding {
    pub(super) fn has(&self, value: f64) -> bool {
        let other = self.limit.unwrap_or(self.value);
        (self.value.min(other)..=self.value.max(other)).contains(&value)
    }
}

/// A plane of bits over the image (PS3.3 C.9.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Overlay Rows.
    pub rows: u16,
    /// Overlay Columns.
    pub columns: u16,
    /// Overlay Origin: row and column of the image on which its first bit lies; the first are 1.
    pub origin: (i16, i16),
    /// Overlay Data of the frame, the lowest bit of a byte first.
    pub bits: Vec<u8>,
}
