//! Stories of finding by other resources, by what stands together in one element, by numbers, and across types.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

mod clinic;

use bianque_query::{
    Bound, Direction, IndexRow, IndexValue, Interval, Order, OrderKey, Predicate, Query, Scope, Term, Test,
};
use clinic::{
    Clinic, TENANT, clinic, code, commit, found, has, id, lies_in, patient, query, refers, text, token,
    visit, write,
};

/// Two patients of two institutions, their visits, and what was measured at those.
async fn town() -> Clinic {
    let clinic = clinic();
    let mut change = commit();
    change.resources = vec![
        write("Organization", "east", "East", vec![text("name", "East")], vec![]),
        write("Organization", "west", "West", vec![text("name", "West")], vec![]),
        patient("li", "Li", "east"),
        patient("zhao", "Zhao", "west"),
        visit("v1", "li", "planned", 100),
        visit("v2", "li", "finished", 50),
        visit("v3", "zhao", "planned", 200),
        pressure("o1", "v1", "li", (120.0, 80.0)),
        pressure("o2", "v2", "li", (150.0, 95.0)),
        pressure("o3", "v3", "zhao", (80.0, 120.0)),
    ];
    clinic.store.commit(change).await.unwrap();
    clinic
}

/// A blood pressure: two components, each with its code and value.
fn pressure(
    name: &str,
    visit: &str,
    patient: &str,
    (systolic, diastolic): (f64, f64),
) -> bianque_store::ResourceWrite {
    let part = |group, part, value| IndexRow {
        param: "component".into(),
        value: IndexValue::Part { group, part, value: Box::new(value) },
    };
    let named = |code: &str| IndexValue::Token { system: "loinc".into(), code: code.into() };
    let measured = |value| IndexValue::Quantity { value, system: "ucum".into(), unit: "mm[Hg]".into() };
    let index = vec![
        part(0, 0, named("systolic")),
        part(0, 1, measured(systolic)),
        part(1, 0, named("diastolic")),
        part(1, 1, measured(diastolic)),
        IndexRow { param: "value".into(), value: measured(systolic) },
        refers("encounter", "Encounter", visit),
        refers("patient", "Patient", patient),
        token("code", "loinc", "pressure"),
    ];
    write("Observation", name, "", index, vec![lies_in("Patient", patient)])
}

fn chain(param: &str, target_type: &str, filter: Predicate) -> Predicate {
    Predicate::Chain { param: param.into(), target_type: target_type.into(), filter: Box::new(filter) }
}

fn referred(resource_type: &str, param: &str, filter: Predicate) -> Predicate {
    Predicate::ReferredBy {
        resource_type: resource_type.into(),
        param: param.into(),
        filter: Box::new(filter),
    }
}

fn not(filter: Predicate) -> Predicate {
    Predicate::Not(Box::new(filter))
}

fn above(value: f64) -> Interval {
    Interval { low: Some(Bound { value, included: false }), high: None }
}

fn quantity(interval: Interval, outside: bool) -> Test {
    Test::Quantity { interval, outside, system: Some("ucum".into()), unit: Some("mm[Hg]".into()) }
}

