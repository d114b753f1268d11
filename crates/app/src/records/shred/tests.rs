//! Stories of records that go: not too early, not by halves, and not those of others.

use std::path::Path;

use bianque_model::{ResourceId, TenantId};
use bianque_store::AuditQuery;
use serde_json::json;

use super::{Shredding, resume, shred};
use crate::Change;
use crate::records::retention::hold::{self, Placing};
use crate::records::search;
use crate::smart::grants::Grant;
use crate::testing::{Clinic, Doctor};
use crate::visits::chat;

/// What must not be found on the disk any more.
const CANARY: &str = "Quetzalcoatlus";
const YEARS_S: i64 = 16 * 366 * 86_400;

struct Story {
    clinic: Clinic,
    doctor: Doctor,
    patient: ResourceId,
    other: ResourceId,
}

async fn story() -> Story {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let (patient, other) = (clinic.patient(CANARY, &home).await, clinic.patient("Ana", &home).await);
    let visit = clinic.visit(&doctor, &patient).await;
    let message = chat::Message { text: format!("I am {CANARY}") };
    let context = clinic.patient_of(&visit, &patient);
    chat::send(&clinic.app, &context, &visit, message, "a-key-of-the-browser").await.unwrap();
    let mut writer = clinic.app.blobs.create(context.tenant, &format!("Patient/{patient}")).unwrap();
    writer.write(CANARY.as_bytes()).unwrap();
    let sealed = writer.finish().unwrap();
    let server = clinic.server();
    let mut change = Change::new(&clinic.app, &server);
    change.save(&opened_for(&patient, &doctor)).unwrap();
    change.blob(bianque_store::BlobRow {
        id: sealed.id,
        subject: format!("Patient/{patient}"),
        size: sealed.size,
        blake3: sealed.blake3,
    });
    change.commit().await.unwrap();
    Story { clinic, doctor, patient, other }
}

/// What lets an application read the patient's record.
fn opened_for(patient: &ResourceId, doctor: &Doctor) -> Grant {
    let now = doctor.context.now;
    Grant {
        id: "grant".parse().unwrap(),
        client: "chart".parse().unwrap(),
        user: doctor.account.id,
        scopes: vec!["launch/patient".into()],
        patient: Some(patient.clone()),
        encounter: None,
        session: String::new(),
        offline: true,
        created_at: now,
        used_at: now,
        until: now.plus_seconds(2 * YEARS_S),
        generation: 0,
        salt: String::new(),
    }
}

