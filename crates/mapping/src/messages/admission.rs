//! ADT: the patient, the visit, next of kin, allergies, diagnoses, and observations that come with them.

use serde_json::{Value as Json, json};

use super::{Kind, Making, referring, results};
use crate::table;

pub(super) fn visit(making: &mut Making<'_>, kind: Kind) {
    let encounter = making.encounter();
    if let Some(entry) = making.mapped.iter_mut().find(|entry| entry.name == "Encounter-1") {
        let status = match kind {
            Kind::Discharge => Some("finished"),
            Kind::CancelAdmit => Some("cancelled"),
            Kind::CancelDischarge => Some("in-progress"),
            _ => None,
        };
        if let Some(status) = status {
            entry.resource.insert("status".into(), status.into());
        }
    }
    for (place, segment) in making.groups.named("NK1").collect::<Vec<_>>().into_iter().enumerate() {
        let mut person = making.filled("RelatedPerson", &table::RELATED_PERSON, &[segment]);
        person.set("patient", referring("Patient-1"));
        making.keep(&format!("RelatedPerson-{}", place + 1), person);
    }
    for (place, segment) in making.groups.named("AL1").collect::<Vec<_>>().into_iter().enumerate() {
        let mut allergy = making.filled("AllergyIntolerance", &table::ALLERGY, &[segment]);
        allergy.set("patient", referring("Patient-1"));
        allergy.set("clinicalStatus", clinical("allergyintolerance-clinical", "active"));
        making.keep(&format!("AllergyIntolerance-{}", place + 1), allergy);
    }
    for (place, segment) in making.groups.named("DG1").collect::<Vec<_>>().into_iter().enumerate() {
        let mut condition = making.filled("Condition", &table::CONDITION, &[segment]);
        condition.set("subject", referring("Patient-1"));
        if let Some(encounter) = &encounter {
            condition.set("encounter", encounter.clone());
        }
        condition.set("clinicalStatus", clinical("condition-clinical", "active"));
        condition.set("category", json!([clinical("condition-category", "encounter-diagnosis")]));
        making.keep(&format!("Condition-{}", place + 1), condition);
    }
    results::loose(making, encounter.as_ref());
}

/// A code of one of FHIR's own systems.
fn clinical(system: &str, code: &str) -> Json {
    json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]})
}
