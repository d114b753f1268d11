//! Resources by id in SQL.

use bianque_model::{BlobId, ResourceId, TenantId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::snapshot::Snapshot;
use crate::{BlobRow, OutboxEntry, OutboxRow, ResourceName, StoredResource};

/// The current version, also of a deleted resource.
pub(super) fn current(
    connection: &Connection,
    tenant: TenantId,
    resource_type: &str,
    id: &ResourceId,
) -> rusqlite::Result<Option<StoredResource>> {
    connection
        .prepare_cached(
            "SELECT r.id, r.version, r.last_updated, h.document FROM resource r \
             JOIN resource_history h ON h.row = r.content WHERE r.tenant = ?1 AND r.type = ?2 AND r.id = ?3",
        )?
        .query_row(params![tenant.0, resource_type, id.as_str()], |row| read(resource_type, id, row))
        .optional()
}

/// Current versions in the order of the names, from one snapshot.
pub(super) fn current_of_many(
    connection: &Connection,
    tenant: TenantId,
    names: &[ResourceName],
) -> rusqlite::Result<Vec<Option<StoredResource>>> {
    let _snapshot = Snapshot::begin(connection)?;
    names.iter().map(|(resource_type, id)| current(connection, tenant, resource_type, id)).collect()
}

/// One version.
pub(super) fn version(
    connection: &Connection,
    tenant: TenantId,
    resource_type: &str,
    id: &ResourceId,
    version: u64,
) -> rusqlite::Result<Option<StoredResource>> {
    let Ok(version) = i64::try_from(version) else { return Ok(None) };
    connection
        .prepare_cached(
            "SELECT r.id, h.version, h.last_updated, h.document FROM resource r \
             JOIN resource_history h ON h.tenant = r.tenant AND h.resource = r.key AND h.version = ?4 \
             WHERE r.tenant = ?1 AND r.type = ?2 AND r.id = ?3",
        )?
        .query_row(params![tenant.0, resource_type, id.as_str(), version], |row| read(resource_type, id, row))
        .optional()
}

/// The row of a blob.
pub(super) fn blob(
    connection: &Connection,
    tenant: TenantId,
    id: BlobId,
) -> rusqlite::Result<Option<BlobRow>> {
    connection
        .prepare_cached("SELECT subject, size, blake3 FROM blob WHERE tenant = ?1 AND id = ?2")?
        .query_row(params![tenant.0, id.0.as_bytes()], |row| {
            Ok(BlobRow { id, subject: row.get(0)?, size: row.get(1)?, blake3: row.get(2)? })
        })
        .optional()
}

/// How many blobs there are, and their length together.
pub(super) fn blob_totals(connection: &Connection) -> rusqlite::Result<(u64, u64)> {
    connection.query_row("SELECT count(*), coalesce(sum(size), 0) FROM blob", [], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Events after a number, in commit order.
pub(super) fn outbox(connection: &Connection, after: u64, limit: u32) -> rusqlite::Result<Vec<OutboxEntry>> {
    let Ok(after) = i64::try_from(after) else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(
        "SELECT number, tenant, topic, key, payload FROM outbox WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let rows = statement.query_map(params![after, limit], |row| {
        let event = OutboxRow { topic: row.get(2)?, key: row.get(3)?, payload: row.get(4)? };
        Ok((row.get(0)?, TenantId(row.get(1)?), event))
    })?;
    rows.collect()
}

fn read(resource_type: &str, id: &ResourceId, row: &Row<'_>) -> rusqlite::Result<StoredResource> {
    Ok(StoredResource {
        resource_type: resource_type.to_owned(),
        id: id.clone(),
        version: row.get(1)?,
        last_updated: Timestamp(row.get(2)?),
        document: row.get(3)?,
    })
}
