//! How long a record is kept: for years after its last encounter or change, and as long as a hold says.

pub mod hold;
pub mod period;
#[cfg(test)]
mod tests;

use bianque_model::{Context, ResourceId, Timestamp, UserId};
use bianque_store::{AuditAction, AuditRow};

use self::hold::Hold;
use crate::change::audit_row;
use crate::identity::accounts::Account;
use crate::visits::access::required;
use crate::{App, Error};

/// A year as retention counts it, seconds: 365.25 days.
pub(crate) const YEAR_S: i64 = 31_557_600;
/// The longest reason.
const REASON: usize = 500;

/// Refuses while a hold exists or retention runs from `last`, the last encounter or change.
pub(super) async fn over(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    last: Timestamp,
) -> Result<(), Error> {
    if app.load::<Hold>(context.tenant, patient.as_str()).await?.is_some() {
        return Err(Error::conflict("shred.hold", "there is a hold on this record"));
    }
    let years = period::in_force(app, context).await?;
    let until = last.plus_seconds(i64::from(years) * YEAR_S);
    if context.now < until {
        let says = format!("this record is kept until {}", crate::instant::text(until));
        return Err(Error::conflict("shred.retention", says));
    }
    Ok(())
}

/// The audit row of what somebody does to a record as a whole, with the reason.
pub(super) fn told(
    context: &Context,
    action: AuditAction,
    operation: &str,
    patient: &ResourceId,
    reason: &str,
) -> Result<AuditRow, Error> {
    let mut row = audit_row(context, action, operation, Some(patient), &format!("Patient/{patient}"));
    row.detail = required("reason", reason, REASON)?;
    Ok(row)
}

/// The name of who decided something; none: the operator on the machine.
async fn name_of(app: &App, context: &Context, user: Option<UserId>) -> Result<Option<String>, Error> {
    let Some(user) = user else { return Ok(None) };
    let account = app.load::<Account>(context.tenant, &user.to_string()).await?;
    Ok(account.map(|account| account.value.name))
}
