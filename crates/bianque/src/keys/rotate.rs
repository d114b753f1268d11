//! A new master key for a data folder, in steps that a kill between any two of them leaves able to go on.
//!
//! 1. The new key is in its file.
//! 2. `keys/rotation.json` says which key replaces which.
//! 3. Secrets and keys of subjects are wrapped anew, one file after another.
//! 4. Where the file of the old key is to hold the new one, the old one is kept beside it under its name, and the new one
//!    takes its place.
//! 5. `rotation.json` goes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bianque_app::{App, Secrets};
use bianque_blobs::{MasterKey, MasterKeys};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Source;
use crate::control::{Desk, TURN};

/// A rotation under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// The name of the key before.
    from: String,
    /// The name of the new key.
    to: String,
    /// The file of the new key.
    file: PathBuf,
    /// The file that is to hold the new key at the end.
    replaces: Option<PathBuf>,
}

/// The master key at the start of a process; two and the rotation when one was cut off.
pub(crate) fn start(source: &Source, data: &Path) -> anyhow::Result<(MasterKeys, Option<Rotation>)> {
    let Some(rotation) = Rotation::find(data)? else {
        return Ok((source.read(data)?.into(), None));
    };
    let mut found = vec![source.read(data)?];
    let old = rotation.replaces.as_ref().map(|path| kept(path, &rotation.from));
    for path in [Some(rotation.file.clone()), old].into_iter().flatten() {
        found.extend(MasterKey::read(&path)?);
    }
    let named = |name: &str| found.iter().find(|key| key.name() == name).cloned();
    let Some(current) = named(&rotation.to) else {
        bail!(
            "a rotation to the master key {} was cut off, and its file {} is missing",
            rotation.to,
            rotation.file.display()
        );
    };
    Ok((MasterKeys { current, before: named(&rotation.from) }, Some(rotation)))
}

/// Goes on with a rotation that was cut off. Its secrets were wrapped when they were opened.
pub(crate) async fn resume(app: &App, data: &Path, to: &MasterKey, rotation: Rotation) -> anyhow::Result<()> {
    tracing::warn!(from = rotation.from, to = rotation.to, "going on with a rotation of the master key");
    finish(app, data, to, &rotation).await?;
    Ok(())
}

/// Replaces the master key of a folder that is open; a summary as JSON.
pub(crate) async fn rotate(desk: &Desk, new: Option<PathBuf>) -> anyhow::Result<String> {
    let Ok(_turn) = TURN.try_lock() else { bail!("a backup or another rotation is under way") };
    let before = desk.master.current();
    let replaces = desk.master.source.file().map(Path::to_owned).filter(|_| new.is_none());
    let Some(file) = new.or_else(|| replaces.as_deref().map(|path| with_suffix(path, ".next"))) else {
        bail!(
            "the master key comes from a command: say --new-master-key FILE, and change the command afterwards"
        );
    };
    let to = match MasterKey::read(&file)? {
        Some(key) => key,
        None => MasterKey::make(&file)?,
    };
    if to.name() == before.name() {
        bail!("{} holds the master key that is in use", file.display());
    }
    let rotation = Rotation { from: before.name(), to: to.name(), file, replaces };
    rotation.write(&desk.data)?;
    let keys = MasterKeys { current: to.clone(), before: Some(before) };
    let folder = desk.data.join("keys");
    tokio::task::spawn_blocking(move || Secrets::open(&folder, &keys)).await??;
    desk.master.replace(to.clone());
    let wrapped = finish(&desk.app, &desk.data, &to, &rotation).await?;
    let old = rotation.replaces.as_ref().map(|path| kept(path, &rotation.from));
    Ok(json!({
        "from": rotation.from, "to": rotation.to, "wrapped": wrapped,
        "master_key": rotation.replaces.as_ref().unwrap_or(&rotation.file), "old_master_key": old,
    })
    .to_string())
}

async fn finish(app: &App, data: &Path, to: &MasterKey, rotation: &Rotation) -> anyhow::Result<u64> {
    let subjects = app.store.subjects().await?;
    let (blobs, to, installing) = (app.blobs.clone(), to.clone(), rotation.clone());
    let wrapped = tokio::task::spawn_blocking(move || {
        let wrapped = blobs.rotate(&to, &subjects)?;
        installing.install(&to)?;
        anyhow::Ok(wrapped)
    })
    .await??;
    bianque_app::admin::keys::replaced(app, &rotation.from, &rotation.to, wrapped).await?;
    fs::remove_file(path(data)).context("end the rotation")?;
    sync(&data.join("keys"))?;
    Ok(wrapped)
}

impl Rotation {
    fn find(data: &Path) -> anyhow::Result<Option<Self>> {
        let path = path(data);
        match fs::read(&path) {
            Ok(text) => {
                serde_json::from_slice(&text).map(Some).with_context(|| format!("read {}", path.display()))
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause).with_context(|| format!("read {}", path.display())),
        }
    }

    fn write(&self, data: &Path) -> anyhow::Result<()> {
        let path = path(data);
        let part = with_suffix(&path, ".part");
        fs::write(&part, serde_json::to_vec(self)?)?;
        File::open(&part)?.sync_all()?;
        fs::rename(&part, &path)?;
        sync(&data.join("keys"))
    }

    /// The new key takes the place of the old one, which is kept under its name: backups of before need it.
    fn install(&self, to: &MasterKey) -> anyhow::Result<()> {
        let Some(path) = &self.replaces else { return Ok(()) };
        if let Some(old) = MasterKey::read(path)?
            && old.name() == self.from
        {
            old.write(&kept(path, &self.from))?;
        }
        to.write(path)?;
        if self.file.exists() && self.file != *path {
            fs::remove_file(&self.file)?;
        }
        Ok(())
    }
}

/// Where the key that was replaced lies.
fn kept(path: &Path, name: &str) -> PathBuf {
    with_suffix(path, &format!(".{name}.old"))
}

fn path(data: &Path) -> PathBuf {
    data.join("keys/rotation.json")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn sync(folder: &Path) -> anyhow::Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("sync {}", folder.display()))
}
