//! Stories of somebody who has the files and changes what the audit says.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

mod clinic;

use bianque_store::{AuditKey, Chain, ChainFault, ChainReport, Store};
use clinic::{Clinic, NOON, TENANT, clinic, commit, id, seen};
use rusqlite::Connection;

/// Ten changes by Li and ten looks by Wang, on a closed store.
async fn a_day_of_work() -> Clinic {
    let clinic = clinic();
    for second in 0..10 {
        let mut change = commit();
        let mut row = seen("li", "visit.admit");
        row.at = NOON.plus_seconds(second);
        change.audit.push(row.clone());
        clinic.store.commit(change).await.unwrap();
        row.operation = "chart.read".into();
        row.patients.push(id("wang"));
        clinic.store.audit_read(TENANT, row).await.unwrap();
    }
    clinic
}

/// Closes the store, changes a file with SQL, and walks both chains.
async fn after(clinic: Clinic, file: &str, sql: &str) -> [ChainReport; 2] {
    let Clinic { store, folder } = clinic;
    drop(store);
    Connection::open(folder.path().join(file)).unwrap().execute_batch(sql).unwrap();
    let clinic = Clinic { store: clinic::open(&folder), folder };
    reports(&clinic.store).await
}

async fn reports(store: &Store) -> [ChainReport; 2] {
    let mut found = Vec::new();
    for chain in Chain::ALL {
        found.push(store.verify_audit(chain, vec![1, 7, 99]).await.unwrap());
    }
    found.try_into().unwrap()
}

#[tokio::test]
async fn an_untouched_audit_has_no_fault_and_goes_on_after_a_restart() {
    let clinic = a_day_of_work().await.reopened();
    clinic.store.audit_read(TENANT, seen("li", "chart.read")).await.unwrap();
    let [writes, reads] = reports(&clinic.store).await;
    assert_eq!((writes.rows, reads.rows), (10, 11));
    assert_eq!((writes.faults, reads.faults), (vec![], vec![]));
    assert_eq!(writes.at.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 7]);
    assert_eq!(clinic.store.audit_head(Chain::Reads).await.unwrap(), reads.head);
    let rows = clinic.store.audit_after(Chain::Reads, 0, 100).await.unwrap();
    assert_eq!(rows.last().unwrap().link, reads.head.link);
}

#[tokio::test]
async fn a_row_that_says_something_else_is_found_whatever_was_changed_in_it() {
    for column in [
        "at = at + 1",
        "tenant = tenant + 1",
        "action = 'D'",
        "operation = 'x'",
        "success = 1 - success",
        "agent = 'Practitioner/other'",
        "organization = 'o'",
        "purpose = 'p'",
        "address = '10.0.0.1'",
        "request = 'another'",
        "entity = 'Encounter/e'",
        "detail = 'd'",
        "patients = 'zhao'",
    ] {
        let sql =
            format!("UPDATE audit SET {column} WHERE rowid = (SELECT rowid FROM audit LIMIT 1 OFFSET 4)");
        let [writes, reads] = after(a_day_of_work().await, "bianque.db", &sql).await;
        assert!(
            matches!(writes.faults[..], [ChainFault::Broken { place: 5, .. }, ..]),
            "{column}: {:?}",
            writes.faults
        );
        assert_eq!(reads.faults, []);
    }
}

#[tokio::test]
async fn a_dropped_row_is_found() {
    let sql = "DELETE FROM audit_patient WHERE sequence = (SELECT sequence FROM audit LIMIT 1 OFFSET 4);
        DELETE FROM audit WHERE sequence = (SELECT sequence FROM audit LIMIT 1 OFFSET 4)";
    let [writes, reads] = after(a_day_of_work().await, "audit.db", sql).await;
    assert_eq!(writes.faults, []);
    assert!(
        matches!(
            reads.faults[..],
            [ChainFault::Broken { place: 5, .. }, ChainFault::Cut { found: 9, wanted: 10 }]
        ),
        "{:?}",
        reads.faults
    );
}

#[tokio::test]
async fn two_rows_in_each_others_place_are_found() {
    let sql = "UPDATE audit SET sequence = 1000 WHERE sequence = 6;
        UPDATE audit SET sequence = 6 WHERE sequence = 8;
        UPDATE audit SET sequence = 8 WHERE sequence = 1000";
    let [_, reads] = after(a_day_of_work().await, "audit.db", sql).await;
    assert!(matches!(reads.faults[..], [ChainFault::Broken { sequence: 6, .. }, ..]), "{:?}", reads.faults);
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_found_also_when_the_head_was_set_back() {
    let cut = "DELETE FROM audit_patient WHERE sequence = (SELECT max(sequence) FROM audit);
        DELETE FROM audit WHERE sequence = (SELECT max(sequence) FROM audit);";
    let [writes, _] = after(a_day_of_work().await, "bianque.db", cut).await;
    assert_eq!(writes.faults, [ChainFault::Cut { found: 9, wanted: 10 }]);

    let set_back = format!(
        "{cut} UPDATE audit_head SET count = 9, link = (SELECT link FROM audit ORDER BY sequence DESC LIMIT 1)"
    );
    let [writes, _] = after(a_day_of_work().await, "bianque.db", &set_back).await;
    assert_eq!(writes.faults, [ChainFault::Head]);

    let disowned = "UPDATE audit_head SET begins_after = 5, count = 7";
    let [writes, _] = after(a_day_of_work().await, "bianque.db", disowned).await;
    assert!(writes.faults.contains(&ChainFault::Head), "{:?}", writes.faults);
}

#[tokio::test]
async fn a_row_that_was_hidden_from_its_patient_is_found() {
    let sql = "DELETE FROM audit_patient WHERE patient = 'wang' AND sequence = 8";
    let [_, reads] = after(a_day_of_work().await, "audit.db", sql).await;
    assert_eq!(reads.faults, [ChainFault::ByPatient { found: 19, wanted: 20 }]);
}

#[tokio::test]
async fn nobody_without_the_key_goes_on_with_the_chain() {
    let Clinic { store, folder } = a_day_of_work().await;
    drop(store);
    let mut options = clinic::options(&folder);
    options.audit_key = AuditKey::new([8; 32]);
    let forger = bianque_store::sqlite::open(options).unwrap();
    forger.audit_read(TENANT, seen("li", "chart.read")).await.unwrap();
    drop(forger);
    let [writes, reads] = reports(&clinic::open(&folder)).await;
    assert_eq!(writes.faults, []);
    assert!(matches!(reads.faults[..], [ChainFault::Broken { place: 11, .. }, ChainFault::Head]));
}

#[tokio::test]
async fn a_refused_commit_leaves_no_gap_in_the_chain() {
    let clinic = clinic();
    for round in 0..6 {
        let mut change = commit();
        change.audit.push(seen("li", "visit.admit"));
        if round % 2 == 1 {
            change.expectations.push(bianque_store::Expectation::ResourceVersion {
                resource_type: "Patient".into(),
                id: id("nobody"),
                version: 3,
            });
        }
        assert_eq!(clinic.store.commit(change).await.is_ok(), round % 2 == 0);
    }
    let [writes, _] = reports(&clinic.store).await;
    assert_eq!((writes.rows, writes.faults), (3, vec![]));
}
