//! Decoding and rendering of medical images, which happens in processes that can reach nothing.
//!
//! A decoder reads bytes that a stranger chose. Whoever implements this runs it where a crash, a bomb or an endless loop costs
//! one request and nothing else.

mod base64;
mod description;

use std::future::Future;
use std::pin::Pin;

use ::bytes::Bytes;
use serde::{Deserialize, Serialize};

pub use description::{
    FrameHeader, Modality, Numbers, OverlayPlane, Padding, Palette, Presentation, Table, VoiFunction, Window,
};

/// The decoders.
pub trait Decoders: Send + Sync {
    /// Makes a picture of a frame.
    ///
    /// # Errors
    /// Why there is none.
    fn render<'a>(&'a self, frame: Bytes, how: &'a Rendering) -> Awaited<'a, Rendered>;

    /// Unpacks a frame, and packs it anew.
    ///
    /// # Errors
    /// Why that cannot be.
    fn decode<'a>(&'a self, frame: Bytes, how: &'a Transcoding) -> Awaited<'a, Transcoded>;
}

/// Something of the decoders that is awaited. Dropping it gives it up.
pub type Awaited<'a, T> = Pin<Box<dyn Future<Output = Result<T, DecodeFailure>> + Send + 'a>>;

/// How a frame is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rendering {
    /// The frame.
    pub header: FrameHeader,
    /// What else the header says of how it is looked at.
    pub presentation: Presentation,
    /// The format of the picture.
    pub format: PictureFormat,
    /// A window in place of the header's.
    pub window: Option<(Window, VoiFunction)>,
    /// Which of the header's windows, or of its tables where it has no windows; the first is 0.
    pub view: usize,
    /// How large the picture is, and of what; without it all, a pixel for a pixel.
    pub viewport: Option<Viewport>,
    /// Whether overlays are drawn.
    pub overlays: bool,
}

/// The format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PictureFormat {
    /// JPEG of this quality, 1 to 100.
    Jpeg(u8),
    /// PNG.
    Png,
    /// WebP, always lossless.
    WebP,
}

/// The viewport of PS3.18 8.3.5.1.3.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Viewport {
    /// The picture is no wider, px.
    pub width: u32,
    /// The picture is no higher, px.
    pub height: u32,
    /// The part of the image: x, y, width and height, px; a width or a height below zero flips. All of it when none.
    pub source: Option<[f64; 4]>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The file.
    pub bytes: Bytes,
    /// px.
    pub width: u32,
    /// px.
    pub height: u32,
}

/// What a frame is packed as.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transcoding {
    /// The frame.
    pub header: FrameHeader,
    /// The transfer syntax that is wanted: 1.2.840.10008.1.2.1 (plain, the small end first), .1.2.5 (RLE),
    /// .1.2.4.50 (JPEG baseline) or .1.2.4.70 (JPEG lossless).
    pub transfer_syntax: String,
    /// The quality of JPEG baseline, 1 to 100.
    pub quality: u8,
}

/// A frame that was packed anew, and what its header has to say now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcoded {
    /// The frame, of even length.
    pub bytes: Bytes,
    /// Photometric Interpretation.
    pub photometric: String,
    /// Bits Allocated. Planar Configuration is 0 where there are several samples.
    pub bits_allocated: u16,
    /// Bits Stored.
    pub bits_stored: u16,
    /// High Bit.
    pub high_bit: u16,
}

/// Why there are no pixels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeFailure {
    /// The frame may be sound, but nothing here can do that with it.
    #[error("not decoded here: {0}")]
    Unsupported(String),
    /// The frame is broken, or its header describes another.
    #[error("the pixels cannot be decoded: {0}")]
    Damaged(String),
    /// It unfolds to more than is allowed.
    #[error("the pixels are too many: {0}")]
    TooLarge(String),
    /// As many requests wait as may. Ask again.
    #[error("all decoders are busy")]
    Busy,
    /// It took too long and was ended.
    #[error("decoding takes too long")]
    TooSlow,
    /// The decoder died over it, for want of memory for example.
    #[error("the decoder died")]
    Died,
    /// There are no decoders.
    #[error("there is no decoder")]
    Missing,
}

/// No decoders.
#[derive(Debug, Clone, Copy)]
pub struct NoDecoders;

impl Decoders for NoDecoders {
    fn render<'a>(&'a self, _: Bytes, _: &'a Rendering) -> Awaited<'a, Rendered> {
        Box::pin(std::future::ready(Err(DecodeFailure::Missing)))
    }

    fn decode<'a>(&'a self, _: Bytes, _: &'a Transcoding) -> Awaited<'a, Transcoded> {
        Box::pin(std::future::ready(Err(DecodeFailure::Missing)))
    }
}
