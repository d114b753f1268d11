//! The master key and the keys of subjects.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bianque_model::TenantId;

use crate::BlobError;
use crate::folder::{Disk, names};
use crate::seal::{KEY, Key, WRAPPED, random};

/// Keys of subjects that are kept open.
const OPEN: usize = 1_024;
const CHECK: &str = "master-check";

/// All keys of one folder.
pub(crate) struct Keys {
    folder: PathBuf,
    disk: Disk,
    master: Key,
    /// Names of key files tell nothing about their subjects without the master key.
    naming: [u8; KEY],
    open: Mutex<HashMap<PathBuf, Arc<Key>>>,
}

impl Keys {
    /// Opens the folder of keys with a master key, which is made at the first start and never again.
    pub(crate) fn open(folder: PathBuf, master: &Path, disk: Disk) -> Result<Self, BlobError> {
        let bytes = master_key(master, &folder, disk)?;
        let keys = Self {
            disk,
            master: Key::new(&bytes)?,
            naming: blake3::derive_key("bianque 2026 names of subject keys", &bytes),
            open: Mutex::new(HashMap::new()),
            folder,
        };
        keys.check_master(master)?;
        Ok(keys)
    }

    /// The key of a subject, made when it is the first time.
    pub(crate) fn of_subject_or_new(&self, tenant: TenantId, subject: &str) -> Result<Arc<Key>, BlobError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match self.find(&mut open, tenant, subject) {
            Err(BlobError::NotFound) => {}
            found => return found,
        }
        let about = about_subject(tenant, subject);
        let (key, wrapped) = self.master.make_wrapped(&about)?;
        let path = self.path(&about);
        self.disk.write_small(&path, &wrapped)?;
        let key = Arc::new(key);
        open.insert(path, Arc::clone(&key));
        Ok(key)
    }

    /// The key of a subject.
    pub(crate) fn of_subject(&self, tenant: TenantId, subject: &str) -> Result<Arc<Key>, BlobError> {
        self.find(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner), tenant, subject)
    }

    fn find(
        &self,
        open: &mut HashMap<PathBuf, Arc<Key>>,
        tenant: TenantId,
        subject: &str,
    ) -> Result<Arc<Key>, BlobError> {
        let about = about_subject(tenant, subject);
        let path = self.path(&about);
        if let Some(key) = open.get(&path) {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(self.master.unwrap(&about, &read_wrapped(&path)?)?);
        if open.len() >= OPEN {
            open.clear();
        }
        open.insert(path, Arc::clone(&key));
        Ok(key)
    }

    fn path(&self, about: &[u8]) -> PathBuf {
        self.folder.join(blake3::keyed_hash(&self.naming, about).to_hex().as_str())
    }

    /// A wrong master key is told at the start, not with the first photo.
    fn check_master(&self, master: &Path) -> Result<(), BlobError> {
        let path = self.folder.join(CHECK);
        match read_wrapped(&path) {
            Ok(wrapped) => {
                self.master.unwrap(CHECK.as_bytes(), &wrapped).map(|_| ()).map_err(|_| BlobError::MasterKey {
                    path: master.display().to_string(),
                    why: "it is not the key of this data".into(),
                })
            }
            Err(BlobError::NotFound) => {
                let (_, wrapped) = self.master.make_wrapped(CHECK.as_bytes())?;
                self.disk.write_small(&path, &wrapped)
            }
            Err(other) => Err(other),
        }
    }
}

fn about_subject(tenant: TenantId, subject: &str) -> Vec<u8> {
    format!("{tenant}/{subject}").into_bytes()
}

fn read_wrapped(path: &Path) -> Result<[u8; WRAPPED], BlobError> {
    match fs::read(path) {
        Ok(bytes) => bytes.try_into().map_err(|_| BlobError::corrupt("the key of a subject")),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Err(BlobError::NotFound),
        Err(cause) => Err(BlobError::io("read", path, cause)),
    }
}

/// The master key of a file, which must be ours alone; none when there is no such file.
pub(crate) fn read_master_key(path: &Path) -> Result<Option<[u8; KEY]>, BlobError> {
    let unusable = |why: &str| BlobError::MasterKey { path: path.display().to_string(), why: why.into() };
    match fs::read(path) {
        Ok(bytes) => {
            let metadata = fs::metadata(path).map_err(|cause| BlobError::io("read", path, cause))?;
            if metadata.permissions().mode() & 0o077 != 0 {
                return Err(unusable("others may read it; its mode must be 0600"));
            }
            bytes.try_into().map(Some).map_err(|_| unusable("it must be 32 bytes long"))
        }
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(BlobError::io("read", path, cause)),
    }
}

fn master_key(path: &Path, folder: &Path, disk: Disk) -> Result<[u8; KEY], BlobError> {
    if let Some(bytes) = read_master_key(path)? {
        return Ok(bytes);
    }
    if folder.join(CHECK).exists() || !names(folder)?.is_empty() {
        return Err(BlobError::MasterKey {
            path: path.display().to_string(),
            why: "it is missing, and there is data that it seals".into(),
        });
    }
    let mut bytes = [0; KEY];
    random(&mut bytes)?;
    disk.write_small(path, &bytes)?;
    tracing::info!(path = %path.display(), "made a master key: keep a copy apart from the data");
    Ok(bytes)
}
