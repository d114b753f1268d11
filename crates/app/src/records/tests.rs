//! Who reaches what over FHIR, and what is kept of it.

use bianque_model::{Actor, Context, ResourceId};
use bianque_store::{AuditQuery, AuditRow};
use serde_json::{Value, json};

use super::write::Done;
use super::{history, read, search, vread};
use crate::patients::authorities::Sharing;
use crate::testing::{Clinic, over_fhir};
use crate::{Error, ErrorKind};

fn program(clinic: &Clinic, scopes: &[&str]) -> Context {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes })
}

fn body(resource: &Value) -> Vec<u8> {
    resource.to_string().into_bytes()
}

fn pairs(query: &[(&str, &str)]) -> Vec<(String, String)> {
    query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn found(
    clinic: &Clinic,
    context: &Context,
    resource_type: &str,
    query: &[(&str, &str)],
) -> Vec<String> {
    let bundle = search::search(&clinic.app, context, resource_type, &pairs(query), false).await.unwrap();
    let bundle: Value = serde_json::from_slice(&bundle).unwrap();
    assert_eq!(bianque_fhir::validate(&bundle), []);
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

async fn audit_of(clinic: &Clinic, patient: &ResourceId) -> Vec<AuditRow> {
    let query = AuditQuery { patient: Some(patient.clone()), limit: 100, ..AuditQuery::default() };
    let rows = clinic.app.store.audit(clinic.server().tenant, query).await.unwrap();
    rows.into_iter().map(|(_, row)| row).collect()
}

fn kind(result: Result<impl Sized, Error>) -> ErrorKind {
    match result {
        Ok(_) => panic!("it was allowed"),
        Err(error) => error.kind,
    }
}

#[tokio::test]
async fn a_clinician_reads_their_own_institution_and_nothing_of_another() {
    let clinic = Clinic::open();
    let (home, away) = (clinic.organization("Home").await, clinic.organization("Away").await);
    let doctor = clinic.clinician("li.na", &home).await;
    let (own, other) = (clinic.patient("张伟", &home).await, clinic.patient("王芳", &away).await);
    let sick = |patient: &ResourceId| json!({"resourceType": "Condition", "subject": {"reference": format!("Patient/{patient}")}, "code": {"text": "x"}});
    let (own_condition, other_condition) =
        (clinic.create(sick(&own)).await, clinic.create(sick(&other)).await);

    let app = &clinic.app;
    assert!(read::read(app, &doctor.context, "Patient", &own).await.is_ok());
    assert!(read::read(app, &doctor.context, "Condition", &own_condition).await.is_ok());
    for (resource_type, id) in [("Patient", &other), ("Condition", &other_condition)] {
        assert_eq!(kind(read::read(app, &doctor.context, resource_type, id).await), ErrorKind::NotFound);
        assert_eq!(kind(vread::vread(app, &doctor.context, resource_type, id, 1).await), ErrorKind::NotFound);
        let all = history::Wanted::default();
        assert_eq!(
            kind(
                history::history(app, &doctor.context, history::Whose::Resource(resource_type, id), all)
                    .await
            ),
            ErrorKind::NotFound
        );
        assert!(found(&clinic, &doctor.context, resource_type, &[("_id", id.as_str())]).await.is_empty());
    }
    assert_eq!(found(&clinic, &doctor.context, "Patient", &[]).await, [own.as_str()]);
    assert_eq!(found(&clinic, &doctor.context, "Condition", &[]).await, [own_condition.as_str()]);
    assert!(found(&clinic, &doctor.context, "Condition", &[("patient", other.as_str())]).await.is_empty());
    assert_eq!(found(&clinic, &doctor.context, "Organization", &[("name", "a")]).await.len(), 1);
}

#[tokio::test]
async fn only_programs_write_and_only_what_their_scopes_say() {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let patient = clinic.patient("张伟", &home).await;
    let visit = "v1".parse().unwrap();
    let denied = [
        doctor.context.clone(),
        clinic.administrator("root", &home).await,
        clinic.patient_of(&visit, &patient),
        program(&clinic, &["system/Patient.rs"]),
        program(&clinic, &["system/Observation.cruds"]),
    ];
    let new = body(&json!({"resourceType": "Patient"}));
    let same = body(&json!({"resourceType": "Patient", "id": patient}));
    let app = &clinic.app;
    for context in &denied {
        assert_eq!(kind(over_fhir::create(app, context, "Patient", &new, None).await), ErrorKind::Forbidden);
        assert_eq!(
            kind(over_fhir::update(app, context, "Patient", &patient, &same, None).await),
            ErrorKind::Forbidden
        );
        assert_eq!(
            kind(over_fhir::delete(app, context, "Patient", &patient, None).await),
            ErrorKind::Forbidden
        );
    }
    for context in &denied[1..3] {
        assert_eq!(kind(read::read(app, context, "Patient", &patient).await), ErrorKind::Forbidden);
        assert_eq!(kind(search::search(app, context, "Patient", &[], false).await), ErrorKind::Forbidden);
    }
    assert_eq!(kind(read::read(app, &clinic.nobody(), "Patient", &patient).await), ErrorKind::SignIn);
    assert_eq!(
        kind(search::search(app, &doctor.context, "AuditEvent", &[], false).await),
        ErrorKind::Forbidden
    );

    let reader = program(&clinic, &["system/Patient.r"]);
    assert!(read::read(app, &reader, "Patient", &patient).await.is_ok());
    assert_eq!(kind(search::search(app, &reader, "Patient", &[], false).await), ErrorKind::Forbidden);
    // Updating under a new id creates.
    let updater = program(&clinic, &["system/*.u"]);
    let fresh = "fresh".parse().unwrap();
    let unknown = body(&json!({"resourceType": "Patient", "id": "fresh"}));
    assert_eq!(
        kind(over_fhir::update(app, &updater, "Patient", &fresh, &unknown, None).await),
        ErrorKind::Forbidden
    );
    assert!(over_fhir::update(app, &updater, "Patient", &patient, &same, None).await.is_ok());
}

#[tokio::test]
async fn what_comes_with_the_matches_is_shown_once_and_only_to_who_may_see_it() {
    let clinic = Clinic::open();
    let (home, away) = (clinic.organization("Home").await, clinic.organization("Away").await);
    let doctor = clinic.clinician("li.na", &home).await;
    let (own, other) = (clinic.patient("张伟", &home).await, clinic.patient("王芳", &away).await);
    let about = |patient: &ResourceId| json!({"reference": format!("Patient/{patient}")});
    let visit = clinic.create(json!({"resourceType": "Encounter", "status": "planned", "class": {"code": "VR"}, "subject": about(&own)})).await;
    let seen = |subject: &ResourceId| {
        json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"},
        "subject": about(subject), "encounter": {"reference": format!("Encounter/{visit}")}})
    };
    clinic.create(seen(&own)).await;
    // It is about a patient of another institution and names a visit of this one.
    clinic.create(seen(&other)).await;
    let all = program(&clinic, &["system/*.rs"]);
    let some = program(&clinic, &["system/Observation.rs", "system/Encounter.rs"]);
    let include = [
        ("_include", "Observation:subject"),
        ("_include", "Observation:encounter"),
        ("_include:iterate", "Encounter:subject"),
        ("_include:iterate", "Patient:organization"),
    ];
    assert_eq!(found(&clinic, &all, "Observation", &include).await.len(), 2 + 1 + 2 + 2);
    assert_eq!(found(&clinic, &some, "Observation", &include).await.len(), 2 + 1);
    assert_eq!(found(&clinic, &doctor.context, "Observation", &include).await.len(), 1 + 1 + 1 + 1);
    let back = [
        ("_id", own.as_str()),
        ("_revinclude", "Encounter:subject"),
        ("_revinclude:iterate", "Observation:encounter"),
    ];
    assert_eq!(found(&clinic, &all, "Patient", &back).await.len(), 1 + 1 + 2);
    assert_eq!(found(&clinic, &doctor.context, "Patient", &back).await.len(), 1 + 1 + 1);
    let shown = audit_of(&clinic, &other).await;
    assert!(shown.iter().any(|row| row.operation == "fhir.search"), "whoever comes along was looked at too");
    // Links are followed only through what the asker may see.
    let through = [("encounter.subject:Patient.organization.name", "home")];
    assert_eq!(found(&clinic, &all, "Observation", &through).await.len(), 2);
    assert_eq!(found(&clinic, &doctor.context, "Observation", &through).await.len(), 1);
    let of_other = [("_has:Observation:subject:code:text", "x")];
    assert_eq!(found(&clinic, &all, "Patient", &of_other).await.len(), 2);
    assert_eq!(found(&clinic, &doctor.context, "Patient", &of_other).await, [own.as_str()]);
}

