//! Asking the index of images. A query is one statement over the tables from the top down to its level; each condition is
//! a list of keys that the values of its attribute lead to.

use bianque_model::{BlobId, TenantId, Timestamp};
use bianque_query::{ImageCondition, ImageLevel, ImageQuery, ImageTest, MOMENT, Scope};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use uuid::Uuid;

use super::compile::{self, Sql, Target};
use super::search::InDatabase;
use super::{merged, snapshot::Snapshot};
use crate::{ChangedStudy, ImageCounts, ImageInstance, ImagePatient, ImageRow, ImageSeries, ImageStudy};

/// Rows that one answer may have.
const MOST: u32 = 100_000;
/// The greatest character: what begins with a text lies below the text with it.
const LAST: char = '\u{10ffff}';

/// The rows that match, newest studies first; series and instances by their numbers.
pub(super) fn rows(
    connection: &Connection,
    tenant: TenantId,
    query: &ImageQuery,
) -> rusqlite::Result<Vec<ImageRow>> {
    let _snapshot = Snapshot::begin(connection)?;
    let mut sql = Sql::of("SELECT ");
    sql.push(columns(query.level)).push(" FROM ").push(tables(query.level)).push(" WHERE ");
    sql.append(matching(connection, tenant, query)?).push(" ORDER BY ").push(order(query.level));
    sql.push(" LIMIT ").bind(i64::from(query.limit.min(MOST)));
    sql.push(" OFFSET ").bind(i64::try_from(query.offset).unwrap_or(i64::MAX));
    let mut statement = connection.prepare_cached(&sql.text)?;
    let rows = statement.query_map(params_from_iter(&sql.values), |row| read(row, query.level))?;
    rows.collect()
}

/// Where the frames of an instance lie.
pub(super) fn places(
    connection: &Connection,
    tenant: TenantId,
    uid: &str,
) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached(
            "SELECT f.places FROM image_instance i JOIN image_frames f ON f.instance = i.key \
             WHERE i.tenant = ?1 AND i.uid = ?2",
        )?
        .query_row(params![tenant.0, uid], |row| row.get(0))
        .optional()
}

/// Studies that changed and have been quiet since, of every tenant, the longest changed first.
pub(super) fn changed(
    connection: &Connection,
    quiet_since: Timestamp,
    limit: u32,
) -> rusqlite::Result<Vec<ChangedStudy>> {
    let mut statement = connection.prepare_cached(
        "SELECT tenant, uid, last_at, changed_at FROM image_study \
         WHERE changed_at IS NOT NULL AND last_at <= ?1 ORDER BY changed_at LIMIT ?2",
    )?;
    let rows = statement.query_map(params![quiet_since.0, limit], |row| {
        Ok(ChangedStudy {
            tenant: TenantId(row.get(0)?),
            uid: row.get(1)?,
            last_at: Timestamp(row.get(2)?),
            changed_at: Timestamp(row.get(3)?),
        })
    })?;
    rows.collect()
}

const fn tables(level: ImageLevel) -> &'static str {
    match level {
        ImageLevel::Patient => "image_patient p",
        ImageLevel::Study => "image_study t JOIN image_patient p ON p.key = t.patient",
        ImageLevel::Series => {
            "image_series s JOIN image_study t ON t.key = s.study JOIN image_patient p ON p.key = t.patient"
        }
        ImageLevel::Instance => {
            "image_instance i JOIN image_series s ON s.key = i.series JOIN image_study t ON t.key = s.study \
             JOIN image_patient p ON p.key = t.patient"
        }
    }
}

