//! Merge a patient's record into another: one person had two.
//!
//! The merged record says `replaced-by` and is no longer active, the surviving one says `replaces`, both in one commit with
//! the overlay, the audit and a Provenance with the reason. Visits that are open go on.

use bianque_model::{Context, ResourceId};
use bianque_store::{AuditAction, CommitError, Merge, SamePatient};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::merges::{Before, PatientMerge};
use crate::change::audit_row;
use crate::resources::Versioned;
use crate::visits::access::required;
use crate::visits::{Visit, encounter};
use crate::{App, Change, Error, ErrorKind, instant, policy};

/// How often a merge is tried against others who write the same records.
const ATTEMPTS: usize = 16;
/// Visits that are looked at for the warning.
const VISITS: u32 = 200;
/// Life cycle events of records (ISO 21089), by which a Provenance says what was done.
const LIFECYCLE: &str = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";

/// What is wanted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Merging {
    /// The record that survives.
    pub into: ResourceId,
    /// Why these are one person.
    pub reason: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Merged {
    /// The merge, by which it is undone.
    pub merge_id: ResourceId,
    /// The record that was merged.
    pub merged_id: ResourceId,
    /// The record that stands for both.
    pub survivor_id: ResourceId,
    /// Visits of the merged record that are open: they go on, and belong to the survivor's record.
    pub open_visits: usize,
}

/// The two records, as they stand.
pub(crate) struct Pair {
    pub(crate) merged: Versioned,
    pub(crate) survivor: Versioned,
    same: SamePatient,
}

