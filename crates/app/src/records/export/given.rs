//! What an export gives: its manifest, and its files to whoever asked for it.

use bianque_fhir::instant;
use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::Export;
use crate::change::audit_row;
use crate::jobs::{self, Job, Work, subject};
use crate::policy::{self, Action};
use crate::recording::play::Playing;
use crate::records::base;
use crate::{App, Error};

/// The media type of the files.
const NDJSON: &str = "application/fhir+ndjson";

/// The manifest of a finished export.
pub(crate) fn manifest(app: &App, context: &Context, job: &Job, export: &Export) -> Value {
    let base = base(app, context.tenant);
    let url = |name: &str| format!("{base}/$jobs/{}/{name}", job.id);
    let output: Vec<Value> = export
        .files
        .iter()
        .map(|file| json!({"type": file.resource_type, "url": url(&file.name), "count": file.count}))
        .collect();
    json!({
        "transactionTime": instant(job.began.unwrap_or(job.asked_at)),
        "request": format!("{base}{}", export.request),
        "requiresAccessToken": true,
        "output": output,
        "error": [],
    })
}

/// A file of an export, for whoever asked for it and may still search its type. The first part in a while is audited,
/// durably, before anything of it is read.
pub async fn file(app: &App, context: &Context, id: &ResourceId, name: &str) -> Result<Playing, Error> {
    let job = jobs::own(app, context, id).await?.value;
    let Work::Export(export) = &job.work else { return Err(Error::not_found()) };
    let done = job.end.as_ref().is_some_and(|end| end.failure.is_none());
    let file = export.files.iter().find(|file| done && file.name == name).ok_or_else(Error::not_found)?;
    policy::records(context, &file.resource_type, Action::Search)?;
    let row = audit_row(context, AuditAction::R, "fhir.export-file", None, &format!("Job/{id}"));
    let row = bianque_store::AuditRow { detail: name.to_owned(), ..row };
    app.looks.look(app, context, file.blob, row).await?;
    Ok(Playing::of(app, context.tenant, subject(id), (file.blob, file.size), NDJSON))
}
