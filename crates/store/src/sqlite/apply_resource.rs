//! A new version of a resource: its current row, its history, its index rows, its compartments.

use bianque_model::{TenantId, Timestamp};
use bianque_query::{Compartment, IndexRow, IndexValue};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use super::apply::{Apply, Fault};
use super::paths::Kind;
use crate::{Change, ResourceWrite};

struct Current {
    key: i64,
    version: u64,
    deleted: bool,
}

/// Writes a new version and gives its number. Deleting what is not there or gone already writes nothing and gives the
/// version that stands (0 when there never was one).
pub(super) fn write_resource(
    apply: &mut Apply<'_>,
    tenant: TenantId,
    at: Timestamp,
    write: &ResourceWrite,
) -> Result<u64, Fault> {
    let current = current(apply.connection, tenant, write)?;
    let document = match &write.change {
        Change::Put { document, .. } => Some(document.as_slice()),
        Change::Reindex { version, .. } => return reindex(apply, tenant, current.as_ref(), *version, write),
        Change::Delete => None,
    };
    if document.is_none() && current.as_ref().is_none_or(|current| current.deleted) {
        return Ok(current.map_or(0, |current| current.version));
    }
    let version = current.as_ref().map_or(1, |current| current.version + 1);
    let content = apply.counters.next_content();
    let key = if let Some(current) = &current {
        if !current.deleted {
            clear_index(apply.connection, tenant, current.key)?;
        }
        update(apply.connection, current.key, version, at, content, document.is_none())?;
        current.key
    } else {
        let key = apply.counters.next_resource();
        insert(apply.connection, key, tenant, write, at, content)?;
        key
    };
    keep_version(apply.connection, content, tenant, key, version, at, document)?;
    write_found_by(apply, tenant, key, write)?;
    Ok(version)
}

/// Replaces what a version is found by, if it is the one that stands.
fn reindex(
    apply: &mut Apply<'_>,
    tenant: TenantId,
    current: Option<&Current>,
    version: u64,
    write: &ResourceWrite,
) -> Result<u64, Fault> {
    let Some(current) = current else { return Ok(0) };
    if !current.deleted && current.version == version {
        clear_index(apply.connection, tenant, current.key)?;
        write_found_by(apply, tenant, current.key, write)?;
    }
    Ok(current.version)
}

/// Writes what a resource is found by.
fn write_found_by(
    apply: &mut Apply<'_>,
    tenant: TenantId,
    key: i64,
    write: &ResourceWrite,
) -> Result<(), Fault> {
    if let Change::Put { index, compartments, .. } | Change::Reindex { index, compartments, .. } =
        &write.change
    {
        for row in index {
            write_index(apply, tenant, key, &write.resource_type, row)?;
        }
        for compartment in compartments {
            write_compartment(apply.connection, tenant, key, compartment)?;
        }
    }
    Ok(())
}

fn current(
    connection: &Connection,
    tenant: TenantId,
    write: &ResourceWrite,
) -> rusqlite::Result<Option<Current>> {
    connection
        .prepare_cached(
            "SELECT key, version, deleted FROM resource WHERE tenant = ?1 AND type = ?2 AND id = ?3",
        )?
        .query_row(params![tenant.0, write.resource_type, write.id.as_str()], |row| {
            Ok(Current { key: row.get(0)?, version: row.get(1)?, deleted: row.get(2)? })
        })
        .optional()
}

fn insert(
    connection: &Connection,
    key: i64,
    tenant: TenantId,
    write: &ResourceWrite,
    at: Timestamp,
    content: i64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO resource (key, tenant, type, id, version, last_updated, content, deleted) \
             VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, 0)",
        )?
        .execute(params![key, tenant.0, write.resource_type, write.id.as_str(), at.0, content])?;
    Ok(())
}

fn update(
    connection: &Connection,
    key: i64,
    version: u64,
    at: Timestamp,
    content: i64,
    deleted: bool,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE resource SET version = ?2, last_updated = ?3, content = ?4, deleted = ?5 WHERE key = ?1",
        )?
        .execute(params![key, version, at.0, content, deleted])?;
    Ok(())
}

fn keep_version(
    connection: &Connection,
    content: i64,
    tenant: TenantId,
    key: i64,
    version: u64,
    at: Timestamp,
    document: Option<&[u8]>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO resource_history (row, tenant, resource, version, last_updated, document) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![content, tenant.0, key, version, at.0, document])?;
    Ok(())
}

