//! Removing old sets, and what of the pool no set speaks of any more.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::Context;

use super::manifest::{Set, names};

/// Keeps the newest `keep` sets, at least one; gives how many went.
pub(super) fn prune(backup: &Path, keep: usize) -> anyhow::Result<usize> {
    let mut kept = names(backup)?;
    let old = kept.len().saturating_sub(keep.max(1));
    for name in kept.drain(..old) {
        let path = backup.join(name);
        fs::remove_dir_all(&path).with_context(|| format!("remove {}", path.display()))?;
    }
    if old > 0 {
        let mut spoken_of = HashSet::new();
        for name in kept {
            let set = Set::find(backup, Some(&name))?;
            spoken_of.extend(set.manifest.files.into_iter().map(|entry| entry.stored));
        }
        sweep(backup, &backup.join("pool"), &spoken_of)?;
    }
    Ok(old)
}

fn sweep(backup: &Path, folder: &Path, spoken_of: &HashSet<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            sweep(backup, &path, spoken_of)?;
        } else if !spoken_of.contains(&*path.strip_prefix(backup)?.to_string_lossy()) {
            fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
        }
    }
    Ok(())
}
