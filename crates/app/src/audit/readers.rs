//! "Who read my record": what the audit says about a patient, for that patient.

use bianque_model::{Context, ResourceId};
use bianque_store::{AuditAction, AuditQuery, AuditRow};
use serde_json::{Value, json};

use super::names::{Names, TO_THE_PATIENT, kind};
use crate::emergency;
use crate::policy::Part;
use crate::visits::access::load_as;
use crate::{App, Error, instant, smart};

/// Rows of one page.
const PAGE: u32 = 50;

/// The newest accesses to the record of the patient of a visit, for that patient: when, who, from where, what.
/// `before` is the `next` of the page before.
pub async fn readers(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    before: Option<u64>,
) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Patient]).await?;
    let patient = access.visit.value.patient.clone();
    app.audit_read(context, "audit.readers", &patient, &format!("Patient/{patient}")).await?;
    let rows = rows_of(app, context, &patient, before).await?;
    let next = rows.last().map(|(sequence, _)| *sequence).filter(|_| rows.len() == PAGE as usize);
    let mut names = Names::new(app, context, TO_THE_PATIENT);
    let mut told = Vec::with_capacity(rows.len());
    for (_, row) in &rows {
        let (who, application) = bianque_store::parts_of(&row.agent);
        told.push(json!({
            "at": instant::text(row.at),
            "who": names.of(who).await?,
            "kind": kind(who),
            "application": smart::name_of(app, context, application.unwrap_or(who)).await?,
            "organization": names.of(&row.organization).await?,
            "what": what(row),
            "operation": row.operation,
            "purpose": row.purpose,
            "reason": emergency::reason_of(app, context, row).await?,
        }));
    }
    Ok(json!({"accesses": told, "next": next}))
}

/// The newest rows about a patient, by whichever of their records.
async fn rows_of(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    before: Option<u64>,
) -> Result<Vec<(u64, AuditRow)>, Error> {
    let mut rows = Vec::new();
    for patient in app.same_patient(context.tenant, patient).await?.all {
        let query = AuditQuery { patient: Some(patient), before, limit: PAGE, ..AuditQuery::default() };
        rows.extend(app.store.audit(context.tenant, query).await?);
    }
    // A row may be about several of them.
    rows.sort_unstable_by_key(|(sequence, _)| std::cmp::Reverse(*sequence));
    rows.dedup_by_key(|(sequence, _)| *sequence);
    rows.truncate(PAGE as usize);
    Ok(rows)
}

/// What was done, for words in the patient's language.
const fn what(row: &AuditRow) -> &'static str {
    match row.action {
        AuditAction::R => "read",
        AuditAction::C | AuditAction::U => "changed",
        AuditAction::D => "deleted",
        AuditAction::E => "used",
    }
}
