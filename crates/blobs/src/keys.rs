//! The keys of subjects, each in a small file that is wrapped by the master key.
//!
//! A file is the wrapped key (60 bytes) and behind it, sealed, whose it is: what another master key needs to wrap it
//! anew. Files from before have the first part only.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bianque_model::TenantId;

use crate::folder::Disk;
use crate::master::unusable;
use crate::seal::{KEY, Key, NONCE, WRAPPED};
use crate::{BlobError, MasterKey, MasterKeys};

/// Keys of subjects that are kept open.
const OPEN: usize = 1_024;
pub(crate) const CHECK: &str = "master-check";
const WHOSE: &[u8] = b"whose key";

/// All keys of one folder.
pub(crate) struct Keys {
    pub(crate) folder: PathBuf,
    pub(crate) disk: Disk,
    held: Mutex<Held>,
}

pub(crate) struct Held {
    pub(crate) current: Ring,
    /// While one master key replaces another, that one.
    pub(crate) before: Option<Ring>,
    open: HashMap<Vec<u8>, Arc<Key>>,
}

/// What comes from one master key.
pub(crate) struct Ring {
    pub(crate) name: String,
    pub(crate) master: Key,
    /// Names of key files tell nothing about their subjects without the master key.
    naming: [u8; KEY],
}

impl Ring {
    pub(crate) fn of(master: &MasterKey) -> Result<Self, BlobError> {
        Ok(Self {
            name: master.name(),
            master: Key::new(master.bytes())?,
            naming: master.derive("bianque 2026 names of subject keys"),
        })
    }

    /// The name of a subject's key file.
    pub(crate) fn file(&self, about: &[u8]) -> String {
        blake3::keyed_hash(&self.naming, about).to_hex().to_string()
    }

    /// What lies in a subject's key file.
    pub(crate) fn record(&self, about: &[u8], key: &[u8; KEY]) -> Result<Vec<u8>, BlobError> {
        let mut record = self.master.wrap(about, key)?.to_vec();
        let mut whose = about.to_vec();
        record.extend_from_slice(&self.master.seal_drawn(WHOSE, &mut whose)?);
        record.extend_from_slice(&whose);
        Ok(record)
    }

    /// Whose key a file is, where it says so to this master key.
    pub(crate) fn whose(&self, record: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = record.get(WRAPPED..)?.split_first_chunk::<NONCE>()?;
        let mut sealed = sealed.to_vec();
        self.master.open_drawn(*nonce, WHOSE, &mut sealed).ok().map(<[u8]>::to_vec)
    }

    pub(crate) fn key(&self, about: &[u8], record: &[u8]) -> Result<[u8; KEY], BlobError> {
        let wrapped = record.first_chunk().ok_or_else(|| BlobError::corrupt("the key of a subject"))?;
        self.master.unwrap_bytes(about, wrapped)
    }
}

impl Held {
    pub(crate) fn forget(&mut self, about: &[u8]) {
        self.open.remove(about);
    }
}

impl Keys {
    /// Opens the folder of keys.
    pub(crate) fn open(folder: PathBuf, master: &MasterKeys, disk: Disk) -> Result<Self, BlobError> {
        let current = Ring::of(&master.current)?;
        let before = master.before.as_ref().map(Ring::of).transpose()?;
        let held = Held { current, before, open: HashMap::new() };
        let keys = Self { disk, held: Mutex::new(held), folder };
        keys.check_master(&master.current)?;
        Ok(keys)
    }

    /// The key of a subject, made when it is the first time.
    pub(crate) fn of_subject_or_new(&self, tenant: TenantId, subject: &str) -> Result<Arc<Key>, BlobError> {
        let mut held = self.hold();
        let about = about_subject(tenant, subject);
        match self.find(&mut held, &about) {
            Err(BlobError::NotFound) => {}
            found => return found,
        }
        let mut bytes = [0; KEY];
        crate::seal::random(&mut bytes)?;
        let path = self.folder.join(held.current.file(&about));
        self.disk.write_small(&path, &held.current.record(&about, &bytes)?)?;
        let key = Arc::new(Key::new(&bytes)?);
        held.open.insert(about, Arc::clone(&key));
        Ok(key)
    }

    /// The key of a subject.
    pub(crate) fn of_subject(&self, tenant: TenantId, subject: &str) -> Result<Arc<Key>, BlobError> {
        self.find(&mut self.hold(), &about_subject(tenant, subject))
    }

    /// The files in which a subject's key may lie.
    pub(crate) fn files_of(&self, held: &Held, about: &[u8]) -> Vec<PathBuf> {
        let rings = [Some(&held.current), held.before.as_ref()];
        rings.into_iter().flatten().map(|ring| self.folder.join(ring.file(about))).collect()
    }

    /// Nobody else looks for a key meanwhile.
    pub(crate) fn hold(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, held: &mut Held, about: &[u8]) -> Result<Arc<Key>, BlobError> {
        if let Some(key) = held.open.get(about) {
            return Ok(Arc::clone(key));
        }
        let bytes = match (self.look(&held.current, about), &held.before) {
            (Err(BlobError::NotFound), Some(before)) => self.look(before, about),
            (found, _) => found,
        }?;
        let key = Arc::new(Key::new(&bytes)?);
        if held.open.len() >= OPEN {
            held.open.clear();
        }
        held.open.insert(about.to_vec(), Arc::clone(&key));
        Ok(key)
    }

    fn look(&self, ring: &Ring, about: &[u8]) -> Result<[u8; KEY], BlobError> {
        ring.key(about, &read(&self.folder.join(ring.file(about)))?)
    }

    /// A wrong master key is told at the start, not with the first photo.
    fn check_master(&self, master: &MasterKey) -> Result<(), BlobError> {
        let held = self.hold();
        let path = self.folder.join(CHECK);
        let opens = |ring: &Ring, record: &[u8]| ring.key(CHECK.as_bytes(), record).is_ok();
        match read(&path) {
            Ok(record) if opens(&held.current, &record) => Ok(()),
            Ok(record) if held.before.as_ref().is_some_and(|before| opens(before, &record)) => Ok(()),
            Ok(_) => Err(unusable(master.from(), "it is not the key of this data")),
            Err(BlobError::NotFound) => {
                let (_, wrapped) = held.current.master.make_wrapped(CHECK.as_bytes())?;
                self.disk.write_small(&path, &wrapped)
            }
            Err(other) => Err(other),
        }
    }
}

/// What a subject's key is bound to.
pub(crate) fn about_subject(tenant: TenantId, subject: &str) -> Vec<u8> {
    format!("{tenant}/{subject}").into_bytes()
}

/// A key file; `NotFound` when there is none.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, BlobError> {
    match fs::read(path) {
        Ok(record) => Ok(record),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Err(BlobError::NotFound),
        Err(cause) => Err(BlobError::io("read", path, cause)),
    }
}
