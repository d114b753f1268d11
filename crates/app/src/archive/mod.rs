//! The archive: images of DICOM as they came, found by what they say of themselves.
//!
//! An instance is taken piece by piece ([`receive`]): its header is read once on the way, its bytes are sealed as they are,
//! and one commit makes it part of the index. Whose it is (`whose`) is asked once for a study. The index is the truth;
//! the ImagingStudy of a study follows it ([`study`]).

mod asked;
mod attributes;
pub mod encoding;
mod entry;
pub mod find;
mod frames;
pub mod header;
mod keep;
pub mod peers;
pub mod pixels;
pub mod receive;
mod refusal;
pub mod retrieve;
pub mod study;
#[cfg(test)]
mod tests;
mod whose;
pub mod worklist;

pub use bianque_query::ImageLevel;
pub use refusal::{Refusal, status};

/// What is remembered of images between requests.
#[derive(Debug, Default)]
pub struct Memory {
    /// Who sends images, asks for them and has them sent.
    peers: peers::Known,
    /// Studies whose instances come now.
    known_studies: keep::KnownStudies,
    /// Who looks at which study.
    looks: retrieve::Looks,
}