/// Files below a folder that hold these bytes.
fn holding(folder: &Path, words: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(holding(&entry.path(), words));
        } else if std::fs::read(entry.path())
            .unwrap()
            .windows(words.len())
            .any(|window| window.eq_ignore_ascii_case(words.as_bytes()))
        {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

#[tokio::test]
async fn a_record_is_kept_while_retention_runs_or_a_hold_exists_and_then_nothing_of_it_is_left() {
    let story = story().await;
    let (clinic, patient) = (&story.clinic, &story.patient);
    assert_eq!(
        shred(&clinic.app, TenantId::FIRST, patient, "asked for").await.unwrap_err().code,
        "shred.retention"
    );
    clinic.clock.pass(YEARS_S);
    let placing = Placing { patient_id: patient.clone(), reason: "a claim".into() };
    hold::place(&clinic.app, &clinic.server(), placing).await.unwrap();
    assert_eq!(
        shred(&clinic.app, TenantId::FIRST, patient, "asked for").await.unwrap_err().code,
        "shred.hold"
    );
    hold::lift(&clinic.app, &clinic.server(), patient, "settled").await.unwrap();
    assert!(!holding(clinic.folder(), CANARY).is_empty(), "the test can see what is there");

    let went = shred(&clinic.app, TenantId::FIRST, patient, "asked for").await.unwrap();
    assert_eq!((went.resources, went.states, went.blobs), (3, 2, 1));
    assert_eq!(holding(clinic.folder(), CANARY), Vec::<String>::new());
    let unknown = shred(&clinic.app, TenantId::FIRST, patient, "again").await.unwrap_err();
    assert_eq!(unknown.code, "shred.unknown");
    let tenant = story.doctor.context.tenant;
    assert!(clinic.app.load::<Grant>(tenant, "grant").await.unwrap().is_none());
    assert!(clinic.app.resource(tenant, "Patient", &story.other).await.is_ok());
}

#[tokio::test]
async fn the_audit_says_who_was_shredded_and_why_and_stays_sound() {
    let story = story().await;
    let (app, patient) = (&story.clinic.app, &story.patient);
    story.clinic.clock.pass(YEARS_S);
    shred(app, TenantId::FIRST, patient, "the law says so").await.unwrap();
    let about = AuditQuery { patient: Some(patient.clone()), limit: 100, ..AuditQuery::default() };
    let rows = app.store.audit(story.doctor.context.tenant, about).await.unwrap();
    let last = &rows.first().unwrap().1;
    assert_eq!((last.operation.as_str(), last.detail.as_str()), ("record.shred", "the law says so"));
    assert!(rows.iter().any(|(_, row)| row.operation == "visit.chat"), "what was done before stays");
    assert!(crate::audit::verify::verify(app, &[]).await.unwrap().sound);
}

#[tokio::test]
async fn a_shredding_that_was_cut_off_goes_on_after_a_restart() {
    let story = story().await;
    let Story { clinic, patient, .. } = story;
    clinic.clock.pass(YEARS_S);
    let context = clinic.server();
    let mut change = Change::new(&clinic.app, &context);
    change.save(&Shredding { patient: patient.clone(), reason: "asked for".into() }).unwrap();
    change.commit().await.unwrap();
    // The key went, and then the power.
    clinic.app.blobs.shred_key(context.tenant, &format!("Patient/{patient}")).unwrap();
    let clinic = clinic.reopened();
    resume(&clinic.app).await.unwrap();
    assert_eq!(holding(clinic.folder(), CANARY), Vec::<String>::new());
    assert!(clinic.app.load::<Shredding>(context.tenant, patient.as_str()).await.unwrap().is_none());
}

#[tokio::test]
async fn what_lies_in_the_record_of_another_patient_too_stays() {
    let story = story().await;
    let (clinic, patient, other) = (&story.clinic, &story.patient, &story.other);
    let both = [patient, other]
        .map(|id| json!({"actor": {"reference": format!("Patient/{id}")}, "status": "accepted"}));
    let shared =
        clinic.create(json!({"resourceType": "Appointment", "status": "booked", "participant": both})).await;
    clinic.clock.pass(YEARS_S);
    assert_eq!(shred(&clinic.app, TenantId::FIRST, patient, "asked for").await.unwrap().shared, 1);
    assert!(clinic.app.resource(clinic.server().tenant, "Appointment", &shared).await.is_ok());
}

#[tokio::test]
async fn the_audit_of_a_search_holds_no_name_and_still_tells_whether_it_was_searched_for() {
    let story = story().await;
    let (app, context) = (&story.clinic.app, &story.doctor.context);
    let pairs = [("name", CANARY), ("gender", "female")].map(|(name, value)| (name.into(), value.into()));
    search::search(app, context, "Patient", &pairs, false).await.unwrap();
    let all = AuditQuery { limit: 100, ..AuditQuery::default() };
    let rows = app.store.audit(context.tenant, all).await.unwrap();
    let row = &rows.iter().find(|(_, row)| row.operation == "fhir.search").unwrap().1;
    assert_eq!(row.detail, format!("name={}&gender=female", search::searched(app, "quetzalcoatlus")));
    assert_ne!(search::searched(app, "quetzalcoatlus"), search::searched(app, "somebody else"));
}