#[tokio::test]
async fn every_look_and_every_write_of_a_patient_is_audited() {
    let clinic = Clinic::open();
    let all = program(&clinic, &["system/*.cruds"]);
    let app = &clinic.app;
    let new = body(&json!({"resourceType": "Patient", "name": [{"text": "张伟"}]}));
    let patient = over_fhir::create(app, &all, "Patient", &new, None).await.unwrap().record.unwrap().id;
    let about = json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"},
        "subject": {"reference": format!("Patient/{patient}")}});
    let observation =
        over_fhir::create(app, &all, "Observation", &body(&about), None).await.unwrap().record.unwrap().id;
    read::read(app, &all, "Observation", &observation).await.unwrap();
    vread::vread(app, &all, "Observation", &observation, 1).await.unwrap();
    history::history(
        app,
        &all,
        history::Whose::Resource("Observation", &observation),
        history::Wanted::default(),
    )
    .await
    .unwrap();
    search::search(app, &all, "Observation", &pairs(&[("patient", patient.as_str())]), false).await.unwrap();
    over_fhir::delete(app, &all, "Observation", &observation, Some(1)).await.unwrap();
    let mut operations: Vec<String> =
        audit_of(&clinic, &patient).await.into_iter().map(|row| row.operation).collect();
    operations.sort();
    let expected = [
        "fhir.create",
        "fhir.create",
        "fhir.delete",
        "fhir.history",
        "fhir.read",
        "fhir.search",
        "fhir.vread",
    ];
    assert_eq!(operations, expected);
    assert_eq!(kind(read::read(app, &all, "Observation", &observation).await), ErrorKind::Over);

    let events = search::search(app, &all, "AuditEvent", &pairs(&[("patient", patient.as_str())]), false)
        .await
        .unwrap();
    let events: Value = serde_json::from_slice(&events).unwrap();
    assert_eq!(bianque_fhir::validate(&events), []);
    assert_eq!(events["entry"].as_array().unwrap().len(), 7);
    let first = events["entry"][0]["resource"]["id"].as_str().unwrap().parse().unwrap();
    assert!(read::read(app, &all, "AuditEvent", &first).await.is_ok());
}

