//! How long an association waits.

use std::time::{Duration, Instant};

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until a peer asks, answers, or closes the connection (the ARTIM timer of PS3.8 section 9.1.5, and the same patience
    /// wherever the protocol itself waits).
    pub artim: Duration,
    /// Until something moves: within a message, or between two of a peer that owes us nothing.
    pub idle: Duration,
    /// Until something is heard of what we asked for.
    pub response: Duration,
    /// For the association as a whole; none is without end.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            artim: Duration::from_secs(30),
            idle: Duration::from_mins(1),
            response: Duration::from_mins(10),
            total: None,
        }
    }
}

/// What is known of time.
#[derive(Debug)]
pub(super) struct Clock {
    timeouts: Timeouts,
    began: Instant,
    heard: Instant,
    sent: Instant,
    artim: Option<Instant>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// Nothing that could be late: the shell is at work.
    Nothing,
    /// Bytes of ours to be taken.
    Taking,
    /// More of a message.
    Rest,
    /// Anything.
    Anything,
    /// An answer.
    Answer,
    /// A step of the protocol.
    Protocol,
}

impl Clock {
    pub(super) fn new(now: Instant, timeouts: Timeouts) -> Self {
        Self { timeouts, began: now, heard: now, sent: now, artim: None }
    }

    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    pub(super) fn sent(&mut self, now: Instant) {
        self.sent = now;
    }

    /// Starts the ARTIM timer, or starts it again.
    pub(super) fn start_artim(&mut self, now: Instant) {
        self.artim = Some(now + self.timeouts.artim);
    }

    pub(super) fn stop_artim(&mut self) {
        self.artim = None;
    }

    /// When the ARTIM timer ends.
    pub(super) fn artim(&self) -> Option<Instant> {
        self.artim
    }

    /// When the association has lasted too long, or has waited too long for this.
    pub(super) fn patience(&self, waiting: Waiting) -> Option<Instant> {
        let moved = self.heard.max(self.sent);
        let wait = match waiting {
            Waiting::Nothing => None,
            Waiting::Taking => Some(self.sent + self.timeouts.idle),
            Waiting::Rest => Some(self.heard + self.timeouts.idle),
            Waiting::Anything => Some(moved + self.timeouts.idle),
            Waiting::Answer => Some(moved + self.timeouts.response),
            Waiting::Protocol => Some(moved + self.timeouts.artim),
        };
        let total = self.timeouts.total.map(|total| self.began + total);
        wait.into_iter().chain(total).min()
    }
}
