//! Who is to be told of corrections, and the Tasks by which they are.

use std::collections::BTreeMap;

use bianque_model::{Context, ResourceId, TenantId, Timestamp};
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::readers::readers;
use super::words::{Changed, changes, name};
use super::{CODE, Correction, SYSTEM};
use crate::aggregate::Loaded;
use crate::records::take_in::id_from;
use crate::{App, Change, Error, instant};

/// Corrections of one round.
const ROUND: u32 = 200;
/// What one Task tells.
pub(super) const MOST: usize = 30;

/// What was corrected of one report, or of one result that is in none.
struct Corrected {
    focus: String,
    about: String,
    since: Timestamp,
    at: Timestamp,
    changed: Vec<Changed>,
}

/// Makes Tasks for those who saw what was corrected; gives how many corrections were looked at. A record that is written
/// meanwhile is looked at again in the next round.
pub async fn settle(app: &App, tenant: TenantId) -> Result<usize, Error> {
    let open = app.list::<Correction>(tenant, "open", "".."~", ROUND).await?;
    let mut by_patient: BTreeMap<ResourceId, Vec<Correction>> = BTreeMap::new();
    let looked = open.len();
    for Loaded { value, .. } in open {
        by_patient.entry(value.patient.clone()).or_default().push(value);
    }
    let context = app.server_context(tenant);
    for (patient, corrections) in by_patient {
        let mut change = Change::new(app, &context).bulk();
        for corrected in gathered(app, tenant, &corrections).await? {
            tell(app, &context, &patient, &corrected, &mut change).await?;
        }
        for correction in &corrections {
            change.remove::<Correction>(correction.id.as_str());
        }
        change.commit().await?;
    }
    Ok(looked)
}

/// Corrections by the report they belong to.
async fn gathered(app: &App, tenant: TenantId, corrections: &[Correction]) -> Result<Vec<Corrected>, Error> {
    let mut all: BTreeMap<String, Corrected> = BTreeMap::new();
    let context = app.server_context(tenant);
    for one in corrections {
        let kind = one.resource_type.as_str();
        let read = app.store.resource_version(tenant, kind, &one.resource, one.version).await?;
        let before: Option<Value> = read.and_then(|read| serde_json::from_slice(&read.document?).ok());
        // What was deleted since tells nothing.
        let (Some(before), Ok(after)) = (before, app.resource(tenant, kind, &one.resource).await) else {
            continue;
        };
        let after = after.value;
        let (focus, about) = match kind {
            "Observation" => {
                let reports = app
                    .referring(&context, "DiagnosticReport", "result", ("Observation", &one.resource))
                    .await?;
                let own = || (format!("Observation/{}", one.resource), name(&after));
                let report =
                    reports.last().and_then(|report| Some((report.value["id"].as_str()?, &report.value)));
                report.map_or_else(own, |(id, report)| (format!("DiagnosticReport/{id}"), name(report)))
            }
            _ => (format!("{kind}/{}", one.resource), name(&after)),
        };
        let corrected = all.entry(focus.clone()).or_insert_with(|| Corrected {
            focus,
            about,
            since: one.since,
            at: one.at,
            changed: Vec::new(),
        });
        (corrected.since, corrected.at) = (corrected.since.min(one.since), corrected.at.max(one.at));
        corrected.changed.extend(changes(&before, &after));
    }
    // What was put right again before anybody was told says what it said.
    Ok(all.into_values().filter(|one| !one.changed.is_empty()).collect())
}

/// A Task for everybody who saw it. One that is still open tells the new changes too.
async fn tell(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    corrected: &Corrected,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    for record in app.same_patient(context.tenant, patient).await?.all {
        for (who, seen) in readers(app, context.tenant, &record, corrected.since, context.now).await? {
            let id = id_from(&format!("correction|{who}|{}", corrected.focus));
            let stored = app.store.resource(context.tenant, "Task", &id).await?;
            let version = stored.as_ref().map_or(0, |stored| stored.version);
            let standing: Value =
                stored.and_then(|stored| serde_json::from_slice(&stored.document?).ok()).unwrap_or_default();
            let task = task(&id, &who, (patient, seen), corrected, &standing);
            change.replace(&task, version)?;
            change.audit(AuditAction::C, "correction.tell", Some(patient), &format!("Task/{id}"));
        }
    }
    Ok(())
}

fn task(
    id: &ResourceId,
    who: &str,
    (patient, seen): (&ResourceId, Timestamp),
    corrected: &Corrected,
    standing: &Value,
) -> Value {
    let mut inputs = Vec::new();
    if standing["status"] == "requested" {
        inputs.extend(standing["input"].as_array().into_iter().flatten().cloned());
        inputs.retain(|input| input["type"]["coding"][0]["code"] != "seen");
    }
    let input = |code: &str, text: &str| json!({"coding": [{"system": SYSTEM, "code": code}], "text": text});
    for one in &corrected.changed {
        let is = |input: &Value, code: &str| {
            input["type"]["coding"][0]["code"] == code && input["type"]["text"] == one.what.as_str()
        };
        // What was seen first is what was believed.
        let is_told = inputs.iter().any(|input| is(input, "was"));
        inputs.retain(|input| !is(input, "now"));
        if !is_told {
            let was = one.was.as_deref().unwrap_or("-");
            inputs.push(json!({"type": input("was", &one.what), "valueString": was}));
        }
        if let Some(now) = &one.now {
            inputs.push(json!({"type": input("now", &one.what), "valueString": now}));
        }
    }
    inputs.truncate(2 * MOST);
    inputs.push(json!({"type": input("seen", "Seen"), "valueDateTime": instant::text(seen)}));
    json!({
        "resourceType": "Task",
        "id": id,
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": SYSTEM, "code": CODE}], "text": "A result was corrected after it was seen"},
        "description": corrected.about,
        "focus": {"reference": corrected.focus},
        "for": {"reference": format!("Patient/{patient}")},
        "owner": {"reference": who},
        "authoredOn": instant::text(corrected.at),
        "input": inputs,
    })
}
