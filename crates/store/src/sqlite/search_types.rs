//! Searching resources of several types at once: a search of each, merged.

use std::cmp::Ordering;

use bianque_model::TenantId;
use bianque_query::{Direction, Order, OrderKey, Page, Query};
use rusqlite::Connection;
use rusqlite::types::Value;

use super::search::{Found, PAGE, found};
use super::snapshot::Snapshot;
use super::{cursor, read_error};
use crate::{ReadError, StoredResource};

/// The text after every id, for places between those of one instant.
const AFTER_IDS: &str = "\u{10ffff}";

/// One page of several searches.
pub(super) fn page(
    connection: &Connection,
    tenant: TenantId,
    mut queries: Vec<Query>,
) -> Result<Page<StoredResource>, ReadError> {
    let Some(first) = queries.first() else { return Ok(Page { rows: Vec::new(), next: None }) };
    let (limit, direction) = (first.limit.clamp(1, PAGE), direction(&queries)?);
    let after = first.after.clone();
    queries.sort_by(|one, other| one.resource_type.cmp(&other.resource_type));
    let place = match after {
        Some(after) => Some(Place::read(cursor::decode(tenant, &queries, &after)?, direction)?),
        None => None,
    };
    let _snapshot = Snapshot::begin(connection).map_err(|cause| read_error(&cause))?;
    let mut rows: Vec<(usize, Found)> = Vec::new();
    for (of, query) in queries.iter().enumerate() {
        let from = match &place {
            None => None,
            Some(place) => match place.within(&query.resource_type, direction) {
                From::Passed => continue,
                From::Beginning => None,
                From::After(values) => Some(values),
            },
        };
        rows.extend(
            found(connection, tenant, query, from.as_deref(), limit + 1)?.into_iter().map(|row| (of, row)),
        );
        // Without an order of change, types come one after another.
        if direction.is_none() && rows.len() > limit as usize {
            break;
        }
    }
    if let Some(direction) = direction {
        rows.sort_by(|one, other| compare(one, other, direction));
    }
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let last = rows.last().filter(|_| more);
    let next = last.map(|(of, row)| {
        let mut values = row.keys.clone();
        values.push(Value::Text(queries[*of].resource_type.clone()));
        cursor::encode(tenant, &queries, &values)
    });
    let resources =
        rows.into_iter().map(|(of, row)| row.with_document(connection, &queries[of].resource_type));
    Ok(Page { rows: resources.collect::<Result<_, _>>()?, next })
}

/// The way of the one order by change; none: no order. Another order cannot be merged.
fn direction(queries: &[Query]) -> Result<Option<Direction>, ReadError> {
    let order = &queries[0].order;
    if queries.iter().any(|query| query.order != *order) {
        return Err(ReadError::Unavailable("searches of several types in different orders".into()));
    }
    match order.as_slice() {
        [] => Ok(None),
        [Order { key: OrderKey::LastUpdated, direction }] => Ok(Some(*direction)),
        _ => Err(ReadError::Unavailable("several types have no such order".into())),
    }
}

/// Where the page before ended.
struct Place {
    changed: Option<Value>,
    id: Value,
    resource_type: String,
}

/// Where to go on within a type.
enum From {
    Beginning,
    After(Vec<Value>),
    Passed,
}

impl Place {
    fn read(values: Vec<Value>, direction: Option<Direction>) -> Result<Self, ReadError> {
        let mut values = values.into_iter();
        let changed = direction.and_then(|_| values.next());
        match (values.next(), values.next(), values.next()) {
            (Some(id @ Value::Text(_)), Some(Value::Text(resource_type)), None) => {
                Ok(Self { changed, id, resource_type })
            }
            _ => Err(ReadError::Cursor),
        }
    }

    fn within(&self, resource_type: &str, direction: Option<Direction>) -> From {
        let ordering = resource_type.cmp(&self.resource_type);
        let Some(changed) = self.changed.clone() else {
            return match ordering {
                Ordering::Less => From::Passed,
                Ordering::Equal => From::After(vec![self.id.clone()]),
                Ordering::Greater => From::Beginning,
            };
        };
        // Of the same instant, types before have been shown and types behind have not.
        let id = match (ordering, direction == Some(Direction::Descending)) {
            (Ordering::Equal, _) => self.id.clone(),
            (Ordering::Less, false) | (Ordering::Greater, true) => Value::Text(AFTER_IDS.to_owned()),
            (Ordering::Less, true) | (Ordering::Greater, false) => Value::Text(String::new()),
        };
        From::After(vec![changed, id])
    }
}

fn compare(
    (of_one, one): &(usize, Found),
    (of_other, other): &(usize, Found),
    direction: Direction,
) -> Ordering {
    let way = |ordering: Ordering| match direction {
        Direction::Ascending => ordering,
        Direction::Descending => ordering.reverse(),
    };
    way(one.last_updated.cmp(&other.last_updated))
        .then(of_one.cmp(of_other))
        .then_with(|| way(one.id.as_str().cmp(other.id.as_str())))
}
