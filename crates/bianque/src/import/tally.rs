//! Counts of an import, and its progress in the log.

use std::time::{Duration, Instant};

use bianque_app::import::Report;
use serde_json::{Value, json};

/// How often progress is told.
const EVERY: Duration = Duration::from_secs(2);

pub(super) struct Tally {
    begun: Instant,
    told: Instant,
    total: Report,
}

impl Tally {
    pub(super) fn begin() -> Self {
        let now = Instant::now();
        Self { begun: now, told: now, total: Report::default() }
    }

    pub(super) fn add(&mut self, report: &Report) {
        self.total.new += report.new;
        self.total.changed += report.changed;
        self.total.unchanged += report.unchanged;
        self.total.refused += report.refused;
        if self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            let Report { new, changed, unchanged, refused, .. } = self.total;
            let per_second = (self.read() as f64 / self.begun.elapsed().as_secs_f64()).round();
            tracing::info!(read = self.read(), per_second, new, changed, unchanged, refused, "importing");
        }
    }

    pub(super) const fn refused(&self) -> u64 {
        self.total.refused
    }

    const fn read(&self) -> u64 {
        let Report { new, changed, unchanged, refused, .. } = &self.total;
        *new + *changed + *unchanged + *refused
    }

    pub(super) fn told(&self, dry_run: bool) -> Value {
        let seconds = self.begun.elapsed().as_secs_f64();
        json!({
            "dry_run": dry_run, "read": self.read(), "new": self.total.new, "changed": self.total.changed,
            "unchanged": self.total.unchanged, "refused": self.total.refused,
            "seconds": (seconds * 1000.0).round() / 1000.0,
        })
    }
}
