//! References to this server's own resources are kept relative, however a client wrote them: a server that moves to
//! another address keeps its links, and a search finds them in either form.

use std::collections::HashSet;

use bianque_query::Reference;
use serde_json::Value;

use crate::validate::{Literal, literal};

/// Makes absolute references below `base` relative, in the whole resource.
pub fn relative_references(resource: &mut Value, base: &str) {
    match resource {
        Value::Array(items) => items.iter_mut().for_each(|item| relative_references(item, base)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name == "reference" => {
                        if let Some(own) = own(text, base) {
                            *text = own;
                        }
                    }
                    Value::Array(_) | Value::Object(_) => relative_references(value, base),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// The resources of this server that a resource refers to from anywhere in it, each once.
pub fn local_references(resource: &Value) -> Vec<Reference> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    collect(resource, &mut |text| {
        if let Some(Literal::Local { resource_type, id }) = literal(text) {
            let reference = Reference { resource_type: resource_type.to_owned(), id };
            if seen.insert(reference.clone()) {
                found.push(reference);
            }
        }
    });
    found
}

fn collect(value: &Value, found: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name == "reference" => found(text),
                    _ => collect(value, found),
                }
            }
        }
        _ => {}
    }
}

fn own(text: &str, base: &str) -> Option<String> {
    let rest = text.strip_prefix(base)?.strip_prefix('/')?;
    matches!(literal(rest)?, Literal::Local { .. }).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn own_references_become_relative_and_others_stay() {
        let mut resource = json!({
            "resourceType": "Encounter",
            "subject": {"reference": "https://b/fhir/Patient/1"},
            "partOf": {"reference": "https://b/fhir/Encounter/1/_history/2"},
            "basedOn": [{"reference": "https://other/fhir/ServiceRequest/1"}, {"reference": "https://b/fhirs/ServiceRequest/1"}],
        });
        relative_references(&mut resource, "https://b/fhir");
        assert_eq!(resource["subject"]["reference"], "Patient/1");
        assert_eq!(resource["partOf"]["reference"], "Encounter/1/_history/2");
        assert_eq!(resource["basedOn"][0]["reference"], "https://other/fhir/ServiceRequest/1");
        assert_eq!(resource["basedOn"][1]["reference"], "https://b/fhirs/ServiceRequest/1");
    }

    #[test]
    fn what_a_resource_refers_to_here_is_found_wherever_it_stands() {
        let resource = json!({
            "subject": {"reference": "Patient/1"},
            "participant": [{"individual": {"reference": "Practitioner/2/_history/3"}}, {"individual": {"reference": "Practitioner/2"}}],
            "contained": [{"managingOrganization": {"reference": "Organization/4"}}],
            "partOf": {"reference": "#own"}, "basedOn": [{"reference": "https://other/fhir/Task/1"}],
        });
        let mut found: Vec<String> = local_references(&resource)
            .into_iter()
            .map(|reference| format!("{}/{}", reference.resource_type, reference.id))
            .collect();
        found.sort();
        assert_eq!(found, ["Organization/4", "Patient/1", "Practitioner/2"]);
    }
}
