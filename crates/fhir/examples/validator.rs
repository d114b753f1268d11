//! Runs the published cases of FHIR's validator that are R4, and lists each whose verdict differs.
//!
//! ```text
//! cargo run --release -p bianque-fhir --example validator -- FOLDER [--each]
//! ```
//! The folder is that of FHIR/fhir-test-cases: `manifest*.json`, the files, and `outcomes/`. A case is one file with what
//! the reference validator found, once by itself and once against a profile; it counts as invalid when that has an error.
//! Cases that need what is not built are counted apart, by reason. The run fails below the floors.

#![expect(clippy::print_stdout, reason = "its output is its result")]

mod xml;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bianque_fhir::terminology::{Given, Terminology};
use bianque_fhir::{Against, Profiles, Severity, document, validate_against};
use bianque_fhirpath::Resolver;
use serde_json::Value;

/// Invalid ones found invalid, and valid ones found valid, of a hundred.
const FLOORS: (usize, usize) = (84, 96);

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let each = arguments.iter().any(|argument| argument == "--each");
    let Some(folder) = arguments.iter().find(|argument| !argument.starts_with("--")) else {
        println!("validator FOLDER [--each]");
        return Ok(ExitCode::FAILURE);
    };
    let folder = PathBuf::from(folder);
    let mut tally = Tally::default();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("manifest") || path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let manifest: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        for case in manifest["test-cases"].as_array().into_iter().flatten() {
            for against_profile in [false, true] {
                tally.run(&folder, case, against_profile, each);
            }
        }
    }
    Ok(tally.print())
}

/// Verdicts: what should be, and what was found.
#[derive(Default)]
struct Tally {
    found_invalid: usize,
    missed: Vec<String>,
    found_valid: usize,
    refused: Vec<String>,
    apart: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn run(&mut self, folder: &Path, case: &Value, against_profile: bool, each: bool) {
        let expected = if against_profile { &case["profile"]["java"] } else { &case["java"] };
        if expected.is_null() {
            return;
        }
        let name = format!("{}{}", text(&case["name"]), if against_profile { " (profile)" } else { "" });
        let errors = expected_errors(folder, expected);
        let reason = match &errors {
            None => Some("its outcome is missing"),
            Some(_) if !folder.join(text(&case["file"])).exists() => Some("its file is missing"),
            Some(errors) => apart(folder, case, errors),
        };
        if let Some(reason) = reason {
            *self.apart.entry(reason).or_default() += 1;
            return;
        }
        let errors = errors.unwrap_or_default();
        let faults = faults(folder, case, against_profile);
        let line = |why: &[String]| format!("{} {name}: {}", text(&case["module"]), why.join("; "));
        match (errors.is_empty(), faults.is_empty()) {
            (true, true) => self.found_valid += 1,
            (true, false) => self.refused.push(line(&faults)),
            (false, false) => {
                self.found_invalid += 1;
                if each {
                    println!("found: {}\n    expected {}", line(&faults), errors.join("; "));
                }
            }
            (false, true) => self.missed.push(line(&errors)),
        }
    }

