//! From stored samples to what a person looks at: the pipeline of PS3.4 N.2, then overlays, a viewport and a picture's format.
//!
//! Grey goes through the modality's values, a window or table of values of interest and the presentation's shape; colour through
//! palettes or from luminance and colour differences to RGB. All of it ends in 8 bits.

mod colour;
mod description;
mod grey;
mod lut;
mod output;
mod overlay;
mod resample;
mod segmented;
mod viewport;

pub use description::{ImageDescription, Modality, Overlay, Padding, Palette, VoiFunction, Window};
pub use lut::Lut;
pub use output::Format;
pub use viewport::{Source, Viewport};

pub(crate) use colour::full_to_rgb;

use crate::{Codec, Limits, Photometric, PixelError, Samples, decode_reduced};

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The format of the picture.
    pub format: Format,
    /// A window in place of those of the header.
    pub window: Option<(Window, VoiFunction)>,
    /// Which of the header's windows, or of its tables where there are no windows; the first is 0.
    pub view: usize,
    /// How large the picture is and what of the image it shows. Without it: all, a pixel for a pixel.
    pub viewport: Option<Viewport>,
    /// Whether overlays are drawn, in white.
    pub overlays: bool,
}

impl Request {
    /// All of the image, a pixel for a pixel, in the header's first window, without overlays.
    pub fn new(format: Format) -> Self {
        Self { format, window: None, view: 0, viewport: None, overlays: false }
    }
}

/// A picture of 8 bits a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// px.
    pub width: u32,
    /// px.
    pub height: u32,
    /// 1: grey; 3: red, green and blue.
    pub channels: u8,
    /// Row by row, the channels of a pixel side by side.
    pub bytes: Vec<u8>,
}

/// A picture in its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The file.
    pub bytes: Vec<u8>,
    /// px.
    pub width: u32,
    /// px.
    pub height: u32,
}

/// Decodes a frame and makes a picture of it. `frame` and `codec` are as in [`crate::decode`]; what a small viewport does not
/// show is not decoded where the format allows that.
pub fn render(
    frame: &[u8],
    codec: Codec,
    description: &ImageDescription,
    request: &Request,
    limits: &Limits,
) -> Result<Rendered, PixelError> {
    // Overlays are drawn pixel by pixel, and need all of them.
    let halvings = match &request.viewport {
        Some(viewport) if !request.overlays => viewport.halvings(&description.shape),
        _ => 0,
    };
    let samples = decode_reduced(frame, codec, &description.shape, limits, halvings)?;
    let picture = picture(&samples, description, request, limits)?;
    let bytes = output::write(&picture, request.format)?;
    Ok(Rendered { bytes, width: picture.width, height: picture.height })
}

/// Makes a picture of samples, which may be fewer than the header says, as [`crate::decode_reduced`] gives them.
pub fn picture(
    samples: &Samples,
    description: &ImageDescription,
    request: &Request,
    limits: &Limits,
) -> Result<Picture, PixelError> {
    let (channels, bytes) = match samples.photometric {
        Photometric::Monochrome1 | Photometric::Monochrome2 => {
            (1, grey::bytes(samples, description, request)?)
        }
        Photometric::PaletteColor => (3, colour::by_palette(samples, description)?),
        _ => (3, colour::bytes(samples, &description.shape)?),
    };
    let mut picture = Picture { width: samples.columns, height: samples.rows, channels, bytes };
    if request.overlays {
        description.overlays.iter().for_each(|overlay| overlay.draw(&mut picture));
    }
    match &request.viewport {
        Some(viewport) => viewport.show(&picture, description, *limits),
        None => Ok(picture),
    }
}

#[cfg(test)]
mod tests;
