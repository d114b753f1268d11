//! Stories of emergencies while the database of read audit fails.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

mod clinic;

use std::fs;
use std::path::PathBuf;

use bianque_store::{AuditQuery, AuditRow, Chain, ChainReport, CommitError, Store};
use clinic::{Clinic, TENANT, clinic, id, seen};
use rusqlite::Connection;

fn in_emergency(patient: &str) -> AuditRow {
    let mut row = seen("li", "chart.read");
    row.purpose = "BTG".into();
    row.patients = vec![id(patient)];
    row
}

/// Makes the table of rows unknown, or known again, behind the store's back.
fn audit_works(clinic: &Clinic, works: bool) {
    let sql = if works { "ALTER TABLE away RENAME TO audit" } else { "ALTER TABLE audit RENAME TO away" };
    Connection::open(clinic.folder.path().join("audit.db")).unwrap().execute_batch(sql).unwrap();
}

fn log_of(clinic: &Clinic) -> PathBuf {
    clinic.folder.path().join("emergency-audit.log")
}

async fn rows(store: &Store) -> Vec<AuditRow> {
    let query = AuditQuery { limit: 100, ..AuditQuery::default() };
    store.audit(TENANT, query).await.unwrap().into_iter().map(|(_, row)| row).collect()
}

async fn emergencies(store: &Store) -> ChainReport {
    store.verify_audit(Chain::Emergencies, Vec::new()).await.unwrap()
}

/// Two reads in an emergency while the database fails.
async fn two_without_audit() -> Clinic {
    let clinic = clinic();
    audit_works(&clinic, false);
    clinic.store.audit_read(TENANT, in_emergency("ana")).await.unwrap();
    clinic.store.audit_read(TENANT, in_emergency("bob")).await.unwrap();
    clinic
}

#[tokio::test]
async fn only_emergencies_go_on_and_nobody_who_shares_their_group() {
    let clinic = clinic();
    audit_works(&clinic, false);
    let together = futures_of(&clinic.store, 20).await;
    for (number, answer) in together.into_iter().enumerate() {
        match answer {
            Ok(()) => assert!(number % 2 == 0, "{number} was no emergency"),
            Err(error) => assert!(number % 2 == 1 && matches!(error, CommitError::Unavailable(_)), "{error}"),
        }
    }
    assert_eq!(emergencies(&clinic.store).await.rows, 10);
}

async fn futures_of(store: &Store, count: usize) -> Vec<Result<(), CommitError>> {
    let one = |number: usize| {
        let store = store.clone();
        let row = if number.is_multiple_of(2) { in_emergency("ana") } else { seen("li", "chart.read") };
        tokio::spawn(async move { store.audit_read(TENANT, row).await })
    };
    let started: Vec<_> = (0..count).map(one).collect();
    let mut answers = Vec::new();
    for task in started {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn they_are_carried_over_once_the_database_works_and_once_only() {
    let clinic = two_without_audit().await;
    audit_works(&clinic, true);
    for _ in 0..3 {
        clinic.store.audit_read(TENANT, seen("li", "chart.read")).await.unwrap();
    }
    let clinic = clinic.reopened();
    clinic.store.audit_read(TENANT, seen("li", "chart.read")).await.unwrap();
    let carried = rows(&clinic.store).await.into_iter().filter(|row| row.purpose == "BTG");
    assert_eq!(carried.map(|row| row.patients).collect::<Vec<_>>(), [[id("bob")], [id("ana")]]);
    let reads = clinic.store.verify_audit(Chain::Reads, Vec::new()).await.unwrap();
    assert_eq!((reads.rows, reads.faults), (6, vec![]));
    assert_eq!(emergencies(&clinic.store).await.faults, []);
}

#[tokio::test]
async fn a_restart_in_between_carries_them_over_too() {
    let clinic = two_without_audit().await;
    audit_works(&clinic, true);
    let clinic = clinic.reopened();
    clinic.store.audit_read(TENANT, seen("li", "chart.read")).await.unwrap();
    assert_eq!(rows(&clinic.store).await.len(), 3);
}

/// What somebody does to the text of the file.
type Change = fn(&str) -> String;

#[tokio::test]
async fn a_line_that_was_changed_dropped_or_added_is_found_and_not_carried_over() {
    let changes: [(&str, Change); 4] = [
        ("changed", |text| text.replacen("ana", "eve", 1)),
        ("dropped", |text| text.split_once('\n').unwrap().1.to_owned()),
        ("twice", |text| format!("{text}{text}")),
        ("marked", |text| format!("{text}{{\"carried\":2,\"seal\":{:?}}}\n", [7_u8; 32])),
    ];
    for (what, change) in changes {
        let clinic = two_without_audit().await;
        audit_works(&clinic, true);
        let Clinic { store, folder } = clinic;
        drop(store);
        let path = folder.path().join("emergency-audit.log");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, change(&text)).unwrap();
        let clinic = Clinic { store: clinic::open(&folder), folder };
        assert!(!emergencies(&clinic.store).await.faults.is_empty(), "{what}");
        clinic.store.audit_read(TENANT, seen("li", "chart.read")).await.unwrap();
        assert!(rows(&clinic.store).await.iter().all(|row| !row.patients.contains(&id("eve"))), "{what}");
    }
}

#[tokio::test]
async fn a_line_that_a_crash_cut_off_harms_none_behind_it() {
    let clinic = two_without_audit().await;
    audit_works(&clinic, true);
    let Clinic { store, folder } = clinic;
    drop(store);
    let path = folder.path().join("emergency-audit.log");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{}", &text[..40])).unwrap();
    let clinic = Clinic { store: clinic::open(&folder), folder };
    audit_works(&clinic, false);
    clinic.store.audit_read(TENANT, in_emergency("cleo")).await.unwrap();
    let report = emergencies(&clinic.store).await;
    assert_eq!((report.rows, report.faults), (3, vec![]));
    assert!(log_of(&clinic).exists());
}
