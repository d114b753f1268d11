//! An element against a node of a profile.

use std::collections::HashSet;

use bianque_fhirpath::{Element, Environment, Item, Model, TypeId};
use serde_json::{Map, Value};

use super::super::{ISSUES, Path};
use super::tree::{Context, Node, Profile};
use super::value::{has_pattern, is_same, shown};
use super::{Against, slicing};
use crate::outcome::{Issue, IssueCode, Severity};
use crate::tables::r4;

/// Profiles within profiles.
const NESTED: usize = 24;
/// Elements looked at, each once for every node of a profile that is about it.
const LOOKS: u32 = 1_000_000;

/// One validation against profiles.
pub(super) struct Check<'a> {
    pub(super) against: Against<'a>,
    /// The document.
    pub(super) root: &'a Value,
    /// The resource that is looked at, and the one around it when it is contained.
    pub(super) resource: &'a Value,
    pub(super) container: &'a Value,
    /// Profiles that are being checked, each with the place of the value: a ring of them ends here.
    under_way: HashSet<(usize, usize)>,
    looks: u32,
    pub(super) issues: Vec<Issue>,
}

impl<'a> Check<'a> {
    pub(super) fn new(root: &'a Value, against: Against<'a>) -> Self {
        let under_way = HashSet::new();
        Self { against, root, resource: root, container: root, under_way, looks: 0, issues: Vec::new() }
    }

    pub(super) fn fault(&mut self, code: IssueCode, path: &Path<'_>, message: impl Into<String>) {
        if self.issues.len() < ISSUES {
            self.issues.push(Issue::error(code, message).at(path.to_string()));
        }
    }

    /// A resource with the profiles that are wanted and those that it claims, and all resources inside it.
    pub(super) fn document(&mut self, resource: &'a Value, wanted: &[&str], path: &Path<'_>) {
        let claimed = resource["meta"]["profile"].as_array().map_or(&[][..], Vec::as_slice);
        let claimed = claimed.iter().filter_map(Value::as_str).filter(|url| !wanted.contains(url));
        let urls: Vec<&str> = wanted.iter().copied().chain(claimed).collect();
        let element = Element { value: Some(resource), beside: None, type_id: type_of(resource) };
        for url in urls {
            if let Some(profile) = self.against.profiles.get(url) {
                self.profile(profile, &element, path);
            }
        }
        self.parts(&element, path);
    }

    /// Extensions and resources wherever they are.
    fn parts(&mut self, element: &Element<'a>, path: &Path<'_>) {
        if self.issues.len() >= ISSUES {
            return;
        }
        let Some(Value::Object(members)) = element.value.or(element.beside) else { return };
        if element.type_id.is_some_and(|of| r4().name(of) == "Attachment") {
            self.attachment(members, path);
        }
        if element.type_id.is_some_and(|of| r4().name(of) == "Coding")
            && members.get("system").and_then(Value::as_str).is_some_and(|system| !system.contains(':'))
        {
            self.fault(IssueCode::Value, &path.member("system"), "the system of a code is an absolute URL");
        }
        let of = element.type_id.filter(|_| element.value.is_some()).or_else(|| r4().type_named("Element"));
        for key in members.keys() {
            let bare = key.strip_prefix('_').unwrap_or(key);
            let Some((name, member)) = of.and_then(|of| r4().member(of, bare)) else { continue };
            if key.len() > bare.len() && members.contains_key(bare) {
                continue;
            }
            let at = path.member(name);
            let beside = members.get(member.beside);
            for (index, inner) in values(members.get(bare), beside, member.type_id).into_iter().enumerate() {
                let item = at.item(index);
                let place = if member.many { &item } else { &at };
                match inner.value {
                    Some(value) if r4().is_resource(member.type_id) => {
                        self.inner_resource(value, name, place);
                    }
                    _ => {
                        if matches!(name, "extension" | "modifierExtension") {
                            self.extension(&inner, element, name, path, place);
                        }
                        self.parts(&inner, place);
                    }
                }
            }
        }
    }

    /// The size that is stated is that of the data that is there.
    fn attachment(&mut self, members: &Map<String, Value>, path: &Path<'_>) {
        let size = members.get("size").and_then(Value::as_u64);
        let data = members.get("data").and_then(Value::as_str);
        let Some((size, data)) = size.zip(data) else { return };
        let coded = data.bytes().filter(|b| !b.is_ascii_whitespace());
        let (length, padding) =
            coded.fold((0_u64, 0_u64), |(all, pads), b| (all + 1, pads + u64::from(b == b'=')));
        let there = (length / 4 * 3).saturating_sub(padding);
        if size != there {
            let message = format!("the size is stated as {size} bytes, and the data has {there}");
            self.fault(IssueCode::Value, path, message);
        }
    }

