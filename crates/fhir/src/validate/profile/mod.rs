//! Resources against profiles: StructureDefinitions that constrain the types of R4 (FHIR R4, Profiling 5.1).
//!
//! A profile is compiled once into a tree of what it says beyond R4: its differential over the tree of its base, or its
//! snapshot when the base is not at hand. Checked: cardinality, types and their profiles, where references may point,
//! fixed values and patterns, bounds, length, required bindings as far as they can be answered, slices and extensions,
//! invariants.

mod check;
mod compile;
mod discriminator;
mod invariant;
mod slicing;
mod target;
mod tree;
mod value;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bianque_fhirpath::{Hooks, Nothing, Resolver};
use serde_json::Value;

use super::{ISSUES, Path, bundle, invariant as own, response, shape};
use crate::outcome::{Issue, Severity};
use crate::terminology::Terminology;

pub use compile::ProfileError;

use check::Check;
use target::Inside;
use tree::Profile;

/// Compiled profiles and definitions of extensions, by canonical URL.
#[derive(Debug, Default)]
pub struct Profiles {
    by_url: HashMap<String, Arc<Profile>>,
    refused: BTreeMap<String, ProfileError>,
}

impl Profiles {
    /// Compiles StructureDefinitions; those that build upon each other come together. What is none is passed over.
    pub fn new<'v>(definitions: impl IntoIterator<Item = &'v Value>) -> Self {
        let mut profiles = Self::default();
        profiles.add(definitions);
        profiles
    }

    /// Adds more, which may build upon those that are there.
    pub fn add<'v>(&mut self, definitions: impl IntoIterator<Item = &'v Value>) {
        compile::add(self, definitions.into_iter().collect());
    }

    /// Definitions that were not taken, with the reason.
    pub const fn refused(&self) -> &BTreeMap<String, ProfileError> {
        &self.refused
    }

    /// Whether a profile is there.
    pub fn has(&self, url: &str) -> bool {
        self.get(url).is_some()
    }

    /// The profile of a canonical URL, whose version is not looked at.
    fn get(&self, url: &str) -> Option<&Profile> {
        self.shared(url).map(|found| &**found)
    }

    fn shared(&self, url: &str) -> Option<&Arc<Profile>> {
        let (bare, part) = url.split_once('#').map_or((url, ""), |(bare, part)| (bare, part));
        let bare = bare.split('|').next().unwrap_or(bare);
        if part.is_empty() { self.by_url.get(bare) } else { self.by_url.get(&format!("{bare}#{part}")) }
    }
}

/// What a resource is validated with.
#[derive(Clone, Copy)]
pub struct Against<'a> {
    /// The profiles there are.
    pub profiles: &'a Profiles,
    /// Value sets.
    pub hooks: &'a dyn Hooks,
    /// Resources that references point at, beside those inside the document.
    pub resolver: &'a dyn Resolver<'a>,
}

impl<'a> Against<'a> {
    /// Profiles with the value sets of a terminology; references lead nowhere but inside the document.
    pub fn new(profiles: &'a Profiles, codes: &'a Terminology) -> Self {
        Self { profiles, hooks: codes, resolver: &Nothing }
    }
}

/// The faults of a resource: those of [`super::validate`], and those against the profiles that are asked for, that the
/// resource and those inside it say of themselves (`meta.profile`), and those of its extensions, as far as they are there.
/// A Bundle is held to its rules for URLs and links too, and answers to their Questionnaire, when the resolver has it. At
/// most 100, with warnings after faults.
pub fn validate_against<'a>(resource: &'a Value, wanted: &[&str], against: Against<'a>) -> Vec<Issue> {
    let mut issues = shape(resource);
    own::check(resource, true, &mut issues);
    let name = resource.get("resourceType").and_then(Value::as_str).unwrap_or("Resource");
    bundle::check(resource, &mut issues);
    if let Some(questionnaire) = questionnaire_of(resource, against.resolver) {
        response::check(resource, questionnaire, against.hooks, &mut issues);
    }
    let inside = Inside { root: resource, outside: against.resolver };
    let against = Against { profiles: against.profiles, hooks: against.hooks, resolver: &inside };
    let mut check = Check::new(resource, against);
    check.document(resource, wanted, &Path::root(name));
    for issue in check.issues {
        if !issues.contains(&issue) {
            issues.push(issue);
        }
    }
    issues.sort_by_key(|issue| issue.severity != Severity::Error);
    issues.truncate(ISSUES);
    issues
}

/// The Questionnaire of a QuestionnaireResponse: contained, or by its canonical URL without the version.
fn questionnaire_of<'a>(resource: &'a Value, resolver: &dyn Resolver<'a>) -> Option<&'a Value> {
    if resource["resourceType"] != "QuestionnaireResponse" {
        return None;
    }
    let url = resource["questionnaire"].as_str()?;
    let found = match url.strip_prefix('#') {
        Some(id) => resource["contained"].as_array()?.iter().find(|inner| inner["id"] == id),
        None => resolver.resolve(url.split('|').next().unwrap_or(url)),
    };
    found.filter(|found| found["resourceType"] == "Questionnaire")
}
