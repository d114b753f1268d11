//! Stories of writing: versions, history, races, repeats, keys, and a clock that steps back.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

mod clinic;

use std::sync::Arc;

use bianque_model::{CommitId, TenantId, Timestamp};
use bianque_query::{DateRange, Scope, Term, Test};
use bianque_store::{
    Change, CommitError, Expectation, HistoryQuery, ResourceWrite, StateChange, StateKey, StateQuery,
    StateWrite,
};
use clinic::{NOON, TENANT, clinic, commit, event, has, id, patient, query, seen, session, visit};
use uuid::Uuid;

#[tokio::test]
async fn versions_grow_and_all_of_them_are_kept() {
    let clinic = clinic();
    for (round, status) in ["planned", "arrived", "in-progress"].into_iter().enumerate() {
        let mut change = commit();
        change.resources.push(visit("v", "li", status, 0));
        let done = clinic.store.commit(change).await.unwrap();
        assert_eq!(done.resource_versions, [round as u64 + 1]);
    }
    let mut removal = commit();
    removal.resources.push(ResourceWrite {
        resource_type: "Encounter".into(),
        id: id("v"),
        change: Change::Delete,
    });
    assert_eq!(clinic.store.commit(removal.clone()).await.unwrap().resource_versions, [4]);
    removal.id = CommitId(Uuid::now_v7());
    assert_eq!(clinic.store.commit(removal).await.unwrap().resource_versions, [4], "gone is gone");

    let clinic = clinic.reopened();
    let current = clinic.store.resource(TENANT, "Encounter", &id("v")).await.unwrap().unwrap();
    assert_eq!((current.version, current.document), (4, None));
    let second = clinic.store.resource_version(TENANT, "Encounter", &id("v"), 2).await.unwrap().unwrap();
    assert!(String::from_utf8(second.document.unwrap()).unwrap().contains("arrived"));
    let of = |before, limit| HistoryQuery { before, limit, ..clinic::history(Some("Encounter"), Some("v")) };
    let newest = clinic.store.history(TENANT, of(None, 2)).await.unwrap();
    assert_eq!(newest.iter().map(|(_, row)| row.version).collect::<Vec<_>>(), [4, 3]);
    let older = clinic.store.history(TENANT, of(Some(newest[1].0), 10)).await.unwrap();
    assert_eq!(older.iter().map(|(_, row)| row.version).collect::<Vec<_>>(), [2, 1]);
    assert!(clinic::found(&clinic.store, query("Encounter")).await.is_empty());
    assert!(clinic.store.resource(TenantId(2), "Encounter", &id("v")).await.unwrap().is_none());
}

#[tokio::test]
async fn what_was_written_is_told_by_resource_by_type_and_of_everything_newest_first() {
    let clinic = clinic();
    for (second, change) in (0..).zip([
        patient("li", "Li", "here"),
        visit("v", "li", "planned", 0),
        patient("li", "Li Na", "here"),
        visit("v", "li", "finished", 0),
        patient("wang", "Wang", "here"),
    ]) {
        let mut commit = commit();
        commit.now.0 += second * 1_000_000_i64;
        commit.resources.push(change);
        clinic.store.commit(commit).await.unwrap();
    }
    let told = async |query: HistoryQuery| -> Vec<String> {
        let rows = clinic.store.history(TENANT, query).await.unwrap();
        rows.into_iter().map(|(_, row)| format!("{}/{}", row.id, row.version)).collect()
    };
    let all = || clinic::history(None, None);
    let patients = || clinic::history(Some("Patient"), None);
    let at = |seconds: i64| Timestamp(NOON.0 + seconds * 1_000_000);
    assert_eq!(told(all()).await, ["wang/1", "v/2", "li/2", "v/1", "li/1"]);
    assert_eq!(told(patients()).await, ["wang/1", "li/2", "li/1"]);
    assert_eq!(told(HistoryQuery { since: Some(at(2)), ..patients() }).await, ["wang/1", "li/2"]);
    // Of three instants: before the second version, and when it had been written.
    let during = |low, high| Some(DateRange { low: at(low), high: Timestamp(at(high).0 + 1) });
    assert_eq!(told(HistoryQuery { at: during(1, 1), ..patients() }).await, ["li/1"]);
    assert_eq!(told(HistoryQuery { at: during(2, 2), ..all() }).await, ["li/2", "v/1"]);
    assert_eq!(told(HistoryQuery { at: during(1, 3), ..all() }).await, ["v/2", "li/2", "v/1", "li/1"]);
    let of_li = Scope::any([Term::In(clinic::lies_in("Patient", "li"))]);
    assert_eq!(told(HistoryQuery { scope: of_li.clone(), ..patients() }).await, ["li/2", "li/1"]);
    assert!(clinic.store.history(TENANT, HistoryQuery { scope: of_li, ..all() }).await.is_err());
    assert!(clinic.store.history(TenantId(2), all()).await.unwrap().is_empty());
}

