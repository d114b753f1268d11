//! Cases that others published, as data: run by examples of `bianque-fhir`, each with a floor below which it fails.
//!
//! They are not part of the project. They lie in `../shared/corpora` beside it, or where `BIANQUE_CORPORA` says.

use std::path::PathBuf;

use anyhow::{Error, Result};

use crate::root;
use crate::shell::{Program, cargo};
use crate::tally::Tally;

/// The example that runs a corpus, and the corpus's folder.
const CORPORA: [(&str, &str); 3] =
    [("fhirpath", "fhirpath"), ("expansions", "expansions"), ("validator", "validator")];

/// Runs every corpus that is there: how many cases passed, and what fell below its floor.
pub(crate) fn run() -> Result<(Tally, Vec<Error>)> {
    let (mut sum, mut failed) = (Tally::default(), Vec::new());
    for (example, name) in CORPORA {
        let folder = folder().join(name);
        if !folder.is_dir() {
            eprintln!("there is no corpus in {}: its cases are not run", folder.display());
            continue;
        }
        let program = cargo()
            .args(["run", "--release", "--quiet", "--package", "bianque-fhir", "--example", example, "--"])
            .arg(&folder);
        let line = program.line();
        let (status, output) = program.run_and_read()?;
        if !status.success() {
            failed.push(Program::failed(&line, status));
        }
        sum = sum.plus(Tally::of(&output));
    }
    Ok((sum, failed))
}

/// Where they lie.
pub(crate) fn folder() -> PathBuf {
    std::env::var_os("BIANQUE_CORPORA")
        .map_or_else(|| root::workspace().join("..").join("shared").join("corpora"), PathBuf::from)
}
