//! Definitions that the server answers of itself: the search parameters of R4 as it reads searches, and the operations
//! that it has routes for. They are made of the tables that answer, so that nothing is defined that is not there.

mod operation;
mod search_parameter;
#[cfg(test)]
mod tests;

use bianque_query::IndexRow;
use serde_json::Value;

pub use operation::{Offered, Parameter, Signature, operation_definition};
pub(crate) use search_parameter::CANONICAL;
pub use search_parameter::search_parameters;

use crate::index;

/// A definition as it is answered.
#[derive(Debug)]
pub struct Definition {
    /// Its id.
    pub id: String,
    /// Its canonical URL.
    pub url: String,
    /// The resource, as a stored one is kept.
    pub document: Vec<u8>,
    /// What it is found by.
    pub rows: Vec<IndexRow>,
}

impl Definition {
    /// Of a resource with an id and a URL.
    pub fn of(resource: &Value) -> Self {
        let text = |name: &str| resource[name].as_str().unwrap_or_default().to_owned();
        Self {
            id: text("id"),
            url: text("url"),
            document: crate::to_stored(resource),
            rows: index(resource).rows,
        }
    }
}
