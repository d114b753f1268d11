//! The constraint table: what invariants hold of a type, or of an element.
//!
//! ```text
//! = Patient.contact
//! pat-1 error name.exists() or telecom.exists()<tab>Has at least a contact's details
//! ```
//! A section is a type (a backbone element is one, by its path) or an element that has rules of its own; the expression
//! is FHIRPath, of one line. A type has the rules of its base too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use super::definitions::{Definitions, last_segment, list, text};

/// What the shape of a document is checked for anyway, on every element: those who read this table need not.
const OF_SHAPE: [&str; 6] = ["ele-1", "ext-1", "dom-2", "ref-1", "txt-1", "txt-2"];

/// Asks for an element that its type does not have.
const OF_NOTHING: [&str; 1] = ["cid-0"];

/// The profile of quantities without comparator, and the type it constrains.
const SIMPLE_QUANTITY: (&str, &str) =
    ("SimpleQuantity", "http://hl7.org/fhir/StructureDefinition/SimpleQuantity");

type Rules = BTreeMap<String, BTreeSet<String>>;

/// The table as text.
pub(crate) fn table(definitions: &Definitions) -> String {
    let mut rules = Rules::new();
    for structure in &definitions.structures {
        let id = text(structure, "id");
        for element in list(&structure["snapshot"], "element") {
            let path = text(element, "path");
            // A constraint's snapshot names its base type in the paths.
            let path = path.split_once('.').map_or_else(|| id.to_owned(), |(_, rest)| format!("{id}.{rest}"));
            for constraint in list(element, "constraint") {
                add(&mut rules, &path, constraint);
            }
        }
    }
    for (path, rule) in simple_quantities(definitions, &rules) {
        rules.entry(path).or_default().insert(rule);
    }
    leave_to_bases(definitions, &mut rules);
    let mut out = String::new();
    for (path, rules) in rules {
        let _ = writeln!(out, "= {path}");
        for rule in rules {
            let _ = writeln!(out, "{rule}");
        }
    }
    out
}

fn add(rules: &mut Rules, path: &str, constraint: &Value) {
    let (key, expression) = (text(constraint, "key"), text(constraint, "expression"));
    if OF_SHAPE.contains(&key) || OF_NOTHING.contains(&key) || expression.is_empty() {
        return;
    }
    let expression = one_line(expression);
    let human = one_line(text(constraint, "human"));
    let line = format!("{key} {} {expression}\t{human}", text(constraint, "severity"));
    rules.entry(path.to_owned()).or_default().insert(line);
}

/// Elements that take a quantity of that profile, with its rules.
fn simple_quantities(definitions: &Definitions, rules: &Rules) -> Vec<(String, String)> {
    let (profile, url) = SIMPLE_QUANTITY;
    let of_profile = rules.get(profile).into_iter().flatten().filter(|rule| rule.starts_with("sqty"));
    let of_profile: Vec<&String> = of_profile.collect();
    let mut found = Vec::new();
    for structure in &definitions.structures {
        for element in list(&structure["snapshot"], "element") {
            let takes = list(element, "type").any(|code| list(code, "profile").any(|name| name == url));
            let path = text(element, "path");
            // A choice takes other types beside it.
            if takes && !path.ends_with("[x]") {
                found.extend(of_profile.iter().map(|rule| (path.to_owned(), (*rule).clone())));
            }
        }
    }
    found
}

/// A type has the rules of its base, which stand there once.
fn leave_to_bases(definitions: &Definitions, rules: &mut Rules) {
    let whole = rules.clone();
    let base = |id: &str| {
        let structure = definitions.structures.iter().find(|structure| text(structure, "id") == id)?;
        structure["baseDefinition"].as_str().map(last_segment)
    };
    for structure in &definitions.structures {
        let id = text(structure, "id");
        let mut next = base(id);
        while let (Some(name), Some(own)) = (next, rules.get_mut(id)) {
            own.retain(|rule| !whole.get(name).is_some_and(|inherited| inherited.contains(rule)));
            next = base(name);
        }
    }
    rules.retain(|_, own| !own.is_empty());
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
