//! The resources that a signed note becomes.

use bianque_model::Context;
use serde_json::{Value, json};
use uuid::Uuid;

use super::seal::Signer;
use crate::instant;
use crate::visits::Visit;
use crate::visits::note::{Content, Diagnosis, Prescription};

/// Codes of what happens after a visit.
const DISPOSITION_SYSTEM: &str = "https://bianque.example/fhir/CodeSystem/disposition";

/// Composition, Conditions, MedicationRequests, CarePlan and, for who goes to hospital, the ServiceRequest that refers them,
/// in the order in which they are signed.
pub(super) fn resources(context: &Context, visit: &Visit, content: &Content, signer: &Signer) -> Vec<Value> {
    let made = Made { context, visit, signer };
    let conditions: Vec<Value> =
        content.diagnoses.iter().map(|diagnosis| made.condition(diagnosis)).collect();
    let medications: Vec<Value> = content.prescriptions.iter().map(|draft| made.medication(draft)).collect();
    let plan = made.care_plan(content, &conditions);
    let referral = made.referral(content, &conditions);
    let composition = made.composition(content, &conditions, &medications, &plan, referral.as_ref());
    let mut all = vec![composition];
    all.extend(conditions);
    all.extend(medications);
    all.push(plan);
    all.extend(referral);
    all
}

/// `Encounter.diagnosis` for the Conditions among these.
pub(super) fn diagnoses_of(resources: &[Value]) -> Value {
    let conditions = resources.iter().filter(|resource| resource["resourceType"] == "Condition");
    conditions.map(|condition| json!({"condition": {"reference": reference(condition)}})).collect()
}

/// `Type/id` of a resource.
pub(super) fn reference(resource: &Value) -> String {
    let text = |field: &str| resource[field].as_str().unwrap_or_default();
    format!("{}/{}", text("resourceType"), text("id"))
}

struct Made<'a> {
    context: &'a Context,
    visit: &'a Visit,
    signer: &'a Signer,
}

