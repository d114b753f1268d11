//! Stories of a record that is purged over FHIR.

use bianque_model::{Actor, Context, Role};
use serde_json::{Value, json};

use crate::ErrorKind;
use crate::audit::list::{self, Filter};
use crate::records::Asked;
use crate::records::operations::purge::purge;
use crate::records::retention::hold::{self, Placing};
use crate::testing::Clinic;

const YEAR_S: i64 = 31_557_600;

fn because(reason: &str) -> Asked {
    Asked::read(vec![("reason".to_owned(), reason.to_owned())], None).unwrap()
}

#[tokio::test]
async fn a_record_goes_when_nothing_keeps_it_and_what_refers_to_it_is_told() {
    let (clinic, doctor, ana, _) = Clinic::with_visit().await;
    let (app, root) = (&clinic.app, clinic.administrator("root", &doctor.account.organization).await);
    let pulse = clinic
        .create(json!({
            "resourceType": "Observation", "status": "final", "code": {"text": "pulse"},
            "subject": {"reference": format!("Patient/{ana}")},
        }))
        .await;
    clinic
        .create(json!({
            "resourceType": "Provenance", "target": [{"reference": format!("Observation/{pulse}")}],
            "recorded": "2026-01-05T08:00:00Z", "agent": [{"who": {"display": "x"}}],
        }))
        .await;
    let kept = purge(app, &root, &ana, &because("asked for")).await.unwrap_err();
    assert_eq!((kept.kind, kept.code), (ErrorKind::Conflict, "shred.retention"));
    clinic.clock.pass(16 * YEAR_S);
    let placing = Placing { patient_id: ana.clone(), reason: "a claim".into() };
    let root = Context { now: app.clock.now(), ..root };
    hold::place(app, &root, placing).await.unwrap();
    let held = purge(app, &root, &ana, &because("asked for")).await.unwrap_err();
    assert_eq!((held.kind, held.code), (ErrorKind::Conflict, "shred.hold"));
    hold::lift(app, &root, &ana, "settled").await.unwrap();

    let mute = purge(app, &root, &ana, &Asked::default()).await.unwrap_err();
    assert_eq!(mute.kind, ErrorKind::Malformed, "nothing goes without a reason");
    let outcome: Value =
        serde_json::from_slice(&purge(app, &root, &ana, &because("asked for")).await.unwrap()).unwrap();
    assert!(outcome["issue"][0]["diagnostics"].as_str().unwrap().contains("gone for good"), "{outcome}");
    assert!(outcome.to_string().contains("1 resources that stay refer"), "{outcome}");
    assert_eq!(app.store.resource(clinic.tenant, "Patient", &ana).await.unwrap(), None);
    let filter = Filter { operation: Some("record.shred".into()), ..Filter::default() };
    let rows = list::list(app, &root, &filter, None).await.unwrap();
    assert_eq!(
        (&rows["rows"][0]["detail"], &rows["rows"][0]["patients"]),
        (&json!("asked for"), &json!([ana])),
        "the audit stays"
    );
    let again = purge(app, &root, &ana, &because("asked for")).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn clinicians_and_programs_with_less_than_everything_may_not() {
    let (clinic, doctor, ana, _) = Clinic::with_visit().await;
    let desk = clinic.staff("de.sk", Role::FrontDesk, &doctor.account.organization).await;
    let scopes = vec!["system/Patient.cruds".to_owned()];
    let program = clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes });
    for context in [&doctor.context, &desk.context, &program] {
        let denied = purge(&clinic.app, context, &ana, &because("x")).await.unwrap_err();
        assert_eq!(denied.kind, ErrorKind::Forbidden);
    }
    let nobody = purge(&clinic.app, &clinic.nobody(), &ana, &because("x")).await.unwrap_err();
    assert_eq!(nobody.kind, ErrorKind::SignIn);
    let scopes = vec!["system/*.cruds".to_owned()];
    let program = clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes });
    let kept = purge(&clinic.app, &program, &ana, &because("x")).await.unwrap_err();
    assert_eq!(kept.code, "shred.retention", "it may, and the record is kept all the same");
}