/// Columns of a level come after those of the levels above it.
const fn columns(level: ImageLevel) -> &'static str {
    match level {
        ImageLevel::Patient => "p.identity, p.patient, p.document, p.studies, p.series, p.instances",
        ImageLevel::Study => {
            "p.identity, p.patient, p.document, p.studies, p.series, p.instances, \
             t.uid, t.id, t.bytes, t.first_at, t.last_at, t.document, t.series, t.instances, t.modalities"
        }
        ImageLevel::Series => {
            "p.identity, p.patient, p.document, p.studies, p.series, p.instances, \
             t.uid, t.id, t.bytes, t.first_at, t.last_at, t.document, t.series, t.instances, t.modalities, \
             s.uid, s.number, s.document, s.instances"
        }
        ImageLevel::Instance => {
            "p.identity, p.patient, p.document, p.studies, p.series, p.instances, \
             t.uid, t.id, t.bytes, t.first_at, t.last_at, t.document, t.series, t.instances, t.modalities, \
             s.uid, s.number, s.document, s.instances, \
             i.uid, i.number, i.class, i.syntax, i.blob, i.size, i.data_set, i.header, i.frames, i.received_at, \
             i.document"
        }
    }
}

const fn order(level: ImageLevel) -> &'static str {
    match level {
        ImageLevel::Patient => "p.key DESC",
        ImageLevel::Study => "t.moment DESC, t.key DESC",
        ImageLevel::Series => "t.moment DESC, t.key DESC, s.number, s.key",
        ImageLevel::Instance => "t.moment DESC, t.key DESC, s.number, s.key, i.number, i.key",
    }
}

/// What the table of a level is called in statements.
const fn alias(level: ImageLevel) -> &'static str {
    match level {
        ImageLevel::Patient => "p",
        ImageLevel::Study => "t",
        ImageLevel::Series => "s",
        ImageLevel::Instance => "i",
    }
}

/// Everything that a row must pass.
fn matching(connection: &Connection, tenant: TenantId, query: &ImageQuery) -> rusqlite::Result<Sql> {
    let mut sql = Sql::of(alias(query.level));
    sql.push(".tenant = ").bind(i64::from(tenant.0));
    if query.level == ImageLevel::Patient {
        // Of somebody whose studies were found to be others' nothing is left.
        sql.push(" AND p.studies > 0");
    }
    if query.unknown_patients {
        sql.push(" AND p.patient IS NULL AND p.studies > 0");
    }
    for level in [ImageLevel::Patient, ImageLevel::Study, ImageLevel::Series, ImageLevel::Instance] {
        if level <= query.level {
            for part in own(tenant, query, level, &alias_key(query.level, level)) {
                sql.push(" AND ").append(part);
            }
        }
    }
    if let Some(below) = below(tenant, query, query.level) {
        sql.push(" AND ").append(below);
    }
    if let Some(visible) = visible(connection, tenant, query)? {
        sql.push(" AND ").append(visible);
    }
    Ok(sql)
}

/// The column of the level's row that names a row at or above it. A key that the row itself holds spares a table.
fn alias_key(level: ImageLevel, above: ImageLevel) -> String {
    match (level, above) {
        (ImageLevel::Study | ImageLevel::Series | ImageLevel::Instance, ImageLevel::Patient) => {
            "t.patient".into()
        }
        (ImageLevel::Series | ImageLevel::Instance, ImageLevel::Study) => "s.study".into(),
        (ImageLevel::Instance, ImageLevel::Series) => "i.series".into(),
        (_, same) => format!("{}.key", alias(same)),
    }
}

/// What is asked of a level's own rows; `key` is where their key stands.
fn own(tenant: TenantId, query: &ImageQuery, level: ImageLevel, key: &str) -> Vec<Sql> {
    let mut parts = Vec::new();
    let uids = match level {
        ImageLevel::Patient => &[],
        ImageLevel::Study => query.studies.as_slice(),
        ImageLevel::Series => query.series.as_slice(),
        ImageLevel::Instance => query.instances.as_slice(),
    };
    let alias = alias(level);
    if !uids.is_empty() {
        let mut sql = Sql::of(&format!("{alias}.tenant = "));
        sql.bind(i64::from(tenant.0)).push(" AND ").append(among(&format!("{alias}.uid"), uids));
        parts.push(sql);
    }
    if level == ImageLevel::Instance {
        if !query.classes.is_empty() {
            parts.push(among("i.class", &query.classes));
        }
        if !query.numbers.is_empty() {
            parts.push(listed("i.number", query.numbers.iter().copied()));
        }
    }
    let conditions = query.conditions.iter().filter(|condition| condition.level == level);
    parts.extend(conditions.map(|condition| by_value(tenant, condition, key)));
    parts
}

