//! Chains in SQL: the head beside its rows, and the walk that checks them.

use std::collections::HashSet;

use bianque_model::TenantId;
use rusqlite::{Connection, params};

use super::audit_rows;
use crate::AuditRow;
use crate::audit_chain::{AuditKey, Chain, ChainFault, ChainHead, ChainReport, ChainedRow, Link};

/// Rows that are walked in one snapshot: well under a second.
const SLICE: u32 = 50_000;

/// The chain of one file, as its writer goes on with it.
#[derive(Debug, Clone)]
pub(super) struct Chained {
    pub(super) key: AuditKey,
    pub(super) chain: Chain,
}

impl Chained {
    /// Reads the head where the last transaction left it; begins the chain when there is none.
    pub(super) fn load(&self, connection: &Connection) -> rusqlite::Result<ChainHead> {
        if let Some((head, _)) = head(connection)? {
            return Ok(head);
        }
        let begins = ChainHead::beginning(&self.key, self.chain, audit_rows::highest(connection)?);
        self.save(connection, &begins)?;
        Ok(begins)
    }

    /// Writes the head; in the transaction of the rows it counts.
    pub(super) fn save(&self, connection: &Connection, head: &ChainHead) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO audit_head (one, begins_after, count, link, seal) VALUES (1, ?1, ?2, ?3, ?4)
                 ON CONFLICT (one) DO UPDATE SET begins_after = ?1, count = ?2, link = ?3, seal = ?4",
            )?
            .execute(params![head.begins_after, head.count, head.link, head.seal(&self.key, self.chain)])?;
        Ok(())
    }

    /// Writes a row behind `head`, and gives the head after it.
    pub(super) fn append(
        &self,
        connection: &Connection,
        head: &ChainHead,
        tenant: TenantId,
        sequence: u64,
        row: &AuditRow,
    ) -> rusqlite::Result<ChainHead> {
        let next = head.after(&self.key, self.chain, tenant, sequence, row);
        audit_rows::insert(connection, tenant, sequence, row, &next.link)?;
        Ok(next)
    }

    /// Walks the chain from its beginning. No snapshot lives longer than a slice takes: rows behind are never changed,
    /// and the head is held against the rows of its own snapshot.
    pub(super) fn verify(&self, connection: &Connection, places: &[u64]) -> rusqlite::Result<ChainReport> {
        let begins_after = head(connection)?.map_or(0, |(head, _)| head.begins_after);
        let mut walk = Walk::new(self, begins_after, places);
        loop {
            let snapshot = connection.unchecked_transaction()?;
            let after = walk.sequence;
            let step = |tenant, sequence, row, link| walk.step(tenant, sequence, &row, link);
            if audit_rows::each_after(&snapshot, after, SLICE, step)? < SLICE {
                return walk.end(&snapshot);
            }
        }
    }
}

/// The head and its seal.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Option<(ChainHead, Link)>> {
    use rusqlite::OptionalExtension;
    connection
        .query_row("SELECT begins_after, count, link, seal FROM audit_head WHERE one = 1", [], |row| {
            let head = ChainHead { begins_after: row.get(0)?, count: row.get(1)?, link: row.get(2)? };
            Ok((head, row.get(3)?))
        })
        .optional()
}

/// Rows after a sequence, oldest first.
pub(super) fn rows_after(
    connection: &Connection,
    sequence: u64,
    limit: u32,
) -> rusqlite::Result<Vec<ChainedRow>> {
    let mut found = Vec::new();
    audit_rows::each_after(connection, sequence, limit, |tenant, sequence, row, link| {
        found.push(ChainedRow { tenant, sequence, row, link });
    })?;
    Ok(found)
}

/// A walk along a chain.
struct Walk<'a> {
    chained: &'a Chained,
    places: &'a [u64],
    head: ChainHead,
    sequence: u64,
    about_patients: u64,
    faults: Vec<ChainFault>,
    at: Vec<(u64, Link)>,
}

impl<'a> Walk<'a> {
    fn new(chained: &'a Chained, begins_after: u64, places: &'a [u64]) -> Self {
        let head = ChainHead::beginning(&chained.key, chained.chain, begins_after);
        let (faults, at) = (Vec::new(), Vec::new());
        Self { chained, places, head, sequence: begins_after, about_patients: 0, faults, at }
    }

    /// The walk goes on from the link that is stored, so that one changed row is one fault.
    fn step(&mut self, tenant: TenantId, sequence: u64, row: &AuditRow, link: Link) {
        let next = self.head.after(&self.chained.key, self.chained.chain, tenant, sequence, row);
        if next.link != link && self.faults.len() < ChainReport::FAULTS {
            self.faults.push(ChainFault::Broken { place: next.count, sequence });
        }
        if self.places.contains(&next.count) {
            self.at.push((next.count, link));
        }
        self.head = ChainHead { link, ..next };
        self.sequence = sequence;
        self.about_patients += row.patients.iter().collect::<HashSet<_>>().len() as u64;
    }

    /// Holds what was walked against the head and the table by patient.
    fn end(mut self, snapshot: &Connection) -> rusqlite::Result<ChainReport> {
        let begins_after = self.head.begins_after;
        let count = |sql: &str| snapshot.query_row(sql, [begins_after], |row| row.get::<_, u64>(0));
        let by_patient = count("SELECT count(*) FROM audit_patient WHERE sequence > ?1")?;
        let before_chain = count("SELECT count(*) FROM audit WHERE sequence <= ?1")?;
        let (stored, genuine) = match head(snapshot)? {
            Some((stored, seal)) => (stored, stored.seal(&self.chained.key, self.chained.chain) == seal),
            None => (self.head, false),
        };
        if !genuine {
            self.faults.push(ChainFault::Head);
        }
        if self.head.count != stored.count || self.head.link != stored.link {
            self.faults.push(ChainFault::Cut { found: self.head.count, wanted: stored.count });
        }
        if by_patient != self.about_patients {
            self.faults.push(ChainFault::ByPatient { found: by_patient, wanted: self.about_patients });
        }
        let (chain, rows) = (self.chained.chain, self.head.count);
        Ok(ChainReport { chain, before_chain, rows, head: stored, faults: self.faults, at: self.at })
    }
}
