//! Making a set: databases first, then blobs, with deletion of blobs paused from before the first to after the last.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bianque_app::health;
use bianque_blobs::{Blobs, Vault};
use bianque_store::DataFolder;
use serde_json::{Value, json};

use super::files::{self, Written};
use super::manifest::{self, Entry, FORMAT, Manifest, Set};
use super::prune;
use crate::control::{Desk, TURN};

/// What lies in a data folder and does not go into a backup: locks, sockets, what is made again, and the databases as
/// they lie there, of which a copy goes.
const LEFT: [&str; 4] = ["lock", "control.sock", "tls", "blobs"];
/// Unsealed copies of databases lie in the data folder while they are sealed, no worse than the databases themselves.
const COPIES: &str = "copying-";

/// Adds a set to a backup, and removes all but the newest `keep` when that is said. Gives a summary as JSON.
pub(crate) async fn take(desk: &Desk, to: &Path, keep: Option<usize>) -> anyhow::Result<Value> {
    let Ok(_turn) = TURN.try_lock() else { bail!("a backup or a rotation of keys is under way") };
    let data = desk.data.canonicalize().with_context(|| format!("find {}", desk.data.display()))?;
    files::make_folder(to)?;
    if to.canonicalize()?.starts_with(&data) {
        bail!("a backup does not belong into the data folder it is of");
    }
    let _lock = DataFolder::lock(to)?;
    let vault = desk.master.vault()?;
    forget(&data, |name| name.starts_with(COPIES))?;
    forget(to, |name| name.ends_with("Z.part"))?;
    let copies = tempfile::Builder::new().prefix(COPIES).tempdir_in(&data)?;
    let made = jiff::Timestamp::now();
    let hold = desk.app.blobs.hold_deletions();
    let databases = desk.app.store.copy(copies.path().to_owned()).await?;
    let filling = Filling {
        name: format!("{}", made.strftime("%Y-%m-%dT%H-%M-%SZ")),
        made: made.to_string(),
        data,
        master_key: desk.master.source.file().and_then(|path| path.canonicalize().ok()),
        backup: to.to_owned(),
        blobs: desk.app.blobs.clone(),
        vault,
        copied: 0,
        copied_bytes: 0,
        kept: 0,
    };
    let filled = tokio::task::spawn_blocking(move || {
        let summary = filling.fill(&databases);
        drop((hold, copies));
        summary
    });
    let (backup, mut summary) = filled.await??;
    let files = summary["files"].as_u64().unwrap_or_default();
    health::backup_taken(&desk.app, summary["set"].as_str().unwrap_or_default(), files).await?;
    let removed = keep.map(|keep| prune::prune(&backup, keep)).transpose()?.unwrap_or_default();
    summary["removed_sets"] = json!(removed);
    Ok(summary)
}

