//! Looking after blobs: which do not open, which nobody speaks of, which uploads were given up.

use std::path::Path;
use std::time::{Duration, SystemTime};

use bianque_model::{BlobId, TenantId};
use uuid::Uuid;

use crate::folder::names;
use crate::stage::hold;
use crate::{BlobError, Blobs};

/// What the database says about a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Whose key.
    pub subject: String,
    /// BLAKE3 of the plain bytes.
    pub blake3: [u8; 32],
}

/// What a scrub found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scrub {
    /// Blobs looked at.
    pub checked: u64,
    /// Blobs whose bytes are not what was written.
    pub corrupt: Vec<BlobId>,
    /// Blobs older than the given age that nobody speaks of.
    pub unreferenced: Vec<BlobId>,
}

impl Blobs {
    /// Opens every blob that `known` speaks of and compares its hash; lists the others when their last change is
    /// `age` or more before `now`. A younger one may be on its way into a commit.
    pub fn scrub(
        &self,
        now: SystemTime,
        age: Duration,
        mut known: impl FnMut(BlobId) -> Result<Option<Known>, BlobError>,
    ) -> Result<Scrub, BlobError> {
        let mut found = Scrub::default();
        for shard in names(&self.place.folder)?.iter().filter(|path| is_shard(path)) {
            for path in names(shard)? {
                let Some(id) = id_of(&path).map(BlobId) else { continue };
                found.checked += 1;
                match known(id)? {
                    // What does not open may have been removed since: the database says so by now.
                    Some(row) if !self.is_intact(id, &row)? && known(id)?.is_some() => {
                        found.corrupt.push(id);
                    }
                    None if is_older(&path, now, age)? => found.unreferenced.push(id),
                    _ => {}
                }
            }
        }
        Ok(found)
    }

    /// Removes blobs that a scrub found and nobody speaks of.
    pub fn remove_unreferenced(&self, found: &Scrub) -> Result<(), BlobError> {
        found.unreferenced.iter().try_for_each(|id| self.delete(*id))
    }

    /// Removes uploads that nobody went on with for `age` before `now`; gives their ids. One that is open stays, and so
    /// does one that is still spoken of.
    pub fn remove_abandoned(
        &self,
        now: SystemTime,
        age: Duration,
        is_spoken_of: impl Fn(Uuid) -> bool,
    ) -> Result<Vec<Uuid>, BlobError> {
        let mut removed = Vec::new();
        for path in names(&self.place.folder.join("staged"))? {
            let Some(upload) = id_of(&path).filter(|id| path.exists() && !is_spoken_of(*id)) else {
                continue;
            };
            let held = match hold(&path) {
                Err(BlobError::Busy) => continue,
                held => held?,
            };
            if is_older(&path, now, age)? {
                self.place.waiting.remove(self.place.disk, &path)?;
                removed.push(upload);
            }
            drop(held);
        }
        Ok(removed)
    }

    fn is_intact(&self, id: BlobId, row: &Known) -> Result<bool, BlobError> {
        let hash = self.open_blob(row.tenant, &row.subject, id).and_then(|reader| reader.blake3());
        match hash {
            Ok(hash) => Ok(hash == row.blake3),
            Err(BlobError::Corrupt { .. } | BlobError::NotFound) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

fn is_shard(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.len() == 2)
}

fn id_of(path: &Path) -> Option<Uuid> {
    path.file_name().and_then(|name| name.to_str()).and_then(|name| Uuid::try_parse(name).ok())
}

fn is_older(path: &Path, now: SystemTime, age: Duration) -> Result<bool, BlobError> {
    let changed = path.metadata().and_then(|metadata| metadata.modified());
    match changed {
        Ok(changed) => Ok(now.duration_since(changed).is_ok_and(|old| old >= age)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(BlobError::io("look at", path, cause)),
    }
}
