//! The audit as files, for a collector to pick up: one a day in UTC, one JSON object a line, synced.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::pin::Pin;

use bianque_app::audit::export::Entry;
use serde_json::{Value, json};

use super::Sink;

/// A folder of files.
pub(super) struct Folder {
    folder: PathBuf,
}

impl Folder {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn write(&self, entries: &[Entry]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let now = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        let path = self.folder.join(format!("audit-{now}.jsonl"));
        let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        let mut text = String::new();
        for entry in entries {
            text.push_str(&line(entry).to_string());
            text.push('\n');
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::File::open(&self.folder)?.sync_all()
    }
}

impl Sink for Folder {
    fn send<'a>(
        &'a mut self,
        entries: &'a [Entry],
    ) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>> {
        // A few hundred lines and two syncs: short enough for a thread that also does other things.
        Box::pin(async move { tokio::task::block_in_place(|| self.write(entries)) })
    }
}

fn line(entry: &Entry) -> Value {
    match entry {
        Entry::Row { tenant, chain, sequence, link, event, .. } => {
            json!({"tenant": tenant, "chain": chain, "sequence": sequence, "link": link, "event": event})
        }
        Entry::Checkpoint { line, .. } => json!({"checkpoint": line}),
    }
}
