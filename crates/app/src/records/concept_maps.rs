//! What codes of one system are in another, by the ConceptMaps that a tenant stores. Those in force are kept in memory; when
//! one is written, they are read anew.
//!
//! A code is translated where the map says that it means the same, or something wider: then the translation is true of
//! whatever the code is true of.

use std::collections::HashMap;
use std::sync::Arc;

use bianque_model::TenantId;
use bianque_query::{Predicate, Scope, Test};
use serde_json::{Map, Value, json};

use crate::{App, Error};

/// Equivalences (R4) that make a translation true.
const TRUE: [&str; 4] = ["equivalent", "equal", "wider", "subsumes"];

/// Codings by what they are translated from.
#[derive(Debug, Default)]
pub struct Maps(HashMap<String, HashMap<String, Vec<Value>>>);

/// Whether a resource of this type changes what codes are translated to.
pub(crate) fn is_one(resource_type: &str) -> bool {
    resource_type == "ConceptMap"
}

/// The maps that are in force.
pub(crate) async fn of(app: &App, tenant: TenantId) -> Result<Arc<Maps>, Error> {
    let reading = async {
        let active = Test::Token { system: None, code: Some("active".into()) };
        let filter = Predicate::Param { param: "status".into(), test: active };
        let stored = app.matching(tenant, "ConceptMap", filter, Scope::All).await?;
        Ok(Maps::read(stored.iter().map(|one| &one.value)))
    };
    app.concept_maps.of(tenant, reading).await
}

impl Maps {
    fn read<'a>(stored: impl Iterator<Item = &'a Value>) -> Self {
        let mut maps = Self::default();
        for group in stored.flat_map(|map| list(&map["group"])) {
            let (Some(from), Some(to)) = (group["source"].as_str(), group["target"].as_str()) else {
                continue;
            };
            for element in list(&group["element"]) {
                let Some(code) = element["code"].as_str() else { continue };
                let targets = list(&element["target"])
                    .filter(|target| target["equivalence"].as_str().is_some_and(|how| TRUE.contains(&how)));
                for target in targets {
                    let mut coding = json!({"system": to, "code": target["code"]});
                    if target["display"].is_string() {
                        coding["display"] = target["display"].clone();
                    }
                    let known =
                        maps.0.entry(from.to_owned()).or_default().entry(code.to_owned()).or_default();
                    known.push(coding);
                }
            }
        }
        maps
    }

    /// Adds translations to every CodeableConcept of a resource, before the code that was said, which is marked as such.
    pub(crate) fn translate(&self, resource: &mut Map<String, Value>) {
        if !self.0.is_empty() {
            resource.values_mut().for_each(|value| self.within(value));
        }
    }

    fn within(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.within(item)),
            Value::Object(members) => {
                if let Some(Value::Array(codings)) = members.get_mut("coding") {
                    self.codings(codings);
                }
                members.values_mut().for_each(|member| self.within(member));
            }
            _ => {}
        }
    }

    fn codings(&self, codings: &mut Vec<Value>) {
        let mut added: Vec<Value> = Vec::new();
        for coding in codings.iter_mut() {
            let (Some(system), Some(code)) = (coding["system"].as_str(), coding["code"].as_str()) else {
                continue;
            };
            let Some(found) = self.0.get(system).and_then(|codes| codes.get(code)) else { continue };
            added.extend(found.iter().cloned());
            coding["userSelected"] = true.into();
        }
        let same =
            |one: &Value, other: &Value| one["system"] == other["system"] && one["code"] == other["code"];
        added.retain(|new| codings.iter().all(|one| !same(one, new)));
        added.dedup_by(|one, other| same(one, other));
        codings.splice(0..0, added);
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_told_in_the_systems_that_it_means_the_same_in() {
        let target = |code: &str, how: &str| json!({"code": code, "display": code, "equivalence": how});
        let map = json!({"group": [{"source": "urn:lab", "target": "http://loinc.org", "element": [
            {"code": "K", "target": [target("2823-3", "equivalent")]},
            {"code": "NA", "target": [target("2951-2", "narrower")]},
        ]}]});
        let maps = Maps::read([map].iter());
        let concept = |code: &str| json!({"coding": [{"system": "urn:lab", "code": code}], "text": "x"});
        let translated = |code: &str| {
            let mut resource = Map::from_iter([("code".to_owned(), concept(code))]);
            maps.translate(&mut resource);
            resource["code"].clone()
        };
        let expected = json!({"text": "x", "coding": [
            {"system": "http://loinc.org", "code": "2823-3", "display": "2823-3"},
            {"system": "urn:lab", "code": "K", "userSelected": true},
        ]});
        assert_eq!(translated("K"), expected);
        assert_eq!(translated("NA"), concept("NA"), "something narrower may not be true");
    }
}
