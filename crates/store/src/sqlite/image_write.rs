//! An instance in the index of images, and all that it belongs to.

use bianque_model::{TenantId, Timestamp};
use bianque_query::{ImageLevel, ImageValue};
use rusqlite::{Connection, OptionalExtension, params};

use super::apply::Fault;
use crate::{CommitError, ImageWrite};

/// Why an instance cannot be written, when it cannot: looked at before anything is.
pub(super) fn refusal(
    connection: &Connection,
    tenant: TenantId,
    image: &ImageWrite,
) -> rusqlite::Result<Option<CommitError>> {
    let known = |level, uid: &str| Ok(Some(CommitError::ImageKnown { level, uid: uid.to_owned() }));
    let uid = &image.instance.row.uid;
    let stands: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM image_instance WHERE tenant = ?1 AND uid = ?2)")?
        .query_row(params![tenant.0, uid], |row| row.get(0))?;
    if stands {
        return known(ImageLevel::Instance, uid);
    }
    let study: Option<(String, String)> = connection
        .prepare_cached(
            "SELECT t.uid, t.named FROM image_series s JOIN image_study t ON t.key = s.study \
             WHERE s.tenant = ?1 AND s.uid = ?2",
        )?
        .query_row(params![tenant.0, image.series.uid], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let named = match study {
        Some((study, _)) if study != image.study.uid => return known(ImageLevel::Series, &image.series.uid),
        Some((_, named)) => Some(named),
        None => connection
            .prepare_cached("SELECT named FROM image_study WHERE tenant = ?1 AND uid = ?2")?
            .query_row(params![tenant.0, image.study.uid], |row| row.get(0))
            .optional()?,
    };
    if named.is_some_and(|named| named != image.study.named) {
        return known(ImageLevel::Study, &image.study.uid);
    }
    Ok(None)
}

/// Writes an instance that nothing refuses.
pub(super) fn write(
    connection: &Connection,
    tenant: TenantId,
    now: Timestamp,
    image: &ImageWrite,
) -> Result<(), Fault> {
    let (series, study, patient, new_series, new_study) =
        if let Some((series, study, patient)) = known_series(connection, tenant, &image.series.uid)? {
            (series, study, patient, false, false)
        } else {
            let (study, patient, new_study) = study(connection, tenant, now, image)?;
            (new_series(connection, tenant, study, image)?, study, patient, true, new_study)
        };
    let size = image.instance.row.size;
    connection
        .prepare_cached(
            "UPDATE image_patient SET studies = studies + ?2, series = series + ?3, instances = instances + 1 \
             WHERE key = ?1",
        )?
        .execute(params![patient, new_study, new_series])?;
    connection
        .prepare_cached(
            "UPDATE image_study SET series = series + ?2, instances = instances + 1, bytes = bytes + ?3, \
             last_at = ?4, changed_at = coalesce(changed_at, ?4) WHERE key = ?1",
        )?
        .execute(params![study, new_series, size, now.0])?;
    connection
        .prepare_cached("UPDATE image_series SET instances = instances + 1 WHERE key = ?1")?
        .execute([series])?;
    instance(connection, tenant, now, series, image)?;
    Ok(())
}

/// How many rows an instance is, about.
pub(super) fn rows(image: &ImageWrite) -> usize {
    let values = image.patient.values.len() + image.study.values.len() + image.series.values.len();
    5 + usize::from(!image.instance.places.is_empty()) + values
}

