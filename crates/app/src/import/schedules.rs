//! Weekly hours from a table: the rows of one login together are a clinician's week.

use bianque_model::{Context, ResourceId, Role};

use super::Report;
use super::row::Row;
use super::table::Table;
use crate::admin::schedules::{self, Hours, Schedule, Week};
use crate::identity::accounts;
use crate::records::take_in::Done;
use crate::{App, Error};

const TABLE: Table = Table::Schedules;

/// Takes weeks in. A week counts once, whatever its rows are; a fault in one of them refuses the week.
pub(super) async fn take(
    app: &App,
    context: &Context,
    rows: Vec<Row>,
    dry_run: bool,
) -> Result<Report, Error> {
    let mut report = Report::default();
    let mut weeks: Vec<(String, Vec<Row>)> = Vec::new();
    for row in rows {
        let login = accounts::folded_login(row.text(TABLE, "login"));
        match weeks.iter_mut().find(|(known, _)| *known == login) {
            Some((_, rows)) => rows.push(row),
            None => weeks.push((login, vec![row])),
        }
    }
    for (login, rows) in weeks {
        let place = rows.first().map_or(0, |row| row.line);
        match week(&rows) {
            Ok(week) => report.count(place, one(app, context, &login, week, dry_run).await)?,
            Err((line, error)) => report.refuse(line, error)?,
        }
    }
    Ok(report)
}

/// The week that rows make together; else which line is at fault.
fn week(rows: &[Row]) -> Result<Week, (u64, Error)> {
    let mut week: Option<Week> = None;
    for row in rows {
        let read = of(row).map_err(|error| (row.line, error))?;
        match &mut week {
            None => week = Some(read),
            Some(week) => {
                let same = (week.slot_minutes, &week.zone, week.active)
                    == (read.slot_minutes, &read.zone, read.active);
                if !same {
                    let words = "the rows of one login have one slot_minutes, one zone and one active";
                    return Err((row.line, Error::field("schedule.rows", "slot_minutes", words)));
                }
                week.weekly.extend(read.weekly);
            }
        }
    }
    let mut week = week.ok_or_else(|| (0, Error::not_found()))?;
    week.weekly.sort_by(|a, b| (a.day, &a.from).cmp(&(b.day, &b.from)));
    let line = rows.first().map_or(0, |row| row.line);
    if week.weekly.windows(2).any(|pair| pair[0].day == pair[1].day && pair[1].from < pair[0].to) {
        let words = "the hours of one day lie over each other";
        return Err((line, Error::field("schedule.hours", "from", words)));
    }
    schedules::check(&week).map_err(|error| (line, error))?;
    Ok(week)
}

fn of(row: &Row) -> Result<Week, Error> {
    let number = |column: &'static str| {
        let words = format!("{column} is a whole number");
        row.text(TABLE, column).parse().map_err(|_| Error::field("field.number", column, words))
    };
    let hours = Hours {
        day: i8::try_from(number("day")?).unwrap_or_default(),
        from: row.text(TABLE, "from").to_owned(),
        to: row.text(TABLE, "to").to_owned(),
    };
    Ok(Week {
        weekly: vec![hours],
        slot_minutes: number("slot_minutes")?,
        zone: row.text(TABLE, "zone").to_owned(),
        active: row.yes(TABLE, "active")?.unwrap_or(true),
    })
}

async fn one(app: &App, context: &Context, login: &str, week: Week, dry_run: bool) -> Result<Done, Error> {
    let account = accounts::by_login(app, context.tenant, login).await?;
    let practitioner: ResourceId = account
        .filter(|account| account.value.role == Role::Clinician)
        .and_then(|account| account.value.practitioner)
        .ok_or_else(|| Error::field("login.unknown", "login", "no clinician has this login"))?;
    let before = app.load::<Schedule>(context.tenant, practitioner.as_str()).await?;
    let done = match before {
        None => Done::New,
        Some(before) if before.value.week == week => return Ok(Done::Unchanged),
        Some(_) => Done::Changed,
    };
    if !dry_run {
        schedules::write(app, context, practitioner, week).await?;
    }
    Ok(done)
}