/// What is asked of rows below a level: some row there passes it.
fn below(tenant: TenantId, query: &ImageQuery, level: ImageLevel) -> Option<Sql> {
    let (next, parent) = match level {
        ImageLevel::Patient => (ImageLevel::Study, "patient"),
        ImageLevel::Study => (ImageLevel::Series, "study"),
        ImageLevel::Series => (ImageLevel::Instance, "series"),
        ImageLevel::Instance => return None,
    };
    let alias_of = alias(next);
    let mut parts = own(tenant, query, next, &format!("{alias_of}.key"));
    parts.extend(below(tenant, query, next));
    if parts.is_empty() {
        return None;
    }
    let table = match next {
        ImageLevel::Study => "image_study",
        ImageLevel::Series => "image_series",
        ImageLevel::Instance | ImageLevel::Patient => "image_instance",
    };
    let mut sql = Sql::of(&format!(
        "{}.key IN (SELECT {alias_of}.{parent} FROM {table} {alias_of} WHERE ",
        alias(level)
    ));
    sql.append(Sql::join(parts, " AND ", || Sql::of("1"))).push(")");
    Some(sql)
}

fn by_value(tenant: TenantId, condition: &ImageCondition, key: &str) -> Sql {
    if condition.field == MOMENT && condition.level == ImageLevel::Study {
        return tested("t.moment", &condition.test);
    }
    let missing = condition.test == ImageTest::Missing;
    let mut sql = Sql::of(key);
    sql.push(if missing { " NOT IN (" } else { " IN (" });
    sql.push("SELECT v.owner FROM image_value v WHERE v.tenant = ").bind(i64::from(tenant.0));
    sql.push(" AND v.level = ").bind(condition.level as i64);
    sql.push(" AND v.field = ").bind(i64::from(condition.field));
    if !missing {
        sql.push(" AND ").append(tested("v.value", &condition.test));
    }
    sql.push(")");
    sql
}

/// A test of a column.
fn tested(column: &str, test: &ImageTest) -> Sql {
    let mut sql = Sql::default();
    match test {
        ImageTest::AnyOf(values) => return among(column, values),
        ImageTest::Starts(prefix) => return starts(column, prefix),
        ImageTest::Like(pattern) => {
            let literal: String = pattern.chars().take_while(|c| !matches!(c, '*' | '?')).collect();
            if !literal.is_empty() {
                sql.append(starts(column, &literal)).push(" AND ");
            }
            // What is special to GLOB and not to the pattern stands in a class of its own.
            let glob = pattern.replace('[', "[[]");
            sql.push(column).push(" GLOB ").bind(glob);
        }
        ImageTest::Between(low, high) => {
            let mut parts = Vec::new();
            for (operator, end) in [(" >= ", low), (" <= ", high)] {
                if let Some(end) = end {
                    let mut part = Sql::of(column);
                    part.push(operator).bind(end.clone());
                    parts.push(part);
                }
            }
            return Sql::join(parts, " AND ", || Sql::of("1"));
        }
        ImageTest::Missing => {
            sql.push(column).push(" = ''");
        }
    }
    sql
}

fn starts(column: &str, prefix: &str) -> Sql {
    let mut sql = Sql::of(column);
    sql.push(" >= ").bind(prefix.to_owned());
    sql.push(" AND ").push(column).push(" < ").bind(format!("{prefix}{LAST}"));
    sql
}

fn among(column: &str, values: &[String]) -> Sql {
    listed(column, values.iter().cloned())
}

