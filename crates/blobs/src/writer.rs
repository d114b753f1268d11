//! Writing a blob: sealed chunk by chunk, hashed on the way, named when it is whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use bianque_model::{BlobId, TenantId};
use uuid::Uuid;

use crate::blobs::{Place, about_blob};
use crate::folder::create;
use crate::seal::{Key, TAG};
use crate::{BlobError, CHUNK_BYTES};

/// The first bytes of a blob's file.
pub(crate) const MAGIC: &[u8; 8] = b"BQBLOB1\n";

/// A blob that is durable: what its row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// Its random id.
    pub id: BlobId,
    /// Length of the plain bytes.
    pub size: u64,
    /// BLAKE3 of the plain bytes.
    pub blake3: [u8; 32],
}

/// A blob that is being written. Dropped before [`Self::finish`], it never was.
pub struct Writer {
    place: Arc<Place>,
    id: BlobId,
    path: PathBuf,
    file: BufWriter<File>,
    key: Key,
    about: Vec<u8>,
    chunk: Vec<u8>,
    chunks: u64,
    size: u64,
    hash: blake3::Hasher,
    finished: bool,
}

impl Writer {
    pub(crate) fn begin(place: Arc<Place>, tenant: TenantId, subject: &str) -> Result<Self, BlobError> {
        let id = BlobId(Uuid::new_v4());
        let about = about_blob(tenant, subject, id.0);
        let (key, wrapped) = place.keys.of_subject_or_new(tenant, subject)?.make_wrapped(&about)?;
        let path = place.incoming(id);
        let file = BufWriter::with_capacity(4 * CHUNK_BYTES, create(&path)?);
        let mut writer = Self {
            place,
            id,
            path,
            file,
            key,
            about,
            chunk: Vec::with_capacity(CHUNK_BYTES + TAG),
            chunks: 0,
            size: 0,
            hash: blake3::Hasher::new(),
            finished: false,
        };
        writer.put(MAGIC)?;
        writer.put(&wrapped)?;
        Ok(writer)
    }

    /// The id it will have.
    pub fn id(&self) -> BlobId {
        self.id
    }

    /// Plain bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends plain bytes.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), BlobError> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            if self.chunk.len() == CHUNK_BYTES {
                self.seal(false)?;
            }
            let (now, rest) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = rest;
        }
        Ok(())
    }

    /// Seals the last chunk and answers when bytes and name are on the disk.
    pub fn finish(mut self) -> Result<Sealed, BlobError> {
        self.seal(true)?;
        self.file.flush().map_err(|cause| BlobError::io("write", &self.path, cause))?;
        self.place.disk.sync(self.file.get_ref(), &self.path)?;
        let name = self.place.blob(self.id);
        self.place.disk.publish(&self.path, &name)?;
        self.finished = true;
        Ok(Sealed { id: self.id, size: self.size, blake3: *self.hash.finalize().as_bytes() })
    }

    fn seal(&mut self, last: bool) -> Result<(), BlobError> {
        let mut chunk = std::mem::take(&mut self.chunk);
        self.key.seal_chunk(self.chunks, last, &self.about, &mut chunk)?;
        self.put(&chunk)?;
        chunk.clear();
        self.chunk = chunk;
        self.chunks += 1;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.file.write_all(bytes).map_err(|cause| BlobError::io("write", &self.path, cause))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.finished
            && let Err(cause) = self.place.disk.remove(&self.path)
        {
            tracing::warn!(%cause, "an unfinished blob stays until the next start");
        }
    }
}
