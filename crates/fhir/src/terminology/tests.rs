//! Questions about the code systems and value sets of R4, and about some of a clinic's own.

use std::sync::Arc;

use serde_json::{Value, json};

use super::table::embedded;
use super::{Coding, Expand, Given, Lenience, Lookup, Refusal, Subsumption, Terminology};

const NOW: &str = "2026-01-05T08:00:00Z";
const GENDER: &str = "http://hl7.org/fhir/administrative-gender";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

fn r4() -> &'static Terminology {
    Terminology::embedded()
}

fn with(resources: &[Value]) -> Terminology {
    let given = resources.iter().map(|resource| Arc::new(Given::read(resource).unwrap()));
    Terminology::new(given.collect())
}

fn fhir(name: &str) -> String {
    format!("http://hl7.org/fhir/ValueSet/{name}")
}

fn codes(expanded: &Value) -> Vec<&str> {
    let contains = expanded["expansion"]["contains"].as_array().map_or(&[][..], Vec::as_slice);
    contains.iter().map(|entry| entry["code"].as_str().unwrap()).collect()
}

fn code(system: &str, code: &str) -> Coding {
    Coding { system: Some(system.into()), code: code.into(), ..Coding::default() }
}

fn called(system: &str, of: &str, display: &str) -> Coding {
    Coding { display: Some(display.into()), ..code(system, of) }
}

fn count(url: &str) -> usize {
    r4().codes_in(url).unwrap_or_else(|refusal| panic!("{url}: {refusal}")).len()
}

#[test]
fn everything_embedded_is_read_and_every_set_is_answered() {
    let (systems, sets) = embedded().urls();
    let bare = |urls: &[&str]| urls.iter().filter(|url| !url.contains('|')).count();
    assert_eq!((bare(&systems), bare(&sets)), (1057, 1317));
    let concepts: usize = systems
        .iter()
        .filter(|url| !url.contains('|'))
        .map(|url| embedded().system(url).unwrap().concepts().count())
        .sum();
    assert!(concepts > 20_000, "{concepts}");
    let (mut listed, mut refused) = (0, Vec::new());
    for url in sets.iter().filter(|url| !url.contains('|')) {
        match r4().codes_in(url) {
            Ok(_) => listed += 1,
            Err(refusal) => refused.push((*url, refusal)),
        }
    }
    // What takes from SNOMED CT, LOINC and the like cannot be listed; nothing else fails.
    for (url, refusal) in &refused {
        assert!(!matches!(refusal, Refusal::Nesting(_) | Refusal::TooCostly { .. }), "{url}: {refusal}");
    }
    assert_eq!((listed, refused.len()), (0, 0));
}

#[test]
fn known_sets_have_as_many_codes_as_they_are_published_with() {
    assert_eq!(count(&fhir("administrative-gender")), 4);
    assert_eq!(count(&fhir("resource-types")), 148);
    assert_eq!(count(&fhir("iso3166-1-2")), 249);
    assert_eq!(count(&fhir("iso3166-1-3")), 249);
    assert_eq!(count("http://terminology.hl7.org/ValueSet/v3-ActEncounterCode"), 0);
}
