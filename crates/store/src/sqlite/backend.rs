//! The interface over the threads: each call becomes a job for one of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bianque_model::{BlobId, ResourceId, TenantId, Timestamp};
use bianque_query::{ImageQuery, Page, Predicate, Query};
use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use super::apply::rows_of;
use super::audit_chain::{self, Chained};
use super::audit_writer::{self, AuditWriter};
use super::connection::{check_library, io, open_reader};
use super::options::{Clock, Options};
use super::pulse::Pulse;
use super::queue::{Queue, Refused};
use super::readers::Readers;
use super::writer::{Job, Waiting, Writer};
use super::{
    audit_list, audit_rows, copy, erase, history, image_search, merged, overlay, read_error, resource_rows,
    search, search_types, state_rows, versions,
};
use crate::emergency_log;
use crate::{
    About, AuditKey, AuditList, AuditPage, AuditQuery, AuditRow, Backend, BlobRow, Chain, ChainHead,
    ChainReport, ChainedRow, ChangedStudy, Commit, CommitError, Committed, Figures, Future, HistoryQuery,
    ImageRow, OpenError, OutboxEntry, Priority, ReadError, ResourceName, SamePatient, StateQuery,
    StoredResource, StoredState, Versions,
};

/// Data, with the audit of writes.
const MAIN_FILE: &str = "bianque.db";
/// The audit of reads.
const AUDIT_FILE: &str = "audit.db";
/// How long a commit waits to get into a full queue.
const PATIENCE: Duration = Duration::from_secs(10);

/// The store on SQLite. Dropping it writes what waits and ends its threads.
pub struct Sqlite {
    commits: Arc<Queue<Job>>,
    read_audit: Arc<Queue<audit_writer::Waiting>>,
    writers: Vec<JoinHandle<()>>,
    readers: Readers,
    audit_readers: Readers,
    clock: Clock,
    commit_rows: usize,
    folder: PathBuf,
    audit_key: AuditKey,
    emergency_log: PathBuf,
    pulse: Arc<Pulse>,
    newest: watch::Receiver<u64>,
}

impl Sqlite {
    /// Opens the databases and starts the threads.
    ///
    /// # Errors
    /// As [`super::open`].
    pub fn open(options: Options) -> Result<Self, OpenError> {
        check_library()?;
        let (folder, audit_key) = (options.folder.clone(), options.audit_key.clone());
        let emergency_log = options.emergency_log.clone();
        let main = folder.join(MAIN_FILE);
        let audit = folder.join(AUDIT_FILE);
        let commits = Arc::new(Queue::new(options.waiting));
        let read_audit = Arc::new(Queue::new(options.waiting));
        let sequence = Arc::new(AtomicU64::new(1));
        let pulse = Arc::new(Pulse::default());
        let (clock, count, waiting, commit_rows) =
            (Arc::clone(&options.clock), options.readers, options.waiting, options.commit_rows);
        let audit_writer =
            AuditWriter::open(&audit, &options, Arc::clone(&read_audit), Arc::clone(&sequence))?;
        let (writer, checkpointer) = Writer::open(
            main.clone(),
            options,
            Arc::clone(&commits),
            Arc::clone(&sequence),
            Arc::clone(&pulse),
        )?;
        let highest =
            |connection: &Connection| audit_rows::highest(connection).map_err(|cause| io(&main, &cause));
        let first = highest(writer.connection())?.max(highest(audit_writer.connection())?) + 1;
        let newest = writer.newest();
        sequence.store(first, std::sync::atomic::Ordering::Relaxed);
        Ok(Self {
            readers: Readers::open(&main, count, waiting, "store-read")?,
            audit_readers: Readers::open(&audit, 1, waiting, "store-read-audit")?,
            writers: vec![
                spawn("store-write", move || writer.run())?,
                spawn("store-write-audit", move || audit_writer.run())?,
                spawn("store-checkpoint", move || checkpointer.run())?,
            ],
            commits,
            read_audit,
            clock,
            commit_rows,
            folder,
            audit_key,
            emergency_log,
            pulse,
            newest,
        })
    }

