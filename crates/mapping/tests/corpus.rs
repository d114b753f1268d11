//! Real messages of others, as resources that the server's own validation takes. They are not part of this repository;
//! where they are not beside it, nothing is tested here.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read files, and a failed unwrap is a failed test"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use bianque_hl7v2::{Charset, Message};
use bianque_mapping::{Kind, Sender, to_fhir};
use serde_json::Value;

fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora/hl7v2");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut messages: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "hl7"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    messages.sort();
    messages
}

#[test]
fn every_message_of_a_kind_that_is_taken_is_valid_resources() {
    let sender = Sender { zone: jiff::tz::TimeZone::UTC, authorities: Vec::new(), own: None };
    let (mut mapped, mut kinds): (usize, BTreeMap<String, usize>) = (0, BTreeMap::new());
    let mut wrong = Vec::new();
    for (name, bytes) in corpus() {
        let message = Message::parse(bytes, Charset::UTF_8).unwrap();
        if Kind::of(&message).is_none() {
            continue;
        }
        match to_fhir(&message, &sender) {
            Err(error) => wrong.push(format!("{name}: {error}")),
            Ok(it) => {
                mapped += 1;
                let names: Vec<&str> = it.entries.iter().map(|entry| entry.name.as_str()).collect();
                for entry in &it.entries {
                    *kinds.entry(entry.resource["resourceType"].as_str().unwrap().to_owned()).or_default() +=
                        1;
                    let resource = Value::Object(entry.resource.clone());
                    for issue in bianque_fhir::validate(&resource) {
                        wrong.push(format!("{name}: {}: {issue:?}", entry.name));
                    }
                    for reference in references(&resource) {
                        let known = reference
                            .strip_prefix("urn:hl7v2:entry:")
                            .is_some_and(|one| names.contains(&one));
                        assert!(known, "{name}: {} refers to {reference}", entry.name);
                    }
                }
            }
        }
    }
    eprintln!("{mapped} messages mapped: {kinds:?}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Everything that a resource refers to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let own = members.get("reference").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(list) => list.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
