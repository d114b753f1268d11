//! The invariants of a resource's types, in FHIRPath.

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
        for (name, value) in members {
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
        let message = match rule.expression.test(item, &environment) {
            Ok(Some(true)) => return,
            Ok(_) if rule.key == "dom-3" && narrative_refers(within.resource) => return,
            Ok(_) => format!("{}: {}", rule.key, rule.human),
            Err(_) if !self.is_shapely => return,
            Err(error) => format!("{}: {} (not evaluated: {error})", rule.key, rule.human),
        };
        let severity = if rule.is_error { Severity::Error } else { Severity::Warning };
        let issue = Issue { severity, ..Issue::error(IssueCode::Invariant, message) };
        self.issues.push(issue.at(path.to_string()));
    }
}

/// Whether every contained resource is named by a narrative, which the expression of dom-3 does not look into.
fn narrative_refers(resource: &Value) -> bool {
    let contained = resource["contained"].as_array().map_or(&[][..], Vec::as_slice);
    let mut narratives = Vec::new();
    gather(resource, &mut narratives);
    let named = |inner: &Value| {
        inner["id"].as_str().is_some_and(|id| {
            let link = format!("\"#{id}\"");
            narratives.iter().any(|text| text.contains(&link))
        })
    };
    !narratives.is_empty() && contained.iter().all(named)
}

fn gather<'v>(value: &'v Value, narratives: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                match inner.as_str().filter(|_| name == "div") {
                    Some(text) => narratives.push(text),
                    None => gather(inner, narratives),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, narratives)),
        _ => {}
    }
}

fn type_id(at: usize) -> Option<TypeId> {
    u32::try_from(at).ok().map(TypeId)
}
