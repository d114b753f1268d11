//! What the patient tells before the visit: why, since when, where they are, whom to call - and red flags.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Access, bounded, load_as, one_of, required};
use super::encounter::status;
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error, instant};

/// Signs that need help at once.
pub const RED_FLAGS: [&str; 8] =
    ["chest-pain", "breathing", "stroke", "bleeding", "consciousness", "suicide", "pregnancy", "anaphylaxis"];

/// Symptoms a patient can tick.
pub const SYMPTOMS: [&str; 18] = [
    "fever",
    "cough",
    "sore-throat",
    "headache",
    "rash",
    "abdominal-pain",
    "diarrhoea",
    "vomiting",
    "dizziness",
    "joint-pain",
    "back-pain",
    "fatigue",
    "urinary",
    "eye",
    "ear",
    "wound",
    "anxiety",
    "other",
];

/// The patient's answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// In the patient's words.
    pub reason: String,
    /// Codes of [`SYMPTOMS`].
    #[serde(default)]
    pub symptoms: Vec<String>,
    /// Since how long.
    pub duration: Duration,
    /// Where the patient is now.
    pub location: Location,
    /// Whom the clinician calls when the connection breaks.
    pub callback_number: String,
    /// Whom to call in an emergency.
    pub emergency_contact: EmergencyContact,
    /// Codes of [`RED_FLAGS`].
    #[serde(default)]
    pub red_flags: Vec<String>,
    /// Anything else.
    #[serde(default)]
    pub notes: String,
}

/// A length of time with its UCUM unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duration {
    /// How many.
    pub value: f64,
    /// `h`, `d`, `wk`, `mo`.
    pub unit: String,
}

/// A place in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Street, building, landmark.
    pub text: String,
    /// Town.
    #[serde(default)]
    pub city: String,
}

/// Whom to call in an emergency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyContact {
    /// Name.
    pub name: String,
    /// Telephone number.
    pub phone: String,
    /// What they are to the patient.
    #[serde(default)]
    pub relation: String,
}

/// Keeps the answers with the visit: a QuestionnaireResponse, the Encounter's reason and, with a red flag, its priority.
pub async fn record(app: &App, context: &Context, visit: &ResourceId, intake: Intake) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Patient]).await?;
    access.must_be(&[status::PLANNED, status::ARRIVED, status::IN_PROGRESS, status::ON_LEAVE])?;
    check(&intake)?;
    let mut change = Change::new(app, context);
    change.put(&response(&access, &intake, context))?;
    change.replace(&encounter_with(&access, &intake), access.encounter.version)?;
    access.visit.value.intake = Some(intake);
    change.update(&access.visit)?;
    change.audit(AuditAction::U, "visit.intake", Some(&access.visit.value.patient), &access.entity());
    if !access.visit.value.red_flags().is_empty() {
        change.event("visit.red-flag", visit.as_str(), &json!({"visit": visit}));
    }
    change.commit().await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

fn check(intake: &Intake) -> Result<(), Error> {
    required("reason", &intake.reason, 2000)?;
    required("location", &intake.location.text, 500)?;
    bounded("location", &intake.location.city, 100)?;
    phone("callback_number", &intake.callback_number)?;
    required("emergency_contact", &intake.emergency_contact.name, 200)?;
    phone("emergency_contact", &intake.emergency_contact.phone)?;
    bounded("emergency_contact", &intake.emergency_contact.relation, 100)?;
    bounded("notes", &intake.notes, 4000)?;
    one_of("duration", &intake.duration.unit, &["h", "d", "wk", "mo"])?;
    if !(intake.duration.value > 0.0 && intake.duration.value <= 1000.0) {
        return Err(Error::field("field.range", "duration", "duration is not between 0 and 1000"));
    }
    for symptom in &intake.symptoms {
        one_of("symptoms", symptom, &SYMPTOMS)?;
    }
    for flag in &intake.red_flags {
        one_of("red_flags", flag, &RED_FLAGS)?;
    }
    Ok(())
}

/// A number that a person could dial: 3 to 20 digits with the usual punctuation.
fn phone(field: &'static str, text: &str) -> Result<(), Error> {
    let text = required(field, text, 40)?;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.');
    if (3..=20).contains(&digits) && text.chars().all(allowed) {
        Ok(())
    } else {
        Err(Error::field("field.phone", field, format!("{field} is not a telephone number")))
    }
}

fn encounter_with(access: &Access, intake: &Intake) -> Value {
    let mut encounter = access.encounter.value.clone();
    encounter["reasonCode"] = json!([{"text": intake.reason.trim()}]);
    if intake.red_flags.is_empty() {
        encounter.as_object_mut().map(|fields| fields.remove("priority"));
    } else {
        let system = "http://terminology.hl7.org/CodeSystem/v3-ActPriority";
        encounter["priority"] = json!({"coding": [{"system": system, "code": "EM", "display": "emergency"}]});
    }
    encounter
}

fn response(access: &Access, intake: &Intake, context: &Context) -> Value {
    let visit = &access.visit.value;
    let text = |id: &str, value: &str| json!({"linkId": id, "answer": [{"valueString": value.trim()}]});
    let codes = |id: &str, codes: &[String]| {
        let answers: Vec<Value> = codes.iter().map(|code| json!({"valueCoding": {"code": code}})).collect();
        json!({"linkId": id, "answer": answers})
    };
    let mut items = vec![
        text("reason", &intake.reason),
        json!({"linkId": "duration", "answer": [{"valueQuantity": {
            "value": intake.duration.value, "system": "http://unitsofmeasure.org", "code": intake.duration.unit,
        }}]}),
        text("location", &intake.location.text),
        text("callback-number", &intake.callback_number),
        text("emergency-contact-name", &intake.emergency_contact.name),
        text("emergency-contact-phone", &intake.emergency_contact.phone),
    ];
    items.extend((!intake.location.city.trim().is_empty()).then(|| text("city", &intake.location.city)));
    items.extend((!intake.notes.trim().is_empty()).then(|| text("notes", &intake.notes)));
    items.extend((!intake.symptoms.is_empty()).then(|| codes("symptoms", &intake.symptoms)));
    items.extend((!intake.red_flags.is_empty()).then(|| codes("red-flags", &intake.red_flags)));
    json!({
        "resourceType": "QuestionnaireResponse",
        // One per visit: answering again is a new version of it.
        "id": visit.id,
        "status": "completed",
        "subject": {"reference": format!("Patient/{}", visit.patient)},
        "encounter": {"reference": format!("Encounter/{}", visit.id)},
        "authored": instant::text(context.now),
        "source": {"reference": format!("Patient/{}", visit.patient)},
        "item": items,
    })
}
