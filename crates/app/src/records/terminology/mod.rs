//! Questions about codes (FHIR R4, Terminology Service): the operations of ValueSet and CodeSystem.
//!
//! What a code means is nobody's data: whoever may read value sets may ask, and nothing is audited. Value sets and code
//! systems that the tenant stores are found by their URL and win over those of R4, which the server has.

pub mod expand;
mod known;
pub mod lookup;
pub mod subsumes;
#[cfg(test)]
mod tests;
pub mod validate_code;

use bianque_fhir::terminology::Refusal;
use bianque_fhir::{Issue, IssueCode};
use bianque_model::Context;

pub use known::Known;
pub(super) use known::about;

use super::outcome::refused;
use crate::policy::{self, Action};
use crate::{Error, ErrorKind};

/// Whether the actor may ask: whoever may read value sets.
fn may_ask(context: &Context) -> Result<(), Error> {
    policy::records(context, "ValueSet", Action::Read).map(drop)
}

/// A question without an answer, as an error.
pub(super) fn unanswered(refusal: &Refusal) -> Error {
    let kind = match refusal.code() {
        IssueCode::NotFound => ErrorKind::NotFound,
        _ => ErrorKind::Refused,
    };
    refused(kind, "fhir.terminology", &[Issue::error(refusal.code(), refusal.to_string())])
}
