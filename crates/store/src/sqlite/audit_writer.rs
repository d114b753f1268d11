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
use crate::{AuditRow, CommitError, OpenError};

const GROUP: usize = 1_000;

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
        Ok(Self { connection, queue, sequence, chained, head })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        while let Some(first) = self.queue.next() {
            let mut group = vec![first];
            while group.len() < GROUP
                && let Some(next) = self.queue.next_by(std::time::Instant::now(), |_| true)
            {
                group.push(next);
            }
            let written = self.write(&group).map_err(|cause| {
                tracing::error!(%cause, rows = group.len(), "read audit failed");
                if !self.connection.is_autocommit() {
                    // A rollback that fails too leaves the transaction to the next BEGIN, which then says so.
                    let _ = self.connection.execute_batch("ROLLBACK");
                }
                CommitError::Unavailable(cause.to_string())
            });
            for waiting in group {
                let _ = waiting.reply.send(written.clone());
            }
        }
    }

    fn write(&mut self, group: &[Waiting]) -> rusqlite::Result<()> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut head = self.head;
        for waiting in group {
            let number = self.sequence.fetch_add(1, Ordering::Relaxed);
            head = self.chained.append(&self.connection, &head, waiting.tenant, number, &waiting.row)?;
        }
        self.chained.save(&self.connection, &head)?;
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.head = head;
        Ok(())
    }
}
