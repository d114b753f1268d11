//! Conditions that can drive: whose index rows, read in order of value, lead to few resources.

use bianque_model::ResourceId;
use bianque_query::{Clause, Compartment, DateRange, Interval, Predicate, Scope, Term, Test};

use super::condition::{among, any_kind};
use super::test::{Columns, test};
use super::{Sql, Target};
use crate::sqlite::paths::Kind;

/// Alternatives that may drive together.
const ALTERNATIVES: usize = 50;

/// What is longer than this, in microseconds, has an index of its own; see migration 7.
const LONG: i64 = 86_400_000_000;

/// Index rows that lead to resources.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sqlite) struct Driver {
    /// Selections of keys by value, as `driven`; together they lead to every resource that may match.
    pub(super) selections: Vec<Sql>,
}

impl Driver {
    fn of(column: &str, rows: Sql) -> Self {
        let mut selection = Sql::of(&format!("SELECT {column} AS driven FROM "));
        selection.append(rows);
        Self { selections: vec![selection] }
    }

    /// Its first index rows alone.
    pub(in crate::sqlite) fn first(&self, rows: u32) -> Self {
        let mut selection = Sql::of("SELECT driven FROM (");
        selection.append(self.keys()).push(") LIMIT ").bind(i64::from(rows));
        Self { selections: vec![selection] }
    }

    /// The keys, some of them maybe more than once.
    pub(super) fn keys(&self) -> Sql {
        let mut sql = Sql::default();
        for (place, selection) in self.selections.iter().enumerate() {
            sql.push(if place == 0 { "" } else { " UNION ALL " }).append(selection.clone());
        }
        sql
    }
}

/// Everything of the target's type, as it was changed.
pub(in crate::sqlite) fn whole_type(target: &Target<'_>) -> Driver {
    let mut rows = Sql::of("resource INDEXED BY resource_by_change WHERE tenant = ");
    rows.bind(i64::from(target.tenant.0)).push(" AND type = ").bind(target.resource_type.to_owned());
    rows.push(" AND deleted = 0");
    Driver::of("key", rows)
}

/// All conditions of a query that can drive, the usually narrowest first.
pub(in crate::sqlite) fn candidates(
    target: &Target<'_>,
    filter: &Predicate,
) -> rusqlite::Result<Vec<Driver>> {
    let mut ranked = Vec::new();
    collect(target, filter, &mut ranked)?;
    by_scope(target, target.scope, &mut ranked);
    ranked.sort_by_key(|(rank, _)| *rank);
    Ok(ranked.into_iter().map(|(_, driver)| driver).collect())
}