impl Made<'_> {
    fn subject(&self) -> Value {
        json!({"reference": format!("Patient/{}", self.visit.patient)})
    }

    fn encounter(&self) -> Value {
        json!({"reference": format!("Encounter/{}", self.visit.id)})
    }

    fn author(&self) -> Value {
        json!({"reference": format!("Practitioner/{}", self.signer.practitioner), "display": self.signer.name})
    }

    fn condition(&self, diagnosis: &Diagnosis) -> Value {
        let clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical";
        let verification = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
        let category = "http://terminology.hl7.org/CodeSystem/condition-category";
        json!({
            "resourceType": "Condition",
            "id": Uuid::now_v7(),
            "clinicalStatus": {"coding": [{"system": clinical, "code": "active"}]},
            "verificationStatus": {"coding": [{"system": verification, "code": diagnosis.verification}]},
            "category": [{"coding": [{"system": category, "code": "encounter-diagnosis"}]}],
            "code": {
                "coding": [{"system": diagnosis.system, "code": diagnosis.code, "display": diagnosis.display}],
                "text": diagnosis.display,
            },
            "subject": self.subject(),
            "encounter": self.encounter(),
            "recordedDate": instant::text(self.context.now),
            "recorder": self.author(),
        })
    }

    fn medication(&self, draft: &Prescription) -> Value {
        let words: Vec<&str> = [&draft.dose, &draft.frequency, &draft.instructions]
            .into_iter()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
            .collect();
        let mut dosage =
            json!({"text": if words.is_empty() { "as directed".to_owned() } else { words.join("; ") }});
        if draft.days > 0 {
            dosage["timing"] = json!({"repeat": {"boundsDuration": {
                "value": draft.days, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d",
            }}});
        }
        json!({
            "resourceType": "MedicationRequest",
            "id": Uuid::now_v7(),
            // A draft until a system that may issue prescriptions takes it over.
            "status": "draft",
            "intent": "proposal",
            "medicationCodeableConcept": {"text": draft.medication},
            "subject": self.subject(),
            "encounter": self.encounter(),
            "authoredOn": instant::text(self.context.now),
            "requester": self.author(),
            "dosageInstruction": [dosage],
        })
    }

    fn care_plan(&self, content: &Content, conditions: &[Value]) -> Value {
        let activity = |text: &str| json!({"detail": {"status": "not-started", "description": text}});
        let mut activities = vec![json!({"detail": {
            "status": "not-started",
            "code": {"coding": [{"system": DISPOSITION_SYSTEM, "code": content.disposition}]},
            "description": format!("Disposition: {}", content.disposition),
        }})];
        let texts = [&content.self_care, &content.go_to_hospital_if, &content.follow_up];
        activities
            .extend(texts.into_iter().filter(|text| !text.trim().is_empty()).map(|text| activity(text)));
        let mut plan = json!({
            "resourceType": "CarePlan",
            "id": Uuid::now_v7(),
            "status": "active",
            "intent": "plan",
            "title": "Plan of the visit",
            "subject": self.subject(),
            "encounter": self.encounter(),
            "period": {"start": instant::text(self.context.now)},
            "created": instant::text(self.context.now),
            "author": self.author(),
            "activity": activities,
        });
        if !content.plan.trim().is_empty() {
            plan["description"] = json!(content.plan);
        }
        if !conditions.is_empty() {
            plan["addresses"] = conditions.iter().map(|one| json!({"reference": reference(one)})).collect();
        }
        plan
    }

    /// What sends the patient to a hospital, which may be any: the patient goes to the nearest.
    fn referral(&self, content: &Content, conditions: &[Value]) -> Option<Value> {
        let (to, priority) = match content.disposition.as_str() {
            "hospital" => ("Referral to hospital", "urgent"),
            "emergency" => ("Referral to emergency department", "stat"),
            _ => return None,
        };
        let mut request = json!({
            "resourceType": "ServiceRequest",
            "id": Uuid::now_v7(),
            "status": "active",
            "intent": "order",
            "priority": priority,
            "category": [{"coding": [{
                "system": "http://snomed.info/sct", "code": "3457005", "display": "Patient referral",
            }]}],
            "code": {"text": to},
            "subject": self.subject(),
            "encounter": self.encounter(),
            "authoredOn": instant::text(self.context.now),
            "requester": self.author(),
        });
        if !conditions.is_empty() {
            request["reasonReference"] =
                conditions.iter().map(|one| json!({"reference": reference(one)})).collect();
        }
        let said = [&content.assessment, &content.plan].into_iter().filter(|text| !text.trim().is_empty());
        let notes: Vec<Value> = said.map(|text| json!({"text": text})).collect();
        if !notes.is_empty() {
            request["note"] = notes.into();
        }
        Some(request)
    }

    fn composition(
        &self,
        content: &Content,
        conditions: &[Value],
        medications: &[Value],
        plan: &Value,
        referral: Option<&Value>,
    ) -> Value {
        let entries = |list: &[Value]| -> Value {
            list.iter().map(|one| json!({"reference": reference(one)})).collect()
        };
        let mut sections = vec![
            section("61150-9", "Subjective", &content.subjective),
            section("61149-1", "Objective", &content.objective),
            section("51848-0", "Assessment", &content.assessment),
            section("18776-5", "Plan of care", &content.plan),
        ];
        sections.retain(|section| !section.is_null());
        let mut lists = vec![("29308-4", "Diagnoses", entries(conditions))];
        lists.push(("57828-6", "Draft prescriptions", entries(medications)));
        lists.push(("18776-5", "Care plan", json!([{"reference": reference(plan)}])));
        let referral = referral.map(|one| json!({"reference": reference(one)}));
        lists.push(("57133-1", "Referral", referral.into_iter().collect()));
        sections.extend(lists.into_iter().filter(|(_, _, entries)| entries != &json!([])).map(
            |(code, title, entries)| json!({"title": title, "code": loinc(code, title), "entry": entries}),
        ));
        json!({
            "resourceType": "Composition",
            "id": Uuid::now_v7(),
            "status": "final",
            "type": loinc("34131-3", "Outpatient Progress note"),
            "subject": self.subject(),
            "encounter": self.encounter(),
            "date": instant::text(self.context.now),
            "author": [self.author()],
            "title": "Note of a remote visit",
            "attester": [{
                "mode": "legal", "time": instant::text(self.context.now), "party": self.author(),
            }],
            "custodian": {"reference": format!("Organization/{}", self.visit.organization)},
            "section": sections,
        })
    }
}

pub(in crate::visits) fn loinc(code: &str, display: &str) -> Value {
    json!({"coding": [{"system": "http://loinc.org", "code": code, "display": display}], "text": display})
}

/// A section of plain text; null when there is nothing to say.
pub(in crate::visits) fn section(code: &str, title: &str, text: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Null;
    }
    let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>", escape(text));
    json!({"title": title, "code": loinc(code, title), "text": {"status": "additional", "div": div}})
}

fn escape(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    escaped.replace('\n', "<br/>")
}
