//! What is remembered of housekeeping over a restart.

use bianque_model::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aggregate::Aggregate;
use crate::{App, Change, Error};

/// The id of the newest.
pub(super) const LAST: &str = "last";

/// The last backup that was taken of this installation, by whichever process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupTaken {
    /// When it was finished.
    pub at: Timestamp,
    /// The name of its set.
    pub set: String,
    /// Files in the set.
    pub files: u64,
}

impl Aggregate for BackupTaken {
    const KIND: &'static str = "backup-taken";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        LAST.to_owned()
    }
}

/// The last time that every sealed file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrubDone {
    /// When it was finished.
    pub at: Timestamp,
    /// Files that were read.
    pub checked: u64,
    /// Files whose bytes are not what was written.
    pub damaged: u64,
    /// Files that nobody spoke of, removed.
    pub removed: u64,
}

impl Aggregate for ScrubDone {
    const KIND: &'static str = "scrub-done";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        LAST.to_owned()
    }
}

/// Remembers that a backup was taken.
pub async fn backup_taken(app: &App, set: &str, files: u64) -> Result<(), Error> {
    remember(app, &BackupTaken { at: app.clock.now(), set: set.to_owned(), files }).await
}

/// Remembers one of these; the newest takes the place of the one before.
pub(crate) async fn remember<T: Aggregate>(app: &App, done: &T) -> Result<(), Error> {
    let context = app.server_context(TenantId::FIRST);
    let mut change = Change::new(app, &context).bulk();
    change.save(done)?;
    change.commit().await.map(drop)
}
