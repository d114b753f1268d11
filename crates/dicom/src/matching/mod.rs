//! What C-FIND and QIDO-RS ask for, and whether a record is that (PS3.4 section C.2.2.2, PS3.18 section 8.3.4).
//!
//! A [`Query`] comes from an identifier or from query parameters. Its conditions are plain data, so that a store can lower
//! them into its own; [`Query::matches`] says what they mean.

mod condition;
mod moment;
mod name;
mod parameters;
mod pattern;
mod query;

pub use condition::{Condition, Key};
pub(crate) use moment::shifted;
pub use moment::{Interval, Moment, Span};
pub use name::NamePattern;
pub use parameters::AttributePath;
pub use pattern::TextPattern;
pub use query::{Include, Query, QueryError};

#[cfg(test)]
mod tests;
