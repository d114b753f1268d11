//! Photos as they come in, and the previews that are shown of them.
//!
//! [`inspect`] looks at the structure of a file without decoding a pixel: it is cheap and may run in the server. Pixels
//! are decoded in another process, under limits: [`DecodeWorker`] starts this program again as `decode-worker`
//! ([`run_worker`]), hands it the bytes and takes a preview back. The original is never touched.

mod pixels;
#[cfg(test)]
mod sample;
mod structure;
mod worker;

pub use pixels::{PREVIEW_EDGE, Preview, preview};
pub use structure::{MAX_PIXELS, inspect};
pub use worker::{DecodeWorker, run_worker};

/// The kinds of image that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// PNG (ISO/IEC 15948).
    Png,
    /// WebP (RFC 9649).
    WebP,
    /// HEIF with HEVC (ISO/IEC 23008-12), as iPhones make it.
    Heic,
}

impl Format {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Heic => "image/heic",
        }
    }

    /// The kind that a media type names, as browsers spell it. Parameters and case do not matter.
    pub fn from_media_type(declared: &str) -> Option<Self> {
        let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "image/jpeg" | "image/jpg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "image/webp" => Some(Self::WebP),
            "image/heic" | "image/heif" => Some(Self::Heic),
            _ => None,
        }
    }
}

/// What a file is, by its own bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageKind {
    /// Its kind.
    pub format: Format,
    /// Width and height as stored, px, before any rotation; none for HEIC, where only the decoder knows.
    pub stored_size: Option<(u32, u32)>,
}

/// Why an image is not taken, or not previewed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// The bytes, or the declared type, are of no kind that is taken.
    #[error("not a JPEG, PNG, WebP or HEIC image")]
    Unsupported,
    /// The bytes are of another kind than was declared.
    #[error("declared as {declared} but the bytes are {found}")]
    WrongType {
        /// The media type that was declared.
        declared: &'static str,
        /// The media type that the bytes are of.
        found: &'static str,
    },
    /// The file is cut off or broken.
    #[error("the image is damaged: {0}")]
    Corrupt(&'static str),
    /// More pixels than are decoded.
    #[error("{width} x {height} pixels are more than {} million", MAX_PIXELS / 1_000_000)]
    TooManyPixels {
        /// px.
        width: u32,
        /// px.
        height: u32,
    },
    /// The file is sound as far as can be seen, but no preview can be made of it here: keep it without.
    #[error("no preview can be made of this image: {0}")]
    NoPreview(&'static str),
}
