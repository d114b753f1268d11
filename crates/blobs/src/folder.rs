//! Files that are there after a power cut: the bytes are synced before the name, and the name before the answer.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::BlobError;

/// How files reach the disk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Disk {
    /// Wait for the disk. Only the test that shows why it matters says no.
    pub(crate) durable: bool,
}

impl Disk {
    /// Syncs the bytes of a file.
    pub(crate) fn sync(self, file: &File, path: &Path) -> Result<(), BlobError> {
        if self.durable {
            file.sync_all().map_err(|cause| BlobError::io("sync", path, cause))
        } else {
            Ok(())
        }
    }

    /// Syncs the folder that holds the name `path`.
    pub(crate) fn sync_parent(self, path: &Path) -> Result<(), BlobError> {
        let Some(parent) = path.parent().filter(|_| self.durable) else { return Ok(()) };
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        File::open(parent)
            .and_then(|folder| folder.sync_all())
            .map_err(|cause| BlobError::io("sync the folder", parent, cause))
    }

    /// Gives a synced file its name, durably.
    pub(crate) fn publish(self, from: &Path, to: &Path) -> Result<(), BlobError> {
        fs::rename(from, to).map_err(|cause| BlobError::io("rename to", to, cause))?;
        self.sync_parent(to)
    }

    /// Writes a small file as a whole: it is there with all its bytes, or not at all.
    pub(crate) fn write_small(self, path: &Path, bytes: &[u8]) -> Result<(), BlobError> {
        let temporary = with_suffix(path, ".part");
        let mut file = create(&temporary)?;
        file.write_all(bytes).map_err(|cause| BlobError::io("write", &temporary, cause))?;
        self.sync(&file, &temporary)?;
        self.publish(&temporary, path)
    }

    /// Removes a file; it may be gone already.
    pub(crate) fn remove(self, path: &Path) -> Result<(), BlobError> {
        match fs::remove_file(path) {
            Ok(()) => self.sync_parent(path),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(cause) => Err(BlobError::io("remove", path, cause)),
        }
    }
}

/// Makes a folder (mode 0700) where it is missing; its name is durable when its parent is synced.
pub(crate) fn make_folder(path: &Path) -> Result<(), BlobError> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => {
            Err(BlobError::io("make the folder", path, cause))
        }
        _ => Ok(()),
    }
}

/// A new, empty file that only we may read.
pub(crate) fn create(path: &Path) -> Result<File, BlobError> {
    OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(|cause| BlobError::io("create", path, cause))
}

/// The names in a folder; none when it is not there.
pub(crate) fn names(path: &Path) -> Result<Vec<PathBuf>, BlobError> {
    let failed = |cause| BlobError::io("list", path, cause);
    match fs::read_dir(path) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect(),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(cause) => Err(failed(cause)),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
