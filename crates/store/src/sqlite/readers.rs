//! The pool that reads: a few threads, each with a connection of its own, none holding a snapshot for long.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection::{io, open_reader};
use super::queue::{Queue, Refused};
use crate::{OpenError, Priority, ReadError};

/// How long one read may take.
const BUDGET: Duration = Duration::from_secs(5);
/// Steps of SQLite's machine between two looks at the clock.
const STEPS: i32 = 10_000;

type Work = Box<dyn FnOnce(&Connection) + Send>;

/// Threads that read one database.
pub(super) struct Readers {
    queue: Arc<Queue<Work>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn open(path: &Path, count: usize, waiting: usize, name: &str) -> Result<Self, OpenError> {
        let queue = Arc::new(Queue::new(waiting));
        let mut readers = Self { queue, threads: Vec::new() };
        for number in 0..count.max(1) {
            let reader = Reader::open(path)?;
            let queue = Arc::clone(&readers.queue);
            let thread = std::thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || reader.run(&queue))
                .map_err(|cause| OpenError::Io { what: "start a reader".into(), cause: cause.to_string() })?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    /// Runs a read on one of the threads.
    pub(super) async fn run<T, F>(&self, read: F) -> Result<T, ReadError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            // Nobody may be waiting any more; then the work is not done at all.
            if !reply.is_closed() {
                let _ = reply.send(read(connection));
            }
        });
        let stopped = || ReadError::Unavailable("the store has stopped".into());
        match self.queue.put(Priority::Interactive, work).await {
            Ok(()) => answer.await.map_err(|_| stopped())?,
            Err(Refused::Full(_) | Refused::Closed) => Err(stopped()),
        }
    }

    /// Ends the threads after what they have taken.
    pub(super) fn stop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reader had panicked");
            }
        }
    }
}

struct Reader {
    connection: Connection,
    started: Instant,
    /// Milliseconds after `started` at which the present read is over its budget.
    deadline: Arc<AtomicU64>,
}

impl Reader {
    fn open(path: &Path) -> Result<Self, OpenError> {
        let mut connection = open_reader(path)?;
        let started = Instant::now();
        let deadline = Arc::new(AtomicU64::new(u64::MAX));
        let watched = Arc::clone(&deadline);
        let over = move || started.elapsed().as_millis() > u128::from(watched.load(Ordering::Relaxed));
        connection.progress_handler(STEPS, Some(over)).map_err(|cause| io(path, &cause))?;
        Ok(Self { connection, started, deadline })
    }

    fn run(&self, queue: &Queue<Work>) {
        while let Some(work) = queue.next() {
            let until = (self.started.elapsed() + BUDGET).as_millis();
            self.deadline.store(u64::try_from(until).unwrap_or(u64::MAX), Ordering::Relaxed);
            work(&self.connection);
        }
    }
}
