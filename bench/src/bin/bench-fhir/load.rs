//! A load: as many askers as connections, each with its next request when the last one is answered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use bianque_bench::percentile;
use serde_json::Value;

use crate::ask::Ask;
use crate::cohort::Cohort;
use crate::server::{Connection, Request, Served};

/// Every so many answers one is read.
const READ_ONE_OF: usize = 64;

/// What one stretch of load came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    pub(crate) per_second: f64,
    /// `None` of a server whose process is not known.
    pub(crate) per_cpu_second: Option<f64>,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// Asks for so long.
pub(crate) fn ask(
    served: &Served,
    cohort: Cohort,
    ask: Ask,
    askers: usize,
    span: Duration,
    seed: usize,
) -> Result<Round> {
    let (next, entries) = (AtomicUsize::new(seed), AtomicUsize::new(0));
    let before = served.cpu_s()?;
    let start = Instant::now();
    let one = || -> Result<Vec<f64>> {
        let connection = served.connect();
        let mut took = Vec::new();
        while start.elapsed() < span {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let request = ask.request(cohort, number);
            let asked = Instant::now();
            let body = connection.send(request)?;
            took.push(asked.elapsed().as_secs_f64() * 1000.0);
            if number % READ_ONE_OF == 0 {
                entries.fetch_add(looked_at(ask, &body)?, Ordering::Relaxed);
            }
        }
        Ok(took)
    };
    let took = together(askers, &one)?;
    let seconds = start.elapsed().as_secs_f64();
    let cpu = before.zip(served.cpu_s()?).map(|(before, after)| after - before);
    ensure!(ask != Ask::CodeDate || entries.into_inner() > 0, "{}: nothing is found", ask.name());
    let requests = took.len() as f64;
    Ok(Round {
        per_second: requests / seconds,
        per_cpu_second: cpu.map(|cpu| requests / cpu),
        p50_ms: percentile(&took, 0.5),
        p99_ms: percentile(&took, 0.99),
    })
}

/// Puts the whole cohort; resources per second, and per CPU second.
pub(crate) fn fill(served: &Served, cohort: Cohort, askers: usize) -> Result<(f64, Option<f64>)> {
    let next = AtomicUsize::new(0);
    let before = served.cpu_s()?;
    let start = Instant::now();
    let one = || -> Result<Vec<f64>> {
        let connection = served.connect();
        loop {
            let patient = next.fetch_add(1, Ordering::Relaxed);
            if patient >= cohort.patients {
                return Ok(Vec::new());
            }
            connection.send(Request::post("", &Cohort::transaction(patient)))?;
        }
    };
    together(askers, &one)?;
    let resources = (cohort.patients * crate::cohort::OF_A_PATIENT) as f64;
    let cpu = before.zip(served.cpu_s()?).map(|(before, after)| resources / (after - before));
    Ok((resources / start.elapsed().as_secs_f64(), cpu))
}

fn together(askers: usize, one: &(dyn Fn() -> Result<Vec<f64>> + Sync)) -> Result<Vec<f64>> {
    let mut all = Vec::new();
    thread::scope(|scope| {
        let asking: Vec<_> = (0..askers).map(|_| scope.spawn(one)).collect();
        for asker in asking {
            all.extend(asker.join().map_err(|_| anyhow!("an asker panicked"))??);
        }
        Ok(all)
    })
}

/// Entries of the answer, which must be enough of them.
fn looked_at(ask: Ask, body: &[u8]) -> Result<usize> {
    let answer: Value = serde_json::from_slice(body)?;
    let entries = answer["entry"].as_array().map_or(0, Vec::len);
    ensure!(entries >= ask.least(), "{}: {entries} entries in {answer}", ask.name());
    Ok(entries)
}

/// Asks once, to see that the server understands it.
pub(crate) fn try_out(connection: &Connection, cohort: Cohort) -> Result<()> {
    for ask in Ask::ALL.into_iter().filter(|ask| ask.is_read()) {
        looked_at(ask, &connection.send(ask.request(cohort, 1))?)?;
    }
    Ok(())
}
