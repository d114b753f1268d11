//! What is known of a code (FHIR R4, CodeSystem `$lookup`).

use serde_json::{Value, json};

use super::Terminology;
use super::entry::Known;
use super::expand::in_language;
use super::refusal::Refusal;
use super::system::System;

/// What is asked of a code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookup {
    /// URL of its code system.
    pub system: String,
    /// The version of that, where one is meant.
    pub version: Option<String>,
    /// The code.
    pub code: String,
    /// The language of the display.
    pub language: Option<String>,
    /// The properties to answer; all, when none is named.
    pub properties: Vec<String>,
}

impl Lookup {
    fn wants(&self, property: &str) -> bool {
        self.properties.is_empty() || self.properties.iter().any(|own| own == property || own == "*")
    }
}

impl Terminology {
    /// What is known of a code, as Parameters: the name of its system, its display, designations, and as properties its
    /// parents, children, status and what else the system says.
    pub fn lookup(&self, asked: &Lookup) -> Result<Value, Refusal> {
        let version = asked.version.as_deref();
        let unknown = || Refusal::UnknownCode { system: asked.system.clone(), code: asked.code.clone() };
        match self.known(&asked.system, version) {
            Known::Nothing => Err(Refusal::UnknownSystem(asked.system.clone())),
            Known::Grammar(grammar) if grammar.has(&asked.code) => {
                let display = grammar.display(&asked.code).filter(|display| !display.is_empty());
                Ok(parameters(&[
                    json!({"name": "name", "valueString": grammar.name()}),
                    json!({"name": "display", "valueString": display.unwrap_or(&asked.code)}),
                ]))
            }
            Known::Grammar(_) => Err(unknown()),
            Known::Listed(system) => {
                let Some(number) = system.number(&asked.code) else {
                    return self.concept_of(&asked.system, &asked.code).and(Err(unknown()));
                };
                Ok(parameters(&concept(asked, system, number)))
            }
        }
    }
}

fn parameters(parameter: &[Value]) -> Value {
    json!({"resourceType": "Parameters", "parameter": parameter})
}

fn concept(asked: &Lookup, system: &System, number: u32) -> Vec<Value> {
    let concept = system.at(number);
    let name = if system.name.is_empty() { &system.url } else { &system.name };
    let mut answer = vec![json!({"name": "name", "valueString": name})];
    if !system.version.is_empty() {
        answer.push(json!({"name": "version", "valueString": system.version}));
    }
    let display = in_language(&concept.designations, asked.language.as_deref()).unwrap_or(&concept.display);
    let display = if display.is_empty() { &concept.code } else { display };
    answer.push(json!({"name": "display", "valueString": display}));
    if asked.wants("designation") {
        answer.extend(concept.designations.iter().map(|designation| {
            let mut parts = vec![json!({"name": "value", "valueString": designation.value})];
            if !designation.language.is_empty() {
                parts.insert(0, json!({"name": "language", "valueCode": designation.language}));
            }
            json!({"name": "designation", "part": parts})
        }));
    }
    let mut property = |code: &str, name: &str, value: Value| {
        if asked.wants(code) {
            let value = json!({"name": "value", name: value});
            answer.push(json!({"name": "property", "part": [{"name": "code", "valueCode": code}, value]}));
        }
    };
    for parent in system.parents(number) {
        property("parent", "valueCode", json!(parent.code));
    }
    for child in system.children(number) {
        property("child", "valueCode", json!(child.code));
    }
    property("status", "valueCode", json!(concept.status.code()));
    property("inactive", "valueBoolean", json!(concept.is_inactive()));
    property("notSelectable", "valueBoolean", json!(!concept.selectable));
    if let Some(definition) = &concept.definition {
        property("definition", "valueString", json!(definition));
    }
    for (code, value) in &concept.properties {
        property(code, "valueString", json!(value));
    }
    answer
}
