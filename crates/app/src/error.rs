//! What a use case answers when it cannot do what was asked.
//!
//! The code and the message are chosen for whoever asked; the cause is for the log and is never shown.

use bianque_store::{CommitError, ReadError};
use serde_json::Value;

/// A use case's refusal or failure.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Error {
    /// Its family, which an edge maps to its own status.
    pub kind: ErrorKind,
    /// Stable, dotted, translated by screens: `join.expired`.
    pub code: &'static str,
    /// English, for people who read answers and logs. Never clinical content.
    pub message: String,
    /// The field of the input at fault.
    pub field: Option<&'static str>,
    /// More for programs; `Null` when there is nothing.
    pub details: Value,
    /// Why, for the log only.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The family of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Not readable: syntax, unknown field, wrong type.
    Malformed,
    /// Nobody is signed in.
    SignIn,
    /// An action this role never has.
    Forbidden,
    /// Not there, or not yours.
    NotFound,
    /// The world changed since it was read.
    Conflict,
    /// What the request names as standing does not stand any longer.
    Stale,
    /// It was there and is over.
    Over,
    /// More than is taken.
    TooLarge,
    /// A type that is not taken.
    WrongType,
    /// No type that is given is wanted.
    NotAcceptable,
    /// Understood and refused.
    Refused,
    /// Too many attempts; try again after some seconds.
    TooMany {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// Try again later; nothing was stored.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl ErrorKind {
    /// The HTTP status of the family. Answers carry it, and so do entries of FHIR's Bundles.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::SignIn => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Over => 410,
            Self::Stale => 412,
            Self::TooLarge => 413,
            Self::WrongType => 415,
            Self::NotAcceptable => 406,
            Self::Refused => 422,
            Self::TooMany { .. } => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

impl Error {
    /// An error of a family with its code and message.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), field: None, details: Value::Null, cause: None }
    }

    /// What was asked for is not there, or not for the asker: the two are never told apart.
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "not-found", "not found")
    }

    /// The role never has this action.
    pub fn forbidden() -> Self {
        Self::new(ErrorKind::Forbidden, "forbidden", "this role does not have this action")
    }

    /// Nobody is signed in.
    pub fn sign_in() -> Self {
        Self::new(ErrorKind::SignIn, "sign-in", "sign in first")
    }

    /// A field that cannot be taken.
    pub fn field(code: &'static str, field: &'static str, message: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(ErrorKind::Refused, code, message) }
    }

    /// A conflict with what stands.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, code, message)
    }

    /// A fault of ours, with its cause for the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        // What does not decode says so with the value it found.
        let cause = match cause.into().downcast::<serde_json::Error>() {
            Ok(json) => undecodable(&json).into(),
            Err(other) => other,
        };
        Self {
            cause: Some(cause),
            ..Self::new(ErrorKind::Internal, "internal", "something went wrong on the server")
        }
    }

    /// The same error with details for programs.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        let (kind, code) = match error {
            CommitError::Version { .. } => (ErrorKind::Conflict, "changed"),
            CommitError::Matched { .. } => (ErrorKind::Conflict, "matched"),
            CommitError::KeyTaken { .. } => (ErrorKind::Conflict, "taken"),
            CommitError::ImageKnown { .. } => (ErrorKind::Conflict, "image.known"),
            CommitError::Merge => (ErrorKind::Conflict, "merge"),
            CommitError::TooLarge { .. } => (ErrorKind::TooLarge, "too-large"),
            CommitError::Unavailable(_) => (ErrorKind::Unavailable, "store.unavailable"),
        };
        let message = match kind {
            ErrorKind::Unavailable => "the store does not take writes now; nothing was stored".to_owned(),
            _ => error.to_string(),
        };
        Self { cause: Some(Box::new(error)), ..Self::new(kind, code, message) }
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        let (kind, code) = match error {
            ReadError::Cursor => (ErrorKind::Malformed, "cursor.invalid"),
            ReadError::Budget => (ErrorKind::Refused, "query.budget"),
            ReadError::Unavailable(_) => (ErrorKind::Unavailable, "store.unavailable"),
        };
        let message = match kind {
            ErrorKind::Unavailable => "the store does not answer now".to_owned(),
            _ => error.to_string(),
        };
        Self { cause: Some(Box::new(error)), ..Self::new(kind, code, message) }
    }
}
/// Where something did not decode, without what stood there.
fn undecodable(error: &serde_json::Error) -> String {
    format!("{:?} fault in JSON at line {} column {}", error.classify(), error.line(), error.column())
}
