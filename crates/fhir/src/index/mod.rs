//! What a resource is found by: index rows and compartments, from the generated search-parameter table.

mod composite;
mod consent;
mod rows;
mod token;
mod version;
mod walk;

use std::collections::HashSet;

use bianque_model::ResourceId;
use bianque_query::{Compartment, IndexRow, IndexValue, Reference};
use serde_json::Value;

use crate::custom::CustomParams;
use crate::tables::{Param, ParamKind, compartments, params};
use crate::validate::{Literal, literal};

pub(crate) use composite::needs_rows;
pub(crate) use rows::LONGEST_TEXT;
pub use version::index_version;

/// The index of one resource.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Indexed {
    /// Each value of each search parameter, once.
    pub rows: Vec<IndexRow>,
    /// Whose record it lies in, sorted.
    pub compartments: Vec<Compartment>,
}

/// The rows of a parameter whose element is there without a value to be found by: a concept of text alone, a contained
/// resource. `:missing` asks for them too.
pub(crate) const PRESENT: &str = "present";

/// The index of a resource. What has not the form of its type gives no row; validation has told of it before.
pub fn index(resource: &Value) -> Indexed {
    let resource_type = resource["resourceType"].as_str().unwrap_or_default();
    let params = params(resource_type);
    let mut rows: Vec<IndexRow> = Vec::with_capacity(32);
    for param in params {
        collected(param.code, &mut rows, |emit| values(param, resource, emit));
        composite::rows(param, resource, &mut rows);
    }
    let compartments = compartments_of(resource, resource_type, |code, found| {
        let of_param = rows.iter().filter(|row| row.param == code);
        of_param.for_each(|row| found(&row.value));
    });
    rows.extend(consent::rules(resource));
    Indexed { rows, compartments }
}

/// Adds the rows of a parameter, each once; `values` gives them and says whether any element is there.
pub(crate) fn collected(code: &str, rows: &mut Vec<IndexRow>, values: impl FnOnce(&mut Emit<'_>) -> bool) {
    let mut unique = Unique { first: rows.len(), many: HashSet::new() };
    let there = values(&mut |modifier, value| {
        let named = if modifier.is_empty() { code.to_owned() } else { format!("{code}:{modifier}") };
        let row = IndexRow { param: named, value };
        if unique.is_new(rows, &row) {
            rows.push(row);
        }
    });
    if there && !rows[unique.first..].iter().any(|row| row.param == code) {
        let value = IndexValue::Token { system: String::new(), code: true.to_string() };
        rows.push(IndexRow { param: format!("{code}:{PRESENT}"), value });
    }
}

/// The patients a resource is about: the Patient compartments it lies in.
pub fn patients(resource: &Value) -> Vec<ResourceId> {
    let resource_type = resource["resourceType"].as_str().unwrap_or_default();
    let params = params(resource_type);
    let all = compartments_of(resource, resource_type, |code, found| {
        if let Some(param) = params.iter().find(|param| param.code == code) {
            values(param, resource, &mut |_, value| found(&value));
        }
    });
    all.into_iter()
        .filter(|compartment| compartment.kind == "Patient")
        .map(|compartment| compartment.id)
        .collect()
}

/// The resources of this server that a resource refers to by one of its search parameters.
pub fn references(resource: &Value, code: &str, custom: &CustomParams) -> Vec<Reference> {
    let resource_type = resource["resourceType"].as_str().unwrap_or_default();
    let mut found = custom.references(resource, code).unwrap_or_default();
    if let Some(param) = params(resource_type).iter().find(|param| param.code == code) {
        values(param, resource, &mut |_, value| {
            if let IndexValue::Reference(reference) = value {
                found.push(reference);
            }
        });
    }
    found
}

/// Values of one parameter beyond this are told apart by hash, so that a resource of many takes no square of time.
const FEW: usize = 32;

/// Which values of a parameter are there already.
struct Unique {
    first: usize,
    many: HashSet<String>,
}

impl Unique {
    fn is_new(&mut self, rows: &[IndexRow], row: &IndexRow) -> bool {
        let before = &rows[self.first..];
        if before.len() < FEW {
            return !before.contains(row);
        }
        if self.many.is_empty() {
            self.many = before.iter().map(|row| format!("{row:?}")).collect();
        }
        self.many.insert(format!("{row:?}"))
    }
}

/// Takes a value with the modifier that it is for; empty: for searches without one of their own.
pub(crate) type Emit<'e> = dyn FnMut(&'static str, IndexValue) + 'e;

