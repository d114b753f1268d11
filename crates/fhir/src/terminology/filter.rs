//! Filters of value sets (FHIR R4, ValueSet 4.9.5): conditions on the concepts of a code system.

use std::collections::HashSet;

use regex::{Regex, RegexBuilder};

use super::refusal::Refusal;
use super::set::Filter;
use super::system::{Concept, System};
use crate::ucum;

/// Memory that one expression may take.
const EXPRESSION_BYTES: usize = 1 << 20;
/// The code system whose property `canonical` is computed.
const UCUM: &str = "http://unitsofmeasure.org";

/// A filter that is ready to be asked about concepts.
pub(super) enum Test<'f> {
    IsA {
        above: Option<u32>,
        itself: bool,
        wanted: bool,
    },
    Generalizes {
        below: Option<u32>,
    },
    /// The same, with its concepts found beforehand.
    Among {
        concepts: HashSet<u32>,
        wanted: bool,
    },
    Property {
        name: &'f str,
        wanted: Wanted<'f>,
    },
}

/// What a property must be.
pub(super) enum Wanted<'f> {
    Equal(&'f str),
    OneOf { values: Vec<&'f str>, wanted: bool },
    Matching(Regex),
    There(bool),
}

impl<'f> Test<'f> {
    /// Reads a filter for the concepts of a system.
    pub(super) fn read(filter: &'f Filter, system: &System) -> Result<Self, Refusal> {
        let value: &str = &filter.value;
        let number = system.number(value);
        let is_a = |itself, wanted| Ok(Self::IsA { above: number, itself, wanted });
        match (filter.property.as_ref(), filter.op.as_ref()) {
            ("concept" | "code", "is-a") => is_a(true, true),
            ("concept" | "code", "descendent-of") => is_a(false, true),
            ("concept" | "code", "is-not-a") => is_a(true, false),
            ("concept" | "code", "generalizes") => Ok(Self::Generalizes { below: number }),
            (name, _) => {
                let name = if name == "concept" { "code" } else { name };
                if !is_known(system, name) {
                    return Err(refusal(filter));
                }
                Ok(Self::Property { name, wanted: Wanted::read(filter)? })
            }
        }
    }

    /// The same, for whoever asks it of every concept of the system.
    pub(super) fn for_all_of(self, system: &System) -> Self {
        let (found, itself, wanted) = match &self {
            Self::IsA { above, itself, wanted } => {
                (above.map(|above| (above, system.descendants(above))), *itself, *wanted)
            }
            Self::Generalizes { below } => (below.map(|below| (below, system.ancestors(below))), true, true),
            _ => return self,
        };
        let mut concepts = HashSet::new();
        if let Some((number, others)) = found {
            concepts.extend(others);
            concepts.extend(itself.then_some(number));
        }
        Self::Among { concepts, wanted }
    }

    /// Whether a concept meets it.
    pub(super) fn holds(&self, system: &System, number: u32) -> bool {
        match self {
            Self::IsA { above, itself, wanted } => {
                let is =
                    above.is_some_and(|above| system.is_a(number, above) && (*itself || number != above));
                is == *wanted
            }
            Self::Among { concepts, wanted } => concepts.contains(&number) == *wanted,
            Self::Generalizes { below } => below.is_some_and(|below| system.is_a(below, number)),
            Self::Property { name, wanted } => wanted.accepts(&values(system, number, name)),
        }
    }
}

impl<'f> Wanted<'f> {
    fn read(filter: &'f Filter) -> Result<Self, Refusal> {
        let value: &str = &filter.value;
        let one_of = |wanted| Ok(Self::OneOf { values: value.split(',').map(str::trim).collect(), wanted });
        match filter.op.as_ref() {
            "=" => Ok(Self::Equal(value)),
            "in" => one_of(true),
            "not-in" => one_of(false),
            "exists" => Ok(Self::There(value == "true")),
            "regex" => expression(value).map(Self::Matching).ok_or_else(|| refusal(filter)),
            _ => Err(refusal(filter)),
        }
    }

    fn accepts(&self, values: &[&str]) -> bool {
        match self {
            Self::Equal(wanted) => values.contains(wanted),
            Self::OneOf { values: listed, wanted } => {
                values.iter().any(|value| listed.contains(value)) == *wanted
            }
            Self::Matching(expression) => values.iter().any(|value| expression.is_match(value)),
            Self::There(wanted) => values.is_empty() != *wanted,
        }
    }
}

/// Whether a code of a system without a list meets a filter; none when that cannot be told.
pub(super) fn holds_of_code(filter: &Filter, system: &str, code: &str) -> Option<bool> {
    match (filter.property.as_ref(), filter.op.as_ref()) {
        ("canonical", "=") if system == UCUM => {
            let unit = |code| ucum::canonical(1.0, code).map(|(_, unit)| unit);
            Some(unit(code)? == unit(&filter.value)?)
        }
        ("code" | "concept", "=" | "in" | "not-in" | "regex") => {
            Wanted::read(filter).ok().map(|wanted| wanted.accepts(&[code]))
        }
        _ => None,
    }
}

/// The whole of a code must match. What takes too much memory is none; time is linear in the length of the code.
fn expression(text: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{text})$")).size_limit(EXPRESSION_BYTES).build().ok()
}

fn is_known(system: &System, name: &str) -> bool {
    matches!(
        name,
        "code" | "display" | "definition" | "parent" | "child" | "status" | "inactive" | "notSelectable"
    ) || system.concepts().any(|(_, concept)| concept.properties.iter().any(|(own, _)| own == name))
}

fn values<'s>(system: &'s System, number: u32, name: &str) -> Vec<&'s str> {
    let concept = system.at(number);
    let flag = |is: bool| vec![if is { "true" } else { "false" }];
    let codes = |concepts: Vec<&'s Concept>| concepts.into_iter().map(|concept| &*concept.code).collect();
    match name {
        "code" => vec![&concept.code],
        "display" => vec![&concept.display],
        "definition" => concept.definition.as_deref().into_iter().collect(),
        "parent" => codes(system.parents(number).collect()),
        "child" => codes(system.children(number).collect()),
        "status" => vec![concept.status.code()],
        "inactive" => flag(concept.is_inactive()),
        "notSelectable" => flag(!concept.selectable),
        _ => concept.properties.iter().filter(|(own, _)| own == name).map(|(_, value)| &**value).collect(),
    }
}

fn refusal(filter: &Filter) -> Refusal {
    Refusal::Filter(format!("{} {} {}", filter.property, filter.op, filter.value).chars().take(200).collect())
}
