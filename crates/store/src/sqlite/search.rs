//! Searching: plan ([`super::plan`]), compile, run.

use std::slice;

use bianque_model::{ResourceId, TenantId, Timestamp};
use bianque_query::{Page, Query};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::compile::{self, Driver, Numbers, Sql, Target};
use super::paths::{Kind, numbers_of};
use super::snapshot::Snapshot;
use super::{cursor, overlay, plan, read_error};
use crate::{ReadError, StoredResource};

/// Rows that a driver may have before walking in order is tried instead.
pub(super) const NARROW: u32 = 2_000;
/// Rows that a page may have, whatever is asked.
pub(super) const PAGE: u32 = 10_000;
/// An estimate counts so many matches exactly, tries what so many index rows lead to, and takes a condition with more than
/// so many for one that has just as many.
const FEW: u32 = 1_000;
const SAMPLE: u32 = 10_000;
const MANY: u32 = 2_000_000;
/// Longer statements are not kept prepared.
const KEPT: usize = 4_096;

/// One page of a search.
pub(super) fn page(
    connection: &Connection,
    tenant: TenantId,
    query: &Query,
) -> Result<Page<StoredResource>, ReadError> {
    let _snapshot = Snapshot::begin(connection).map_err(|cause| read_error(&cause))?;
    let limit = query.limit.clamp(1, PAGE);
    let from = query
        .after
        .as_ref()
        .map(|after| cursor::decode(tenant, slice::from_ref(query), after))
        .transpose()?;
    let mut rows = found(connection, tenant, query, from.as_deref(), limit + 1)?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next =
        rows.last().filter(|_| more).map(|row| cursor::encode(tenant, slice::from_ref(query), &row.keys));
    let resources = rows.into_iter().map(|row| row.with_document(connection, &query.resource_type));
    Ok(Page { rows: resources.collect::<Result<_, _>>()?, next })
}

/// How many resources match, counted no further than `most`.
pub(super) fn count(
    connection: &Connection,
    tenant: TenantId,
    query: &Query,
    most: u64,
) -> Result<u64, ReadError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    planned(connection, tenant, query, |target, query, driver| {
        one(connection, &compile::count(target, query, driver, most)?)
    })
}

/// About how many match. Few are counted. Of many, the first of those that the narrowest condition leads to are tried, and
/// the rest taken to be like them.
pub(super) fn estimate(connection: &Connection, tenant: TenantId, query: &Query) -> Result<u64, ReadError> {
    planned(connection, tenant, query, |target, query, driver| {
        let counted = |driver: Option<&Driver>, most: u32| -> rusqlite::Result<u64> {
            one(connection, &compile::count(target, query, driver, i64::from(most))?)
        };
        let few = counted(driver, FEW)?;
        if few < u64::from(FEW) {
            return Ok(few);
        }
        let driver = driver.cloned().unwrap_or_else(|| compile::whole_type(target));
        let rows: u64 = one(connection, &compile::probe(&driver, MANY))?;
        let matched = counted(Some(&driver.first(SAMPLE)), SAMPLE)?;
        Ok((matched * rows / rows.clamp(1, u64::from(SAMPLE))).max(few))
    })
}

