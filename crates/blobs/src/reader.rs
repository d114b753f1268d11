//! Reading a blob: any range, opening only the chunks it touches.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use bianque_model::{BlobId, TenantId};

use crate::blobs::{Place, about_blob};
use crate::seal::{Key, TAG, WRAPPED};
use crate::writer::MAGIC;
use crate::{BlobError, CHUNK_BYTES};

const HEADER: usize = MAGIC.len() + WRAPPED;
const SEALED: u64 = (CHUNK_BYTES + TAG) as u64;

/// A blob that is open for reading.
pub struct Reader {
    file: File,
    key: Key,
    about: Vec<u8>,
    size: u64,
    chunks: u64,
}

impl Reader {
    pub(crate) fn open(
        place: &Place,
        tenant: TenantId,
        subject: &str,
        id: BlobId,
    ) -> Result<Self, BlobError> {
        let path = place.blob(id);
        let failed = |cause| BlobError::io("read", &path, cause);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Err(BlobError::NotFound),
            Err(cause) => return Err(failed(cause)),
        };
        let body = file.metadata().map_err(failed)?.len().checked_sub(HEADER as u64);
        let body = body.ok_or_else(|| corrupt(id))?;
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0).map_err(failed)?;
        let (magic, wrapped) = header.split_at(MAGIC.len());
        let wrapped: &[u8; WRAPPED] = wrapped.try_into().map_err(|_| corrupt(id))?;
        if magic != MAGIC {
            return Err(corrupt(id));
        }
        let about = about_blob(tenant, subject, id.0);
        let key = place.keys.of_subject(tenant, subject)?.unwrap(&about, wrapped).map_err(|_| corrupt(id))?;
        let chunks = body.div_ceil(SEALED);
        let size = body.checked_sub(chunks * TAG as u64).filter(|_| chunks > 0).ok_or_else(|| corrupt(id))?;
        let reader = Self { file, key, about, size, chunks };
        // The last chunk opens only as the last: this is what vouches for the length.
        reader.chunk(chunks - 1)?;
        Ok(reader)
    }

    /// Length of the plain bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The plain bytes from `offset`, at most `length`; fewer at the end. Callers bound `length`.
    pub fn read_range(&self, offset: u64, length: usize) -> Result<Vec<u8>, BlobError> {
        let end = offset.saturating_add(length as u64).min(self.size);
        let mut plain = Vec::with_capacity(usize::try_from(end.saturating_sub(offset)).unwrap_or(0));
        let mut at = offset;
        while at < end {
            let chunk = self.chunk(at / CHUNK_BYTES as u64)?;
            let begin = usize::try_from(at % CHUNK_BYTES as u64).unwrap_or(0);
            let wanted = usize::try_from(end - at).unwrap_or(usize::MAX);
            let part = chunk.get(begin..chunk.len().min(begin.saturating_add(wanted))).unwrap_or_default();
            if part.is_empty() {
                return Err(BlobError::corrupt("a blob"));
            }
            plain.extend_from_slice(part);
            at += part.len() as u64;
        }
        Ok(plain)
    }

    /// All plain bytes, chunk by chunk.
    pub fn chunks(&self) -> impl Iterator<Item = Result<Vec<u8>, BlobError>> + '_ {
        (0..self.chunks).map(|index| self.chunk(index))
    }

    /// BLAKE3 of all plain bytes: opens every chunk.
    pub fn blake3(&self) -> Result<[u8; 32], BlobError> {
        let mut hash = blake3::Hasher::new();
        for chunk in self.chunks() {
            hash.update(&chunk?);
        }
        Ok(*hash.finalize().as_bytes())
    }

    fn chunk(&self, index: u64) -> Result<Vec<u8>, BlobError> {
        let last = index + 1 == self.chunks;
        let plain = if last { self.size - index * CHUNK_BYTES as u64 } else { CHUNK_BYTES as u64 };
        let length = usize::try_from(plain).map_err(|_| BlobError::corrupt("a blob"))?;
        let mut bytes = vec![0; length + TAG];
        self.file
            .read_exact_at(&mut bytes, HEADER as u64 + index * SEALED)
            .map_err(|_| BlobError::corrupt("a chunk of a blob"))?;
        self.key.open_chunk(index, last, &self.about, &mut bytes)?;
        bytes.truncate(length);
        Ok(bytes)
    }
}

fn corrupt(id: BlobId) -> BlobError {
    BlobError::corrupt(format!("blob {id}"))
}
