//! The one thread that writes: it drains what waits into one transaction and answers after the disk has it.
//!
//! A slice is at most 1,000 rows or 20 ms. Members share a transaction without savepoints. A member that is refused
//! before it wrote anything is answered with the rest; one that fails later costs its group a replay one by one,
//! which is rare and was measured cheaper than a savepoint for everybody.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use bianque_model::{TenantId, Timestamp};
use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use super::apply::{Apply, Fault, applied};
use super::audit_chain::Chained;
use super::checkpoint::{Checkpointer, Checkpoints};
use super::connection::{MAIN, io, open_writer};
use super::counters::Counters;
use super::options::Options;
use super::paths::Paths;
use super::pulse::Pulse;
use super::queue::Queue;
use super::{checkpoint, erase, sweep};
use crate::audit_chain::Chain;
use crate::{About, Commit, CommitError, Committed, OpenError};

const SLICE_ROWS: usize = 1_000;
const SLICE_TIME: Duration = Duration::from_millis(20);

/// What the writer is asked.
pub(super) enum Job {
    /// A commit.
    Commit(Box<Waiting>),
    /// One bounded step of housekeeping.
    Sweep { now: Timestamp, consumed: u64, reply: oneshot::Sender<Result<u64, CommitError>> },
    /// One bounded step of erasing a patient; the last empties the log.
    Erase {
        tenant: TenantId,
        about: About,
        names: Vec<String>,
        last: bool,
        reply: oneshot::Sender<Result<(), CommitError>>,
    },
}

/// A commit and who waits for it.
pub(super) struct Waiting {
    pub(super) commit: Commit,
    pub(super) rows: usize,
    pub(super) since: Instant,
    pub(super) reply: oneshot::Sender<Result<Committed, CommitError>>,
}

type Answer = Result<Committed, CommitError>;

/// The writer's side of the main database.
pub(super) struct Writer {
    connection: Connection,
    path: PathBuf,
    options: Options,
    queue: Arc<Queue<Job>>,
    counters: Counters,
    paths: Paths,
    audit_sequence: Arc<AtomicU64>,
    audit: Chained,
    checkpoints: Checkpoints,
    pulse: Arc<Pulse>,
    /// The number of the newest version, for whoever follows.
    newest: watch::Sender<u64>,
}

impl Writer {
    pub(super) fn open(
        path: PathBuf,
        options: Options,
        queue: Arc<Queue<Job>>,
        audit_sequence: Arc<AtomicU64>,
        pulse: Arc<Pulse>,
    ) -> Result<(Self, Checkpointer), OpenError> {
        // The file is made before anybody else opens it.
        drop(open_writer(&path, MAIN, &options)?);
        let (checkpoints, checkpointer) = checkpoint::open(&path, &options)?;
        let audit = Chained { key: options.audit_key.clone(), chain: Chain::Writes };
        let (connection, counters) = connect(&path, &options, &checkpoints, &audit)?;
        let paths = Paths::default();
        let writer = Self {
            connection,
            path,
            options,
            queue,
            counters,
            paths,
            audit_sequence,
            audit,
            checkpoints,
            pulse,
            newest: watch::Sender::new(0),
        };
        writer.tell_newest();
        Ok((writer, checkpointer))
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The number of the newest version, from now on.
    pub(super) fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        while let Some(job) = self.queue.next_soon() {
            match job {
                Job::Commit(first) => self.slice(first),
                Job::Sweep { now, consumed, reply } => {
                    let swept = self.sweep(now, consumed);
                    // Whoever asked may be gone; the rows are swept all the same.
                    let _ = reply.send(swept);
                }
                Job::Erase { tenant, about, names, last, reply } => {
                    let erased = self.erase(tenant, &about, &names, last);
                    // Whoever asked may be gone; the rows are gone all the same.
                    let _ = reply.send(erased);
                }
            }
        }
    }

    fn slice(&mut self, first: Box<Waiting>) {
        let until = Instant::now() + SLICE_TIME;
        let before = self.counters;
        let mut group: Vec<(Box<Waiting>, Answer)> = Vec::new();
        let mut rows = 0;
        let mut next = Some(first);
        let mut outcome = self.begin();
        while let Some(waiting) = next.take() {
            metrics::histogram!("store_writer_wait_seconds").record(waiting.since.elapsed());
            match outcome.and_then(|()| self.apply(&waiting.commit)) {
                Ok(answer) => {
                    rows += waiting.rows;
                    group.push((waiting, answer));
                    outcome = Ok(());
                }
                Err(fault) => {
                    self.roll_back(before);
                    return self.replay(group, waiting, fault);
                }
            }
            if rows < SLICE_ROWS && Instant::now() < until {
                next = self.next_member(rows);
            }
        }
        self.settle(before, group);
    }

    fn next_member(&self, rows: usize) -> Option<Box<Waiting>> {
        let fits = |job: &Job| matches!(job, Job::Commit(waiting) if rows + waiting.rows <= SLICE_ROWS);
        match self.queue.next_by(Instant::now(), fits) {
            Some(Job::Commit(waiting)) => Some(waiting),
            _ => None,
        }
    }

