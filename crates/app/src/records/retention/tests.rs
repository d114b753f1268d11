//! Stories of how long records are kept, and of who says so.

use bianque_model::Context;
use serde_json::json;

use super::hold::{self, Placing};
use super::period::{self, Setting};
use crate::ErrorKind;
use crate::admin::identify::{self, Named};
use crate::audit::list::{self, Filter};
use crate::records::shred::shred;
use crate::testing::Clinic;

const YEAR_S: i64 = 31_557_600;

fn setting(years: u16, revision: u64) -> Setting {
    Setting { years, reason: "the law of 2027".into(), revision }
}

fn placing(patient: &bianque_model::ResourceId, reason: &str) -> Placing {
    Placing { patient_id: patient.clone(), reason: reason.into() }
}

/// The newest rows of an operation, as an administrator sees them.
async fn audited(clinic: &Clinic, root: &Context, operation: &str) -> Vec<serde_json::Value> {
    let filter = Filter { operation: Some(operation.into()), ..Filter::default() };
    let told = list::list(&clinic.app, root, &filter, None).await.unwrap();
    told["rows"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_administrator_keeps_records_longer_than_the_operator_wants_and_never_shorter() {
    let (clinic, doctor, ana, _) = Clinic::with_visit().await;
    let (app, root) = (&clinic.app, clinic.administrator("root", &doctor.account.organization).await);
    let shown = period::show(app, &root).await.unwrap();
    assert_eq!((&shown["years"], &shown["least"], &shown["revision"]), (&json!(15), &json!(15), &json!(0)));
    let short = period::set(app, &root, setting(14, 0)).await.unwrap_err();
    assert_eq!((short.code, short.field), ("field.range", Some("years")));
    let mute = Setting { reason: " ".into(), ..setting(20, 0) };
    assert_eq!(period::set(app, &root, mute).await.unwrap_err().field, Some("reason"));
    let shown = period::set(app, &root, setting(20, 0)).await.unwrap();
    assert_eq!((&shown["years"], &shown["history"][0]["by"]), (&json!(20), &json!("Dr. root")));
    let late = period::set(app, &root, setting(30, 0)).await.unwrap_err();
    assert_eq!(late.code, "retention.changed", "nobody's decision is written over unseen");
    let row = audited(&clinic, &root, "retention.set").await.remove(0);
    assert_eq!(row["detail"], "15 -> 20 years: the law of 2027");

    clinic.clock.pass(16 * YEAR_S);
    assert_eq!(shred(app, root.tenant, &ana, "asked for").await.unwrap_err().code, "shred.retention");
    let back = period::set(app, &root, setting(15, 1)).await.unwrap();
    assert_eq!(back["history"].as_array().unwrap().len(), 2, "what was decided stays to be read");
    assert!(shred(app, root.tenant, &ana, "asked for").await.is_ok());
    for stranger in [
        &doctor.context,
        &clinic.staff("su.per", bianque_model::Role::Supervisor, &doctor.account.organization).await.context,
    ] {
        assert_eq!(period::show(app, stranger).await.unwrap_err().kind, ErrorKind::Forbidden);
        assert_eq!(period::set(app, stranger, setting(20, 2)).await.unwrap_err().kind, ErrorKind::Forbidden);
    }
}

#[tokio::test]
async fn a_record_with_a_hold_is_kept_until_it_is_lifted() {
    let (clinic, doctor, ana, _) = Clinic::with_visit().await;
    let (app, root) = (&clinic.app, clinic.administrator("root", &doctor.account.organization).await);
    clinic.clock.pass(16 * YEAR_S);
    assert_eq!(hold::place(app, &root, placing(&ana, "")).await.unwrap_err().field, Some("reason"));
    let nobody = "nobody".parse().unwrap();
    assert_eq!(hold::place(app, &root, placing(&nobody, "x")).await.unwrap_err().kind, ErrorKind::NotFound);
    hold::place(app, &root, placing(&ana, "a claim")).await.unwrap();
    assert_eq!(hold::place(app, &root, placing(&ana, "twice")).await.unwrap_err().code, "hold.exists");
    assert_eq!(shred(app, root.tenant, &ana, "asked for").await.unwrap_err().code, "shred.hold");

    let held = hold::list(app, &root).await.unwrap();
    let line = &held["holds"][0];
    assert_eq!(
        (&line["patient_id"], &line["reason"], &line["by"]),
        (&json!(ana), &json!("a claim"), &json!("Dr. root"))
    );
    assert_eq!(line["organization"], "Riverside");
    assert!(!held.to_string().contains("Ana"), "an administrator reads no name");
    assert_eq!(audited(&clinic, &root, "hold.list").await[0]["patients"], json!([ana]));

    hold::lift(app, &root, &ana, "settled").await.unwrap();
    assert_eq!(hold::lift(app, &root, &ana, "again").await.unwrap_err().code, "hold.none");
    for (operation, reason) in [("hold.add", "a claim"), ("hold.remove", "settled")] {
        let row = audited(&clinic, &root, operation).await.remove(0);
        assert_eq!((&row["detail"], &row["patients"]), (&json!(reason), &json!([ana])));
    }
    assert!(shred(app, root.tenant, &ana, "asked for").await.is_ok());
    for denied in [
        hold::place(app, &doctor.context, placing(&ana, "x")).await,
        hold::lift(app, &doctor.context, &ana, "x").await,
        hold::list(app, &doctor.context).await.map(drop),
    ] {
        assert_eq!(denied.unwrap_err().kind, ErrorKind::Forbidden);
    }
}

#[tokio::test]
async fn a_patient_is_told_by_number_and_birth_date_together_and_by_nothing_less() {
    let (clinic, doctor, _, _) = Clinic::with_visit().await;
    let (app, root) = (&clinic.app, clinic.administrator("root", &doctor.account.organization).await);
    let bo = clinic
        .create(json!({
            "resourceType": "Patient", "name": [{"text": "Bo"}], "birthDate": "1990-01-02",
            "identifier": [{"system": "urn:mrn", "value": "M-77"}],
        }))
        .await;
    let named = |identifier: &str, birth_date: &str| Named {
        identifier: identifier.into(),
        birth_date: birth_date.into(),
    };
    let told = identify::identify(app, &root, named("M-77", "1990-01-02")).await.unwrap();
    assert_eq!(told, json!({"patient": {"id": bo, "held": false}}));
    for wrong in [named("M-77", "1990-01-03"), named("M-78", "1990-01-02")] {
        assert_eq!(identify::identify(app, &root, wrong).await.unwrap_err().kind, ErrorKind::NotFound);
    }
    let rows = audited(&clinic, &root, "patient.identify").await;
    let done: Vec<_> = rows.iter().map(|row| row["done"].as_bool().unwrap()).collect();
    assert_eq!(done.iter().filter(|done| !**done).count(), 2);
    assert_eq!(done.len(), 3);
    let denied = identify::identify(app, &doctor.context, named("M-77", "1990-01-02")).await;
    assert_eq!(denied.unwrap_err().kind, ErrorKind::Forbidden);
}
