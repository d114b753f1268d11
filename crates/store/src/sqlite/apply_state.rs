//! State documents of a commit: all documents first, then all keys, so that a key may move from one to another.

use bianque_model::{TenantId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::apply::{Apply, Fault};
use crate::{Commit, CommitError, StateChange, StateKey, StateWrite};

struct Row {
    key: i64,
    version: u64,
    gone: bool,
}

/// Writes the state of a commit and gives the new version of each document; 0 for one that was removed.
pub(super) fn write_state(apply: &mut Apply<'_>, commit: &Commit, at: Timestamp) -> Result<Vec<u64>, Fault> {
    let mut versions = Vec::with_capacity(commit.state.len());
    let mut rows = Vec::with_capacity(commit.state.len());
    for write in &commit.state {
        let (key, version) = write_document(apply, commit, at, write)?;
        rows.push(key);
        versions.push(version);
    }
    for (place, (write, key)) in commit.state.iter().zip(rows).enumerate() {
        let replaced =
            commit.state[place + 1..].iter().any(|later| later.kind == write.kind && later.id == write.id);
        if let StateChange::Put { keys, .. } = &write.change
            && !replaced
        {
            for entry in keys {
                write_key(apply.connection, commit, write, key, entry)?;
            }
        }
    }
    Ok(versions)
}

fn write_document(
    apply: &mut Apply<'_>,
    commit: &Commit,
    at: Timestamp,
    write: &StateWrite,
) -> Result<(i64, u64), Fault> {
    let connection = apply.connection;
    let row = find(connection, commit.tenant, write, commit.now)?;
    if let Some(row) = &row {
        clear_keys(connection, commit.tenant, row.key)?;
    }
    match (&write.change, row) {
        (StateChange::Delete, None) => Ok((0, 0)),
        (StateChange::Delete, Some(row)) => {
            connection.prepare_cached("DELETE FROM state WHERE key = ?1")?.execute([row.key])?;
            Ok((row.key, 0))
        }
        (StateChange::Put { body, expires, about_patient, .. }, Some(row)) => {
            let version = if row.gone { 1 } else { row.version + 1 };
            connection
                .prepare_cached(
                    "UPDATE state SET version = ?2, last_updated = ?3, expires = ?4, body = ?5, about_patient = ?6 \
                     WHERE key = ?1",
                )?
                .execute(params![row.key, version, at.0, expires.map(|at| at.0), body, about_patient])?;
            Ok((row.key, version))
        }
        (StateChange::Put { body, expires, about_patient, .. }, None) => {
            let key = apply.counters.next_state();
            connection
                .prepare_cached(
                    "INSERT INTO state (key, tenant, kind, id, version, last_updated, expires, body, about_patient) \
                     VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    key,
                    commit.tenant.0,
                    write.kind,
                    write.id,
                    at.0,
                    expires.map(|at| at.0),
                    body,
                    about_patient
                ])?;
            Ok((key, 1))
        }
    }
}

fn find(
    connection: &Connection,
    tenant: TenantId,
    write: &StateWrite,
    now: Timestamp,
) -> rusqlite::Result<Option<Row>> {
    connection
        .prepare_cached(
            "SELECT key, version, expires IS NOT NULL AND expires <= ?4 FROM state \
             WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
        )?
        .query_row(params![tenant.0, write.kind, write.id, now.0], |row| {
            Ok(Row { key: row.get(0)?, version: row.get(1)?, gone: row.get(2)? })
        })
        .optional()
}

fn clear_keys(connection: &Connection, tenant: TenantId, key: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM state_key WHERE tenant = ?1 AND state = ?2")?
        .execute(params![tenant.0, key])?;
    Ok(())
}

fn write_key(
    connection: &Connection,
    commit: &Commit,
    write: &StateWrite,
    state: i64,
    entry: &StateKey,
) -> Result<(), Fault> {
    if taken(connection, commit, write, entry)? {
        let taken = CommitError::KeyTaken { kind: write.kind.to_owned(), name: entry.name.to_owned() };
        return Err(Fault::Refused(taken));
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO state_key (tenant, kind, name, value, id, state, is_unique) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            commit.tenant.0,
            write.kind,
            entry.name,
            entry.value,
            write.id,
            state,
            entry.unique
        ])?;
    Ok(())
}

/// Whether another living document holds the key, and one of the two will not share it.
fn taken(
    connection: &Connection,
    commit: &Commit,
    write: &StateWrite,
    entry: &StateKey,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM state_key k JOIN state s ON s.key = k.state \
             WHERE k.tenant = ?1 AND k.kind = ?2 AND k.name = ?3 AND k.value = ?4 AND k.id <> ?5 \
             AND (?6 OR k.is_unique) AND (s.expires IS NULL OR s.expires > ?7) LIMIT 1",
        )?
        .exists(params![
            commit.tenant.0,
            write.kind,
            entry.name,
            entry.value,
            write.id,
            entry.unique,
            commit.now.0
        ])
}
