//! What is recorded of somebody: conditions, allergies, medicines, visits in person and what was measured there.

use bianque_model::Timestamp;
use serde_json::{Value, json};

use super::coding::{ATC, ICD_10, concept, date, hl7, instant, loinc, made_up, quantity, reference};
use super::dice::Dice;
use super::patients::Patient;
use super::practitioners::Practitioner;
use super::results;
use super::stories::{ALLERGENS, Extra, Medicine, Story, story};

const DAY_S: i64 = 86_400;
/// Visits in person of somebody with a condition, over two years.
const CHECKS: i64 = 8;

/// The history of a patient, up to now.
pub(super) fn of(patient: &Patient, staff: &[Practitioner], now: Timestamp, dice: &mut Dice) -> Vec<Value> {
    let stories: Vec<&Story> = patient.conditions.iter().filter_map(|icd| story(icd)).collect();
    let doctor = staff.iter().find(|person| person.organization == patient.organization);
    let history = History { patient, doctor, now };
    let mut resources = Vec::new();
    for (at, story) in stories.iter().enumerate() {
        let since = now.plus_seconds(-DAY_S * dice.between(800, 4000));
        resources.push(history.condition(story, at, since));
        for (number, medicine) in story.medicines.iter().enumerate() {
            let authored = now.plus_seconds(-DAY_S * dice.between(20, 300));
            resources.push(history.medication(medicine, &format!("{at}-{number}"), authored));
        }
    }
    let allergic = dice.once_in(3);
    if allergic {
        resources.push(history.allergy(dice));
    }
    let checks = if stories.is_empty() { 2 } else { CHECKS };
    for check in 0..checks {
        let apart = 730 / checks;
        let days = 730 - check * apart - dice.between(0, apart / 2);
        history.check(check, now.plus_seconds(-DAY_S * days), &stories, dice, &mut resources);
    }
    // Of every other one nobody has asked.
    let asked = !allergic && patient.birth_date.day() % 2 == 0;
    resources.extend(results::of(patient, asked, now, dice));
    resources
}

struct History<'a> {
    patient: &'a Patient,
    doctor: Option<&'a Practitioner>,
    now: Timestamp,
}