    fn print(&self) -> ExitCode {
        println!("Invalid, and found valid:");
        for line in &self.missed {
            println!("  {line}");
        }
        println!("Valid, and found invalid:");
        for line in &self.refused {
            println!("  {line}");
        }
        println!("Apart:");
        for (reason, count) in &self.apart {
            println!("  {count:4} {reason}");
        }
        let share = |good: usize, bad: usize| good * 100 / (good + bad).max(1);
        let sensitivity = share(self.found_invalid, self.missed.len());
        let specificity = share(self.found_valid, self.refused.len());
        println!(
            "Invalid ones found: {} of {} ({sensitivity} %); valid ones taken: {} of {} ({specificity} %)",
            self.found_invalid,
            self.found_invalid + self.missed.len(),
            self.found_valid,
            self.found_valid + self.refused.len(),
        );
        let (passed, failed) =
            (self.found_invalid + self.found_valid, self.missed.len() + self.refused.len());
        let enough = passed > 0 && sensitivity >= FLOORS.0 && specificity >= FLOORS.1;
        // Above the floors, what differs is known and listed; below them the run has failed.
        let word = if enough { "differ" } else { "failed" };
        println!("Summary of validation R4: {passed} passed, {failed} {word}");
        if enough { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The errors of a recorded outcome, which stands in the manifest or in a file; none when the file is missing.
fn expected_errors(folder: &Path, expected: &Value) -> Option<Vec<String>> {
    let read: Value = match expected {
        Value::String(file) => {
            serde_json::from_slice(&std::fs::read(folder.join("outcomes").join(file)).ok()?).ok()?
        }
        other => other["outcome"].clone(),
    };
    let issues = read["issue"].as_array().cloned().unwrap_or_default();
    let errors = issues.iter().filter(|issue| matches!(text(&issue["severity"]), "error" | "fatal"));
    let told = |issue: &Value| {
        let said = [&issue["details"]["text"], &issue["diagnostics"]];
        let said = said.into_iter().find_map(Value::as_str).unwrap_or_default();
        format!(
            "[{}] {}",
            text(&issue["code"]),
            said.chars().take(160).collect::<String>().replace('\n', " ")
        )
    };
    Some(errors.map(told).collect())
}

/// Why a case cannot be judged by what is built here.
fn apart(folder: &Path, case: &Value, errors: &[String]) -> Option<&'static str> {
    let by_module = match text(&case["module"]) {
        "cda" => Some("CDA"),
        "cdshooks" => Some("CDS Hooks"),
        "logical" => Some("logical models"),
        "matchetype" => Some("templates that resources are compared with"),
        "shc" => Some("health cards"),
        "dsig" => Some("signatures of documents"),
        "json5" => Some("JSON that is not FHIR's"),
        "tx" | "tx-advanced" => Some("a terminology server"),
        "xver" => Some("extensions across versions"),
        "measure" => Some("measures and their reports"),
        _ => None,
    };
    if by_module.is_some() {
        return by_module;
    }
    if case["file"].as_str().is_some_and(|file| file.ends_with("ndjson")) {
        return Some("many resources in one file");
    }
    if case.get("packages").is_some() || case.get("ips").is_some() {
        return Some("packages of implementation guides");
    }
    if ["for-publication", "security-checks", "examples", "allowed-extension-domain"]
        .iter()
        .any(|flag| case.get(*flag).is_some())
    {
        return Some("policies of a publisher");
    }
    let recorded_for_r5 = |outcome: &Value| outcome.as_str().is_some_and(|file| file.contains("/R5."));
    if recorded_for_r5(&case["java"]) || text(&case["description"]).contains("new R5") {
        return Some("R5");
    }
    let lacks = |error: &String| {
        let target = error.split_once("profile match for ").and_then(|(_, rest)| rest.split(' ').next());
        let id = target.and_then(|target| target.split_once('/')).map(|(_, id)| id);
        id.is_some_and(|id| ["xml", "json"].iter().all(|kind| !folder.join(format!("{id}.{kind}")).exists()))
    };
    if !errors.is_empty() && errors.iter().all(lacks) {
        return Some("targets of references that the corpus lacks");
    }
    if !errors.is_empty() && errors.iter().all(|error| error.contains("magic LOINC code")) {
        return Some("profiles that R4 has of its own");
    }
    if case.get("bundle-param").is_some() {
        return Some("parameters of the reference validator");
    }
    let no_definition = |error: &String| {
        error.contains("could not be found so is not allowed")
            || error.contains("is unknown, and not allowed")
    };
    if !errors.is_empty() && errors.iter().all(no_definition) {
        return Some("definitions of extensions that the corpus lacks");
    }
    let of_terminology = |error: &String| {
        error.starts_with("[code-invalid]")
            || error.contains("Wrong Display Name")
            || error.contains("terminology")
    };
    if !errors.is_empty() && errors.iter().all(of_terminology) {
        return Some("a terminology server");
    }
    None
}

/// The faults that are found here.
fn faults(folder: &Path, case: &Value, against_profile: bool) -> Vec<String> {
    let resource = match load(folder, text(&case["file"])) {
        Ok(resource) => resource,
        Err(error) => return vec![error],
    };
    let mut files: Vec<&str> = Vec::new();
    let profile = &case["profile"];
    let mut lists = vec![&case["supporting"], &case["profiles"]];
    if against_profile {
        lists.push(&profile["supporting"]);
        files.extend(profile["source"].as_str());
    }
    files.extend(
        lists.into_iter().flat_map(|list| list.as_array().into_iter().flatten()).filter_map(Value::as_str),
    );
    let beside: Vec<Value> = files.iter().filter_map(|file| load(folder, file).ok()).collect();
    let profiles = Profiles::new(&beside);
    let source = text(&profile["source"]);
    let url = if Path::new(source).extension().is_some() {
        load(folder, source).ok().and_then(|found| found["url"].as_str().map(str::to_owned))
    } else {
        Some(source.to_owned())
    };
    let wanted: Vec<&str> = url.as_deref().into_iter().filter(|_| against_profile).collect();
    let mut faults: Vec<String> = Vec::new();
    if let Some(url) = wanted.first().filter(|url| !profiles.has(url)) {
        let reason = profiles.refused().get(*url).map_or("it is not there".to_owned(), ToString::to_string);
        println!("{}: the profile {url} was not taken: {reason}", text(&case["name"]));
    }
    let codes = Terminology::new(beside.iter().filter_map(Given::read).map(Arc::new).collect());
    let beside = Beside { beside: &beside, folder };
    let against = Against { profiles: &profiles, hooks: &codes, resolver: &beside };
    let found = validate_against(&resource, &wanted, against);
    let errors = found.into_iter().filter(|issue| issue.severity == Severity::Error);
    faults.extend(errors.map(|issue| format!("{} {}", issue.expression, issue.message)).take(4));
    faults
}

fn load(folder: &Path, file: &str) -> Result<Value, String> {
    let bytes = std::fs::read(folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
    if Path::new(file).extension().is_some_and(|extension| extension == "xml") {
        let read = String::from_utf8(bytes).map_err(|error| error.to_string())?;
        return xml::to_json(read.trim_start_matches('\u{feff}'));
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    document::parse(bytes).map_err(|error| error.to_string())
}

/// Resources that lie beside a case: targets of references.
struct Beside<'a> {
    beside: &'a [Value],
    folder: &'a Path,
}

impl<'a> Resolver<'a> for Beside<'a> {
    fn resolve(&self, reference: &str) -> Option<&'a Value> {
        let is_it = |found: &&Value| {
            let name = format!("{}/{}", text(&found["resourceType"]), text(&found["id"]));
            name == reference || reference.ends_with(&format!("/{name}")) || found["url"] == reference
        };
        self.beside.iter().find(is_it).or_else(|| {
            // Targets of references lie in the folder, named by their id. They live as long as the program.
            let id = reference.rsplit('/').next()?;
            let found =
                ["xml", "json"].iter().find_map(|kind| load(self.folder, &format!("{id}.{kind}")).ok())?;
            Some(&*Box::leak(Box::new(found)))
        })
    }
}
