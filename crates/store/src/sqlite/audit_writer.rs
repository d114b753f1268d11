//! The thread that writes the audit of reads to its own file, so that reading never waits for the writer of data.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bianque_model::TenantId;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::audit_chain::Chained;
use super::connection::{AUDIT, io, open_writer};
use super::options::Options;
use super::queue::Queue;
use crate::audit_chain::{Chain, ChainHead};
use crate::emergency_log::EmergencyLog;
use crate::{AuditRow, CommitError, OpenError};

const GROUP: usize = 1_000;
/// The purpose of reading a record that was opened in an emergency (HL7 v3 PurposeOfUse).
const EMERGENCY: &str = "BTG";

/// A row and who waits for it.
pub(super) struct Waiting {
    pub(super) tenant: TenantId,
    pub(super) row: AuditRow,
    pub(super) reply: oneshot::Sender<Result<(), CommitError>>,
}

/// The writer's side of the file of read audit.
pub(super) struct AuditWriter {
    connection: Connection,
    queue: Arc<Queue<Waiting>>,
    sequence: Arc<AtomicU64>,
    chained: Chained,
    head: ChainHead,
    emergencies: EmergencyLog,
}

impl AuditWriter {
    pub(super) fn open(
        path: &Path,
        options: &Options,
        queue: Arc<Queue<Waiting>>,
        sequence: Arc<AtomicU64>,
    ) -> Result<Self, OpenError> {
        let connection = open_writer(path, AUDIT, options)?;
        let chained = Chained { key: options.audit_key.clone(), chain: Chain::Reads };
        let head = chained.load(&connection).map_err(|cause| io(path, &cause))?;
        let emergencies =
            EmergencyLog::open(&options.emergency_log, &options.audit_key).map_err(|cause| {
                OpenError::Io {
                    what: format!("open {}", options.emergency_log.display()),
                    cause: cause.to_string(),
                }
            })?;
        Ok(Self { connection, queue, sequence, chained, head, emergencies })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        while let Some(first) = self.queue.next_soon() {
            let mut group = vec![first];
            while group.len() < GROUP
                && let Some(next) = self.queue.next_by(std::time::Instant::now(), |_| true)
            {
                group.push(next);
            }
            match self.write(&group) {
                Ok(()) => answer(group, &Ok(())),
                Err(cause) => self.in_emergency(group, &cause),
            }
        }
    }

    /// The database did not take a group: its rows of emergencies go on in the file, nobody else is served.
    fn in_emergency(&mut self, group: Vec<Waiting>, cause: &rusqlite::Error) {
        tracing::error!(%cause, rows = group.len(), "read audit failed");
        if !self.connection.is_autocommit() {
            // A rollback that fails too leaves the transaction to the next BEGIN, which then says so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        let failed = Err(CommitError::Unavailable(cause.to_string()));
        let (urgent, others): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|waiting| waiting.row.purpose == EMERGENCY);
        answer(others, &failed);
        if urgent.is_empty() {
            return;
        }
        let appended = self.emergencies.append(urgent.iter().map(|waiting| (waiting.tenant, &waiting.row)));
        match appended {
            Ok(()) => {
                tracing::warn!(rows = urgent.len(), "the audit of emergencies goes on in its file");
                metrics::counter!("bianque_audit_emergency_rows_total").increment(urgent.len() as u64);
                answer(urgent, &Ok(()));
            }
            Err(cause) => {
                tracing::error!(%cause, "the audit of emergencies failed too");
                answer(urgent, &failed);
            }
        }
    }

    /// Writes a group, and before it what was kept aside while the database failed.
    fn write(&mut self, group: &[Waiting]) -> rusqlite::Result<()> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut head = self.head;
        let aside = self.emergencies.waiting().iter().map(|(tenant, row)| (*tenant, row));
        for (tenant, row) in aside.chain(group.iter().map(|waiting| (waiting.tenant, &waiting.row))) {
            let number = self.sequence.fetch_add(1, Ordering::Relaxed);
            head = self.chained.append(&self.connection, &head, tenant, number, row)?;
        }
        self.chained.save(&self.connection, &head)?;
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.head = head;
        if !self.emergencies.waiting().is_empty() {
            // Without the mark the rows are carried over twice, which is better than never.
            if let Err(cause) = self.emergencies.carried() {
                tracing::error!(%cause, "rows of emergencies were carried over, but not marked so");
            }
        }
        Ok(())
    }
}

fn answer(group: Vec<Waiting>, answer: &Result<(), CommitError>) {
    for waiting in group {
        let _ = waiting.reply.send(answer.clone());
    }
}
