//! Why a question about terminology has no answer.

use crate::outcome::IssueCode;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No value set has this URL.
    #[error("the value set {0} is not known here")]
    UnknownSet(String),
    /// No code system has this URL.
    #[error("the code system {0} is not known here")]
    UnknownSystem(String),
    /// The code system is known, and what stands in it is not.
    #[error("the concepts of the code system {0} are not on this server")]
    NoContent(String),
    /// The code system has no such code.
    #[error("the code system {system} has no code {code:?}")]
    UnknownCode {
        /// URL of the system.
        system: String,
        /// The code.
        code: String,
    },
    /// A code system without a list of its codes.
    #[error("the codes of {0} follow a grammar and cannot be listed")]
    NotListable(String),
    /// More codes than are listed in one answer.
    #[error(
        "the answer would hold more than {limit} codes: ask for fewer with count and offset, or with filter"
    )]
    TooCostly {
        /// How many are listed.
        limit: usize,
    },
    /// A filter that cannot be evaluated.
    #[error("the filter {0} cannot be evaluated")]
    Filter(String),
    /// Value sets that take from one another in a circle, or through too many others.
    #[error("the value set {0} takes from others in a circle or through too many")]
    Nesting(String),
}

impl Refusal {
    /// What kind of issue it is.
    pub fn code(&self) -> IssueCode {
        match self {
            Self::UnknownSet(_) | Self::UnknownSystem(_) | Self::NoContent(_) | Self::UnknownCode { .. } => {
                IssueCode::NotFound
            }
            Self::NotListable(_) | Self::TooCostly { .. } => IssueCode::TooCostly,
            Self::Filter(_) => IssueCode::NotSupported,
            Self::Nesting(_) => IssueCode::BusinessRule,
        }
    }
}