    fn inner_resource(&mut self, value: &'a Value, name: &str, path: &Path<'_>) {
        let (resource, container) = (self.resource, self.container);
        self.container = if name == "contained" { resource } else { value };
        self.resource = value;
        self.document(value, &[], path);
        (self.resource, self.container) = (resource, container);
    }

    /// An extension against its definition, and whether it may stand where it does.
    fn extension(
        &mut self,
        element: &Element<'a>,
        on: &Element<'a>,
        name: &str,
        around: &Path<'_>,
        path: &Path<'_>,
    ) {
        let url = element.value.and_then(|value| value["url"].as_str()).unwrap_or_default();
        let Some(profile) = self.against.profiles.get(url) else { return };
        if profile.of != "Extension" {
            return;
        }
        let contexts = &profile.contexts;
        if !contexts.is_empty() && !contexts.iter().any(|context| self.stands_on(context, on, around)) {
            self.fault(IssueCode::Structure, path, format!("{url} may not stand here"));
        }
        if profile.is_modifier != (name == "modifierExtension") {
            self.fault(IssueCode::Structure, path, format!("{url} may not stand under {name}"));
        }
        self.profile(profile, element, path);
    }

    fn stands_on(&self, context: &'a Context, on: &Element<'a>, around: &Path<'_>) -> bool {
        match context {
            Context::Element(name) => is_at(name, on.type_id, around),
            Context::Extension(url) => on.value.is_some_and(|value| value["url"] == url.as_str()),
            Context::Path(expression) => {
                let environment = Environment::new(r4()).within(self.resource, self.container).lenient();
                let found = expression.evaluate(Item::resource(r4(), self.resource), &environment);
                let is_it =
                    |value: Option<&Value>| value.zip(on.value).is_some_and(|(a, b)| std::ptr::eq(a, b));
                found
                    .unwrap_or_default()
                    .iter()
                    .any(|item| matches!(item, Item::Element(found) if is_it(found.value)))
            }
        }
    }

    /// An element against a whole profile.
    pub(super) fn profile(&mut self, profile: &'a Profile, element: &Element<'a>, path: &Path<'_>) {
        let place = element.value.or(element.beside).map_or(0, |value| std::ptr::from_ref(value).addr());
        let key = (std::ptr::from_ref(profile).addr(), place);
        if self.under_way.len() >= NESTED || !self.under_way.insert(key) {
            return;
        }
        let wanted = r4().type_named(&profile.of);
        let fits = element.type_id.zip(wanted).is_none_or(|(of, wanted)| r4().is_kind_of(of, wanted));
        if fits {
            self.node(&profile.root, element, path);
        } else {
            let message = format!("{} is a profile of {}", profile.url, profile.of);
            self.fault(IssueCode::Structure, path, message);
        }
        self.under_way.remove(&key);
    }

    /// Whether an element fits a profile.
    pub(super) fn fits(&mut self, profile: &'a Profile, element: &Element<'a>, path: &Path<'_>) -> bool {
        self.silently(|check| check.profile(profile, element, path))
    }

    /// Whether a check finds no fault, without telling any.
    pub(super) fn silently(&mut self, then: impl FnOnce(&mut Self)) -> bool {
        let told = std::mem::take(&mut self.issues);
        then(self);
        let found = std::mem::replace(&mut self.issues, told);
        !found.iter().any(|issue| issue.severity == Severity::Error)
    }

    /// An element against a node.
    pub(super) fn node(&mut self, node: &'a Node, element: &Element<'a>, path: &Path<'_>) {
        self.looks += 1;
        if self.looks > LOOKS {
            if self.looks == LOOKS + 1 {
                self.fault(IssueCode::TooCostly, path, "stopped: the profiles take too long to check");
            }
            return;
        }
        self.types(node, element, path);
        self.fixed(node, element, path);
        self.bounds(node, element, path);
        self.binding(node, element, path);
        self.invariants(node, element, path);
        for child in &node.children {
            self.child(child, element, path);
        }
    }

    fn child(&mut self, child: &'a Node, element: &Element<'a>, path: &Path<'_>) {
        let name = child.name.trim_end_matches("[x]");
        let found = members(element, name);
        let at = path.member(name);
        self.cardinality(child, found.len(), &at, None);
        let many = found.first().is_some_and(|(_, many)| *many);
        for (index, (inner, _)) in found.iter().enumerate() {
            let item = at.item(index);
            self.node(child, inner, if many { &item } else { &at });
        }
        if !child.slices.is_empty() || child.slicing.is_some() {
            let values: Vec<Element<'a>> = found.into_iter().map(|(inner, _)| inner).collect();
            slicing::check(self, child, &values, &at, many);
        }
    }

