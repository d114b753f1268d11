//! Codes as they are found, and what is known of code systems.

use super::Terminology;
use super::grammar::Grammar;
use super::set::{Listed, Part};
use super::system::{Concept, Designation, System};

/// A code of a set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'t> {
    pub(super) system: &'t str,
    pub(super) code: &'t str,
    /// As the set lists it, or else the system; empty where neither does.
    pub(super) display: &'t str,
    pub(super) designations: &'t [Designation],
    /// Of the code system, where that is here.
    pub(super) concept: Option<&'t Concept>,
}

/// What is known of a code system.
pub(super) enum Known<'t> {
    Listed(&'t System),
    Grammar(Grammar),
    Nothing,
}

impl Terminology {
    /// What is known of a code system, in this version where one is meant.
    pub(super) fn known(&self, url: &str, version: Option<&str>) -> Known<'_> {
        match (self.system(url, version), Grammar::of(url)) {
            (Some(system), _) => Known::Listed(system),
            (None, Some(grammar)) => Known::Grammar(grammar),
            (None, None) => Known::Nothing,
        }
    }

    /// What is known of the code system of a part.
    pub(super) fn known_of(&self, part: &Part) -> Known<'_> {
        let system = part.system.as_deref().unwrap_or_default();
        match self.known(system, part.version.as_deref()) {
            // The version that a set names may not be here; the codes of another are better than none.
            Known::Nothing => self.known(bare(system), None),
            known => known,
        }
    }
}

impl<'t> Entry<'t> {
    /// A concept of a system.
    pub(super) fn of_concept(system: &'t str, concept: &'t Concept) -> Self {
        Self {
            system,
            code: &concept.code,
            display: &concept.display,
            designations: &concept.designations,
            concept: Some(concept),
        }
    }

    /// A code that a set lists.
    pub(super) fn of_listed(system: &'t str, listed: &'t Listed, known: &Known<'t>) -> Self {
        let concept = match known {
            Known::Listed(found) => found.concept(&listed.code),
            _ => None,
        };
        let display = match known {
            _ if !listed.display.is_empty() => &listed.display,
            Known::Grammar(grammar) => grammar.display(&listed.code).unwrap_or_default(),
            _ => concept.map_or("", |concept| &concept.display),
        };
        let designations = match concept {
            Some(concept) if listed.designations.is_empty() => &concept.designations,
            _ => &listed.designations,
        };
        Self { system: bare(system), code: &listed.code, display, designations, concept }
    }
}

/// The URL of a system, without the version that an include may write behind it.
pub(super) fn bare(system: &str) -> &str {
    system.split_once('|').map_or(system, |(url, _)| url)
}
