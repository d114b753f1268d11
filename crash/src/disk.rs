//! A disk in memory that keeps two truths: what programs see now, and what would be left after a power cut.
//!
//! Bytes of a file become lasting when the file is synced; names (new, renamed, removed) when their folder is. A cut
//! leaves what lasts - strictly, or with any part of the rest, as real disks may: some writes and not others, the last
//! one torn.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::{OsStr, OsString};

use crate::dice::Dice;

/// The number of the top folder.
pub(crate) const TOP: u64 = 1;
const SECTOR: usize = 512;

/// Why an operation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiskError {
    /// There is no such name or number.
    Missing,
    /// The name is taken.
    Taken,
    /// The folder is not empty.
    NotEmpty,
    /// It is a file, or it is a folder, and the other was meant.
    Kind,
    /// The power is off.
    Power,
}

/// What becomes of writes that were not synced.
#[derive(Debug, Clone)]
pub(crate) enum Cut {
    /// All are lost.
    Strict,
    /// Any part of them is lost.
    Ragged(Dice),
}

/// The disk.
#[derive(Debug)]
pub(crate) struct Disk {
    nodes: HashMap<u64, Node>,
    next: u64,
    powered: bool,
}

/// A file or a folder.
#[derive(Debug)]
pub(crate) enum Node {
    /// A file.
    File(Contents),
    /// A folder.
    Folder(Names),
}

/// Bytes of a file.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    now: Vec<u8>,
    lasting: Vec<u8>,
    pending: Vec<Change>,
}

/// Names in a folder.
#[derive(Debug, Default)]
pub(crate) struct Names {
    now: BTreeMap<OsString, u64>,
    lasting: BTreeMap<OsString, u64>,
}

#[derive(Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Resize(usize),
}

impl Default for Disk {
    fn default() -> Self {
        Self { nodes: HashMap::from([(TOP, Node::Folder(Names::default()))]), next: TOP + 1, powered: true }
    }
}

impl Disk {
    /// Cuts the power: what was not synced is lost, and nothing works until it is back.
    pub(crate) fn cut(&mut self, mut how: Cut) {
        self.powered = false;
        let mut numbers: Vec<u64> = self.nodes.keys().copied().collect();
        numbers.sort_unstable();
        for number in numbers {
            match self.nodes.get_mut(&number) {
                Some(Node::File(contents)) => contents.cut(&mut how),
                Some(Node::Folder(names)) => names.cut(&mut how),
                None => {}
            }
        }
        self.forget_unnamed();
    }

    /// The power is back.
    pub(crate) fn power_on(&mut self) {
        self.powered = true;
    }

    /// A file or folder by number.
    pub(crate) fn node(&self, number: u64) -> Result<&Node, DiskError> {
        if self.powered { self.nodes.get(&number).ok_or(DiskError::Missing) } else { Err(DiskError::Power) }
    }

    /// The number behind a name.
    pub(crate) fn find(&self, folder: u64, name: &OsStr) -> Result<u64, DiskError> {
        self.names(folder)?.now.get(name).copied().ok_or(DiskError::Missing)
    }

    /// The names in a folder.
    pub(crate) fn list(&self, folder: u64) -> Result<&BTreeMap<OsString, u64>, DiskError> {
        Ok(&self.names(folder)?.now)
    }

    /// A new file or folder.
    pub(crate) fn make(&mut self, folder: u64, name: &OsStr, node: Node) -> Result<u64, DiskError> {
        let number = self.next;
        let names = self.names_mut(folder)?;
        if names.now.contains_key(name) {
            return Err(DiskError::Taken);
        }
        names.now.insert(name.to_owned(), number);
        self.nodes.insert(number, node);
        self.next += 1;
        Ok(number)
    }

    /// Removes a name; the bytes stay for who has them open.
    pub(crate) fn remove(&mut self, folder: u64, name: &OsStr) -> Result<(), DiskError> {
        let number = self.find(folder, name)?;
        if let Node::Folder(names) = self.node(number)?
            && !names.now.is_empty()
        {
            return Err(DiskError::NotEmpty);
        }
        self.names_mut(folder)?.now.remove(name);
        Ok(())
    }

