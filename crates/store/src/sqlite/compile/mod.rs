//! A query as SQL. One search becomes one statement over `resource r`, with every condition a test on index rows.
//!
//! At most one condition *drives*: its index rows are read in order of value and lead to the resources. All others
//! are checked resource by resource, on rows that lie together. Which one drives is decided by counting a little
//! ([`super::search`]); with none, the resources of the type are walked in the order that is asked for.

mod condition;
mod drive;
mod link;
mod one;
mod order;
mod scope;
mod statement;
mod test;

use std::borrow::Cow;

use bianque_model::TenantId;
use bianque_query::{Predicate, Scope};
use rusqlite::types::Value;

use super::paths::Kind;
use crate::ReadError;

pub(super) use drive::{Driver, candidates, whole_type};
pub(super) use order::{SortKey, sort_keys, walkable};
pub(super) use scope::seen;
pub(super) use statement::{count, keys, page, probe, referred};

/// Conditions that one search may have; beyond it the search is refused, not tried.
const CONDITIONS: usize = 4_000;
/// How deep conditions may nest.
const DEPTH: usize = 50;

/// Statement text and the values of its `?`, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl Sql {
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.text.push('?');
        self.values.push(value.into());
        self
    }

    pub(super) fn append(&mut self, other: Self) -> &mut Self {
        self.text.push_str(&other.text);
        self.values.extend(other.values);
        self
    }

    pub(super) fn of(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// A condition that passes every row.
    fn always() -> Self {
        Self::of("1")
    }

    /// A condition that passes no row. It is bound, not written: SQLite takes a written 0 for the whole `WHERE`, loses
    /// the terms that an index named with `INDEXED BY` needs, and finds no way to run the statement.
    fn never() -> Self {
        let mut sql = Self::default();
        sql.bind(0);
        sql
    }

    /// Joins conditions as a balanced tree: a chain of a thousand would be too deep for the parser.
    pub(super) fn join(mut parts: Vec<Self>, operator: &str, empty: fn() -> Self) -> Self {
        match parts.len() {
            0 => empty(),
            1 => parts.swap_remove(0),
            many => {
                let right = parts.split_off(many / 2);
                let mut sql = Self::of("(");
                sql.append(Self::join(parts, operator, empty)).push(operator);
                sql.append(Self::join(right, operator, empty)).push(")");
                sql
            }
        }
    }
}

/// Where and for whom a statement, or a part of it, is made.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) tenant: TenantId,
    pub(super) resource_type: &'a str,
    /// What policy lets the asker see, of this type and of every type that is joined.
    pub(super) scope: &'a Scope,
    pub(super) numbers: &'a dyn Numbers,
    /// Whether any records of patients are merged; where none are, no statement looks for them.
    pub(super) merged: bool,
    /// How many links of a chain lead here.
    pub(super) depth: u8,
}

impl<'a> Target<'a> {
    /// The name of the row of the resource: `r`, and behind the first link of a chain `r1`.
    fn row(&self) -> Cow<'static, str> {
        match self.depth {
            0 => "r".into(),
            depth => format!("r{depth}").into(),
        }
    }

    /// Whether a resource of the type may be merged with others.
    pub(super) fn merges(&self) -> bool {
        self.merged && self.resource_type == "Patient"
    }

    /// The resources of another type that a link leads to.
    pub(super) fn joined<'b>(&self, resource_type: &'b str) -> Target<'b>
    where
        'a: 'b,
    {
        Target { resource_type, depth: self.depth + 1, ..*self }
    }
}

/// The numbers of search parameters, from the path table.
pub(super) trait Numbers {
    /// All numbers of a parameter with the kind of each; none when no resource ever had it.
    fn of(&self, resource_type: &str, param: &str) -> rusqlite::Result<Vec<(Kind, i64)>>;
}

/// Refuses what is larger than a search may be.
pub(super) fn check_size(filter: &Predicate) -> Result<(), ReadError> {
    fn nodes(filter: &Predicate, depth: usize) -> Option<usize> {
        if depth > DEPTH {
            return None;
        }
        match filter {
            Predicate::And(parts) | Predicate::Or(parts) => {
                parts.iter().try_fold(1_usize, |sum, part| Some(sum + nodes(part, depth + 1)?))
            }
            Predicate::Not(part)
            | Predicate::Chain { filter: part, .. }
            | Predicate::ReferredBy { filter: part, .. } => Some(1 + nodes(part, depth + 1)?),
            _ => Some(1),
        }
    }
    if nodes(filter, 0).is_some_and(|count| count <= CONDITIONS) { Ok(()) } else { Err(ReadError::Budget) }
}

#[cfg(test)]
mod tests;
