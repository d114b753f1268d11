//! Terminology (FHIR R4, Terminology Module): what codes there are, what they are called, and what sets they are of.
//!
//! A [`Terminology`] knows the code systems and value sets of R4, which are embedded and read when they are first asked
//! for, and those it is [given](Given); what is given wins. Codes of UCUM, BCP 47, BCP 13, ISO 4217 and ISO 3166
//! are known without a resource. SNOMED CT and LOINC are not: sets that list codes of theirs are.
//!
//! Nothing here reads a store: [`Terminology::references`] says what else a value set would look at.

mod binding;
mod entry;
mod expand;
mod filter;
mod grammar;
mod hierarchy;
mod hooks;
mod list;
mod lookup;
mod membership;
mod refusal;
mod resource;
mod set;
mod subsumes;
mod system;
mod table;
#[cfg(test)]
mod tests;
mod validate_code;
mod way;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

pub(crate) use binding::{Bound, bound};
pub use expand::Expand;
pub use lookup::Lookup;
pub use refusal::Refusal;
pub use subsumes::Subsumption;
pub use validate_code::{Coding, Lenience, Verdict};

use set::Set;
use system::System;
use table::embedded;

/// Codes that are listed at most in one answer.
pub const LISTED: usize = 10_000;

/// Code systems and value sets.
#[derive(Debug, Default)]
pub struct Terminology {
    given: Vec<Arc<Given>>,
    /// What of it has a URL, and a `URL|version`.
    systems: HashMap<String, usize>,
    sets: HashMap<String, usize>,
}

/// A CodeSystem or ValueSet that was read, to be asked again and again.
#[derive(Debug)]
pub struct Given(Kind);

#[derive(Debug)]
enum Kind {
    System(System),
    Set(Set),
}

impl Given {
    /// Reads a resource; none when it is neither, a supplement, or without a URL.
    pub fn read(resource: &Value) -> Option<Self> {
        match resource["resourceType"].as_str()? {
            "CodeSystem" if resource["content"] != "supplement" => {
                resource::system(resource).map(|system| Self(Kind::System(system)))
            }
            "ValueSet" if resource["url"].is_string() => Some(Self(Kind::Set(resource::set(resource)))),
            _ => None,
        }
    }

    /// The URLs of the code systems and value sets that a value set takes from.
    pub fn references(&self) -> Vec<String> {
        match &self.0 {
            Kind::System(_) => Vec::new(),
            Kind::Set(set) => set.references().map(str::to_owned).collect(),
        }
    }
}

impl Terminology {
    /// What is embedded, and these; of two with the same URL and version the first.
    pub fn new(given: Vec<Arc<Given>>) -> Self {
        let mut terminology = Self { given, ..Self::default() };
        for (at, given) in terminology.given.iter().enumerate() {
            let (names, url, version) = match &given.0 {
                Kind::System(system) => (&mut terminology.systems, &system.url, &system.version),
                Kind::Set(set) => (&mut terminology.sets, &set.url, &set.version),
            };
            names.entry(format!("{url}|{version}")).or_insert(at);
            names.entry(url.to_string()).or_insert(at);
        }
        terminology
    }

    /// What is embedded and nothing else.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Terminology> = OnceLock::new();
        EMBEDDED.get_or_init(Self::default)
    }

    /// The URLs of the code systems and value sets that a value set takes from, as far as it is known here.
    pub fn references(&self, url: &str) -> Vec<String> {
        self.set(url).map(|set| set.references().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// The value set of a URL, or of `URL|version`.
    fn set(&self, url: &str) -> Result<&Set, Refusal> {
        let given = self.sets.get(url).and_then(|at| match &self.given[*at].0 {
            Kind::Set(set) => Some(set),
            Kind::System(_) => None,
        });
        given.or_else(|| embedded().set(url)).ok_or_else(|| Refusal::UnknownSet(url.to_owned()))
    }

    /// The code system of a URL, or of `URL|version`, in this version where one is meant.
    fn system(&self, url: &str, version: Option<&str>) -> Option<&System> {
        let find = |key: &str| {
            let given = self.systems.get(key).and_then(|at| match &self.given[*at].0 {
                Kind::System(system) => Some(system),
                Kind::Set(_) => None,
            });
            given.or_else(|| embedded().system(key))
        };
        match version {
            Some(version) => find(&format!("{url}|{version}")),
            None => find(url),
        }
    }
}

/// Finds now where each code system and value set begins.
pub(crate) fn warm() {
    embedded();
}
