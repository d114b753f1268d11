//! Files sealed with the master key itself, for where there is no subject: copies of the database, keys of the
//! installation. They are what a backup needs to leave the machine.
//!
//! A sealed file is a magic, a random key wrapped by a key that is derived from the master key, and chunks as a blob has
//! them: what is cut off, moved or changed does not open, and what is called one thing does not open as another.

use std::io::{self, Read, Write};
use std::path::Path;

use crate::seal::{KEY, Key, TAG, WRAPPED};
use crate::{BlobError, CHUNK_BYTES, MasterKey};

/// What a sealed file begins with.
pub(crate) const MAGIC: &[u8; 8] = b"BQVAULT1";

/// Seals and opens whole files.
pub struct Vault {
    key: Key,
    tagging: [u8; KEY],
    name: String,
}

impl Vault {
    /// With the master key of a file, which is there and is not made.
    ///
    /// # Errors
    /// [`BlobError::MasterKey`] when it is missing, readable by others, or not a key.
    pub fn open(master_key: &Path) -> Result<Self, BlobError> {
        Self::with(&MasterKey::read_existing(master_key)?)
    }

    /// With a master key.
    pub fn with(master: &MasterKey) -> Result<Self, BlobError> {
        Ok(Self {
            key: Key::new(&master.derive("bianque 2026 sealing of backups"))?,
            tagging: master.derive("bianque 2026 tags of backups"),
            name: master.name(),
        })
    }

    /// What tells one master key from another, and nothing of it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A tag that only who has the master key can make.
    pub fn tag(&self, bytes: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.tagging, bytes).as_bytes()
    }

    /// Seals everything that `plain` gives. `about` must be said again to open it.
    pub fn seal(&self, about: &str, plain: &mut impl Read, sealed: &mut impl Write) -> Result<(), BlobError> {
        let (key, wrapped) = self.key.make_wrapped(about.as_bytes())?;
        let write = |cause| failed("write", about, cause);
        sealed.write_all(MAGIC).and_then(|()| sealed.write_all(&wrapped)).map_err(write)?;
        let read = |plain: &mut _| fill(plain, CHUNK_BYTES).map_err(|cause| failed("read", about, cause));
        let mut chunk = read(plain)?;
        for index in 0.. {
            let next = read(plain)?;
            let last = next.is_empty();
            key.seal_chunk(index, last, about.as_bytes(), &mut chunk)?;
            sealed.write_all(&chunk).map_err(write)?;
            if last {
                break;
            }
            chunk = next;
        }
        Ok(())
    }

    /// Opens what [`Self::seal`] made.
    ///
    /// # Errors
    /// [`BlobError::Corrupt`] when it was changed, cut off, is about something else, or another master key sealed it.
    /// What was written to `plain` before is worth nothing then.
    pub fn unseal(
        &self,
        about: &str,
        sealed: &mut impl Read,
        plain: &mut impl Write,
    ) -> Result<(), BlobError> {
        let corrupt = || BlobError::corrupt(about);
        let mut header = [0; MAGIC.len() + WRAPPED];
        sealed.read_exact(&mut header).map_err(|_| corrupt())?;
        let (magic, wrapped) = header.split_at(MAGIC.len());
        let wrapped: &[u8; WRAPPED] = wrapped.try_into().map_err(|_| corrupt())?;
        if magic != MAGIC {
            return Err(corrupt());
        }
        let key = self.key.unwrap(about.as_bytes(), wrapped)?;
        let read =
            |sealed: &mut _| fill(sealed, CHUNK_BYTES + TAG).map_err(|cause| failed("read", about, cause));
        let mut chunk = read(sealed)?;
        for index in 0.. {
            let next = read(sealed)?;
            let last = next.is_empty();
            let opened = key.open_chunk(index, last, about.as_bytes(), &mut chunk)?;
            plain.write_all(opened).map_err(|cause| failed("write", about, cause))?;
            if last {
                break;
            }
            chunk = next;
        }
        Ok(())
    }
}

/// The next bytes; fewer than `length` only at the end.
fn fill(from: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length + TAG);
    from.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn failed(what: &str, about: &str, cause: io::Error) -> BlobError {
    BlobError::Io { what: format!("{what} {about}"), cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn vault(byte: u8) -> Vault {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        std::fs::write(&path, [byte; KEY]).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        Vault::open(&path).unwrap()
    }

    fn sealed(vault: &Vault, plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        vault.seal("a.db", &mut &plain[..], &mut sealed).unwrap();
        sealed
    }

    fn opened(vault: &Vault, about: &str, sealed: &[u8]) -> Result<Vec<u8>, BlobError> {
        let mut plain = Vec::new();
        vault.unseal(about, &mut &sealed[..], &mut plain).map(|()| plain)
    }

    #[test]
    fn a_file_of_any_length_comes_back_and_no_other_key_or_name_opens_it() {
        let (ours, other) = (vault(1), vault(2));
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let plain: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let bytes = sealed(&ours, &plain);
            assert_eq!(opened(&ours, "a.db", &bytes).unwrap(), plain);
            assert!(opened(&ours, "b.db", &bytes).is_err() && opened(&other, "a.db", &bytes).is_err());
            for cut in [0, 8, 67, bytes.len() - 1, bytes.len() - TAG] {
                assert!(opened(&ours, "a.db", &bytes[..cut]).is_err(), "{length} cut at {cut}");
            }
        }
        assert_ne!(ours.name(), other.name());
        assert_ne!(ours.tag(b"x"), other.tag(b"x"));
    }

    #[test]
    fn a_file_that_is_cut_at_a_chunk_or_turned_around_does_not_open() {
        let ours = vault(1);
        let bytes = sealed(&ours, &vec![7; 2 * CHUNK_BYTES]);
        let (header, body) = bytes.split_at(MAGIC.len() + WRAPPED);
        let (first, second) = body.split_at(CHUNK_BYTES + TAG);
        assert!(opened(&ours, "a.db", &[header, first].concat()).is_err());
        assert!(opened(&ours, "a.db", &[header, second, first].concat()).is_err());
        assert!(opened(&ours, "a.db", &[header, first, second].concat()).is_ok());
    }

    #[test]
    fn a_missing_master_key_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        assert!(matches!(Vault::open(&path), Err(BlobError::MasterKey { .. })));
        assert!(!path.exists());
    }
}