/// The values of a parameter; whether any element is there, with a value to be found by or without.
fn values(param: &'static Param, resource: &Value, emit: &mut Emit<'_>) -> bool {
    let mut there = false;
    for path in &param.paths {
        if path.type_name == "presence" {
            emit("", token::presence(resource, path));
        } else {
            walk::each(resource, resource, &path.steps, &mut |value| {
                there = true;
                converted(param.kind, path.type_name, value, emit);
            });
        }
    }
    there
}

/// What a value of a FHIR type is found by.
pub(crate) fn converted(kind: ParamKind, type_name: &str, value: &Value, emit: &mut Emit<'_>) {
    match kind {
        ParamKind::Token => token::rows(type_name, value, emit),
        ParamKind::String => rows::text(type_name, value, &mut |value| emit("", value)),
        ParamKind::Date => rows::date(type_name, value, &mut |value| emit("", value)),
        ParamKind::Reference => rows::reference(type_name, value, &mut |value| emit("", value)),
        ParamKind::Number => rows::number(value, &mut |value| emit("", value)),
        ParamKind::Quantity => rows::quantity(value, emit),
        ParamKind::Uri => rows::uri(type_name, value, &mut |value| emit("", value)),
        ParamKind::Composite | ParamKind::Special => {}
    }
}

/// Whether values of a FHIR type have a form that a parameter of this kind is compared in.
pub(crate) fn convertible(kind: ParamKind, type_name: &str) -> bool {
    match kind {
        ParamKind::Token => matches!(
            type_name,
            "boolean"
                | "code"
                | "string"
                | "id"
                | "uri"
                | "canonical"
                | "oid"
                | "Identifier"
                | "Coding"
                | "CodeableConcept"
                | "ContactPoint"
        ),
        ParamKind::String => {
            matches!(type_name, "string" | "markdown" | "code" | "uri" | "HumanName" | "Address")
        }
        ParamKind::Date => matches!(type_name, "date" | "dateTime" | "instant" | "Period" | "Timing"),
        ParamKind::Number => matches!(type_name, "integer" | "positiveInt" | "unsignedInt" | "decimal"),
        ParamKind::Quantity => {
            matches!(type_name, "Quantity" | "Age" | "Duration" | "Distance" | "Count" | "Money")
        }
        ParamKind::Reference => matches!(type_name, "Reference" | "canonical" | "uri"),
        ParamKind::Uri => matches!(type_name, "uri" | "url" | "canonical" | "oid" | "uuid"),
        ParamKind::Composite | ParamKind::Special => false,
    }
}

/// The compartments by a resource's references; `values` gives the index values of a parameter.
fn compartments_of(
    resource: &Value,
    resource_type: &str,
    values: impl Fn(&str, &mut dyn FnMut(&IndexValue)),
) -> Vec<Compartment> {
    let mut found: Vec<Compartment> = Vec::new();
    for (kind, params) in compartments().get(resource_type).map_or(&[][..], Vec::as_slice) {
        for code in params {
            values(code, &mut |value| {
                if let IndexValue::Reference(reference) = value
                    && reference.resource_type == *kind
                {
                    found.push(Compartment { kind: (*kind).to_owned(), id: reference.id.clone() });
                }
            });
        }
    }
    found.extend(own(resource, resource_type));
    found.extend(secured_by(resource, resource_type));
    found.sort();
    found.dedup();
    found
}

/// A patient, an encounter, ... lies in its own compartment.
fn own(resource: &Value, resource_type: &str) -> Option<Compartment> {
    let owns = matches!(resource_type, "Patient" | "Encounter" | "Practitioner" | "RelatedPerson" | "Device");
    let id = resource["id"].as_str().filter(|_| owns)?.parse().ok()?;
    Some(Compartment { kind: resource_type.to_owned(), id })
}

/// A Binary lies where the resource that stands for its access lies, when that is a compartment's owner.
fn secured_by(resource: &Value, resource_type: &str) -> Option<Compartment> {
    let text = resource["securityContext"]["reference"].as_str().filter(|_| resource_type == "Binary")?;
    match literal(text)? {
        Literal::Local { resource_type: kind @ ("Patient" | "Encounter"), id } => {
            Some(Compartment { kind: kind.to_owned(), id })
        }
        _ => None,
    }
}
