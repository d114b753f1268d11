//! What the process knows of itself, written by its parts and read by who looks.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bianque_model::Timestamp;
use serde_json::{Value, json};

use crate::instant;

/// Samples that are kept: six hours of one every thirty seconds.
const KEPT: usize = 720;

/// What the process knows of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Machine {
    /// The program's version.
    pub version: &'static str,
    /// Length of the databases, bytes.
    pub database_bytes: u64,
    /// Length of their logs, bytes.
    pub log_bytes: u64,
    /// What the disk of the data folder has left, bytes.
    pub disk_free: u64,
    /// How large it is, bytes; 0: not known.
    pub disk_size: u64,
    /// Sealed files, and the length of what is in them.
    pub blobs: (u64, u64),
    /// The certificate of the listener.
    pub certificate: Certificate,
    /// The calls.
    pub media: Media,
    /// The day pack.
    pub day_pack: DayPack,
}

/// The certificate of the listener.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Certificate {
    /// None: only this machine is listened to, or a proxy stands in front.
    #[default]
    None,
    /// It cannot be read.
    Unreadable,
    /// It ends.
    Ends {
        /// When.
        at: Timestamp,
        /// It was made at start, and nobody vouches for it.
        own: bool,
    },
}

/// The calls.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Media {
    /// Rooms that are open.
    pub rooms: u64,
    /// Sessions that are open.
    pub peers: u64,
    /// Packets handed on in a second.
    pub packets_per_s: f64,
    /// Datagrams that the kernel did not take since the start.
    pub send_failures: u64,
    /// How late the threads are for their timers, 99th percentile, microseconds.
    pub lag_p99_us: u64,
    /// How much of its time the busiest thread does not wait, in thousandths.
    pub busy_permille: u64,
    /// Calls that were refused since the start because there was no time for them, or too many.
    pub refused_rooms: u64,
}

/// The day pack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DayPack {
    /// It is not written.
    #[default]
    Off,
    /// It is to be written and never was.
    Never,
    /// It was written.
    Written(Timestamp),
}

/// How it was at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Microseconds.
    pub commit_p50_us: u64,
    /// Microseconds.
    pub commit_p95_us: u64,
    /// Bytes.
    pub disk_free: u64,
    /// Packets handed on in a second.
    pub packets_per_s: f64,
}

impl Sample {
    pub(super) fn shown(&self) -> Value {
        json!({
            "at": instant::text(self.at), "commit_p50_ms": ms(self.commit_p50_us),
            "commit_p95_ms": ms(self.commit_p95_us), "disk_free": self.disk_free,
            "packets_per_s": self.packets_per_s.round(),
        })
    }
}

/// Milliseconds with two digits after the point.
pub(super) fn ms(us: u64) -> f64 {
    (us as f64 / 10.0).round() / 100.0
}

/// The board.
#[derive(Debug, Default)]
pub struct Board(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    started: Option<Timestamp>,
    machine: Machine,
    history: VecDeque<Sample>,
    events_read: Option<Timestamp>,
    export: Option<(String, Option<Timestamp>)>,
}

impl Board {
    /// The process has started.
    pub fn start(&self, now: Timestamp) {
        self.notes().started = Some(now);
    }

    /// What the process knows now.
    pub fn put(&self, machine: Machine) {
        self.notes().machine = machine;
    }

    /// Keeps a sample; the oldest goes.
    pub fn sample(&self, sample: Sample) {
        let mut notes = self.notes();
        if notes.history.len() == KEPT {
            notes.history.pop_front();
        }
        notes.history.push_back(sample);
    }

    /// Events were read.
    pub fn events_were_read(&self, now: Timestamp) {
        self.notes().events_read = Some(now);
    }

    /// The audit goes to this destination, and the last try failed at this time or worked.
    pub fn exported(&self, destination: &str, failed: Option<Timestamp>) {
        let mut notes = self.notes();
        let since = notes.export.as_ref().and_then(|(_, since)| *since);
        // The first failure of a row of them tells for how long it has not worked.
        notes.export = Some((destination.to_owned(), failed.map(|now| since.unwrap_or(now))));
    }

    pub(super) fn started(&self) -> Timestamp {
        self.notes().started.unwrap_or(Timestamp(0))
    }

    pub(super) fn machine(&self) -> Machine {
        self.notes().machine
    }

    pub(super) fn history(&self) -> Vec<Sample> {
        self.notes().history.iter().copied().collect()
    }

    pub(super) fn events_read(&self) -> Option<Timestamp> {
        self.notes().events_read
    }

    pub(super) fn export(&self) -> Option<(String, Option<Timestamp>)> {
        self.notes().export.clone()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
