//! Stories of things that go wrong: a failing neighbour, a full disk, a store that is closed, a library of audit.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

mod clinic;

use std::sync::Arc;

use bianque_model::Timestamp;
use bianque_store::sqlite::{self, Options};
use bianque_store::{AuditKey, AuditQuery, CommitError, Priority, StateChange, Store};
use clinic::{NOON, TENANT, clinic, clinic_with, commit, event, id, patient, query, seen, session, visit};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failing_member_sinks_no_other_of_its_group() {
    let clinic = clinic();
    let mut taken = commit();
    taken.state.push(session("first", "li", None));
    clinic.store.commit(taken).await.unwrap();
    let waiting: Vec<_> = (0..64)
        .map(|number| {
            let mut change = commit();
            change.resources.push(visit(&format!("v{number}"), "li", "planned", number));
            let login = if number % 8 == 3 { "li".to_owned() } else { format!("login-{number}") };
            change.state.push(session(&format!("s{number}"), &login, None));
            change.outbox.push(event("visit.state"));
            if number % 2 == 0 {
                change.priority = Priority::Bulk;
            }
            clinic.store.commit(change)
        })
        .collect();
    for (number, answer) in waiting.into_iter().enumerate() {
        let answer = answer.await;
        if number % 8 == 3 {
            assert!(matches!(answer, Err(CommitError::KeyTaken { .. })), "{number}: {answer:?}");
        } else {
            assert!(answer.is_ok(), "{number}: {answer:?}");
        }
    }
    assert_eq!(clinic.store.count(TENANT, query("Encounter"), u64::MAX).await.unwrap(), 56);
    let numbers: Vec<_> =
        clinic.store.outbox(0, 100).await.unwrap().into_iter().map(|(number, ..)| number).collect();
    assert_eq!(
        numbers,
        (1..=56).collect::<Vec<_>>(),
        "nothing of a failed member is left, not even a number"
    );
}

