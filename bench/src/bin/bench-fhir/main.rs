//! A FHIR server under load: create, transaction, read, version, and searches, by requests per second, per CPU second of
//! the server, p50 and p99, in cohorts of several sizes.
//!
//! `--resources N[,N]` (20000), `--connections N` (8), `--seconds N` of each stretch (3), `--rounds N` (3), `--folder DIR`
//! (where our data lie). `--peer URL` loads and asks the server there too, taking turns with ours; with `--peer-pid N`
//! its CPU and memory are told. The peer is filled with the first size alone; larger ones are ours, held against ours.

mod ask;
mod cohort;
mod load;
mod server;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bianque_bench::{Figure, median};
use bianque_testkit::{Server, Setup};

use ask::Ask;
use cohort::Cohort;
use load::Round;
use server::Served;

/// Ours does so many times the requests of the peer per CPU second.
const RATIO_GOAL: f64 = 3.0;
/// A search of the largest cohort may take so many times the CPU of the first.
const GROWTH_GOAL: f64 = 1.5;
const MEMORY_GOAL_MB: f64 = 300.0;

struct Arguments {
    resources: Vec<usize>,
    connections: usize,
    span: Duration,
    rounds: usize,
    folder: PathBuf,
    peer: Option<Served>,
}

fn main() -> Result<()> {
    let arguments = arguments()?;
    let mut first: Option<Vec<f64>> = None;
    for (place, resources) in arguments.resources.iter().enumerate() {
        let cohort = Cohort::of(*resources);
        let peer = arguments.peer.as_ref().filter(|_| place == 0);
        let costs = size(&arguments, cohort, peer, first.as_deref())?;
        first.get_or_insert(costs);
    }
    Ok(())
}

/// Everything at one size; CPU seconds per request, by kind. `first` is that of the first size.
fn size(
    arguments: &Arguments,
    cohort: Cohort,
    peer: Option<&Served>,
    first: Option<&[f64]>,
) -> Result<Vec<f64>> {
    let data = tempfile::tempdir_in(&arguments.folder)?;
    let (server, served) = ours(data.path())?;
    let named = |what: &str| format!("fhir {what} at {}", cohort.patients * cohort::OF_A_PATIENT);
    let filled = load::fill(&served, cohort, arguments.connections)?;
    let peer_filled = peer.map(|peer| load::fill(peer, cohort, arguments.connections)).transpose()?;
    for (what, ours, theirs) in [
        ("loaded/s", Some(filled.0), peer_filled.map(|filled| filled.0)),
        ("loaded/cpu_s", filled.1, peer_filled.and_then(|filled| filled.1)),
    ] {
        print(&named(what), ours.as_slice(), theirs.as_slice(), |figure| figure)?;
    }
    for served in [Some(&served), peer].into_iter().flatten() {
        load::try_out(&served.connect(), cohort)?;
    }
    let mut costs = Vec::new();
    for (place, ask) in Ask::ALL.into_iter().enumerate() {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..arguments.rounds {
            let seed = round * 1_000_000 + place * 100_000_000;
            let mut asked = |served: &Served| {
                load::ask(served, cohort, ask, arguments.connections, arguments.span, seed)
                    .with_context(|| ask.name())
            };
            ours.push(asked(&served)?);
            theirs.extend(peer.map(&mut asked).transpose()?);
        }
        let cost = 1.0 / median(&of(&ours, |round| round.per_cpu_second));
        figures(&|what| named(&format!("{} {what}", ask.name())), &ours, &theirs)?;
        if let Some(first) = first.filter(|_| ask.is_read()) {
            let growth = Figure::new(
                &named(&format!("{} cpu of the first size", ask.name())),
                vec![cost / first[place]],
            );
            growth.at_most(GROWTH_GOAL).print()?;
        }
        costs.push(cost);
    }
    let memory = served.most_memory_mb()?;
    let theirs = peer.map(Served::most_memory_mb).transpose()?.flatten();
    print(&named("memory_mb"), memory.as_slice(), theirs.as_slice(), |figure| {
        figure.at_most(MEMORY_GOAL_MB)
    })?;
    drop(server);
    Ok(costs)
}

fn figures(named: &dyn Fn(&str) -> String, ours: &[Round], theirs: &[Round]) -> Result<()> {
    let some = |value: fn(&Round) -> f64| move |round: &Round| Some(value(round));
    print(
        &named("per cpu_s"),
        &of(ours, |round| round.per_cpu_second),
        &of(theirs, |round| round.per_cpu_second),
        |figure| if figure.ratio.is_some() { figure.ratio_at_least(RATIO_GOAL) } else { figure },
    )?;
    for (what, value) in [
        ("per s", (|round| round.per_second) as fn(&Round) -> f64),
        ("p50_ms", |round| round.p50_ms),
        ("p99_ms", |round| round.p99_ms),
    ] {
        print(&named(what), &of(ours, some(value)), &of(theirs, some(value)), |figure| figure)?;
    }
    Ok(())
}

fn of(rounds: &[Round], value: impl Fn(&Round) -> Option<f64>) -> Vec<f64> {
    rounds.iter().filter_map(value).collect()
}

fn print(name: &str, ours: &[f64], theirs: &[f64], held: impl Fn(Figure) -> Figure) -> Result<()> {
    let figure = Figure::new(name, ours.to_vec());
    let figure = if theirs.is_empty() { figure } else { figure.beside(theirs) };
    Ok(held(figure).print()?)
}

/// Our server on new data, with a token for all of FHIR.
fn ours(data: &Path) -> Result<(Server, Served)> {
    let program = std::env::var_os("BIANQUE_BIN").context("BIANQUE_BIN names no server")?;
    let data = data.join("data");
    let server = Setup::serve(&program).data(&data).start()?;
    let token = Command::new(&program)
        .args(["token", "create", "--scope", "system/*.cruds", "--ttl", "24h", "--data"])
        .arg(&data)
        .output()?;
    ensure!(token.status.success(), "no token: {}", String::from_utf8_lossy(&token.stderr));
    let token = String::from_utf8(token.stdout)?.trim().to_owned();
    let served = Served::new(&format!("{}/fhir", server.base()), Some(token), Some(server.pid()));
    Ok((server, served))
}

fn arguments() -> Result<Arguments> {
    let mut found = Arguments {
        resources: vec![20_000],
        connections: 8,
        span: Duration::from_secs(3),
        rounds: 3,
        folder: std::env::temp_dir(),
        peer: None,
    };
    let (mut peer, mut peer_pid) = (None, None);
    let mut words = std::env::args().skip(1);
    while let Some(flag) = words.next() {
        let value = words.next().with_context(|| format!("{flag} needs a value"))?;
        let number = || value.parse::<usize>().with_context(|| format!("{flag} needs a number"));
        match flag.as_str() {
            "--resources" => {
                let sizes: Result<Vec<usize>, _> = value.split(',').map(str::parse).collect();
                found.resources = sizes.context("--resources needs numbers")?;
            }
            "--connections" => found.connections = number()?.max(1),
            "--seconds" => found.span = Duration::from_secs(number()?.max(1) as u64),
            "--rounds" => found.rounds = number()?.max(1),
            "--folder" => found.folder = value.into(),
            "--peer" => peer = Some(value),
            "--peer-pid" => peer_pid = Some(value.parse().context("--peer-pid needs a number")?),
            _ => bail!("no flag is called {flag}; see docs/performance.md"),
        }
    }
    found.peer = peer.map(|url| Served::new(&url, None, peer_pid));
    Ok(found)
}
