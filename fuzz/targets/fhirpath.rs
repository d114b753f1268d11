//! An expression, and below its first line a document: whatever both are, the answer comes within the budget.

#![no_main]

use bianque_fhir::{document, r4};
use bianque_fhirpath::{Budget, Environment, Expression, Item, Temporal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (expression, rest) = text.split_once('\n').unwrap_or((text, "{}"));
    let Ok(expression) = Expression::parse(expression) else { return };
    let Ok(resource) = document::parse(rest.as_bytes()) else { return };
    let now = Temporal::date_time("2026-11-28T12:00:00Z").expect("a moment");
    let environment =
        Environment::new(r4()).at(now).within(&resource, &resource).budget(Budget { steps: 20_000, items: 2_000 });
    let _ = expression.evaluate(Item::resource(r4(), &resource), &environment);
    let _ = expression.test(Item::resource(r4(), &resource), &environment.lenient());
});
