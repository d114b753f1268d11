//! The data folder: one process works in it at a time.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::OpenError;

/// The exclusive hold of a data folder. Let go when it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder (mode 0700) where it is missing and takes its lock.
    ///
    /// # Errors
    /// [`OpenError::Locked`] when another process holds it.
    pub fn lock(path: &Path) -> Result<Self, OpenError> {
        let failed = |what: &str, cause: &dyn std::fmt::Display| OpenError::Io {
            what: format!("{what} {}", path.display()),
            cause: cause.to_string(),
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|e| failed("make the folder", &e))?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(|e| failed("open the lock of", &e))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: file }),
            Err(Errno::WOULDBLOCK) => Err(OpenError::Locked { folder: path.display().to_string() }),
            Err(cause) => Err(failed("lock", &cause)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_opener_is_refused_by_name_until_the_first_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataFolder::lock(folder.path()).unwrap();
        let refused = DataFolder::lock(folder.path()).unwrap_err();
        assert!(refused.to_string().contains(&folder.path().display().to_string()), "{refused}");
        drop(first);
        assert!(DataFolder::lock(folder.path()).is_ok());
    }
}
