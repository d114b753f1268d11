//! Which search parameters put a resource into whose compartment (FHIR R4, CompartmentDefinition).

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Line, lines, resource_types};

/// For a resource type: compartment kinds, each with the parameters that lead there.
pub(crate) type Members = HashMap<&'static str, Vec<(&'static str, Vec<&'static str>)>>;

/// What R4 leaves out and a patient's record needs: a task and a stored photo are about somebody too.
const OURS: [(&str, &str, &str); 2] = [("Patient", "Task", "patient"), ("Encounter", "Task", "encounter")];

/// The table, read at the first call.
pub(crate) fn compartments() -> &'static Members {
    static TABLE: OnceLock<Members> = OnceLock::new();
    TABLE.get_or_init(read)
}

/// The types whose resources may lie in compartments of a kind, sorted; the kind itself among them.
pub fn compartment_members(kind: &str) -> Vec<&'static str> {
    let has = |kinds: &Vec<(&'static str, Vec<&'static str>)>| kinds.iter().any(|(name, _)| *name == kind);
    let mut names: Vec<&'static str> =
        compartments().iter().filter(|(_, kinds)| has(kinds)).map(|(name, _)| *name).collect();
    // What owns a compartment lies in it, and what is stored for somebody's eyes lies with them.
    names.extend(resource_types().iter().filter(|name| **name == kind || **name == "Binary"));
    names.sort_unstable();
    names.dedup();
    names
}

fn read() -> Members {
    let mut members = Members::new();
    let mut kind = "";
    for line in lines(include_str!("../generated/compartments.txt")) {
        match line {
            Line::Section(name) => kind = name,
            Line::Entry(entry) => {
                let mut words = entry.split(' ');
                let name = words.next().unwrap_or_default();
                members.entry(name).or_default().push((kind, words.collect()));
            }
        }
    }
    for (kind, name, param) in OURS {
        members.entry(name).or_default().push((kind, vec![param]));
    }
    members
}
