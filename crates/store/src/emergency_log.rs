//! Where the audit of emergencies goes on while the database of read audit fails.
//!
//! Without audit no data is served, and yet an emergency must not end because a file is full. So the rows of records
//! that were opened in an emergency, and those alone, are appended to a plain file until the database takes rows again;
//! then they are carried over into it. Nothing of the file is ever changed or removed. Each line carries the link of a
//! keyed hash chain, so that a line that was changed, dropped or put in between shows; the mark that lines were carried
//! over is made with the same key. Lines whose end was cut off before they were carried leave no trace, which is why
//! the file is better kept where only appending is allowed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use bianque_model::TenantId;
use rustix::fs::{FallocateFlags, fallocate};
use serde::{Deserialize, Serialize};

use crate::AuditRow;
use crate::audit_chain::{AuditKey, Chain, ChainFault, ChainHead, ChainReport, Link};

/// Room that is kept on the disk for lines, so that a full disk does not refuse the first thousands of them.
const RESERVED_BYTES: u64 = 1 << 20;
/// The file grows no larger: whoever gets here has had no audit for tens of thousands of reads.
const LARGEST_BYTES: u64 = 64 << 20;

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Line {
    /// A row, with its link.
    Row { tenant: TenantId, row: Box<AuditRow>, link: Link },
    /// The rows so far are in the database; the seal of the head they end with.
    Carried { carried: u64, seal: Link },
}

/// The file, as its one writer goes on with it.
pub(crate) struct EmergencyLog {
    file: File,
    key: AuditKey,
    head: ChainHead,
    bytes: u64,
    /// What is not in the database yet.
    waiting: Vec<(TenantId, AuditRow)>,
}

impl EmergencyLog {
    /// Opens the file, making it where it is missing, and reads what still has to be carried over.
    pub(crate) fn open(path: &Path, key: &AuditKey) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let walked = Walk::over(&text, key);
        if let Some(fault) = walked.faults.first() {
            tracing::error!(%fault, file = %path.display(), "the audit of emergencies is not sound");
        }
        let mut log = Self {
            file,
            key: key.clone(),
            head: walked.head,
            bytes: text.len() as u64,
            waiting: walked.waiting,
        };
        // A line that was cut off by a crash was answered to nobody: the next one begins after it.
        if !text.is_empty() && !text.ends_with('\n') {
            log.write(b"\n")?;
        }
        log.reserve();
        Ok(log)
    }

    /// Appends rows; they are on the disk when this returns.
    pub(crate) fn append<'r>(
        &mut self,
        rows: impl Iterator<Item = (TenantId, &'r AuditRow)>,
    ) -> io::Result<()> {
        let (mut head, mut text, mut added) = (self.head, Vec::new(), Vec::new());
        for (tenant, row) in rows {
            head = head.after(&self.key, Chain::Emergencies, tenant, head.count + 1, row);
            let line = Line::Row { tenant, row: Box::new(row.clone()), link: head.link };
            serde_json::to_writer(&mut text, &line)?;
            text.push(b'\n');
            added.push((tenant, row.clone()));
        }
        if self.bytes + text.len() as u64 > LARGEST_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the audit of emergencies is full"));
        }
        self.write(&text)?;
        self.head = head;
        self.waiting.extend(added);
        Ok(())
    }

    /// Rows that are not in the database yet, oldest first.
    pub(crate) fn waiting(&self) -> &[(TenantId, AuditRow)] {
        &self.waiting
    }

    /// Marks that everything so far is in the database. Without the mark it is carried over once more.
    pub(crate) fn carried(&mut self) -> io::Result<()> {
        let seal = self.head.seal(&self.key, Chain::Emergencies);
        let mut text = serde_json::to_vec(&Line::Carried { carried: self.head.count, seal })?;
        text.push(b'\n');
        self.waiting.clear();
        self.write(&text)?;
        self.reserve();
        Ok(())
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.file.write_all(text)?;
        self.file.sync_data()?;
        self.bytes += text.len() as u64;
        Ok(())
    }

    /// Keeps room behind the end; a file system that cannot is no worse off than before.
    fn reserve(&self) {
        let _ = fallocate(&self.file, FallocateFlags::KEEP_SIZE, self.bytes, RESERVED_BYTES);
    }
}

/// Walks the file and says what is wrong with it. One that is not there has no rows.
pub(crate) fn verify(path: &Path, key: &AuditKey) -> io::Result<ChainReport> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    let Walk { head, faults, .. } = Walk::over(&text, key);
    let chain = Chain::Emergencies;
    Ok(ChainReport { chain, before_chain: 0, rows: head.count, head, faults, at: Vec::new() })
}

/// What a walk over the lines found.
struct Walk {
    head: ChainHead,
    waiting: Vec<(TenantId, AuditRow)>,
    faults: Vec<ChainFault>,
}

impl Walk {
    fn over(text: &str, key: &AuditKey) -> Self {
        let head = ChainHead::beginning(key, Chain::Emergencies, 0);
        let mut walk = Self { head, waiting: Vec::new(), faults: Vec::new() };
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for line in whole.lines().filter(|line| !line.is_empty()) {
            walk.step(line, key);
        }
        walk
    }

    fn step(&mut self, line: &str, key: &AuditKey) {
        let place = self.head.count + 1;
        let holds = match serde_json::from_str(line) {
            Ok(Line::Row { tenant, row, link }) => {
                let next = self.head.after(key, Chain::Emergencies, tenant, place, &row);
                let holds = next.link == link;
                if holds {
                    self.waiting.push((tenant, *row));
                }
                // It goes on from what stands there, so that one changed line is one fault.
                self.head = ChainHead { link, ..next };
                holds
            }
            Ok(Line::Carried { carried, seal }) => {
                let holds = carried == self.head.count && seal == self.head.seal(key, Chain::Emergencies);
                if holds {
                    self.waiting.clear();
                }
                holds
            }
            // A line that a crash cut off, or not one of ours: the next one follows from the one before it.
            Err(_) => !line.ends_with('}'),
        };
        if !holds && self.faults.len() < ChainReport::FAULTS {
            self.faults.push(ChainFault::Broken { place, sequence: place });
        }
    }
}
