//! What statements look like, and that SQLite runs them the way they are meant.

use bianque_model::Timestamp;
use bianque_query::{
    Bound, Compartment, DateRange, Direction, Interval, Order, OrderKey, Query, Reference, Scope, Term, Test,
};
use rusqlite::Connection;

use super::*;
use crate::sqlite::connection::MAIN;

/// Every parameter of a type has one number; its name tells its kind.
struct Known;

impl Numbers for Known {
    fn of(&self, _: &str, param: &str) -> rusqlite::Result<Vec<(Kind, i64)>> {
        Ok(match param {
            "status" => vec![(Kind::Token, 1)],
            "date" => vec![(Kind::Date, 2)],
            "subject" | "organization" => vec![(Kind::Reference, 3)],
            "name" => vec![(Kind::Text, 4)],
            "pair" => vec![(Kind::Composite, 7)],
            "mixed" => vec![(Kind::Text, 5), (Kind::Token, 6)],
            _ => Vec::new(),
        })
    }
}

const TARGET: Target<'static> = Target {
    tenant: TenantId(7),
    resource_type: "Encounter",
    scope: &Scope::All,
    numbers: &Known,
    merged: false,
    depth: 0,
};

fn query(filter: Predicate) -> Query {
    let order = Vec::new();
    Query { resource_type: "Encounter".into(), filter, scope: Scope::All, order, after: None, limit: 10 }
}

fn has(param: &str, test: Test) -> Predicate {
    Predicate::Param { param: param.into(), test }
}

fn status(code: &str) -> Predicate {
    has("status", Test::Token { system: None, code: Some(code.into()) })
}

fn subject() -> Predicate {
    let target = Reference { resource_type: "Patient".into(), id: "li".parse().unwrap() };
    has("subject", Test::Refers(target))
}

fn counted(query: &Query) -> Sql {
    count(&seen(&query.scope), query, None, i64::MAX).unwrap()
}

/// The target of somebody who sees only this.
fn seen(scope: &Scope) -> Target<'_> {
    Target { scope, ..TARGET }
}

/// How SQLite means to run it.
fn plan(sql: &Sql) -> String {
    let connection = Connection::open_in_memory().unwrap();
    for step in MAIN {
        connection.execute_batch(step).unwrap();
    }
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.text)).unwrap();
    let steps =
        statement.query_map(rusqlite::params_from_iter(&sql.values), |row| row.get::<_, String>(3)).unwrap();
    steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_condition_names_the_tenant_and_the_resource() {
    let sql = counted(&query(Predicate::And(vec![status("planned"), Predicate::Not(Box::new(subject()))])));
    assert_eq!(
        sql.text,
        "SELECT count(*) FROM (SELECT 1 FROM resource r WHERE r.tenant = ? AND r.type = ? AND r.deleted = 0 AND (EXISTS (SELECT 1 \
         FROM index_token x WHERE x.tenant = ? AND x.resource = r.key AND x.path = ? AND 1 AND x.code = ?) AND NOT \
         (EXISTS (SELECT 1 FROM index_reference x WHERE x.tenant = ? AND x.resource = r.key AND x.path = ? AND \
         x.target_id = ? AND x.target_type = ?))) AND 1 LIMIT ?)"
    );
    assert_eq!(sql.values.len(), 10);
}

#[test]
fn nothing_typed_by_a_user_stands_in_the_text() {
    let nasty = "'); DROP TABLE resource; --";
    let sql = counted(&query(Predicate::Or(vec![
        status(nasty),
        has("name", Test::StartsWith(nasty.into())),
        has("name", Test::Contains(nasty.into())),
        has("name", Test::Exact(nasty.into())),
        has(nasty, Test::Uri(nasty.into())),
    ])));
    assert!(!sql.text.contains("DROP"), "{}", sql.text);
}

#[test]
fn scope_is_part_of_every_statement() {
    let mut asked = query(status("planned"));
    asked.scope = Scope::NOTHING;
    assert!(counted(&asked).text.ends_with(" AND ? LIMIT ?)"));
    let patient = Compartment { kind: "Patient".into(), id: "li".parse().unwrap() };
    asked.scope = Scope::any([
        Term::Types(vec!["Practitioner".into()]),
        Term::In(patient),
        Term::PatientsOf("here".parse().unwrap()),
    ]);
    let text = counted(&asked).text;
    assert!(text.contains("FROM compartment c WHERE c.tenant = ? AND c.resource = r.key"), "{text}");
    assert!(text.contains("p.tenant = ? AND p.type = 'Patient'") && text.contains("x.tenant = ?"), "{text}");
    asked.scope = Scope::any([Term::Types(vec!["Encounter".into()])]);
    assert!(counted(&asked).text.ends_with(" AND 1 LIMIT ?)"));
}

