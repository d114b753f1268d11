//! Why pixels are not to be had.

/// Why a frame cannot be decoded, rendered or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PixelError {
    /// What the frame unfolds to is more than is allowed. Nothing was allocated for it.
    #[error("the frame unfolds to {bytes} bytes, and {limit} are allowed")]
    TooLarge {
        /// Bytes that would be needed.
        bytes: u64,
        /// Bytes that are allowed.
        limit: u64,
    },
    /// The frame ends before its pixels do.
    #[error("the frame has {found} bytes, and its pixels need {needed}")]
    Truncated {
        /// Bytes that are needed, as far as is known.
        needed: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// The compressed stream describes another image than the header.
    #[error("{what} is {header} in the header and {stream} in the frame")]
    Mismatch {
        /// What differs.
        what: &'static str,
        /// What the header says.
        header: u32,
        /// What the stream says.
        stream: u32,
    },
    /// The header describes no image.
    #[error("the header describes no image: {0}")]
    Header(&'static str),
    /// The stream is broken.
    #[error("the frame is damaged: {0}")]
    Corrupt(&'static str),
    /// A sound frame perhaps, of a kind that is not decoded here.
    #[error("not decoded here: {0}")]
    Unsupported(&'static str),
}
