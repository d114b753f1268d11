//! How a data folder is opened by writer and checker, and by the writer whose promises are empty.

use std::path::Path;

use anyhow::Result;
use bianque_blobs::{Blobs, MasterKey};
use bianque_store::sqlite::{self, Options, Synchronous};
use bianque_store::{AuditKey, DataFolder, Store};

/// Which promises are empty on purpose, to show that the crash test would see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// Nothing waits for the disk.
    Everything,
    /// Commits do not wait.
    Store,
    /// Blobs do not wait.
    Blobs,
}

impl Sabotage {
    pub(crate) const ALL: [Self; 3] = [Self::Everything, Self::Store, Self::Blobs];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Everything => "no-fsync",
            Self::Store => "no-store-fsync",
            Self::Blobs => "no-blob-fsync",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sabotage| sabotage.name() == name)
    }
}

/// An open data folder.
pub(crate) struct Ground {
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    _hold: DataFolder,
}

/// Opens the folder as the server does.
pub(crate) fn open(folder: &Path, sabotage: Option<Sabotage>) -> Result<Ground> {
    let hold = DataFolder::lock(folder)?;
    let mut options = Options::new(folder, AuditKey::new([7; 32]));
    if matches!(sabotage, Some(Sabotage::Everything | Sabotage::Store)) {
        options.synchronous = Synchronous::Off;
    }
    let durable = !matches!(sabotage, Some(Sabotage::Everything | Sabotage::Blobs));
    let blobs = Blobs::open_with(bianque_blobs::Options {
        folder: folder.join("blobs"),
        master: MasterKey::read_or_make(&folder.join("master.key"), &folder.join("blobs"))?.into(),
        durable,
    })?;
    Ok(Ground { store: sqlite::open(options)?, blobs, _hold: hold })
}
