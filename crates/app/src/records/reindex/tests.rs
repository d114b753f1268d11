//! Stories of indexing anew.

use bianque_fhir::index_version;
use bianque_model::{Actor, CommitId, Context, ResourceId, TenantId};
use bianque_query::{Predicate, Query, Scope, Test};
use bianque_store::{Change as Written, Commit, HistoryQuery, ResourceWrite};
use serde_json::json;
use uuid::Uuid;

use super::{ROWS_ID, Rows, ask, ensure, one};
use crate::jobs::{self, Job, Named, Status, Step, cancel, status, step, work};
use crate::records::Asked;
use crate::testing::{Clinic, over_fhir};
use crate::{Change, Error, ErrorKind};

fn program(clinic: &Clinic, scopes: &[&str]) -> Context {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes })
}

fn nothing() -> Asked {
    Asked::read(Vec::new(), None).unwrap()
}

/// How many observations are found by their status, and how many in the patient's compartment.
async fn found(clinic: &Clinic, patient: &ResourceId) -> (u64, u64) {
    let by = |filter| Query {
        resource_type: "Observation".into(),
        filter,
        scope: Scope::All,
        order: Vec::new(),
        after: None,
        limit: 1,
    };
    let test = Test::Token { system: None, code: Some("final".into()) };
    let status = by(Predicate::Param { param: "status".into(), test });
    let within = by(Predicate::In(crate::policy::patient_compartment(patient)));
    let store = &clinic.app.store;
    (
        store.count(clinic.tenant, status, u64::MAX).await.unwrap(),
        store.count(clinic.tenant, within, u64::MAX).await.unwrap(),
    )
}

/// A clinic with many observations of a patient.
async fn story(count: usize) -> (Clinic, ResourceId, Vec<ResourceId>) {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let patient = clinic.patient("李", &home).await;
    let mut seen = Vec::new();
    for _ in 0..count {
        let one = json!({
            "resourceType": "Observation", "status": "final", "code": {"text": "pulse"},
            "subject": {"reference": format!("Patient/{patient}")},
        });
        seen.push(clinic.create(one).await);
    }
    (clinic, patient, seen)
}

/// Takes away what these are found by, as a program of another version, or a fault, would.
async fn damage(clinic: &Clinic, ids: &[ResourceId]) {
    let mut commit = Commit::new(clinic.tenant, CommitId(Uuid::now_v7()), clinic.app.clock.now());
    commit.resources = ids
        .iter()
        .map(|id| ResourceWrite {
            resource_type: "Observation".into(),
            id: id.clone(),
            change: Written::Reindex { version: 1, index: Vec::new(), compartments: Vec::new() },
        })
        .collect();
    clinic.app.store.commit(commit).await.unwrap();
}

async fn versions(clinic: &Clinic) -> Vec<(u64, ResourceId, u64, i64)> {
    let query = HistoryQuery {
        resource_type: None,
        id: None,
        scope: Scope::All,
        since: None,
        at: None,
        before: None,
        limit: 10_000,
    };
    let rows = clinic.app.store.history(clinic.tenant, query).await.unwrap();
    rows.into_iter().map(|(place, row)| (place, row.id, row.version, row.last_updated.0)).collect()
}

fn kind(result: Result<impl Sized, Error>) -> ErrorKind {
    match result {
        Ok(_) => panic!("it was allowed"),
        Err(error) => error.kind,
    }
}

#[tokio::test]
async fn what_was_damaged_is_found_again_and_nobody_sees_a_version_more() {
    let (clinic, patient, seen) = story(450).await;
    let before = versions(&clinic).await;
    damage(&clinic, &seen[..300]).await;
    assert_eq!(found(&clinic, &patient).await, (150, 150));
    let context = program(&clinic, &["system/*.cruds"]);
    let job = ask(&clinic.app, &context, Some("Observation"), &nothing()).await.unwrap();
    assert!(matches!(status(&clinic.app, &context, &job).await.unwrap(), Status::UnderWay { .. }));
    work(&clinic.app, clinic.tenant, &job).await.unwrap();
    assert_eq!(found(&clinic, &patient).await, (450, 450));
    assert_eq!(versions(&clinic).await, before);
    let Status::Done { body, resource: true, .. } = status(&clinic.app, &context, &job).await.unwrap() else {
        panic!("it is not done")
    };
    let report: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(bianque_fhir::validate(&report), []);
    let told: Vec<_> =
        report["parameter"].as_array().unwrap().iter().map(|one| &one["valueInteger"]).collect();
    assert_eq!(told, [450, 0]);
}

