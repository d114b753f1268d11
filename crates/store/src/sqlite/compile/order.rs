//! Order, and going on after a row. Resources without a value come last, whichever way the order runs; the id is the
//! last key and runs the way of the key before it, so that one index can give both.

use bianque_query::{Direction, Order, OrderKey, Query};
use rusqlite::types::Value;

use super::{Sql, Target};
use crate::ReadError;

/// One key of the order.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sqlite) struct SortKey {
    /// Its value for the resource `r`.
    pub(super) value: Sql,
    pub(super) descending: bool,
    /// Whether a resource may lack it.
    optional: bool,
}

/// Whether resources can be walked in this order without sorting.
pub(in crate::sqlite) fn walkable(query: &Query) -> bool {
    matches!(query.order.as_slice(), [] | [Order { key: OrderKey::LastUpdated, .. }])
}

/// The keys of the query's order, without the id.
pub(in crate::sqlite) fn sort_keys(target: &Target<'_>, query: &Query) -> rusqlite::Result<Vec<SortKey>> {
    let key = |order: &Order| -> rusqlite::Result<SortKey> {
        let descending = order.direction == Direction::Descending;
        Ok(match &order.key {
            OrderKey::LastUpdated => {
                SortKey { value: Sql::of("r.last_updated"), descending, optional: false }
            }
            OrderKey::Param(param) => {
                SortKey { value: value_of(target, param, descending)?, descending, optional: true }
            }
        })
    };
    query.order.iter().map(key).collect()
}

/// `ORDER BY` over the columns `k0`, `k1`, … and `id`.
pub(super) fn order_by(keys: &[SortKey]) -> String {
    let mut terms = Vec::new();
    for (place, key) in keys.iter().enumerate() {
        if key.optional {
            terms.push(format!("k{place} IS NULL"));
        }
        terms.push(format!("k{place}{}", if key.descending { " DESC" } else { "" }));
    }
    terms.push(format!("id{}", if ids_descend(keys) { " DESC" } else { "" }));
    terms.join(", ")
}

/// The condition of rows that come after the one with these values (the id is the last of them).
pub(super) fn after(keys: &[SortKey], values: &[Value]) -> Result<Sql, ReadError> {
    let Some((Value::Text(id), values)) = values.split_last() else { return Err(ReadError::Cursor) };
    if values.len() != keys.len() {
        return Err(ReadError::Cursor);
    }
    let id = Value::Text(id.clone());
    let beyond = if ids_descend(keys) { "<" } else { ">" };
    match (keys, values) {
        ([], _) => {
            let mut sql = Sql::of("id ");
            sql.push(beyond).push(" ").bind(id);
            Ok(sql)
        }
        ([key], [value]) if !key.optional => {
            let mut sql = Sql::of("(k0, id) ");
            sql.push(beyond).push(" (").bind(value.clone()).push(", ").bind(id).push(")");
            Ok(sql)
        }
        _ => Ok(after_any(keys, values, id, beyond)),
    }
}

/// Beyond the first key; or equal in it and beyond the second; and so on to the id.
fn after_any(keys: &[SortKey], values: &[Value], id: Value, beyond: &str) -> Sql {
    let mut ways = Vec::new();
    let equal_before = |place: usize| {
        let mut sql = Sql::default();
        for (place, value) in values.iter().enumerate().take(place) {
            sql.push(&format!("k{place} IS ")).bind(value.clone()).push(" AND ");
        }
        sql
    };
    for (place, (key, value)) in keys.iter().zip(values).enumerate() {
        // Nothing comes after the resources that lack the key but others that lack it.
        if *value == Value::Null {
            continue;
        }
        let mut sql = Sql::of("(");
        sql.append(equal_before(place))
            .push(&format!("(k{place} {} ", if key.descending { "<" } else { ">" }));
        sql.bind(value.clone());
        if key.optional {
            sql.push(&format!(" OR k{place} IS NULL"));
        }
        sql.push("))");
        ways.push(sql);
    }
    let mut last = Sql::of("(");
    last.append(equal_before(values.len())).push("id ").push(beyond).push(" ").bind(id).push(")");
    ways.push(last);
    Sql::join(ways, " OR ", Sql::never)
}

fn ids_descend(keys: &[SortKey]) -> bool {
    keys.last().is_some_and(|key| key.descending)
}

fn value_of(target: &Target<'_>, param: &str, descending: bool) -> rusqlite::Result<Sql> {
    let edge = if descending { "max" } else { "min" };
    let numbers = target.numbers.of(target.resource_type, param)?;
    let values: Vec<Sql> = numbers
        .into_iter()
        .map(|(kind, number)| {
            let mut sql =
                Sql::of(&format!("(SELECT {edge}(x.{}) FROM {} x", kind.sort_column(), kind.table()));
            sql.push(" WHERE x.tenant = ").bind(i64::from(target.tenant.0));
            sql.push(" AND x.resource = r.key AND x.path = ").bind(number).push(")");
            sql
        })
        .collect();
    if values.len() < 2 {
        return Ok(Sql::join(values, "", || Sql::of("NULL")));
    }
    let mut sql = Sql::of("coalesce(");
    for (place, value) in values.into_iter().enumerate() {
        sql.push(if place == 0 { "" } else { ", " }).append(value);
    }
    sql.push(")");
    Ok(sql)
}
