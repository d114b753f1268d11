//! The disk as a mounted folder.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    AccessFlags, BackgroundSession, BsdFileFlags, Config, Errno, FileAttr, FileHandle, FileType, Filesystem,
    FopenFlags, Generation, INodeNo, LockOwner, MountOption, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate,
    ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyWrite, Request, TimeOrNow, WriteFlags,
};

use crate::disk::{Contents, Disk, DiskError, Names, Node};

/// The kernel asks anew each time: its memory must not outlive a power cut.
const FRESH: Duration = Duration::ZERO;

/// A disk that several sessions mount, one after the other.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Disk>>);

impl Shared {
    /// The disk itself.
    pub(crate) fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Mounts it; it is unmounted when the session is dropped.
    pub(crate) fn mount(&self, folder: &Path) -> io::Result<BackgroundSession> {
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("bianque-crash".into())];
        fuser::spawn_mount(self.clone(), folder, &config)
    }

    fn attributes(&self, number: u64) -> Result<FileAttr, DiskError> {
        let disk = self.disk();
        let (kind, size, perm) = match disk.node(number)? {
            Node::File(contents) => (FileType::RegularFile, contents.size(), 0o600),
            Node::Folder(_) => (FileType::Directory, 0, 0o700),
        };
        Ok(FileAttr {
            ino: INodeNo(number),
            size,
            blocks: size.div_ceil(512),
            atime: UNIX_EPOCH,
            mtime: UNIX_EPOCH,
            ctime: UNIX_EPOCH,
            crtime: UNIX_EPOCH,
            kind,
            perm,
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        })
    }

    fn make(&self, folder: INodeNo, name: &OsStr, node: Node) -> Result<FileAttr, DiskError> {
        let number = self.disk().make(folder.0, name, node)?;
        self.attributes(number)
    }
}

fn errno(error: DiskError) -> Errno {
    match error {
        DiskError::Missing => Errno::ENOENT,
        DiskError::Taken => Errno::EEXIST,
        DiskError::NotEmpty => Errno::ENOTEMPTY,
        DiskError::Kind => Errno::EINVAL,
        DiskError::Power => Errno::EIO,
    }
}

fn entry(reply: ReplyEntry, found: Result<FileAttr, DiskError>) {
    match found {
        Ok(attributes) => reply.entry(&FRESH, &attributes, Generation(0)),
        Err(error) => reply.error(errno(error)),
    }
}

fn done(reply: ReplyEmpty, result: Result<(), DiskError>) {
    match result {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(errno(error)),
    }
}

impl Filesystem for Shared {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let found = self.disk().find(parent.0, name);
        entry(reply, found.and_then(|number| self.attributes(number)));
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.attributes(ino.0) {
            Ok(attributes) => reply.attr(&FRESH, &attributes),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        _mode: Option<u32>,
        _uid: Option<u32>,
        _gid: Option<u32>,
        size: Option<u64>,
        _atime: Option<TimeOrNow>,
        _mtime: Option<TimeOrNow>,
        _ctime: Option<std::time::SystemTime>,
        _fh: Option<FileHandle>,
        _crtime: Option<std::time::SystemTime>,
        _chgtime: Option<std::time::SystemTime>,
        _bkuptime: Option<std::time::SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let resized = size.map_or(Ok(()), |size| self.disk().resize(ino.0, size));
        match resized.and_then(|()| self.attributes(ino.0)) {
            Ok(attributes) => reply.attr(&FRESH, &attributes),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn mkdir(&self, _: &Request, parent: INodeNo, name: &OsStr, _mode: u32, _umask: u32, reply: ReplyEntry) {
        entry(reply, self.make(parent, name, Node::Folder(Names::default())));
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        done(reply, self.disk().remove(parent.0, name));
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        done(reply, self.disk().remove(parent.0, name));
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        if flags.is_empty() {
            done(reply, self.disk().rename((parent.0, name), (newparent.0, newname)));
        } else {
            reply.error(Errno::EINVAL);
        }
    }

    fn open(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.attributes(ino.0) {
            Ok(_) => reply.opened(FileHandle(0), FopenFlags::empty()),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn create(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        _mode: u32,
        _umask: u32,
        _flags: i32,
        reply: ReplyCreate,
    ) {
        match self.make(parent, name, Node::File(Contents::default())) {
            Ok(attributes) => {
                reply.created(&FRESH, &attributes, Generation(0), FileHandle(0), FopenFlags::empty());
            }
            Err(error) => reply.error(errno(error)),
        }
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.disk().read(ino.0, offset, size as usize) {
            Ok(bytes) => reply.data(bytes),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let written = self.disk().write(ino.0, offset, data);
        match written {
            Ok(()) => reply.written(u32::try_from(data.len()).unwrap_or(u32::MAX)),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _datasync: bool, reply: ReplyEmpty) {
        done(reply, self.disk().sync(ino.0));
    }

    fn fsyncdir(&self, _: &Request, ino: INodeNo, _: FileHandle, _datasync: bool, reply: ReplyEmpty) {
        done(reply, self.disk().sync_names(ino.0));
    }

    fn readdir(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let disk = self.disk();
        let names = match disk.list(ino.0) {
            Ok(names) => names,
            Err(error) => return reply.error(errno(error)),
        };
        let kind = |number: u64| match disk.node(number) {
            Ok(Node::Folder(_)) => FileType::Directory,
            _ => FileType::RegularFile,
        };
        let dots = [(OsStr::new("."), ino.0), (OsStr::new(".."), ino.0)];
        let all = dots.into_iter().chain(names.iter().map(|(name, number)| (name.as_os_str(), *number)));
        for (place, (name, number)) in (1..).zip(all).skip(usize::try_from(offset).unwrap_or(0)) {
            if reply.add(INodeNo(number), place, kind(number), name) {
                break;
            }
        }
        drop(disk);
        reply.ok();
    }

    fn access(&self, _: &Request, _: INodeNo, _: AccessFlags, reply: ReplyEmpty) {
        reply.ok();
    }
}
