//! How long a record is kept: for years after its last encounter or change, and as long as a hold says.

use bianque_model::{Context, ResourceId, TenantId, Timestamp};
use bianque_store::AuditAction;
use serde::{Deserialize, Serialize};

use crate::aggregate::Aggregate;
use crate::change::audit_row;
use crate::tenants::operator;
use crate::visits::access::required;
use crate::{App, Change, Error, ErrorKind};

/// A year as retention counts it, seconds: 365.25 days.
const YEAR_S: i64 = 31_557_600;
/// The longest reason.
const REASON: usize = 500;

/// A hold on a record: it is not shredded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hold {
    /// Whose record.
    pub patient: ResourceId,
    /// Since when.
    pub at: Timestamp,
}

impl Aggregate for Hold {
    const KIND: &'static str = "hold";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.patient.to_string()
    }
}

/// Puts a hold on a patient's record; the operator on the machine asks. The reason is kept in the audit.
pub async fn hold(app: &App, tenant: TenantId, patient: &ResourceId, reason: &str) -> Result<(), Error> {
    let context = operator(app, tenant)?;
    app.resource(context.tenant, "Patient", patient).await?;
    let mut change = Change::new(app, &context);
    change.save(&Hold { patient: patient.clone(), at: context.now })?;
    change.audit_with(told(&context, AuditAction::C, "hold.add", patient, reason)?);
    change.commit().await.map(|_| ())
}

/// Takes the hold away.
pub async fn release(app: &App, tenant: TenantId, patient: &ResourceId, reason: &str) -> Result<(), Error> {
    let context = operator(app, tenant)?;
    if app.load::<Hold>(context.tenant, patient.as_str()).await?.is_none() {
        return Err(Error::new(ErrorKind::NotFound, "hold.none", "there is no hold on this record"));
    }
    let mut change = Change::new(app, &context);
    change.remove::<Hold>(patient.as_str());
    change.audit_with(told(&context, AuditAction::D, "hold.remove", patient, reason)?);
    change.commit().await.map(|_| ())
}

/// Refuses while a hold exists or retention runs from `last`, the last encounter or change.
pub(super) async fn over(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    last: Timestamp,
) -> Result<(), Error> {
    if app.load::<Hold>(context.tenant, patient.as_str()).await?.is_some() {
        return Err(Error::new(ErrorKind::Refused, "shred.hold", "there is a hold on this record"));
    }
    let until = last.plus_seconds(i64::from(app.settings.retention_years) * YEAR_S);
    if context.now < until {
        let says = format!("this record is kept until {}", crate::instant::text(until));
        return Err(Error::new(ErrorKind::Refused, "shred.retention", says));
    }
    Ok(())
}

/// The audit row of what an operator does to a record, with the reason.
pub(super) fn told(
    context: &Context,
    action: AuditAction,
    operation: &str,
    patient: &ResourceId,
    reason: &str,
) -> Result<bianque_store::AuditRow, Error> {
    let mut row = audit_row(context, action, operation, Some(patient), &format!("Patient/{patient}"));
    row.detail = required("reason", reason, REASON)?;
    Ok(row)
}
