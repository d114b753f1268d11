//! Moving committed pages from the log into the database, beside the writer and not in its way.
//!
//! A thread of its own copies them while the writer goes on; it never waits for anybody and nobody for it. Under
//! steady writing it never quite arrives, and the log would grow without end: above a size the writer itself copies
//! the little that is left, after which the log begins anew.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use rusqlite::Connection;

use super::connection::open_checkpointer;
use super::options::Options;
use crate::OpenError;

/// Frames (4 kB each) that are written between two passes. The more there are, the more often a page was written
/// twice and is copied once.
const STEP: u32 = 4_000;
/// Frames of the log above which the writer helps.
const LONG: u32 = 12_000;

/// The writer's side.
pub(super) struct Checkpoints {
    work: SyncSender<()>,
    done: Receiver<()>,
    /// Frames in the log, told by SQLite at each commit.
    frames: Arc<AtomicU32>,
    /// Frames when the last pass began.
    asked_at: u32,
    passing: bool,
}

/// The thread's side.
pub(super) struct Checkpointer {
    connection: Connection,
    work: Receiver<()>,
    done: SyncSender<()>,
}

/// Both sides for one database.
pub(super) fn open(path: &Path, options: &Options) -> Result<(Checkpoints, Checkpointer), OpenError> {
    let connection = open_checkpointer(path, options)?;
    let (work, to_do) = sync_channel(1);
    let (done, news) = sync_channel(1);
    let frames = Arc::new(AtomicU32::new(0));
    let checkpoints = Checkpoints { work, done: news, frames, asked_at: 0, passing: false };
    Ok((checkpoints, Checkpointer { connection, work: to_do, done }))
}

impl Checkpoints {
    /// Watches the log through the writer's connection, which then copies nothing by itself.
    pub(super) fn watch(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let frames = Arc::clone(&self.frames);
        connection.wal_hook(Some(move |_: &mut _, pages| {
            frames.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))
    }

    /// Told after each transaction; `connection` is the writer's.
    pub(super) fn written(&mut self, connection: &Connection) {
        let frames = self.frames.load(Ordering::Relaxed);
        if frames < self.asked_at {
            self.asked_at = 0;
        }
        if self.passing {
            self.passing = self.done.try_recv() == Err(TryRecvError::Empty);
            if !self.passing && frames >= LONG {
                // The thread rests, so that this finds nobody in its way and copies all.
                copy(connection);
            }
        } else if frames - self.asked_at >= STEP {
            self.asked_at = frames;
            self.passing = self.work.try_send(()).is_ok();
            if !self.passing {
                copy(connection);
            }
            metrics::gauge!("store_log_frames").set(frames);
        }
    }
}

impl Checkpointer {
    /// Works until the writer is gone.
    pub(super) fn run(self) {
        while self.work.recv().is_ok() {
            copy(&self.connection);
            if self.done.send(()).is_err() {
                return;
            }
        }
    }
}

/// Copies what it can without waiting.
fn copy(connection: &Connection) {
    let copied = connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
        .and_then(|mut statement| statement.query_row([], |_| Ok(())));
    if let Err(cause) = copied {
        tracing::warn!(%cause, "the log was not copied into the database");
    }
}
