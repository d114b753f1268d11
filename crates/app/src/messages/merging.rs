//! Two records that a sender says are one patient's (A34, A40), and that they are not (A37).
//!
//! A merge is the overlay of [`crate::patients`]: nothing that refers to either record is rewritten, and undoing it leaves
//! everything where it was written. Where only one of the two is known here, there is one record already, and it takes the
//! other's identifiers.

use bianque_hl7v2::{Fault, Severity};
use bianque_mapping::{Entry, Kind, Mapped};
use bianque_model::{Context, ResourceId};
use serde_json::{Value, json};

use super::answer::Refusal;
use super::apply::{Applied, Teller};
use super::whose;
use crate::patients::{merge, undo};
use crate::records::take_in;
use crate::{App, Change, Error};

const REASON: &str = "told by HL7 v2";

pub(super) async fn apply(
    app: &App,
    context: &Context,
    teller: &Teller<'_>,
    patient: &Entry,
    mapped: &Mapped,
    change: &mut Change<'_>,
) -> Result<Applied, Refusal> {
    if mapped.prior.is_empty() {
        let place = if mapped.kind == Kind::Merge { "MRG-1" } else { "PID[2]-3" };
        return Err(Refusal::failed(101, place, "the other record has no identifier"));
    }
    let own = patient.resource.get("identifier").and_then(Value::as_array).cloned().unwrap_or_default();
    let stays = whose::record(app, context, &own).await?;
    let other = whose::record(app, context, &mapped.prior).await?;
    match (mapped.kind, stays, other) {
        (Kind::Unlink, Some(one), Some(other)) => part(app, context, one, other, change).await,
        (Kind::Unlink, ..) => Err(Refusal::failed(204, "PID-3", "one of these records is not known here")),
        (_, Some(one), Some(other)) => join(app, context, one, other, change).await,
        (_, Some(one), None) => take(app, context, one, former(&mapped.prior), change).await,
        (_, None, Some(other)) => take(app, context, other, own, change).await,
        (_, None, None) => make(app, context, teller, patient, former(&mapped.prior), change).await,
    }
}

async fn join(
    app: &App,
    context: &Context,
    stays: ResourceId,
    other: ResourceId,
    change: &mut Change<'_>,
) -> Result<Applied, Refusal> {
    let same = app.same_patient(context.tenant, &other).await?;
    if same.all.contains(&stays) {
        return Ok(nothing(stays, "these records are one already"));
    }
    let others = app.same_patient(context.tenant, &stays).await?;
    let (merged, survivor) = (same.survivor, others.survivor);
    merge::plan(app, context, &merged, &survivor, REASON, change).await?;
    let wrote = [&survivor, &merged].map(|id| format!("Patient/{id}")).to_vec();
    Ok(Applied { patient: survivor, wrote, faults: Vec::new() })
}

async fn part(
    app: &App,
    context: &Context,
    one: ResourceId,
    other: ResourceId,
    change: &mut Change<'_>,
) -> Result<Applied, Refusal> {
    for (merged, survivor) in [(&other, &one), (&one, &other)] {
        let both = vec![format!("Patient/{survivor}"), format!("Patient/{merged}")];
        let same = app.same_patient(context.tenant, merged).await?;
        if same.into.as_ref() != Some(survivor) {
            continue;
        }
        let merge = undo::of_merged(app, context, merged).await?;
        undo::plan(app, context, &merge, REASON, change).await?;
        return Ok(Applied { patient: survivor.clone(), wrote: both, faults: Vec::new() });
    }
    Ok(nothing(one, "these records are not one"))
}

/// Gives a record the identifiers of one that is not known here.
async fn take(
    app: &App,
    context: &Context,
    patient: ResourceId,
    identifiers: Vec<Value>,
    change: &mut Change<'_>,
) -> Result<Applied, Refusal> {
    let standing = take_in::standing(app, context, "Patient", &patient).await?;
    let mut value = standing.value()?.ok_or_else(Error::not_found)?;
    let mut list = value["identifier"].as_array().cloned().unwrap_or_default();
    let known = list.len();
    for one in identifiers {
        let is_same = |it: &Value| it["system"] == one["system"] && it["value"] == one["value"];
        if !list.iter().any(is_same) {
            list.push(one);
        }
    }
    if list.len() == known {
        return Ok(nothing(patient, "this record has these identifiers already"));
    }
    value["identifier"] = list.into();
    take_in::put(app, context, ("Patient", &patient), value, standing, "hl7v2.receive", change).await?;
    let wrote = vec![format!("Patient/{patient}")];
    Ok(Applied { patient, wrote, faults: Vec::new() })
}

/// Makes the record of a patient who has two numbers elsewhere: what comes under the former one finds it.
async fn make(
    app: &App,
    context: &Context,
    teller: &Teller<'_>,
    patient: &Entry,
    former: Vec<Value>,
    change: &mut Change<'_>,
) -> Result<Applied, Refusal> {
    let mut resource = teller.made(patient.resource.clone());
    if let Some(list) = resource["identifier"].as_array_mut() {
        list.extend(former);
    }
    teller.told.mark(&mut resource);
    let whose = whose::whose(app, context, &resource).await?;
    for expected in whose.expected {
        change.expect(expected);
    }
    let standing = take_in::standing(app, context, "Patient", &whose.id).await?;
    take_in::put(app, context, ("Patient", &whose.id), resource, standing, "hl7v2.receive", change).await?;
    let wrote = vec![format!("Patient/{}", whose.id)];
    Ok(Applied { patient: whose.id, wrote, faults: Vec::new() })
}

/// Identifiers that are no longer used.
fn former(identifiers: &[Value]) -> Vec<Value> {
    let old = |one: &Value| {
        let mut one = one.clone();
        one["use"] = json!("old");
        one
    };
    identifiers.iter().map(old).collect()
}

fn nothing(patient: ResourceId, text: &str) -> Applied {
    let fault = Fault { at: None, code: 0, severity: Severity::Information, text: text.to_owned() };
    Applied { patient, wrote: Vec::new(), faults: vec![fault] }
}
