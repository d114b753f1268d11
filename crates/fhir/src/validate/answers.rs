//! What FHIRPath and profiles ask about codes, answered by [`Terminology`].

use bianque_fhirpath::Hooks;
use serde_json::Value;

use super::narrative;
use crate::terminology::{Coding, Subsumption, Terminology};

impl Hooks for Terminology {
    fn member_of(&self, coded: &Value, value_set: &str) -> Option<bool> {
        // A set that is not here tells nothing, also of no code.
        Terminology::member_of(self, value_set, &[]).ok()?;
        let codings = codings(coded);
        if !codings.is_empty() || !coded.is_string() {
            return Terminology::member_of(self, value_set, &codings).ok().flatten();
        }
        // A code by itself is of any of the systems that the set takes from.
        let code = coded.as_str()?;
        let mut told = Some(false);
        for system in self.references(value_set) {
            let coding = Coding { system: Some(system), code: code.to_owned(), ..Coding::default() };
            match Terminology::member_of(self, value_set, &[coding]).ok().flatten() {
                Some(true) => return Some(true),
                Some(false) => {}
                None => told = None,
            }
        }
        told
    }

    fn subsumes(&self, above: &Value, below: &Value) -> Option<bool> {
        let (above, below) = (codings(above), codings(below));
        let mut told = None;
        for one in &above {
            for other in below.iter().filter(|other| other.system == one.system) {
                let system = one.system.as_deref()?;
                let found = Terminology::subsumes(self, system, &one.code, &other.code).ok()?;
                let is = matches!(found, Subsumption::Equivalent | Subsumption::Subsumes);
                told = Some(told.unwrap_or(false) || is);
            }
        }
        told.or(Some(false))
    }

    fn is_narrative(&self, xhtml: &str) -> bool {
        narrative::fault(xhtml).is_none()
    }
}

/// The codes of a CodeableConcept, a Coding or a Quantity.
fn codings(value: &Value) -> Vec<Coding> {
    match value["coding"].as_array() {
        Some(codings) => codings.iter().filter_map(Coding::read).collect(),
        None => Coding::read(value).into_iter().collect(),
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
