//! References to this server's own resources are kept relative, however a client wrote them: a server that moves to
//! another address keeps its links, and a search finds them in either form.

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
}
