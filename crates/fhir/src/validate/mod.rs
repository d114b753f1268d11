//! Whether a document is a FHIR R4 resource: its structure, from the generated element table.
//!
//! Checked: unknown elements, cardinality, JSON types, the formats of primitives, one value of a choice, required
//! bindings that can be listed, references and their targets, contained resources, narrative; then the invariants of
//! its types.

mod bundle;
mod compare;
mod display;
mod invariant;
mod narrative;
mod object;
mod path;
mod primitive;
mod profile;
mod reference;
mod response;

use std::collections::HashSet;

use serde_json::Value;

use crate::outcome::{Issue, IssueCode, Severity};
use crate::tables::{Kind, elements};

pub(crate) use narrative::is_narrative;
pub(crate) use path::Path;
pub(crate) use primitive::Primitive;
pub use profile::{Against, ProfileError, Profiles, validate_against};
pub(crate) use reference::{Literal, literal};

/// Faults told of one document.
const ISSUES: usize = 100;

/// The faults of a resource, at most 100; empty when it is one.
pub fn validate(resource: &Value) -> Vec<Issue> {
    let mut issues = shape(resource);
    invariant::check(resource, false, &mut issues);
    issues.truncate(ISSUES);
    issues
}

/// The same with what R4 only warns of and with displays that codes do not have, faults first.
pub fn validate_with_warnings(resource: &Value) -> Vec<Issue> {
    let mut issues = shape(resource);
    invariant::check(resource, true, &mut issues);
    display::check(resource, &mut issues);
    issues.sort_by_key(|issue| issue.severity != Severity::Error);
    issues.truncate(ISSUES);
    issues
}

/// Faults in structure, values and references.
fn shape(resource: &Value) -> Vec<Issue> {
    let mut walk = Walk { issues: Vec::new(), contained: HashSet::new(), inside_contained: false };
    let name = resource.get("resourceType").and_then(Value::as_str).unwrap_or("Resource");
    walk.resource(resource, &Path::root(name));
    walk.issues
}

/// One pass over a document.
struct Walk<'v> {
    issues: Vec<Issue>,
    /// Ids of the contained resources that local references may name.
    contained: HashSet<&'v str>,
    inside_contained: bool,
}

impl<'v> Walk<'v> {
    fn fault(&mut self, code: IssueCode, path: &Path<'_>, message: impl Into<String>) {
        if self.issues.len() < ISSUES {
            self.issues.push(Issue::error(code, message).at(path.to_string()));
        }
    }

    /// Whether enough was found to stop looking.
    fn full(&self) -> bool {
        self.issues.len() >= ISSUES
    }

    /// A resource: the document itself, a contained one, or one inside a Bundle or Parameters.
    fn resource(&mut self, value: &'v Value, path: &Path<'_>) {
        let Value::Object(members) = value else {
            return self.fault(IssueCode::Structure, path, "a resource is a JSON object");
        };
        let Some(name) = members.get("resourceType").and_then(Value::as_str) else {
            return self.fault(IssueCode::Structure, path, "resourceType is missing");
        };
        let Some(found) = elements().by_name(name).filter(|found| found.kind == Kind::Resource) else {
            let name: String = name.chars().take(64).collect();
            return self.fault(
                IssueCode::Structure,
                path,
                format!("{name:?} is no resource type of FHIR R4"),
            );
        };
        if let Some(id) = members.get("id").and_then(Value::as_str)
            && !Primitive::Id.accepts(id)
        {
            self.fault(IssueCode::Value, &path.member("id"), "an id is 1 to 64 letters, digits, '-' and '.'");
        }
        let outer = if self.inside_contained { None } else { Some(self.enter(members, path)) };
        self.object(found, members, path);
        if let Some(outer) = outer {
            self.contained = outer;
        }
    }

    /// Remembers the contained resources of a resource; answers those of the one around it.
    fn enter(&mut self, members: &'v serde_json::Map<String, Value>, path: &Path<'_>) -> HashSet<&'v str> {
        let contained = members.get("contained").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut ids: HashSet<&str> = HashSet::with_capacity(contained.len());
        for (at, inner) in contained.iter().enumerate() {
            let (list, id) = (path.member("contained"), inner.get("id").and_then(Value::as_str));
            match id {
                Some(id) if ids.insert(id) => {}
                Some(_) => {
                    self.fault(IssueCode::Duplicate, &list.item(at), "two contained resources have this id");
                }
                None => self.fault(IssueCode::Required, &list.item(at), "a contained resource needs an id"),
            }
        }
        std::mem::replace(&mut self.contained, ids)
    }
}
