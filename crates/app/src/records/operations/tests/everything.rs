//! Whole records, page by page.

use bianque_model::ResourceId;
use bianque_store::AuditQuery;
use serde_json::{Value, json};

use super::{answer, asked, kind, names, posted, program};
use crate::ErrorKind;
use crate::records::operations::everything::{Whole, everything};
use crate::testing::{Clinic, Doctor};

/// A patient with a visit that a doctor leads, three measurements, an allergy without a date, and another patient.
struct Story {
    clinic: Clinic,
    doctor: Doctor,
    home: ResourceId,
    patient: ResourceId,
    other: ResourceId,
    visit: ResourceId,
    measured: Vec<ResourceId>,
    allergy: ResourceId,
    medicine: ResourceId,
}

async fn story() -> Story {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let (patient, other) = (clinic.patient("张伟", &home).await, clinic.patient("王芳", &home).await);
    let of = |patient: &ResourceId| json!({"reference": format!("Patient/{patient}")});
    let visit = json!({
        "resourceType": "Encounter", "status": "finished", "class": {"code": "VR"}, "subject": of(&patient),
        "period": {"start": "2024-05-01T09:00:00Z", "end": "2024-05-01T09:20:00Z"},
        "participant": [{"individual": {"reference": format!("Practitioner/{}", doctor.account.practitioner.as_ref().unwrap())}}],
    });
    let visit = clinic.create(visit).await;
    let mut measured = Vec::new();
    for (date, inside) in [("2023-01-01", false), ("2024-05-01", true), ("2025-01-01", false)] {
        let mut seen = json!({
            "resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": of(&patient),
            "effectiveDateTime": date,
        });
        if inside {
            seen["encounter"] = json!({"reference": format!("Encounter/{visit}")});
            seen["focus"] = json!([of(&other)]);
        }
        measured.push(clinic.create(seen).await);
    }
    let active = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]});
    let allergy =
        json!({"resourceType": "AllergyIntolerance", "patient": of(&patient), "clinicalStatus": active});
    let allergy = clinic.create(allergy).await;
    let medicine = clinic.create(json!({"resourceType": "Medication", "code": {"text": "ibuprofen"}})).await;
    let taken = json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": of(&patient),
        "authoredOn": "2024-05-01", "medicationReference": {"reference": format!("Medication/{medicine}")},
        "encounter": {"reference": format!("Encounter/{visit}")}});
    clinic.create(taken).await;
    Story { clinic, doctor, home, patient, other, visit, measured, allergy, medicine }
}

impl Story {
    async fn of_patient(&self, pairs: &[(&str, &str)]) -> Value {
        let context = &self.doctor.context;
        answer(everything(&self.clinic.app, context, Whole::Patient, &self.patient, &asked(pairs)).await)
    }
}

#[tokio::test]
async fn a_patients_record_comes_with_who_and_what_it_names() {
    let story = story().await;
    let bundle = story.of_patient(&[]).await;
    assert_eq!(bundle["total"], 7);
    let matches = names(&bundle, "match");
    assert_eq!(matches.len(), 1 + 1 + 3 + 1 + 1);
    assert!(matches.contains(&format!("Patient/{}", story.patient)), "{matches:?}");
    let mut included = names(&bundle, "include");
    included.sort();
    let mut expected = [
        format!("Medication/{}", story.medicine),
        format!("Organization/{}", story.home),
        format!("Practitioner/{}", story.doctor.account.practitioner.as_ref().unwrap()),
    ];
    expected.sort();
    assert_eq!(included, expected, "and nobody else's record, though an observation names them");
    assert!(!bundle.to_string().contains(&format!("\"id\":\"{}\"", story.other)));

    let query = AuditQuery { patient: Some(story.patient.clone()), limit: 10, ..AuditQuery::default() };
    let rows = story.clinic.app.store.audit(story.clinic.tenant, query).await.unwrap();
    assert!(rows.iter().any(|(_, row)| row.operation == "fhir.everything"));
}

