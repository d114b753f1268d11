//! The command line of decoders, which only the server itself uses.

use clap::Args;

/// What is decoded, and within what.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct DecodeFlags {
    /// Frames of medical images, one request after the other. Without it one photo.
    #[arg(long, requires = "memory", requires = "frame")]
    pub frames: bool,
    /// Address space, bytes.
    #[arg(long)]
    pub memory: Option<u64>,
    /// What one frame may unfold to, bytes.
    #[arg(long)]
    pub frame: Option<u64>,
}
