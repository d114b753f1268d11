//! Stores every JSON resource of a folder in a server of its own, over HTTP, reads each back, and looks for it by every
//! value that it is indexed by.
//!
//! ```text
//! npm install hl7.fhir.r4.examples@4.0.1
//! cargo build --package bianque
//! cargo run -p bianque-fhir --example stored -- target/debug/bianque node_modules/hl7.fhir.r4.examples
//! ```
//! Prints what was not stored and why, what came back changed, what was not found, then one line of figures. It fails
//! when anything that was stored came back otherwise or was not found.

#![expect(clippy::print_stdout, reason = "its output is its result")]

mod asks;
mod corpus;
mod dates;
mod server;
mod sets;
mod units;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use bianque_fhir::{document, index};

use corpus::{Example, Told};
use server::{Server, Stored};

/// Lines of one kind that are printed.
const SHOWN: usize = 200;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, folder] = arguments.as_slice() else {
        println!("stored PROGRAM FOLDER");
        return Ok(ExitCode::FAILURE);
    };
    let mut server = Server::start(Path::new(program))?;
    let mut tally = Tally::default();
    let examples = store_all(&mut server, Path::new(folder), &mut tally)?;
    eprintln!("{} stored in {:.0} s", tally.stored, tally.seconds[0]);
    look_for_each(&mut server, &examples, &mut tally);
    eprintln!("{} values asked in {:.0} s", tally.found + tally.missed.len(), tally.seconds[1]);
    sets::compare(&mut server, &examples, &mut tally.sets);
    Ok(tally.print())
}

/// What came of everything.
#[derive(Default)]
struct Tally {
    /// Files that are no resources.
    others: usize,
    /// Reasons why resources were not stored, each with its files.
    refused: BTreeMap<String, Vec<String>>,
    /// What was stored and came back otherwise.
    changed: Vec<String>,
    /// Searches that found, and those that did not.
    found: usize,
    missed: Vec<String>,
    sets: sets::Compared,
    stored: usize,
    requests: usize,
    seconds: [f64; 2],
}

/// Puts and gets each. Definitions come first, so that what states a profile is held to it.
fn store_all(server: &mut Server, folder: &Path, tally: &mut Tally) -> Result<Vec<Example>> {
    let begun = Instant::now();
    let mut examples = Vec::new();
    for path in corpus::files(folder)? {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).with_context(|| file.clone())?;
        let resource = document::parse(&bytes).with_context(|| file.clone())?;
        let Some(example) = Example::of(&file, &resource) else {
            tally.others += 1;
            continue;
        };
        match server.put(&example, &bytes) {
            Stored::Refused(reason) => tally.refused.entry(reason).or_default().push(file),
            Stored::As(mut served) => {
                let last_updated = served["meta"]["lastUpdated"].as_str().unwrap_or_default().to_owned();
                let mut written = resource;
                corpus::without_own(&mut written);
                corpus::without_own(&mut served);
                if served != written {
                    tally.changed.push(file);
                }
                examples
                    .push(Example { told: Some(Told { index: index(&written), last_updated }), ..example });
            }
        }
    }
    tally.stored = examples.len();
    tally.seconds[0] = begun.elapsed().as_secs_f64();
    Ok(examples)
}

/// Asks for each by its id together with each of its values.
fn look_for_each(server: &mut Server, examples: &[Example], tally: &mut Tally) {
    let begun = Instant::now();
    for example in examples {
        let asks = asks::of(example, server);
        let missed = server.misses(example, &asks);
        tally.found += asks.len() - missed.len();
        tally.missed.extend(missed.into_iter().map(|miss| format!("{}: {miss}", example.file)));
        for (kind, id) in example.compartments() {
            let path = format!("{kind}/{id}/{}", example.resource_type);
            match server.finds_below(&path, example) {
                Ok(()) => tally.found += 1,
                Err(reason) => tally.missed.push(format!("{}: {path}: {reason}", example.file)),
            }
        }
    }
    tally.requests = server.requests();
    tally.seconds[1] = begun.elapsed().as_secs_f64();
}

impl Tally {
    fn print(&self) -> ExitCode {
        let mut refused = 0;
        for (reason, files) in &self.refused {
            refused += files.len();
            println!("not stored: {:4} {reason}", files.len());
            for file in files.iter().take(SHOWN) {
                println!("    {file}");
            }
        }
        shown("came back otherwise", &self.changed);
        shown("not found", &self.missed);
        shown("found others than are there", &self.sets.wrong);
        let [storing, asking] = self.seconds;
        println!(
            "{{\"files\":{},\"no_resources\":{},\"refused\":{refused},\"stored\":{},\"changed\":{},\"values\":{},\
             \"values_missed\":{},\"sets\":{},\"sets_wrong\":{},\"requests\":{},\"storing_s\":{storing:.1},\
             \"asking_s\":{asking:.1}}}",
            self.others + refused + self.stored,
            self.others,
            self.stored,
            self.changed.len(),
            self.found + self.missed.len(),
            self.missed.len(),
            self.sets.compared,
            self.sets.wrong.len(),
            self.requests,
        );
        let failed = self.changed.len() + self.missed.len() + self.sets.wrong.len();
        let passed =
            self.stored + self.found + self.sets.compared - self.changed.len() - self.sets.wrong.len();
        println!("Summary of stored examples: {passed} passed, {failed} failed");
        if failed == 0 && self.stored > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn shown(what: &str, lines: &[String]) {
    for line in lines.iter().take(SHOWN) {
        println!("{what}: {line}");
    }
    if lines.len() > SHOWN {
        println!("{what}: {} more", lines.len() - SHOWN);
    }
}
