//! What becomes of studies besides that instances come: their resource follows, and they are found to be somebody else's.

use bianque_model::{ResourceId, TenantId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::ImageChange;

/// Writes a change of the index.
pub(super) fn write(connection: &Connection, tenant: TenantId, change: &ImageChange) -> rusqlite::Result<()> {
    match change {
        ImageChange::Projected { study, last_at } => {
            connection
                .prepare_cached(
                    "UPDATE image_study SET changed_at = NULL WHERE tenant = ?1 AND uid = ?2 AND last_at = ?3",
                )?
                .execute(params![tenant.0, study, last_at.0])?;
            Ok(())
        }
        ImageChange::Moved { study, identity, patient } => {
            moved(connection, tenant, study, identity.as_deref(), patient.as_ref())
        }
    }
}

/// A study as it stands.
struct Standing {
    key: i64,
    patient: i64,
    sent_patient: i64,
    series: u64,
    instances: u64,
}

fn moved(
    connection: &Connection,
    tenant: TenantId,
    uid: &str,
    identity: Option<&str>,
    record: Option<&ResourceId>,
) -> rusqlite::Result<()> {
    let standing = connection
        .prepare_cached(
            "SELECT key, patient, sent_patient, series, instances FROM image_study WHERE tenant = ?1 AND uid = ?2",
        )?
        .query_row(params![tenant.0, uid], |row| {
            Ok(Standing {
                key: row.get(0)?,
                patient: row.get(1)?,
                sent_patient: row.get(2)?,
                series: row.get(3)?,
                instances: row.get(4)?,
            })
        })
        .optional()?;
    let Some(standing) = standing else { return Ok(()) };
    let to = match identity {
        Some(identity) => patient(connection, tenant, &standing, identity, record)?,
        None => standing.sent_patient,
    };
    if to == standing.patient {
        return Ok(());
    }
    let mut count = connection.prepare_cached(
        "UPDATE image_patient SET studies = studies + ?2, series = series + ?2 * ?3, \
         instances = instances + ?2 * ?4 WHERE key = ?1",
    )?;
    count.execute(params![standing.patient, -1, standing.series, standing.instances])?;
    count.execute(params![to, 1, standing.series, standing.instances])?;
    connection
        .prepare_cached("UPDATE image_study SET patient = ?2 WHERE key = ?1")?
        .execute(params![standing.key, to])?;
    Ok(())
}

/// The patient of an identity; made of what is known of the one that the study was sent as.
fn patient(
    connection: &Connection,
    tenant: TenantId,
    standing: &Standing,
    identity: &str,
    record: Option<&ResourceId>,
) -> rusqlite::Result<i64> {
    let known: Option<i64> = connection
        .prepare_cached("SELECT key FROM image_patient WHERE tenant = ?1 AND identity = ?2")?
        .query_row(params![tenant.0, identity], |row| row.get(0))
        .optional()?;
    let key = if let Some(key) = known {
        key
    } else {
        connection
            .prepare_cached(
                "INSERT INTO image_patient (tenant, identity, patient, studies, series, instances, document) \
                 SELECT ?1, ?2, ?3, 0, 0, 0, document FROM image_patient WHERE key = ?4",
            )?
            .execute(params![tenant.0, identity, record.map(ResourceId::as_str), standing.sent_patient])?;
        connection.last_insert_rowid()
    };
    // The patient is found by what the study was sent with as well.
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO image_value (tenant, level, field, value, owner) \
             SELECT tenant, level, field, value, ?2 FROM image_value WHERE tenant = ?1 AND level = 0 AND owner = ?3",
        )?
        .execute(params![tenant.0, key, standing.sent_patient])?;
    Ok(key)
}
