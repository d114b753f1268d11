//! Codes.

use bianque_hl7v2::Value;
use serde_json::{Map, Value as Json, json};

use super::Wrong;
use crate::codes;

/// Where the tables of HL7 v2 are defined.
const V2: &str = "http://terminology.hl7.org/CodeSystem/";
const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// A code by a table.
pub(super) fn code(table: &str, code: &str) -> Result<Json, Wrong> {
    let code = code.trim();
    codes::translated(table, code).map(Json::from).ok_or_else(|| Wrong::table(table, code))
}

/// `Y` and `N`.
pub(super) fn boolean(text: &str) -> Result<Json, Wrong> {
    match text {
        "Y" => Ok(true.into()),
        "N" => Ok(false.into()),
        _ => Err(Wrong::table("HL70136", text)),
    }
}

/// CodeableConcept: up to three codings, and the words.
pub(super) fn concept(value: Value<'_>, usual: Option<&str>) -> Option<Json> {
    let part = |number: usize| value.component(number).given().map(|text| text.trim().to_owned());
    let coding = |[code, display, system, version]: [usize; 4], usual: Option<&str>| {
        let code = part(code)?;
        let mut coding = Map::new();
        let named = part(system).map(|name| self::system(&name));
        if let Some(system) = named.or_else(|| usual.map(|usual| format!("{V2}{usual}"))) {
            coding.insert("system".into(), system.into());
        }
        if let Some(version) = part(version) {
            coding.insert("version".into(), version.into());
        }
        coding.insert("code".into(), code.into());
        if let Some(display) = part(display) {
            coding.insert("display".into(), display.into());
        }
        Some(Json::Object(coding))
    };
    let codings: Vec<Json> = [([1, 2, 3, 7], usual), ([4, 5, 6, 8], None), ([10, 11, 12, 14], None)]
        .into_iter()
        .filter_map(|(parts, usual)| coding(parts, usual))
        .collect();
    let mut concept = Map::new();
    if let Some(text) = part(9).or_else(|| codings.is_empty().then(|| part(2)).flatten()) {
        concept.insert("text".into(), text.into());
    }
    if !codings.is_empty() {
        concept.insert("coding".into(), codings.into());
    }
    (!concept.is_empty()).then_some(Json::Object(concept))
}

/// The words of a concept, or its code.
pub(super) fn text(value: Value<'_>) -> Option<Json> {
    [9, 2, 1].into_iter().find_map(|number| value.component(number).given()).map(|text| text.trim().into())
}

/// Coding of the class of an encounter. What the published map knows no class for stays a code of HL7 v2.
pub(super) fn class(value: Value<'_>) -> Option<Json> {
    let code = value.component(1).given()?;
    let known = match code.trim() {
        "E" => Some(("EMER", "emergency")),
        "I" => Some(("IMP", "inpatient encounter")),
        "O" => Some(("AMB", "ambulatory")),
        "P" => Some(("PRENC", "pre-admission")),
        "VR" => Some(("VR", "virtual")),
        _ => None,
    };
    Some(match known {
        Some((code, display)) => json!({"system": ACT, "code": code, "display": display}),
        None => json!({"system": format!("{V2}v2-0004"), "code": code.trim()}),
    })
}

/// The system of a name in CWE-3: known ones by their URL, object identifiers as such, tables of HL7 where they are
/// defined, others by their name.
pub(super) fn system(name: &str) -> String {
    let name = name.trim();
    let known = match name {
        "LN" | "LOINC" => Some("http://loinc.org"),
        "SCT" | "SNOMED" | "SNM3" => Some("http://snomed.info/sct"),
        "UCUM" => Some("http://unitsofmeasure.org"),
        "I10" | "ICD10" => Some("http://hl7.org/fhir/sid/icd-10"),
        "I10C" | "ICD10CM" => Some("http://hl7.org/fhir/sid/icd-10-cm"),
        "I9" | "I9C" => Some("http://hl7.org/fhir/sid/icd-9-cm"),
        "C4" | "CPT" | "CPT4" => Some("http://www.ama-assn.org/go/cpt"),
        "CVX" => Some("http://hl7.org/fhir/sid/cvx"),
        "MVX" => Some("http://terminology.hl7.org/CodeSystem/MVX"),
        "NDC" => Some("http://hl7.org/fhir/sid/ndc"),
        "RXNORM" => Some("http://www.nlm.nih.gov/research/umls/rxnorm"),
        "CDCREC" => Some("urn:oid:2.16.840.1.113883.6.238"),
        _ => None,
    };
    let table = || {
        let digits = name.strip_prefix("HL7").or_else(|| name.strip_prefix("hl7"))?;
        let plain =
            digits.len() <= 4 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| format!("{V2}v2-{digits:0>4}"))
    };
    known.map(str::to_owned).or_else(table).unwrap_or_else(|| named(name))
}

/// A name that is no URI, as one; an object identifier is known by its look.
pub(super) fn named(name: &str) -> String {
    let is_object = |name: &str| {
        let digits = name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        digits
            && name.contains('.')
            && name.split('.').all(|arc| !arc.is_empty())
            && name.starts_with(['0', '1', '2'])
    };
    if is_object(name) {
        return format!("urn:oid:{name}");
    }
    let plain = |character: char| character.is_ascii_alphanumeric() || "-._~".contains(character);
    let name: String = name.chars().map(|it| if plain(it) { it } else { '-' }).collect();
    format!("urn:hl7v2:{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_told_from_their_names() {
        for (name, system_of_it) in [
            ("LN", "http://loinc.org"),
            ("HL70005", "http://terminology.hl7.org/CodeSystem/v2-0005"),
            ("HL7128", "http://terminology.hl7.org/CodeSystem/v2-0128"),
            ("1.2.3", "urn:oid:1.2.3"),
            ("LOCAL LAB", "urn:hl7v2:LOCAL-LAB"),
        ] {
            assert_eq!(system(name), system_of_it);
        }
    }
}