#[tokio::test]
async fn pages_hold_everything_once() {
    let story = story().await;
    let whole = names(&story.of_patient(&[]).await, "match");
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    for _ in 0..10 {
        let mut pairs = vec![("_count", "2")];
        pairs.extend(cursor.as_deref().map(|cursor| ("_cursor", cursor)));
        let bundle = story.of_patient(&pairs).await;
        assert!(bundle.get("total").is_none());
        seen.extend(names(&bundle, "match"));
        let links = bundle["link"].as_array().unwrap();
        let Some(next) = links.iter().find(|link| link["relation"] == "next") else { break };
        let url = url::Url::parse(next["url"].as_str().unwrap()).unwrap();
        cursor = url.query_pairs().find(|(name, _)| name == "_cursor").map(|(_, value)| value.into_owned());
    }
    assert_eq!(seen, whole);
    // A page of one question goes on with no other.
    let other = asked(&[("_count", "2"), ("_type", "Observation"), ("_cursor", cursor.as_deref().unwrap())]);
    let context = &story.doctor.context;
    let other = everything(&story.clinic.app, context, Whole::Patient, &story.patient, &other).await;
    assert_eq!(kind(other), ErrorKind::Malformed);
}

#[tokio::test]
async fn a_record_is_narrowed_by_type_by_change_and_by_the_date_of_care() {
    let story = story().await;
    let dated = story.of_patient(&[("start", "2024-01-01"), ("end", "2024-12")]).await;
    let matches = names(&dated, "match");
    assert!(matches.contains(&format!("Observation/{}", story.measured[1])), "{matches:?}");
    for outside in [&story.measured[0], &story.measured[2]] {
        assert!(!matches.contains(&format!("Observation/{outside}")), "{matches:?}");
    }
    assert!(
        matches.contains(&format!("AllergyIntolerance/{}", story.allergy)),
        "what has no date always comes"
    );
    assert_eq!(names(&story.of_patient(&[("_type", "Observation,Encounter")]).await, "match").len(), 4);
    assert_eq!(names(&story.of_patient(&[("_type", "Practitioner")]).await, "match"), Vec::<String>::new());

    let app = &story.clinic.app;
    story.clinic.clock.pass(3600);
    let since = bianque_fhir::instant(app.clock.now());
    let late =
        json!({"resourceType": "Condition", "subject": {"reference": format!("Patient/{}", story.patient)}});
    let late = story.clinic.create(late).await;
    assert_eq!(names(&story.of_patient(&[("_since", &since)]).await, "match"), [format!("Condition/{late}")]);

    let refused = [("start", "yesterday"), ("_type", "Nothing"), ("_count", "-1"), ("surprise", "1")];
    for pair in refused {
        let told =
            everything(app, &story.doctor.context, Whole::Patient, &story.patient, &asked(&[pair])).await;
        assert!(matches!(kind(told), ErrorKind::Malformed | ErrorKind::NotFound), "{pair:?}");
    }
}

#[tokio::test]
async fn an_encounter_comes_with_its_patient() {
    let story = story().await;
    let parameters = posted(&json!([{"name": "_count", "valueInteger": 10}]));
    let context = &story.doctor.context;
    let bundle =
        answer(everything(&story.clinic.app, context, Whole::Encounter, &story.visit, &parameters).await);
    let matches = names(&bundle, "match");
    assert_eq!(matches.len(), 3, "itself, what was measured and what was prescribed in it: {matches:?}");
    let included = names(&bundle, "include");
    assert!(included.contains(&format!("Patient/{}", story.patient)), "{included:?}");
    assert!(!included.contains(&format!("Patient/{}", story.other)), "{included:?}");
}

#[tokio::test]
async fn nobody_gets_more_of_a_record_than_they_may_see() {
    let story = story().await;
    let app = &story.clinic.app;
    let away = story.clinic.organization("Away").await;
    let stranger = story.clinic.clinician("wu.ming", &away).await;
    let ask = async |context, whole, id, pairs: &[(&str, &str)]| {
        everything(app, context, whole, id, &asked(pairs)).await
    };
    assert_eq!(kind(ask(&stranger.context, Whole::Patient, &story.patient, &[]).await), ErrorKind::NotFound);
    let nobody = story.clinic.nobody();
    assert_eq!(kind(ask(&nobody, Whole::Patient, &story.patient, &[]).await), ErrorKind::SignIn);
    let some = program(&story.clinic, &["system/Patient.rs", "system/Observation.rs"]);
    let bundle = answer(ask(&some, Whole::Patient, &story.patient, &[]).await);
    assert_eq!((names(&bundle, "match").len(), names(&bundle, "include").len()), (4, 0));
    assert_eq!(
        kind(ask(&some, Whole::Patient, &story.patient, &[("_type", "Condition")]).await),
        ErrorKind::Forbidden
    );
    assert_eq!(kind(ask(&some, Whole::Encounter, &story.visit, &[]).await), ErrorKind::Forbidden);
}
