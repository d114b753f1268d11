//! The data folder: one process works in it at a time.

use std::fs::{self, File, OpenOptions};
use std::io;
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
        make_lasting(path).map_err(|cause| failed("make the folder", &cause))?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(|cause| failed("open the lock of", &cause))?;
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

/// Makes a folder and those above it; their names are on the disk before anything is kept inside. A folder that is
/// there already may have been made by a process that was killed before it came so far.
fn make_lasting(path: &Path) -> io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Ok(()),
    };
    if !parent.exists() {
        make_lasting(parent)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
        _ => {}
    }
    match File::open(parent).and_then(|folder| folder.sync_all()) {
        // A folder that we may not read was not made by us.
        Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_opener_is_refused_by_name_until_the_first_lets_go() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("deep/data");
        let first = DataFolder::lock(&folder).unwrap();
        assert_eq!(first.path(), folder);
        let refused = DataFolder::lock(&folder).unwrap_err();
        assert!(refused.to_string().contains(&folder.display().to_string()), "{refused}");
        drop(first);
        assert!(DataFolder::lock(&folder).is_ok());
    }
}