#[tokio::test]
async fn resources_are_found_by_those_they_refer_to_and_by_those_that_refer_to_them() {
    let clinic = town().await;
    let family = |name: &str| has("family", Test::StartsWith(name.into()));
    let east = has("name", Test::StartsWith("east".into()));
    let at_east = chain("organization", "Organization", east);
    let high = has("value", quantity(above(130.0), false));
    // A condition that no index narrows is left to the statement and must find the same.
    let wide = |filter| Predicate::And(vec![not(code("status", "nothing")), filter]);
    for (resource_type, filter, wanted) in [
        ("Encounter", chain("subject", "Patient", family("li")), vec!["v1", "v2"]),
        ("Encounter", chain("subject", "Patient", not(family("li"))), vec!["v3"]),
        ("Encounter", chain("subject", "Patient", at_east.clone()), vec!["v1", "v2"]),
        ("Encounter", chain("subject", "Group", family("li")), vec![]),
        ("Encounter", chain("nothing", "Patient", family("li")), vec![]),
        (
            "Observation",
            chain("encounter", "Encounter", chain("subject", "Patient", at_east.clone())),
            vec!["o1", "o2"],
        ),
        ("Observation", chain("encounter", "Encounter", wide(code("status", "planned"))), vec!["o1", "o3"]),
        ("Patient", referred("Encounter", "subject", code("status", "planned")), vec!["li", "zhao"]),
        ("Patient", referred("Encounter", "subject", code("status", "finished")), vec!["li"]),
        ("Patient", not(referred("Encounter", "subject", code("status", "finished"))), vec!["zhao"]),
        (
            "Patient",
            referred("Encounter", "subject", referred("Observation", "encounter", high.clone())),
            vec!["li"],
        ),
        (
            "Patient",
            Predicate::Or(vec![referred("Observation", "patient", high), family("zhao")]),
            vec!["li", "zhao"],
        ),
        (
            "Organization",
            referred(
                "Patient",
                "organization",
                referred("Encounter", "subject", not(code("status", "planned"))),
            ),
            vec!["east"],
        ),
    ] {
        let asked = Query { filter: filter.clone(), ..query(resource_type) };
        assert_eq!(found(&clinic.store, asked.clone()).await, wanted, "{filter:?}");
        let counted = clinic.store.count(TENANT, asked, u64::MAX).await.unwrap();
        assert_eq!(counted, wanted.len() as u64, "{filter:?}");
    }
}

#[tokio::test]
async fn policy_is_asked_of_every_resource_on_the_way() {
    let clinic = town().await;
    // Somebody who sees all observations and patients, but no visit but one's own.
    let observations = Term::Types(vec!["Observation".into(), "Patient".into()]);
    let scope = Scope::any([observations, Term::In(lies_in("Encounter", "v1"))]);
    let everything = || not(code("status", "nothing"));
    for filter in [everything(), code("status", "planned")] {
        let by_visit = chain("encounter", "Encounter", filter.clone());
        let asked = Query { filter: by_visit, scope: scope.clone(), ..query("Observation") };
        assert_eq!(found(&clinic.store, asked).await, ["o1"]);
        let of_visit = referred("Encounter", "subject", filter);
        let asked = Query { filter: of_visit, scope: scope.clone(), ..query("Patient") };
        assert_eq!(found(&clinic.store, asked).await, ["li"]);
    }
}

#[tokio::test]
async fn parts_of_a_composite_count_only_together() {
    let clinic = town().await;
    let named = |code: &str| Test::Token { system: Some("loinc".into()), code: Some(code.into()) };
    let together = |code: &str, test| Predicate::Together {
        param: "component".into(),
        tests: vec![(0, named(code)), (1, test)],
    };
    for (filter, wanted) in [
        (together("systolic", quantity(above(110.0), false)), vec!["o1", "o2"]),
        (together("diastolic", quantity(above(110.0), false)), vec!["o3"]),
        (together("diastolic", quantity(above(110.0), true)), vec!["o1", "o2"]),
        (together("pulse", quantity(above(0.0), false)), vec![]),
        (not(together("systolic", quantity(above(110.0), false))), vec!["o3"]),
    ] {
        let asked = Query { filter: filter.clone(), ..query("Observation") };
        assert_eq!(found(&clinic.store, asked).await, wanted, "{filter:?}");
    }
}

#[tokio::test]
async fn one_of_many_codes_is_enough() {
    let clinic = town().await;
    let any = |system: &str, codes: &[&str]| {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        has("code", Test::TokenAny { system: system.into(), codes })
    };
    for (filter, wanted) in [
        (any("loinc", &["pressure", "pulse"]), 3),
        (any("loinc", &["pulse"]), 0),
        (any("snomed", &["pressure"]), 0),
        (any("loinc", &[]), 0),
        (not(any("loinc", &["pulse"])), 3),
    ] {
        let asked = Query { filter: filter.clone(), ..query("Observation") };
        assert_eq!(found(&clinic.store, asked).await.len(), wanted, "{filter:?}");
    }
}

