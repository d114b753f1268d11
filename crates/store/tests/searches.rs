//! Stories of finding: tests by kind, order, paging while others write, and what policy lets through.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

mod clinic;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bianque_model::{TenantId, Timestamp};
use bianque_query::{
    Cursor, DateRange, Direction, Order, OrderKey, Predicate, Query, Reference, Scope, Term, Test,
};
use bianque_store::{ReadError, Store};
use clinic::{
    TENANT, clinic, code, commit, date, found, has, id, lies_in, patient, query, refers, text, visit, write,
};

/// Two institutions, three patients, four visits and a directory entry.
async fn town() -> clinic::Clinic {
    let clinic = clinic();
    let mut change = commit();
    change.resources = vec![
        patient("li", "Li", "east"),
        patient("wang", "Wang", "east"),
        patient("zhao", "Zhao", "west"),
        visit("v1", "li", "planned", 100),
        visit("v2", "li", "finished", 50),
        visit("v3", "wang", "planned", 200),
        visit("v4", "zhao", "planned", 150),
        write("Practitioner", "dr", "Dr", vec![text("family", "Bian Què")], vec![]),
    ];
    clinic.store.commit(change).await.unwrap();
    clinic
}

async fn matching(store: &Store, resource_type: &str, filter: Predicate) -> Vec<String> {
    let asked = Query { filter, ..query(resource_type) };
    let found = found(store, asked.clone()).await;
    assert_eq!(store.count(TENANT, asked, u64::MAX).await.unwrap(), found.len() as u64);
    found
}

#[tokio::test]
async fn each_kind_of_value_is_found_by_its_tests() {
    let clinic = town().await;
    let store = &clinic.store;
    let li = Reference { resource_type: "Patient".into(), id: id("li") };
    let date = |test| has("date", test);
    let all = ["v1", "v2", "v3", "v4"];
    for (filter, wanted) in [
        (code("status", "planned"), vec!["v1", "v3", "v4"]),
        (Predicate::Not(Box::new(code("status", "planned"))), vec!["v2"]),
        (has("status", Test::Token { system: Some(String::new()), code: None }), all.to_vec()),
        (has("status", Test::Token { system: Some("u".into()), code: Some("planned".into()) }), vec![]),
        (has("subject", Test::Refers(li)), vec!["v1", "v2"]),
        (has("subject", Test::RefersToId(id("wang"))), vec!["v3"]),
        (has("profile", Test::Uri("http://example.org/visit".into())), all.to_vec()),
        (date(Test::DateWithin(span(100, 160))), vec!["v1", "v4"]),
        (date(Test::DateWithin(span(100, 105))), vec![]),
        (date(Test::DateNotWithin(span(100, 160))), vec!["v2", "v3"]),
        (date(Test::DateBefore(Timestamp(150))), vec!["v1", "v2"]),
        (date(Test::DateAfter(Timestamp(109))), vec!["v1", "v3", "v4"]),
        (date(Test::DateStartsAtOrAfter(Timestamp(150))), vec!["v3", "v4"]),
        (date(Test::DateEndsBefore(Timestamp(110))), vec!["v1", "v2"]),
        (Predicate::Ids(vec![id("v4"), id("v1"), id("none")]), vec!["v1", "v4"]),
        (Predicate::Ids(vec![]), vec![]),
        (Predicate::Or(vec![]), vec![]),
        (
            Predicate::Or(vec![code("status", "finished"), date(Test::DateAfter(Timestamp(205)))]),
            vec!["v2", "v3"],
        ),
        (Predicate::Missing { param: "length".into(), missing: false }, all.to_vec()),
        (Predicate::Missing { param: "weight".into(), missing: true }, vec![]),
        (Predicate::LastUpdated(Test::DateBefore(clinic::NOON)), vec![]),
        (Predicate::LastUpdated(Test::DateAfter(clinic::NOON)), all.to_vec()),
    ] {
        let both = Predicate::And(vec![
            Predicate::Missing { param: "status".into(), missing: false },
            filter.clone(),
        ]);
        assert_eq!(matching(store, "Encounter", filter.clone()).await, wanted, "{filter:?}");
        assert_eq!(matching(store, "Encounter", both).await, wanted, "{filter:?}");
    }
}

