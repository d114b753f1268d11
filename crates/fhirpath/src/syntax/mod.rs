//! Reading an expression (FHIRPath N1, Appendix B: grammar).

mod function;
mod lexer;
mod parser;
mod tree;

pub(crate) use function::Function;
pub(crate) use parser::parse;
pub(crate) use tree::{Literal, Node, Operator, Pattern, TypeName};

/// A text that is no expression, and the place where reading stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {fault}")]
pub struct ParseError {
    /// Bytes from the start of the text.
    pub at: usize,
    /// What is wrong there.
    pub fault: ParseFault,
}

/// What is wrong with the text of an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseFault {
    /// A character that begins nothing.
    #[error("a character that has no place here")]
    Character,
    /// A comment without its end.
    #[error("a comment that does not end")]
    Comment,
    /// A text or a name without its closing mark.
    #[error("a text that does not end")]
    Unclosed,
    /// A backslash before something else than the grammar knows.
    #[error("an escape that does not exist")]
    Escape,
    /// A number that is too long.
    #[error("a number out of range")]
    Number,
    /// What follows `@` is no date and no time.
    #[error("no date or time")]
    Date,
    /// Something else should stand here.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A function that does not exist.
    #[error("there is no function {0:?}")]
    Function(String),
    /// A function with too few or too many arguments.
    #[error("{0}() takes another number of arguments")]
    Arguments(&'static str),
    /// Longer than is read.
    #[error("longer than 64 KiB")]
    Length,
    /// Nested deeper than is read.
    #[error("nested too deeply")]
    Depth,
}
