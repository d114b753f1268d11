//! Patients who are one (FHIR R5, Patient `$merge`, taken for R4), and who are not after all (`$unmerge`, our own).
//!
//! `Patient/$merge` takes `source-patient`, which is merged, and `target-patient`, which survives, each a reference or an
//! identifier that one patient has, besides `reason` and `preview`. It answers Parameters with an `outcome` and the
//! surviving patient as `result`.

use bianque_fhir::{Issue, IssueCode};
use bianque_model::{Context, ResourceId};
use serde_json::{Value, json};

use crate::patients::merge::{self, Merged, Merging};
use crate::patients::undo::{self, Undoing};
use crate::policy::{self, Action};
use crate::records::asked::{Asked, missing};
use crate::records::prepare::malformed;
use crate::records::read::read;
use crate::records::take_in::found_by;
use crate::{App, Error};

/// Merges the source into the target; with `preview` says what would come of it.
pub async fn merge_patient(app: &App, context: &Context, asked: &Asked) -> Result<Vec<u8>, Error> {
    allowed(context)?;
    asked.only(&[
        "source-patient",
        "target-patient",
        "source-patient-identifier",
        "target-patient-identifier",
        "reason",
        "preview",
    ])?;
    let source = named(app, context, asked, "source-patient", "source-patient-identifier").await?;
    let target = named(app, context, asked, "target-patient", "target-patient-identifier").await?;
    if asked.flag("preview")? {
        merge::pair(app, context, &source, &target).await?;
        let open = merge::open_visits(app, context, &source).await?;
        return told(app, context, &target, &preview(open)).await;
    }
    let reason = asked.text("reason").unwrap_or_else(|| "asked over FHIR".to_owned());
    let merged = merge::merge(app, context, &source, Merging { into: target, reason }).await?;
    told(app, context, &merged.survivor_id, &words("merged", &merged)).await
}

/// Undoes the merge of the source.
pub async fn unmerge_patient(app: &App, context: &Context, asked: &Asked) -> Result<Vec<u8>, Error> {
    allowed(context)?;
    asked.only(&["source-patient", "source-patient-identifier", "reason"])?;
    let source = named(app, context, asked, "source-patient", "source-patient-identifier").await?;
    let id = undo::of_merged(app, context, &source).await?;
    let reason = asked.text("reason").unwrap_or_else(|| "asked over FHIR".to_owned());
    let undone = undo::undo(app, context, &id, Undoing { reason }).await?;
    told(app, context, &undone.merged_id, &words("parted", &undone)).await
}

/// Over FHIR, programs that may change patients and read them; people have the desk.
fn allowed(context: &Context) -> Result<(), Error> {
    policy::records(context, "Patient", Action::Update)?;
    policy::records(context, "Patient", Action::Read)?;
    Ok(())
}

/// The patient whom a reference or an identifier names.
async fn named(
    app: &App,
    context: &Context,
    asked: &Asked,
    reference: &str,
    identifier: &str,
) -> Result<ResourceId, Error> {
    let wrong = |what: &str| malformed(Issue::error(IssueCode::Invalid, format!("{what} names no patient")));
    if let Some(value) = asked.object(reference) {
        let id = value["reference"].as_str().and_then(|text| text.rsplit_once('/'));
        let id = id.filter(|(kind, _)| *kind == "Patient" || kind.ends_with("/Patient"));
        return id.and_then(|(_, id)| id.parse().ok()).ok_or_else(|| wrong(reference));
    }
    let value = asked.object(identifier).ok_or_else(|| missing(&format!("{reference} or {identifier}")))?;
    let (Some(system), Some(number)) = (value["system"].as_str(), value["value"].as_str()) else {
        return Err(wrong(identifier));
    };
    let found = found_by(app, context, "Patient", system, number).await?.ok_or_else(|| wrong(identifier))?;
    found.value["id"].as_str().and_then(|id| id.parse().ok()).ok_or_else(|| wrong(identifier))
}

fn words(done: &str, merged: &Merged) -> Vec<String> {
    let mut all =
        vec![format!("Patient/{} and Patient/{} were {done}", merged.merged_id, merged.survivor_id)];
    all.extend(visits(merged.open_visits));
    all
}

fn preview(open: usize) -> Vec<String> {
    let mut all = vec!["these records can be merged; nothing was written".to_owned()];
    all.extend(visits(open));
    all
}

fn visits(open: usize) -> Option<String> {
    (open > 0).then(|| format!("the merged record has {open} open visits; they go on"))
}

async fn told(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    words: &[String],
) -> Result<Vec<u8>, Error> {
    let shown = read(app, context, "Patient", patient).await?;
    let result: Value = serde_json::from_slice(&shown.body).map_err(Error::internal)?;
    let issue =
        |text: &String| json!({"severity": "information", "code": "informational", "diagnostics": text});
    let outcome =
        json!({"resourceType": "OperationOutcome", "issue": words.iter().map(issue).collect::<Vec<_>>()});
    let answer = json!({"resourceType": "Parameters", "parameter": [
        {"name": "outcome", "resource": outcome},
        {"name": "result", "resource": result},
    ]});
    Ok(answer.to_string().into_bytes())
}