#[tokio::test]
async fn a_stretch_of_time_finds_what_lies_in_it_begins_before_it_and_goes_on_through_it() {
    const DAY: i64 = 86_400_000_000;
    let clinic = clinic();
    let mut change = commit();
    for (name, low, high) in [
        ("in", 100 * DAY, 100 * DAY + 1),
        ("day", 99 * DAY + 1, 100 * DAY + 1),
        ("ended", 98 * DAY, 100 * DAY),
        ("long", 10 * DAY, 300 * DAY),
        ("since", i64::MIN, 101 * DAY),
        ("open", 50 * DAY, i64::MAX),
        ("over", 50 * DAY, 99 * DAY),
        ("later", 102 * DAY, i64::MAX),
    ] {
        change.resources.push(write("Observation", name, "x", vec![date("date", low, high)], vec![]));
    }
    clinic.store.commit(change).await.unwrap();
    let stretch = DateRange { low: Timestamp(100 * DAY), high: Timestamp(102 * DAY) };
    let found = matching(&clinic.store, "Observation", has("date", Test::DateOverlaps(stretch))).await;
    assert_eq!(found, ["day", "in", "long", "open", "since"]);
}

#[tokio::test]
async fn names_are_found_folded_by_their_beginning_and_exactly_as_written() {
    let clinic = town().await;
    let by = |test| matching(&clinic.store, "Practitioner", has("family", test));
    let folded = bianque_query::fold("Bian Què");
    assert_eq!(by(Test::StartsWith(folded[..4].to_owned())).await, ["dr"]);
    assert_eq!(by(Test::Contains(folded[5..7].to_owned())).await, ["dr"]);
    assert_eq!(by(Test::StartsWith(String::new())).await, ["dr"]);
    assert_eq!(by(Test::Exact("Bian Què".into())).await, ["dr"]);
    assert!(by(Test::Exact("bian què".into())).await.is_empty());
    assert!(by(Test::StartsWith("'); --".into())).await.is_empty());
}

#[tokio::test]
async fn an_update_is_found_by_what_it_says_now() {
    let clinic = town().await;
    let mut change = commit();
    change.resources.push(visit("v1", "wang", "finished", 500));
    clinic.store.commit(change).await.unwrap();
    assert_eq!(matching(&clinic.store, "Encounter", code("status", "planned")).await, ["v3", "v4"]);
    assert_eq!(matching(&clinic.store, "Encounter", code("status", "finished")).await, ["v1", "v2"]);
    let scope = Scope::any([Term::In(lies_in("Patient", "li"))]);
    assert_eq!(found(&clinic.store, Query { scope, ..query("Encounter") }).await, ["v2"]);
}

#[tokio::test]
async fn policy_shows_the_compartment_the_institution_and_the_directory() {
    let clinic = town().await;
    let see = |resource_type: &'static str, scope: Scope| {
        let store = clinic.store.clone();
        async move {
            let asked = Query { scope, ..query(resource_type) };
            assert_eq!(store.count(TENANT, asked.clone(), u64::MAX).await.unwrap(), {
                found(&store, asked.clone()).await.len() as u64
            });
            found(&store, asked).await
        }
    };
    let any = |terms: Vec<Term>| Scope::any(terms);
    let li = || Term::In(lies_in("Patient", "li"));
    let east = || Term::PatientsOf(id("east"));
    let directory = || Term::Types(vec!["Practitioner".into(), "Organization".into()]);
    assert_eq!(see("Encounter", any(vec![li()])).await, ["v1", "v2"]);
    assert_eq!(see("Encounter", any(vec![east()])).await, ["v1", "v2", "v3"]);
    assert_eq!(see("Patient", any(vec![east()])).await, ["li", "wang"]);
    let one_more = any(vec![east(), Term::In(lies_in("Encounter", "v4")), directory()]);
    assert_eq!(see("Encounter", one_more.clone()).await, ["v1", "v2", "v3", "v4"]);
    assert_eq!(see("Practitioner", one_more).await, ["dr"]);
    assert!(see("Practitioner", any(vec![east()])).await.is_empty());
    assert!(see("Encounter", Scope::NOTHING).await.is_empty());
    assert!(see("Encounter", any(vec![Term::PatientsOf(id("nowhere"))])).await.is_empty());
    let stranger =
        Query { scope: any(vec![li()]), filter: Predicate::Ids(vec![id("v3")]), ..query("Encounter") };
    assert!(found(&clinic.store, stranger).await.is_empty(), "an id outside the scope is not there");
    let elsewhere = clinic.store.search(TenantId(2), query("Encounter")).await.unwrap();
    assert!(elsewhere.rows.is_empty(), "another tenant shares nothing");
}

