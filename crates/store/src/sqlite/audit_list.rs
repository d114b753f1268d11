//! Pages of the audit, by time. What there is an index for is looked up by it; the rest is decided row by row, and of that
//! only so many are looked at for one page.

use bianque_model::{ResourceId, TenantId, Timestamp};
use rusqlite::{Connection, Row, params};

use super::audit_rows::{letter, read};
use crate::{AuditList, AuditPage};

/// Rows that one page looks at in each file: some ten milliseconds.
const LOOKED_AT: usize = 20_000;
/// The purpose of what is done in an emergency (HL7 v3 PurposeOfUse).
const EMERGENCY: &str = "BTG";

/// A page of one file.
pub(super) fn page(
    connection: &Connection,
    tenant: TenantId,
    list: &AuditList,
) -> rusqlite::Result<AuditPage> {
    let (source, narrowed, value) = drive(list);
    // The sequence is the row's own number, so that every index by time goes on with it.
    let mut statement = connection.prepare_cached(&format!(
        "SELECT a.sequence, a.at, a.action, a.operation, a.success, a.agent, a.organization, a.purpose, a.address, \
         a.request, a.patients, a.entity, a.detail FROM {source} WHERE a.tenant = ?1 AND a.at >= ?2 AND a.at <= ?3 \
         AND (a.at < ?3 OR a.sequence < ?4) AND {narrowed} ORDER BY a.at DESC, a.sequence DESC"
    ))?;
    let (Timestamp(to), before) = list.before;
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![tenant.0, list.from.0, to, before, value])?;
    let mut page = AuditPage::default();
    let mut looked_at = 0;
    while let Some(row) = rows.next()? {
        looked_at += 1;
        if matches(row, list)? {
            page.rows.push((row.get(0)?, read(row)?));
        }
        if page.rows.len() >= list.limit || looked_at >= LOOKED_AT {
            page.reached = Some((Timestamp(row.get(1)?), row.get(0)?));
            break;
        }
    }
    Ok(page)
}

/// What is read in which order, by what condition with which value. The planner knows nothing of how few emergencies
/// there are, so that it is told.
fn drive(list: &AuditList) -> (&'static str, &'static str, Option<&str>) {
    if let Some(patient) = &list.patient {
        let source = "audit_patient p CROSS JOIN audit a ON a.sequence = p.sequence";
        (source, "p.tenant = ?1 AND p.patient = ?5", Some(patient.as_str()))
    } else if list.emergency {
        ("audit a INDEXED BY audit_emergency", "a.purpose = 'BTG' AND ?5 IS NULL", None)
    } else if list.success == Some(false) {
        ("audit a INDEXED BY audit_failed", "a.success = 0 AND ?5 IS NULL", None)
    } else {
        ("audit a INDEXED BY audit_by_time", "?5 IS NULL", None)
    }
}

/// Whether a row is what was asked for, whatever it was found by.
fn matches(row: &Row<'_>, list: &AuditList) -> rusqlite::Result<bool> {
    let text = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str()?);
    let success: bool = row.get(4)?;
    let about = |patient: &ResourceId, text: &str| text.split(' ').any(|id| id == patient.as_str());
    Ok(list.success.is_none_or(|wanted| success == wanted)
        && (!list.emergency || text(7)? == EMERGENCY)
        && list.action.is_none_or(|action| text(2).is_ok_and(|found| found == letter(action)))
        && list
            .operation
            .as_deref()
            .is_none_or(|operation| text(3).is_ok_and(|found| found.starts_with(operation)))
        && list.who.as_deref().is_none_or(|who| text(5).is_ok_and(|agent| crate::parts_of(agent).0 == who))
        && list.patient.as_ref().is_none_or(|patient| text(10).is_ok_and(|text| about(patient, text))))
}
