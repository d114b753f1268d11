//! What can go wrong with blobs.

use std::io;
use std::path::Path;

/// A blob that was not written or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no such blob (or the key that opens it is gone).
    #[error("there is no such blob")]
    NotFound,
    /// The bytes on disk are not those that were sealed, or belong to another subject.
    #[error("{what} does not open: it was changed, cut off, or is another subject's")]
    Corrupt {
        /// What did not open.
        what: String,
    },
    /// Another request writes to this staged upload.
    #[error("the upload is being written by another request")]
    Busy,
    /// An append does not go on where the staged upload ends.
    #[error("the upload stands at {expected}")]
    Offset {
        /// Where it stands.
        expected: u64,
    },
    /// The master key is not usable.
    #[error("master key {path}: {why}")]
    MasterKey {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// Files.
    #[error("{what}: {cause}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        cause: io::Error,
    },
}

impl BlobError {
    pub(crate) fn io(what: &str, path: &Path, cause: io::Error) -> Self {
        Self::Io { what: format!("{what} {}", path.display()), cause }
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }
}
