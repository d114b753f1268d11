//! The master key: from a file that is ours alone, or from whatever a command printed.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::BlobError;
use crate::folder::{Disk, make_folder, names};
use crate::seal::{KEY, random};

/// A master key. Never logged; [`Self::name`] is what may be told of it.
#[derive(Clone)]
pub struct MasterKey {
    bytes: [u8; KEY],
    from: String,
}

/// The master key that seals, and while it is being replaced the one before, which still opens.
#[derive(Debug, Clone)]
pub struct MasterKeys {
    /// Seals, and opens.
    pub current: MasterKey,
    /// Opens what is not sealed anew yet.
    pub before: Option<MasterKey>,
}

impl From<MasterKey> for MasterKeys {
    fn from(current: MasterKey) -> Self {
        Self { current, before: None }
    }
}

impl MasterKey {
    /// The key in a file, 32 bytes or 64 hexadecimal digits; none when there is no such file.
    ///
    /// # Errors
    /// [`BlobError::MasterKey`] when others may read it, or it is no key.
    pub fn read(path: &Path) -> Result<Option<Self>, BlobError> {
        let failed = |cause| BlobError::io("read", path, cause);
        match fs::read(path) {
            Ok(bytes) => {
                let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
                if mode & 0o077 != 0 {
                    return Err(unusable(
                        &path.display().to_string(),
                        "others may read it; its mode must be 0600",
                    ));
                }
                Self::parse(&bytes, &path.display().to_string()).map(Some)
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(failed(cause)),
        }
    }

    /// The key in a file that must be there.
    ///
    /// # Errors
    /// As [`Self::read`], and when there is no such file.
    pub fn read_existing(path: &Path) -> Result<Self, BlobError> {
        Self::read(path)?.ok_or_else(|| unusable(&path.display().to_string(), "there is no such file"))
    }

    /// The key in a file, made when it is missing and no folder of blobs at `blobs` is sealed with it.
    ///
    /// # Errors
    /// As [`Self::read`], and when it is missing beside sealed data.
    pub fn read_or_make(path: &Path, blobs: &Path) -> Result<Self, BlobError> {
        if let Some(key) = Self::read(path)? {
            return Ok(key);
        }
        if !names(&blobs.join("keys"))?.is_empty() {
            return Err(unusable(
                &path.display().to_string(),
                "it is missing, and there is data that it seals",
            ));
        }
        let key = Self::make(path)?;
        tracing::info!(path = %path.display(), "made a master key: keep a copy apart from the data");
        Ok(key)
    }

    /// A new random key, durably in a file.
    pub fn make(path: &Path) -> Result<Self, BlobError> {
        let mut bytes = [0; KEY];
        random(&mut bytes)?;
        let key = Self { bytes, from: path.display().to_string() };
        key.write(path)?;
        Ok(key)
    }

    /// Writes it to a file, whole or not at all, readable by its owner alone. The folder of the file is made where it is
    /// missing.
    pub fn write(&self, path: &Path) -> Result<(), BlobError> {
        let disk = Disk { durable: true };
        if let Some(folder) =
            path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        {
            make_folder(folder)?;
            disk.sync_parent(folder)?;
        }
        disk.write_small(path, &self.bytes)
    }

    /// Reads a key as a file or a command gives it: 32 bytes, or 64 hexadecimal digits with or without a line end.
    pub fn parse(given: &[u8], from: &str) -> Result<Self, BlobError> {
        let wrong = || unusable(from, "it must be 32 bytes long, or 64 hexadecimal digits");
        let digits = || {
            let text = std::str::from_utf8(given).ok()?;
            blake3::Hash::from_hex(text.trim()).ok().map(|key| *key.as_bytes())
        };
        let bytes = <[u8; KEY]>::try_from(given).ok().or_else(digits).ok_or_else(wrong)?;
        Ok(Self { bytes, from: from.to_owned() })
    }

    /// What tells one master key from another, and nothing of it.
    pub fn name(&self) -> String {
        let name = blake3::derive_key("bianque 2026 name of a master key", &self.bytes);
        blake3::Hash::from_bytes(name).to_hex()[..16].to_owned()
    }

    /// Where it came from.
    pub fn from(&self) -> &str {
        &self.from
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY] {
        &self.bytes
    }

    /// A key for one use.
    pub(crate) fn derive(&self, context: &str) -> [u8; KEY] {
        blake3::derive_key(context, &self.bytes)
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({})", self.name())
    }
}

pub(crate) fn unusable(path: &str, why: &str) -> BlobError {
    BlobError::MasterKey { path: path.to_owned(), why: why.to_owned() }
}
