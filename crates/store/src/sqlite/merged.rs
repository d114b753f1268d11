//! Which records of patients are one: a table of edges, each with the record that stands for its group.

use bianque_model::{ResourceId, TenantId};
use rusqlite::{Connection, OptionalExtension, params};

use super::snapshot::Snapshot;
use crate::{Merge, SamePatient};

/// Records that may be one.
pub(super) const MOST: usize = 50;

/// Whether any records of a tenant are merged.
pub(super) fn any(connection: &Connection, tenant: TenantId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM merged WHERE tenant = ?1)")?
        .query_row([tenant.0], |row| row.get(0))
}

/// With which records each of these is one patient.
pub(super) fn same(
    connection: &Connection,
    tenant: TenantId,
    patients: &[ResourceId],
) -> rusqlite::Result<Vec<SamePatient>> {
    let _snapshot = Snapshot::begin(connection)?;
    if !any(connection, tenant)? {
        return Ok(patients.iter().map(alone).collect());
    }
    let of = |patient: &ResourceId| {
        let all = group(connection, tenant, patient)?;
        let edge = edge(connection, tenant, patient)?;
        Ok(SamePatient {
            patient: patient.clone(),
            survivor: all.first().unwrap_or(patient).clone(),
            into: edge.and_then(|(into, _)| into.parse().ok()),
            replaces: ids(
                connection,
                "SELECT patient FROM merged WHERE tenant = ?1 AND into_patient = ?2 ORDER BY patient",
                tenant,
                patient.as_str(),
            )?,
            all,
        })
    };
    patients.iter().map(of).collect()
}

fn alone(patient: &ResourceId) -> SamePatient {
    SamePatient {
        patient: patient.clone(),
        survivor: patient.clone(),
        into: None,
        replaces: Vec::new(),
        all: vec![patient.clone()],
    }
}

/// All records that are one with this, the one that stands for them first.
pub(super) fn group(
    connection: &Connection,
    tenant: TenantId,
    patient: &ResourceId,
) -> rusqlite::Result<Vec<ResourceId>> {
    let survivor = survivor(connection, tenant, patient)?;
    let mut all = vec![survivor.parse().unwrap_or_else(|_| patient.clone())];
    all.extend(ids(
        connection,
        "SELECT patient FROM merged WHERE tenant = ?1 AND survivor = ?2 ORDER BY patient",
        tenant,
        &survivor,
    )?);
    Ok(all)
}

/// Whether a merge is one that the table can hold: each record is merged into at most one, none into itself over others,
/// and the groups stay small.
pub(super) fn is_possible(
    connection: &Connection,
    tenant: TenantId,
    merge: &Merge,
) -> rusqlite::Result<bool> {
    match merge {
        Merge::Join { patient, into } => {
            if edge(connection, tenant, patient)?.is_some() {
                return Ok(false);
            }
            let (own, others) = (group(connection, tenant, patient)?, group(connection, tenant, into)?);
            Ok(!own.contains(into) && own.len() + others.len() <= MOST)
        }
        Merge::Part { patient, from } => {
            Ok(edge(connection, tenant, patient)?.is_some_and(|(into, _)| into == from.as_str()))
        }
    }
}

/// Writes what [`is_possible`] let through.
pub(super) fn write(connection: &Connection, tenant: TenantId, merge: &Merge) -> rusqlite::Result<()> {
    match merge {
        Merge::Join { patient, into } => {
            let survivor = survivor(connection, tenant, into)?;
            connection
                .prepare_cached(
                    "INSERT INTO merged (tenant, patient, into_patient, survivor) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![tenant.0, patient.as_str(), into.as_str(), survivor])?;
            connection
                .prepare_cached("UPDATE merged SET survivor = ?3 WHERE tenant = ?1 AND survivor = ?2")?
                .execute(params![tenant.0, patient.as_str(), survivor])?;
        }
        Merge::Part { patient, .. } => {
            connection
                .prepare_cached("DELETE FROM merged WHERE tenant = ?1 AND patient = ?2")?
                .execute(params![tenant.0, patient.as_str()])?;
            connection
                .prepare_cached(
                    "WITH RECURSIVE under (patient) AS (SELECT ?2 UNION \
                     SELECT m.patient FROM under CROSS JOIN merged m WHERE m.tenant = ?1 AND m.into_patient = under.patient) \
                     UPDATE merged SET survivor = ?2 WHERE tenant = ?1 AND patient IN (SELECT patient FROM under)",
                )?
                .execute(params![tenant.0, patient.as_str()])?;
        }
    }
    Ok(())
}

fn survivor(connection: &Connection, tenant: TenantId, patient: &ResourceId) -> rusqlite::Result<String> {
    let found = edge(connection, tenant, patient)?;
    Ok(found.map_or_else(|| patient.to_string(), |(_, survivor)| survivor))
}

/// Into which record one is merged, and which stands for it.
fn edge(
    connection: &Connection,
    tenant: TenantId,
    patient: &ResourceId,
) -> rusqlite::Result<Option<(String, String)>> {
    connection
        .prepare_cached("SELECT into_patient, survivor FROM merged WHERE tenant = ?1 AND patient = ?2")?
        .query_row(params![tenant.0, patient.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

fn ids(
    connection: &Connection,
    sql: &str,
    tenant: TenantId,
    value: &str,
) -> rusqlite::Result<Vec<ResourceId>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![tenant.0, value], |row| row.get::<_, String>(0))?;
    let found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    // What has not the form of an id is none of ours.
    Ok(found.into_iter().filter_map(|id| id.parse().ok()).collect())
}
