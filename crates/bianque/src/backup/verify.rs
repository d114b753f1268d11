//! Whether a set is what its manifest says, read from the disk to the last byte.

use std::io;

use bianque_blobs::Vault;

use super::files;
use super::manifest::{Entry, Set};

/// Reads every file; with the master key also whether the manifest is ours, and whether sealed files open. Gives what is
/// wrong, in words.
pub(super) fn verify(set: &Set, vault: Option<&Vault>) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    if vault.is_some_and(|vault| !set.is_signed(vault)) {
        problems.push("the manifest was changed, or its tag is missing".to_owned());
    }
    for entry in &set.manifest.files {
        problems.extend(problem(set, entry, vault)?);
    }
    Ok(problems)
}

fn problem(set: &Set, entry: &Entry, vault: Option<&Vault>) -> anyhow::Result<Option<String>> {
    let path = super::below(&set.backup, &entry.stored)?;
    let found = match files::read(&path) {
        Ok(found) => found,
        Err(error) => return Ok(Some(format!("{error:#}"))),
    };
    if found.size != entry.size || found.blake3.to_hex().as_str() != entry.blake3 {
        return Ok(Some(format!("{} is not what was written", path.display())));
    }
    if let Some(vault) = vault.filter(|_| entry.sealed) {
        let opened = vault.unseal(&entry.path, &mut files::open(&path)?, &mut io::sink());
        return Ok(opened.err().map(|error| error.to_string()));
    }
    Ok(None)
}
