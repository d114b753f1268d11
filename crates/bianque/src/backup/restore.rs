//! A data folder from a set: whole, or not at all.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bianque_blobs::Vault;

use super::files;
use super::manifest::{Entry, Set};

/// How it went.
pub(super) enum Outcome {
    /// The folder is there.
    Done,
    /// The backup is not what its manifest says; there is no folder.
    Damaged(String),
}

/// Makes the data folder `data`, which must be new or empty. It has its name when every file of it is on the disk and
/// was found to be what the manifest says.
pub(super) fn restore(set: &Set, vault: &Vault, data: &Path) -> anyhow::Result<Outcome> {
    let data = std::path::absolute(data)?;
    if fs::read_dir(&data).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty: a restore never writes over anything", data.display());
    }
    if !set.is_signed(vault) {
        return Ok(Outcome::Damaged("the manifest was changed, or its tag is missing".into()));
    }
    let unfinished = sibling(&data)?;
    let result = set.manifest.files.iter().try_for_each(|entry| bring(set, entry, vault, &unfinished));
    if let Err(error) = result {
        fs::remove_dir_all(&unfinished).with_context(|| format!("remove {}", unfinished.display()))?;
        return match error.downcast::<NotAsWritten>() {
            Ok(damage) => Ok(Outcome::Damaged(damage.to_string())),
            Err(error) => Err(error),
        };
    }
    files::sync_folders(&unfinished)?;
    if data.exists() {
        fs::remove_dir(&data).with_context(|| format!("replace {}", data.display()))?;
    }
    fs::rename(&unfinished, &data).with_context(|| format!("name {}", data.display()))?;
    if let Some(above) = data.parent() {
        fs::File::open(above)?.sync_all()?;
    }
    Ok(Outcome::Done)
}

/// A file of the backup is missing or another.
#[derive(Debug)]
struct NotAsWritten(String);

impl std::fmt::Display for NotAsWritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAsWritten {}

/// Where the folder grows, beside its place and on the same disk.
fn sibling(data: &Path) -> anyhow::Result<PathBuf> {
    let (Some(above), Some(name)) = (data.parent(), data.file_name()) else {
        bail!("{} cannot be a data folder", data.display());
    };
    files::make_folder(above)?;
    let unfinished = above.join(format!("{}.restoring", name.to_string_lossy()));
    if unfinished.exists() {
        bail!("{} is in the way: another restore runs, or one was cut off; remove it", unfinished.display());
    }
    files::make_folder(&unfinished)?;
    Ok(unfinished)
}

fn bring(set: &Set, entry: &Entry, vault: &Vault, folder: &Path) -> anyhow::Result<()> {
    let from = super::below(&set.backup, &entry.stored)?;
    let to = super::below(folder, &entry.path)?;
    let damaged = || NotAsWritten(format!("{} is missing or is not what was written", from.display()));
    let found = files::read(&from).map_err(|_| damaged())?;
    if found.size != entry.size || found.blake3.to_hex().as_str() != entry.blake3 {
        return Err(damaged().into());
    }
    if entry.sealed {
        let mut sealed = files::open(&from)?;
        files::write(&to, |mut file: &mut dyn Write| {
            Ok(vault.unseal(&entry.path, &mut sealed, &mut file)?)
        })?;
    } else if files::copy(&from, &to)? != found {
        return Err(damaged().into());
    }
    Ok(())
}