    /// Gives another name, replacing who had it.
    pub(crate) fn rename(&mut self, from: (u64, &OsStr), to: (u64, &OsStr)) -> Result<(), DiskError> {
        let number = self.find(from.0, from.1)?;
        self.names_mut(to.0)?.now.insert(to.1.to_owned(), number);
        if from != to {
            self.names_mut(from.0)?.now.remove(from.1);
        }
        Ok(())
    }

    /// Bytes of a file, fewer at its end.
    pub(crate) fn read(&self, file: u64, offset: u64, length: usize) -> Result<&[u8], DiskError> {
        let Node::File(contents) = self.node(file)? else { return Err(DiskError::Kind) };
        let begin = usize::try_from(offset).unwrap_or(usize::MAX).min(contents.now.len());
        Ok(&contents.now[begin..begin.saturating_add(length).min(contents.now.len())])
    }

    /// Writes bytes into a file.
    pub(crate) fn write(&mut self, file: u64, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        let offset = usize::try_from(offset).map_err(|_| DiskError::Kind)?;
        self.contents_mut(file)?.change(Change::Write(offset, bytes.to_vec()));
        Ok(())
    }

    /// Makes a file longer or shorter.
    pub(crate) fn resize(&mut self, file: u64, size: u64) -> Result<(), DiskError> {
        let size = usize::try_from(size).map_err(|_| DiskError::Kind)?;
        self.contents_mut(file)?.change(Change::Resize(size));
        Ok(())
    }

    /// Makes the bytes of a file last.
    pub(crate) fn sync(&mut self, file: u64) -> Result<(), DiskError> {
        self.contents_mut(file)?.sync();
        Ok(())
    }

    /// Makes the names in a folder last.
    pub(crate) fn sync_names(&mut self, folder: u64) -> Result<(), DiskError> {
        let names = self.names_mut(folder)?;
        names.lasting = names.now.clone();
        Ok(())
    }

    fn names(&self, folder: u64) -> Result<&Names, DiskError> {
        match self.node(folder)? {
            Node::Folder(names) => Ok(names),
            Node::File(_) => Err(DiskError::Kind),
        }
    }

    fn names_mut(&mut self, folder: u64) -> Result<&mut Names, DiskError> {
        self.names(folder)?;
        match self.nodes.get_mut(&folder) {
            Some(Node::Folder(names)) => Ok(names),
            _ => Err(DiskError::Missing),
        }
    }

    fn contents_mut(&mut self, file: u64) -> Result<&mut Contents, DiskError> {
        self.node(file)?;
        match self.nodes.get_mut(&file) {
            Some(Node::File(contents)) => Ok(contents),
            _ => Err(DiskError::Kind),
        }
    }

    fn forget_unnamed(&mut self) {
        let (mut named, mut open) = (HashSet::from([TOP]), vec![TOP]);
        while let Some(number) = open.pop() {
            if let Some(Node::Folder(names)) = self.nodes.get(&number) {
                open.extend(names.now.values().copied().filter(|number| named.insert(*number)));
            }
        }
        self.nodes.retain(|number, _| named.contains(number));
    }
}

impl Contents {
    pub(crate) fn size(&self) -> u64 {
        self.now.len() as u64
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.pending.push(change);
    }

    fn sync(&mut self) {
        for change in self.pending.drain(..) {
            change.apply(&mut self.lasting);
        }
    }

    fn cut(&mut self, how: &mut Cut) {
        for change in self.pending.drain(..) {
            if let Cut::Ragged(dice) = how
                && dice.percent(50)
            {
                change.torn(dice).apply(&mut self.lasting);
            }
        }
        self.now.clone_from(&self.lasting);
    }
}

