//! Audit rows in SQL. Writes keep theirs in the main database, reads in a file of their own; one counter numbers both.

use bianque_model::{ResourceId, TenantId, Timestamp};
use rusqlite::{Connection, Row, params};

use crate::audit_chain::Link;
use crate::{AuditAction, AuditQuery, AuditRow};

/// Writes one row.
pub(super) fn insert(
    connection: &Connection,
    tenant: TenantId,
    sequence: u64,
    row: &AuditRow,
    link: &Link,
) -> rusqlite::Result<()> {
    let patients = row.patients.iter().map(ResourceId::as_str).collect::<Vec<_>>().join(" ");
    connection
        .prepare_cached(
            "INSERT INTO audit (sequence, tenant, at, action, operation, success, agent, organization, purpose, \
             address, request, patients, entity, detail, link) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            sequence,
            tenant.0,
            row.at.0,
            letter(row.action),
            row.operation,
            row.success,
            row.agent,
            row.organization,
            row.purpose,
            row.address,
            row.request,
            patients,
            row.entity,
            row.detail,
            link
        ])?;
    for patient in &row.patients {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO audit_patient (tenant, patient, sequence) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![tenant.0, patient.as_str(), sequence])?;
    }
    Ok(())
}

/// The highest number given out.
pub(super) fn highest(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT coalesce(max(sequence), 0) FROM audit", [], |row| row.get(0))
}

/// Rows after a sequence, in the order they were written, with tenant and link; how many there were.
pub(super) fn each_after(
    connection: &Connection,
    after: u64,
    limit: u32,
    mut each: impl FnMut(TenantId, u64, AuditRow, Link),
) -> rusqlite::Result<u32> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, at, action, operation, success, agent, organization, purpose, address, request, patients, \
         entity, detail, tenant, coalesce(link, zeroblob(32)) FROM audit WHERE sequence > ?1 ORDER BY sequence \
         LIMIT ?2",
    )?;
    let mut rows = statement.query(params![after, limit])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        let link = row.get_ref(14)?.as_blob()?.try_into().unwrap_or_default();
        each(TenantId(row.get(13)?), row.get(0)?, read(row)?, link);
    }
    Ok(count)
}

/// Rows of one file, newest first.
pub(super) fn select(
    connection: &Connection,
    tenant: TenantId,
    query: &AuditQuery,
) -> rusqlite::Result<Vec<(u64, AuditRow)>> {
    let sql = format!(
        "SELECT a.sequence, a.at, a.action, a.operation, a.success, a.agent, a.organization, a.purpose, a.address, \
         a.request, a.patients, a.entity, a.detail FROM {} WHERE a.tenant = ?1 AND a.sequence < ?2 AND a.at >= ?3 \
         AND a.at < ?4 AND {} ORDER BY a.sequence DESC LIMIT ?6",
        match &query.patient {
            Some(_) => "audit_patient p CROSS JOIN audit a ON a.sequence = p.sequence",
            None => "audit a",
        },
        match &query.patient {
            Some(_) => "p.tenant = ?1 AND p.sequence < ?2 AND p.patient = ?5",
            None => "?5 IS NULL",
        },
    );
    let before = query.before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(
        params![
            tenant.0,
            before,
            query.from.map_or(i64::MIN, |at| at.0),
            query.to.map_or(i64::MAX, |at| at.0),
            query.patient.as_ref().map(ResourceId::as_str),
            query.limit
        ],
        |row| Ok((row.get(0)?, read(row)?)),
    )?;
    rows.collect()
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    let patients: String = row.get(10)?;
    Ok(AuditRow {
        at: Timestamp(row.get(1)?),
        action: action(row.get_ref(2)?.as_str()?),
        operation: row.get(3)?,
        success: row.get(4)?,
        agent: row.get(5)?,
        organization: row.get(6)?,
        purpose: row.get(7)?,
        address: row.get(8)?,
        request: row.get(9)?,
        patients: patients.split_ascii_whitespace().filter_map(|id| id.parse().ok()).collect(),
        entity: row.get(11)?,
        detail: row.get(12)?,
    })
}

pub(super) const fn letter(action: AuditAction) -> &'static str {
    match action {
        AuditAction::C => "C",
        AuditAction::R => "R",
        AuditAction::U => "U",
        AuditAction::D => "D",
        AuditAction::E => "E",
    }
}

fn action(letter: &str) -> AuditAction {
    match letter {
        "C" => AuditAction::C,
        "R" => AuditAction::R,
        "U" => AuditAction::U,
        "D" => AuditAction::D,
        _ => AuditAction::E,
    }
}
