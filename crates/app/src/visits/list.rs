//! The day of an institution, and a patient's place in the queue.

use bianque_model::{Context, Timestamp};
use serde_json::{Value, json};

use super::encounter::{self, status};
use super::visit::schedule_key;
use super::{Visit, view};
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::{App, Error, instant, policy};

/// Visits of one day that a screen can take.
const DAY_LIMIT: u32 = 500;
/// How long before now a waiting visit may have been appointed and still count in the queue.
const QUEUE_BEHIND_S: i64 = 24 * 3600;
/// How far ahead a waiting visit may be appointed and still count in the queue.
const QUEUE_AHEAD_S: i64 = 24 * 3600;

/// The visits of the clinician's institution on one day of a zone: red flags first, then those who wait by arrival,
/// then by appointed time.
pub async fn day(app: &App, context: &Context, day: &str, zone: &str) -> Result<Vec<Value>, Error> {
    let clinician = policy::clinician(context)?;
    let (from, to) = instant::day_in_zone(day, zone)
        .ok_or_else(|| Error::field("field.date", "day", "day or zone is not known"))?;
    let low = schedule_key(clinician.organization, from);
    let high = schedule_key(clinician.organization, to);
    let visits =
        app.list::<Visit>(context.tenant, "schedule", low.as_str()..high.as_str(), DAY_LIMIT).await?;
    let mut rows = Vec::with_capacity(visits.len());
    for Loaded { value: visit, .. } in visits {
        let encounter = app.resource(context.tenant, "Encounter", &visit.id).await?.value;
        rows.push((
            rank(&visit, &encounter),
            view::summary(app, context, &visit, &encounter).await?,
            visit.patient,
        ));
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let mut row = audit_row(context, bianque_store::AuditAction::R, "visit.list", None, "Encounter");
    row.patients = rows.iter().map(|(_, _, patient)| patient.clone()).collect();
    row.patients.sort();
    row.patients.dedup();
    row.detail = format!("day={day}");
    app.store.audit_read(context.tenant, row).await?;
    Ok(rows.into_iter().map(|(_, shown, _)| shown).collect())
}

/// The place of a waiting patient among those who wait for the same clinician, from 1; null while not waiting.
pub async fn place(app: &App, context: &Context, visit: &Visit, encounter: &Value) -> Result<Value, Error> {
    if encounter::state(encounter) != status::ARRIVED {
        return Ok(Value::Null);
    }
    let low = schedule_key(&visit.practitioner, context.now.plus_seconds(-QUEUE_BEHIND_S));
    let high = schedule_key(&visit.practitioner, context.now.plus_seconds(QUEUE_AHEAD_S));
    let near =
        app.list::<Visit>(context.tenant, "practitioner", low.as_str()..high.as_str(), DAY_LIMIT).await?;
    let mine = rank(visit, encounter);
    let mut before = 0_u32;
    for Loaded { value: other, .. } in near.into_iter().filter(|other| other.value.id != visit.id) {
        let encounter = app.resource(context.tenant, "Encounter", &other.id).await?.value;
        before +=
            u32::from(encounter::state(&encounter) == status::ARRIVED && rank(&other, &encounter) < mine);
    }
    Ok(json!(before + 1))
}

/// Smaller comes first: who waits with a red flag, who waits, who is being seen, who is to come, who is done.
fn rank(visit: &Visit, encounter: &Value) -> (u8, Timestamp, String) {
    let arrived = encounter::first_in(encounter, status::ARRIVED).unwrap_or(visit.start);
    let (group, at) = match encounter::state(encounter) {
        status::ARRIVED if !visit.red_flags().is_empty() => (0, arrived),
        status::ARRIVED => (1, arrived),
        status::IN_PROGRESS | status::ON_LEAVE => (2, arrived),
        status::PLANNED => (3, visit.start),
        _ => (4, visit.start),
    };
    (group, at, visit.id.to_string())
}
