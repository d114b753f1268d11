//! Finding what is about a patient, and erasing it in bounded steps.
//!
//! Deleted content is overwritten (`secure_delete`), and the log is emptied at the end, so that no page of the files
//! holds it any more.

use std::collections::HashSet;

use bianque_model::{BlobId, ResourceId, TenantId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::apply_resource::clear_index;
use super::{image_erase, merged};
use crate::{About, BlobRow};

/// Resources or state documents that one step takes away.
pub(super) const STEP: usize = 100;
/// How often the log is tried to be emptied while somebody reads.
const TRIES: u32 = 20;

/// What is about a patient. Reads all of the history: an earlier version may have been about another patient.
pub(super) fn find(
    connection: &Connection,
    tenant: TenantId,
    patient: &ResourceId,
) -> rusqlite::Result<About> {
    // Who is one with the patient is nobody else.
    let same: Vec<String> =
        merged::group(connection, tenant, patient)?.iter().map(ToString::to_string).collect();
    // A list of texts is always JSON.
    let same = serde_json::to_string(&same).unwrap_or_default();
    let mut about = About { blobs: blobs(connection, tenant, patient)?, ..About::default() };
    let mut statement = connection.prepare(
        "SELECT type, id, key, last_updated, EXISTS (SELECT 1 FROM compartment c WHERE c.tenant = r.tenant \
         AND c.resource = r.key AND c.kind = 'Patient' AND c.id <> ?2 AND c.id NOT IN (SELECT value FROM json_each(?3))) FROM resource r WHERE r.tenant = ?1 AND \
         (r.type = 'Patient' AND r.id = ?2 \
          OR r.key IN (SELECT resource FROM compartment WHERE tenant = ?1 AND kind = 'Patient' AND id = ?2) \
          OR r.key IN (SELECT resource FROM resource_history WHERE tenant = ?1 \
                       AND instr(document, CAST('Patient/' || ?2 AS BLOB)) > 0))",
    )?;
    let rows = statement.query_map(params![tenant.0, patient.as_str(), same], |row| {
        let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((kind, id, row.get(2)?, Timestamp(row.get(3)?), row.get(4)?))
    })?;
    for row in rows {
        let (kind, id, key, changed, of_another): (String, String, i64, Timestamp, bool) = row?;
        let Ok(id) = id.parse() else { continue };
        if of_another {
            about.shared += 1;
            continue;
        }
        about.changed = about.changed.max(Some(changed));
        about.resources.push((kind, id, key));
    }
    let keys = about.resources.iter().map(|(.., key)| *key).collect();
    let (studies, images) = image_erase::find(connection, tenant, &keys)?;
    about.studies = studies;
    about.blobs.extend(images);
    about.referring = referring(connection, tenant, &about)?;
    about.states = states(connection, tenant, &about.names(patient))?;
    Ok(about)
}

/// How many resources stay and refer to one that goes.
fn referring(connection: &Connection, tenant: TenantId, about: &About) -> rusqlite::Result<u64> {
    let going: HashSet<i64> = about.resources.iter().map(|(.., key)| *key).collect();
    let names: HashSet<(&str, &str)> =
        about.resources.iter().map(|(kind, id, _)| (kind.as_str(), id.as_str())).collect();
    let mut staying = HashSet::new();
    let mut statement = connection
        .prepare("SELECT resource, target_type, target_id FROM index_reference WHERE tenant = ?1")?;
    let mut rows = statement.query([tenant.0])?;
    while let Some(row) = rows.next()? {
        let from: i64 = row.get(0)?;
        let (kind, id) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
        if !going.contains(&from) && names.contains(&(kind, id)) {
            staying.insert(from);
        }
    }
    Ok(staying.len() as u64)
}

fn blobs(connection: &Connection, tenant: TenantId, patient: &ResourceId) -> rusqlite::Result<Vec<BlobId>> {
    let mut statement = connection.prepare("SELECT id FROM blob WHERE tenant = ?1 AND subject = ?2")?;
    let rows = statement.query_map(params![tenant.0, format!("Patient/{patient}")], |row| blob_id(row, 0))?;
    rows.collect()
}

fn states(
    connection: &Connection,
    tenant: TenantId,
    names: &[String],
) -> rusqlite::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut statement =
        connection.prepare("SELECT kind, id, body FROM state WHERE tenant = ?1 AND about_patient = 1")?;
    let mut rows = statement.query([tenant.0])?;
    while let Some(row) = rows.next()? {
        let id: String = row.get(1)?;
        let body = String::from_utf8_lossy(row.get_ref(2)?.as_blob()?);
        if names.iter().any(|name| id == *name || body.contains(name.as_str())) {
            found.push((row.get(0)?, id));
        }
    }
    Ok(found)
}

