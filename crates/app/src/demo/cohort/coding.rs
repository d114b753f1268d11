//! The shapes that FHIR documents are made of.

use bianque_model::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

/// ICD-10 as FHIR names it.
pub(super) const ICD_10: &str = "http://hl7.org/fhir/sid/icd-10";
/// The anatomical therapeutic chemical classification.
pub(super) const ATC: &str = "http://www.whocc.no/atc";
const UCUM: &str = "http://unitsofmeasure.org";
const LOINC: &str = "http://loinc.org";

/// A reference by type and id.
pub(super) fn reference(resource_type: &str, id: &str) -> Value {
    json!({"reference": format!("{resource_type}/{id}")})
}

/// A concept of one code with its words.
pub(super) fn concept(system: &str, code: &str, display: &str, text: &str) -> Value {
    json!({"coding": [{"system": system, "code": code, "display": display}], "text": text})
}

/// A concept of one code from HL7's own tables.
pub(super) fn hl7(table: &str, code: &str) -> Value {
    json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{table}"), "code": code}]})
}

/// A LOINC code.
pub(super) fn loinc(code: &str, display: &str) -> Value {
    concept(LOINC, code, display, display)
}

/// A quantity in tenths of its UCUM unit: whole numbers stay whole.
pub(super) fn quantity(tenths: i64, unit: &str) -> Value {
    let value = if tenths % 10 == 0 { json!(tenths / 10) } else { json!(tenths as f64 / 10.0) };
    json!({"value": value, "unit": unit, "system": UCUM, "code": unit})
}

/// The label that says: test health data.
pub(super) fn made_up() -> Value {
    json!({"security": [{
        "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST", "display": "test health data",
    }]})
}

/// An instant as FHIR writes it.
pub(super) fn instant(at: Timestamp) -> String {
    crate::instant::text(at)
}

/// The date of an instant, in UTC.
pub(super) fn date(at: Timestamp) -> Date {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}