#[tokio::test]
async fn order_runs_both_ways_and_ends_with_those_that_lack_the_value() {
    let clinic = town().await;
    let mut change = commit();
    change.resources.push(write(
        "Encounter",
        "v0",
        "no date",
        vec![clinic::token("status", "", "planned")],
        vec![],
    ));
    change.resources.push(write(
        "Encounter",
        "v9",
        "two",
        vec![date("date", 10, 20), date("date", 300, 310)],
        vec![],
    ));
    clinic.store.commit(change).await.unwrap();
    let by = |key: OrderKey, direction| vec![Order { key, direction }];
    let start = || OrderKey::Param("date".into());
    for limit in [1, 2, 3, 100] {
        for (order, wanted) in [
            (vec![], ["v0", "v1", "v2", "v3", "v4", "v9"]),
            (by(start(), Direction::Ascending), ["v9", "v2", "v1", "v4", "v3", "v0"]),
            (by(start(), Direction::Descending), ["v9", "v3", "v4", "v1", "v2", "v0"]),
            (by(OrderKey::LastUpdated, Direction::Ascending), ["v1", "v2", "v3", "v4", "v0", "v9"]),
            (by(OrderKey::LastUpdated, Direction::Descending), ["v9", "v0", "v4", "v3", "v2", "v1"]),
            (
                [
                    by(OrderKey::Param("status".into()), Direction::Ascending),
                    by(start(), Direction::Descending),
                ]
                .concat(),
                ["v2", "v3", "v4", "v1", "v0", "v9"],
            ),
            (
                by(OrderKey::Param("never".into()), Direction::Descending),
                ["v9", "v4", "v3", "v2", "v1", "v0"],
            ),
        ] {
            let asked = Query { order: order.clone(), limit, ..query("Encounter") };
            assert_eq!(all_pages(&clinic.store, asked).await, wanted, "{order:?} by {limit}");
        }
    }
}

