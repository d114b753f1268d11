//! The benches: release builds, and one JSON line per figure on standard output.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{debian, node, root, server, shell};

/// Runs the task.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let names = names()?;
    let (name, rest) =
        arguments.split_first().with_context(|| format!("which bench? {}", names.join(", ")))?;
    if !names.contains(name) {
        bail!("no bench is called {name:?}; there are {}", names.join(", "));
    }
    let program = program(name)?;
    if name == "dicom" {
        debian::required(&[("Orthanc", "orthanc"), ("storescu", "dcmtk")], &["orthanc-dicomweb"])?;
    }
    let bench = shell::cargo()
        .args(["run", "--release", "--package", "bianque-bench", "--bin"])
        .arg(format!("bench-{name}"));
    let bench = match program {
        Some(program) => bench.env("BIANQUE_BIN", program),
        None => bench,
    };
    let bench = bench.arg("--").args(rest);
    if name == "lines" && !rest.iter().any(|word| word == "--peer") {
        let peer = root::workspace().join("bench").join("peers").join("node-hl7-server");
        node::required()?;
        node::install(&peer)?;
        return bench.arg("--peer").arg(peer).run_to_stdout();
    }
    bench.run_to_stdout()
}

/// The server that a bench starts: the one that `BIANQUE_BIN` names, or that of this build.
fn program(name: &str) -> Result<Option<PathBuf>> {
    if !matches!(name, "start" | "fhir" | "lines" | "dicom") {
        return Ok(None);
    }
    match std::env::var_os("BIANQUE_BIN") {
        Some(named) => Ok(Some(named.into())),
        None => server::build(&["--release"]).map(Some),
    }
}

/// The benches that exist: `bench/src/bin/bench-NAME.rs`, or a folder of that name.
fn names() -> Result<Vec<String>> {
    let folder = root::workspace().join("bench").join("src").join("bin");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .with_context(|| format!("reading {}", folder.display()))?
        .filter_map(|entry| {
            entry.ok()?.path().file_stem()?.to_str()?.strip_prefix("bench-").map(str::to_owned)
        })
        .collect();
    names.sort();
    Ok(names)
}
