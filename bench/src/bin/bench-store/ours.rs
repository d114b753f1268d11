//! Our side: writers that each wait for the answer before they send the next commit.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result};
use bianque_store::sqlite::{self, Options};
use bianque_store::{AuditKey, Commit, Store};
use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};

/// Commits per second with so many writers.
pub(crate) fn run(folder: &Path, commits: &[Commit], writers: usize) -> Result<f64> {
    std::fs::create_dir(folder)?;
    let store = sqlite::open(Options::new(folder, AuditKey::new([7; 32])))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let mut shares: Vec<Vec<Commit>> = vec![Vec::new(); writers];
    for (number, commit) in commits.iter().enumerate() {
        shares[number % writers].push(commit.clone());
    }
    let started = Instant::now();
    let writing: Vec<_> =
        shares.into_iter().map(|share| runtime.spawn(write(Arc::clone(&store), share))).collect();
    for writer in writing {
        runtime.block_on(writer)??;
    }
    let took = started.elapsed();
    drop(store);
    Ok(commits.len() as f64 / took.as_secs_f64())
}

async fn write(store: Store, share: Vec<Commit>) -> Result<()> {
    for commit in share {
        store.commit(commit).await?;
    }
    Ok(())
}

/// The batch sizes that the store tells as a metric.
#[derive(Clone, Default)]
pub(crate) struct Batches(Arc<Mutex<Vec<f64>>>);

impl Batches {
    /// Listens to the metrics of this process.
    pub(crate) fn install() -> Result<Self> {
        let batches = Self::default();
        metrics::set_global_recorder(batches.clone()).ok().context("metrics are recorded already")?;
        Ok(batches)
    }

    /// The batch sizes since the last call.
    pub(crate) fn take(&self) -> Vec<f64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl HistogramFn for Batches {
    fn record(&self, value: f64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(value);
    }
}

impl Recorder for Batches {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        if key.name() == "store_group_members" {
            Histogram::from_arc(Arc::new(self.clone()))
        } else {
            Histogram::noop()
        }
    }
}