async fn all_pages(store: &Store, mut asked: Query) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let page = store.search(TENANT, asked.clone()).await.unwrap();
        assert!(page.rows.len() <= asked.limit as usize);
        ids.extend(page.rows.into_iter().map(|row| row.id.to_string()));
        match page.next {
            Some(next) => asked.after = Some(next),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn many_are_estimated_from_a_sample_and_few_are_counted() {
    let clinic = clinic();
    for thousand in 0..30 {
        let mut change = commit();
        for place in thousand * 1_000..(thousand + 1) * 1_000 {
            let status = if place % 3 == 0 { "planned" } else { "finished" };
            let patient = if place % 5 == 0 { "wang" } else { "li" };
            change.resources.push(visit(&format!("v{place:05}"), patient, status, i64::from(place)));
        }
        clinic.store.commit(change).await.unwrap();
    }
    let wang = has("subject", Test::RefersToId(id("wang")));
    let estimate =
        async |filter| clinic.store.estimate(TENANT, Query { filter, ..query("Encounter") }).await.unwrap();
    let both = Predicate::And(vec![code("status", "planned"), wang.clone()]);
    let few = Predicate::And(vec![both.clone(), has("date", Test::DateWithin(span(0, 9_000)))]);
    assert_eq!(estimate(few).await, 600);
    for (filter, true_number) in [
        (query("Encounter").filter, 30_000),
        (code("status", "planned"), 10_000),
        (Predicate::Not(Box::new(code("status", "planned"))), 20_000),
        (wang, 6_000),
        (both, 2_000),
    ] {
        let about = estimate(filter.clone()).await;
        assert!(about.abs_diff(true_number) <= true_number / 20, "{about} of {true_number}: {filter:?}");
    }
}

fn span(low: i64, high: i64) -> DateRange {
    DateRange { low: Timestamp(low), high: Timestamp(high) }
}

#[tokio::test]
async fn a_cursor_of_another_question_is_refused() {
    let clinic = town().await;
    let page = clinic.store.search(TENANT, Query { limit: 1, ..query("Encounter") }).await.unwrap();
    let other = Query { after: page.next, filter: code("status", "planned"), ..query("Encounter") };
    assert!(matches!(clinic.store.search(TENANT, other).await, Err(ReadError::Cursor)));
    let made_up = Query { after: Some(Cursor("AAAA".into())), ..query("Encounter") };
    assert!(matches!(clinic.store.search(TENANT, made_up).await, Err(ReadError::Cursor)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_thousand_rows_are_paged_without_gap_or_double_while_others_write() {
    let clinic = clinic();
    for hundred in 0..50 {
        let mut change = commit();
        for one in 0..100 {
            let place = hundred * 100 + one;
            change.resources.push(visit(
                &format!("v{place:05}"),
                "li",
                "planned",
                i64::from(place * 7_919 % 5_000),
            ));
        }
        clinic.store.commit(change).await.unwrap();
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(keep_writing(clinic.store.clone(), Arc::clone(&stop)));
    for order in [
        vec![],
        vec![Order { key: OrderKey::LastUpdated, direction: Direction::Ascending }],
        vec![Order { key: OrderKey::Param("date".into()), direction: Direction::Descending }],
    ] {
        let asked = Query { order, limit: 313, filter: code("status", "planned"), ..query("Encounter") };
        let seen = all_pages(&clinic.store, asked).await;
        let old: Vec<_> = seen.iter().filter(|id| id.starts_with('v')).collect();
        assert_eq!(old.len(), 5_000);
        assert_eq!(old.into_iter().collect::<BTreeSet<_>>().len(), 5_000);
    }
    stop.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 10);
}

/// New visits of another status and new ones among those that are paged, until told to stop.
async fn keep_writing(store: Store, stop: Arc<AtomicBool>) -> u32 {
    let mut written = 0;
    while !stop.load(Ordering::Relaxed) {
        let mut change = commit();
        change.resources.push(visit(&format!("a{written}"), "wang", "planned", i64::from(written)));
        change.resources.push(visit(&format!("w{written}"), "wang", "finished", i64::from(written)));
        store.commit(change).await.unwrap();
        written += 1;
    }
    written
}

#[tokio::test]
async fn the_rarest_condition_leads_and_the_answer_is_the_same() {
    let clinic = clinic();
    for batch in 0..30 {
        let mut change = commit();
        for one in 0..100 {
            let place = batch * 100 + one;
            let status = if place % 1_000 == 0 { "finished" } else { "planned" };
            let mut visit = visit(&format!("v{place:04}"), &format!("p{}", place % 7), status, place);
            if let bianque_store::Change::Put { index, .. } = &mut visit.change {
                index.push(refers("basis", "Appointment", &format!("a{place}")));
            }
            change.resources.push(visit);
        }
        clinic.store.commit(change).await.unwrap();
    }
    let wide = Predicate::And(vec![code("status", "planned"), has("subject", Test::RefersToId(id("p1")))]);
    assert_eq!(
        clinic.store.count(TENANT, Query { filter: wide, ..query("Encounter") }, u64::MAX).await.unwrap(),
        429
    );
    let rare = Predicate::And(vec![
        has("profile", Test::Uri("http://example.org/visit".into())),
        code("status", "finished"),
    ]);
    assert_eq!(matching(&clinic.store, "Encounter", rare).await, ["v0000", "v1000", "v2000"]);
}

#[tokio::test]
async fn what_no_resource_ever_had_is_found_nowhere_in_any_order() {
    let clinic = town().await;
    for filter in [has("identifier", Test::RefersToId(id("li"))), Predicate::Or(vec![])] {
        for key in [OrderKey::LastUpdated, OrderKey::Param("date".into())] {
            let order = vec![Order { key, direction: Direction::Ascending }];
            let asked = Query { filter: filter.clone(), order, ..query("Encounter") };
            assert_eq!(found(&clinic.store, asked).await, Vec::<String>::new());
        }
    }
}