#[test]
fn a_parameter_that_no_resource_has_matches_nothing_and_is_missing_everywhere() {
    assert!(counted(&query(has("unknown", Test::Uri("x".into())))).text.ends_with("AND ? AND 1 LIMIT ?)"));
    let missing = Predicate::Missing { param: "unknown".into(), missing: true };
    assert!(counted(&query(missing)).text.ends_with("AND NOT (?) AND 1 LIMIT ?)"));
    let wrong_kind = has("status", Test::StartsWith("x".into()));
    assert!(counted(&query(wrong_kind)).text.ends_with("AND ? AND 1 LIMIT ?)"));
    let mixed = Predicate::Missing { param: "mixed".into(), missing: false };
    let text = counted(&query(mixed)).text;
    assert!(text.contains("index_text") && text.contains("index_token"), "{text}");
}

#[test]
fn the_narrowest_kind_of_condition_is_tried_first() {
    let span = DateRange { low: Timestamp(0), high: Timestamp(9) };
    let asked =
        query(Predicate::And(vec![has("date", Test::DateWithin(span)), status("planned"), subject()]));
    let columns: Vec<_> =
        candidates(&TARGET, &asked.filter).unwrap().into_iter().map(|driver| driver.keys().text).collect();
    assert!(columns[0].contains("FROM index_reference "), "{columns:?}");
    assert!(columns[1].contains("FROM index_token "), "{columns:?}");
    assert!(columns[2].contains("FROM index_date "), "{columns:?}");
    let negated = query(Predicate::Not(Box::new(subject())));
    assert!(candidates(&TARGET, &negated.filter).unwrap().is_empty());
}

#[test]
fn a_driver_is_read_by_value_and_the_rest_by_resource() {
    let asked = query(Predicate::And(vec![subject(), status("planned")]));
    let driver = candidates(&TARGET, &asked.filter).unwrap().remove(0);
    let steps = plan(&page(&TARGET, &asked, Some(&driver), &[], None, 10).unwrap());
    assert!(
        steps.contains("index_reference_by_value (tenant=? AND path=? AND target_id=? AND target_type=?)"),
        "{steps}"
    );
    assert!(steps.contains("SEARCH r USING INTEGER PRIMARY KEY"), "{steps}");
    assert!(steps.contains("PRIMARY KEY (tenant=? AND resource=? AND path=? AND code=?)"), "{steps}");
}

#[test]
fn an_identifier_of_anybody_else_is_read_by_value_and_not_by_walking_over_everybody() {
    let of =
        |system: &str| has("status", Test::Token { system: Some(system.into()), code: Some("1".into()) });
    let others = Predicate::Not(Box::new(Predicate::Ids(vec!["own".parse().unwrap()])));
    let asked = query(Predicate::And(vec![of("urn:oid:1"), others.clone()]));
    let driver = candidates(&TARGET, &asked.filter).unwrap().remove(0);
    let steps = plan(&page(&TARGET, &asked, Some(&driver), &[], None, 2).unwrap());
    assert!(steps.contains("index_token_by_value (tenant=? AND path=? AND code=?"), "{steps}");
    assert!(!steps.contains("resource_by_id"), "{steps}");
    let both = query(Predicate::And(vec![Predicate::Or(vec![of("urn:oid:1"), of("urn:oid:2")]), others]));
    let driver = candidates(&TARGET, &both.filter).unwrap().remove(0);
    let steps = plan(&page(&TARGET, &both, Some(&driver), &[], None, 2).unwrap());
    assert_eq!(steps.matches("index_token_by_value (tenant=? AND path=? AND code=?").count(), 2, "{steps}");
}

#[test]
fn alternatives_drive_only_when_each_of_them_can() {
    let open = Predicate::Or(vec![status("planned"), Predicate::Not(Box::new(subject()))]);
    assert!(candidates(&TARGET, &open).unwrap().is_empty());
    let ids = Predicate::Ids(vec!["a".parse().unwrap(), "b".parse().unwrap()]);
    let mut asked = query(ids);
    asked.order = vec![Order { key: OrderKey::LastUpdated, direction: Direction::Descending }];
    let driver = candidates(&TARGET, &asked.filter).unwrap().remove(0);
    let keys = sort_keys(&TARGET, &asked).unwrap();
    let steps = plan(&page(&TARGET, &asked, Some(&driver), &keys, None, 2).unwrap());
    assert!(steps.contains("resource_by_id (tenant=? AND type=? AND id=?)"), "{steps}");
}

