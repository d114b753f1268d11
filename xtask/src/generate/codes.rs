//! The code table: what the value sets of required bindings allow, where they can be listed.
//!
//! One line for each set and system: the set, the system, then its codes, all parted by tabs. A set that cannot be
//! listed (all of UCUM, all languages) has no line, and its binding is not checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use super::definitions::{Definitions, last_segment, list, text};

type Codes = BTreeMap<String, Vec<String>>;

/// The table as text.
pub(crate) fn table(definitions: &Definitions, sets: &BTreeSet<String>) -> String {
    let mut out = String::new();
    for url in sets {
        let mut codes = Codes::new();
        if expand(definitions, url, &mut codes).is_none() {
            continue;
        }
        for (system, codes) in codes {
            let _ = writeln!(out, "{}\t{system}\t{}", last_segment(url), codes.join("\t"));
        }
    }
    out
}

/// Lists a value set; none when it cannot be listed from the definitions at hand.
fn expand(definitions: &Definitions, url: &str, codes: &mut Codes) -> Option<()> {
    let set = definitions.value_sets.get(url.split('|').next()?)?;
    if set["compose"]["exclude"].is_array() {
        return None;
    }
    for include in set["compose"]["include"].as_array()? {
        if include["filter"].is_array() {
            return None;
        }
        for inner in list(include, "valueSet").filter_map(Value::as_str) {
            expand(definitions, inner, codes)?;
        }
        let Some(system) = include["system"].as_str() else { continue };
        let listed = codes.entry(system.to_owned()).or_default();
        if include["concept"].is_array() {
            listed.extend(list(include, "concept").map(|concept| text(concept, "code").to_owned()));
        } else {
            let whole =
                definitions.code_systems.get(system).filter(|found| text(found, "content") == "complete")?;
            concepts(whole, listed);
        }
    }
    Some(())
}

fn concepts(parent: &Value, codes: &mut Vec<String>) {
    for concept in list(parent, "concept") {
        codes.push(text(concept, "code").to_owned());
        concepts(concept, codes);
    }
}