/// Takes rows away; the caller's transaction is around it.
pub(super) fn erase(
    connection: &Connection,
    tenant: TenantId,
    about: &About,
    names: &[String],
) -> rusqlite::Result<()> {
    for (.., key) in &about.resources {
        clear_index(connection, tenant, *key)?;
        for sql in [
            "DELETE FROM resource_history WHERE tenant = ?1 AND resource = ?2",
            "DELETE FROM resource WHERE tenant = ?1 AND key = ?2",
        ] {
            connection.prepare_cached(sql)?.execute(params![tenant.0, key])?;
        }
    }
    for study in &about.studies {
        image_erase::erase(connection, tenant, study.key)?;
    }
    for (kind, id) in &about.states {
        for sql in [
            "DELETE FROM state_key WHERE tenant = ?1 AND state IN \
             (SELECT key FROM state WHERE tenant = ?1 AND kind = ?2 AND id = ?3)",
            "DELETE FROM state WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
        ] {
            connection.prepare_cached(sql)?.execute(params![tenant.0, kind, id])?;
        }
    }
    for blob in &about.blobs {
        connection
            .prepare_cached("DELETE FROM blob WHERE tenant = ?1 AND id = ?2")?
            .execute(params![tenant.0, blob.0.as_bytes()])?;
    }
    for name in names {
        connection
            .prepare_cached("DELETE FROM merged WHERE tenant = ?1 AND patient = ?2")?
            .execute(params![tenant.0, name])?;
        connection
            .prepare_cached(
                "DELETE FROM outbox WHERE tenant = ?1 AND (instr(key, ?2) > 0 OR instr(payload, CAST(?2 AS BLOB)) > 0)",
            )?
            .execute(params![tenant.0, name])?;
    }
    Ok(())
}

/// Moves everything into the database and empties the log, which still holds what was erased.
pub(super) fn empty_log(connection: &Connection) -> rusqlite::Result<bool> {
    for _ in 0..TRIES {
        let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if !busy {
            return Ok(true);
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    Ok(false)
}

/// Everybody whose key may lie among the sealed files.
pub(super) fn subjects(connection: &Connection) -> rusqlite::Result<Vec<(TenantId, String)>> {
    let mut statement = connection.prepare(
        "SELECT tenant, subject FROM blob UNION SELECT tenant, 'Patient/' || id FROM resource WHERE type = 'Patient'",
    )?;
    let rows = statement.query_map([], |row| Ok((TenantId(row.get(0)?), row.get(1)?)))?;
    rows.collect()
}

/// The row of a blob, whose ever it is. Jumps from tenant to tenant: the key begins with them.
pub(super) fn owner(connection: &Connection, id: BlobId) -> rusqlite::Result<Option<(TenantId, BlobRow)>> {
    connection
        .prepare_cached(
            "WITH RECURSIVE t(tenant) AS (SELECT min(tenant) FROM blob UNION ALL \
             SELECT (SELECT min(tenant) FROM blob WHERE blob.tenant > t.tenant) FROM t WHERE t.tenant IS NOT NULL) \
             SELECT b.tenant, b.subject, b.size, b.blake3 FROM t JOIN blob b ON b.tenant = t.tenant AND b.id = ?1",
        )?
        .query_row(params![id.0.as_bytes()], |row| {
            let found = BlobRow { id, subject: row.get(1)?, size: row.get(2)?, blake3: row.get(3)? };
            Ok((TenantId(row.get(0)?), found))
        })
        .optional()
}

fn blob_id(row: &Row<'_>, column: usize) -> rusqlite::Result<BlobId> {
    let bytes = row.get_ref(column)?.as_blob()?;
    Ok(BlobId(Uuid::from_slice(bytes).unwrap_or_default()))
}
