//! What statements look like, and that SQLite runs them the way they are meant.

use bianque_model::Timestamp;
use bianque_query::{
    Compartment, DateRange, Direction, Order, OrderKey, Query, Reference, Scope, Term, Test,
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
            "mixed" => vec![(Kind::Text, 5), (Kind::Token, 6)],
            _ => Vec::new(),
        })
    }
}

const TARGET: Target<'static> = Target { tenant: TenantId(7), resource_type: "Encounter", numbers: &Known };

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
    count(&TARGET, query, None).unwrap()
}

/// How SQLite means to run it.
fn plan(sql: &Sql) -> String {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(MAIN[0]).unwrap();
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
        "SELECT count(*) FROM resource r WHERE r.tenant = ? AND r.type = ? AND r.deleted = 0 AND (EXISTS (SELECT 1 \
         FROM index_token x WHERE x.tenant = ? AND x.resource = r.key AND x.path = ? AND 1 AND x.code = ?) AND NOT \
         (EXISTS (SELECT 1 FROM index_reference x WHERE x.tenant = ? AND x.resource = r.key AND x.path = ? AND \
         x.target_id = ? AND x.target_type = ?))) AND 1"
    );
    assert_eq!(sql.values.len(), 9);
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
    assert!(counted(&asked).text.ends_with(" AND ?"));
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
    assert!(counted(&asked).text.ends_with(" AND 1"));
}

#[test]
fn a_parameter_that_no_resource_has_matches_nothing_and_is_missing_everywhere() {
    assert!(counted(&query(has("unknown", Test::Uri("x".into())))).text.ends_with("AND ? AND 1"));
    let missing = Predicate::Missing { param: "unknown".into(), missing: true };
    assert!(counted(&query(missing)).text.ends_with("AND NOT (?) AND 1"));
    let wrong_kind = has("status", Test::StartsWith("x".into()));
    assert!(counted(&query(wrong_kind)).text.ends_with("AND ? AND 1"));
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
        candidates(&TARGET, &asked).unwrap().into_iter().map(|driver| driver.rows.text).collect();
    assert!(columns[0].starts_with("index_reference"), "{columns:?}");
    assert!(columns[1].starts_with("index_token"), "{columns:?}");
    assert!(columns[2].starts_with("index_date"), "{columns:?}");
    let negated = query(Predicate::Not(Box::new(subject())));
    assert!(candidates(&TARGET, &negated).unwrap().is_empty());
}

#[test]
fn a_driver_is_read_by_value_and_the_rest_by_resource() {
    let asked = query(Predicate::And(vec![subject(), status("planned")]));
    let driver = candidates(&TARGET, &asked).unwrap().remove(0);
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
    let driver = candidates(&TARGET, &asked).unwrap().remove(0);
    let steps = plan(&page(&TARGET, &asked, Some(&driver), &[], None, 2).unwrap());
    assert!(steps.contains("index_token_by_value (tenant=? AND path=? AND code=?"), "{steps}");
    assert!(!steps.contains("resource_by_id"), "{steps}");
    // Two at once have no driver: that is why each is a condition of its own.
    let both = query(Predicate::And(vec![Predicate::Or(vec![of("urn:oid:1"), of("urn:oid:2")]), others]));
    assert!(candidates(&TARGET, &both).unwrap().is_empty());
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