    async fn read<T, F>(&self, read: F) -> Result<T, ReadError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.readers.run(move |connection| read(connection).map_err(|cause| read_error(&cause))).await
    }

    /// Reads from the main file on a thread and a connection of its own: it takes longer than a reader may.
    async fn apart<T, F>(&self, read: F) -> Result<T, ReadError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let path = self.folder.join(MAIN_FILE);
        let unavailable = |cause: String| ReadError::Unavailable(cause);
        let done = tokio::task::spawn_blocking(move || {
            let connection = open_reader(&path).map_err(|cause| unavailable(cause.to_string()))?;
            read(&connection).map_err(|cause| read_error(&cause))
        });
        done.await.map_err(|cause| unavailable(cause.to_string()))?
    }

    /// Reads from the file of a chain.
    async fn of_chain<T, F>(&self, chain: Chain, read: F) -> Result<T, ReadError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let readers = match chain {
            Chain::Writes => &self.readers,
            Chain::Reads => &self.audit_readers,
            Chain::Emergencies => {
                return Err(ReadError::Unavailable("emergencies are lines of a file, in no database".into()));
            }
        };
        readers.run(move |connection| read(connection).map_err(|cause| read_error(&cause))).await
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.commits.close();
        self.read_audit.close();
        for thread in self.writers.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a writer had panicked");
            }
        }
        self.readers.stop();
        self.audit_readers.stop();
    }
}

