//! An object against the members of its type.

use serde_json::{Map, Value};

use super::{Path, Primitive, Walk, narrative};
use crate::outcome::IssueCode;
use crate::tables::{Field, Kind, Type, elements};
use crate::terminology::Bound;

type Members = Map<String, Value>;

impl<'v> Walk<'v> {
    /// An object of a known type.
    pub(super) fn object(&mut self, found: &'static Type, members: &'v Members, path: &Path<'_>) {
        self.must_have(found, members, path);
        let mut choices: Vec<(&str, &str)> = Vec::new();
        for (name, value) in members {
            if self.full() {
                return;
            }
            if name == "resourceType" && found.kind == Kind::Resource {
                continue;
            }
            let bare = name.strip_prefix('_').unwrap_or(name);
            let Some(field) = found.field(bare) else {
                let message = format!("{} has no such element", found.name);
                self.fault(IssueCode::Structure, &path.member(name), message);
                continue;
            };
            if field.element != field.name {
                match choices.iter().find(|(element, _)| *element == field.element) {
                    Some((_, before)) if *before != field.name => {
                        let message = format!("only one of {before} and {} may be there", field.name);
                        self.fault(IssueCode::Structure, &path.member(field.element), message);
                    }
                    Some(_) => {}
                    None => choices.push((field.element, field.name)),
                }
            }
            let at = path.member(field.element);
            if bare.len() < name.len() {
                self.extensions(field, value, members.contains_key(bare), &at);
            } else {
                self.member(field, value, members, &at);
            }
        }
        self.particular(found, members, path);
    }

    fn must_have(&mut self, found: &'static Type, members: &Members, path: &Path<'_>) {
        if members.is_empty() {
            return self.fault(IssueCode::Structure, path, "an object may not be empty");
        }
        for (element, spellings) in found.required() {
            let there = spellings.iter().any(|name| {
                members.contains_key(*name) || members.keys().any(|key| key.strip_prefix('_') == Some(*name))
            });
            if !there {
                self.fault(IssueCode::Required, &path.member(element), "this element must be there");
            }
        }
    }

    /// A member under its own name.
    fn member(&mut self, field: &'static Field, value: &'v Value, members: &'v Members, path: &Path<'_>) {
        match (field.many, value) {
            (true, Value::Array(items)) if items.is_empty() => {
                self.fault(IssueCode::Structure, path, "an array may not be empty");
            }
            (true, Value::Array(items)) => {
                let beside = if items.contains(&Value::Null) { beside(field, members) } else { &[] };
                for (at, item) in items.iter().enumerate() {
                    if item.is_null() && beside.get(at).is_some_and(Value::is_object) {
                        continue;
                    }
                    self.value(field, item, &path.item(at));
                    if self.full() {
                        return;
                    }
                }
            }
            (true, _) => self.fault(IssueCode::Structure, path, "this element repeats: expected an array"),
            (false, Value::Array(_)) => {
                self.fault(
                    IssueCode::Structure,
                    path,
                    "this element does not repeat: an array has no place here",
                );
            }
            (false, _) => self.value(field, value, path),
        }
    }

    /// One value of a member.
    fn value(&mut self, field: &'static Field, value: &'v Value, path: &Path<'_>) {
        let Some(found) = elements().type_of(field) else { return };
        match found.kind {
            Kind::Primitive(primitive) => {
                if let Some(fault) = primitive.fault(value) {
                    self.fault(IssueCode::Value, path, fault);
                } else if primitive == Primitive::Xhtml {
                    if let Some(fault) = value.as_str().and_then(narrative::fault) {
                        self.fault(IssueCode::Invalid, path, fault);
                    }
                } else if let (Some(codes), Some(code)) = (elements().codes_of(field), value.as_str())
                    && !codes.has(code)
                {
                    self.unknown_code(codes, code, path);
                }
            }
            Kind::AnyResource | Kind::Resource => self.inner_resource(field, value, path),
            Kind::Object | Kind::Abstract => {
                let Value::Object(members) = value else {
                    return self.fault(
                        IssueCode::Structure,
                        path,
                        format!("expected an object ({})", found.name),
                    );
                };
                self.object(found, members, path);
                match found.name {
                    "Reference" => self.reference(field, members, path),
                    "CodeableConcept" => self.concept(field, members, path),
                    "Coding" | "Quantity" => self.coding(field, value, path),
                    _ => {}
                }
            }
        }
    }

