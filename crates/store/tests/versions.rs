//! Versions in the order they were committed in: nothing missed, nothing twice, no number given again.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

mod clinic;

use std::cell::Cell;

use bianque_model::TenantId;
use bianque_query::{Predicate, Query, Scope, Subject};
use bianque_store::{Change, ResourceWrite};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use clinic::{Clinic, NOON, TENANT, clinic, commit, id, patient, visit};

async fn write(clinic: &Clinic, writes: Vec<ResourceWrite>) {
    let mut commit = commit();
    commit.resources = writes;
    clinic.store.commit(commit).await.unwrap();
}

async fn read(clinic: &Clinic, after: u64, types: &[&str]) -> (Vec<String>, u64) {
    let types = types.iter().map(|&name| name.to_owned()).collect();
    let found = clinic.store.versions_after(after, types).await.unwrap();
    let names =
        found.rows.iter().map(|(_, _, one)| format!("{}/{}@{}", one.resource_type, one.id, one.version));
    (names.collect(), found.through)
}

#[tokio::test]
async fn versions_are_read_in_commit_order_by_type_and_deletions_are_versions() {
    let clinic = clinic();
    write(&clinic, vec![patient("ana", "Li", "home"), visit("v1", "ana", "planned", 1)]).await;
    write(&clinic, vec![visit("v1", "ana", "arrived", 1)]).await;
    let gone = ResourceWrite { resource_type: "Patient".into(), id: id("ana"), change: Change::Delete };
    write(&clinic, vec![gone]).await;
    let (all, through) = read(&clinic, 0, &["Patient", "Encounter"]).await;
    assert_eq!(all, ["Patient/ana@1", "Encounter/v1@1", "Encounter/v1@2", "Patient/ana@2"]);
    assert_eq!(through, 4);
    assert_eq!(read(&clinic, 0, &["Encounter"]).await.0, ["Encounter/v1@1", "Encounter/v1@2"]);
    assert_eq!(read(&clinic, 2, &["Encounter"]).await.0, ["Encounter/v1@2"]);
    assert_eq!(read(&clinic, 4, &["Encounter"]).await, (vec![], 4));
    assert_eq!(
        read(&clinic, 0, &[]).await,
        (vec![], 4),
        "where nobody follows a type there is nothing to read"
    );
}

#[tokio::test]
async fn whoever_follows_is_woken_by_versions_and_by_nothing_else() {
    let clinic = clinic();
    let mut newest = clinic.store.newest_version();
    assert_eq!(*newest.borrow_and_update(), 0);
    write(&clinic, vec![patient("ana", "Li", "home")]).await;
    newest.changed().await.unwrap();
    assert_eq!(*newest.borrow_and_update(), 1);
    clinic.store.commit(commit()).await.unwrap();
    assert!(!newest.has_changed().unwrap());
}

#[tokio::test]
async fn a_number_is_not_given_again_when_the_newest_versions_were_erased() {
    let clinic = clinic();
    write(&clinic, vec![patient("li", "Li", "home")]).await;
    write(&clinic, vec![patient("ana", "Li", "home")]).await;
    let about = clinic.store.traces(TENANT, id("ana")).await.unwrap();
    clinic.store.erase(TENANT, id("ana"), about).await.unwrap();
    let clinic = clinic.reopened();
    assert_eq!(*clinic.store.newest_version().borrow(), 2);
    write(&clinic, vec![patient("eva", "Li", "home")]).await;
    assert_eq!(read(&clinic, 2, &["Patient"]).await, (vec!["Patient/eva@1".to_owned()], 3));
}

/// Every test of every kind of value, on values that lie beside, at and beyond each other.
#[test]
fn what_a_condition_is_told_from_rows_is_what_the_store_finds() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let clinic = clinic();
    let number = Cell::new(0);
    let drawn = (proptest::collection::vec(drawn::row(), 0..6), drawn::predicate());
    TestRunner::new(ProptestConfig { cases: 400, ..ProptestConfig::default() })
        .run(&drawn, |(rows, filter)| {
            number.set(number.get() + 1);
            let name = format!("r{}", number.get());
            let lies = vec![clinic::lies_in("Patient", "p1")];
            let query = Query {
                resource_type: "Basic".into(),
                filter: Predicate::And(vec![Predicate::Ids(vec![id(&name)]), filter.clone()]),
                scope: Scope::All,
                order: Vec::new(),
                after: None,
                limit: 1,
            };
            let found = runtime.block_on(async {
                write(&clinic, vec![clinic::write("Basic", &name, "", rows.clone(), lies.clone())]).await;
                clinic.store.search(TenantId::FIRST, query).await.unwrap().rows
            });
            let stored =
                runtime.block_on(clinic.store.resource(TENANT, "Basic", &id(&name))).unwrap().unwrap();
            let subject = Subject {
                id: &id(&name),
                last_updated: stored.last_updated,
                rows: &rows,
                compartments: &lies,
            };
            prop_assert!(stored.last_updated >= NOON);
            prop_assert_eq!(filter.holds(&subject), Some(!found.is_empty()), "{:?} of {:?}", filter, rows);
            Ok(())
        })
        .unwrap();
}