#[tokio::test]
async fn a_caller_that_goes_away_cancels_nothing() {
    let clinic = clinic();
    let mut change = commit();
    change.resources.push(patient("li", "Li", "east"));
    drop(clinic.store.commit(change));
    let clinic = clinic.reopened();
    assert!(clinic.store.resource(TENANT, "Patient", &id("li")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_commit_that_is_too_large_is_refused_whole() {
    let clinic = clinic_with(|options| options.commit_rows = 50);
    let mut change = commit();
    change.resources.extend((0..10).map(|number| visit(&format!("v{number}"), "li", "planned", number)));
    assert!(matches!(clinic.store.commit(change).await, Err(CommitError::TooLarge { rows: 101 })));
    assert_eq!(clinic.store.count(TENANT, query("Encounter"), u64::MAX).await.unwrap(), 0);
}

#[tokio::test]
async fn a_full_disk_answers_unavailable_and_loses_nothing() {
    let clinic = clinic_with(|options| options.max_pages = Some(90));
    let mut stored = Vec::new();
    let mut refused = 0;
    for number in 0..400 {
        let mut change = commit();
        change.resources.push(visit(&format!("v{number}"), "li", "planned", number));
        change.outbox.push(event("visit.state"));
        match clinic.store.commit(change).await {
            Ok(done) => stored.push((number, done.sequence)),
            Err(CommitError::Unavailable(why)) => {
                assert!(why.contains("full"), "{why}");
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
        if refused == 5 {
            break;
        }
    }
    assert!(refused == 5 && stored.len() > 20, "{refused} refused, {} stored", stored.len());
    let reading = clinic.store.count(TENANT, query("Encounter"), u64::MAX).await.unwrap();
    assert_eq!(reading, stored.len() as u64, "reads go on");

    let clinic = clinic.reopened();
    for (number, _) in &stored {
        let visit = clinic.store.resource(TENANT, "Encounter", &id(&format!("v{number}"))).await.unwrap();
        assert!(visit.is_some(), "v{number}");
    }
    assert_eq!(clinic.store.outbox(0, 1_000).await.unwrap().len(), stored.len());
    let mut change = commit();
    change.resources.push(visit("after", "li", "planned", 0));
    let done = clinic.store.commit(change).await.unwrap();
    assert_eq!(done.sequence, stored.last().unwrap().1 + 1, "there is room again");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bianque.db");
    std::fs::write(&path, "this is a letter, not a database".repeat(200)).unwrap();
    let refused = sqlite::open(Options::new(folder.path(), AuditKey::new([7; 32]))).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("bianque.db"), "{refused}");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("this is a letter"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn audit_of_writes_and_reads_is_one_list_newest_first() {
    let clinic = clinic();
    for round in 0..5 {
        let mut change = commit();
        change.audit.push(at(seen("li", "visit.admit"), round));
        clinic.store.commit(change).await.unwrap();
        clinic.store.audit_read(TENANT, at(seen("wang", "chart.read"), round)).await.unwrap();
        let mut both = at(seen("li", "search"), round);
        both.patients.push(id("wang"));
        clinic.store.audit_read(TENANT, both).await.unwrap();
    }
    let clinic = clinic.reopened();
    let store = &clinic.store;
    let all = operations(store, AuditQuery { limit: 100, ..AuditQuery::default() }).await;
    assert_eq!(all.len(), 15);
    assert_eq!(all[..3], ["search", "chart.read", "visit.admit"]);
    let of_li = AuditQuery { patient: Some(id("li")), limit: 100, ..AuditQuery::default() };
    assert_eq!(operations(store, of_li.clone()).await.len(), 10);
    let span = AuditQuery {
        from: Some(NOON.plus_seconds(1)),
        to: Some(NOON.plus_seconds(3)),
        patient: Some(id("wang")),
        limit: 100,
        before: None,
    };
    assert_eq!(operations(store, span).await, ["search", "chart.read", "search", "chart.read"]);

    let mut paged = Vec::new();
    let mut asked = AuditQuery { limit: 3, ..of_li };
    loop {
        let page = store.audit(TENANT, asked.clone()).await.unwrap();
        let Some((sequence, _)) = page.last() else { break };
        asked.before = Some(*sequence);
        paged.extend(page);
    }
    assert_eq!(paged.len(), 10);
    assert!(paged.windows(2).all(|pair| pair[0].0 > pair[1].0));
    assert_eq!(paged[0].1, {
        let mut row = at(seen("li", "search"), 4);
        row.patients.push(id("wang"));
        row
    });
}

fn at(mut row: bianque_store::AuditRow, seconds: i64) -> bianque_store::AuditRow {
    row.at = NOON.plus_seconds(seconds);
    row
}

async fn operations(store: &Store, query: AuditQuery) -> Vec<String> {
    store.audit(TENANT, query).await.unwrap().into_iter().map(|(_, row)| row.operation).collect()
}

#[tokio::test]
async fn sweeping_takes_many_steps_and_leaves_what_is_needed() {
    let clinic = clinic();
    let mut change = commit();
    change.now = NOON.plus_seconds(-20 * 24 * 3_600);
    change.commit_sessions(1_700);
    clinic.store.commit(change.clone()).await.unwrap();
    for _ in 0..3 {
        let mut events = commit();
        events.outbox.push(event("a"));
        clinic.store.commit(events).await.unwrap();
    }
    // 1,700 sessions, two consumed events, and one commit too old to be repeated.
    assert_eq!(clinic.store.sweep(NOON, 2).await.unwrap(), 1_703);
    assert_eq!(clinic.store.sweep(NOON, 2).await.unwrap(), 0);
    assert_eq!(clinic.store.outbox(0, 10).await.unwrap().len(), 1);
    let again = clinic.store.commit(change).await.unwrap();
    assert!(!again.repeated, "after a week a repeat is a new commit");
}

trait Sessions {
    fn commit_sessions(&mut self, count: u32);
}

impl Sessions for bianque_store::Commit {
    fn commit_sessions(&mut self, count: u32) {
        for number in 0..count {
            let mut write = session(&format!("s{number}"), &format!("l{number}"), None);
            if let StateChange::Put { expires, .. } = &mut write.change {
                *expires = Some(Timestamp(NOON.0 - 1));
            }
            self.state.push(write);
        }
    }
}

#[test]
fn a_store_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Arc::new(clinic().store));
}
