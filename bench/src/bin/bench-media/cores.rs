//! Which cores server and load run on: one is not to take the time of the other where the most is looked for.

use std::sync::OnceLock;

use anyhow::Result;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Starts a server: `apart`, its threads and processes run on the first core alone, and the caller on the others from then
/// on. On a machine with one core nothing changes.
pub(crate) fn started<T>(apart: bool, start: impl FnOnce() -> Result<T>) -> Result<T> {
    // The caller is on some of them after the first time.
    static ALL: OnceLock<CpuSet> = OnceLock::new();
    let all = *ALL.get_or_init(|| sched_getaffinity(None).unwrap_or_default());
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).collect();
    let [first, others @ ..] = cores.as_slice() else { return start() };
    if !apart || others.is_empty() {
        return start();
    }
    sched_setaffinity(None, &set(&[*first]))?;
    let started = start();
    sched_setaffinity(None, &set(others))?;
    started
}

fn set(cores: &[usize]) -> CpuSet {
    let mut set = CpuSet::new();
    for core in cores {
        set.set(*core);
    }
    set
}
