//! Validates and indexes every JSON resource of a folder, and times it.
//!
//! ```text
//! npm pack hl7.fhir.r4.examples@4.0.1 && tar -xzf hl7.fhir.r4.examples-4.0.1.tgz
//! cargo run --release -p bianque-fhir --example conformance -- package
//! ```
//! Prints what was refused and why (grouped), then one line of figures. `--each` prints every fault.

#![expect(clippy::print_stdout, reason = "its output is its result")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bianque_fhir::{document, index, to_stored, validate};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let each = arguments.iter().any(|argument| argument == "--each");
    let Some(folder) = arguments.iter().find(|argument| !argument.starts_with("--")) else {
        println!("conformance FOLDER [--each]");
        return Ok(());
    };
    let begun = Instant::now();
    bianque_fhir::warm();
    let warm_ms = begun.elapsed().as_secs_f64() * 1e3;
    let mut tally = Tally::default();
    for path in files(Path::new(folder))? {
        tally.add(&path, &std::fs::read(&path)?, each);
    }
    tally.print(warm_ms);
    Ok(())
}

#[derive(Default)]
struct Tally {
    passed: usize,
    refused: usize,
    unreadable: usize,
    bytes: usize,
    rows: usize,
    /// Seconds of reading, validating, indexing and writing.
    steps: [f64; 4],
    faults: BTreeMap<String, (usize, String)>,
}

impl Tally {
    fn add(&mut self, path: &Path, bytes: &[u8], each: bool) {
        let begun = Instant::now();
        let resource = match document::parse(bytes) {
            Ok(resource) => resource,
            Err(error) => {
                println!("{}: {error}", path.display());
                self.unreadable += 1;
                return;
            }
        };
        if resource.get("resourceType").is_none() {
            return;
        }
        self.lap(0, begun);
        let begun = Instant::now();
        let issues = validate(&resource);
        self.lap(1, begun);
        let begun = Instant::now();
        self.rows += index(&resource).rows.len();
        self.lap(2, begun);
        let begun = Instant::now();
        self.bytes += to_stored(&resource).len();
        self.lap(3, begun);
        if issues.is_empty() {
            self.passed += 1;
        } else {
            self.refused += 1;
        }
        for issue in issues {
            if each {
                println!("{}: {} {}", path.display(), issue.expression, issue.message);
            }
            let place: String = issue.expression.chars().filter(|c| !c.is_ascii_digit()).collect();
            let entry = self.faults.entry(format!("{place} {}", issue.message)).or_default();
            entry.0 += 1;
            entry.1 = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        }
    }

    fn lap(&mut self, step: usize, begun: Instant) {
        self.steps[step] += begun.elapsed().as_secs_f64();
    }

    fn print(&self, warm_ms: f64) {
        let mut faults: Vec<_> = self.faults.iter().collect();
        faults.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (fault, (count, file)) in faults.into_iter().take(60) {
            println!("{count:5} {fault} ({file})");
        }
        let all = (self.passed + self.refused).max(1) as f64;
        let [read, validate, index, write] = self.steps.map(|seconds| seconds * 1e6 / all);
        let seconds: f64 = self.steps.iter().sum();
        println!(
            "{{\"passed\":{},\"refused\":{},\"unreadable\":{},\"bytes_per_resource\":{:.0},\"rows_per_resource\":{:.1},\
             \"read_us\":{read:.1},\"validate_us\":{validate:.1},\"index_us\":{index:.1},\"write_us\":{write:.1},\
             \"mb_per_s\":{:.1},\"tables_ms\":{warm_ms:.2}}}",
            self.passed,
            self.refused,
            self.unreadable,
            self.bytes as f64 / all,
            self.rows as f64 / all,
            self.bytes as f64 / 1e6 / seconds.max(1e-9),
        );
    }
}

fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
