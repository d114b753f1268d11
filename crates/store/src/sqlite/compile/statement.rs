//! Whole statements.

use bianque_query::{Predicate, Query};
use rusqlite::types::Value;

use super::condition::filter;
use super::link::references;
use super::order::{after, order_by};
use super::scope::seen;
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

/// How many resources match, counted no further than `most`.
pub(in crate::sqlite) fn count(
    target: &Target<'_>,
    query: &Query,
    driver: Option<&Driver>,
    most: i64,
) -> rusqlite::Result<Sql> {
    let mut sql = Sql::of("SELECT count(*) FROM (SELECT 1");
    sql.append(matching(target, query, driver)?).push(" LIMIT ").bind(most).push(")");
    Ok(sql)
}

/// How many rows a driver has, counted no further than `most`.
pub(in crate::sqlite) fn probe(driver: &Driver, most: u32) -> Sql {
    let mut sql = Sql::of("SELECT count(*) FROM (");
    sql.append(driver.keys()).push(" LIMIT ").bind(i64::from(most)).push(")");
    sql
}

/// Key and id of everything that a driver leads to and that passes.
pub(in crate::sqlite) fn keys(
    target: &Target<'_>,
    wanted: &Predicate,
    driver: &Driver,
) -> rusqlite::Result<Sql> {
    let row = target.row();
    let mut sql = Sql::of(&format!("SELECT {row}.key, {row}.id FROM (SELECT DISTINCT driven FROM ("));
    sql.append(driver.keys());
    sql.push(&format!(")) CROSS JOIN resource {row} ON {row}.key = driven WHERE "));
    sql.append(living(target, wanted)?);
    Ok(sql)
}

/// Resources of the target's type that the resources with these keys refer to; none: there is no such reference.
pub(in crate::sqlite) fn referred(
    target: &Target<'_>,
    resource_type: &str,
    param: &str,
    keys: &[i64],
) -> rusqlite::Result<Option<Sql>> {
    let Some(number) = references(target, resource_type, param)? else { return Ok(None) };
    // A list of numbers is always JSON.
    let keys = serde_json::to_string(keys).unwrap_or_default();
    let mut sql = Sql::of("SELECT DISTINCT 0, x.target_id FROM json_each(");
    sql.bind(keys).push(") k CROSS JOIN index_reference x WHERE x.tenant = ");
    sql.bind(i64::from(target.tenant.0)).push(" AND x.resource = k.value AND x.path = ").bind(number);
    sql.push(" AND x.target_type = ").bind(target.resource_type.to_owned());
    Ok(Some(sql))
}

/// `FROM … WHERE …`: living resources of the type that pass filter and scope.
fn matching(target: &Target<'_>, query: &Query, driver: Option<&Driver>) -> rusqlite::Result<Sql> {
    let mut sql = Sql::of(" FROM ");
    match driver {
        Some(driver) => {
            sql.push("(SELECT DISTINCT driven FROM (").append(driver.keys());
            sql.push(")) CROSS JOIN resource r ON r.key = driven");
        }
        None if walkable(query) && !query.order.is_empty() => {
            sql.push("resource r INDEXED BY resource_by_change");
        }
        None => {
            sql.push("resource r");
        }
    }
    sql.push(" WHERE ").append(living(target, &query.filter)?);
    Ok(sql)
}

/// The resource is there, of the target's type, and passes filter and scope.
pub(super) fn living(target: &Target<'_>, wanted: &Predicate) -> rusqlite::Result<Sql> {
    let row = target.row();
    let mut sql = Sql::of(&format!("{row}.tenant = "));
    sql.bind(i64::from(target.tenant.0)).push(&format!(" AND {row}.type = "));
    sql.bind(target.resource_type.to_owned()).push(&format!(" AND {row}.deleted = 0 AND "));
    sql.append(filter(target, wanted)?).push(" AND ").append(seen(target)?);
    Ok(sql)
}
