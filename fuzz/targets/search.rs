//! A type, and behind it the pairs of a search, a line each: whatever they are, they are read into a bounded query or
//! refused, and what was understood is understood again.

#![no_main]

use bianque_fhir::custom::CustomParams;
use bianque_fhir::terminology::Terminology;
use bianque_fhir::{SearchOptions, search};
use bianque_model::Timestamp;
use bianque_query::{Predicate, Scope};
use libfuzzer_sys::fuzz_target;

/// Values of all criteria, times the types that links lead them to.
const CONDITIONS: usize = 4_000;
/// Conditions that one value may become: a composite has a way for each of its elements, an absence one for each row.
const EACH: usize = 4;
/// Links, and what is around a condition itself.
const DEPTH: usize = 40;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.lines();
    let resource_type = lines.next().unwrap_or_default();
    let pairs: Vec<(String, String)> = lines
        .map(|line| line.split_once('=').unwrap_or((line, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let lenient = text.len() % 2 == 1;
    let options = SearchOptions {
        base: "https://bianque.example/fhir",
        lenient,
        now: Timestamp(1_795_867_200_000_000),
        terminology: Terminology::embedded(),
        custom: CustomParams::none(),
    };
    match search(resource_type, &pairs, options) {
        Ok(read) => {
            let query = read.query(Scope::All);
            let (conditions, depth) = size(&query.filter);
            assert!(conditions <= CONDITIONS * EACH && depth <= DEPTH, "{conditions} conditions, {depth} deep");
            let again = search(resource_type, &read.understood, options).expect("what was understood");
            assert_eq!((again.filter, again.order, again.count), (read.filter, read.order, read.count));
        }
        Err(issues) => assert!(!issues.is_empty()),
    }
});

/// How many conditions, and how deep they lie.
fn size(predicate: &Predicate) -> (usize, usize) {
    let several = |all: &[Predicate]| {
        all.iter().map(size).fold((0, 0), |(many, deep), (its, depth)| (many + its, deep.max(depth)))
    };
    let (many, depth) = match predicate {
        Predicate::And(all) | Predicate::Or(all) => several(all),
        Predicate::Not(inner) => size(inner),
        Predicate::Chain { filter, .. } | Predicate::ReferredBy { filter, .. } => size(filter),
        Predicate::Ids(ids) => (ids.len(), 0),
        Predicate::Together { tests, .. } => (tests.len(), 0),
        _ => (1, 0),
    };
    (many, depth + 1)
}
