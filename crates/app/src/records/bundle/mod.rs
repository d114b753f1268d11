//! Many requests in one: batches, each entry by itself, and transactions, all or nothing (FHIR R4, RESTful API 3.1.0.11).

mod ask;
mod batch;
mod entry;
mod names;
#[cfg(test)]
mod tests;
mod transaction;

use bianque_fhir::bundle::{Answered, responses};
use bianque_fhir::{Issue, IssueCode};
use bianque_model::Context;
use serde_json::Value;

use entry::Entry;

use super::outcome;
use super::prepare::malformed;
use super::write::{Done, Written};
use crate::{App, Error};

/// Does what a Bundle asks, and answers with the Bundle of its responses. With `representation`, what was written comes
/// back whole.
pub async fn process(
    app: &App,
    context: &Context,
    bundle: Value,
    representation: bool,
) -> Result<Vec<u8>, Error> {
    if bundle["resourceType"] != "Bundle" {
        return Err(malformed(Issue::error(IssueCode::Structure, "the body is no Bundle")));
    }
    let Value::Object(mut members) = bundle else { return Err(Error::not_found()) };
    let kind = members.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let entries = match members.remove("entry") {
        Some(Value::Array(entries)) => entries,
        None => Vec::new(),
        Some(_) => return Err(malformed(Issue::error(IssueCode::Structure, "Bundle.entry is no list"))),
    };
    let most = app.settings.transaction_entries;
    if entries.len() > most {
        let message = format!("a Bundle may have {most} entries here, and this one has {}", entries.len());
        return Err(malformed(Issue::error(IssueCode::TooCostly, message).at("Bundle.entry")));
    }
    let answers = match kind.as_str() {
        "batch" => batch::process(app, context, entries, representation).await,
        "transaction" => transaction::process(app, context, entries, representation).await?,
        _ => {
            let message = "only a batch or a transaction can be posted here";
            return Err(malformed(Issue::error(IssueCode::Invalid, message).at("Bundle.type")));
        }
    };
    Ok(responses(&format!("{kind}-response"), context.now, answers.into_iter()))
}

/// What an entry that wrote is answered with.
fn written(written: Written, representation: bool) -> Answered {
    let status = match written.done {
        Done::Created => 201,
        Done::Updated | Done::Existed => 200,
        Done::Deleted => 204,
    };
    let Some(record) = written.record else { return Answered { status, ..Answered::default() } };
    Answered {
        status,
        location: Some(format!("{}/{}/_history/{}", record.resource_type, record.id, record.version)),
        version: Some(record.version),
        last_modified: Some(record.last_updated),
        resource: representation.then_some(record.body),
        outcome: None,
    }
}

/// What an entry that failed is answered with.
fn failed(error: &Error) -> Answered {
    Answered { status: outcome::status(error), outcome: Some(outcome::of(error)), ..Answered::default() }
}