/// Merges a record into another.
///
/// # Errors
/// `merge.same` for one record, `merge.merged` when either was merged already, `merge.many` when too many would be one.
pub async fn merge(
    app: &App,
    context: &Context,
    merged: &ResourceId,
    merging: Merging,
) -> Result<Merged, Error> {
    policy::merging(context)?;
    let reason = required("reason", &merging.reason, 500)?;
    for _ in 0..ATTEMPTS {
        let mut change = Change::new(app, context);
        let done = plan(app, context, merged, &merging.into, &reason, &mut change).await?;
        match change.try_commit().await {
            Ok(_) => {
                let open_visits = open_visits(app, context, merged).await?;
                return Ok(Merged {
                    merge_id: done.id,
                    merged_id: done.merged,
                    survivor_id: done.survivor,
                    open_visits,
                });
            }
            // Somebody wrote one of them, or merged it: what stands now decides anew.
            Err(CommitError::Version { .. } | CommitError::Merge) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::conflict("changed", "others are writing these records; try again"))
}

/// Puts a merge into a change.
pub(crate) async fn plan(
    app: &App,
    context: &Context,
    merged: &ResourceId,
    survivor: &ResourceId,
    reason: &str,
    change: &mut Change<'_>,
) -> Result<PatientMerge, Error> {
    let pair = pair(app, context, merged, survivor).await?;
    let done = PatientMerge {
        id: Uuid::now_v7().into(),
        merged: merged.clone(),
        survivor: survivor.clone(),
        reason: reason.to_owned(),
        by: bianque_store::agent_of(context).0,
        at: context.now,
        before: Before {
            active: pair.merged.value["active"].as_bool(),
            merged_said_so: says(&pair.merged.value, REPLACED_BY, survivor),
            survivor_said_so: says(&pair.survivor.value, REPLACES, merged),
        },
        undone: None,
    };
    write(context, pair, &done, change)?;
    Ok(done)
}

/// The two records, where the asker may merge them and they are such that they can be.
pub(crate) async fn pair(
    app: &App,
    context: &Context,
    merged: &ResourceId,
    survivor: &ResourceId,
) -> Result<Pair, Error> {
    if merged == survivor {
        return Err(Error::new(ErrorKind::Refused, "merge.same", "these are one record"));
    }
    let scope = policy::merging(context)?;
    let one = |id: &ResourceId| {
        let only = bianque_query::Predicate::Ids(vec![id.clone()]);
        app.matching(context.tenant, "Patient", only, scope.clone())
    };
    let found = (one(merged).await?.pop(), one(survivor).await?.pop());
    let (Some(merged_now), Some(survivor_now)) = found else { return Err(Error::not_found()) };
    // After the resources: what was merged meanwhile wrote them too, and then the commit fails by their version.
    let same = app.same_patient(context.tenant, merged).await?;
    let others = app.same_patient(context.tenant, survivor).await?;
    if same.into.is_some() || others.into.is_some() {
        let message = "one of these records was merged into another already; undo that first, or merge what stands for it";
        let stands = if same.into.is_some() { &same.survivor } else { &others.survivor };
        return Err(Error::conflict("merge.merged", message).with_details(json!({"survivor_id": stands})));
    }
    if same.all.len() + others.all.len() > MOST {
        return Err(Error::new(ErrorKind::Refused, "merge.many", "too many records would be one"));
    }
    Ok(Pair { merged: merged_now, survivor: survivor_now, same })
}

/// Records that may be one; the store holds no more.
const MOST: usize = 50;

fn write(context: &Context, pair: Pair, done: &PatientMerge, change: &mut Change<'_>) -> Result<(), Error> {
    let Pair { mut merged, mut survivor, same } = pair;
    link(&mut merged.value, REPLACED_BY, &done.survivor);
    merged.value["active"] = json!(false);
    link(&mut survivor.value, REPLACES, &done.merged);
    change.replace(&merged.value, merged.version)?;
    change.replace(&survivor.value, survivor.version)?;
    change.create(&provenance(context, done, "merge", &done.reason))?;
    change.insert(done)?;
    change.merge(Merge::Join { patient: same.patient, into: done.survivor.clone() });
    tell(change, context, done, "patient.merge", "patient.merged");
    Ok(())
}

/// The audit row and the event of a merge, or of undoing it: about both records.
pub(super) fn tell(
    change: &mut Change<'_>,
    context: &Context,
    done: &PatientMerge,
    operation: &str,
    topic: &str,
) {
    let entity = format!("Patient/{}", done.merged);
    let mut row = audit_row(context, AuditAction::U, operation, Some(&done.survivor), &entity);
    row.patients.push(done.merged.clone());
    row.detail = format!("merge={}&survivor={}", done.id, done.survivor);
    change.audit_with(row);
    let payload = json!({"merge": done.id, "merged": done.merged, "survivor": done.survivor});
    change.event(topic, done.survivor.as_str(), &payload);
}

/// Visits of a record that are not over.
pub(crate) async fn open_visits(app: &App, context: &Context, patient: &ResourceId) -> Result<usize, Error> {
    let (low, high) = (format!("{patient}|"), format!("{patient}|~"));
    let visits = app.list::<Visit>(context.tenant, "patient", low.as_str()..high.as_str(), VISITS).await?;
    let names = visits.iter().map(|visit| ("Encounter", &visit.value.id));
    let encounters = app.read_many(context.tenant, names).await?;
    let is_open = |visit: &ResourceId| encounters.get("Encounter", visit).is_ok_and(encounter::is_open);
    Ok(visits.iter().filter(|visit| is_open(&visit.value.id)).count())
}

/// The merged record's link.
pub(crate) const REPLACED_BY: &str = "replaced-by";
/// The surviving record's link.
pub(crate) const REPLACES: &str = "replaces";

/// Whether a patient has a link of this type to another.
pub(crate) fn says(patient: &Value, kind: &str, other: &ResourceId) -> bool {
    let links = patient["link"].as_array().into_iter().flatten();
    let reference = format!("Patient/{other}");
    links.into_iter().any(|link| link["type"] == kind && link["other"]["reference"] == reference.as_str())
}

/// Gives a patient a link, once.
pub(crate) fn link(patient: &mut Value, kind: &str, other: &ResourceId) {
    if says(patient, kind, other) {
        return;
    }
    let mut links = patient["link"].as_array().cloned().unwrap_or_default();
    links.push(json!({"other": {"reference": format!("Patient/{other}")}, "type": kind}));
    patient["link"] = Value::Array(links);
}

/// Takes a link of a patient away.
pub(super) fn unlink(patient: &mut Value, kind: &str, other: &ResourceId) {
    let reference = format!("Patient/{other}");
    let Some(links) = patient["link"].as_array_mut() else { return };
    links.retain(|link| link["type"] != kind || link["other"]["reference"] != reference.as_str());
    if links.is_empty()
        && let Some(members) = patient.as_object_mut()
    {
        members.remove("link");
    }
}

/// Who did it, when and why, for whoever reads either record.
pub(super) fn provenance(context: &Context, done: &PatientMerge, code: &str, reason: &str) -> Value {
    let (agent, organization) = bianque_store::agent_of(context);
    let (who, _) = bianque_store::parts_of(&agent);
    let mut by = json!({"who": match who.split_once('/') {
        Some(("Practitioner", _)) => json!({"reference": who}),
        _ => json!({"display": who}),
    }});
    if !organization.is_empty() {
        by["onBehalfOf"] = json!({"reference": organization});
    }
    json!({
        "resourceType": "Provenance",
        "id": Uuid::now_v7(),
        "target": [
            {"reference": format!("Patient/{}", done.survivor)},
            {"reference": format!("Patient/{}", done.merged)},
        ],
        "recorded": instant::text(context.now),
        "reason": [{"text": reason}],
        "activity": {"coding": [{"system": LIFECYCLE, "code": code}]},
        "agent": [by],
    })
}
