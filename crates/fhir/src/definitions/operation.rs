//! Operations as OperationDefinition resources.

use serde_json::{Value, json};

use super::Definition;
use crate::capability::Operation;

/// A parameter of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its FHIR type; of one that has parts, none.
    pub kind: Option<&'static str>,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it may be given more than once.
    pub many: bool,
    /// What it has in it.
    pub parts: &'static [Parameter],
}

/// What an operation takes and gives.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// What it is for, in a sentence.
    pub description: &'static str,
    /// Whether something is another afterwards.
    pub changes: bool,
    /// What is taken.
    pub takes: &'static [Parameter],
    /// What is given.
    pub gives: &'static [Parameter],
}

/// An operation with the places that it is asked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its code, without the `$`.
    pub name: String,
    /// The URL of its definition.
    pub definition: String,
    /// The types that it is asked of, perhaps `Resource`; none: the whole server alone.
    pub resource_types: Vec<String>,
    /// Of the whole server.
    pub system: bool,
    /// Of a type.
    pub of_type: bool,
    /// Of a resource.
    pub instance: bool,
}

impl Offered {
    /// As a capability statement names it: once for each type, and once for the whole server.
    pub fn operations(&self) -> impl Iterator<Item = Operation> {
        let of_server = self.system.then_some(String::new());
        let all = self.resource_types.iter().cloned().chain(of_server);
        all.map(|resource_type| Operation {
            resource_type,
            name: self.name.clone(),
            definition: self.definition.clone(),
        })
    }
}

/// The definition of an operation.
pub fn operation_definition(offered: &Offered, signature: &Signature) -> Definition {
    let Offered { name, definition, resource_types, .. } = offered;
    let id = definition.rsplit('/').next().unwrap_or_default();
    let takes = signature.takes.iter().map(|one| parameter(one, "in"));
    let gives = signature.gives.iter().map(|one| parameter(one, "out"));
    let mut value = json!({
        "resourceType": "OperationDefinition",
        "id": id,
        "url": definition,
        "name": camel(id),
        "status": "active",
        "kind": "operation",
        "description": signature.description,
        "affectsState": signature.changes,
        "code": name,
        "system": offered.system,
        "type": offered.of_type,
        "instance": offered.instance,
        "parameter": takes.chain(gives).collect::<Vec<_>>(),
    });
    if !resource_types.is_empty() {
        value["resource"] = json!(resource_types);
    }
    Definition::of(&value)
}

fn parameter(parameter: &Parameter, direction: &str) -> Value {
    let mut value = json!({
        "name": parameter.name,
        "use": direction,
        "min": u8::from(parameter.required),
        "max": if parameter.many { "*" } else { "1" },
    });
    if let Some(kind) = parameter.kind {
        value["type"] = kind.into();
    }
    if !parameter.parts.is_empty() {
        value["part"] = parameter.parts.iter().map(|part| self::parameter(part, direction)).collect();
    }
    value
}

/// `Patient-meta-add` as programs name things: `PatientMetaAdd`.
fn camel(id: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    id.split('-').map(word).collect()
}
