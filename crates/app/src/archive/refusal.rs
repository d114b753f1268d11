//! Why something is not done with images, as DICOM says it.

use std::fmt;

use bianque_store::{CommitError, ReadError};

use crate::{Error, ErrorKind};

/// Statuses of PS3.7 Annex C and PS3.4 that the archive answers with.
pub mod status {
    /// The instance is known already, with other content.
    pub const DUPLICATE_INSTANCE: u16 = 0x0111;
    /// It is not allowed to whoever asks.
    pub const NOT_AUTHORISED: u16 = 0x0124;
    /// It does not fit in or cannot be kept now; trying again later may help.
    pub const OUT_OF_RESOURCES: u16 = 0xa700;
    /// The destination of a move is not known.
    pub const MOVE_DESTINATION_UNKNOWN: u16 = 0xa801;
    /// The data set is not what was announced, or says what contradicts what is known.
    pub const DOES_NOT_MATCH: u16 = 0xa900;
    /// The data set is not understood.
    pub const NOT_UNDERSTOOD: u16 = 0xc000;
}

/// Characters of an Error Comment (0000,0902).
const LONGEST_COMMENT: usize = 64;

/// A refusal: the status, and what the other side may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// Up to 64 characters.
    pub comment: String,
}

impl Refusal {
    /// A refusal; the comment is cut where it is too long.
    pub fn new(status: u16, comment: impl Into<String>) -> Self {
        let comment: String = comment.into();
        let comment = comment.chars().map(|c| if c == '\\' || c.is_control() { ' ' } else { c });
        Self { status, comment: comment.take(LONGEST_COMMENT).collect() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X} {}", self.status, self.comment)
    }
}

impl std::error::Error for Refusal {}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error.kind {
            ErrorKind::Forbidden | ErrorKind::SignIn => status::NOT_AUTHORISED,
            ErrorKind::Unavailable | ErrorKind::TooLarge | ErrorKind::Internal => status::OUT_OF_RESOURCES,
            _ => status::NOT_UNDERSTOOD,
        };
        if error.kind == ErrorKind::Internal || error.kind == ErrorKind::Unavailable {
            tracing::error!(%error, "images were not served");
        }
        Self::new(status, error.message)
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        Error::from(error).into()
    }
}

impl From<CommitError> for Refusal {
    fn from(error: CommitError) -> Self {
        Error::from(error).into()
    }
}
