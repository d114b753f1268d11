//! Housekeeping in bounded steps: what expired, what every consumer has seen, what no repeat will ask for again.

use bianque_model::Timestamp;
use rusqlite::{Connection, params};

/// Rows of each table that one step may remove.
const STEP: u32 = 500;

/// How long a repeat of a commit is still recognised.
const REPEATS_SECONDS: i64 = 7 * 24 * 3600;

/// One step; gives how many rows went. None went: there is nothing left to do.
pub(super) fn step(connection: &Connection, now: Timestamp, consumed: u64) -> rusqlite::Result<u64> {
    let consumed = i64::try_from(consumed).unwrap_or(i64::MAX);
    // Keys go with their documents and are not counted.
    connection
        .prepare_cached(
            "DELETE FROM state_key WHERE (tenant, state) IN \
             (SELECT tenant, key FROM state WHERE expires <= ?1 ORDER BY expires, key LIMIT ?2)",
        )?
        .execute(params![now.0, STEP])?;
    let state = connection
        .prepare_cached(
            "DELETE FROM state WHERE key IN \
             (SELECT key FROM state WHERE expires <= ?1 ORDER BY expires, key LIMIT ?2)",
        )?
        .execute(params![now.0, STEP])?;
    let outbox = connection
        .prepare_cached(
            "DELETE FROM outbox WHERE number IN \
             (SELECT number FROM outbox WHERE number <= ?1 ORDER BY number LIMIT ?2)",
        )?
        .execute(params![consumed, STEP])?;
    let applied = connection
        .prepare_cached(
            "DELETE FROM applied WHERE sequence IN (SELECT sequence FROM applied ORDER BY sequence LIMIT ?2) \
             AND last_updated < ?1",
        )?
        .execute(params![now.plus_seconds(-REPEATS_SECONDS).0, STEP])?;
    Ok((state + outbox + applied) as u64)
}
