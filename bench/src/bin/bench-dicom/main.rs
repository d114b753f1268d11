//! The image archive beside Orthanc: C-STORE, QIDO-RS and WADO-RS, on the same synthetic images, taking turns.
//!
//! `--only NAME[,NAME]` of `ct`, `storescu`, `large`, `query`, `retrieve`; `--rounds N` (3); `--seconds N` of a stretch of
//! questions (2); `--ct-studies N` of 250 slices (8); `--small-studies N` of ten images (2000); `--large-mb N` of each large
//! image (256); `--servers NAME[,NAME]` of `ours`, `orthanc`; `--folder DIR` where archives and files lie.

mod element;
mod image;
mod query;
mod retrieve;
mod sender;
mod servers;
mod store;
mod turns;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use image::Bank;
use servers::Side;

const PARTS: [&str; 5] = ["ct", "storescu", "large", "query", "retrieve"];

struct Arguments {
    only: Vec<String>,
    sides: Vec<Side>,
    rounds: usize,
    span: Duration,
    ct_studies: usize,
    small_studies: usize,
    large_mb: usize,
    folder: PathBuf,
}

fn main() -> Result<()> {
    let arguments = arguments()?;
    std::fs::create_dir_all(&arguments.folder)?;
    let wants = |name: &str| arguments.only.iter().any(|only| only == name);
    let bank = Bank::new();
    if wants("ct") {
        store::ct(&arguments, &bank)?;
    }
    if wants("storescu") {
        store::storescu(&arguments, &bank)?;
    }
    if wants("large") {
        store::large(&arguments, &bank)?;
    }
    if wants("query") || wants("retrieve") {
        let servers = store::filled(&arguments, &bank)?;
        if wants("query") {
            query::ask(&arguments, &servers)?;
        }
        if wants("retrieve") {
            retrieve::retrieve(&arguments, &bank, &servers)?;
        }
    }
    Ok(())
}

fn arguments() -> Result<Arguments> {
    let mut found = Arguments {
        only: PARTS.map(str::to_owned).to_vec(),
        sides: vec![Side::Ours, Side::Orthanc],
        rounds: 3,
        span: Duration::from_secs(2),
        ct_studies: 8,
        small_studies: 2000,
        large_mb: 256,
        folder: cache().unwrap_or_else(std::env::temp_dir).join("bianque").join("bench-dicom"),
    };
    let mut words = std::env::args().skip(1);
    while let Some(flag) = words.next() {
        let value = words.next().with_context(|| format!("{flag} needs a value"))?;
        let number = || value.parse::<usize>().with_context(|| format!("{flag} needs a number"));
        match flag.as_str() {
            "--only" => found.only = value.split(',').map(str::to_owned).collect(),
            "--servers" => found.sides = sides(&value)?,
            "--rounds" => found.rounds = number()?.max(1),
            "--seconds" => found.span = Duration::from_secs(number()?.max(1) as u64),
            "--ct-studies" => found.ct_studies = number()?.max(1),
            "--small-studies" => found.small_studies = number()?.max(100),
            "--large-mb" => found.large_mb = number()?.clamp(1, 4000),
            "--folder" => found.folder = value.into(),
            _ => bail!("no flag is called {flag}; see docs/performance.md"),
        }
    }
    let known = |name: &String| PARTS.contains(&name.as_str());
    ensure!(found.only.iter().all(known), "--only takes some of {}", PARTS.join(","));
    Ok(found)
}

fn sides(names: &str) -> Result<Vec<Side>> {
    match names {
        "ours" => Ok(vec![Side::Ours]),
        "orthanc" => Ok(vec![Side::Orthanc]),
        "ours,orthanc" => Ok(vec![Side::Ours, Side::Orthanc]),
        _ => bail!("--servers is ours, orthanc, or ours,orthanc"),
    }
}

fn cache() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
}
