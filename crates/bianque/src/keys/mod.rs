//! Where the master key comes from, and how it is replaced.

mod command;
mod rotate;
mod source;

use std::sync::{Mutex, PoisonError};

use bianque_blobs::{BlobError, MasterKey, Vault};

pub(crate) use rotate::{resume, rotate, start};
pub(crate) use source::{Source, inside, lies_in};

/// The master key of a folder that is open.
pub(crate) struct Master {
    /// Where it came from.
    pub(crate) source: Source,
    current: Mutex<MasterKey>,
}

impl Master {
    pub(crate) fn new(source: Source, current: MasterKey) -> Self {
        Self { source, current: Mutex::new(current) }
    }

    /// The key.
    pub(crate) fn current(&self) -> MasterKey {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What seals with it.
    pub(crate) fn vault(&self) -> Result<Vault, BlobError> {
        Vault::with(&self.current())
    }

    fn replace(&self, key: MasterKey) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = key;
    }
}