impl History<'_> {
    fn id(&self, kind: &str, number: impl std::fmt::Display) -> String {
        format!("{}-{kind}-{number}", self.patient.id)
    }

    fn subject(&self) -> Value {
        reference("Patient", &self.patient.id)
    }

    fn condition(&self, story: &Story, number: usize, since: Timestamp) -> Value {
        let text = story.name.in_tongue(self.patient.tongue);
        json!({
            "resourceType": "Condition",
            "id": self.id("condition", number),
            "meta": made_up(),
            "clinicalStatus": hl7("condition-clinical", "active"),
            "verificationStatus": hl7("condition-ver-status", "confirmed"),
            "category": [hl7("condition-category", "problem-list-item")],
            "code": concept(ICD_10, story.icd, story.name.en, text),
            "subject": self.subject(),
            "onsetDateTime": date(since).to_string(),
            "recordedDate": date(since).to_string(),
        })
    }

    fn medication(&self, medicine: &Medicine, number: &str, authored: Timestamp) -> Value {
        let tongue = self.patient.tongue;
        let mut request = json!({
            "resourceType": "MedicationRequest",
            "id": self.id("medication", number),
            "meta": made_up(),
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept":
                concept(ATC, medicine.atc, medicine.name.en, medicine.name.in_tongue(tongue)),
            "subject": self.subject(),
            "authoredOn": date(authored).to_string(),
            "dosageInstruction": [{"text": medicine.dose.in_tongue(tongue)}],
        });
        if let Some(doctor) = self.doctor {
            request["requester"] = reference("Practitioner", &doctor.id);
        }
        request
    }

    fn allergy(&self, dice: &mut Dice) -> Value {
        let allergen = dice.pick(&ALLERGENS);
        let text = allergen.name.in_tongue(self.patient.tongue);
        let code = match allergen.atc {
            Some(atc) => concept(ATC, atc, allergen.name.en, text),
            None => json!({"text": text}),
        };
        json!({
            "resourceType": "AllergyIntolerance",
            "id": self.id("allergy", 0),
            "meta": made_up(),
            "clinicalStatus": hl7("allergyintolerance-clinical", "active"),
            "verificationStatus": hl7("allergyintolerance-verification", "confirmed"),
            "type": "allergy",
            "category": [allergen.category],
            "criticality": allergen.criticality,
            "code": code,
            "patient": self.subject(),
            "recordedDate": date(self.now.plus_seconds(-DAY_S * dice.between(100, 2000))).to_string(),
        })
    }

    /// A visit in person, with what was measured.
    fn check(&self, number: i64, at: Timestamp, stories: &[&Story], dice: &mut Dice, into: &mut Vec<Value>) {
        let encounter = self.id("encounter", number);
        into.push(self.encounter(&encounter, at, stories, dice));
        let has = |icd: &str| self.patient.conditions.contains(&icd);
        let mut measured = |code: &str, name: &str, value: Value| {
            let mut observation = self.observation(&encounter, code, name, at);
            observation["valueQuantity"] = value;
            into.push(observation);
        };
        measured("8867-4", "Heart rate", quantity(10 * dice.around(76, 16), "/min"));
        let extras: Vec<Extra> = stories.iter().map(|story| story.extra).collect();
        if extras.contains(&Extra::Glucose) {
            measured("15074-8", "Glucose", quantity(dice.around(82, 30), "mmol/L"));
        }
        if extras.contains(&Extra::Oxygen) {
            let usual = if has("J44.9") { 92 } else { 97 };
            measured("2708-6", "Oxygen saturation", quantity(10 * dice.around(usual, 2), "%"));
        }
        if extras.contains(&Extra::Weight) {
            let usual = if self.patient.sex == "male" { 760 } else { 630 };
            measured("29463-7", "Body weight", quantity(dice.around(usual, 25), "kg"));
        }
        if self.patient.age >= 18 {
            // Those who are treated come down over the two years.
            let usual = if has("I10") { 152 - 2 * number } else { 122 };
            let systolic = dice.around(usual, 12);
            into.push(self.blood_pressure(&encounter, at, systolic, systolic * 3 / 5 + dice.around(2, 5)));
        }
    }

    fn encounter(&self, id: &str, at: Timestamp, stories: &[&Story], dice: &mut Dice) -> Value {
        let tongue = self.patient.tongue;
        let reason = match stories {
            [] => story("J06.9").map(|story| story.reason.in_tongue(tongue)),
            _ => Some(dice.pick(stories).reason.in_tongue(tongue)),
        };
        let mut encounter = json!({
            "resourceType": "Encounter",
            "id": id,
            "meta": made_up(),
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "ambulatory"},
            "subject": self.subject(),
            "period": {"start": instant(at), "end": instant(at.plus_seconds(60 * dice.between(8, 25)))},
            "serviceProvider": reference("Organization", self.patient.organization),
        });
        if let Some(doctor) = self.doctor {
            encounter["participant"] = json!([{"individual": reference("Practitioner", &doctor.id)}]);
        }
        if let Some(reason) = reason {
            encounter["reasonCode"] = json!([{"text": reason}]);
        }
        encounter
    }

    fn blood_pressure(&self, encounter: &str, at: Timestamp, systolic: i64, diastolic: i64) -> Value {
        let mut observation = self.observation(encounter, "85354-9", "Blood pressure", at);
        let part = |code: &str, name: &str, value: i64| {
            let value = quantity(10 * value, "mm[Hg]");
            json!({"code": loinc(code, name), "valueQuantity": value})
        };
        observation["component"] = json!([
            part("8480-6", "Systolic blood pressure", systolic),
            part("8462-4", "Diastolic blood pressure", diastolic),
        ]);
        observation
    }

    fn observation(&self, encounter: &str, code: &str, name: &str, at: Timestamp) -> Value {
        json!({
            "resourceType": "Observation",
            "id": format!("{encounter}-{code}"),
            "meta": made_up(),
            "status": "final",
            "category": [hl7("observation-category", "vital-signs")],
            "code": loinc(code, name),
            "subject": self.subject(),
            "encounter": reference("Encounter", encounter),
            "effectiveDateTime": instant(at.plus_seconds(240)),
        })
    }
}