#[test]
fn links_ask_policy_of_every_resource_on_the_way_and_are_read_by_index() {
    let scope = Scope::any([Term::Types(vec!["Encounter".into()])]);
    let chain = |filter| Predicate::Chain {
        param: "subject".into(),
        target_type: "Patient".into(),
        filter: Box::new(filter),
    };
    let unseen = counted(&Query { scope: scope.clone(), ..query(chain(status("x"))) });
    assert!(
        unseen.text.contains("r1.deleted = 0 AND EXISTS") && unseen.text.contains(" AND ?) AND 1"),
        "{}",
        unseen.text
    );
    let steps = plan(&counted(&query(chain(status("x")))));
    assert!(steps.contains("resource_by_id (tenant=? AND type=? AND id=?)"), "{steps}");
    let referred = Predicate::ReferredBy {
        resource_type: "Task".into(),
        param: "subject".into(),
        filter: Box::new(chain(status("x"))),
    };
    let steps = plan(&counted(&query(referred)));
    assert!(
        steps.contains("index_reference_by_value (tenant=? AND path=? AND target_id=? AND target_type=?)"),
        "{steps}"
    );
    assert!(steps.contains("SEARCH r2 USING"), "{steps}");
    let nowhere = Predicate::Chain {
        param: "colour".into(),
        target_type: "Patient".into(),
        filter: Box::new(status("x")),
    };
    assert!(counted(&query(nowhere)).text.contains("AND ? AND 1 LIMIT"), "nothing ever referred so");
}

#[test]
fn parts_of_a_composite_lie_in_one_element() {
    let token = Test::Token { system: Some("s".into()), code: Some("c".into()) };
    let above = Interval { low: Some(Bound { value: 5.0, included: false }), high: None };
    let quantity = Test::Quantity { interval: above, outside: false, system: None, unit: None };
    let asked = query(Predicate::Together { param: "pair".into(), tests: vec![(0, token), (1, quantity)] });
    let driver = candidates(&TARGET, &asked.filter).unwrap().remove(0);
    let sql = page(&TARGET, &asked, Some(&driver), &[], None, 2).unwrap();
    assert!(sql.text.contains("x1.grp = x0.grp"), "{}", sql.text);
    let steps = plan(&sql);
    assert!(
        steps.contains("index_composite_by_value (tenant=? AND path=? AND part=? AND kind=? AND text1=?)"),
        "{steps}"
    );
    assert!(
        steps
            .contains("SEARCH x1 USING PRIMARY KEY (tenant=? AND resource=? AND path=? AND grp=? AND part=?"),
        "{steps}"
    );
}

#[test]
fn walking_by_last_change_sorts_nothing_and_goes_on_from_the_cursor() {
    let mut asked = query(status("planned"));
    asked.order = vec![Order { key: OrderKey::LastUpdated, direction: Direction::Descending }];
    let keys = sort_keys(&TARGET, &asked).unwrap();
    let from = [Value::Integer(5), Value::Text("a".into())];
    let steps = plan(&page(&TARGET, &asked, None, &keys, Some(&from), 10).unwrap());
    assert!(
        steps.contains("resource_by_change (tenant=? AND type=? AND (last_updated,id)<(?,?))"),
        "{steps}"
    );
    assert!(!steps.contains("TEMP B-TREE"), "{steps}");

    let by_id = query(status("planned"));
    let steps = plan(&page(&TARGET, &by_id, None, &[], Some(&from[1..]), 10).unwrap());
    assert!(steps.contains("resource_by_id (tenant=? AND type=? AND id>?)"), "{steps}");
    assert!(!steps.contains("TEMP B-TREE"), "{steps}");
}

#[test]
fn a_cursor_of_the_wrong_shape_is_refused() {
    let asked = query(status("planned"));
    for values in [vec![], vec![Value::Integer(1)], vec![Value::Integer(1), Value::Text("a".into())]] {
        assert!(matches!(page(&TARGET, &asked, None, &[], Some(&values), 10), Err(ReadError::Cursor)));
    }
}

#[test]
fn what_is_too_much_to_ask_is_refused() {
    let mut deep = status("x");
    for _ in 0..60 {
        deep = Predicate::Not(Box::new(deep));
    }
    assert!(matches!(check_size(&deep), Err(ReadError::Budget)));
    assert!(matches!(check_size(&Predicate::Or(vec![status("x"); 5_000])), Err(ReadError::Budget)));
    let wide = Predicate::Or(vec![status("x"); 2_000]);
    check_size(&wide).unwrap();
    assert!(plan(&counted(&query(wide))).contains("resource"), "SQLite takes it");
}