mod drawn {
    use bianque_model::Timestamp;
    use bianque_query::{
        Bound, Compartment, DateRange, IndexRow, IndexValue, Interval, Predicate, Reference, Test,
    };
    use proptest::prelude::*;
    use proptest::sample::select;

    fn word() -> impl Strategy<Value = String> {
        select(vec!["", "a", "ab", "abc", "b", "\u{10ffff}", "a\u{10ffff}"]).prop_map(str::to_owned)
    }

    fn range() -> impl Strategy<Value = DateRange> {
        (0i64..6, 1i64..4)
            .prop_map(|(low, long)| DateRange { low: Timestamp(low), high: Timestamp(low + long) })
    }

    fn reference() -> impl Strategy<Value = Reference> {
        (select(vec!["Patient", "Group"]), select(vec!["p1", "p2"]))
            .prop_map(|(kind, id)| Reference { resource_type: kind.to_owned(), id: id.parse().unwrap() })
    }

    fn value() -> impl Strategy<Value = IndexValue> {
        prop_oneof![
            (word(), word()).prop_map(|(system, code)| IndexValue::Token { system, code }),
            (word(), word()).prop_map(|(folded, exact)| IndexValue::Text { folded, exact }),
            range().prop_map(IndexValue::Date),
            (0u8..4).prop_map(|number| IndexValue::Number(f64::from(number))),
            (0u8..4, word(), word()).prop_map(|(value, system, unit)| IndexValue::Quantity {
                value: value.into(),
                system,
                unit
            }),
            reference().prop_map(IndexValue::Reference),
            word().prop_map(IndexValue::Uri),
        ]
    }

    pub(super) fn row() -> impl Strategy<Value = IndexRow> {
        let part = (0u32..2, 0u8..2, value());
        let part =
            part.prop_map(|(group, part, value)| IndexValue::Part { group, part, value: value.into() });
        (select(vec!["one", "two"]), prop_oneof![3 => value(), 1 => part])
            .prop_map(|(param, value)| IndexRow { param: param.to_owned(), value })
    }

    fn interval() -> impl Strategy<Value = Interval> {
        let bound = || {
            proptest::option::of((0u8..4, any::<bool>()))
                .prop_map(|bound| bound.map(|(value, included)| Bound { value: value.into(), included }))
        };
        (bound(), bound()).prop_map(|(low, high)| Interval { low, high })
    }

    fn test() -> impl Strategy<Value = Test> {
        let maybe = || proptest::option::of(word());
        prop_oneof![
            (maybe(), maybe()).prop_map(|(system, code)| Test::Token { system, code }),
            (word(), proptest::collection::vec(word(), 0..3))
                .prop_map(|(system, codes)| Test::TokenAny { system, codes }),
            word().prop_map(Test::StartsWith),
            word().prop_map(Test::Contains),
            word().prop_map(Test::Exact),
            range().prop_map(Test::DateWithin),
            range().prop_map(Test::DateNotWithin),
            range().prop_map(Test::DateOverlaps),
            (0i64..8).prop_map(|at| Test::DateBefore(Timestamp(at))),
            (0i64..8).prop_map(|at| Test::DateAfter(Timestamp(at))),
            (0i64..8).prop_map(|at| Test::DateStartsAtOrAfter(Timestamp(at))),
            (0i64..8).prop_map(|at| Test::DateEndsBefore(Timestamp(at))),
            reference().prop_map(Test::Refers),
            reference().prop_map(|to| Test::RefersToId(to.id)),
            reference()
                .prop_map(|to| Test::RefersToAny { resource_type: to.resource_type, ids: vec![to.id] }),
            word().prop_map(Test::Uri),
            word().prop_map(Test::UriBelow),
            word().prop_map(Test::UriAbove),
            interval().prop_map(Test::Number),
            interval().prop_map(Test::NumberOutside),
            (interval(), any::<bool>(), maybe(), maybe()).prop_map(|(interval, outside, system, unit)| {
                Test::Quantity { interval, outside, system, unit }
            }),
        ]
    }

    pub(super) fn predicate() -> impl Strategy<Value = Predicate> {
        let param = || select(vec!["one", "two"]).prop_map(str::to_owned);
        let leaf = prop_oneof![
            6 => (param(), test()).prop_map(|(param, test)| Predicate::Param { param, test }),
            1 => (param(), any::<bool>()).prop_map(|(param, missing)| Predicate::Missing { param, missing }),
            2 => (param(), test(), test())
                .prop_map(|(param, one, other)| Predicate::Together { param, tests: vec![(0, one), (1, other)] }),
            1 => select(vec!["p1", "p2"]).prop_map(|id| {
                Predicate::In(Compartment { kind: "Patient".into(), id: id.parse().unwrap() })
            }),
            1 => test().prop_map(Predicate::LastUpdated),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Predicate::And),
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Predicate::Or),
                inner.prop_map(|part| Predicate::Not(Box::new(part))),
            ]
        })
    }
}
