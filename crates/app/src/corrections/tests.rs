//! Stories of people who saw a result that was wrong.

use bianque_model::{Context, ResourceId};
use serde_json::{Value, json};

use super::{own, settle};
use crate::directory;
use crate::testing::{Clinic, Doctor, over_fhir};

struct Story {
    clinic: Clinic,
    doctor: Doctor,
    patient: ResourceId,
}

impl Story {
    async fn begin() -> Self {
        let (clinic, doctor, patient, _) = Clinic::with_visit().await;
        Self { clinic, doctor, patient }
    }

    fn as_doctor(&self) -> Context {
        Context { now: self.clinic.app.clock.now(), ..self.doctor.context.clone() }
    }

    fn potassium(&self, status: &str, value: f64) -> Value {
        json!({"resourceType": "Observation", "status": status, "code": {"text": "Potassium"},
            "subject": {"reference": format!("Patient/{}", self.patient)},
            "valueQuantity": {"value": value, "unit": "mmol/L"}})
    }

    async fn writes(&self, id: &ResourceId, mut resource: Value) {
        resource["id"] = json!(id);
        let kind = resource["resourceType"].as_str().unwrap().to_owned();
        let body = resource.to_string();
        self.clinic.clock.pass(60);
        over_fhir::update(&self.clinic.app, &self.clinic.server(), &kind, id, body.as_bytes(), None)
            .await
            .unwrap();
    }

    async fn reads(&self, doctor: &Doctor) {
        self.clinic.clock.pass(60);
        let context = Context { now: self.clinic.app.clock.now(), ..doctor.context.clone() };
        directory::chart::load(&self.clinic.app, &context, &self.patient).await.unwrap();
    }

    async fn told(&self, doctor: &Doctor) -> Vec<Value> {
        settle::settle(&self.clinic.app, self.clinic.tenant).await.unwrap();
        let listed = own::list(&self.clinic.app, &doctor.context).await.unwrap();
        listed["corrections"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn whoever_saw_the_value_is_told_until_they_say_that_they_know() {
    let story = Story::begin().await;
    let home = story.clinic.organization("Riverside").await;
    let other = story.clinic.clinician("wang", &home).await;
    let id = story.clinic.create(story.potassium("final", 7.1)).await;
    let report = json!({"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Electrolytes"},
        "subject": {"reference": format!("Patient/{}", story.patient)},
        "result": [{"reference": format!("Observation/{id}")}]});
    story.clinic.create(report).await;
    story.reads(&story.doctor).await;
    story.writes(&id, story.potassium("corrected", 4.1)).await;
    let told = story.told(&story.doctor).await;
    assert_eq!(told.len(), 1);
    assert_eq!(own::count(&story.clinic.app, &story.as_doctor()).await.unwrap()["count"], 1);
    let expected = json!([{"what": "Potassium", "was": "7.1 mmol/L", "now": "4.1 mmol/L"}]);
    assert_eq!((&told[0]["about"], &told[0]["changes"]), (&json!("Electrolytes"), &expected));
    assert_eq!(told[0]["patient"]["name"], "Ana");
    assert!(told[0]["seen_at"].as_str() < told[0]["corrected_at"].as_str(), "{told:?}");
    assert!(story.told(&other).await.is_empty(), "who saw nothing is told nothing");
    let task: ResourceId = told[0]["id"].as_str().unwrap().parse().unwrap();
    assert!(own::acknowledge(&story.clinic.app, &other.context, &task).await.is_err());
    own::acknowledge(&story.clinic.app, &story.as_doctor(), &task).await.unwrap();
    assert!(story.told(&story.doctor).await.is_empty());
}

#[tokio::test]
async fn what_is_corrected_again_is_told_from_what_was_seen_first() {
    let story = Story::begin().await;
    let id = story.clinic.create(story.potassium("final", 7.1)).await;
    story.reads(&story.doctor).await;
    story.writes(&id, story.potassium("corrected", 5.1)).await;
    story.told(&story.doctor).await;
    story.reads(&story.doctor).await;
    story.writes(&id, story.potassium("entered-in-error", 5.1)).await;
    let told = story.told(&story.doctor).await;
    assert_eq!(told[0]["changes"], json!([{"what": "Potassium", "was": "7.1 mmol/L", "now": null}]));
}

#[tokio::test]
async fn nobody_is_told_of_what_nobody_saw_or_of_what_says_the_same() {
    let story = Story::begin().await;
    let id = story.clinic.create(story.potassium("final", 7.1)).await;
    story.writes(&id, story.potassium("corrected", 4.1)).await;
    assert!(story.told(&story.doctor).await.is_empty());
    story.reads(&story.doctor).await;
    story.writes(&id, story.potassium("amended", 4.1)).await;
    assert!(story.told(&story.doctor).await.is_empty());
}
