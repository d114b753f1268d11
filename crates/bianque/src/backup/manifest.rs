//! What a set consists of, and who says so.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use bianque_blobs::Vault;
use serde::{Deserialize, Serialize};

/// The layout that this program writes and reads.
pub(super) const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const TAG: &str = "manifest.tag";

/// Every file of a set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The layout.
    pub(super) format: u32,
    /// When its first database was copied, RFC 3339.
    pub(super) made: String,
    /// The version of the program that made it.
    pub(super) program: String,
    /// The name of the master key that opens it.
    pub(super) master_key: String,
    /// The files.
    pub(super) files: Vec<Entry>,
}

/// A file of the data folder as it lies in the backup.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Where it goes in the data folder.
    pub(super) path: String,
    /// Where it lies in the backup.
    pub(super) stored: String,
    /// Sealed for the backup; else it is stored as it lies in the data folder, where it is sealed already.
    pub(super) sealed: bool,
    /// Bytes as it is stored.
    pub(super) size: u64,
    /// BLAKE3 of those bytes, hex.
    pub(super) blake3: String,
}

/// A set of a backup, found and read.
#[derive(Debug, Clone)]
pub(super) struct Set {
    /// The backup.
    pub(super) backup: PathBuf,
    /// The name of its folder.
    pub(super) name: String,
    /// The bytes of the manifest.
    pub(super) bytes: Vec<u8>,
    /// What they say.
    pub(super) manifest: Manifest,
}

impl Set {
    /// The set of this name, or the newest.
    pub(super) fn find(backup: &Path, name: Option<&str>) -> anyhow::Result<Self> {
        let name = match name {
            Some(name) => name.to_owned(),
            None => names(backup)?.pop().ok_or_else(|| anyhow!("{} holds no backup", backup.display()))?,
        };
        let path = super::below(backup, &name)?.join(MANIFEST);
        let bytes = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
        let manifest: Manifest =
            serde_json::from_slice(&bytes).with_context(|| format!("understand {}", path.display()))?;
        if manifest.format != FORMAT {
            bail!("{} has layout {}, this program knows {FORMAT}", path.display(), manifest.format);
        }
        Ok(Self { backup: backup.to_owned(), name, bytes, manifest })
    }

    /// Whether who wrote the manifest had the master key.
    pub(super) fn is_signed(&self, vault: &Vault) -> bool {
        let tag = fs::read_to_string(self.backup.join(&self.name).join(TAG)).unwrap_or_default();
        let told = blake3::Hash::from_hex(tag.trim());
        // Hashes compare in constant time.
        told.is_ok_and(|told| told == blake3::Hash::from_bytes(vault.tag(&self.bytes)))
    }
}

impl Manifest {
    /// Writes it with its tag into the folder of a set.
    pub(super) fn write(&self, folder: &Path, vault: &Vault) -> anyhow::Result<()> {
        let bytes = serde_json::to_vec_pretty(self)?;
        super::files::write_small(&folder.join(MANIFEST), &bytes)?;
        let tag = blake3::Hash::from_bytes(vault.tag(&bytes));
        super::files::write_small(&folder.join(TAG), tag.to_hex().as_bytes())
    }
}

/// The names of the sets of a backup, oldest first.
pub(super) fn names(backup: &Path) -> anyhow::Result<Vec<String>> {
    let entries = fs::read_dir(backup).with_context(|| format!("list {}", backup.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.path().join(MANIFEST).is_file()
            && let Ok(name) = entry.file_name().into_string()
            && name.ends_with('Z')
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