#[tokio::test]
async fn two_patients_never_share_an_identifier_of_an_authority_whose_doubles_are_refused() {
    let clinic = Clinic::open();
    let all = program(&clinic, &["system/*.cruds"]);
    let app = &clinic.app;
    clinic.authority("urn:a", Sharing::Refused).await;
    let with = |system: &str, value: &str| {
        body(&json!({"resourceType": "Patient", "identifier": [{"system": system, "value": value}]}))
    };
    let first =
        over_fhir::create(app, &all, "Patient", &with("urn:a", "1"), None).await.unwrap().record.unwrap().id;
    let taken = over_fhir::create(app, &all, "Patient", &with("urn:a", "1"), None).await.unwrap_err();
    assert_eq!((taken.kind, taken.code), (ErrorKind::Conflict, "fhir.duplicate"));
    assert!(over_fhir::create(app, &all, "Patient", &with("urn:b", "1"), None).await.is_ok());
    // Without an authority a number says nothing.
    let bare = body(&json!({"resourceType": "Patient", "identifier": [{"value": "1"}]}));
    assert!(over_fhir::create(app, &all, "Patient", &bare, None).await.is_ok());
    assert!(over_fhir::create(app, &all, "Patient", &bare, None).await.is_ok());

    let condition = pairs(&[("identifier", "urn:a|1")]);
    let again = over_fhir::create(app, &all, "Patient", &with("urn:a", "1"), Some(&condition)).await.unwrap();
    assert!(again.done == Done::Existed && again.record.unwrap().id == first);
    let second =
        over_fhir::create(app, &all, "Patient", &with("urn:a", "2"), None).await.unwrap().record.unwrap().id;
    let steals =
        json!({"resourceType": "Patient", "id": second, "identifier": [{"system": "urn:a", "value": "1"}]});
    let stolen = over_fhir::update(app, &all, "Patient", &second, &body(&steals), None).await.unwrap_err();
    assert_eq!(stolen.code, "fhir.duplicate");
    let several = pairs(&[("identifier", "1,2")]);
    let unclear =
        over_fhir::create(app, &all, "Patient", &with("urn:a", "3"), Some(&several)).await.unwrap_err();
    assert_eq!(unclear.code, "fhir.matches");
    assert!(over_fhir::create(app, &all, "Patient", &with("urn:a", "3"), Some(&[])).await.is_err());
}