impl Backend for Sqlite {
    fn commit(&self, commit: Commit) -> Future<'_, Result<Committed, CommitError>> {
        let rows = rows_of(&commit);
        if rows > self.commit_rows {
            return Box::pin(std::future::ready(Err(CommitError::TooLarge { rows })));
        }
        let priority = commit.priority;
        let (reply, answer) = oneshot::channel();
        let job = Job::Commit(Box::new(Waiting { commit, rows, since: Instant::now(), reply }));
        // Offered before the future is first polled: a caller that goes away cancels nothing.
        let offered = self.commits.offer(priority, job);
        Box::pin(async move { wait(&self.commits, priority, offered, answer).await })
    }

    fn resource(
        &self,
        tenant: TenantId,
        resource_type: &str,
        id: &ResourceId,
    ) -> Future<'_, Result<Option<StoredResource>, ReadError>> {
        let (resource_type, id) = (resource_type.to_owned(), id.clone());
        Box::pin(self.read(move |connection| resource_rows::current(connection, tenant, &resource_type, &id)))
    }

    fn read_many(
        &self,
        tenant: TenantId,
        wanted: Vec<ResourceName>,
    ) -> Future<'_, Result<Vec<Option<StoredResource>>, ReadError>> {
        Box::pin(self.read(move |connection| resource_rows::current_of_many(connection, tenant, &wanted)))
    }

    fn resource_version(
        &self,
        tenant: TenantId,
        resource_type: &str,
        id: &ResourceId,
        version: u64,
    ) -> Future<'_, Result<Option<StoredResource>, ReadError>> {
        let (resource_type, id) = (resource_type.to_owned(), id.clone());
        Box::pin(
            self.read(move |connection| {
                resource_rows::version(connection, tenant, &resource_type, &id, version)
            }),
        )
    }

    fn history(
        &self,
        tenant: TenantId,
        query: HistoryQuery,
    ) -> Future<'_, Result<Vec<(u64, StoredResource)>, ReadError>> {
        Box::pin(self.readers.run(move |connection| history::page(connection, tenant, &query)))
    }

    fn search(&self, tenant: TenantId, query: Query) -> Future<'_, Result<Page<StoredResource>, ReadError>> {
        Box::pin(self.readers.run(move |connection| search::page(connection, tenant, &query)))
    }

    fn search_types(
        &self,
        tenant: TenantId,
        queries: Vec<Query>,
    ) -> Future<'_, Result<Page<StoredResource>, ReadError>> {
        Box::pin(self.readers.run(move |connection| search_types::page(connection, tenant, queries)))
    }

    fn count(&self, tenant: TenantId, query: Query, most: u64) -> Future<'_, Result<u64, ReadError>> {
        Box::pin(self.readers.run(move |connection| search::count(connection, tenant, &query, most)))
    }

    fn estimate(&self, tenant: TenantId, query: Query) -> Future<'_, Result<u64, ReadError>> {
        Box::pin(self.readers.run(move |connection| search::estimate(connection, tenant, &query)))
    }

    fn state(
        &self,
        tenant: TenantId,
        kind: &'static str,
        id: &str,
    ) -> Future<'_, Result<Option<StoredState>, ReadError>> {
        let (id, now) = (id.to_owned(), (self.clock)());
        Box::pin(self.read(move |connection| state_rows::by_id(connection, tenant, kind, &id, now)))
    }

    fn states(&self, tenant: TenantId, query: StateQuery) -> Future<'_, Result<Vec<StoredState>, ReadError>> {
        let now = (self.clock)();
        Box::pin(self.read(move |connection| state_rows::by_key(connection, tenant, &query, now)))
    }

    fn blob(&self, tenant: TenantId, id: BlobId) -> Future<'_, Result<Option<BlobRow>, ReadError>> {
        Box::pin(self.read(move |connection| resource_rows::blob(connection, tenant, id)))
    }

    fn audit_read(&self, tenant: TenantId, row: AuditRow) -> Future<'_, Result<(), CommitError>> {
        let (reply, answer) = oneshot::channel();
        let offered =
            self.read_audit.offer(Priority::Interactive, audit_writer::Waiting { tenant, row, reply });
        Box::pin(async move { wait(&self.read_audit, Priority::Interactive, offered, answer).await })
    }

    fn audit(
        &self,
        tenant: TenantId,
        query: AuditQuery,
    ) -> Future<'_, Result<Vec<(u64, AuditRow)>, ReadError>> {
        Box::pin(async move {
            let limit = query.limit as usize;
            let same = query.clone();
            let mut rows = self.read(move |connection| audit_rows::select(connection, tenant, &same)).await?;
            let reads = move |connection: &Connection| {
                audit_rows::select(connection, tenant, &query).map_err(|cause| read_error(&cause))
            };
            rows.extend(self.audit_readers.run(reads).await?);
            rows.sort_unstable_by_key(|(sequence, _)| std::cmp::Reverse(*sequence));
            rows.truncate(limit);
            Ok(rows)
        })
    }

    fn audit_list(&self, tenant: TenantId, list: AuditList) -> Future<'_, Result<AuditPage, ReadError>> {
        Box::pin(async move {
            let (limit, same) = (list.limit, list.clone());
            let reads = move |connection: &Connection| {
                audit_list::page(connection, tenant, &same).map_err(|cause| read_error(&cause))
            };
            let (writes, reads) = tokio::join!(
                self.read(move |connection| audit_list::page(connection, tenant, &list)),
                self.audit_readers.run(reads)
            );
            Ok(writes?.joined(reads?, limit))
        })
    }

    fn verify_audit(&self, chain: Chain, places: Vec<u64>) -> Future<'_, Result<ChainReport, ReadError>> {
        let path = match chain {
            Chain::Writes => self.folder.join(MAIN_FILE),
            Chain::Reads => self.folder.join(AUDIT_FILE),
            Chain::Emergencies => self.emergency_log.clone(),
        };
        let chained = Chained { key: self.audit_key.clone(), chain };
        let (reply, answer) = oneshot::channel();
        // A thread of its own: it takes longer than a reader may.
        let started = spawn("store-verify", move || {
            let report = if chain == Chain::Emergencies {
                emergency_log::verify(&path, &chained.key)
                    .map_err(|cause| ReadError::Unavailable(cause.to_string()))
            } else {
                open_reader(&path).map_err(|cause| ReadError::Unavailable(cause.to_string())).and_then(
                    |connection| chained.verify(&connection, &places).map_err(|cause| read_error(&cause)),
                )
            };
            let _ = reply.send(report);
        });
        Box::pin(async move {
            started.map_err(|cause| ReadError::Unavailable(cause.to_string()))?;
            answer.await.map_err(|_| ReadError::Unavailable("the walk ended before it answered".into()))?
        })
    }

    fn audit_head(&self, chain: Chain) -> Future<'_, Result<ChainHead, ReadError>> {
        Box::pin(async move {
            let head = self.of_chain(chain, audit_chain::head).await?;
            let (head, _) = head.ok_or_else(|| ReadError::Unavailable("a chain has no head".into()))?;
            Ok(head)
        })
    }

    fn audit_after(
        &self,
        chain: Chain,
        sequence: u64,
        limit: u32,
    ) -> Future<'_, Result<Vec<ChainedRow>, ReadError>> {
        Box::pin(self.of_chain(chain, move |connection| audit_chain::rows_after(connection, sequence, limit)))
    }

    fn images(&self, tenant: TenantId, query: ImageQuery) -> Future<'_, Result<Vec<ImageRow>, ReadError>> {
        Box::pin(self.read(move |connection| image_search::rows(connection, tenant, &query)))
    }

    fn image_places(&self, tenant: TenantId, uid: &str) -> Future<'_, Result<Option<Vec<u8>>, ReadError>> {
        let uid = uid.to_owned();
        Box::pin(self.read(move |connection| image_search::places(connection, tenant, &uid)))
    }

    fn changed_images(
        &self,
        quiet_since: Timestamp,
        limit: u32,
    ) -> Future<'_, Result<Vec<ChangedStudy>, ReadError>> {
        Box::pin(self.read(move |connection| image_search::changed(connection, quiet_since, limit)))
    }

    fn outbox(&self, after: u64, limit: u32) -> Future<'_, Result<Vec<OutboxEntry>, ReadError>> {
        Box::pin(self.read(move |connection| resource_rows::outbox(connection, after, limit)))
    }

    fn newest_version(&self) -> watch::Receiver<u64> {
        self.newest.clone()
    }

    fn versions_after(&self, after: u64, types: Vec<String>) -> Future<'_, Result<Versions, ReadError>> {
        Box::pin(self.read(move |connection| versions::after(connection, after, &types)))
    }

    fn meant(&self, tenant: TenantId, filter: Predicate) -> Future<'_, Result<Predicate, ReadError>> {
        Box::pin(self.read(move |connection| overlay::meant_filter(connection, tenant, filter)))
    }

    fn copy(&self, folder: PathBuf) -> Future<'_, Result<Vec<PathBuf>, ReadError>> {
        let files = [MAIN_FILE, AUDIT_FILE].map(|name| self.folder.join(name));
        Box::pin(async move {
            let copied = tokio::task::spawn_blocking(move || copy::databases(&files, &folder)).await;
            copied.map_err(|cause| ReadError::Unavailable(cause.to_string()))?
        })
    }

    fn same_patients(
        &self,
        tenant: TenantId,
        patients: Vec<ResourceId>,
    ) -> Future<'_, Result<Vec<SamePatient>, ReadError>> {
        Box::pin(self.read(move |connection| merged::same(connection, tenant, &patients)))
    }

    fn traces(&self, tenant: TenantId, patient: ResourceId) -> Future<'_, Result<About, ReadError>> {
        Box::pin(self.apart(move |connection| erase::find(connection, tenant, &patient)))
    }

    fn erase(
        &self,
        tenant: TenantId,
        patient: ResourceId,
        about: About,
    ) -> Future<'_, Result<(), CommitError>> {
        let names = about.names(&patient);
        // Encounters go last: what speaks of them is found by them when this is cut off and done again.
        let mut jobs = vec![(About { blobs: about.blobs, ..About::default() }, names)];
        // A study is found by its resource, and goes before it.
        for study in about.studies {
            jobs.push((About { studies: vec![study], ..About::default() }, Vec::new()));
        }
        for states in about.states.chunks(erase::STEP) {
            jobs.push((About { states: states.to_vec(), ..About::default() }, Vec::new()));
        }
        for resources in about.resources.chunks(erase::STEP) {
            jobs.push((About { resources: resources.to_vec(), ..About::default() }, Vec::new()));
        }
        let count = jobs.len();
        Box::pin(async move {
            for (place, (about, names)) in jobs.into_iter().enumerate() {
                let (reply, answer) = oneshot::channel();
                let job = Job::Erase { tenant, about, names, last: place + 1 == count, reply };
                let offered = self.commits.offer(Priority::Bulk, job);
                wait(&self.commits, Priority::Bulk, offered, answer).await?;
            }
            Ok(())
        })
    }

    fn subjects(&self) -> Future<'_, Result<Vec<(TenantId, String)>, ReadError>> {
        Box::pin(self.apart(erase::subjects))
    }

    fn blob_owner(&self, id: BlobId) -> Future<'_, Result<Option<(TenantId, BlobRow)>, ReadError>> {
        Box::pin(self.read(move |connection| erase::owner(connection, id)))
    }

    fn figures(&self) -> Figures {
        let (commits, commit_p50_us, commit_p95_us, last_commit_at) = self.pulse.read();
        let (waiting, waiting_bulk) = self.commits.waiting();
        Figures {
            commits,
            commit_p50_us,
            commit_p95_us,
            waiting: waiting as u64,
            waiting_bulk: waiting_bulk as u64,
            last_commit_at,
        }
    }

    fn blob_totals(&self) -> Future<'_, Result<(u64, u64), ReadError>> {
        Box::pin(self.apart(resource_rows::blob_totals))
    }

    fn sweep(&self, now: Timestamp, consumed: u64) -> Future<'_, Result<u64, CommitError>> {
        Box::pin(async move {
            let mut total = 0;
            loop {
                let (reply, answer) = oneshot::channel();
                let offered = self.commits.offer(Priority::Bulk, Job::Sweep { now, consumed, reply });
                match wait(&self.commits, Priority::Bulk, offered, answer).await? {
                    0 => return Ok(total),
                    swept => total += swept,
                }
            }
        })
    }
}

/// Waits for room if there was none, then for the answer.
async fn wait<J, T>(
    queue: &Queue<J>,
    priority: Priority,
    offered: Result<(), Refused<J>>,
    answer: oneshot::Receiver<Result<T, CommitError>>,
) -> Result<T, CommitError> {
    let unavailable = |why: &str| CommitError::Unavailable(why.to_owned());
    match offered {
        Ok(()) => {}
        Err(Refused::Closed) => return Err(unavailable("the store has stopped")),
        Err(Refused::Full(job)) => {
            let put = tokio::time::timeout(PATIENCE, queue.put(priority, job)).await;
            match put {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(unavailable("the store has stopped")),
                Err(_) => return Err(unavailable("too many writers wait")),
            }
        }
    }
    answer.await.map_err(|_| unavailable("the writer ended before it answered"))?
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|cause| OpenError::Io { what: format!("start the thread {name}"), cause: cause.to_string() })
}