impl Names {
    fn cut(&mut self, how: &mut Cut) {
        if let Cut::Ragged(dice) = how
            && dice.percent(50)
        {
            self.lasting.clone_from(&self.now);
        }
        self.now.clone_from(&self.lasting);
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(offset, written) => {
                let end = offset + written.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*offset..end].copy_from_slice(written);
            }
            Self::Resize(size) => bytes.resize(*size, 0),
        }
    }

    /// Perhaps only its first sectors.
    fn torn(self, dice: &mut Dice) -> Self {
        match self {
            Self::Write(offset, mut bytes) if dice.percent(20) => {
                let sectors = (bytes.len() / SECTOR) as u64 + 1;
                bytes.truncate(usize::try_from(dice.below(sectors)).unwrap_or(0) * SECTOR);
                Self::Write(offset, bytes)
            }
            whole => whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(disk: &mut Disk, folder: u64, name: &str, bytes: &[u8]) -> u64 {
        let number = disk.make(folder, OsStr::new(name), Node::File(Contents::default())).unwrap();
        disk.write(number, 0, bytes).unwrap();
        number
    }

    fn after_cut(disk: &mut Disk, name: &str) -> Option<Vec<u8>> {
        disk.cut(Cut::Strict);
        assert_eq!(disk.find(TOP, OsStr::new(name)), Err(DiskError::Power));
        disk.power_on();
        let number = disk.find(TOP, OsStr::new(name)).ok()?;
        Some(disk.read(number, 0, 100).unwrap().to_vec())
    }

    #[test]
    fn synced_bytes_under_an_unsynced_name_are_lost() {
        let mut disk = Disk::default();
        let number = file(&mut disk, TOP, "a", b"bytes");
        disk.sync(number).unwrap();
        assert_eq!(after_cut(&mut disk, "a"), None);
    }

    #[test]
    fn unsynced_bytes_under_a_synced_name_are_lost() {
        let mut disk = Disk::default();
        let number = file(&mut disk, TOP, "a", b"bytes");
        disk.sync_names(TOP).unwrap();
        assert_eq!(after_cut(&mut disk, "a").unwrap(), b"");
        disk.write(number, 0, b"first").unwrap();
        disk.sync(number).unwrap();
        disk.write(number, 3, b"xx and more").unwrap();
        assert_eq!(disk.read(number, 0, 100).unwrap(), b"firxx and more");
        assert_eq!(after_cut(&mut disk, "a").unwrap(), b"first");
    }

    #[test]
    fn a_rename_lasts_when_the_folder_is_synced() {
        let mut disk = Disk::default();
        let number = file(&mut disk, TOP, "old", b"bytes");
        disk.sync(number).unwrap();
        disk.sync_names(TOP).unwrap();
        disk.rename((TOP, OsStr::new("old")), (TOP, OsStr::new("new"))).unwrap();
        assert_eq!(after_cut(&mut disk, "old").unwrap(), b"bytes");
        disk.rename((TOP, OsStr::new("old")), (TOP, OsStr::new("new"))).unwrap();
        disk.sync_names(TOP).unwrap();
        assert_eq!(after_cut(&mut disk, "new").unwrap(), b"bytes");
        disk.remove(TOP, OsStr::new("new")).unwrap();
        assert_eq!(after_cut(&mut disk, "new").unwrap(), b"bytes", "so does a removal");
    }

    #[test]
    fn a_folder_is_lost_with_all_in_it_when_its_own_name_was_not_synced() {
        let mut disk = Disk::default();
        let folder = disk.make(TOP, OsStr::new("folder"), Node::Folder(Names::default())).unwrap();
        let number = file(&mut disk, folder, "a", b"bytes");
        disk.sync(number).unwrap();
        disk.sync_names(folder).unwrap();
        assert_eq!(after_cut(&mut disk, "folder"), None);
        assert_eq!(disk.nodes.len(), 1);
    }

    #[test]
    fn a_ragged_cut_never_touches_what_was_synced() {
        for seed in 0..50 {
            let mut disk = Disk::default();
            let number = file(&mut disk, TOP, "a", &[1; 2_000]);
            disk.sync(number).unwrap();
            disk.sync_names(TOP).unwrap();
            disk.write(number, 1_000, &[2; 3_000]).unwrap();
            disk.cut(Cut::Ragged(Dice::new(seed)));
            disk.power_on();
            let bytes = disk.read(number, 0, 5_000).unwrap();
            assert!(bytes[..1_000].iter().all(|byte| *byte == 1) && bytes.len() >= 2_000);
        }
    }
}
