//! A copy of the databases while they are written to, by SQLite's online backup.
//!
//! Each is copied in one step under one snapshot: in smaller steps every commit in between would begin the copy anew,
//! and a busy server would never be copied. Readers and the writer go on meanwhile; the log cannot be emptied until the
//! copy ends, and grows by what is written.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::read_error;
use crate::ReadError;

/// How often a copy that found a lock is tried again, a tenth of a second apart.
const TRIES: u32 = 50;

/// Copies databases into a folder, in this order.
pub(super) fn databases(files: &[PathBuf], folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    files
        .iter()
        .map(|from| {
            let to = folder.join(from.file_name().unwrap_or_default());
            database(from, &to).map_err(|cause| read_error(&cause))?;
            let synced = File::open(&to).and_then(|file| file.sync_all());
            synced.map_err(|cause| ReadError::Unavailable(format!("sync {}: {cause}", to.display())))?;
            Ok(to)
        })
        .collect()
}

fn database(from: &Path, to: &Path) -> rusqlite::Result<()> {
    let reading = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, reading)?;
    source.busy_timeout(Duration::from_secs(5))?;
    let mut target = Connection::open(to)?;
    // Nobody reads it before it is whole, and it is synced then.
    target.pragma_update(None, "synchronous", "off")?;
    target.pragma_update(None, "journal_mode", "off")?;
    let backup = Backup::new(&source, &mut target)?;
    let mut tries = 0;
    while backup.step(-1)? != StepResult::Done {
        tries += 1;
        if tries == TRIES {
            return Err(refused("the database stays locked"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(backup);
    // The copy is one file: no log lies beside it.
    target.pragma_update(None, "journal_mode", "delete")?;
    let found: String = target.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(refused(&found)) }
}

fn refused(why: &str) -> rusqlite::Error {
    let error = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR);
    rusqlite::Error::SqliteFailure(error, Some(why.to_owned()))
}
