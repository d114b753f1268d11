//! Expands the value sets of R4 and compares them with the expansions that HL7 published.
//!
//! ```text
//! npm pack hl7.fhir.r4.expansions@4.0.1 && tar -xzf hl7.fhir.r4.expansions-4.0.1.tgz
//! cargo run --release -p bianque-fhir --example expansions -- package
//! ```
//! A set that takes from SNOMED CT, LOINC or another code system that is not at hand is counted apart. Published
//! expansions leave out what groups others and what is deprecated or retired; codes of which our tables say so may be
//! beyond them. Prints what differs, then one line of figures, and fails below the floor.

#![expect(clippy::print_stdout, reason = "its output is its result")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use bianque_fhir::terminology::{Lookup, Terminology};
use serde_json::Value;

/// Sets that must be the same. Four more are other on purpose: currencies of another year; two tables whose further
/// parents the publisher did not follow; one that is cut at a thousand codes, and one whose system has a version in its
/// name.
const FLOOR: usize = 488;

type Codes = BTreeSet<(String, String)>;

fn main() -> std::io::Result<ExitCode> {
    let Some(folder) = std::env::args().nth(1) else {
        println!("expansions FOLDER");
        return Ok(ExitCode::FAILURE);
    };
    let (mut same, mut other, mut apart) = (0, 0, 0);
    for entry in std::fs::read_dir(Path::new(&folder))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let Ok(published) = serde_json::from_slice::<Value>(&std::fs::read(&path)?) else { continue };
        if published["resourceType"] != "ValueSet" || published["expansion"].is_null() {
            continue;
        }
        let url = published["url"].as_str().unwrap_or_default();
        let mut theirs = Codes::new();
        collect(&published["expansion"], &mut theirs);
        match Terminology::embedded().codes_in(url) {
            Err(refusal) => {
                apart += 1;
                println!("apart  {url}: {refusal}");
            }
            Ok(ours) => {
                let ours: Codes = ours.into_iter().collect();
                let beyond: Vec<_> = ours.difference(&theirs).filter(|code| !is_left_out(code)).collect();
                let missing: Vec<_> = theirs.difference(&ours).collect();
                if beyond.is_empty() && missing.is_empty() {
                    same += 1;
                } else {
                    other += 1;
                    let some = |codes: &[&(String, String)]| {
                        codes.iter().take(5).map(|(_, code)| code.as_str()).collect::<Vec<_>>().join(" ")
                    };
                    println!(
                        "other  {url}: {} beyond ({}), {} missing ({})",
                        beyond.len(),
                        some(&beyond),
                        missing.len(),
                        some(&missing)
                    );
                }
            }
        }
    }
    println!("{apart} cannot be listed");
    println!("{same} passed, {other} failed");
    Ok(if same >= FLOOR { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn collect(level: &Value, codes: &mut Codes) {
    for entry in level["contains"].as_array().into_iter().flatten() {
        if let (Some(system), Some(code)) = (entry["system"].as_str(), entry["code"].as_str()) {
            codes.insert((system.to_owned(), code.to_owned()));
        }
        collect(entry, codes);
    }
}

/// Whether our tables say that a code groups others, or is deprecated or retired.
fn is_left_out((system, code): &(String, String)) -> bool {
    let asked = Lookup { system: system.clone(), code: code.clone(), ..Lookup::default() };
    let Ok(found) = Terminology::embedded().lookup(&asked) else { return false };
    let properties = found["parameter"].as_array().into_iter().flatten();
    properties.filter(|parameter| parameter["name"] == "property").any(|property| {
        let value = &property["part"][1];
        match property["part"][0]["valueCode"].as_str() {
            Some("notSelectable") => value["valueBoolean"] == true,
            Some("status") => value["valueCode"] != "active",
            _ => false,
        }
    })
}
