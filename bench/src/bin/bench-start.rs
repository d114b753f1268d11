//! How long the server takes from its start to its ready line on existing data, and how much memory it holds when
//! nobody speaks with it. `--rounds N` (10), `--data DIR` (the demo's data, made first).

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bianque_bench::Figure;
use bianque_testkit::{Server, Setup};

const READY_GOAL_MS: f64 = 300.0;
const MEMORY_GOAL_MB: f64 = 80.0;
/// Until what the start itself needed has been given back.
const SETTLE: Duration = Duration::from_secs(3);

struct Arguments {
    rounds: usize,
    data: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = arguments()?;
    let program = std::env::var_os("BIANQUE_BIN").context("BIANQUE_BIN names no server")?;
    let scratch = tempfile::tempdir()?;
    let data = arguments.data.unwrap_or_else(|| scratch.path().join("data"));
    if !data.exists() {
        Setup::demo(&program).data(&data).start()?.stop()?;
    }
    let (mut ready_ms, mut idle_mb) = (Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        let mut server = Setup::serve(&program).data(&data).start()?;
        ready_ms.push(server.start_took().as_secs_f64() * 1000.0);
        thread::sleep(SETTLE);
        idle_mb.push(resident_mb(&server)?);
        server.stop()?;
    }
    Figure::new("start.ready_ms", ready_ms).at_most(READY_GOAL_MS).print()?;
    Figure::new("start.idle_rss_mb", idle_mb).at_most(MEMORY_GOAL_MB).print()?;
    Ok(())
}

fn arguments() -> Result<Arguments> {
    let mut found = Arguments { rounds: 10, data: None };
    let mut words = std::env::args().skip(1);
    while let Some(flag) = words.next() {
        let value = words.next().with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--rounds" => found.rounds = value.parse().context("--rounds needs a number")?,
            "--data" => found.data = Some(value.into()),
            _ => bail!("no flag is called {flag}; there are --rounds and --data"),
        }
    }
    Ok(found)
}

/// `VmRSS` of the process, in units of 10^6 bytes.
fn resident_mb(server: &Server) -> Result<f64> {
    let path = format!("/proc/{}/status", server.pid());
    let status = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().context("VmRSS is no number")?;
    Ok(kib * 1024.0 / 1e6)
}
