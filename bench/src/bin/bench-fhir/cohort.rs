//! The cohort: plainly made-up patients, each with the same twenty resources, the same at every run.
//!
//! Whatever a search is asked for has as many matches in a cohort of twenty thousand resources as in one of a million, so
//! that what is compared is the search and not the length of its answer.

use serde_json::{Value, json};

/// Resources of one patient.
pub(crate) const OF_A_PATIENT: usize = 20;
/// Observations of one patient.
const OBSERVATIONS: usize = 14;
/// Patients who share a family name.
const BEARERS: usize = 5;
/// Over how many seconds the observations lie: ten years.
const SPAN_S: u64 = 10 * 365 * 86_400;
/// 2015-01-01T00:00:00Z, seconds since 1970.
const FROM_S: u64 = 1_420_070_400;
/// Matches that a search by code and date should have.
const IN_A_WINDOW: u64 = 10;

const SYSTEM: &str = "https://bianque.example/bench";
/// LOINC code, display, UCUM unit, lowest value.
const CODES: [(&str, &str, &str, f64); 7] = [
    ("8867-4", "Heart rate", "/min", 55.0),
    ("8310-5", "Body temperature", "Cel", 36.0),
    ("29463-7", "Body weight", "kg", 50.0),
    ("8302-2", "Body height", "cm", 150.0),
    ("2708-6", "Oxygen saturation in Arterial blood", "%", 90.0),
    ("9279-1", "Respiratory rate", "/min", 10.0),
    ("2339-0", "Glucose [Mass/volume] in Blood", "mg/dL", 70.0),
];
const SYLLABLES: [&str; 16] =
    ["ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wu", "za"];
const GIVEN: [&str; 8] = ["Ada", "Bo", "Cai", "Dora", "Emil", "Fen", "Gita", "Hugo"];

/// A cohort.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cohort {
    /// How many patients.
    pub(crate) patients: usize,
}

impl Cohort {
    /// Of as many resources, rounded up to whole patients.
    pub(crate) fn of(resources: usize) -> Self {
        Self { patients: resources.div_ceil(OF_A_PATIENT) }
    }

    /// Some patient of it.
    pub(crate) fn chosen(self, number: usize) -> usize {
        usize::try_from(mixed(number as u64) % self.patients as u64).unwrap_or_default()
    }

    /// A transaction that puts everything of a patient.
    pub(crate) fn transaction(patient: usize) -> Value {
        let put = |resource: Value| {
            let url = format!("{}/{}", text(&resource["resourceType"]), text(&resource["id"]));
            json!({"resource": resource, "request": {"method": "PUT", "url": url}})
        };
        let mut entries = vec![put(person(patient))];
        entries.extend((0..2).map(|number| put(encounter(patient, number))));
        entries.extend((0..2).map(|number| put(condition(patient, number))));
        entries.push(put(medication(patient)));
        entries.extend(
            (0..OBSERVATIONS)
                .map(|number| put(observation(patient, number, Some(&format!("o-{patient}-{number}"))))),
        );
        json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    }

    /// A stretch of time, as two values of `date`, in which about ten observations of a code lie.
    pub(crate) fn window(self, seed: usize) -> (String, String) {
        let of_a_code = (self.patients * OBSERVATIONS / CODES.len()) as u64;
        let length = (SPAN_S * IN_A_WINDOW / of_a_code.max(IN_A_WINDOW)).max(1);
        let start = FROM_S + mixed(seed as u64) % (SPAN_S - length).max(1);
        (format!("ge{}", instant(start)), format!("lt{}", instant(start + length)))
    }
}

/// Which patient a request is about.
pub(crate) fn id(patient: usize) -> String {
    format!("p-{patient}")
}

/// `system|value` of a patient.
pub(crate) fn identifier(patient: usize) -> String {
    format!("{SYSTEM}|{}", number(patient))
}

/// A family name; five have it.
pub(crate) fn family(patient: usize) -> String {
    let mut rest = patient / BEARERS;
    let mut name = String::new();
    for _ in 0..5 {
        name.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    name[..1].to_uppercase() + &name[1..]
}

/// The code of one of a patient's observations.
pub(crate) fn code(number: usize) -> String {
    format!("http://loinc.org|{}", CODES[number % CODES.len()].0)
}

/// An observation of a patient, under an id or to be created.
pub(crate) fn observation(patient: usize, number: usize, id: Option<&str>) -> Value {
    let (code, display, unit, lowest) = CODES[number % CODES.len()];
    let seed = mixed((patient * OBSERVATIONS + number) as u64);
    let mut resource = json!({
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"
        }]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": display}]},
        "subject": {"reference": format!("Patient/p-{patient}")},
        "encounter": {"reference": format!("Encounter/e-{patient}-{}", number % 2)},
        "effectiveDateTime": instant(FROM_S + seed % SPAN_S),
        "issued": instant(FROM_S + seed % SPAN_S + 60),
        "valueQuantity": {
            "value": lowest + (seed >> 32) as f64 % 40.0, "unit": unit,
            "system": "http://unitsofmeasure.org", "code": unit
        }
    });
    if let Some(id) = id {
        resource["id"] = id.into();
    }
    resource
}

fn person(patient: usize) -> Value {
    let seed = mixed(patient as u64 + 1_000_000_007);
    json!({
        "resourceType": "Patient",
        "id": id(patient),
        "identifier": [{"system": SYSTEM, "value": number(patient)}],
        "active": true,
        "name": [{"use": "official", "family": family(patient), "given": [GIVEN[patient % GIVEN.len()]]}],
        "telecom": [{"system": "phone", "value": format!("555-{patient:07}")}],
        "gender": if seed & 1 == 0 { "female" } else { "male" },
        "birthDate": format!("{}-{:02}-{:02}", 1930 + seed % 80, 1 + (seed >> 8) % 12, 1 + (seed >> 16) % 28),
        "address": [{"line": [format!("{} Bench Street", 1 + seed % 900)], "city": "Testville", "country": "XX"}]
    })
}

fn encounter(patient: usize, number: usize) -> Value {
    let start = FROM_S + mixed((patient * 2 + number) as u64 + 17) % SPAN_S;
    json!({
        "resourceType": "Encounter",
        "id": format!("e-{patient}-{number}"),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"},
        "subject": {"reference": format!("Patient/p-{patient}")},
        "period": {"start": instant(start), "end": instant(start + 900)}
    })
}

fn condition(patient: usize, number: usize) -> Value {
    let (code, display) =
        [("38341003", "Hypertensive disorder"), ("44054006", "Type 2 diabetes")][number % 2];
    json!({
        "resourceType": "Condition",
        "id": format!("c-{patient}-{number}"),
        "clinicalStatus": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"
        }]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": display}]},
        "subject": {"reference": format!("Patient/p-{patient}")},
        "recordedDate": instant(FROM_S + mixed(patient as u64) % SPAN_S)
    })
}

fn medication(patient: usize) -> Value {
    json!({
        "resourceType": "MedicationRequest",
        "id": format!("m-{patient}"),
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Amlodipine 5 mg"},
        "subject": {"reference": format!("Patient/p-{patient}")},
        "authoredOn": instant(FROM_S + mixed(patient as u64 + 5) % SPAN_S)
    })
}

fn number(patient: usize) -> String {
    format!("B{patient:08}")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// `2019-03-05T08:01:02Z` of seconds since 1970.
fn instant(seconds: u64) -> String {
    let second = i64::try_from(seconds).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(second).map_or_else(|_| String::new(), |instant| instant.to_string())
}

/// Bits that look random, the same for the same number (SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
