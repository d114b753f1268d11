//! A batch: each entry by itself, in its order, whatever becomes of the others.

use bianque_fhir::bundle::Answered;
use bianque_model::Context;
use serde_json::Value;

use super::{Entry, ask, failed, written};
use crate::records::base;
use crate::records::write::write;
use crate::{App, Error};

/// The answers, in the order of the entries.
pub(super) async fn process(
    app: &App,
    context: &Context,
    entries: Vec<Value>,
    representation: bool,
) -> Vec<Answered> {
    let mut answers = Vec::with_capacity(entries.len());
    for entry in entries {
        let answered = one(app, context, entry, representation).await;
        answers.push(answered.unwrap_or_else(|error| failed(&error)));
    }
    answers
}

async fn one(app: &App, context: &Context, entry: Value, representation: bool) -> Result<Answered, Error> {
    match Entry::read(&base(app, context.tenant), entry)? {
        Entry::Write(wanted, _) => Ok(written(write(app, context, wanted).await?, representation)),
        Entry::Read(address) => ask::ask(app, context, &address).await,
    }
}
