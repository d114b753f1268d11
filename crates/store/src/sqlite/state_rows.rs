//! State documents in SQL, for reading. An expired document is gone, swept or not.

use bianque_model::{TenantId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{StateQuery, StoredState};

const COLUMNS: &str = "s.id, s.version, s.last_updated, s.body";

/// The version that stands; 0: there is none.
pub(super) fn version(
    connection: &Connection,
    tenant: TenantId,
    kind: &str,
    id: &str,
    now: Timestamp,
) -> rusqlite::Result<u64> {
    let found = connection
        .prepare_cached(
            "SELECT version FROM state WHERE tenant = ?1 AND kind = ?2 AND id = ?3 \
             AND (expires IS NULL OR expires > ?4)",
        )?
        .query_row(params![tenant.0, kind, id, now.0], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(0))
}

/// A document by its id.
pub(super) fn by_id(
    connection: &Connection,
    tenant: TenantId,
    kind: &str,
    id: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<StoredState>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM state s WHERE s.tenant = ?1 AND s.kind = ?2 AND s.id = ?3 \
         AND (s.expires IS NULL OR s.expires > ?4)"
    );
    connection.prepare_cached(&sql)?.query_row(params![tenant.0, kind, id, now.0], read).optional()
}

/// Documents by a key, in the order of its value, then id.
pub(super) fn by_key(
    connection: &Connection,
    tenant: TenantId,
    query: &StateQuery,
    now: Timestamp,
) -> rusqlite::Result<Vec<StoredState>> {
    let range =
        if query.to.is_some() { "k.value >= ?4 AND k.value < ?5" } else { "k.value = ?4 AND ?5 IS NULL" };
    let direction = if query.descending { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {COLUMNS} FROM state_key k CROSS JOIN state s ON s.key = k.state \
         WHERE k.tenant = ?1 AND k.kind = ?2 AND k.name = ?3 AND {range} \
         AND (s.expires IS NULL OR s.expires > ?6) ORDER BY k.value {direction}, k.id {direction} LIMIT ?7"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(
        params![tenant.0, query.kind, query.name, query.from, query.to, now.0, query.limit],
        read,
    )?;
    rows.collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredState> {
    Ok(StoredState {
        id: row.get(0)?,
        version: row.get(1)?,
        last_updated: Timestamp(row.get(2)?),
        body: row.get(3)?,
    })
}
