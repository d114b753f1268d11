//! Moving committed pages from the log into the database, beside the writer and not in its way.
//!
//! A thread of its own copies them while the writer goes on; it never waits for anybody and nobody for it. Under
//! steady writing it never quite arrives, and the log would grow without end: above a size the writer itself copies
//! the little that is left, after which the log begins anew.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use rusqlite::Connection;

use super::connection::open_checkpointer;
use super::options::Options;
use crate::OpenError;

/// Rows after which the log is looked at.
const ROWS: usize = 2_000;
/// Frames of the log (4 kB each) above which the writer helps.
const FRAMES: u32 = 8_000;

/// The writer's side.
pub(super) struct Checkpoints {
    work: SyncSender<()>,
    done: Receiver<u32>,
    rows: usize,
}

/// The thread's side.
pub(super) struct Checkpointer {
    connection: Connection,
    work: Receiver<()>,
    done: SyncSender<u32>,
}

/// Both sides for one database.
pub(super) fn open(path: &Path, options: &Options) -> Result<(Checkpoints, Checkpointer), OpenError> {
    let connection = open_checkpointer(path, options)?;
    let (work, to_do) = sync_channel(1);
    let (done, news) = sync_channel(1);
    Ok((Checkpoints { work, done: news, rows: 0 }, Checkpointer { connection, work: to_do, done }))
}

impl Checkpoints {
    /// Told after each transaction; `connection` is the writer's.
    pub(super) fn written(&mut self, rows: usize, connection: &Connection) {
        self.rows += rows;
        if self.done.try_recv().is_ok_and(|frames| frames > FRAMES) {
            copy(connection);
        }
        if self.rows >= ROWS {
            self.rows = 0;
            if let Err(TrySendError::Disconnected(())) = self.work.try_send(()) {
                copy(connection);
            }
        }
    }
}

impl Checkpointer {
    /// Works until the writer is gone.
    pub(super) fn run(self) {
        while self.work.recv().is_ok() {
            if let Some(frames) = copy(&self.connection) {
                metrics::gauge!("store_log_frames").set(frames);
                // When the last news was not heard yet, the next will do.
                let _ = self.done.try_send(frames);
            }
        }
    }
}

/// Copies what it can without waiting; gives the frames in the log.
fn copy(connection: &Connection) -> Option<u32> {
    let frames = connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
        .and_then(|mut statement| statement.query_row([], |row| row.get::<_, i64>(1)));
    match frames {
        Ok(frames) => u32::try_from(frames).ok(),
        Err(cause) => {
            tracing::warn!(%cause, "the log was not copied into the database");
            None
        }
    }
}
