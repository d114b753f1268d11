//! Files of a backup on their way: hashed as they are written, on the disk before they are named, read back after.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rustix::fs::{Advice, fadvise};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Bytes.
    pub(super) size: u64,
    /// BLAKE3 of them.
    pub(super) blake3: blake3::Hash,
}

/// Writes a file by what `fill` puts into it; it has its name when all of it is on the disk and was read back.
pub(super) fn write(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<Written> {
    let named = || format!("write {}", path.display());
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let part = part_of(path);
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
    let mut counted = Counted { file: file.with_context(named)?, size: 0, hash: blake3::Hasher::new() };
    fill(&mut counted).with_context(named)?;
    counted.file.sync_all().with_context(named)?;
    let written = Written { size: counted.size, blake3: counted.hash.finalize() };
    // What is read back comes from the disk as far as the system can be asked for that.
    let _ = fadvise(&counted.file, 0, None, Advice::DontNeed);
    drop(counted);
    if read(&part)? != written {
        bail!("{} was not kept by the disk as it was written", path.display());
    }
    fs::rename(&part, path).with_context(named)?;
    Ok(written)
}

/// Writes a few bytes.
pub(super) fn write_small(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write(path, |file| Ok(file.write_all(bytes)?)).map(|_| ())
}

/// Copies a file as it is.
pub(super) fn copy(from: &Path, to: &Path) -> anyhow::Result<Written> {
    let mut source = open(from)?;
    write(to, |file| {
        io::copy(&mut source, file).with_context(|| format!("read {}", from.display()))?;
        Ok(())
    })
}

/// Size and hash of a file.
pub(super) fn read(path: &Path) -> anyhow::Result<Written> {
    let mut hash = blake3::Hasher::new();
    let size = io::copy(&mut open(path)?, &mut hash).with_context(|| format!("read {}", path.display()))?;
    Ok(Written { size, blake3: hash.finalize() })
}

/// Opens a file for reading.
pub(super) fn open(path: &Path) -> anyhow::Result<impl Read + use<>> {
    let file = File::open(path).with_context(|| format!("read {}", path.display()))?;
    Ok(BufReader::with_capacity(256 << 10, file))
}

/// Makes a folder and those above it, ours alone.
pub(super) fn make_folder(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("make the folder {}", path.display()))
}

/// Brings the names of a folder, and of those in it, to the disk.
pub(super) fn sync_folders(path: &Path) -> anyhow::Result<()> {
    let failed = || format!("sync {}", path.display());
    for entry in fs::read_dir(path).with_context(failed)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(path).and_then(|folder| folder.sync_all()).with_context(failed)
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

struct Counted {
    file: File,
    size: u64,
    hash: blake3::Hasher,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.file.write(bytes)?;
        self.hash.update(&bytes[..length]);
        self.size += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