/// A scope whose only reasons are compartments leads to what lies in it; of several scopes that all hold, any such one.
fn by_scope(target: &Target<'_>, scope: &Scope, into: &mut Vec<(u8, Driver)>) {
    match scope {
        Scope::Any(clauses) => {
            let within = clauses.iter().map(|clause| match clause {
                Clause { term: Term::In(compartment), .. } => Some(compartment),
                _ => None,
            });
            let Some(within) = within.collect::<Option<Vec<_>>>() else { return };
            if (1..=ALTERNATIVES).contains(&within.len()) {
                let selections = within.into_iter().flat_map(|one| members(target, one).selections);
                into.push((1, Driver { selections: selections.collect() }));
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
        Predicate::Ids(ids) => {
            into.push((0, by_id(target, ids)));
            Ok(())
        }
        Predicate::And(parts) => parts.iter().try_for_each(|part| collect(target, part, into)),
        Predicate::Or(parts) => {
            into.extend(any_of(target, parts)?);
            Ok(())
        }
        Predicate::Param { param, test: Test::DateOverlaps(range) } => {
            into.extend(overlapping(target, param, *range)?.map(|driver| (4, driver)));
            Ok(())
        }
        Predicate::Param { param, test } => {
            if let Some(rank) = rank(test) {
                into.extend(by_value(target, param, test)?.map(|driver| (rank, driver)));
            }
            Ok(())
        }
        Predicate::Together { param, tests } => {
            into.extend(together(target, param, tests)?);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Alternatives drive together when each of them can.
fn any_of(target: &Target<'_>, parts: &[Predicate]) -> rusqlite::Result<Option<(u8, Driver)>> {
    if parts.len() > ALTERNATIVES {
        return Ok(None);
    }
    let (mut widest, mut selections) = (0, Vec::with_capacity(parts.len()));
    for part in parts {
        let mut found = Vec::new();
        collect(target, part, &mut found)?;
        let Some((rank, driver)) = found.into_iter().min_by_key(|(rank, _)| *rank) else { return Ok(None) };
        widest = rank.max(widest);
        selections.extend(driver.selections);
    }
    Ok((!selections.is_empty() && selections.len() <= ALTERNATIVES)
        .then_some((widest, Driver { selections })))
}

/// The resources of a compartment.
fn members(target: &Target<'_>, compartment: &Compartment) -> Driver {
    let mut rows = Sql::of("compartment c WHERE c.tenant = ");
    rows.bind(i64::from(target.tenant.0)).push(" AND c.kind = ").bind(compartment.kind.clone());
    rows.push(" AND c.id = ").bind(compartment.id.to_string());
    Driver::of("c.resource", rows)
}

/// Resources by their ids.
fn by_id(target: &Target<'_>, ids: &[ResourceId]) -> Driver {
    let mut rows = Sql::of("resource x INDEXED BY resource_by_id WHERE x.tenant = ");
    rows.bind(i64::from(target.tenant.0)).push(" AND x.type = ").bind(target.resource_type.to_owned());
    rows.push(" AND ").append(among("x.id", ids.iter().map(ResourceId::as_str)));
    Driver::of("x.key", rows)
}

/// Lower is usually narrower; none: the index by value is no help.
fn rank(test: &Test) -> Option<u8> {
    match test {
        Test::Token { system: Some(_), code: Some(_) } | Test::Uri(_) => Some(0),
        Test::Refers(_) | Test::RefersToId(_) | Test::RefersToAny { .. } => Some(1),
        Test::Token { code: Some(_), .. } | Test::TokenAny { .. } => Some(2),
        Test::StartsWith(prefix) | Test::UriBelow(prefix) if !prefix.is_empty() => Some(3),
        Test::DateWithin(_)
        | Test::Number(Interval { low: Some(_), high: Some(_) })
        | Test::Quantity { interval: Interval { low: Some(_), high: Some(_) }, outside: false, .. } => {
            Some(4)
        }
        Test::DateBefore(_)
        | Test::DateStartsAtOrAfter(_)
        | Test::DateEndsBefore(_)
        | Test::Number(_)
        | Test::Quantity { outside: false, .. } => Some(5),
        _ => None,
    }
}

fn by_value(target: &Target<'_>, param: &str, wanted: &Test) -> rusqlite::Result<Option<Driver>> {
    let passing: Vec<_> = target
        .numbers
        .of(target.resource_type, param)?
        .into_iter()
        .filter_map(|(kind, number)| Some((kind, number, test(Columns::of(kind), kind, wanted)?)))
        .collect();
    let Ok([(kind, number, passes)]) = <[_; 1]>::try_from(passing) else { return Ok(None) };
    Ok(Some(Driver::of("x.resource", indexed(target, kind, number, passes))))
}

/// Dates that share an instant with a stretch of time: those that begin in it or less than a day before, and the few long
/// ones that have not ended before it.
fn overlapping(target: &Target<'_>, param: &str, range: DateRange) -> rusqlite::Result<Option<Driver>> {
    let numbers = target.numbers.of(target.resource_type, param)?;
    let Some((kind, number)) = numbers.into_iter().find(|(kind, _)| *kind == Kind::Date) else {
        return Ok(None);
    };
    let Some(overlaps) = test(Columns::of(kind), kind, &Test::DateOverlaps(range)) else { return Ok(None) };
    let mut short = Sql::of("x.low >= ");
    short.bind(range.low.0.saturating_sub(LONG)).push(" AND ").append(overlaps.clone());
    let mut driver = Driver::of("x.resource", indexed(target, kind, number, short));
    let mut long = Sql::of("index_date x INDEXED BY index_date_long WHERE x.tenant = ");
    long.bind(i64::from(target.tenant.0)).push(" AND x.path = ").bind(number);
    long.push(&format!(" AND x.high - x.low > {LONG} AND ")).append(overlaps);
    driver.selections.extend(Driver::of("x.resource", long).selections);
    Ok(Some(driver))
}

/// A composite is led to by its first part, which is nearly always a code.
fn together(
    target: &Target<'_>,
    param: &str,
    tests: &[(u8, Test)],
) -> rusqlite::Result<Option<(u8, Driver)>> {
    let Some((part, first, rank)) = tests.first().and_then(|(part, first)| Some((part, first, rank(first)?)))
    else {
        return Ok(None);
    };
    let numbers = target.numbers.of(target.resource_type, param)?;
    let Some((kind, number)) = numbers.into_iter().find(|(kind, _)| *kind == Kind::Composite) else {
        return Ok(None);
    };
    let mut passes = Sql::of(&format!("x.part = {part} AND "));
    passes.append(any_kind("x", first));
    Ok(Some((rank, Driver::of("x.resource", indexed(target, kind, number, passes)))))
}

fn indexed(target: &Target<'_>, kind: Kind, number: i64, passes: Sql) -> Sql {
    let mut rows = Sql::of(kind.table());
    rows.push(" x INDEXED BY ").push(kind.table()).push("_by_value WHERE x.tenant = ");
    rows.bind(i64::from(target.tenant.0)).push(" AND x.path = ").bind(number).push(" AND ").append(passes);
    rows
}
