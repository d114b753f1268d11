//! Deletion that waits while somebody copies: what the database of the copy speaks of must still be there when its turn
//! comes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::blobs::Place;
use crate::folder::{Disk, names};
use crate::{BlobError, Blobs};

/// Deletions that wait, and for how many holders.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<Held>);

#[derive(Default)]
struct Held {
    holders: usize,
    paths: Vec<PathBuf>,
}

/// While it lives no file of the folder is removed. What was to be removed meanwhile is removed when the last is
/// dropped; a process that ends before leaves files that nobody speaks of, which a scrub finds.
pub struct Hold {
    place: Arc<Place>,
}

impl Blobs {
    /// Holds deletions up.
    pub fn hold_deletions(&self) -> Hold {
        self.place.waiting.lock().holders += 1;
        Hold { place: Arc::clone(&self.place) }
    }

    /// Every file that a copy of the folder consists of, relative to it: blobs, keys of subjects, uploads in progress.
    pub fn files(&self) -> Result<Vec<PathBuf>, BlobError> {
        let mut files = Vec::new();
        for part in names(&self.place.folder)?.iter().filter(|path| !path.ends_with("incoming")) {
            for path in names(part)?.iter().filter(|path| path.extension().is_none()) {
                files.extend(path.strip_prefix(&self.place.folder).map(Path::to_owned));
            }
        }
        Ok(files)
    }

    /// The folder of blobs.
    pub fn folder(&self) -> &Path {
        &self.place.folder
    }
}

impl Waiting {
    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a file, or remembers to.
    pub(crate) fn remove(&self, disk: Disk, path: &Path) -> Result<(), BlobError> {
        let mut held = self.lock();
        if held.holders == 0 {
            drop(held);
            return disk.remove(path);
        }
        held.paths.push(path.to_owned());
        Ok(())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.place.waiting.lock();
        held.holders -= 1;
        let due = if held.holders == 0 { std::mem::take(&mut held.paths) } else { Vec::new() };
        drop(held);
        for path in due {
            if let Err(cause) = self.place.disk.remove(&path) {
                tracing::warn!(%cause, "a file that was to be removed stays");
            }
        }
    }
}
