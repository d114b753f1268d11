//! When clinicians see patients: weekly hours, and the free slots that follow from them.

use std::collections::BTreeMap;

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::{AuditAction, StateKey};
use jiff::ToSpan;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aggregate::{Aggregate, Loaded, shared};
use crate::identity::accounts::Account;
use crate::people::display_name;
use crate::visits::Visit;
use crate::visits::visit::schedule_key;
use crate::{App, Change, Error, instant, policy};

/// Days that one question for slots may span.
const LONGEST_DAYS: i64 = 62;
const MOST: u32 = 2000;

/// Hours of one weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// 1 is Monday, 7 is Sunday.
    pub day: i8,
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`, after `from`.
    pub to: String,
}

/// A week as an administrator sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Week {
    /// Hours, several per day if need be.
    pub weekly: Vec<Hours>,
    /// Length of a slot.
    pub slot_minutes: u32,
    /// The zone of the hours, for example `Asia/Shanghai`.
    pub zone: String,
    /// Whether slots are offered.
    pub active: bool,
}

/// The schedule of a clinician.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Schedule {
    /// Whose.
    pub practitioner: ResourceId,
    /// The week.
    pub week: Week,
}

impl Aggregate for Schedule {
    const KIND: &'static str = "schedule";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.practitioner.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("all", "schedule")]
    }
}

/// All clinicians with their weeks; who has none yet has an empty one.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let accounts = app.list::<Account>(context.tenant, "all", "account"..="account", MOST).await?;
    let homes = accounts.iter().map(|account| ("Organization", &account.value.organization));
    let homes = app.read_many(context.tenant, homes).await?;
    let schedules = app.list::<Schedule>(context.tenant, "all", "schedule"..="schedule", MOST).await?;
    let mut weeks: BTreeMap<ResourceId, Week> =
        schedules.into_iter().map(|schedule| (schedule.value.practitioner, schedule.value.week)).collect();
    let mut shown = Vec::new();
    for Loaded { value: account, .. } in accounts {
        let Some(practitioner) = account.practitioner.clone().filter(|_| account.active) else { continue };
        let organization = homes.get("Organization", &account.organization)?;
        let mut line = json!(weeks.remove(&practitioner).unwrap_or_else(empty));
        line["practitioner"] = json!({"id": practitioner, "name": account.name});
        line["organization"] = json!({"id": account.organization, "name": display_name(organization)});
        shown.push(line);
    }
    Ok(json!({"schedules": shown}))
}

/// Sets the week of a clinician, and their Schedule resource with it.
pub async fn set(
    app: &App,
    context: &Context,
    practitioner: &ResourceId,
    week: Week,
) -> Result<Value, Error> {
    policy::administrator(context)?;
    check(&week)?;
    app.resource(context.tenant, "Practitioner", practitioner).await?;
    write(app, context, practitioner.clone(), week).await?;
    list(app, context).await
}

/// Writes a week that was checked.
pub(crate) async fn write(
    app: &App,
    context: &Context,
    practitioner: ResourceId,
    week: Week,
) -> Result<(), Error> {
    let entity = format!("Practitioner/{practitioner}");
    let schedule = Schedule { practitioner, week };
    let mut change = Change::new(app, context);
    change.save(&schedule)?;
    change.put(&resource(&schedule))?;
    change.audit(AuditAction::U, "schedule.set", None, &entity);
    change.commit().await.map(drop)
}

/// The Schedule resource of a week.
pub(crate) fn resource(schedule: &Schedule) -> Value {
    json!({
        "resourceType": "Schedule",
        "id": schedule.practitioner,
        "active": schedule.week.active,
        "actor": [{"reference": format!("Practitioner/{}", schedule.practitioner)}],
        "comment": format!("Weekly hours, slots of {} minutes, {}", schedule.week.slot_minutes, schedule.week.zone),
    })
}

/// Slots of a clinician between two instants: hours of the week, less the visits that are booked.
pub async fn slots(
    app: &App,
    context: &Context,
    practitioner: &ResourceId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Value, Error> {
    policy::desk(context)?;
    let too_long = || Error::field("field.range", "to", format!("ask for up to {LONGEST_DAYS} days"));
    if to <= from || to.seconds_since(from) > (LONGEST_DAYS * 86_400) as f64 {
        return Err(too_long());
    }
    let Some(schedule) = app.load::<Schedule>(context.tenant, practitioner.as_str()).await? else {
        return Ok(json!({"slots": []}));
    };
    let low = schedule_key(practitioner, from.plus_seconds(-86_400));
    let high = schedule_key(practitioner, to);
    let booked = app.list::<Visit>(context.tenant, "practitioner", low.as_str()..high.as_str(), MOST).await?;
    let free = |start: Timestamp, end: Timestamp| {
        start >= context.now
            && !booked.iter().any(|visit| {
                visit.value.ended_reason.is_none() && visit.value.start < end && visit.value.end > start
            })
    };
    let shown: Vec<Value> = starts(&schedule.value.week, from, to)
        .map(|(start, end)| json!({"start": instant::text(start), "end": instant::text(end), "free": free(start, end)}))
        .collect();
    Ok(json!({"slots": shown}))
}

/// Begin and end of every slot of a week's hours in a range, in order.
fn starts(week: &Week, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let zone = TimeZone::get(&week.zone).unwrap_or(TimeZone::UTC);
    let local = |at: Timestamp| {
        jiff::Timestamp::from_microsecond(at.0).unwrap_or_default().to_zoned(zone.clone()).date()
    };
    let length = i64::from(week.slot_minutes) * 60;
    let mut found = Vec::new();
    let mut day = local(from);
    while week.active && day <= local(to) {
        let weekday = day.weekday().to_monday_one_offset();
        for hours in week.weekly.iter().filter(|hours| hours.day == weekday) {
            let (Some(opens), Some(closes)) = (time(&hours.from), time(&hours.to)) else { continue };
            let at = |time: Time| {
                day.to_datetime(time)
                    .to_zoned(zone.clone())
                    .map(|at| Timestamp(at.timestamp().as_microsecond()))
            };
            let (Ok(opens), Ok(closes)) = (at(opens), at(closes)) else { continue };
            let mut start = opens;
            while start.plus_seconds(length) <= closes {
                found.push((start, start.plus_seconds(length)));
                start = start.plus_seconds(length);
            }
        }
        let Ok(next) = day.checked_add(1.day()) else { break };
        day = next;
    }
    found.sort_unstable();
    found.into_iter().filter(move |(start, end)| *start >= from && *end <= to)
}

fn time(text: &str) -> Option<Time> {
    (text.len() == 5).then(|| format!("{text}:00").parse().ok()).flatten()
}

/// Refuses a week that is none.
pub(crate) fn check(week: &Week) -> Result<(), Error> {
    if !(5..=240).contains(&week.slot_minutes) {
        return Err(Error::field("field.range", "slot_minutes", "a slot has between 5 and 240 minutes"));
    }
    if TimeZone::get(&week.zone).is_err() {
        return Err(Error::field("field.zone", "zone", "the zone is not known"));
    }
    if week.weekly.len() > 50 {
        return Err(Error::field("field.too-many", "weekly", "at most 50 stretches of hours"));
    }
    for hours in &week.weekly {
        let ordered = matches!((time(&hours.from), time(&hours.to)), (Some(from), Some(to)) if from < to);
        if !(1..=7).contains(&hours.day) || !ordered {
            return Err(Error::field("schedule.hours", "weekly", "a day from 1 to 7, and from before to"));
        }
    }
    Ok(())
}

fn empty() -> Week {
    Week { weekly: Vec::new(), slot_minutes: 15, zone: "Asia/Shanghai".to_owned(), active: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_morning_has_its_slots_and_a_free_day_none() {
        let week = Week {
            weekly: vec![Hours { day: 1, from: "09:00".into(), to: "10:00".into() }],
            slot_minutes: 25,
            zone: "Asia/Shanghai".into(),
            active: true,
        };
        // Monday 2026-01-05, 00:00 to Wednesday in UTC.
        let from = instant::parse("2026-01-05T00:00:00Z").unwrap();
        let found: Vec<_> = starts(&week, from, from.plus_seconds(2 * 86_400)).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(instant::text(found[0].0), "2026-01-05T01:00:00.000Z");
        assert!(starts(&Week { active: false, ..week }, from, from.plus_seconds(86_400)).next().is_none());
    }
}
