//! Conditions that can drive: whose index rows, read in order of value, lead to few resources.

use bianque_query::{Clause, Compartment, Predicate, Query, Scope, Term, Test};

use super::condition::test;
use super::{Sql, Target};

/// Index rows that lead to resources: what stands after `SELECT`, with the resource's column.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sqlite) struct Driver {
    /// `table alias WHERE …`, selecting by value.
    pub(super) rows: Sql,
    /// The column that holds the resource's key.
    pub(super) column: &'static str,
}

/// All conditions of a query that can drive, the usually narrowest first.
pub(in crate::sqlite) fn candidates(target: &Target<'_>, query: &Query) -> rusqlite::Result<Vec<Driver>> {
    let mut ranked = Vec::new();
    collect(target, &query.filter, &mut ranked)?;
    by_scope(target, &query.scope, &mut ranked);
    ranked.sort_by_key(|(rank, _)| *rank);
    Ok(ranked.into_iter().map(|(_, driver)| driver).collect())
}

/// A scope whose only reason is a compartment leads to what lies in it; of several scopes that all hold, any such one.
fn by_scope(target: &Target<'_>, scope: &Scope, into: &mut Vec<(u8, Driver)>) {
    match scope {
        Scope::Any(clauses) => {
            if let [Clause { term: Term::In(compartment), .. }] = clauses.as_slice() {
                into.push((1, members(target, compartment)));
            }
        }
        Scope::Every(scopes) => scopes.iter().for_each(|one| by_scope(target, one, into)),
        Scope::All => {}
    }
}

fn collect(target: &Target<'_>, filter: &Predicate, into: &mut Vec<(u8, Driver)>) -> rusqlite::Result<()> {
    match filter {
        Predicate::In(compartment) => {
            into.push((1, members(target, compartment)));
            Ok(())
        }
        Predicate::And(parts) => parts.iter().try_for_each(|part| collect(target, part, into)),
        Predicate::Param { param, test } => {
            if let Some(rank) = rank(test) {
                into.extend(driver(target, param, test)?.map(|driver| (rank, driver)));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The resources of a compartment.
fn members(target: &Target<'_>, compartment: &Compartment) -> Driver {
    let mut rows = Sql::of("compartment c WHERE c.tenant = ");
    rows.bind(i64::from(target.tenant.0)).push(" AND c.kind = ").bind(compartment.kind.clone());
    rows.push(" AND c.id = ").bind(compartment.id.to_string());
    Driver { rows, column: "c.resource" }
}

/// Lower is usually narrower; none: the index by value is no help.
fn rank(test: &Test) -> Option<u8> {
    match test {
        Test::Token { system: Some(_), code: Some(_) } | Test::Uri(_) => Some(0),
        Test::Refers(_) | Test::RefersToId(_) => Some(1),
        Test::Token { code: Some(_), .. } => Some(2),
        Test::StartsWith(prefix) if !prefix.is_empty() => Some(3),
        Test::DateWithin(_) => Some(4),
        Test::DateBefore(_) | Test::DateStartsAtOrAfter(_) | Test::DateEndsBefore(_) => Some(5),
        _ => None,
    }
}

fn driver(target: &Target<'_>, param: &str, wanted: &Test) -> rusqlite::Result<Option<Driver>> {
    let passing: Vec<_> = target
        .numbers
        .of(target.resource_type, param)?
        .into_iter()
        .filter_map(|(kind, number)| Some((kind, number, test(kind, wanted)?)))
        .collect();
    let Ok([(kind, number, passes)]) = <[_; 1]>::try_from(passing) else { return Ok(None) };
    let mut rows = Sql::of(kind.table());
    rows.push(" x INDEXED BY ").push(kind.table()).push("_by_value WHERE x.tenant = ");
    rows.bind(i64::from(target.tenant.0)).push(" AND x.path = ").bind(number).push(" AND ").append(passes);
    Ok(Some(Driver { rows, column: "x.resource" }))
}