/// Answers of a query that was planned, in one snapshot.
fn planned<T>(
    connection: &Connection,
    tenant: TenantId,
    query: &Query,
    answer: impl FnOnce(&Target<'_>, &Query, Option<&Driver>) -> rusqlite::Result<T>,
) -> Result<T, ReadError> {
    compile::check_size(&query.filter)?;
    let answered = || -> rusqlite::Result<T> {
        let _snapshot = Snapshot::begin(connection)?;
        let numbers = InDatabase(connection);
        let (query, merged) = overlay::meant(connection, tenant, query)?;
        let query = query.as_ref();
        let target = target(tenant, query, &numbers, merged);
        let query = plan::narrowed(connection, &target, query)?;
        let driver = plan::narrowest(connection, &target, &query.filter)?.map(|(driver, _)| driver);
        answer(&target, &query, driver.as_ref())
    };
    answered().map_err(|cause| read_error(&cause))
}

/// Ids of resources that match, at most `limit`.
pub(super) fn matching_ids(
    connection: &Connection,
    tenant: TenantId,
    query: &Query,
    limit: u32,
) -> Result<Vec<ResourceId>, ReadError> {
    Ok(found(connection, tenant, query, None, limit)?.into_iter().map(|row| row.id).collect())
}

/// A resource that was found, without its content.
pub(super) struct Found {
    pub(super) id: ResourceId,
    version: u64,
    pub(super) last_updated: Timestamp,
    content: i64,
    /// The values of the order's keys, and the id.
    pub(super) keys: Vec<Value>,
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
    pub(super) fn with_document(
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

/// What matches, from a place on.
pub(super) fn found(
    connection: &Connection,
    tenant: TenantId,
    query: &Query,
    from: Option<&[Value]>,
    limit: u32,
) -> Result<Vec<Found>, ReadError> {
    compile::check_size(&query.filter)?;
    let numbers = InDatabase(connection);
    let (query, merged) = overlay::meant(connection, tenant, query).map_err(|cause| read_error(&cause))?;
    let query = query.as_ref();
    let target = target(tenant, query, &numbers, merged);
    let planned = || -> rusqlite::Result<_> {
        let narrowed = plan::narrowed(connection, &target, query)?;
        let driver = plan::narrowest(connection, &target, &narrowed.filter)?
            .filter(|(_, rows)| *rows < NARROW || !compile::walkable(query))
            .map(|(driver, _)| driver);
        Ok((driver, compile::sort_keys(&target, query)?, narrowed))
    };
    let (driver, keys, narrowed) = planned().map_err(|cause| read_error(&cause))?;
    let sql = compile::page(&target, &narrowed, driver.as_ref(), &keys, from, limit)?;
    rows(connection, &sql, keys.len()).map_err(|cause| read_error(&cause))
}

fn target<'a>(tenant: TenantId, query: &'a Query, numbers: &'a dyn Numbers, merged: bool) -> Target<'a> {
    Target { tenant, resource_type: &query.resource_type, scope: &query.scope, numbers, merged, depth: 0 }
}

fn rows(connection: &Connection, sql: &Sql, keys: usize) -> rusqlite::Result<Vec<Found>> {
    let values = params_from_iter(&sql.values);
    if sql.text.len() > KEPT {
        connection.prepare(&sql.text)?.query_map(values, |row| Found::read(row, keys))?.collect()
    } else {
        connection.prepare_cached(&sql.text)?.query_map(values, |row| Found::read(row, keys))?.collect()
    }
}

/// The one value that a statement gives.
pub(super) fn one<T: rusqlite::types::FromSql>(connection: &Connection, sql: &Sql) -> rusqlite::Result<T> {
    let values = params_from_iter(&sql.values);
    if sql.text.len() > KEPT {
        connection.prepare(&sql.text)?.query_row(values, |row| row.get(0))
    } else {
        connection.prepare_cached(&sql.text)?.query_row(values, |row| row.get(0))
    }
}

/// The path table of a database.
pub(super) struct InDatabase<'a>(pub(super) &'a Connection);

impl Numbers for InDatabase<'_> {
    fn of(&self, resource_type: &str, param: &str) -> rusqlite::Result<Vec<(Kind, i64)>> {
        numbers_of(self.0, resource_type, param)
    }
}

#[cfg(test)]
mod tests {
    use bianque_query::{Predicate, Scope, Test};
    use rusqlite::StatementStatus;

    use super::*;
    use crate::AuditKey;
    use crate::sqlite::connection::{MAIN, open_reader, open_writer};
    use crate::sqlite::options::Options;

    #[test]
    fn the_same_search_with_other_values_is_prepared_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.sqlite");
        let options = Options::new(folder.path(), AuditKey::new([7; 32]));
        let writer = open_writer(&path, MAIN, &options).unwrap();
        let kinds = Kind::ALL.iter().filter(|kind| matches!(kind, Kind::Token));
        for kind in kinds {
            writer
                .execute(
                    "INSERT INTO path (type, param, kind) VALUES ('Observation', 'code', ?1)",
                    [*kind as i64],
                )
                .unwrap();
        }
        let reader = open_reader(&path).unwrap();
        let query = |code: &str| Query {
            resource_type: "Observation".into(),
            scope: Scope::All,
            order: Vec::new(),
            after: None,
            limit: 50,
            filter: Predicate::Param {
                param: "code".into(),
                test: Test::Token { system: Some("urn:s".into()), code: Some(code.into()) },
            },
        };
        let numbers = InDatabase(&reader);
        for code in ["a", "b", "c"] {
            page(&reader, TenantId::FIRST, &query(code)).unwrap();
        }
        let query = query("d");
        let target = target(TenantId::FIRST, &query, &numbers, false);
        let (driver, _) = plan::narrowest(&reader, &target, &query.filter).unwrap().unwrap();
        let keys = compile::sort_keys(&target, &query).unwrap();
        let sql = compile::page(&target, &query, Some(&driver), &keys, None, 51).unwrap();
        let statement = reader.prepare_cached(&sql.text).unwrap();
        eprintln!("{} {}", statement.get_status(StatementStatus::RePrepare), sql.text);
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
