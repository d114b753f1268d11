//! The files of the project, as git sees them: what is committed or could be.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{root, shell};

/// A text file of the project.
pub(crate) struct File {
    /// Its path from the workspace's folder, with `/` on every system.
    pub(crate) path: String,
    /// What stands in it.
    pub(crate) text: String,
}

impl File {
    /// Its name's ending, without the dot.
    pub(crate) fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|ending| ending.to_str()).unwrap_or_default()
    }

    /// Whether a program wrote it: nobody reads such a file line by line.
    pub(crate) fn is_generated(&self) -> bool {
        self.path.contains("/generated/")
            || self.path.ends_with("-lock.json")
            || matches!(self.extension(), "lock" | "snap")
    }
}

/// Every text file that is tracked, or new and not ignored, and exists.
pub(crate) fn files() -> Result<Vec<File>> {
    let listing = shell::program("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .capture()
        .context("listing the project's files needs git and a checkout")?;
    let mut paths: Vec<&str> = listing.split_terminator('\0').collect();
    paths.sort_unstable();
    paths.dedup();
    let root = root::workspace();
    Ok(paths.into_iter().filter_map(|path| read(&root, path)).collect())
}

fn read(root: &Path, path: &str) -> Option<File> {
    let bytes = std::fs::read(root.join(path)).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(File { path: path.to_owned(), text })
}

/// A number that changes when any of these files or folders changes: their names and what stands in them.
pub(crate) fn fingerprint(folder: &Path, names: &[&str]) -> Result<String> {
    let mut hasher = std::hash::DefaultHasher::new();
    for name in names {
        feed(&mut hasher, &folder.join(name))?;
    }
    Ok(format!("{:016x}", std::hash::Hasher::finish(&hasher)))
}

fn feed(hasher: &mut std::hash::DefaultHasher, path: &Path) -> Result<()> {
    use std::hash::Hash;
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        entries.sort();
        for entry in entries {
            feed(hasher, &entry)?;
        }
    } else if path.is_file() {
        path.hash(hasher);
        std::fs::read(path).with_context(|| format!("reading {}", path.display()))?.hash(hasher);
    }
    Ok(())
}
