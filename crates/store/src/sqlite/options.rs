//! How the database is opened.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bianque_model::Timestamp;

use crate::AuditKey;

/// Reads the wall clock; only what expires is compared with it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The file in the data folder, unless another is named.
pub(super) const EMERGENCY_LOG: &str = "emergency-audit.log";

/// How the database is opened.
#[derive(Clone)]
pub struct Options {
    /// The data folder; holds `bianque.db` and `audit.db`.
    pub folder: PathBuf,
    /// Where the audit of emergencies goes on while `audit.db` fails; better on another disk.
    pub emergency_log: PathBuf,
    /// Threads that read, each with a connection of its own.
    pub readers: usize,
    /// Rows that one commit may write at most.
    pub commit_rows: usize,
    /// Commits that may wait in each queue; who comes later waits to get in.
    pub waiting: usize,
    /// The key of the audit's chains.
    pub audit_key: AuditKey,
    /// The wall clock.
    pub clock: Clock,
    /// Whether a commit is durable before it is answered. Anything but `Full` is for the test that shows it matters.
    #[doc(hidden)]
    pub synchronous: Synchronous,
    /// The size the database may not outgrow, in pages: a full disk for tests.
    #[doc(hidden)]
    pub max_pages: Option<u32>,
}

/// Whether SQLite waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub enum Synchronous {
    /// Every commit waits for the disk.
    Full,
    /// No commit waits: loses data on a power cut.
    Off,
}

impl Options {
    /// The settings of a server.
    pub fn new(folder: impl Into<PathBuf>, audit_key: AuditKey) -> Self {
        let folder = folder.into();
        Self {
            emergency_log: folder.join(EMERGENCY_LOG),
            folder,
            audit_key,
            readers: 4,
            commit_rows: 100_000,
            waiting: 1_024,
            clock: Arc::new(system_now),
            synchronous: Synchronous::Full,
            max_pages: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("folder", &self.folder)
            .field("readers", &self.readers)
            .field("commit_rows", &self.commit_rows)
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}

fn system_now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