    /// How often an element is there.
    pub(super) fn cardinality(&mut self, node: &Node, count: usize, path: &Path<'_>, slice: Option<&str>) {
        let count = count as u64;
        let what = slice.map_or(String::new(), |slice| format!("slice {slice}: "));
        if let Some(min) = node.min.filter(|min| count < *min) {
            self.fault(
                IssueCode::Required,
                path,
                format!("{what}at least {min} must be there, found {count}"),
            );
        }
        if let Some(max) = node.max.filter(|max| count > *max) {
            self.fault(
                IssueCode::Structure,
                path,
                format!("{what}at most {max} may be there, found {count}"),
            );
        }
    }

    fn fixed(&mut self, node: &Node, element: &Element<'a>, path: &Path<'_>) {
        let Some(value) = element.value else { return };
        if let Some(fixed) = node.fixed.as_ref().filter(|fixed| !is_same(value, fixed)) {
            self.fault(IssueCode::Value, path, format!("the profile fixes this to {}", shown(fixed)));
        }
        if let Some(pattern) = node.pattern.as_ref().filter(|pattern| !has_pattern(value, pattern)) {
            self.fault(IssueCode::Value, path, format!("the profile asks for {}", shown(pattern)));
        }
    }

    fn binding(&mut self, node: &Node, element: &Element<'a>, path: &Path<'_>) {
        let (Some(set), Some(value)) = (&node.required_set, element.value) else { return };
        if self.against.hooks.member_of(value, set) == Some(false) {
            self.fault(IssueCode::CodeInvalid, path, format!("no code of {set}"));
        }
    }
}

/// The type that a resource says it is.
pub(super) fn type_of(resource: &Value) -> Option<TypeId> {
    resource.get("resourceType").and_then(Value::as_str).and_then(|name| r4().type_named(name))
}

/// The values of an element's member, each with whether the member repeats.
pub(super) fn members<'a>(element: &Element<'a>, name: &str) -> Vec<(Element<'a>, bool)> {
    let Some(Value::Object(members)) = element.value.filter(|value| value.is_object()).or(element.beside)
    else {
        return Vec::new();
    };
    let of = element.type_id.filter(|_| element.value.is_some_and(Value::is_object));
    let Some(of) = of.or_else(|| r4().type_named("Element")) else { return Vec::new() };
    let spelled = r4().element(of, name);
    // A choice may be named with its type.
    let one = if spelled.is_empty() { r4().member(of, name).map(|(_, member)| member) } else { None };
    let mut found = Vec::new();
    for member in spelled.iter().chain(&one) {
        let inner = values(members.get(member.json), members.get(member.beside), member.type_id);
        found.extend(inner.into_iter().map(|inner| (inner, member.many)));
    }
    found
}

/// The values of a member in step with what stands beside them.
fn values<'a>(value: Option<&'a Value>, beside: Option<&'a Value>, of: TypeId) -> Vec<Element<'a>> {
    let list = |value: Option<&'a Value>| match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    };
    let (values, besides) = (list(value), list(beside));
    let mut found = Vec::with_capacity(values.len().max(besides.len()));
    for at in 0..values.len().max(besides.len()) {
        let value = values.get(at).copied().filter(|value| !value.is_null());
        let beside = besides.get(at).copied().filter(|beside| beside.is_object());
        let type_id = match value {
            Some(value) if r4().is_resource(of) => type_of(value),
            _ => Some(of),
        };
        if value.is_some() || beside.is_some() {
            found.push(Element { value, beside, type_id });
        }
    }
    found
}

/// Whether an element of this type, at this place, is one that a context names: a type, or a path from a type.
fn is_at(context: &str, of: Option<TypeId>, path: &Path<'_>) -> bool {
    if of.zip(r4().type_named(context)).is_some_and(|(of, wanted)| r4().is_kind_of(of, wanted)) {
        return true;
    }
    let place: String = path.to_string();
    let plain =
        place.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect::<Vec<_>>().join(".");
    let context = context.replace("[x]", "");
    let Some((start, rest)) = context.split_once('.') else { return r4().type_named(&context).is_none() };
    // A path may begin at a datatype, or at a resource that is inside another.
    let begins_here = plain.split('.').next() == Some(start);
    plain == context
        || r4().type_named(start).is_some()
            && plain.ends_with(&format!(".{rest}"))
            && (!begins_here || plain.matches('.').count() > context.matches('.').count())
        || matches!(start, "DomainResource" | "Resource")
            && plain.split_once('.').is_some_and(|(_, after)| after == rest)
}