    fn inner_resource(&mut self, field: &'static Field, value: &'v Value, path: &Path<'_>) {
        if field.name != "contained" {
            // The resource of a Bundle's entry stands by itself.
            let outside = std::mem::replace(&mut self.inside_contained, false);
            self.resource(value, path);
            self.inside_contained = outside;
        } else if self.inside_contained {
            self.fault(IssueCode::Structure, path, "a contained resource contains no others");
        } else {
            self.inside_contained = true;
            self.resource(value, path);
            self.inside_contained = false;
        }
    }

    /// `_name`: id and extensions of a primitive, in step with its values.
    fn extensions(&mut self, field: &'static Field, value: &'v Value, has_value: bool, path: &Path<'_>) {
        let primitive =
            elements().type_of(field).is_some_and(|found| matches!(found.kind, Kind::Primitive(_)));
        let Some(element) = elements().by_name("Element").filter(|_| primitive) else {
            let message = format!("_{} has no place here: {} is no primitive", field.name, field.type_name);
            return self.fault(IssueCode::Structure, path, message);
        };
        match (field.many, value) {
            (false, Value::Object(members)) => {
                self.object(element, members, path);
                if !has_value && !members.contains_key("extension") {
                    self.fault(
                        IssueCode::Invariant,
                        path,
                        "an element has a value or children besides its id",
                    );
                }
            }
            (true, Value::Array(items)) if !items.is_empty() => {
                for (at, item) in items.iter().enumerate() {
                    match item {
                        Value::Null => {}
                        Value::Object(members) => self.object(element, members, &path.item(at)),
                        _ => self.fault(IssueCode::Structure, &path.item(at), "expected an object or null"),
                    }
                }
            }
            (false, _) => self.fault(IssueCode::Structure, path, "expected an object with id or extension"),
            (true, _) => {
                self.fault(IssueCode::Structure, path, "expected an array of objects with id or extension");
            }
        }
    }

    /// A CodeableConcept bound to a set must have one code of it.
    fn concept(&mut self, field: &'static Field, members: &'v Members, path: &Path<'_>) {
        let Some(codes) = elements().codes_of(field) else { return };
        let codings = members.get("coding").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if !codings.iter().any(|coding| of_set(codes, coding)) {
            let code = codings.first().and_then(|coding| coding["code"].as_str()).unwrap_or_default();
            self.unknown_code(codes, code, path);
        }
    }

    /// A Coding or Quantity bound to a set must be of it.
    fn coding(&mut self, field: &'static Field, value: &Value, path: &Path<'_>) {
        if let Some(codes) = elements().codes_of(field)
            && !of_set(codes, value)
        {
            self.unknown_code(codes, value["code"].as_str().unwrap_or_default(), path);
        }
    }

    fn unknown_code(&mut self, codes: &Bound, code: &str, path: &Path<'_>) {
        let code: String = code.chars().take(64).collect();
        let some = codes.some();
        self.fault(IssueCode::CodeInvalid, path, format!("{code:?} is not of the value set ({some})"));
    }

    /// The rules of a few types that every document meets.
    fn particular(&mut self, found: &'static Type, members: &Members, path: &Path<'_>) {
        if found.name == "Extension" {
            let has_value = members.keys().any(|name| name.trim_start_matches('_').starts_with("value"));
            if has_value == members.contains_key("extension") {
                let message = "an extension has either a value or extensions, and one of the two";
                self.fault(IssueCode::Invariant, path, message);
            }
        } else if found.kind == Kind::Object
            && found.name != "Element"
            && members.len() == 1
            && members.contains_key("id")
        {
            self.fault(IssueCode::Invariant, path, "an element has a value or children besides its id");
        }
    }
}

/// Whether a Coding, or a Quantity, has a code of a set.
fn of_set(codes: &Bound, coding: &Value) -> bool {
    let (system, code) = (coding["system"].as_str(), coding["code"].as_str());
    system.zip(code).is_some_and(|(system, code)| codes.has_in(system, code))
}

/// The `_name` array beside an array of primitives, whose objects stand where values are null.
fn beside<'v>(field: &Field, members: &'v Members) -> &'v [Value] {
    let items = members.get(&format!("_{}", field.name)).and_then(Value::as_array);
    items.map_or(&[], Vec::as_slice)
}