/// Takes away what a resource is found by.
pub(super) fn clear_index(connection: &Connection, tenant: TenantId, key: i64) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM index_token WHERE tenant = ?1 AND resource = ?2",
        "DELETE FROM index_text WHERE tenant = ?1 AND resource = ?2",
        "DELETE FROM index_date WHERE tenant = ?1 AND resource = ?2",
        "DELETE FROM index_number WHERE tenant = ?1 AND resource = ?2",
        "DELETE FROM index_quantity WHERE tenant = ?1 AND resource = ?2",
        "DELETE FROM index_reference WHERE tenant = ?1 AND resource = ?2",
        "DELETE FROM index_uri WHERE tenant = ?1 AND resource = ?2",
        "DELETE FROM index_composite WHERE tenant = ?1 AND resource = ?2",
        "DELETE FROM compartment WHERE tenant = ?1 AND resource = ?2",
        "DELETE FROM rule WHERE tenant = ?1 AND resource = ?2",
    ] {
        connection.prepare_cached(sql)?.execute(params![tenant.0, key])?;
    }
    Ok(())
}

/// Rows that are equal are one row; what is not a number cannot be found by number.
fn write_index(
    apply: &mut Apply<'_>,
    tenant: TenantId,
    key: i64,
    resource_type: &str,
    row: &IndexRow,
) -> rusqlite::Result<()> {
    let connection = apply.connection;
    let tenant = tenant.0;
    let path = match Kind::of(&row.value) {
        Some(kind) => apply.paths.number(connection, resource_type, &row.param, kind)?,
        None => 0,
    };
    let put = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> rusqlite::Result<()> {
        connection.prepare_cached(sql)?.execute(values).map(|_| ())
    };
    match &row.value {
        IndexValue::Token { system, code } => put(
            "INSERT OR IGNORE INTO index_token VALUES (?1, ?2, ?3, ?4, ?5)",
            params![tenant, key, path, code, system],
        ),
        IndexValue::Text { folded, exact } => put(
            "INSERT OR IGNORE INTO index_text VALUES (?1, ?2, ?3, ?4, ?5)",
            params![tenant, key, path, folded, exact],
        ),
        IndexValue::Date(range) => put(
            "INSERT OR IGNORE INTO index_date VALUES (?1, ?2, ?3, ?4, ?5)",
            params![tenant, key, path, range.low.0, range.high.0],
        ),
        IndexValue::Number(value) if value.is_nan() => Ok(()),
        IndexValue::Number(value) => put(
            "INSERT OR IGNORE INTO index_number VALUES (?1, ?2, ?3, ?4)",
            params![tenant, key, path, value],
        ),
        IndexValue::Quantity { value, .. } if value.is_nan() => Ok(()),
        IndexValue::Quantity { value, system, unit } => put(
            "INSERT OR IGNORE INTO index_quantity VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![tenant, key, path, value, system, unit],
        ),
        IndexValue::Reference(target) => put(
            "INSERT OR IGNORE INTO index_reference VALUES (?1, ?2, ?3, ?4, ?5)",
            params![tenant, key, path, target.id.as_str(), target.resource_type],
        ),
        IndexValue::Uri(uri) => {
            put("INSERT OR IGNORE INTO index_uri VALUES (?1, ?2, ?3, ?4)", params![tenant, key, path, uri])
        }
        IndexValue::Part { group, part, value } => {
            let Some((kind, text1, text2, low, high)) = columns(value) else { return Ok(()) };
            put(
                "INSERT OR IGNORE INTO index_composite VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![tenant, key, path, group, part, kind.number(), text1, text2, low, high],
            )
        }
        IndexValue::Rule(rule) => put(
            "INSERT OR IGNORE INTO rule VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                tenant,
                rule.patient.as_str(),
                key,
                rule.permit,
                rule.depth,
                rule.grantee,
                rule.resource_type,
                rule.label,
                rule.holds.low.0,
                rule.holds.high.0
            ],
        ),
    }
}

/// The columns of a part of a composite; none: it cannot be found by.
fn columns(value: &IndexValue) -> Option<(Kind, &str, &str, Value, Value)> {
    let kind = Kind::of(value)?;
    let none = || Value::Integer(0);
    Some(match value {
        IndexValue::Token { system, code } => (kind, code, system, none(), none()),
        IndexValue::Text { folded, exact } => (kind, folded, exact, none(), none()),
        IndexValue::Uri(uri) => (kind, uri, "", none(), none()),
        IndexValue::Reference(target) => (kind, target.id.as_str(), &target.resource_type, none(), none()),
        IndexValue::Date(range) => (kind, "", "", range.low.0.into(), range.high.0.into()),
        IndexValue::Number(value) if !value.is_nan() => (kind, "", "", (*value).into(), none()),
        IndexValue::Quantity { value, system, unit } if !value.is_nan() => {
            (kind, unit, system, (*value).into(), none())
        }
        _ => return None,
    })
}

fn write_compartment(
    connection: &Connection,
    tenant: TenantId,
    key: i64,
    compartment: &Compartment,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO compartment (tenant, resource, kind, id) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![tenant.0, key, compartment.kind, compartment.id.as_str()])?;
    Ok(())
}
