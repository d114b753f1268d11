//! Versions of every tenant in the order they were committed in: what follows changes reads here.

use bianque_model::{TenantId, Timestamp};
use rusqlite::{Connection, params};

use super::snapshot::Snapshot;
use crate::{StoredResource, Versions};

/// Numbers that one reading looks at.
const NUMBERS: i64 = 2_000;
/// Documents of one reading, bytes; the one that goes beyond is still given.
const BYTES: usize = 4 << 20;

/// Versions after a number, of these types.
pub(super) fn after(connection: &Connection, after: u64, types: &[String]) -> rusqlite::Result<Versions> {
    let _snapshot = Snapshot::begin(connection)?;
    let newest: i64 = connection
        .prepare_cached("SELECT coalesce(max(row), 0) FROM resource_history")?
        .query_row([], |row| row.get(0))?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let through = newest.min(after.saturating_add(NUMBERS));
    let mut found = Versions { rows: Vec::new(), through: number(through.max(after)) };
    if through <= after || types.is_empty() {
        return Ok(found);
    }
    // A list of texts is always JSON.
    let types = serde_json::to_string(types).unwrap_or_default();
    let mut statement = connection.prepare_cached(
        "SELECT h.row, h.tenant, r.type, r.id, h.version, h.last_updated, h.document \
         FROM resource_history h CROSS JOIN resource r ON r.key = h.resource \
         WHERE h.row > ?1 AND h.row <= ?2 AND r.type IN (SELECT value FROM json_each(?3)) \
         ORDER BY h.row",
    )?;
    let mut rows = statement.query(params![after, through, types])?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let (place, id): (i64, String) = (row.get(0)?, row.get(3)?);
        // What has not the form of an id is none of ours.
        let Ok(id) = id.parse() else { continue };
        let document: Option<Vec<u8>> = row.get(6)?;
        bytes += document.as_ref().map_or(0, Vec::len);
        let stored = StoredResource {
            resource_type: row.get(2)?,
            id,
            version: row.get(4)?,
            last_updated: Timestamp(row.get(5)?),
            document,
        };
        found.rows.push((number(place), TenantId(row.get(1)?), stored));
        if bytes >= BYTES {
            found.through = number(place);
            break;
        }
    }
    Ok(found)
}

fn number(place: i64) -> u64 {
    u64::try_from(place).unwrap_or_default()
}