#[tokio::test]
async fn the_same_condition_at_once_creates_one() {
    let clinic = Clinic::open();
    let all = program(&clinic, &["system/*.cruds"]);
    let new = body(&json!({"resourceType": "Patient", "identifier": [{"system": "urn:a", "value": "1"}]}));
    let tries = (0..16).map(|_| {
        let (app, context, new) = (clinic.app.clone(), all.clone(), new.clone());
        tokio::spawn(async move {
            let condition = pairs(&[("identifier", "urn:a|1")]);
            over_fhir::create(&app, &context, "Patient", &new, Some(&condition)).await.unwrap().done
                == Done::Existed
        })
    });
    let mut made = 0;
    for handle in tries.collect::<Vec<_>>() {
        made += usize::from(!handle.await.unwrap());
    }
    assert_eq!(made, 1);
}

#[tokio::test]
async fn an_update_meets_the_version_it_names() {
    let clinic = Clinic::open();
    let all = program(&clinic, &["system/*.cruds"]);
    let app = &clinic.app;
    let id: ResourceId = "chosen".parse().unwrap();
    let place = |name: &str| body(&json!({"resourceType": "Location", "id": "chosen", "name": name}));
    assert!(
        over_fhir::update(app, &all, "Location", &id, &place("a"), None).await.unwrap().done == Done::Created
    );
    let second = over_fhir::update(app, &all, "Location", &id, &place("b"), Some(1)).await.unwrap();
    assert_eq!((second.done, second.record.unwrap().version), (Done::Updated, 2));
    let stale = over_fhir::update(app, &all, "Location", &id, &place("c"), Some(1)).await.unwrap_err();
    assert_eq!(stale.code, "fhir.version");
    over_fhir::delete(app, &all, "Location", &id, None).await.unwrap();
    over_fhir::delete(app, &all, "Location", &id, None).await.unwrap();
    let back = over_fhir::update(app, &all, "Location", &id, &place("d"), None).await.unwrap();
    assert_eq!((back.done, back.record.unwrap().version), (Done::Created, 4));
    let other = body(&json!({"resourceType": "Location", "id": "other"}));
    assert_eq!(kind(over_fhir::update(app, &all, "Location", &id, &other, None).await), ErrorKind::Malformed);
}
