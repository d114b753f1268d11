//! Who saw what a record said in a time, by the audit.

use std::collections::BTreeMap;

use bianque_model::{ResourceId, TenantId, Timestamp};
use bianque_store::{AuditAction, AuditList, parts_of};

use crate::{App, Error};

/// Rows of one reading.
const READ: usize = 500;
/// Readings: who looked before the newest of so many rows is not found.
const READINGS: usize = 40;

/// Practitioners who read results of a patient from a time on, each with when they looked last.
pub(super) async fn readers(
    app: &App,
    tenant: TenantId,
    patient: &ResourceId,
    since: Timestamp,
    until: Timestamp,
) -> Result<BTreeMap<String, Timestamp>, Error> {
    let mut found = BTreeMap::new();
    let mut before = (Timestamp(until.0 + 1), 0);
    for _ in 0..READINGS {
        let list = AuditList {
            patient: Some(patient.clone()),
            who: None,
            action: Some(AuditAction::R),
            operation: None,
            success: Some(true),
            emergency: false,
            from: since,
            before,
            limit: READ,
        };
        let page = app.store.audit_list(tenant, list).await?;
        for (_, row) in &page.rows {
            let (who, _) = parts_of(&row.agent);
            if who.starts_with("Practitioner/") && shows_results(&row.operation, &row.entity) {
                let seen = found.entry(who.to_owned()).or_insert(row.at);
                *seen = row.at.max(*seen);
            }
        }
        match page.reached {
            Some(reached) => before = reached,
            None => break,
        }
    }
    Ok(found)
}

/// Whether whoever did this saw results: the chart has them, and so have readings over FHIR of results or of all.
fn shows_results(operation: &str, entity: &str) -> bool {
    let of_results = ["Observation", "DiagnosticReport", "Patient", "Encounter"];
    operation.starts_with("chart.")
        || operation.starts_with("fhir.") && of_results.iter().any(|kind| entity.starts_with(kind))
}
