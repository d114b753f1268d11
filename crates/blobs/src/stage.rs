//! Staged uploads: bytes that arrive in pieces, over hours and restarts, until they are whole.
//!
//! A staged upload is a log of sealed pieces, each with its offset in what it is bound to. Nothing in it is written
//! twice, so a torn piece at the end is simply cut off; what [`Stage::append`] has answered for stays.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bianque_model::TenantId;
use rustix::fs::{FlockOperation, flock};
use uuid::Uuid;

use crate::blobs::{Place, about_blob};
use crate::seal::{Key, NONCE, TAG, WRAPPED};
use crate::{BlobError, CHUNK_BYTES, Sealed, Writer};

const MAGIC: &[u8; 8] = b"BQSTAGE1";
const HEADER_BYTES: usize = MAGIC.len() + WRAPPED;
const HEADER: u64 = HEADER_BYTES as u64;
const LENGTH: usize = 4;

/// A staged upload that is open, by one request at a time.
pub struct Stage {
    place: Arc<Place>,
    tenant: TenantId,
    subject: String,
    upload: Uuid,
    path: PathBuf,
    file: File,
    key: Key,
    /// Plain bytes that are durable.
    offset: u64,
    /// Where the file's intact pieces end.
    end: u64,
    /// Whether a failed append may have left bytes behind the end.
    torn: bool,
}

impl Stage {
    pub(crate) fn open(
        place: Arc<Place>,
        tenant: TenantId,
        subject: &str,
        upload: Uuid,
    ) -> Result<Self, BlobError> {
        let path = place.staged(upload);
        let failed = |cause| BlobError::io("open", &path, cause);
        let mut file = hold(&path)?;
        let about = about_blob(tenant, subject, upload);
        let length = file.metadata().map_err(failed)?.len();
        let key = if length < HEADER {
            begin(&place, &mut file, &path, tenant, subject, &about)?
        } else {
            let mut header = [0; HEADER_BYTES];
            file.read_exact(&mut header).map_err(failed)?;
            let (magic, wrapped) = header.split_at(MAGIC.len());
            let wrapped: &[u8; WRAPPED] = wrapped.try_into().map_err(|_| BlobError::corrupt("an upload"))?;
            if magic != MAGIC {
                return Err(BlobError::corrupt("an upload"));
            }
            place.keys.of_subject(tenant, subject)?.unwrap(&about, wrapped)?
        };
        let subject = subject.to_owned();
        let mut stage =
            Self { place, tenant, subject, upload, path, file, key, offset: 0, end: HEADER, torn: false };
        stage.recover()?;
        Ok(stage)
    }

    /// Plain bytes that are durable: where the upload goes on.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Appends plain bytes at `at`, which must be where the upload stands; answers with the new offset when they are
    /// durable.
    ///
    /// # Errors
    /// [`BlobError::Offset`] when the upload stands elsewhere; nothing was written then.
    pub fn append(&mut self, at: u64, bytes: &[u8]) -> Result<u64, BlobError> {
        if at != self.offset {
            return Err(BlobError::Offset { expected: self.offset });
        }
        let mut log = Vec::with_capacity(bytes.len() + bytes.len() / 1_024 + 64);
        let mut offset = self.offset;
        for piece in bytes.chunks(CHUNK_BYTES) {
            let mut sealed = piece.to_vec();
            let nonce = self.key.seal_drawn(&self.about(offset), &mut sealed)?;
            let length = u32::try_from(piece.len()).map_err(|_| BlobError::corrupt("a piece"))?;
            log.extend_from_slice(&length.to_le_bytes());
            log.extend_from_slice(&nonce);
            log.extend_from_slice(&sealed);
            offset += piece.len() as u64;
        }
        self.write(&log)?;
        self.end += log.len() as u64;
        self.offset = offset;
        Ok(offset)
    }

    /// Gives all plain bytes, piece by piece, to `each`: to verify a hash or look at the type before promoting.
    pub fn read(&self, mut each: impl FnMut(&[u8])) -> Result<(), BlobError> {
        let (offset, _) = self.walk(|piece| {
            each(piece);
            Ok(())
        })?;
        if offset == self.offset { Ok(()) } else { Err(BlobError::corrupt("an upload")) }
    }

