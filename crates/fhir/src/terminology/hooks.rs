//! What expressions of FHIRPath and profiles ask: `memberOf`, `subsumes`, and whether a text is a narrative.

use bianque_fhirpath::Hooks;
use serde_json::Value;

use super::membership::Membership;
use super::subsumes::Subsumption;
use super::{Coding, Terminology};
use crate::validate::is_narrative;

impl Hooks for Terminology {
    fn member_of(&self, coded: &Value, value_set: &str) -> Option<bool> {
        match coded {
            Value::String(code) => self.has_code(value_set, code),
            _ => self.member_of(value_set, &codings(coded)).ok()?,
        }
    }

    fn subsumes(&self, above: &Value, below: &Value) -> Option<bool> {
        let mut told = Some(false);
        let below = codings(below);
        for above in codings(above) {
            let Some(system) = &above.system else { continue };
            for below in below.iter().filter(|below| below.system == above.system) {
                match self.subsumes(system, &above.code, &below.code) {
                    Ok(Subsumption::Equivalent | Subsumption::Subsumes) => return Some(true),
                    Ok(_) => {}
                    Err(_) => told = None,
                }
            }
        }
        told
    }

    fn is_narrative(&self, xhtml: &str) -> bool {
        is_narrative(xhtml)
    }
}

impl Terminology {
    /// Whether a value set has a code, of whichever system.
    fn has_code(&self, value_set: &str, code: &str) -> Option<bool> {
        let set = self.set(value_set).ok()?;
        let mut told = Some(false);
        for system in self.systems_of(set).ok()? {
            match self.membership(set, system, code).ok()? {
                Membership::In(_) => return Some(true),
                Membership::Out => {}
                Membership::Unknown => told = None,
            }
        }
        told
    }
}

/// The codes of a Coding, a CodeableConcept or a Quantity.
fn codings(coded: &Value) -> Vec<Coding> {
    match coded["coding"].as_array() {
        Some(codings) => codings.iter().filter_map(Coding::read).collect(),
        None => Coding::read(coded).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn codes_codings_concepts_and_quantities_are_looked_up() {
        let codes = Terminology::embedded();
        let of = |coded: Value, set: &str| {
            Hooks::member_of(codes, &coded, &format!("http://hl7.org/fhir/ValueSet/{set}"))
        };
        assert_eq!(of(json!("female"), "administrative-gender"), Some(true));
        assert_eq!(of(json!("f"), "administrative-gender"), Some(false));
        let coding = json!({"system": "http://hl7.org/fhir/administrative-gender", "code": "male"});
        assert_eq!(of(coding.clone(), "administrative-gender"), Some(true));
        assert_eq!(of(json!({"coding": [{"code": "x"}, coding]}), "administrative-gender"), Some(true));
        assert_eq!(of(json!({"text": "male"}), "administrative-gender"), Some(false));
        assert_eq!(of(json!("male"), "nowhere"), None);
    }
}
