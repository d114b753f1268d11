//! Commits per second through our store, beside a bare SQLite loop that writes the same rows, in the same batch sizes
//! and with the same settings, in the same run. `--rounds N` (11), `--writers N` (1, 8 and 64), `--folder DIR` (where
//! the databases lie).
//!
//! One commit: a resource of 1 kB with its history row, 12 index rows, two compartments, an audit row, an event, and
//! the record of its id. The peer is told which batch sizes ours came to, and neither looks anything up nor answers
//! anybody.

mod ours;
mod peer;
mod rows;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use bianque_bench::Figure;

const GOALS: [(usize, f64); 3] = [(1, 0.85), (8, 1.0), (64, 1.2)];

struct Arguments {
    rounds: usize,
    writers: Option<usize>,
    folder: PathBuf,
}

fn main() -> Result<()> {
    let arguments = arguments()?;
    let batches = ours::Batches::install()?;
    for (writers, goal) in GOALS {
        if arguments.writers.is_some_and(|wanted| wanted != writers) {
            continue;
        }
        let (mut ours, mut peer) = (Vec::new(), Vec::new());
        for round in 0..arguments.rounds {
            let commits = rows::commits(commits_of(writers), round);
            let scratch = tempfile::tempdir_in(&arguments.folder)?;
            batches.take();
            ours.push(ours::run(&scratch.path().join("ours"), &commits, writers)?);
            let sizes = batches.take();
            peer.push(peer::run(&scratch.path().join("peer"), &commits, &sizes)?);
        }
        let name = format!("store commits/s {writers} writers");
        Figure::new(&name, ours).beside(&peer).ratio_at_least(goal).print()?;
    }
    Ok(())
}

const fn commits_of(writers: usize) -> usize {
    match writers {
        1 => 1_000,
        8 => 4_000,
        _ => 12_000,
    }
}

fn arguments() -> Result<Arguments> {
    let mut found = Arguments { rounds: 11, writers: None, folder: PathBuf::from(".") };
    let mut words = std::env::args().skip(1);
    while let Some(flag) = words.next() {
        let value = words.next().with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--rounds" => found.rounds = value.parse().context("--rounds needs a number")?,
            "--writers" => found.writers = Some(value.parse().context("--writers needs a number")?),
            "--folder" => found.folder = value.into(),
            _ => bail!("no flag is called {flag}; there are --rounds, --writers and --folder"),
        }
    }
    Ok(found)
}
