//! Stories of the audit: checked, signed, sent away, shown to whom it is about.

use bianque_store::Chain;
use serde_json::json;

use super::checkpoint::{self, Checkpoint};
use super::download::{self, Format, Taking};
use super::export::{self, Entry};
use super::list::{self, Filter};
use super::{readers, state, verify};
use crate::directory::chart;
use crate::records::search;
use crate::testing::Clinic;

async fn signed(clinic: &Clinic) -> Vec<String> {
    let taken = checkpoint::take(&clinic.app).await.unwrap();
    taken.iter().map(|checkpoint| checkpoint.sign(&clinic.app).unwrap()).collect()
}

#[tokio::test]
async fn what_was_written_is_vouched_for_and_so_are_checkpoints_of_before() {
    let (clinic, doctor, ana, _) = Clinic::with_visit().await;
    let mut kept = signed(&clinic).await;
    chart::load(&clinic.app, &doctor.context, &ana).await.unwrap();
    kept.extend(signed(&clinic).await);
    let report = verify::verify(&clinic.app, &kept).await.unwrap();
    assert!(report.sound, "{report:?}");
    assert_eq!(report.checkpoints, 4);
    let again = verify::verify(&clinic.app, &[]).await.unwrap();
    assert_eq!(again.chains[1].rows, report.chains[1].rows + 1, "a check is in the audit too");
}

#[tokio::test]
async fn an_older_state_that_was_put_back_is_found_by_checkpoints() {
    let (clinic, ..) = Clinic::with_visit().await;
    let mut later = checkpoint::take(&clinic.app).await.unwrap().remove(0);
    assert_eq!(later.chain, Chain::Writes);
    later.count += 5;
    let report = verify::verify(&clinic.app, &[later.sign(&clinic.app).unwrap()]).await.unwrap();
    assert!(!report.sound);
    assert!(report.chains[0].faults[0].contains("an older state was put back"), "{report:?}");

    let mut other = checkpoint::take(&clinic.app).await.unwrap().remove(0);
    other.link = "00".repeat(32);
    let report = verify::verify(&clinic.app, &[other.sign(&clinic.app).unwrap()]).await.unwrap();
    assert!(report.chains[0].faults[0].contains("is not the one a checkpoint saw"), "{report:?}");
}

#[tokio::test]
async fn a_checkpoint_is_only_what_this_server_signed_as_one() {
    let (clinic, ..) = Clinic::with_visit().await;
    let (strangers, ..) = Clinic::with_visit().await;
    let foreign = signed(&strangers).await.remove(0);
    assert!(Checkpoint::read(&clinic.app, &foreign).is_err());
    let ours = signed(&clinic).await.remove(0);
    assert!(Checkpoint::read(&clinic.app, &ours).is_ok());
    let mut changed = ours.clone();
    changed.replace_range(ours.find('.').unwrap() + 5..ours.find('.').unwrap() + 6, "_");
    assert!(Checkpoint::read(&clinic.app, &changed).is_err());
    let report = verify::verify(&clinic.app, &[foreign]).await.unwrap();
    assert!(!report.sound && report.checkpoints == 0);
}

#[tokio::test]
async fn every_row_is_sent_once_in_order_with_its_link() {
    let (clinic, doctor, ana, _) = Clinic::with_visit().await;
    chart::load(&clinic.app, &doctor.context, &ana).await.unwrap();
    let (first, reached) = export::pending(&clinic.app, "there").await.unwrap().unwrap();
    let (same, _) = export::pending(&clinic.app, "there").await.unwrap().unwrap();
    let rows = |entries: &[Entry]| -> Vec<(Chain, u64)> {
        let row = |entry: &Entry| match entry {
            Entry::Row { chain, sequence, event, .. } => {
                assert_eq!(event["id"], sequence.to_string());
                Some((*chain, *sequence))
            }
            Entry::Checkpoint { line, .. } => {
                Checkpoint::read(&clinic.app, line).unwrap();
                None
            }
        };
        entries.iter().filter_map(row).collect()
    };
    assert_eq!(rows(&first), rows(&same), "what was not said to be sent is sent again");
    export::sent(&clinic.app, &reached).await.unwrap();
    assert_eq!(export::pending(&clinic.app, "there").await.unwrap(), None);
    chart::load(&clinic.app, &doctor.context, &ana).await.unwrap();
    let (next, _) = export::pending(&clinic.app, "there").await.unwrap().unwrap();
    assert_eq!(rows(&next).len(), 1);
    assert!(export::pending(&clinic.app, "elsewhere").await.unwrap().unwrap().0.len() > first.len());
}

