//! The years that a record is kept: the operator of the machine sets the least, administrators set more, with a reason.
//! What was set before stays to be read.

use bianque_model::{Context, Timestamp, UserId};
use bianque_store::{AuditAction, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{REASON, name_of};
use crate::aggregate::{Aggregate, shared};
use crate::change::audit_row;
use crate::visits::access::required;
use crate::{App, Change, Error, instant, policy};

/// Nobody keeps a record for longer.
const MOST_YEARS: u16 = 100;
/// Changes that are shown.
const SHOWN: u32 = 100;

/// One decision about the period; the newest is in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Period {
    /// Counts from 1.
    revision: u64,
    /// Years after the last encounter or change.
    years: u16,
    /// Why.
    reason: String,
    /// When.
    at: Timestamp,
    /// Who.
    by: Option<UserId>,
}

impl Aggregate for Period {
    const KIND: &'static str = "retention-period";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.revision.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("revision", format!("{:010}", self.revision))]
    }
}

/// A period as an administrator sets it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Years after the last encounter or change.
    pub years: u16,
    /// Why.
    pub reason: String,
    /// The revision that was looked at; 0: nothing was set yet.
    pub revision: u64,
}

/// The years that hold now: never less than the operator wants.
pub(super) async fn in_force(app: &App, context: &Context) -> Result<u16, Error> {
    let newest = app.newest::<Period>(context.tenant, "revision", 1).await?.pop();
    Ok(years(app, newest.map(|loaded| loaded.value).as_ref()))
}

fn years(app: &App, newest: Option<&Period>) -> u16 {
    newest.map_or(0, |period| period.years).max(app.settings.retention_years)
}

/// The period that holds, the least there can be, and every decision so far, newest first.
pub async fn show(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let set = app.newest::<Period>(context.tenant, "revision", SHOWN).await?;
    let mut history = Vec::with_capacity(set.len());
    for period in set.iter().map(|loaded| &loaded.value) {
        history.push(json!({
            "years": period.years, "at": instant::text(period.at), "reason": period.reason,
            "by": name_of(app, context, period.by).await?,
        }));
    }
    let newest = set.first().map(|loaded| &loaded.value);
    Ok(json!({
        "years": years(app, newest), "least": app.settings.retention_years, "most": MOST_YEARS,
        "revision": newest.map_or(0, |period| period.revision), "history": history,
    }))
}

/// Sets the period.
pub async fn set(app: &App, context: &Context, setting: Setting) -> Result<Value, Error> {
    policy::administrator(context)?;
    let least = app.settings.retention_years;
    if !(least..=MOST_YEARS).contains(&setting.years) {
        let says = format!("years are not between {least} and {MOST_YEARS}");
        return Err(Error::field("field.range", "years", says));
    }
    let newest = app.newest::<Period>(context.tenant, "revision", 1).await?.pop().map(|loaded| loaded.value);
    if newest.as_ref().map_or(0, |period| period.revision) != setting.revision {
        return Err(stale());
    }
    let period = Period {
        revision: setting.revision + 1,
        years: setting.years,
        reason: required("reason", &setting.reason, REASON)?,
        at: context.now,
        by: context.actor.user(),
    };
    let mut row = audit_row(context, AuditAction::U, "retention.set", None, "Retention");
    row.detail = format!("{} -> {} years: {}", years(app, newest.as_ref()), period.years, period.reason);
    let mut change = Change::new(app, context);
    change.insert(&period)?;
    change.audit_with(row);
    change.commit().await.map_err(|error| if error.code == "changed" { stale() } else { error })?;
    show(app, context).await
}

fn stale() -> Error {
    Error::conflict("retention.changed", "somebody else has changed the period; read it again")
}
