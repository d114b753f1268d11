//! How a search is run: counting a little to choose what drives, and following links from their narrow end.
//!
//! "Observations of the patient with this identifier" is found from the identifier: the few patients are looked up first,
//! and the link becomes a test on the index of references. A link that leads to many is left to the statement.

use std::borrow::Cow;

use bianque_model::ResourceId;
use bianque_query::{Predicate, Query, Test};
use rusqlite::{Connection, params_from_iter};

use super::compile::{self, Driver, Sql, Target};
use super::overlay;
use super::search::{NARROW, one};

/// Up to so many rows conditions are counted, all of them before one goes on to the next.
const STEPS: [u32; 3] = [FEW, 640, NARROW];
const FEW: u32 = 64;

/// The query with its narrow links followed.
pub(super) fn narrowed<'q>(
    connection: &Connection,
    target: &Target<'_>,
    query: &'q Query,
) -> rusqlite::Result<Cow<'q, Query>> {
    if !has_links(&query.filter) {
        return Ok(Cow::Borrowed(query));
    }
    Ok(Cow::Owned(Query { filter: follow(connection, target, &query.filter)?, ..query.clone() }))
}

fn has_links(filter: &Predicate) -> bool {
    match filter {
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().any(has_links),
        Predicate::Not(part) => has_links(part),
        Predicate::Chain { .. } | Predicate::ReferredBy { .. } => true,
        _ => false,
    }
}

/// The condition with the fewest index rows, and how many they are (no further than [`NARROW`]).
///
/// All are counted a little before one is counted further: what the widest has costs no more than what the narrowest has.
pub(super) fn narrowest(
    connection: &Connection,
    target: &Target<'_>,
    filter: &Predicate,
) -> rusqlite::Result<Option<(Driver, u32)>> {
    let candidates = compile::candidates(target, filter)?;
    for most in STEPS {
        let mut best: Option<(&Driver, u32)> = None;
        for driver in &candidates {
            let rows = one(connection, &compile::probe(driver, most))?;
            if rows < most && best.is_none_or(|(_, fewest)| rows < fewest) {
                best = Some((driver, rows));
            }
            // Nothing is worth looking for that is much narrower than this.
            if rows < FEW {
                break;
            }
        }
        if let Some((driver, rows)) = best {
            return Ok(Some((driver.clone(), rows)));
        }
    }
    Ok(candidates.into_iter().next().map(|driver| (driver, NARROW)))
}

fn follow(connection: &Connection, target: &Target<'_>, filter: &Predicate) -> rusqlite::Result<Predicate> {
    let all = |parts: &[Predicate]| {
        parts.iter().map(|part| follow(connection, target, part)).collect::<rusqlite::Result<Vec<_>>>()
    };
    Ok(match filter {
        Predicate::And(parts) => Predicate::And(all(parts)?),
        Predicate::Or(parts) => Predicate::Or(all(parts)?),
        Predicate::Not(part) => Predicate::Not(Box::new(follow(connection, target, part)?)),
        Predicate::Chain { param, target_type, filter } => {
            let joined = target.joined(target_type);
            let filter = follow(connection, &joined, filter)?;
            match few(connection, &joined, &filter)? {
                Some(found) => {
                    let ids = found.into_iter().map(|(_, id)| id).collect();
                    let ids = as_one(connection, &joined, ids)?;
                    let test = Test::RefersToAny { resource_type: target_type.clone(), ids };
                    Predicate::Param { param: param.clone(), test }
                }
                None => Predicate::Chain {
                    param: param.clone(),
                    target_type: target_type.clone(),
                    filter: Box::new(filter),
                },
            }
        }
        Predicate::ReferredBy { resource_type, param, filter } => {
            let joined = target.joined(resource_type);
            let filter = follow(connection, &joined, filter)?;
            match few(connection, &joined, &filter)? {
                Some(found) => {
                    let keys: Vec<i64> = found.into_iter().map(|(key, _)| key).collect();
                    let ids = referred(connection, target, resource_type, param, &keys)?;
                    Predicate::Ids(as_one(connection, target, ids)?)
                }
                None => Predicate::ReferredBy {
                    resource_type: resource_type.clone(),
                    param: param.clone(),
                    filter: Box::new(filter),
                },
            }
        }
        other => other.clone(),
    })
}

/// Key and id of everything that matches, when something narrow leads there.
fn few(
    connection: &Connection,
    target: &Target<'_>,
    filter: &Predicate,
) -> rusqlite::Result<Option<Vec<(i64, ResourceId)>>> {
    let Some((driver, rows)) = narrowest(connection, target, filter)? else { return Ok(None) };
    if rows >= NARROW {
        return Ok(None);
    }
    listed(connection, &compile::keys(target, filter, &driver)?).map(Some)
}

/// Ids of resources of the target's type that these refer to.
fn referred(
    connection: &Connection,
    target: &Target<'_>,
    resource_type: &str,
    param: &str,
    keys: &[i64],
) -> rusqlite::Result<Vec<ResourceId>> {
    let Some(sql) = compile::referred(target, resource_type, param, keys)? else { return Ok(Vec::new()) };
    Ok(listed(connection, &sql)?.into_iter().map(|(_, id)| id).collect())
}

/// These resources of the target's type and, of patients, all records that are one with them.
fn as_one(
    connection: &Connection,
    target: &Target<'_>,
    ids: Vec<ResourceId>,
) -> rusqlite::Result<Vec<ResourceId>> {
    if !target.merges() {
        return Ok(ids);
    }
    overlay::widened(connection, target.tenant, ids)
}

fn listed(connection: &Connection, sql: &Sql) -> rusqlite::Result<Vec<(i64, ResourceId)>> {
    let mut statement = connection.prepare_cached(&sql.text)?;
    let rows = statement.query_map(params_from_iter(&sql.values), |row| {
        let id: String = row.get(1)?;
        // What has not the form of an id is none of ours.
        Ok((row.get(0)?, id.parse().ok()))
    })?;
    let found = rows.collect::<rusqlite::Result<Vec<(i64, Option<ResourceId>)>>>()?;
    Ok(found.into_iter().filter_map(|(key, id)| Some((key, id?))).collect())
}
