//! Runs the published FHIRPath tests of FHIR R4 and lists each case that fails.
//!
//! ```text
//! cargo run --release -p bianque-fhir --example fhirpath -- FOLDER
//! ```
//! The folder has `tests-fhir-r4-dev.xml` (any `tests-*.xml`) and `input/`, as FHIR/fhir-test-cases lays them out. The
//! last line ends with `N passed, N failed`; the run fails when less than 99 % of the cases pass.

#![expect(clippy::print_stdout, reason = "its output is its result")]

mod xml;

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use bianque_fhir::r4;
use bianque_fhirpath::{Environment, Expression, Item, Model, System, Temporal};
use roxmltree::{Document, Node};
use serde_json::{Value, json};

/// Cases of a hundred that have to pass.
const FLOOR: usize = 99;
/// The moment of all evaluations.
const NOW: &str = "2026-11-28T12:00:00.000Z";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Some(folder) = std::env::args().nth(1) else {
        println!("fhirpath FOLDER");
        return Ok(ExitCode::FAILURE);
    };
    let folder = Path::new(&folder);
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("tests") || path.extension().is_none_or(|extension| extension != "xml") {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        let document = Document::parse(&text)?;
        let mut inputs = HashMap::new();
        for test in document.descendants().filter(|node| node.has_tag_name("test")) {
            let input = match test.attribute("inputfile") {
                Some(file) => input(&mut inputs, folder, file)?,
                None => json!({}),
            };
            match run(test, &input) {
                Ok(()) => passed += 1,
                Err(reason) => {
                    failed += 1;
                    println!("{}: {}\n    {reason}", test.attribute("name").unwrap_or("?"), expression(test));
                }
            }
        }
    }
    let enough = passed > 0 && passed * 100 >= (passed + failed) * FLOOR;
    // Above the floor, what differs is known and listed; below it the run has failed.
    let word = if enough { "differ" } else { "failed" };
    println!("Summary of FHIRPath R4: {passed} passed, {failed} {word}");
    Ok(if enough { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn input(read: &mut HashMap<String, Value>, folder: &Path, file: &str) -> Result<Value, Box<dyn Error>> {
    if let Some(found) = read.get(file) {
        return Ok(found.clone());
    }
    let text = std::fs::read_to_string(folder.join("input").join(file))?;
    let found = if file.ends_with("xml") {
        xml::to_json(&text)?
    } else {
        bianque_fhir::document::parse(text.as_bytes())?
    };
    read.insert(file.to_owned(), found.clone());
    Ok(found)
}

fn expression(test: Node<'_, '_>) -> String {
    let found = test.children().find(|node| node.has_tag_name("expression"));
    found.and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
}

/// Runs one case; the reason in words when it fails.
fn run(test: Node<'_, '_>, input: &Value) -> Result<(), String> {
    let text = expression(test);
    let node = test.children().find(|node| node.has_tag_name("expression"));
    let invalid = node.and_then(|node| node.attribute("invalid"));
    let outputs: Vec<Node<'_, '_>> = test.children().filter(|node| node.has_tag_name("output")).collect();
    let now = Temporal::date_time(NOW).ok_or("no moment")?;
    let environment = Environment::new(r4()).at(now);
    let parsed = Expression::parse(&text).map_err(|error| error.to_string());
    // What is wrong before there is a document: asked where a case says so.
    let strict = [Some(test), node].into_iter().flatten().any(|node| {
        node.attribute("mode") == Some("strict")
            || node.attribute("invalid") == Some("semantic")
            || node.attribute("checkOrderedFunctions") == Some("true")
    });
    let of = input["resourceType"].as_str().and_then(|name| r4().type_named(name));
    let checked = match (&parsed, of) {
        (Ok(expression), Some(of)) if strict => expression.check(r4(), of).map_err(|error| error.to_string()),
        _ => Ok(()),
    };
    let result = match &parsed {
        Ok(_) if checked.is_err() => Err(checked.err().unwrap_or_default()),
        Ok(expression) => {
            expression.evaluate(Item::resource(r4(), input), &environment).map_err(|error| error.to_string())
        }
        Err(error) => Err(error.clone()),
    };
    match (invalid, result) {
        (Some(_), Err(_)) => Ok(()),
        (Some(kind), Ok(items)) => Err(format!("should fail ({kind}), and is {}", shown(&items))),
        (None, Err(error)) => Err(error),
        (None, Ok(items)) if test.attribute("predicate") == Some("true") => {
            let wanted = outputs.first().and_then(Node::text).unwrap_or("true");
            (wanted == (!items.is_empty()).to_string()).then_some(()).ok_or_else(|| shown(&items))
        }
        (None, Ok(items)) => compare(&items, &outputs, test.attribute("ordered") != Some("false")),
    }
}

fn compare(items: &[Item<'_>], outputs: &[Node<'_, '_>], ordered: bool) -> Result<(), String> {
    let wrong = || {
        let wanted: Vec<&str> = outputs.iter().map(|node| node.text().unwrap_or_default()).collect();
        format!("should be {wanted:?}, and is {}", shown(items))
    };
    if items.len() != outputs.len() {
        return Err(wrong());
    }
    let mut left: Vec<&Node<'_, '_>> = outputs.iter().collect();
    for item in items {
        let at = if ordered {
            left.first().filter(|node| fits(item, node)).map(|_| 0)
        } else {
            left.iter().position(|node| fits(item, node))
        };
        left.remove(at.ok_or_else(wrong)?);
    }
    Ok(())
}

/// Whether an item is of the type that is asked for and reads the same.
fn fits(item: &Item<'_>, output: &Node<'_, '_>) -> bool {
    let wanted = output.text().unwrap_or_default();
    let Some(system) = item.system(r4()) else { return false };
    let type_name = match item {
        Item::Element(element) => element.type_id.map_or("", |of| r4().name(of)).to_owned(),
        _ => system.type_name().to_owned(),
    };
    let own = system.type_name();
    let named = |name: &str| name.eq_ignore_ascii_case(&type_name) || name.eq_ignore_ascii_case(own);
    if output.attribute("type").is_some_and(|name| !named(name)) {
        return false;
    }
    let wanted = if matches!(&*system, System::Temporal(_)) {
        wanted.trim_start_matches('@').trim_start_matches('T')
    } else {
        wanted
    };
    system.to_string() == wanted
}

fn shown(items: &[Item<'_>]) -> String {
    let shown = items.iter().map(|item| match item.system(r4()) {
        Some(system) => format!("{}:{system}", system.type_name()),
        None => "an element".to_owned(),
    });
    format!("[{}]", shown.collect::<Vec<_>>().join(", "))
}