    /// One member failed after it had written: each member again, in a transaction of its own.
    fn replay(&mut self, group: Vec<(Box<Waiting>, Answer)>, failed: Box<Waiting>, fault: Fault) {
        if group.is_empty() {
            let _ = failed.reply.send(Err(fault.into_error()));
            return;
        }
        metrics::counter!("store_replays_total").increment(1);
        for waiting in group.into_iter().map(|(waiting, _)| waiting).chain([failed]) {
            let before = self.counters;
            match self.begin().and_then(|()| self.apply(&waiting.commit)) {
                Ok(answer) => self.settle(before, vec![(waiting, answer)]),
                Err(fault) => {
                    self.roll_back(before);
                    let _ = waiting.reply.send(Err(fault.into_error()));
                }
            }
        }
    }

    /// Commits the transaction and tells everybody in it.
    fn settle(&mut self, before: Counters, group: Vec<(Box<Waiting>, Answer)>) {
        metrics::histogram!("store_group_members").record(group.len() as f64);
        if let Err(cause) = self.finish(before) {
            tracing::error!(%cause, members = group.len(), "a commit failed");
            self.recover(before);
            for (waiting, _) in group {
                let answer = self.resolve(&waiting.commit, &cause);
                let _ = waiting.reply.send(answer);
            }
            return;
        }
        self.pulse.note(group.iter().map(|(waiting, _)| waiting.since.elapsed()), self.counters.last_updated);
        for (waiting, answer) in group {
            // Whoever waited may be gone; the commit stands.
            let _ = waiting.reply.send(answer);
        }
        self.tell_newest();
        self.checkpoints.written(&self.connection);
    }

    /// Wakes whoever follows, when there is something new.
    fn tell_newest(&self) {
        let newest = u64::try_from(self.counters.content).unwrap_or_default();
        self.newest.send_if_modified(|told| std::mem::replace(told, newest) != newest);
    }

    fn begin(&self) -> Result<(), Fault> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    fn apply(&mut self, commit: &Commit) -> Result<Answer, Fault> {
        Apply {
            connection: &self.connection,
            counters: &mut self.counters,
            paths: &mut self.paths,
            audit_sequence: &self.audit_sequence,
            audit: &self.audit,
        }
        .apply(commit)
    }

    fn finish(&self, before: Counters) -> rusqlite::Result<()> {
        if self.counters != before {
            self.counters.save(&before, &self.connection, &self.audit)?;
        }
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    fn roll_back(&mut self, before: Counters) {
        if !self.connection.is_autocommit()
            && let Err(cause) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%cause, "a rollback failed");
        }
        self.counters = before;
        self.paths.forget();
    }

    /// After a failed COMMIT the connection is made anew: what the old one believes about the log is not trusted.
    fn recover(&mut self, before: Counters) {
        self.roll_back(before);
        match connect(&self.path, &self.options, &self.checkpoints, &self.audit) {
            Ok((connection, counters)) => {
                self.connection = connection;
                self.counters = counters;
            }
            Err(cause) => tracing::error!(%cause, "the database could not be opened again"),
        }
    }

    /// What became of a commit whose COMMIT failed: its id tells.
    fn resolve(&self, commit: &Commit, cause: &rusqlite::Error) -> Answer {
        match applied(&self.connection, commit) {
            Ok(Some(committed)) => Ok(Committed { repeated: false, ..committed }),
            Ok(None) | Err(_) => Err(CommitError::Unavailable(cause.to_string())),
        }
    }

    fn erase(
        &mut self,
        tenant: TenantId,
        about: &About,
        names: &[String],
        last: bool,
    ) -> Result<(), CommitError> {
        let before = self.counters;
        let erased = self.begin().and_then(|()| Ok(erase::erase(&self.connection, tenant, about, names)?));
        erased.and_then(|()| Ok(self.finish(before)?)).map_err(|fault| {
            self.roll_back(before);
            fault.into_error()
        })?;
        if !last {
            return Ok(());
        }
        match erase::empty_log(&self.connection) {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(CommitError::Unavailable("the log is in use and still holds what was erased".into()))
            }
            Err(cause) => Err(CommitError::Unavailable(cause.to_string())),
        }
    }

    fn sweep(&mut self, now: Timestamp, consumed: u64) -> Result<u64, CommitError> {
        let before = self.counters;
        let swept = self.begin().and_then(|()| Ok(sweep::step(&self.connection, now, consumed)?));
        let finished = swept.and_then(|rows| {
            self.finish(before)?;
            Ok(rows)
        });
        finished.map_err(|fault| {
            self.roll_back(before);
            fault.into_error()
        })
    }
}

fn connect(
    path: &Path,
    options: &Options,
    checkpoints: &Checkpoints,
    audit: &Chained,
) -> Result<(Connection, Counters), OpenError> {
    let mut connection = open_writer(path, MAIN, options)?;
    let loaded = checkpoints.watch(&mut connection).and_then(|()| Counters::load(&connection, audit));
    Ok((connection, loaded.map_err(|cause| io(path, &cause))?))
}
