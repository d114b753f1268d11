//! Searching: compile, count a little to choose what drives, run.

use bianque_model::{ResourceId, TenantId, Timestamp};
use bianque_query::{Page, Query};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::compile::{self, Driver, Numbers, Sql, Target};
use super::paths::{Kind, numbers_of};
use super::{cursor, read_error};
use crate::{ReadError, StoredResource};

/// Rows that a driver may have before walking in order is tried instead.
const NARROW: u32 = 2_000;
/// Rows that a page may have, whatever is asked.
const PAGE: u32 = 10_000;
/// Longer statements are not kept prepared.
const KEPT: usize = 4_096;

/// One page of a search.
pub(super) fn page(
    connection: &Connection,
    tenant: TenantId,
    query: &Query,
) -> Result<Page<StoredResource>, ReadError> {
    let limit = query.limit.clamp(1, PAGE);
    let mut rows = found(connection, tenant, query, limit + 1)?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| cursor::encode(tenant, query, &row.keys));
    let resources = rows.into_iter().map(|row| row.with_document(connection, &query.resource_type));
    Ok(Page { rows: resources.collect::<Result<_, _>>()?, next })
}

/// How many resources match.
pub(super) fn count(connection: &Connection, tenant: TenantId, query: &Query) -> Result<u64, ReadError> {
    compile::check_size(&query.filter)?;
    let numbers = InDatabase(connection);
    let target = Target { tenant, resource_type: &query.resource_type, numbers: &numbers };
    let counted = || -> rusqlite::Result<u64> {
        let driver = narrowest(connection, &target, query)?.map(|(driver, _)| driver);
        let sql = compile::count(&target, query, driver.as_ref())?;
        one(connection, &sql)
    };
    counted().map_err(|cause| read_error(&cause))
}

/// Ids of resources that match, at most `limit`.
pub(super) fn matching_ids(
    connection: &Connection,
    tenant: TenantId,
    query: &Query,
    limit: u32,
) -> Result<Vec<ResourceId>, ReadError> {
    Ok(found(connection, tenant, query, limit)?.into_iter().map(|row| row.id).collect())
}

struct Found {
    id: ResourceId,
    version: u64,
    last_updated: Timestamp,
    content: i64,
    keys: Vec<Value>,
}

impl Found {
    fn read(row: &Row<'_>, keys: usize) -> rusqlite::Result<Self> {
        let id: String = row.get(0)?;
        let mut values = (4..4 + keys).map(|place| row.get(place)).collect::<Result<Vec<Value>, _>>()?;
        values.push(Value::Text(id.clone()));
        let id = id.parse().map_err(|cause| {
            rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(cause))
        })?;
        Ok(Self {
            id,
            version: row.get(1)?,
            last_updated: Timestamp(row.get(2)?),
            content: row.get(3)?,
            keys: values,
        })
    }

    /// Contents are written once and never change, so that they can be fetched after the search.
    fn with_document(
        self,
        connection: &Connection,
        resource_type: &str,
    ) -> Result<StoredResource, ReadError> {
        let document = connection
            .prepare_cached("SELECT document FROM resource_history WHERE row = ?1")
            .and_then(|mut statement| statement.query_row([self.content], |row| row.get(0)))
            .map_err(|cause| read_error(&cause))?;
        Ok(StoredResource {
            resource_type: resource_type.to_owned(),
            id: self.id,
            version: self.version,
            last_updated: self.last_updated,
            document,
        })
    }
}

fn found(
    connection: &Connection,
    tenant: TenantId,
    query: &Query,
    limit: u32,
) -> Result<Vec<Found>, ReadError> {
    compile::check_size(&query.filter)?;
    let numbers = InDatabase(connection);
    let target = Target { tenant, resource_type: &query.resource_type, numbers: &numbers };
    let cursor = query.after.as_ref().map(|cursor| cursor::decode(tenant, query, cursor)).transpose()?;
    let plan = || -> rusqlite::Result<_> {
        let driver = narrowest(connection, &target, query)?
            .filter(|(_, rows)| *rows < NARROW || !compile::walkable(query))
            .map(|(driver, _)| driver);
        Ok((driver, compile::sort_keys(&target, query)?))
    };
    let (driver, keys) = plan().map_err(|cause| read_error(&cause))?;
    let sql = compile::page(&target, query, driver.as_ref(), &keys, cursor.as_deref(), limit)?;
    rows(connection, &sql, keys.len()).map_err(|cause| read_error(&cause))
}

fn rows(connection: &Connection, sql: &Sql, keys: usize) -> rusqlite::Result<Vec<Found>> {
    let values = params_from_iter(&sql.values);
    if sql.text.len() > KEPT {
        connection.prepare(&sql.text)?.query_map(values, |row| Found::read(row, keys))?.collect()
    } else {
        connection.prepare_cached(&sql.text)?.query_map(values, |row| Found::read(row, keys))?.collect()
    }
}

/// The condition with the fewest index rows, and how many they are (no further than [`NARROW`]).
fn narrowest(
    connection: &Connection,
    target: &Target<'_>,
    query: &Query,
) -> rusqlite::Result<Option<(Driver, u32)>> {
    let mut best: Option<(Driver, u32)> = None;
    for driver in compile::candidates(target, query)? {
        let rows = one(connection, &compile::probe(&driver, NARROW))?;
        if best.as_ref().is_none_or(|(_, fewest)| rows < *fewest) {
            best = Some((driver, rows));
        }
        // Nothing is worth looking for that is much narrower than this.
        if rows < 50 {
            break;
        }
    }
    Ok(best)
}

fn one<T: rusqlite::types::FromSql>(connection: &Connection, sql: &Sql) -> rusqlite::Result<T> {
    connection.prepare_cached(&sql.text)?.query_row(params_from_iter(&sql.values), |row| row.get(0))
}

struct InDatabase<'a>(&'a Connection);

impl Numbers for InDatabase<'_> {
    fn of(&self, resource_type: &str, param: &str) -> rusqlite::Result<Vec<(Kind, i64)>> {
        numbers_of(self.0, resource_type, param)
    }
}
