//! What goes wrong in an evaluation.

/// An expression that has no result for this input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// One item was needed.
    #[error("{0} takes one item, and there are more")]
    NotSingle(&'static str),
    /// An operand or argument of another type was needed.
    #[error("{0} takes {1}")]
    Type(&'static str, &'static str),
    /// A choice was spelled with its type.
    #[error("{0} is spelled with its type: the element is {1}")]
    Choice(String, String),
    /// A variable that nobody defined.
    #[error("there is no variable %{0}")]
    Variable(String),
    /// A variable that is there already.
    #[error("the variable %{0} is defined already")]
    Defined(String),
    /// A name that is no type.
    #[error("there is no type {0}")]
    UnknownType(String),
    /// A regular expression that cannot be read, or would take too much memory.
    #[error("not a regular expression that is taken: {0}")]
    Regex(String),
    /// A unit by which dates are not moved.
    #[error("a date is not moved by {0:?}")]
    Duration(String),
    /// Something that only the caller could answer, and did not.
    #[error("{0} cannot be answered here")]
    Unanswered(&'static str),
    /// It took too many steps.
    #[error("stopped: too many steps")]
    Steps,
    /// It collected too much.
    #[error("stopped: too many items")]
    Items,
}