/// Keys of a series, its study and their patient.
fn known_series(
    connection: &Connection,
    tenant: TenantId,
    uid: &str,
) -> rusqlite::Result<Option<(i64, i64, i64)>> {
    connection
        .prepare_cached(
            "SELECT s.key, s.study, t.patient FROM image_series s JOIN image_study t ON t.key = s.study \
             WHERE s.tenant = ?1 AND s.uid = ?2",
        )?
        .query_row(params![tenant.0, uid], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()
}

/// The study of an instance and its patient, made where it is new.
fn study(
    connection: &Connection,
    tenant: TenantId,
    now: Timestamp,
    image: &ImageWrite,
) -> Result<(i64, i64, bool), Fault> {
    let write = &image.study;
    let known: Option<(i64, i64)> = connection
        .prepare_cached("SELECT key, patient FROM image_study WHERE tenant = ?1 AND uid = ?2")?
        .query_row(params![tenant.0, write.uid], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((study, patient)) = known {
        return Ok((study, patient, false));
    }
    let patient = patient(connection, tenant, image)?;
    let (kind, id) = (&write.resource.0, write.resource.1.as_str());
    let resource: Option<i64> = connection
        .prepare_cached("SELECT key FROM resource WHERE tenant = ?1 AND type = ?2 AND id = ?3")?
        .query_row(params![tenant.0, kind, id], |row| row.get(0))
        .optional()?;
    let resource = resource.ok_or_else(|| {
        Fault::Refused(CommitError::Unavailable(format!("the study's {kind} is not there")))
    })?;
    connection
        .prepare_cached(
            "INSERT INTO image_study (tenant, uid, patient, named, sent_patient, resource, id, moment, modalities, \
             series, instances, bytes, first_at, last_at, document) \
             VALUES (?1, ?2, ?3, ?4, ?3, ?5, ?6, ?7, '', 0, 0, 0, ?8, ?8, ?9)",
        )?
        .execute(params![
            tenant.0,
            write.uid,
            patient,
            write.named,
            resource,
            id,
            write.moment,
            now.0,
            write.document
        ])?;
    let study = connection.last_insert_rowid();
    values(connection, tenant, ImageLevel::Study, study, &write.values)?;
    Ok((study, patient, true))
}

fn patient(connection: &Connection, tenant: TenantId, image: &ImageWrite) -> rusqlite::Result<i64> {
    let write = &image.patient;
    let known: Option<i64> = connection
        .prepare_cached("SELECT key FROM image_patient WHERE tenant = ?1 AND identity = ?2")?
        .query_row(params![tenant.0, write.identity], |row| row.get(0))
        .optional()?;
    if let Some(key) = known {
        // Another study may name the patient in another way: it is found by each.
        values(connection, tenant, ImageLevel::Patient, key, &write.values)?;
        return Ok(key);
    }
    connection
        .prepare_cached(
            "INSERT INTO image_patient (tenant, identity, patient, studies, series, instances, document) \
             VALUES (?1, ?2, ?3, 0, 0, 0, ?4)",
        )?
        .execute(params![
            tenant.0,
            write.identity,
            write.patient.as_ref().map(bianque_model::ResourceId::as_str),
            write.document
        ])?;
    let key = connection.last_insert_rowid();
    values(connection, tenant, ImageLevel::Patient, key, &write.values)?;
    Ok(key)
}

fn new_series(
    connection: &Connection,
    tenant: TenantId,
    study: i64,
    image: &ImageWrite,
) -> rusqlite::Result<i64> {
    let write = &image.series;
    connection
        .prepare_cached(
            "INSERT INTO image_series (tenant, uid, study, number, instances, document) \
             VALUES (?1, ?2, ?3, ?4, 0, ?5)",
        )?
        .execute(params![tenant.0, write.uid, study, write.number, write.document])?;
    let key = connection.last_insert_rowid();
    values(connection, tenant, ImageLevel::Series, key, &write.values)?;
    values(connection, tenant, ImageLevel::Study, study, &write.study_values)?;
    if !write.modality.is_empty() {
        connection
            .prepare_cached(
                "UPDATE image_study SET modalities = CASE WHEN modalities = '' THEN ?2 ELSE modalities || '\\' || ?2 END \
                 WHERE key = ?1 AND instr('\\' || modalities || '\\', '\\' || ?2 || '\\') = 0",
            )?
            .execute(params![study, write.modality])?;
    }
    Ok(key)
}

fn instance(
    connection: &Connection,
    tenant: TenantId,
    now: Timestamp,
    series: i64,
    image: &ImageWrite,
) -> rusqlite::Result<()> {
    let row = &image.instance.row;
    connection
        .prepare_cached(
            "INSERT INTO image_instance (tenant, uid, series, number, class, syntax, blob, size, data_set, \
             header, frames, received_at, document) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            tenant.0,
            row.uid,
            series,
            row.number,
            row.class,
            row.syntax,
            row.blob.0.as_bytes(),
            row.size,
            row.data_set,
            row.header,
            row.frames,
            now.0,
            row.document
        ])?;
    if !image.instance.places.is_empty() {
        connection
            .prepare_cached("INSERT INTO image_frames (instance, places) VALUES (?1, ?2)")?
            .execute(params![connection.last_insert_rowid(), image.instance.places])?;
    }
    Ok(())
}

fn values(
    connection: &Connection,
    tenant: TenantId,
    level: ImageLevel,
    owner: i64,
    values: &[ImageValue],
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR IGNORE INTO image_value (tenant, level, field, value, owner) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for value in values {
        statement.execute(params![tenant.0, level as u8, value.field, value.text, owner])?;
    }
    Ok(())
}