#[tokio::test]
async fn a_crash_in_the_middle_is_gone_on_from() {
    let (mut clinic, patient, seen) = story(450).await;
    damage(&clinic, &seen).await;
    let context = program(&clinic, &["system/*.cruds"]);
    let job = ask(&clinic.app, &context, None, &nothing()).await.unwrap();
    let tenant = clinic.tenant;
    let mut named = Named::default();
    // Until some of it is there.
    while found(&clinic, &patient).await.0 == 0 {
        assert_eq!(step(&clinic.app, tenant, &job, &mut named).await.unwrap(), Step::More);
    }
    assert!(found(&clinic, &patient).await.0 < 450);
    clinic = clinic.reopened();
    work(&clinic.app, tenant, &job).await.unwrap();
    assert_eq!(found(&clinic, &patient).await, (450, 450));

    damage(&clinic, &seen).await;
    let cancelled = ask(&clinic.app, &context, None, &nothing()).await.unwrap();
    cancel(&clinic.app, &context, &cancelled).await.unwrap();
    work(&clinic.app, tenant, &cancelled).await.unwrap();
    assert_eq!(found(&clinic, &patient).await, (0, 0), "nobody wanted it any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_meanwhile_wins() {
    let (clinic, patient, seen) = story(300).await;
    let context = program(&clinic, &["system/*.cruds"]);
    let (app, tenant) = (clinic.app.clone(), clinic.tenant);
    let job = ask(&app, &context, None, &nothing()).await.unwrap();
    let indexing = tokio::spawn(async move { work(&app, tenant, &job).await });
    for id in seen.iter().rev() {
        let changed = json!({
            "resourceType": "Observation", "id": id, "status": "amended", "code": {"text": "pulse"},
            "subject": {"reference": format!("Patient/{patient}")},
        });
        let body = changed.to_string();
        over_fhir::update(&clinic.app, &context, "Observation", id, body.as_bytes(), None).await.unwrap();
    }
    indexing.await.unwrap().unwrap();
    assert_eq!(found(&clinic, &patient).await, (0, 300), "none is found by what it was before");

    // What was read before another wrote is late.
    let stored = clinic.app.store.resource(tenant, "Observation", &seen[0]).await.unwrap().unwrap();
    let old =
        json!({"resourceType": "Observation", "id": seen[0], "status": "final", "code": {"text": "pulse"}});
    let mut late = Change::new(&clinic.app, &context);
    late.reindex(&old, stored.version - 1).unwrap();
    late.commit().await.unwrap();
    assert_eq!(found(&clinic, &patient).await, (0, 300));
}

#[tokio::test]
async fn it_is_for_who_may_write_all_of_it() {
    let (clinic, patient, seen) = story(2).await;
    let reader = program(&clinic, &["system/*.rs"]);
    assert_eq!(kind(ask(&clinic.app, &reader, None, &nothing()).await), ErrorKind::Forbidden);
    let writer = program(&clinic, &["system/Observation.cruds"]);
    assert_eq!(kind(ask(&clinic.app, &writer, None, &nothing()).await), ErrorKind::Forbidden);
    assert_eq!(kind(ask(&clinic.app, &writer, Some("Patient"), &nothing()).await), ErrorKind::Forbidden);
    let job = ask(&clinic.app, &writer, Some("Observation"), &nothing()).await.unwrap();
    assert_eq!(kind(status(&clinic.app, &reader, &job).await), ErrorKind::NotFound);
    let doubtful = Asked::read(vec![("fast".to_owned(), "true".to_owned())], None).unwrap();
    assert_eq!(kind(ask(&clinic.app, &writer, Some("Observation"), &doubtful).await), ErrorKind::Malformed);
    assert_eq!(kind(ask(&clinic.app, &writer, Some("Nothing"), &nothing()).await), ErrorKind::NotFound);

    damage(&clinic, &seen).await;
    let named = ("Observation", &seen[1]);
    assert_eq!(kind(one(&clinic.app, &reader, named, &nothing()).await), ErrorKind::Forbidden);
    one(&clinic.app, &writer, named, &nothing()).await.unwrap();
    assert_eq!(found(&clinic, &patient).await, (1, 1));
}

#[tokio::test]
async fn rows_of_another_program_are_noticed_at_the_start() {
    let (clinic, patient, seen) = story(5).await;
    let beside = clinic.beside("other.example").await;
    let (app, server) = (&clinic.app, clinic.app.server_context(TenantId::SERVER));
    let open = async || {
        let mut open = Vec::new();
        for tenant in [clinic.tenant, beside.tenant] {
            for job in app.list::<Job>(tenant, "open", "reindex"..="reindex", 10).await.unwrap() {
                open.push((tenant, job.value.id));
            }
        }
        open
    };
    let version =
        async || app.load::<Rows>(TenantId::SERVER, ROWS_ID).await.unwrap().map(|rows| rows.value.version);
    damage(&clinic, &seen).await;
    // A database from before versions were written down: only where there is something.
    ensure(app).await.unwrap();
    ensure(app).await.unwrap();
    let begun = open().await;
    assert_eq!(begun.len(), 1);
    assert_eq!((begun[0].0, version().await), (clinic.tenant, None));
    work(app, begun[0].0, &begun[0].1).await.unwrap();
    assert_eq!(found(&clinic, &patient).await, (5, 5));
    assert_eq!(version().await.as_deref(), Some(index_version()));
    ensure(app).await.unwrap();
    assert_eq!(open().await, []);

    let mut change = Change::new(app, &server);
    change.save(&Rows { version: "1.0.of-last-year".into() }).unwrap();
    change.commit().await.unwrap();
    ensure(app).await.unwrap();
    let begun = open().await;
    assert_eq!(begun.len(), 2, "every tenant");
    for (place, (tenant, job)) in begun.iter().enumerate() {
        work(app, *tenant, job).await.unwrap();
        let done = place + 1 == begun.len();
        assert_eq!(version().await.as_deref() == Some(index_version()), done);
    }
    assert!(jobs::expire(app).await.is_ok());
}

#[tokio::test]
async fn an_empty_server_has_nothing_to_index() {
    let clinic = Clinic::open();
    ensure(&clinic.app).await.unwrap();
    let rows = clinic.app.load::<Rows>(TenantId::SERVER, ROWS_ID).await.unwrap().unwrap();
    assert_eq!(rows.value.version, index_version());
    assert!(
        clinic.app.list::<Job>(clinic.tenant, "kept", "reindex"..="reindex", 1).await.unwrap().is_empty()
    );
}
