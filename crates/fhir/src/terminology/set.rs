//! A value set in memory: what it takes from where.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::system::{Designation, Text};

/// Lists longer than this are looked up by a table.
const SHORT: usize = 16;

/// A value set.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) url: Text,
    pub(super) version: Text,
    pub(super) name: Text,
    pub(super) title: Text,
    pub(super) status: Text,
    /// Whether it says that codes out of use are not of it.
    pub(super) active_only: bool,
    pub(super) include: Vec<Part>,
    pub(super) exclude: Vec<Part>,
}

/// Codes that meet all of these conditions.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Of this code system.
    pub(super) system: Option<Text>,
    pub(super) version: Option<Text>,
    /// These; any, when there are none.
    pub(super) concepts: Vec<Listed>,
    /// With these properties.
    pub(super) filters: Vec<Filter>,
    /// In each of these value sets.
    pub(super) sets: Vec<Text>,
    /// Places in `concepts`, made when one is first looked for.
    pub(super) places: OnceLock<HashMap<Text, usize>>,
}

/// A code that a value set lists.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) code: Text,
    /// Empty when it is the code system's.
    pub(super) display: Text,
    pub(super) designations: Vec<Designation>,
}

/// A condition on a property.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) property: Text,
    pub(super) op: Text,
    pub(super) value: Text,
}

impl Part {
    /// A listed code.
    pub(super) fn listed(&self, code: &str) -> Option<&Listed> {
        if self.concepts.len() <= SHORT {
            return self.concepts.iter().find(|listed| listed.code == code);
        }
        let places = self.places.get_or_init(|| {
            let codes = self.concepts.iter().enumerate();
            codes.rev().map(|(at, listed)| (listed.code.clone(), at)).collect()
        });
        places.get(code).map(|at| &self.concepts[*at])
    }
}

impl Set {
    /// The URLs of the code systems and value sets that it names.
    pub(super) fn references(&self) -> impl Iterator<Item = &str> {
        let parts = self.include.iter().chain(&self.exclude);
        parts.flat_map(|part| part.system.iter().chain(&part.sets)).map(AsRef::as_ref)
    }
}
