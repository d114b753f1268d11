//! The invariants of a resource's types, in FHIRPath.

use std::collections::HashSet;

use bianque_fhirpath::{Environment, Item, TypeId};
use serde_json::Value;

use super::{ISSUES, Path};
use crate::outcome::{Issue, IssueCode, Severity};
use crate::tables::{Constraint, Field, Kind, Type, constraints, elements, r4};

/// Adds what the invariants say of a resource, warnings too where they are wanted. Expressions that a document of another
/// shape makes impossible are passed over when faults were found in its shape already.
pub(super) fn check(resource: &Value, warnings: bool, issues: &mut Vec<Issue>) {
    let mut walk = Invariants { warnings, is_shapely: issues.is_empty(), issues };
    let name = resource.get("resourceType").and_then(Value::as_str).unwrap_or("Resource");
    walk.resource(resource, None, &Path::root(name));
}

struct Invariants<'i> {
    warnings: bool,
    is_shapely: bool,
    issues: &'i mut Vec<Issue>,
}

/// The resource that an element is of, and the one around that.
#[derive(Clone, Copy)]
struct Within<'v> {
    resource: &'v Value,
    root: &'v Value,
}

impl Invariants<'_> {
    /// A resource; the one around it when it is contained.
    fn resource<'v>(&mut self, value: &'v Value, container: Option<&'v Value>, path: &Path<'_>) {
        let name = value.get("resourceType").and_then(Value::as_str);
        let Some(found) = name.and_then(|name| elements().by_name(name)) else { return };
        if found.kind == Kind::Resource {
            let within = Within { resource: value, root: container.unwrap_or(value) };
            self.object(found, value, within, path);
        }
    }

    /// An object and all below it.
    fn object<'v>(&mut self, found: &'static Type, value: &'v Value, within: Within<'v>, path: &Path<'_>) {
        let Value::Object(members) = value else { return };
        for rule in constraints().of_type(found.at) {
            self.rule(rule, Item::element(value, None, type_id(found.at)), within, path);
        }
        let of_elements = constraints().has_elements(found.at);
        for (name, value) in members {
            if !of_elements && is_plain(value) {
                continue;
            }
            let bare = name.strip_prefix('_').unwrap_or(name);
            let Some(field) = found.field(bare) else { continue };
            let rules = constraints().of_element(found.at, field.element);
            let at = path.member(field.element);
            match value {
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(field, item, bare.len() < name.len(), rules, within, &at.item(index));
                    }
                }
                _ => self.value(field, value, bare.len() < name.len(), rules, within, &at),
            }
            if self.issues.len() >= ISSUES {
                return;
            }
        }
    }

    /// One value of a member, or what stands beside a primitive.
    fn value<'v>(
        &mut self,
        field: &'static Field,
        value: &'v Value,
        beside: bool,
        rules: &[&'static Constraint],
        within: Within<'v>,
        path: &Path<'_>,
    ) {
        let Some(found) = elements().type_of(field) else { return };
        if beside {
            if let Some(element) = elements().by_name("Element") {
                self.object(element, value, within, path);
            }
            return;
        }
        if value.is_null() {
            return;
        }
        for rule in rules {
            self.rule(rule, Item::element(value, None, type_id(found.at)), within, path);
        }
        match found.kind {
            Kind::Primitive(_) => {}
            Kind::AnyResource | Kind::Resource => {
                let container = (field.name == "contained").then_some(within.root);
                self.resource(value, container, path);
            }
            Kind::Object | Kind::Abstract => self.object(found, value, within, path),
        }
    }

    fn rule<'v>(&mut self, rule: &'static Constraint, item: Item<'v>, within: Within<'v>, path: &Path<'_>) {
        if !rule.is_error && !self.warnings {
            return;
        }
        let environment = Environment::new(r4()).within(within.resource, within.root).lenient();
        let answer = if rule.key == "dom-3" {
            Ok(Some(contained_belong(within.resource)))
        } else {
            rule.expression.test(item, &environment)
        };
        let message = match answer {
            Ok(Some(true)) => return,
            Ok(_) => format!("{}: {}", rule.key, rule.human),
            Err(_) if !self.is_shapely => return,
            Err(error) => format!("{}: {} (not evaluated: {error})", rule.key, rule.human),
        };
        let severity = if rule.is_error { Severity::Error } else { Severity::Warning };
        let issue = Issue { severity, ..Issue::error(IssueCode::Invariant, message) };
        self.issues.push(issue.at(path.to_string()));
    }
}

/// dom-3: every contained resource is referred to, or refers to the resource around it. Its expression gathers all that is
/// in the resource four times for each of them; here it is done once. A link of the narrative counts too.
fn contained_belong(resource: &Value) -> bool {
    let contained = resource["contained"].as_array().map_or(&[][..], Vec::as_slice);
    if contained.is_empty() {
        return true;
    }
    let mut links = Links::default();
    links.gather(resource);
    contained.iter().all(|inner| {
        // That it has none is told already.
        let Some(id) = inner["id"].as_str() else { return true };
        let named = links.fragments.contains(id) || {
            let link = format!("\"#{id}\"");
            links.narratives.iter().any(|text| text.contains(&link))
        };
        named || {
            let mut own = Links::default();
            own.gather(inner);
            own.fragments.contains("")
        }
    })
}

/// What stands in a resource that may point into it.
#[derive(Default)]
struct Links<'v> {
    /// What follows the `#` of texts that begin with it.
    fragments: HashSet<&'v str>,
    narratives: Vec<&'v str>,
}

impl<'v> Links<'v> {
    fn gather(&mut self, value: &'v Value) {
        match value {
            Value::Object(members) => {
                for (name, inner) in members {
                    match inner.as_str().filter(|_| name == "div") {
                        Some(text) => self.narratives.push(text),
                        None => self.gather(inner),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.gather(item)),
            Value::String(text) => self.fragments.extend(text.strip_prefix('#')),
            _ => {}
        }
    }
}

/// Whether a member holds nothing but primitives, of which there are rules for single elements only.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(items) => !items.iter().any(Value::is_object),
        _ => true,
    }
}

fn type_id(at: usize) -> Option<TypeId> {
    u32::try_from(at).ok().map(TypeId)
}
