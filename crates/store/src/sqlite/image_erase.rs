//! Taking studies out of the index of images for good.

use std::collections::HashSet;

use bianque_model::{BlobId, TenantId};
use bianque_query::ImageLevel;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::ErasedStudy;

/// The studies that resources with these numbers are, each with the blobs of its instances.
pub(super) fn find(
    connection: &Connection,
    tenant: TenantId,
    resources: &HashSet<i64>,
) -> rusqlite::Result<(Vec<ErasedStudy>, Vec<BlobId>)> {
    let (mut studies, mut blobs) = (Vec::new(), Vec::new());
    let mut by_resource =
        connection.prepare_cached("SELECT key, id FROM image_study WHERE tenant = ?1 AND resource = ?2")?;
    let mut of_study = connection.prepare_cached(
        "SELECT i.blob FROM image_series s JOIN image_instance i ON i.series = s.key WHERE s.study = ?1",
    )?;
    for resource in resources {
        let found = by_resource.query_row(params![tenant.0, resource], |row| {
            Ok(ErasedStudy { key: row.get(0)?, id: row.get(1)? })
        });
        let Some(study) = found.optional()? else { continue };
        let rows = of_study.query_map([study.key], |row| {
            Ok(BlobId(Uuid::from_slice(row.get_ref(0)?.as_blob()?).unwrap_or_default()))
        })?;
        for blob in rows {
            blobs.push(blob?);
        }
        studies.push(study);
    }
    Ok((studies, blobs))
}

/// Takes a study away with all that is in it, and its patient where it was the last one; the caller's transaction is around
/// it.
pub(super) fn erase(connection: &Connection, tenant: TenantId, study: i64) -> rusqlite::Result<()> {
    let counted: Option<(i64, i64, u64, u64)> = connection
        .prepare_cached("SELECT patient, sent_patient, series, instances FROM image_study WHERE key = ?1")?
        .query_row([study], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((patient, sent_patient, series, instances)) = counted else { return Ok(()) };
    for sql in [
        "DELETE FROM image_frames WHERE instance IN (SELECT i.key FROM image_series s \
         JOIN image_instance i ON i.series = s.key WHERE s.study = ?1)",
        "DELETE FROM image_instance WHERE series IN (SELECT key FROM image_series WHERE study = ?1)",
    ] {
        connection.prepare_cached(sql)?.execute([study])?;
    }
    let keys: Vec<i64> = connection
        .prepare_cached("SELECT key FROM image_series WHERE study = ?1")?
        .query_map([study], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for key in keys {
        forget(connection, tenant, ImageLevel::Series, key)?;
    }
    connection.prepare_cached("DELETE FROM image_series WHERE study = ?1")?.execute([study])?;
    forget(connection, tenant, ImageLevel::Study, study)?;
    connection.prepare_cached("DELETE FROM image_study WHERE key = ?1")?.execute([study])?;
    connection
        .prepare_cached(
            "UPDATE image_patient SET studies = studies - 1, series = series - ?2, instances = instances - ?3 \
             WHERE key = ?1",
        )?
        .execute(params![patient, series, instances])?;
    for patient in [patient, sent_patient] {
        let gone = connection
            .prepare_cached(
                "DELETE FROM image_patient WHERE key = ?1 AND studies = 0 \
                 AND NOT EXISTS (SELECT 1 FROM image_study WHERE sent_patient = ?1)",
            )?
            .execute([patient])?;
        if gone > 0 {
            forget(connection, tenant, ImageLevel::Patient, patient)?;
        }
    }
    Ok(())
}

fn forget(connection: &Connection, tenant: TenantId, level: ImageLevel, owner: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM image_value WHERE tenant = ?1 AND level = ?2 AND owner = ?3")?
        .execute(params![tenant.0, level as u8, owner])?;
    Ok(())
}
