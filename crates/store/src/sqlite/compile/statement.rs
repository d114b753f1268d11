//! Whole statements.

use bianque_query::Query;
use rusqlite::types::Value;

use super::condition::filter;
use super::order::{after, order_by};
use super::scope::scope;
use super::{Driver, SortKey, Sql, Target, walkable};
use crate::ReadError;
use crate::sqlite::read_error;

/// One page: id, version, last change, the row of the content, then the values of the order's keys.
pub(in crate::sqlite) fn page(
    target: &Target<'_>,
    query: &Query,
    driver: Option<&Driver>,
    keys: &[SortKey],
    cursor: Option<&[Value]>,
    limit: u32,
) -> Result<Sql, ReadError> {
    let mut sql = Sql::of("SELECT * FROM (SELECT r.id AS id, r.version, r.last_updated, r.content");
    for (place, key) in keys.iter().enumerate() {
        sql.push(", ").append(key.value.clone()).push(&format!(" AS k{place}"));
    }
    sql.append(matching(target, query, driver).map_err(|cause| read_error(&cause))?).push(")");
    if let Some(values) = cursor {
        sql.push(" WHERE ").append(after(keys, values)?);
    }
    sql.push(" ORDER BY ").push(&order_by(keys)).push(" LIMIT ").bind(i64::from(limit));
    Ok(sql)
}

/// How many resources match.
pub(in crate::sqlite) fn count(
    target: &Target<'_>,
    query: &Query,
    driver: Option<&Driver>,
) -> rusqlite::Result<Sql> {
    let mut sql = Sql::of("SELECT count(*)");
    sql.append(matching(target, query, driver)?);
    Ok(sql)
}

/// How many rows a driver has, counted no further than `most`.
pub(in crate::sqlite) fn probe(driver: &Driver, most: u32) -> Sql {
    let mut sql = Sql::of("SELECT count(*) FROM (SELECT 1 FROM ");
    sql.append(driver.rows.clone()).push(" LIMIT ").bind(i64::from(most)).push(")");
    sql
}

/// `FROM … WHERE …`: living resources of the type that pass filter and scope.
fn matching(target: &Target<'_>, query: &Query, driver: Option<&Driver>) -> rusqlite::Result<Sql> {
    let mut sql = Sql::of(" FROM ");
    match driver {
        Some(driver) => {
            sql.push("(SELECT DISTINCT ")
                .push(driver.column)
                .push(" AS driven FROM ")
                .append(driver.rows.clone());
            sql.push(") CROSS JOIN resource r ON r.key = driven");
        }
        None if walkable(query) && !query.order.is_empty() => {
            sql.push("resource r INDEXED BY resource_by_change");
        }
        None => {
            sql.push("resource r");
        }
    }
    sql.push(" WHERE r.tenant = ").bind(i64::from(target.tenant.0));
    sql.push(" AND r.type = ").bind(target.resource_type.to_owned()).push(" AND r.deleted = 0 AND ");
    sql.append(filter(target, &query.filter)?).push(" AND ").append(scope(target, &query.scope)?);
    Ok(sql)
}
