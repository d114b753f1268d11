//! The day of an institution, and who waits for a clinician.

use bianque_model::{Context, ResourceId, Timestamp};
use serde_json::Value;

use super::Visit;
use super::encounter::{self, status};
use super::lines::Lines;
use super::visit::schedule_key;
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::{App, Error, instant, policy};

/// Visits of one day that a screen can take.
const DAY_LIMIT: u32 = 500;
/// How long before now a waiting visit may have been appointed and still count in the queue.
const QUEUE_BEHIND_S: i64 = 24 * 3600;
/// How far ahead a waiting visit may be appointed and still count in the queue.
const QUEUE_AHEAD_S: i64 = 24 * 3600;

/// The visits of the asker's institution on one day of a zone: red flags first, then those who wait by arrival,
/// then by appointed time.
pub async fn day(app: &App, context: &Context, day: &str, zone: &str) -> Result<Vec<Value>, Error> {
    let desk = policy::desk(context)?;
    let (from, to) = instant::day_in_zone(day, zone)
        .ok_or_else(|| Error::field("field.date", "day", "day or zone is not known"))?;
    let low = schedule_key(desk.organization, from);
    let high = schedule_key(desk.organization, to);
    let visits =
        app.list::<Visit>(context.tenant, "schedule", low.as_str()..high.as_str(), DAY_LIMIT).await?;
    let read =
        app.read_many(context.tenant, visits.iter().map(|visit| ("Encounter", &visit.value.id))).await?;
    let mut of_day = Vec::with_capacity(visits.len());
    for Loaded { value: visit, .. } in &visits {
        of_day.push((visit, read.get("Encounter", &visit.id)?));
    }
    let lines = Lines::read(app, context, &of_day).await?;
    let mut rows = Vec::with_capacity(of_day.len());
    for (visit, encounter) in of_day {
        let line = lines.of(app, context, visit, encounter)?;
        rows.push((rank(visit, encounter), line, visit.patient.clone()));
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

/// The ranks of those who wait for a clinician now.
pub(super) async fn waiting_for(
    app: &App,
    context: &Context,
    clinician: &ResourceId,
) -> Result<Vec<Rank>, Error> {
    let low = schedule_key(clinician, context.now.plus_seconds(-QUEUE_BEHIND_S));
    let high = schedule_key(clinician, context.now.plus_seconds(QUEUE_AHEAD_S));
    let near =
        app.list::<Visit>(context.tenant, "practitioner", low.as_str()..high.as_str(), DAY_LIMIT).await?;
    let read = app.read_many(context.tenant, near.iter().map(|visit| ("Encounter", &visit.value.id))).await?;
    let mut ranks = Vec::new();
    for Loaded { value: visit, .. } in &near {
        let encounter = read.get("Encounter", &visit.id)?;
        if encounter::state(encounter) == status::ARRIVED {
            ranks.push(rank(visit, encounter));
        }
    }
    Ok(ranks)
}

/// Where a visit stands in the order of a day; smaller comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    group: u8,
    at: Timestamp,
    pub(super) visit: ResourceId,
}

/// Who waits with a red flag, who waits, who is being seen, who is to come, who is done.
pub(super) fn rank(visit: &Visit, encounter: &Value) -> Rank {
    let arrived = encounter::first_in(encounter, status::ARRIVED).unwrap_or(visit.start);
    let (group, at) = match encounter::state(encounter) {
        status::ARRIVED if !visit.red_flags().is_empty() => (0, arrived),
        status::ARRIVED => (1, arrived),
        status::IN_PROGRESS | status::ON_LEAVE => (2, arrived),
        status::PLANNED => (3, visit.start),
        _ => (4, visit.start),
    };
    Rank { group, at, visit: visit.id.clone() }
}

#[cfg(test)]
mod tests;
