//! What was written, newest first: of a resource, of a type, of a tenant.

use bianque_model::{TenantId, Timestamp};
use bianque_query::Scope;
use rusqlite::{Connection, Row, params_from_iter};

use super::compile::{self, Sql, Target};
use super::search::InDatabase;
use super::{overlay, read_error};
use crate::{HistoryQuery, ReadError, StoredResource};

/// One page of versions, each with its place.
pub(super) fn page(
    connection: &Connection,
    tenant: TenantId,
    query: &HistoryQuery,
) -> Result<Vec<(u64, StoredResource)>, ReadError> {
    if query.resource_type.is_none() && query.scope != Scope::All {
        return Err(ReadError::Unavailable("the history of everything is for who may see everything".into()));
    }
    let run = || -> rusqlite::Result<Vec<Option<(u64, StoredResource)>>> {
        let sql = statement(connection, tenant, query)?;
        let mut statement = connection.prepare_cached(&sql.text)?;
        let rows = statement.query_map(params_from_iter(&sql.values), read)?;
        rows.collect()
    };
    Ok(run().map_err(|cause| read_error(&cause))?.into_iter().flatten().collect())
}

fn statement(connection: &Connection, tenant: TenantId, query: &HistoryQuery) -> rusqlite::Result<Sql> {
    let mut sql = Sql::of("SELECT h.row, r.type, r.id, h.version, h.last_updated, h.document FROM ");
    // From the resource to its versions, or from the newest version on.
    sql.push(match query.id {
        Some(_) => "resource r CROSS JOIN resource_history h ON h.tenant = r.tenant AND h.resource = r.key",
        None => {
            "resource_history h INDEXED BY resource_history_by_row CROSS JOIN resource r ON r.key = h.resource"
        }
    });
    sql.push(" WHERE h.tenant = ").bind(i64::from(tenant.0));
    sql.push(" AND h.row < ").bind(query.before.and_then(|row| i64::try_from(row).ok()).unwrap_or(i64::MAX));
    if let Some(resource_type) = &query.resource_type {
        sql.push(" AND r.tenant = ").bind(i64::from(tenant.0));
        sql.push(" AND r.type = ").bind(resource_type.clone());
        let numbers = InDatabase(connection);
        let (scope, merged) = overlay::meant_scope(connection, tenant, &query.scope)?;
        let target = Target { tenant, resource_type, scope: &scope, numbers: &numbers, merged, depth: 0 };
        sql.push(" AND ").append(compile::seen(&target)?);
    }
    if let Some(id) = &query.id {
        sql.push(" AND r.id = ").bind(id.to_string());
    }
    if let Some(since) = query.since {
        sql.push(" AND h.last_updated >= ").bind(since.0);
    }
    if let Some(at) = query.at {
        sql.push(" AND h.last_updated < ").bind(at.high.0);
        sql.push(" AND NOT EXISTS (SELECT 1 FROM resource_history n WHERE n.tenant = h.tenant");
        sql.push(" AND n.resource = h.resource AND n.version = h.version + 1 AND n.last_updated <= ");
        sql.bind(at.low.0).push(")");
    }
    sql.push(" ORDER BY h.row DESC LIMIT ").bind(i64::from(query.limit.max(1)));
    Ok(sql)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Option<(u64, StoredResource)>> {
    let id: String = row.get(2)?;
    // What has not the form of an id is none of ours.
    let Ok(id) = id.parse() else { return Ok(None) };
    let stored = StoredResource {
        resource_type: row.get(1)?,
        id,
        version: row.get(3)?,
        last_updated: Timestamp(row.get(4)?),
        document: row.get(5)?,
    };
    Ok(Some((row.get(0)?, stored)))
}