/// One value is an equality, which leads through indexes in order; more are a list in JSON, so that statements are few.
fn listed<T: Into<rusqlite::types::Value> + serde::Serialize>(
    column: &str,
    values: impl ExactSizeIterator<Item = T>,
) -> Sql {
    let mut sql = Sql::of(column);
    let count = values.len();
    let mut values = values;
    match (count, values.next()) {
        (1, Some(only)) => {
            sql.push(" = ").bind(only);
        }
        (_, first) => {
            let all: Vec<T> = first.into_iter().chain(values).collect();
            // Texts and numbers are always JSON.
            let all = serde_json::to_string(&all).unwrap_or_default();
            sql.push(" IN (SELECT value FROM json_each(").bind(all).push("))");
        }
    }
    sql
}

/// What policy lets through: the resource that a study is, or that of some study of a patient.
fn visible(connection: &Connection, tenant: TenantId, query: &ImageQuery) -> rusqlite::Result<Option<Sql>> {
    if query.scope == Scope::All {
        return Ok(None);
    }
    let numbers = InDatabase(connection);
    let target = Target {
        tenant,
        resource_type: &query.resource_type,
        scope: &query.scope,
        numbers: &numbers,
        merged: merged::any(connection, tenant)?,
        depth: 0,
    };
    let seen = compile::seen(&target)?;
    let mut sql = if query.level == ImageLevel::Patient {
        Sql::of(
            "EXISTS (SELECT 1 FROM image_study t JOIN resource r ON r.key = t.resource WHERE t.patient = p.key",
        )
    } else {
        Sql::of("EXISTS (SELECT 1 FROM resource r WHERE r.key = t.resource")
    };
    sql.push(" AND r.deleted = 0 AND ").append(seen).push(")");
    Ok(Some(sql))
}

fn read(row: &Row<'_>, level: ImageLevel) -> rusqlite::Result<ImageRow> {
    let patient: Option<String> = row.get(1)?;
    let mut found = ImageRow {
        patient: ImagePatient {
            identity: row.get(0)?,
            patient: patient.and_then(|id| id.parse().ok()),
            document: row.get(2)?,
        },
        study: None,
        series: None,
        instance: None,
        counts: ImageCounts {
            patient_studies: row.get(3)?,
            patient_series: row.get(4)?,
            patient_instances: row.get(5)?,
            ..ImageCounts::default()
        },
    };
    if level >= ImageLevel::Study {
        found.study = Some(study(row)?);
        (found.counts.study_series, found.counts.study_instances) = (row.get(12)?, row.get(13)?);
    }
    if level >= ImageLevel::Series {
        found.series = Some(ImageSeries { uid: row.get(15)?, number: row.get(16)?, document: row.get(17)? });
        found.counts.series_instances = row.get(18)?;
    }
    if level >= ImageLevel::Instance {
        found.instance = Some(instance(row)?);
    }
    Ok(found)
}

fn study(row: &Row<'_>) -> rusqlite::Result<ImageStudy> {
    let (id, modalities): (String, String) = (row.get(7)?, row.get(14)?);
    let id = id.parse().map_err(|cause| {
        rusqlite::Error::FromSqlConversionFailure(7, rusqlite::types::Type::Text, Box::new(cause))
    })?;
    Ok(ImageStudy {
        uid: row.get(6)?,
        id,
        modalities: modalities.split('\\').filter(|one| !one.is_empty()).map(str::to_owned).collect(),
        bytes: row.get(8)?,
        first_at: Timestamp(row.get(9)?),
        last_at: Timestamp(row.get(10)?),
        document: row.get(11)?,
    })
}

fn instance(row: &Row<'_>) -> rusqlite::Result<ImageInstance> {
    let blob = row.get_ref(23)?.as_blob()?;
    Ok(ImageInstance {
        uid: row.get(19)?,
        number: row.get(20)?,
        class: row.get(21)?,
        syntax: row.get(22)?,
        blob: BlobId(Uuid::from_slice(blob).unwrap_or_default()),
        size: row.get(24)?,
        data_set: row.get(25)?,
        header: row.get(26)?,
        frames: row.get(27)?,
        received_at: Timestamp(row.get(28)?),
        document: row.get(29)?,
    })
}
