//! Secrets of the installation that are small files: sealed with the master key, so that who has the data folder alone
//! has none of them.

use std::fs;
use std::io;
use std::path::Path;

use crate::folder::Disk;
use crate::vault::MAGIC;
use crate::{BlobError, MasterKeys, Vault};

impl MasterKeys {
    /// The secret in the file `path`, or the one that `make` gives where there is none. What lies there plain, from
    /// before secrets were sealed, or sealed with the key before, is sealed with the current one, in one step.
    ///
    /// # Errors
    /// [`BlobError::Corrupt`] when none of the keys opens it.
    pub fn secret(
        &self,
        path: &Path,
        make: impl FnOnce() -> Result<Vec<u8>, BlobError>,
    ) -> Result<Vec<u8>, BlobError> {
        let about = about(path);
        let current = Vault::with(&self.current)?;
        let found = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let secret = make()?;
                keep(&current, path, &about, &secret)?;
                return Ok(secret);
            }
            Err(cause) => return Err(BlobError::io("read", path, cause)),
        };
        if !found.starts_with(MAGIC) {
            keep(&current, path, &about, &found)?;
            return Ok(found);
        }
        match (opened(&current, &about, &found), &self.before) {
            (Err(BlobError::Corrupt { .. }), Some(before)) => {
                let secret = opened(&Vault::with(before)?, &about, &found)?;
                keep(&current, path, &about, &secret)?;
                Ok(secret)
            }
            (secret, _) => secret,
        }
    }
}

/// What a secret is bound to: a sealed file under another name does not open.
fn about(path: &Path) -> String {
    format!("secret {}", path.file_name().unwrap_or_default().to_string_lossy())
}

fn opened(vault: &Vault, about: &str, sealed: &[u8]) -> Result<Vec<u8>, BlobError> {
    let mut secret = Vec::new();
    vault.unseal(about, &mut &*sealed, &mut secret).map(|()| secret)
}

fn keep(vault: &Vault, path: &Path, about: &str, secret: &[u8]) -> Result<(), BlobError> {
    let mut sealed = Vec::new();
    vault.seal(about, &mut &*secret, &mut sealed)?;
    Disk { durable: true }.write_small(path, &sealed)
}