/// Removes the folders that a process which was killed had left.
fn forget(folder: &Path, left: impl Fn(&str) -> bool) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && left(&entry.file_name().to_string_lossy()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

struct Filling {
    name: String,
    made: String,
    data: PathBuf,
    /// Its file, which does not go into a backup wherever it lies, nor do those that it replaced.
    master_key: Option<PathBuf>,
    backup: PathBuf,
    blobs: std::sync::Arc<Blobs>,
    vault: Vault,
    copied: u64,
    copied_bytes: u64,
    kept: u64,
}

impl Filling {
    fn fill(mut self, databases: &[PathBuf]) -> anyhow::Result<(PathBuf, Value)> {
        let set = self.backup.join(&self.name);
        if set.exists() {
            bail!("{} is there already", set.display());
        }
        let unfinished = self.backup.join(format!("{}.part", self.name));
        let mut entries = Vec::new();
        for path in databases {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            entries.push(self.sealed(&unfinished, path, name, entries.len())?);
        }
        for (path, name) in self.others()? {
            entries.push(self.sealed(&unfinished, &path, name, entries.len())?);
        }
        let known = self.known()?;
        for path in self.blobs.files()? {
            entries.extend(self.pooled(&path, &known)?);
        }
        let manifest = Manifest {
            format: FORMAT,
            made: self.made.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            master_key: self.vault.name().to_owned(),
            files: entries,
        };
        manifest.write(&unfinished, &self.vault)?;
        files::sync_folders(&self.backup)?;
        fs::rename(&unfinished, &set).with_context(|| format!("name {}", set.display()))?;
        files::sync_folders(&set)?;
        fs::File::open(&self.backup)?.sync_all()?;
        let summary = json!({
            "set": self.name, "made": self.made, "files": manifest.files.len(),
            "copied": self.copied, "copied_bytes": self.copied_bytes, "kept": self.kept,
        });
        Ok((self.backup, summary))
    }

    /// Seals a file into the set.
    fn sealed(&mut self, set: &Path, from: &Path, name: String, number: usize) -> anyhow::Result<Entry> {
        let stored = format!("{number}.sealed");
        let mut plain = files::open(from)?;
        let written = files::write(&set.join(&stored), |mut file| {
            Ok(self.vault.seal(&name, &mut plain, &mut file)?)
        })?;
        self.count(&written);
        Ok(entry(name, format!("{}/{stored}", self.name), true, &written))
    }

    /// Puts a file that is sealed already into the pool, unless it lies there; none: it went while we looked.
    fn pooled(&mut self, path: &Path, known: &HashMap<String, Entry>) -> anyhow::Result<Option<Entry>> {
        let name = format!("blobs/{}", path.display());
        let folder = path.parent().and_then(Path::to_str).unwrap_or_default();
        if folder.len() == 2 { self.blob(path, name, known).map(Some) } else { self.by_content(path, name) }
    }

    /// A blob never changes: what the newest set says of it holds while the file is there.
    fn blob(&mut self, path: &Path, name: String, known: &HashMap<String, Entry>) -> anyhow::Result<Entry> {
        if let Some(known) = known.get(&name)
            && self.lies_there(&known.stored, known.size)
        {
            self.kept += 1;
            return Ok(known.clone());
        }
        let stored = format!("pool/blobs/{}", path.display());
        let written = files::copy(&self.blobs.folder().join(path), &self.backup.join(&stored))?;
        self.count(&written);
        Ok(entry(name, stored, false, &written))
    }

    /// Wrapped keys and uploads in progress change, and are told apart by what they are.
    fn by_content(&mut self, path: &Path, name: String) -> anyhow::Result<Option<Entry>> {
        let from = self.blobs.folder().join(path);
        let found = match files::read(&from) {
            Ok(found) => found,
            Err(_) if !from.exists() => return Ok(None),
            Err(error) => return Err(error),
        };
        let stored = stored_by(&found.blake3);
        if self.lies_there(&stored, found.size) {
            self.kept += 1;
            return Ok(Some(entry(name, stored, false, &found)));
        }
        let written = files::copy(&from, &self.backup.join(&stored))?;
        if written == found {
            self.count(&written);
            return Ok(Some(entry(name, stored, false, &written)));
        }
        // An upload went on between the two readings: it is kept as it was at the second.
        let renamed = stored_by(&written.blake3);
        let (from, to) = (self.backup.join(&stored), self.backup.join(&renamed));
        files::make_folder(to.parent().unwrap_or(&self.backup))?;
        fs::rename(&from, &to).with_context(|| format!("name {}", to.display()))?;
        self.count(&written);
        Ok(Some(entry(name, renamed, false, &written)))
    }

    fn lies_there(&self, stored: &str, size: u64) -> bool {
        fs::metadata(self.backup.join(stored)).is_ok_and(|found| found.len() == size)
    }

    fn count(&mut self, written: &Written) {
        self.copied += 1;
        self.copied_bytes += written.size;
    }

    /// What the newest set says of blobs, which never change.
    fn known(&self) -> anyhow::Result<HashMap<String, Entry>> {
        if manifest::names(&self.backup)?.is_empty() {
            return Ok(HashMap::new());
        }
        let newest = Set::find(&self.backup, None)?;
        if !newest.is_signed(&self.vault) {
            // Another master key, or another hand: everything is copied and hashed anew.
            return Ok(HashMap::new());
        }
        Ok(newest.manifest.files.into_iter().map(|entry| (entry.path.clone(), entry)).collect())
    }

    fn is_master_key(&self, path: &Path) -> bool {
        let Some(key) = &self.master_key else { return false };
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        path.parent() == key.parent() && name(path).starts_with(&name(key))
    }

    /// Files of the data folder beside databases and blobs, with their names in it.
    fn others(&self) -> anyhow::Result<Vec<(PathBuf, String)>> {
        let mut found = Vec::new();
        let mut folders = vec![self.data.clone()];
        while let Some(folder) = folders.pop() {
            for listed in fs::read_dir(&folder)? {
                let listed = listed?;
                let (path, kind) = (listed.path(), listed.file_type()?);
                let name = path.strip_prefix(&self.data)?.to_string_lossy().into_owned();
                if LEFT.contains(&name.as_str()) || name.starts_with(COPIES) || is_database(&name) {
                    continue;
                }
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() && !self.is_master_key(&path) {
                    found.push((path, name));
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

fn stored_by(hash: &blake3::Hash) -> String {
    let hash = hash.to_hex();
    format!("pool/files/{}/{hash}", &hash[..2])
}

fn is_database(name: &str) -> bool {
    !name.contains('/') && [".db", ".db-wal", ".db-shm", ".db-journal"].iter().any(|end| name.ends_with(end))
}

fn entry(path: String, stored: String, sealed: bool, written: &Written) -> Entry {
    Entry { path, stored, sealed, size: written.size, blake3: written.blake3.to_hex().to_string() }
}
