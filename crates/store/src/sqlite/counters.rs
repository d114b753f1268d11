//! The numbers that only the writer gives out.

use bianque_model::Timestamp;
use rusqlite::{Connection, params};

use super::audit_chain::Chained;
use crate::audit_chain::ChainHead;

/// What the writer counts. A copy is kept at the start of a transaction and put back when it is rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) sequence: u64,
    pub(super) last_updated: i64,
    pub(super) outbox: u64,
    /// Where the chain of audit stands.
    pub(super) audit: ChainHead,
    resource: i64,
    /// The number of the newest version.
    pub(super) content: i64,
    state: i64,
}

impl Counters {
    /// Reads them where the last commit left them.
    pub(super) fn load(connection: &Connection, audit: &Chained) -> rusqlite::Result<Self> {
        let highest = |table: &str, column: &str| -> rusqlite::Result<i64> {
            connection
                .query_row(&format!("SELECT coalesce(max({column}), 0) FROM {table}"), [], |row| row.get(0))
        };
        let (sequence, last_updated, outbox, content): (_, _, _, i64) = connection.query_row(
            "SELECT sequence, last_updated, outbox, content FROM clock WHERE one = 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
        Ok(Self {
            sequence,
            last_updated,
            outbox,
            audit: audit.load(connection)?,
            resource: highest("resource", "key")?,
            content: content.max(highest("resource_history", "row")?),
            state: highest("state", "key")?,
        })
    }

    /// Writes what outlives the rows it was given to, where it differs from `before`.
    pub(super) fn save(
        &self,
        before: &Self,
        connection: &Connection,
        audit: &Chained,
    ) -> rusqlite::Result<()> {
        if self.audit != before.audit {
            audit.save(connection, &self.audit)?;
        }
        connection
            .prepare_cached(
                "UPDATE clock SET sequence = ?1, last_updated = ?2, outbox = ?3, content = ?4 WHERE one = 1",
            )?
            .execute(params![self.sequence, self.last_updated, self.outbox, self.content])?;
        Ok(())
    }

    /// The number and time of the next commit. Time never stands still or steps back, whatever the clock does, so
    /// that the order of times is the order of commits.
    pub(super) fn next_commit(&mut self, now: Timestamp) -> (u64, Timestamp) {
        self.sequence += 1;
        self.last_updated = now.0.max(self.last_updated.saturating_add(1));
        (self.sequence, Timestamp(self.last_updated))
    }

    pub(super) fn next_outbox(&mut self) -> u64 {
        self.outbox += 1;
        self.outbox
    }

    pub(super) fn next_resource(&mut self) -> i64 {
        self.resource += 1;
        self.resource
    }

    pub(super) fn next_content(&mut self) -> i64 {
        self.content += 1;
        self.content
    }

    pub(super) fn next_state(&mut self) -> i64 {
        self.state += 1;
        self.state
    }
}
