//! Stories of the desk: finding patients, taking them in, reading charts.

use bianque_model::{Context, ResourceId, TenantId};
use bianque_store::AuditQuery;
use serde_json::{Value, json};

use super::chart;
use super::patients::{self, Identifier, NewPatient};
use crate::ErrorKind;
use crate::testing::{Clinic, Doctor};

fn zhang(identifier: &str) -> NewPatient {
    NewPatient {
        name: "张伟".into(),
        birth_date: "1988-02-29".into(),
        sex: "male".into(),
        phone: "13900000001".into(),
        identifier: Some(Identifier { system: "urn:example:id".into(), value: identifier.into() }),
        language: "zh-CN".into(),
    }
}

async fn found(clinic: &Clinic, doctor: &Doctor, text: &str) -> Vec<String> {
    let answer = patients::search(&clinic.app, &doctor.context, text, None).await.unwrap();
    let names = answer["patients"].as_array().unwrap().iter().map(|patient| &patient["name"]);
    names.map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_patient_is_found_by_name_in_any_script_by_number_by_birth_date_and_by_phone() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    patients::create(&clinic.app, &doctor.context, zhang("A1")).await.unwrap();
    clinic.patient("Ana María Pérez", &home).await;
    for text in ["张伟", "张", "zhang", "zhangwei", "A1", "1988-02-29", "13900000001"] {
        assert_eq!(found(&clinic, &doctor, text).await, ["张伟"], "{text}");
    }
    for text in ["wei 1988-02-29", "1988-02-29 张", "139 0000 0001"] {
        assert_eq!(found(&clinic, &doctor, text).await, ["张伟"], "{text}");
    }
    assert!(found(&clinic, &doctor, "张伟 1988-03-01").await.is_empty());
    for text in ["ana", "perez", "maria perez", "MARÍA"] {
        assert_eq!(found(&clinic, &doctor, text).await, ["Ana María Pérez"], "{text}");
    }
    assert!(found(&clinic, &doctor, "nobody'; DROP TABLE resource; --").await.is_empty());
}

#[tokio::test]
async fn many_of_one_name_are_found_page_by_page() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    for number in 0..45 {
        clinic.patient(&format!("Ana {number}"), &home).await;
    }
    let (mut after, mut pages, mut seen) = (None, Vec::new(), std::collections::BTreeSet::new());
    loop {
        let page = patients::search(&clinic.app, &doctor.context, "ana", after).await.unwrap();
        let found = page["patients"].as_array().unwrap();
        pages.push(found.len());
        seen.extend(found.iter().map(|patient| patient["id"].as_str().unwrap().to_owned()));
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    assert_eq!((pages, seen.len()), (vec![20, 20, 5], 45));
}

#[tokio::test]
async fn other_institutions_patients_are_not_there() {
    let clinic = Clinic::open();
    let (here, there) = (clinic.organization("Riverside").await, clinic.organization("Hillside").await);
    let doctor = clinic.clinician("li.na", &here).await;
    let theirs = clinic.patient("Ana", &there).await;
    assert!(found(&clinic, &doctor, "ana").await.is_empty());
    let error = chart::load(&clinic.app, &doctor.context, &theirs).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    let administrator = clinic.administrator("root", &here).await;
    let error = patients::search(&clinic.app, &administrator, "ana", None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_search_is_one_audit_row_with_its_patients() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let ana = clinic.patient("Ana", &home).await;
    found(&clinic, &doctor, "ana").await;
    let about = AuditQuery { patient: Some(ana), limit: 10, ..AuditQuery::default() };
    let rows = clinic.app.store.audit(TenantId::FIRST, about).await.unwrap();
    assert_eq!(rows.iter().filter(|(_, row)| row.operation == "patient.search").count(), 1);
}

#[tokio::test]
async fn the_same_identifier_is_taken_in_once_however_many_desks_try() {
    let clinic = Clinic::open();
    let (here, there) = (clinic.organization("Riverside").await, clinic.organization("Hillside").await);
    let doctor = clinic.clinician("li.na", &here).await;
    let other = clinic.clinician("he.jun", &there).await;
    let mut tries = Vec::new();
    for _ in 0..8 {
        let (app, context) = (clinic.app.clone(), doctor.context.clone());
        tries.push(tokio::spawn(async move { patients::create(&app, &context, zhang("A1")).await }));
    }
    let mut made = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => {
                assert_eq!((error.kind, error.code), (ErrorKind::Conflict, "patient.exists"));
                assert!(error.details["patient_id"].is_string());
            }
        }
    }
    assert_eq!(made, 1);
    // Another institution learns that there is somebody, and not who.
    let error = patients::create(&clinic.app, &other.context, zhang("A1")).await.unwrap_err();
    assert_eq!((error.code, &error.details), ("patient.exists", &Value::Null));
}

async fn allergy(clinic: &Clinic, patient: &ResourceId) {
    let allergy = json!({
        "resourceType": "AllergyIntolerance", "patient": {"reference": format!("Patient/{patient}")},
        "code": {"text": "Penicillin"}, "criticality": "high",
    });
    clinic.create(allergy).await;
}

#[tokio::test]
async fn a_chart_has_a_version_that_moves_with_its_content_only() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let (ana, ben) = (clinic.patient("Ana", &home).await, clinic.patient("Ben", &home).await);
    let version = || async {
        let context = Context { now: clinic.server().now, ..doctor.context.clone() };
        chart::load(&clinic.app, &context, &ana).await.unwrap()["version"].as_str().unwrap().to_owned()
    };
    let first = version().await;
    clinic.clock.pass(10);
    allergy(&clinic, &ben).await;
    clinic.visit(&doctor, &ana).await;
    assert_eq!(version().await, first, "another patient's allergy and a visit's state are not in it");
    clinic.clock.pass(10);
    allergy(&clinic, &ana).await;
    assert_ne!(version().await, first);
    let shown = chart::load(&clinic.app, &doctor.context, &ana).await.unwrap();
    assert_eq!(shown["allergies"][0]["text"], "Penicillin");
    assert_eq!(shown["visits"].as_array().unwrap().len(), 1);
}
