//! Conditions on one resource, whose row the target names.

use bianque_model::ResourceId;
use bianque_query::{Compartment, Predicate, Test};

use super::test::{Columns, test};
use super::{Sql, Target, link};
use crate::sqlite::paths::Kind;

/// The filter of a query.
pub(super) fn filter(target: &Target<'_>, predicate: &Predicate) -> rusqlite::Result<Sql> {
    Ok(match predicate {
        Predicate::And(parts) => Sql::join(filters(target, parts)?, " AND ", Sql::always),
        Predicate::Or(parts) => Sql::join(filters(target, parts)?, " OR ", Sql::never),
        Predicate::Not(part) => {
            let mut sql = Sql::of("NOT (");
            sql.append(filter(target, part)?).push(")");
            sql
        }
        Predicate::Ids(ids) => among(&format!("{}.id", target.row()), ids.iter().map(ResourceId::as_str)),
        Predicate::In(compartment) => lies_in(target, compartment),
        Predicate::LastUpdated(test) => last_updated(target, test),
        Predicate::Chain { param, target_type, filter } => link::chain(target, param, target_type, filter)?,
        Predicate::ReferredBy { resource_type, param, filter } => {
            link::referred_by(target, resource_type, param, filter)?
        }
        Predicate::Together { param, tests } => together(target, param, tests)?,
        Predicate::Param { param, test } => has_row(target, param, Some(test))?,
        Predicate::Missing { param, missing } => {
            let mut sql = Sql::of(if *missing { "NOT (" } else { "(" });
            sql.append(has_row(target, param, None)?).push(")");
            sql
        }
    })
}

/// Whether the resource lies in a compartment.
pub(super) fn lies_in(target: &Target<'_>, compartment: &Compartment) -> Sql {
    let mut sql = Sql::of("EXISTS (SELECT 1 FROM compartment c WHERE c.tenant = ");
    sql.bind(i64::from(target.tenant.0))
        .push(&format!(" AND c.resource = {}.key AND c.kind = ", target.row()));
    sql.bind(compartment.kind.clone()).push(" AND c.id = ").bind(compartment.id.to_string()).push(")");
    sql
}

fn filters(target: &Target<'_>, parts: &[Predicate]) -> rusqlite::Result<Vec<Sql>> {
    parts.iter().map(|part| filter(target, part)).collect()
}

/// Whether some row of the parameter passes the test; without a test, whether there is a row.
fn has_row(target: &Target<'_>, param: &str, wanted: Option<&Test>) -> rusqlite::Result<Sql> {
    let numbers = target.numbers.of(target.resource_type, param)?;
    let parts = numbers.into_iter().filter_map(|(kind, number)| {
        let passes = match wanted {
            Some(wanted) => test(Columns::of(kind), kind, wanted)?,
            None => Sql::of("1"),
        };
        let mut sql = Sql::of("EXISTS (SELECT 1 FROM ");
        sql.push(kind.table()).push(" x WHERE x.tenant = ").bind(i64::from(target.tenant.0));
        sql.push(&format!(" AND x.resource = {}.key AND x.path = ", target.row())).bind(number);
        sql.push(" AND ").append(passes);
        sql.push(")");
        Some(sql)
    });
    Ok(Sql::join(parts.collect(), " OR ", Sql::never))
}

/// Whether in one element each part of a composite passes its test.
fn together(target: &Target<'_>, param: &str, tests: &[(u8, Test)]) -> rusqlite::Result<Sql> {
    let numbers = target.numbers.of(target.resource_type, param)?;
    let Some((_, number)) = numbers.into_iter().find(|(kind, _)| *kind == Kind::Composite) else {
        return Ok(Sql::never());
    };
    let aliases: Vec<String> = (0..tests.len()).map(|part| format!("x{part}")).collect();
    let tables: Vec<String> = aliases.iter().map(|alias| format!("index_composite {alias}")).collect();
    let mut sql = Sql::of("EXISTS (SELECT 1 FROM ");
    sql.push(&tables.join(" CROSS JOIN ")).push(" WHERE 1");
    for (place, (alias, (part, wanted))) in aliases.iter().zip(tests).enumerate() {
        sql.push(&format!(" AND {alias}.tenant = ")).bind(i64::from(target.tenant.0));
        sql.push(&format!(" AND {alias}.resource = {}.key AND {alias}.path = ", target.row())).bind(number);
        if place > 0 {
            sql.push(&format!(" AND {alias}.grp = {}.grp", aliases[0]));
        }
        // A composite has a handful of parts.
        sql.push(&format!(" AND {alias}.part = {part} AND "));
        sql.append(any_kind(alias, wanted));
    }
    sql.push(")");
    Ok(sql)
}

/// The test on a part of a composite, of whichever kind its value is.
pub(super) fn any_kind(alias: &str, wanted: &Test) -> Sql {
    let ways = Kind::ALL.into_iter().filter_map(|kind| {
        let mut sql = Sql::of(&format!("({alias}.kind = {} AND ", kind.number()));
        sql.append(test(Columns::of_part(alias), kind, wanted)?).push(")");
        Some(sql)
    });
    Sql::join(ways.collect(), " OR ", Sql::never)
}

/// The last change is an instant; tests that are not about time pass nothing.
fn last_updated(target: &Target<'_>, test: &Test) -> Sql {
    let mut sql = Sql::default();
    let at = format!("{}.last_updated", target.row());
    match test {
        Test::DateWithin(range) | Test::DateOverlaps(range) | Test::DateNotWithin(range) => {
            sql.push(if matches!(test, Test::DateNotWithin(_)) { "NOT (" } else { "(" });
            sql.push(&at).push(" >= ").bind(range.low.0);
            sql.push(" AND ").push(&at).push(" < ").bind(range.high.0).push(")");
        }
        Test::DateBefore(instant) | Test::DateEndsBefore(instant) => {
            sql.push(&at).push(" < ").bind(instant.0);
        }
        Test::DateAfter(instant) | Test::DateStartsAtOrAfter(instant) => {
            sql.push(&at).push(" >= ").bind(instant.0);
        }
        _ => {
            sql.append(Sql::never());
        }
    }
    sql
}

/// Whether a column holds one of these texts.
pub(super) fn among<'t>(column: &str, texts: impl IntoIterator<Item = &'t str>) -> Sql {
    let mut sql = Sql::of(column);
    let mut texts: Vec<&str> = texts.into_iter().collect();
    if let [text] = texts[..] {
        sql.push(" = ").bind(text.to_owned());
    } else {
        texts.sort_unstable();
        // A list of texts is always JSON.
        let list = serde_json::to_string(&texts).unwrap_or_default();
        sql.push(" IN (SELECT value FROM json_each(").bind(list).push("))");
    }
    sql
}