#[tokio::test]
async fn a_patient_sees_who_read_their_record_and_nobody_elses() {
    let (clinic, doctor, ana, visit) = Clinic::with_visit().await;
    let bo = clinic.patient("Bo", &doctor.account.organization).await;
    chart::load(&clinic.app, &doctor.context, &ana).await.unwrap();
    chart::load(&clinic.app, &doctor.context, &bo).await.unwrap();
    let patient = clinic.patient_of(&visit, &ana);
    let told = readers::readers(&clinic.app, &patient, &visit, None).await.unwrap();
    let accesses = told["accesses"].as_array().unwrap();
    let looks: Vec<_> = accesses.iter().filter(|access| access["operation"] == "chart.read").collect();
    assert_eq!(looks.len(), 1, "{told}");
    assert_eq!((&looks[0]["kind"], &looks[0]["what"]), (&"clinician".into(), &"read".into()));
    assert!(looks[0]["who"].as_str().is_some_and(|name| !name.is_empty()));
    assert_eq!(looks[0]["organization"], "Riverside");
    assert!(readers::readers(&clinic.app, &doctor.context, &visit, None).await.is_err());
}

/// What nothing vouches for is not shown, but for records that were opened in an emergency.
#[tokio::test]
async fn without_audit_no_data_is_served_but_in_emergencies() {
    let (clinic, doctor, ana, visit) = Clinic::with_visit().await;
    let database = rusqlite::Connection::open(clinic.folder().join("audit.db")).unwrap();
    database.execute_batch("ALTER TABLE audit RENAME TO away").unwrap();
    let refused = |answer: Result<serde_json::Value, crate::Error>| answer.unwrap_err().kind;
    let unavailable = crate::ErrorKind::Unavailable;
    assert_eq!(refused(chart::load(&clinic.app, &doctor.context, &ana).await), unavailable);
    assert_eq!(refused(chart::of_visit(&clinic.app, &doctor.context, &visit).await), unavailable);
    let urgent = bianque_model::Context { emergencies: vec![ana.clone()], ..doctor.context.clone() };
    let chart = chart::load(&clinic.app, &urgent, &ana).await.unwrap();
    assert_eq!(chart["patient"]["name"], "Ana");

    database.execute_batch("ALTER TABLE away RENAME TO audit").unwrap();
    chart::load(&clinic.app, &doctor.context, &ana).await.unwrap();
    let report = verify::verify(&clinic.app, &[]).await.unwrap();
    assert!(report.sound && report.chains.len() == 3 && report.chains[2].rows == 1, "{report:?}");
    let query = bianque_store::AuditQuery { patient: Some(ana), limit: 100, ..Default::default() };
    let rows = clinic.app.store.audit(doctor.context.tenant, query).await.unwrap();
    assert_eq!(rows.iter().filter(|(_, row)| row.purpose == "BTG").count(), 1);
}

