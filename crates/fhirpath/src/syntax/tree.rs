//! The tree that an expression is read into.

use std::sync::OnceLock;

use regex::Regex;
use rust_decimal::Decimal;

use super::function::Function;
use crate::value::{Calendar, Temporal};

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// `{}`
    Empty,
    Literal(Literal),
    /// `$this`
    This,
    /// `$index`
    Index,
    /// `$total`
    Total,
    /// `%name`
    Variable(Box<str>),
    /// `from.name`; without `from` of what is looked at.
    Member {
        from: Option<Box<Node>>,
        name: Box<str>,
    },
    /// `from.function(arguments)`
    Call {
        from: Option<Box<Node>>,
        function: Function,
        arguments: Vec<Node>,
        pattern: Option<Box<Pattern>>,
    },
    /// `from[index]`
    At {
        from: Box<Node>,
        index: Box<Node>,
    },
    /// `-of`
    Negative(Box<Node>),
    /// `+of`
    Positive(Box<Node>),
    /// `left operator right`
    Binary {
        operator: Operator,
        left: Box<Node>,
        right: Box<Node>,
    },
    /// `of is type`, `of as type`
    Typed {
        of: Box<Node>,
        name: TypeName,
        cast: bool,
    },
    /// The argument of `is()`, `as()`, `ofType()`.
    Type(TypeName),
}

/// A regular expression that stands in the text, made when it is first needed and kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pattern {
    pub(crate) made: OnceLock<Result<Regex, String>>,
}

impl PartialEq for Pattern {
    /// It is made of an argument, which is compared already.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A value as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(Box<str>),
    Temporal(Temporal),
    /// The unit is a code of UCUM, or a calendar's.
    Quantity {
        value: Decimal,
        unit: Box<str>,
        calendar: Option<Calendar>,
    },
}

/// `FHIR.Patient`, `System.Boolean`, or a name alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeName {
    pub(crate) namespace: Option<Box<str>>,
    pub(crate) name: Box<str>,
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Multiply,
    Divide,
    Div,
    Mod,
    Add,
    Subtract,
    Concatenate,
    Union,
    LessOrEqual,
    Less,
    Greater,
    GreaterOrEqual,
    Equal,
    Equivalent,
    NotEqual,
    NotEquivalent,
    In,
    Contains,
    And,
    Or,
    Xor,
    Implies,
}

impl Operator {
    /// The operator of this spelling and how tightly it binds.
    pub(super) fn of(spelling: &str) -> Option<(Self, u8)> {
        Some(match spelling {
            "*" => (Self::Multiply, 11),
            "/" => (Self::Divide, 11),
            "div" => (Self::Div, 11),
            "mod" => (Self::Mod, 11),
            "+" => (Self::Add, 10),
            "-" => (Self::Subtract, 10),
            "&" => (Self::Concatenate, 10),
            // 9: `is` and `as`.
            "|" => (Self::Union, 8),
            "<=" => (Self::LessOrEqual, 7),
            "<" => (Self::Less, 7),
            ">" => (Self::Greater, 7),
            ">=" => (Self::GreaterOrEqual, 7),
            "=" => (Self::Equal, 6),
            "~" => (Self::Equivalent, 6),
            "!=" => (Self::NotEqual, 6),
            "!~" => (Self::NotEquivalent, 6),
            "in" => (Self::In, 5),
            "contains" => (Self::Contains, 5),
            "and" => (Self::And, 4),
            "or" => (Self::Or, 3),
            "xor" => (Self::Xor, 3),
            "implies" => (Self::Implies, 2),
            _ => return None,
        })
    }
}