#[tokio::test]
async fn many_are_read_in_the_order_they_were_asked_for() {
    let clinic = clinic();
    let mut change = commit();
    change.resources.extend([
        patient("a", "Li", "here"),
        patient("b", "Wang", "here"),
        visit("a", "a", "planned", 0),
    ]);
    clinic.store.commit(change).await.unwrap();
    let mut removal = commit();
    removal.resources.push(ResourceWrite {
        resource_type: "Patient".into(),
        id: id("b"),
        change: Change::Delete,
    });
    clinic.store.commit(removal).await.unwrap();
    let wanted =
        [("Encounter", "a"), ("Patient", "b"), ("Patient", "nobody"), ("Patient", "a"), ("Patient", "a")];
    let names = wanted.map(|(kind, name)| (kind.to_owned(), id(name)));
    let read = clinic.store.read_many(TENANT, names.to_vec()).await.unwrap();
    assert_eq!(read.len(), wanted.len());
    for (one, (kind, name)) in read.into_iter().zip(&names) {
        assert_eq!(one, clinic.store.resource(TENANT, kind, name).await.unwrap(), "{kind}/{name}");
    }
    assert_eq!(clinic.store.read_many(TenantId(2), names.to_vec()).await.unwrap(), vec![None; wanted.len()]);
    assert_eq!(clinic.store.read_many(TENANT, Vec::new()).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_eight_who_register_one_patient_one_wins() {
    let clinic = clinic();
    let register = |name: String| {
        let store = clinic.store.clone();
        async move {
            let mut change = commit();
            let mut same = query("Patient");
            same.filter =
                has("identifier", Test::Token { system: Some("urn:mrn".into()), code: Some("one".into()) });
            change.expectations.push(Expectation::NoMatch(same));
            let mut registered = patient(&name, "Li", "here");
            if let Change::Put { index, .. } = &mut registered.change {
                index.push(clinic::token("identifier", "urn:mrn", "one"));
            }
            change.resources.push(registered);
            store.commit(change).await
        }
    };
    let racing: Vec<_> = (0..8).map(|n| tokio::spawn(register(format!("p{n}")))).collect();
    let mut won = 0;
    for racer in racing {
        match racer.await.unwrap() {
            Ok(_) => won += 1,
            Err(CommitError::Matched { index: 0, matches }) => assert_eq!(matches.len(), 1),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(clinic.store.count(TENANT, query("Patient"), u64::MAX).await.unwrap(), 1);
}

#[tokio::test]
async fn a_repeat_is_answered_the_same_and_written_once() {
    let clinic = clinic();
    let mut change = commit();
    change.resources.push(visit("v", "li", "planned", 0));
    change.state.push(session("s", "li", None));
    change.audit.push(seen("li", "visit.book"));
    change.outbox.push(event("visit.state"));
    let first = clinic.store.commit(change.clone()).await.unwrap();
    let clinic = clinic.reopened();
    let again = clinic.store.commit(change.clone()).await.unwrap();
    assert!(again.repeated && !first.repeated);
    assert_eq!(
        (again.sequence, again.last_updated, &again.resource_versions, &again.state_versions),
        (first.sequence, first.last_updated, &first.resource_versions, &first.state_versions)
    );
    assert_eq!(clinic.store.outbox(0, 10).await.unwrap().len(), 1);
    change.tenant = TenantId(2);
    assert!(!clinic.store.commit(change).await.unwrap().repeated, "another tenant's id is another id");
}

#[tokio::test]
async fn a_stale_writer_is_told_the_version_that_stands() {
    let clinic = clinic();
    let expecting = |version| {
        let mut change = commit();
        change.expectations.push(Expectation::ResourceVersion {
            resource_type: "Encounter".into(),
            id: id("v"),
            version,
        });
        change.resources.push(visit("v", "li", "arrived", 0));
        change
    };
    clinic.store.commit(expecting(0)).await.unwrap();
    clinic.store.commit(expecting(1)).await.unwrap();
    let refused = clinic.store.commit(expecting(1)).await.unwrap_err();
    assert!(matches!(refused, CommitError::Version { index: 0, current: 2 }), "{refused}");
}

#[tokio::test]
async fn a_login_belongs_to_one_account_until_it_is_given_up() {
    let clinic = clinic();
    let put = |write: StateWrite| {
        let mut change = commit();
        change.state.push(write);
        clinic.store.commit(change)
    };
    put(session("a", "li", None)).await.unwrap();
    let refused = put(session("b", "li", None)).await.unwrap_err();
    assert!(matches!(&refused, CommitError::KeyTaken { kind, name } if kind == "session" && name == "login"));
    put(session("a", "wang", None)).await.unwrap();
    put(session("b", "li", None)).await.unwrap();

    // In one commit a key may move from one document to another.
    let mut swap = commit();
    swap.state.push(session("a", "li", None));
    swap.state.push(session("b", "wang", None));
    assert_eq!(clinic.store.commit(swap).await.unwrap().state_versions, [3, 2]);

    let mut removal = commit();
    removal.state.push(StateWrite { kind: "session", id: "a".into(), change: StateChange::Delete });
    clinic.store.commit(removal).await.unwrap();
    assert!(clinic.store.state(TENANT, "session", "a").await.unwrap().is_none());
    put(session("c", "li", None)).await.unwrap();
}

#[tokio::test]
async fn an_expired_document_is_gone_before_it_is_swept() {
    let clinic = clinic();
    let mut change = commit();
    change.state.push(session("old", "li", Some(NOON)));
    change.state.push(session("new", "wang", Some(NOON.plus_seconds(1))));
    change.now = NOON.plus_seconds(-10);
    clinic.store.commit(change).await.unwrap();
    assert!(clinic.store.state(TENANT, "session", "old").await.unwrap().is_none());
    assert!(clinic.store.state(TENANT, "session", "new").await.unwrap().is_some());

    let mut again = commit();
    again.expectations.push(Expectation::StateVersion { kind: "session", id: "old".into(), version: 0 });
    again.state.push(session("third", "li", None));
    again.state.push(session("old", "liu", None));
    assert_eq!(clinic.store.commit(again).await.unwrap().state_versions, [1, 1], "a new life begins at 1");

    assert_eq!(clinic.store.sweep(NOON.plus_seconds(2), 0).await.unwrap(), 1);
    assert!(clinic.store.state(TENANT, "session", "old").await.unwrap().is_some());
}

#[tokio::test]
async fn state_is_found_by_ranges_of_its_keys() {
    let clinic = clinic();
    let mut change = commit();
    for (name, at) in [("a", "2026-01-01"), ("b", "2026-01-02"), ("c", "2026-01-02"), ("d", "2026-02-01")] {
        let keys = vec![StateKey { name: "at", value: at.into(), unique: false }];
        let put = StateChange::Put { body: Vec::new(), keys, expires: None, about_patient: false };
        change.state.push(StateWrite { kind: "slot", id: name.into(), change: put });
    }
    clinic.store.commit(change).await.unwrap();
    let ask = |from: &str, to: Option<&str>, descending, limit| {
        let to = to.map(str::to_owned);
        let asked = StateQuery { kind: "slot", name: "at", from: from.into(), to, descending, limit };
        let store = clinic.store.clone();
        async move { store.states(TENANT, asked).await.unwrap().into_iter().map(|row| row.id).collect::<String>() }
    };
    assert_eq!(ask("2026-01-01", Some("2026-02-01"), false, 10).await, "abc");
    assert_eq!(ask("2026-01-01", Some("2026-02-01"), true, 2).await, "cb");
    assert_eq!(ask("2026-01-02", None, false, 10).await, "bc");
}

#[tokio::test]
async fn time_goes_forward_when_the_clock_steps_back() {
    let clinic = clinic();
    let mut last = (0, Timestamp(0));
    for (round, seconds) in (0..).zip([0, 60, -3600, -3600, 61]) {
        let mut change = commit();
        change.now = NOON.plus_seconds(seconds);
        change.resources.push(visit("v", "li", "planned", round));
        let done = clinic.store.commit(change).await.unwrap();
        assert!((done.sequence, done.last_updated) > last && done.last_updated > last.1);
        last = (done.sequence, done.last_updated);
    }
    let clinic = clinic.reopened();
    let mut change = commit();
    change.resources.push(visit("v", "li", "planned", 9));
    let done = clinic.store.commit(change).await.unwrap();
    assert!(done.sequence > last.0 && done.last_updated > last.1, "also after a restart");
}

#[tokio::test]
async fn numbers_of_events_are_never_given_twice() {
    let clinic = clinic();
    send_event(&clinic).await;
    send_event(&clinic).await;
    assert_eq!(clinic.store.sweep(NOON, 2).await.unwrap(), 2);
    let clinic = clinic.reopened();
    send_event(&clinic).await;
    let events = clinic.store.outbox(2, 10).await.unwrap();
    assert_eq!(events.iter().map(|(number, ..)| *number).collect::<Vec<_>>(), [3]);
}

async fn send_event(clinic: &clinic::Clinic) {
    let mut change = commit();
    change.outbox.push(event("a"));
    clinic.store.commit(change).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_beside_writers_has_everything_that_was_stored_before_it() {
    let clinic = clinic();
    let writing = tokio::spawn({
        let store = Arc::clone(&clinic.store);
        async move {
            for number in 0..400 {
                let mut commit = commit();
                commit.resources.push(patient(&format!("later{number}"), "Wang", "a"));
                store.commit(commit).await.unwrap();
            }
        }
    });
    let mut before = commit();
    before.resources.push(patient("li", "Li", "a"));
    clinic.store.commit(before).await.unwrap();
    let copies = tempfile::tempdir().unwrap();
    let files = clinic.store.copy(copies.path().to_owned()).await.unwrap();
    let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["bianque.db", "audit.db"]);
    assert_eq!(std::fs::read_dir(copies.path()).unwrap().count(), 2, "no log lies beside a copy");
    writing.await.unwrap();
    let copied = bianque_store::sqlite::open(clinic::options(&copies)).unwrap();
    let found = copied.resource(TENANT, "Patient", &id("li")).await.unwrap().unwrap();
    let original = clinic.store.resource(TENANT, "Patient", &id("li")).await.unwrap().unwrap();
    assert_eq!((found.version, found.document), (original.version, original.document));
}

#[tokio::test]
async fn what_a_resource_is_found_by_is_written_anew_and_nothing_else_of_it_changes() {
    let clinic = clinic();
    let mut change = commit();
    change.resources.push(patient("li", "Lee", "here"));
    clinic.store.commit(change).await.unwrap();
    let before = clinic.store.resource(TENANT, "Patient", &id("li")).await.unwrap().unwrap();
    let by = |name: &str| {
        let mut query = query("Patient");
        query.filter = has("family", Test::StartsWith(name.into()));
        query
    };
    let mut anew = commit();
    anew.resources.push(found_by("li", "Li", 1));
    anew.resources.push(found_by("nobody", "Li", 1));
    assert_eq!(clinic.store.commit(anew).await.unwrap().resource_versions, [1, 0]);

    let clinic = clinic.reopened();
    assert_eq!(clinic::found(&clinic.store, by("li")).await, ["li"]);
    assert!(clinic::found(&clinic.store, by("lee")).await.is_empty(), "the rows before are gone");
    let after = clinic.store.resource(TENANT, "Patient", &id("li")).await.unwrap().unwrap();
    assert_eq!(after, before);
    assert_eq!(clinic.store.history(TENANT, clinic::history(None, None)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn rows_of_a_version_that_is_over_are_not_written() {
    let clinic = clinic();
    for name in ["Lee", "Li"] {
        let mut change = commit();
        change.resources.push(patient("li", name, "here"));
        clinic.store.commit(change).await.unwrap();
    }
    let mut late = commit();
    late.resources.push(found_by("li", "Lee", 1));
    assert_eq!(clinic.store.commit(late).await.unwrap().resource_versions, [2]);
    let mut query = query("Patient");
    query.filter = has("family", Test::StartsWith("li".into()));
    assert_eq!(clinic::found(&clinic.store, query.clone()).await, ["li"], "the newer rows stay");

    let mut removal = commit();
    removal.resources.push(ResourceWrite {
        resource_type: "Patient".into(),
        id: id("li"),
        change: Change::Delete,
    });
    clinic.store.commit(removal).await.unwrap();
    let mut late = commit();
    late.resources.push(found_by("li", "Li", 3));
    assert_eq!(clinic.store.commit(late).await.unwrap().resource_versions, [3]);
    assert!(clinic::found(&clinic.store, query).await.is_empty(), "what is deleted is not found again");
}

/// What a patient is found by, computed anew from a version.
fn found_by(name: &str, family: &str, version: u64) -> ResourceWrite {
    let mut write = patient(name, family, "here");
    if let Change::Put { index, compartments, .. } = write.change {
        write.change = Change::Reindex { version, index, compartments };
    }
    write
}