#[tokio::test]
async fn numbers_lie_in_intervals_whose_ends_belong_to_them_or_not() {
    let clinic = town().await;
    let bound = |value, included| Some(Bound { value, included });
    let interval = |low, high| Interval { low, high };
    let exactly = interval(bound(120.0, true), bound(120.0, true));
    for (test, wanted) in [
        (quantity(exactly, false), vec!["o1"]),
        (quantity(exactly, true), vec!["o2", "o3"]),
        (quantity(interval(bound(80.0, false), bound(150.0, false)), false), vec!["o1"]),
        (quantity(interval(bound(80.0, true), bound(150.0, true)), false), vec!["o1", "o2", "o3"]),
        (quantity(interval(None, None), false), vec!["o1", "o2", "o3"]),
        (
            Test::Quantity { interval: exactly, outside: false, system: None, unit: Some("kPa".into()) },
            vec![],
        ),
        (Test::Number(exactly), vec![]),
    ] {
        let asked = Query { filter: has("value", test.clone()), ..query("Observation") };
        assert_eq!(found(&clinic.store, asked).await, wanted, "{test:?}");
    }
    let length = |test| Query { filter: has("length", test), ..query("Encounter") };
    assert_eq!(found(&clinic.store, length(Test::Number(above(14.0)))).await.len(), 3);
    assert!(found(&clinic.store, length(Test::NumberOutside(above(14.0)))).await.is_empty());
}

#[tokio::test]
async fn several_types_are_one_answer_in_one_order_page_by_page() {
    let clinic = town().await;
    for second in 1..=3 {
        let mut change = commit();
        change.now.0 += second * 1_000_000;
        let (visit_name, patient_name) = (format!("late-{second}"), format!("new-{second}"));
        change.resources =
            vec![visit(&visit_name, "li", "planned", 1), patient(&patient_name, "New", "east")];
        clinic.store.commit(change).await.unwrap();
    }
    for order in [vec![], vec![by_change(Direction::Ascending)], vec![by_change(Direction::Descending)]] {
        let of = |resource_type: &str, limit, after| Query {
            order: order.clone(),
            limit,
            after,
            ..query(resource_type)
        };
        let all = |limit, after: Option<bianque_query::Cursor>| {
            ["Patient", "Encounter", "Observation", "Nothing"]
                .map(|name| of(name, limit, after.clone()))
                .to_vec()
        };
        let whole = clinic.store.search_types(TENANT, all(100, None)).await.unwrap();
        assert!(whole.next.is_none());
        let name = |row: &bianque_store::StoredResource| format!("{}/{}", row.resource_type, row.id);
        let whole: Vec<String> = whole.rows.iter().map(name).collect();
        assert_eq!(whole.len(), 14);
        for limit in 1..=5 {
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let page = clinic.store.search_types(TENANT, all(limit, after)).await.unwrap();
                assert!(page.rows.len() <= limit as usize);
                paged.extend(page.rows.iter().map(name));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(paged, whole, "pages of {limit} in {order:?}");
        }
    }
    let first = clinic
        .store
        .search_types(TENANT, vec![Query { limit: 1, ..query("Patient") }, query("Encounter")])
        .await
        .unwrap();
    let other = vec![Query { after: first.next, ..query("Patient") }];
    assert!(clinic.store.search_types(TENANT, other).await.is_err(), "a cursor of another question");
    let by_name = vec![Order { key: OrderKey::Param("family".into()), direction: Direction::Ascending }];
    assert!(
        clinic.store.search_types(TENANT, vec![Query { order: by_name, ..query("Patient") }]).await.is_err()
    );
}

fn by_change(direction: Direction) -> Order {
    Order { key: OrderKey::LastUpdated, direction }
}

#[tokio::test]
async fn counting_ends_where_it_may() {
    let clinic = town().await;
    for (most, counted) in [(0, 0), (2, 2), (3, 3), (u64::MAX, 3)] {
        assert_eq!(clinic.store.count(TENANT, query("Observation"), most).await.unwrap(), counted);
    }
    let one = Query { filter: Predicate::Ids(vec![id("o1")]), ..query("Observation") };
    assert_eq!(clinic.store.count(TENANT, one, 5).await.unwrap(), 1);
}
