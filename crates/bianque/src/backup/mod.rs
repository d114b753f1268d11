//! `bianque backup` and `bianque restore`: the data folder, elsewhere, and back.
//!
//! A backup is a folder. Each run adds one set to it, a folder named by its time with the sealed copies of the databases
//! and a manifest; files that never change (blobs, keys of subjects) lie in a pool that all sets share and are copied
//! once. Nothing in it can be read without the master key, which is not in it.
//!
//! ```text
//! BACKUP/2026-11-28T02-30-00Z/manifest.json   every file of the set with its BLAKE3
//!                            /manifest.tag    who has the master key wrote that manifest
//!                            /0.sealed ...    databases, keys of the installation
//! BACKUP/pool/blobs/ab/ab…                    sealed blobs by id
//! BACKUP/pool/files/cd/cd…                    wrapped keys, uploads in progress, by BLAKE3
//! ```

mod files;
mod manifest;
mod prune;
mod restore;
mod take;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use bianque_blobs::Vault;

pub(crate) use take::take;

use crate::cli::{BackupCommand, BackupFlags, BackupVerifyFlags, RestoreFlags};
use crate::config::Config;
use crate::control::{self, Answer, Request};
use crate::open;

/// The folder has never been used by a server.
const UNINITIALISED: u8 = 2;
/// Another master key sealed the backup.
const OTHER_KEY: u8 = 3;
/// The backup is not what its manifest says.
const DAMAGED: u8 = 4;

/// `bianque backup`: through the running server, or on the folder itself.
pub(crate) async fn backup(flags: BackupFlags) -> anyhow::Result<ExitCode> {
    if let Some(BackupCommand::Verify(flags)) = flags.command {
        return check(&flags);
    }
    let to = flags.to.ok_or_else(|| anyhow!("say where to: bianque backup DIR"))?;
    let config = Config::decide(&flags.folder.into())?;
    if !open::is_initialised(&config.data) {
        tracing::error!("{} is not initialised: there is nothing to back up", config.data.display());
        return Ok(ExitCode::from(UNINITIALISED));
    }
    let request = Request::Backup { to: std::path::absolute(to)?, keep: flags.keep };
    match control::ask_or_open(&config, request).await? {
        Answer::Done(summary) => print(&summary),
        Answer::Failed(message) => Err(anyhow!(message)),
    }
}

/// `bianque backup verify`.
fn check(flags: &BackupVerifyFlags) -> anyhow::Result<ExitCode> {
    let set = manifest::Set::find(&flags.backup, flags.at.as_deref())?;
    let vault = flags.master_key.as_deref().map(Vault::open).transpose()?;
    if let Some(vault) = &vault
        && let Some(refused) = other_key(&set, vault)
    {
        return Ok(refused);
    }
    let problems = verify::verify(&set, vault.as_ref())?;
    for problem in &problems {
        tracing::error!("{problem}");
    }
    if vault.is_none() {
        tracing::warn!("without --master-key it is not known who wrote the manifest, nor that files open");
    }
    if !problems.is_empty() {
        return Ok(ExitCode::from(DAMAGED));
    }
    print(&serde_json::json!({"set": set.name, "files": set.manifest.files.len(), "ok": true}).to_string())
}

/// `bianque restore`: into a folder that is new or empty.
pub(crate) fn restore(flags: &RestoreFlags) -> anyhow::Result<ExitCode> {
    let set = manifest::Set::find(&flags.backup, flags.at.as_deref())?;
    let vault = Vault::open(&flags.master_key)?;
    if let Some(refused) = other_key(&set, &vault) {
        return Ok(refused);
    }
    match restore::restore(&set, &vault, &flags.data)? {
        restore::Outcome::Done => {}
        restore::Outcome::Damaged(what) => {
            tracing::error!("nothing was restored: {what}");
            return Ok(ExitCode::from(DAMAGED));
        }
    }
    let told = serde_json::json!({"set": set.name, "data": flags.data, "files": set.manifest.files.len()});
    tracing::info!(
        "start it with --data {} --master-key {}",
        flags.data.display(),
        flags.master_key.display()
    );
    print(&told.to_string())
}

fn other_key(set: &manifest::Set, vault: &Vault) -> Option<ExitCode> {
    (set.manifest.master_key != vault.name()).then(|| {
        tracing::error!(
            "the backup was sealed with master key {}, and this is {}: another key",
            set.manifest.master_key,
            vault.name()
        );
        ExitCode::from(OTHER_KEY)
    })
}

fn print(line: &str) -> anyhow::Result<ExitCode> {
    use std::io::Write;
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(ExitCode::SUCCESS)
}

/// The path that `name` has below `folder`: names of a manifest choose no other place.
fn below(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    use std::path::Component;
    let path = Path::new(name);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    if plain && !name.is_empty() { Ok(folder.join(path)) } else { Err(anyhow!("{name:?} is no place in it")) }
        .context("the manifest")
}