    /// All plain bytes from the start, to be read as a file is.
    ///
    /// # Errors
    /// [`BlobError::Io`]; reading ends where intact pieces do.
    pub fn reader(&self) -> Result<impl Read + '_, BlobError> {
        let mut file = BufReader::with_capacity(4 * CHUNK_BYTES, &self.file);
        let failed = |cause| BlobError::io("read", &self.path, cause);
        file.seek(SeekFrom::Start(HEADER)).map_err(failed)?;
        Ok(Pieces { stage: self, file, offset: 0, piece: Vec::new(), at: 0 })
    }

    /// Makes a durable blob of it. The upload stays until [`Self::discard`], which comes after the commit that speaks
    /// of the blob: a crash between the two costs an unreferenced blob and no upload.
    pub fn promote(&self) -> Result<Sealed, BlobError> {
        let mut writer = Writer::begin(Arc::clone(&self.place), self.tenant, &self.subject)?;
        let (offset, _) = self.walk(|piece| writer.write(piece))?;
        if offset == self.offset { writer.finish() } else { Err(BlobError::corrupt("an upload")) }
    }

    /// Removes it.
    pub fn discard(self) -> Result<(), BlobError> {
        self.place.waiting.remove(self.place.disk, &self.path)
    }

    /// Finds where intact pieces end, cuts off a torn one, and makes durable what a killed process had written but
    /// not synced: the offset is about to be answered for.
    fn recover(&mut self) -> Result<(), BlobError> {
        let (offset, end) = self.walk(|_| Ok(()))?;
        (self.offset, self.end) = (offset, end);
        self.cut()?;
        self.place.disk.sync(&self.file, &self.path)?;
        if offset == 0 { self.place.disk.sync_parent(&self.path) } else { Ok(()) }
    }

    fn cut(&self) -> Result<(), BlobError> {
        let failed = |cause| BlobError::io("cut", &self.path, cause);
        if self.file.metadata().map_err(failed)?.len() > self.end {
            self.file.set_len(self.end).map_err(failed)?;
        }
        Ok(())
    }

    fn write(&mut self, log: &[u8]) -> Result<(), BlobError> {
        if self.torn {
            self.cut()?;
        }
        self.torn = true;
        let written = self.file.seek(SeekFrom::Start(self.end)).and_then(|_| self.file.write_all(log));
        written.map_err(|cause| BlobError::io("write", &self.path, cause))?;
        self.place.disk.sync(&self.file, &self.path)?;
        self.torn = false;
        Ok(())
    }

    /// Opens piece after piece up to the first that does not open; gives plain offset and file position there.
    fn walk(&self, mut each: impl FnMut(&[u8]) -> Result<(), BlobError>) -> Result<(u64, u64), BlobError> {
        let failed = |cause| BlobError::io("read", &self.path, cause);
        let mut file = BufReader::with_capacity(4 * CHUNK_BYTES, &self.file);
        file.seek(SeekFrom::Start(HEADER)).map_err(failed)?;
        let (mut offset, mut end) = (0, HEADER);
        while let Some((nonce, mut sealed)) = next_piece(&mut file).map_err(failed)? {
            let Ok(piece) = self.key.open_drawn(nonce, &self.about(offset), &mut sealed) else { break };
            each(piece)?;
            offset += piece.len() as u64;
            end += (LENGTH + NONCE + piece.len() + TAG) as u64;
        }
        Ok((offset, end))
    }

    fn about(&self, offset: u64) -> Vec<u8> {
        let mut about = self.upload.as_bytes().to_vec();
        about.extend_from_slice(&offset.to_le_bytes());
        about
    }
}

/// Reads a staged upload piece by piece.
struct Pieces<'a> {
    stage: &'a Stage,
    file: BufReader<&'a File>,
    /// Plain bytes before the next piece.
    offset: u64,
    piece: Vec<u8>,
    /// How much of the piece was given out.
    at: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() && self.offset < self.stage.offset {
            let Some((nonce, mut sealed)) = next_piece(&mut self.file)? else { return Ok(0) };
            let opened = self.stage.key.open_drawn(nonce, &self.stage.about(self.offset), &mut sealed);
            let length = opened.map_err(io::Error::other)?.len();
            sealed.truncate(length);
            (self.piece, self.at) = (sealed, 0);
            self.offset += length as u64;
        }
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let now = rest.len().min(out.len());
        out[..now].copy_from_slice(&rest[..now]);
        self.at += now;
        Ok(now)
    }
}

/// Opens the file of an upload for us alone.
pub(crate) fn hold(path: &Path) -> Result<File, BlobError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path).map_err(|cause| BlobError::io("open", path, cause))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| BlobError::Busy)?;
    Ok(file)
}

fn begin(
    place: &Place,
    file: &mut File,
    path: &Path,
    tenant: TenantId,
    subject: &str,
    about: &[u8],
) -> Result<Key, BlobError> {
    let (key, wrapped) = place.keys.of_subject_or_new(tenant, subject)?.make_wrapped(about)?;
    let written =
        file.set_len(0).and_then(|()| file.write_all(MAGIC)).and_then(|()| file.write_all(&wrapped));
    written.map_err(|cause| BlobError::io("write", path, cause))?;
    Ok(key)
}

/// The next piece, sealed; none: the log ends here, or is torn.
fn next_piece(file: &mut impl Read) -> io::Result<Option<([u8; NONCE], Vec<u8>)>> {
    let mut length = [0; LENGTH];
    let mut nonce = [0; NONCE];
    if !filled(file, &mut length)? || !filled(file, &mut nonce)? {
        return Ok(None);
    }
    let length = u32::from_le_bytes(length) as usize;
    if length == 0 || length > CHUNK_BYTES {
        return Ok(None);
    }
    let mut sealed = vec![0; length + TAG];
    Ok(filled(file, &mut sealed)?.then_some((nonce, sealed)))
}

fn filled(file: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(cause) => Err(cause),
    }
}