/// Somebody looks after everything, and reads no patient.
#[tokio::test]
async fn an_administrator_looks_through_the_audit_and_that_is_in_it() {
    let (clinic, doctor, ana, visit) = Clinic::with_visit().await;
    let home = doctor.account.organization.clone();
    let root = clinic.administrator("root", &home).await;
    chart::load(&clinic.app, &doctor.context, &ana).await.unwrap();
    let diabetes = [("code".to_owned(), "44054006".to_owned())];
    search::search(&clinic.app, &doctor.context, "Condition", &diabetes, false).await.unwrap();
    let urgent = bianque_model::Context { emergencies: vec![ana.clone()], ..doctor.context.clone() };
    chart::load(&clinic.app, &urgent, &ana).await.unwrap();

    let told = list::list(&clinic.app, &root, &Filter::default(), None).await.unwrap();
    let rows = told["rows"].as_array().unwrap();
    let of = |operation: &str| rows.iter().find(|row| row["operation"] == operation).unwrap();
    assert_eq!(of("chart.read")["who"]["name"], "Dr. li.na");
    assert_eq!(
        (&of("chart.read")["organization"], &of("chart.read")["patients"][0]),
        (&"Riverside".into(), &json!(ana))
    );
    assert!(!told.to_string().contains("Ana"), "no name of a patient");
    assert_eq!(of("fhir.search")["detail"], "code", "and nothing of what was looked for");
    assert_eq!(told["next"], json!(null));

    let emergencies = Filter { emergency: true, ..Filter::default() };
    let told = list::list(&clinic.app, &root, &emergencies, None).await.unwrap();
    assert_eq!(told["rows"].as_array().unwrap().len(), 1);
    let own = Filter { operation: Some("audit.list".into()), ..Filter::default() };
    let told = list::list(&clinic.app, &root, &own, None).await.unwrap();
    assert_eq!(told["rows"][0]["detail"], r#"{"emergency":true}"#);
    assert_eq!(told["rows"][0]["who"]["name"], "Dr. root");

    for filter in [
        Filter { action: Some("X".into()), ..Filter::default() },
        Filter { outcome: Some("maybe".into()), ..Filter::default() },
        Filter { from: Some("yesterday".into()), ..Filter::default() },
    ] {
        assert_eq!(
            list::list(&clinic.app, &root, &filter, None).await.unwrap_err().kind,
            crate::ErrorKind::Refused
        );
    }
    let beyond = list::list(&clinic.app, &root, &Filter::default(), Some("a.b")).await;
    assert_eq!(beyond.unwrap_err().field, Some("before"));
    for context in [&doctor.context, &clinic.patient_of(&visit, &ana)] {
        let refused = list::list(&clinic.app, context, &Filter::default(), None).await.unwrap_err();
        assert_eq!(refused.kind, crate::ErrorKind::Forbidden);
        let taking = Taking { format: Format::Csv, filter: Filter::default() };
        assert!(download::begin(&clinic.app, context, taking).await.is_err());
        assert!(state::show(&clinic.app, context).await.is_err());
    }
}

#[tokio::test]
async fn the_audit_is_taken_away_whole_and_that_is_in_it_before() {
    let (clinic, doctor, ana, _) = Clinic::with_visit().await;
    let root = clinic.administrator("root", &doctor.account.organization).await;
    for _ in 0..1_200 {
        clinic.app.audit_read(&doctor.context, "chart.read", &ana, "Patient/x").await.unwrap();
    }
    clinic.clock.pass(1);
    let root = bianque_model::Context { now: clinic.app.clock.now(), ..root };
    let filter = Filter { operation: Some("chart.read".into()), ..Filter::default() };
    let taken = async |format| {
        let taking = Taking { format, filter: filter.clone() };
        let mut download = download::begin(&clinic.app, &root, taking).await.unwrap();
        let mut text = String::new();
        while let Some(stretch) = download.next().await.unwrap() {
            text.push_str(&stretch);
        }
        text
    };
    let csv = taken(Format::Csv).await;
    assert_eq!(csv.lines().count(), 1_201);
    assert!(csv.starts_with("sequence,at,action,operation,done,who,name,"));
    assert!(csv.lines().nth(1).unwrap().contains(",R,chart.read,true,Practitioner/"), "{}", &csv[..400]);
    let events = taken(Format::Ndjson).await;
    assert_eq!(events.lines().count(), 1_200);
    let event: serde_json::Value = serde_json::from_str(events.lines().next().unwrap()).unwrap();
    assert_eq!(bianque_fhir::validate(&event), []);
    let own = Filter { operation: Some("audit.export".into()), ..Filter::default() };
    let told = list::list(&clinic.app, &root, &own, None).await.unwrap();
    assert_eq!(told["rows"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_administrator_sees_when_the_audit_was_checked_and_what_its_heads_are() {
    let (clinic, doctor, ..) = Clinic::with_visit().await;
    let root = clinic.administrator("root", &doctor.account.organization).await;
    let shown = state::show(&clinic.app, &root).await.unwrap();
    assert_eq!((&shown["verified"], &shown["export"]), (&json!(null), &json!(null)));
    let line = shown["chains"][0]["checkpoint"].as_str().unwrap().to_owned();
    let report = verify::verify(&clinic.app, &[line]).await.unwrap();
    let verified = &state::show(&clinic.app, &root).await.unwrap()["verified"];
    assert_eq!((&verified["sound"], &verified["checkpoints"]), (&json!(true), &json!(1)));
    assert_eq!(verified["rows"], report.chains.iter().map(|chain| chain.rows).sum::<u64>());
}
