//! The folder of blobs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bianque_model::{BlobId, TenantId};
use uuid::Uuid;

use crate::folder::{Disk, make_folder, names};
use crate::hold::Waiting;
use crate::keys::Keys;
use crate::{BlobError, MasterKey, MasterKeys, Reader, Stage, Writer};

/// How the folder is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of blobs; made when it is missing. Its parent exists.
    pub folder: PathBuf,
    /// The master key; two while one replaces the other.
    pub master: MasterKeys,
    /// Whether to wait for the disk. Anything but true is for the test that shows it matters.
    #[doc(hidden)]
    pub durable: bool,
}

/// Sealed blobs in a folder. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    pub(crate) place: Arc<Place>,
}

/// Where the parts of the folder lie.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) disk: Disk,
    pub(crate) keys: Keys,
    pub(crate) waiting: Waiting,
}

impl Blobs {
    /// Opens a folder of blobs, making folder and master key (32 bytes, mode 0600) at the first start.
    ///
    /// # Errors
    /// [`BlobError::MasterKey`] when the key is missing beside sealed data, readable by others, or another one.
    pub fn open(folder: &Path, master_key: &Path) -> Result<Self, BlobError> {
        Self::open_with(Options {
            folder: folder.to_owned(),
            master: MasterKey::read_or_make(master_key, folder)?.into(),
            durable: true,
        })
    }

    /// Opens a folder of blobs.
    ///
    /// # Errors
    /// As [`Self::open`]; the key is there already.
    pub fn open_with(options: Options) -> Result<Self, BlobError> {
        let Options { folder, master, durable } = options;
        let disk = Disk { durable };
        make_folder(&folder)?;
        for part in ["incoming", "staged", "keys"] {
            make_folder(&folder.join(part))?;
        }
        for shard in 0..=u8::MAX {
            make_folder(&folder.join(format!("{shard:02x}")))?;
        }
        // Names that a killed process had made but not synced are relied upon from here on.
        for made in [folder.clone(), folder.join("any"), folder.join("keys/any")] {
            disk.sync_parent(&made)?;
        }
        let keys = Keys::open(folder.join("keys"), &master, disk)?;
        for unfinished in names(&folder.join("incoming"))? {
            disk.remove(&unfinished)?;
        }
        Ok(Self { place: Arc::new(Place { folder, disk, keys, waiting: Waiting::default() }) })
    }

    /// Begins a blob of a subject, for example `Patient/…`. It is there when [`Writer::finish`] has answered.
    pub fn create(&self, tenant: TenantId, subject: &str) -> Result<Writer, BlobError> {
        Writer::begin(Arc::clone(&self.place), tenant, subject)
    }

    /// Opens a blob of a subject for reading; its length is verified.
    ///
    /// # Errors
    /// [`BlobError::NotFound`]; [`BlobError::Corrupt`] also when it is another subject's.
    pub fn open_blob(&self, tenant: TenantId, subject: &str, id: BlobId) -> Result<Reader, BlobError> {
        Reader::open(&self.place, tenant, subject, id)
    }

    /// Removes a blob; it may be gone already, and stays while deletions are held. The row that speaks of it is removed first.
    pub fn delete(&self, id: BlobId) -> Result<(), BlobError> {
        self.place.waiting.remove(self.place.disk, &self.place.blob(id))
    }

    /// Opens a staged upload, or begins one, where an upload goes on after a lost connection or a restart.
    ///
    /// # Errors
    /// [`BlobError::Busy`] while another request has it open.
    pub fn stage(&self, tenant: TenantId, subject: &str, upload: Uuid) -> Result<Stage, BlobError> {
        Stage::open(Arc::clone(&self.place), tenant, subject, upload)
    }
}

impl Place {
    /// The file of a blob. Ids are random, so that shards fill evenly.
    pub(crate) fn blob(&self, id: BlobId) -> PathBuf {
        let name = id.0.simple().to_string();
        self.folder.join(&name[..2]).join(name)
    }

    /// The file of a blob that is being written.
    pub(crate) fn incoming(&self, id: BlobId) -> PathBuf {
        self.folder.join("incoming").join(id.0.simple().to_string())
    }

    /// The file of a staged upload.
    pub(crate) fn staged(&self, upload: Uuid) -> PathBuf {
        self.folder.join("staged").join(upload.simple().to_string())
    }
}

/// What a blob's key and chunks are bound to.
pub(crate) fn about_blob(tenant: TenantId, subject: &str, id: Uuid) -> Vec<u8> {
    format!("{tenant}/{subject}/{id}").into_bytes()
}
