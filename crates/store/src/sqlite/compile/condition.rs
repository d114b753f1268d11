//! Conditions on one resource, the row `r`.

use bianque_model::ResourceId;
use bianque_query::{Compartment, Predicate, Test};

use super::{Sql, Target};
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
        Predicate::Ids(ids) => among("r.id", ids.iter().map(ResourceId::as_str)),
        Predicate::In(compartment) => lies_in(target, compartment),
        Predicate::LastUpdated(test) => last_updated(test),
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
    sql.bind(i64::from(target.tenant.0)).push(" AND c.resource = r.key AND c.kind = ");
    sql.bind(compartment.kind.clone()).push(" AND c.id = ").bind(compartment.id.to_string()).push(")");
    sql
}

/// The test on the columns of an index table aliased `x`; none: the kind cannot pass it.
pub(super) fn test(kind: Kind, test: &Test) -> Option<Sql> {
    let mut sql = Sql::default();
    match (kind, test) {
        (Kind::Token, Test::Token { system, code }) => {
            sql.push("1");
            if let Some(code) = code {
                sql.push(" AND x.code = ").bind(code.clone());
            }
            if let Some(system) = system {
                sql.push(" AND x.system = ").bind(system.clone());
            }
        }
        (Kind::Text, Test::StartsWith(prefix)) => {
            sql.push("x.folded >= ").bind(prefix.clone());
            if let Some(end) = after_prefix(prefix) {
                sql.push(" AND x.folded < ").bind(end);
            }
        }
        (Kind::Text, Test::Contains(part)) => {
            sql.push("instr(x.folded, ").bind(part.clone()).push(") > 0");
        }
        (Kind::Text, Test::Exact(text)) => {
            sql.push("x.exact = ").bind(text.clone());
        }
        (Kind::Reference, Test::Refers(target)) => {
            sql.push("x.target_id = ").bind(target.id.to_string());
            sql.push(" AND x.target_type = ").bind(target.resource_type.clone());
        }
        (Kind::Reference, Test::RefersToId(id)) => {
            sql.push("x.target_id = ").bind(id.to_string());
        }
        (Kind::Uri, Test::Uri(uri)) => {
            sql.push("x.uri = ").bind(uri.clone());
        }
        (Kind::Date, test) => return date(test),
        _ => return None,
    }
    Some(sql)
}

/// A date row means all instants of `[low, high)`. Redundant bounds on `low` let the index by value help.
fn date(test: &Test) -> Option<Sql> {
    let mut sql = Sql::default();
    match test {
        Test::DateWithin(range) => {
            sql.push("x.low >= ").bind(range.low.0).push(" AND x.low < ").bind(range.high.0);
            sql.push(" AND x.high <= ").bind(range.high.0);
        }
        Test::DateNotWithin(range) => {
            sql.push("NOT (x.low >= ").bind(range.low.0).push(" AND x.high <= ").bind(range.high.0).push(")");
        }
        Test::DateBefore(instant) => {
            sql.push("x.low < ").bind(instant.0);
        }
        Test::DateAfter(instant) => {
            sql.push("x.high > ").bind(instant.0);
        }
        Test::DateStartsAtOrAfter(instant) => {
            sql.push("x.low >= ").bind(instant.0);
        }
        Test::DateEndsBefore(instant) => {
            sql.push("x.low < ").bind(instant.0).push(" AND x.high <= ").bind(instant.0);
        }
        _ => return None,
    }
    Some(sql)
}

fn filters(target: &Target<'_>, parts: &[Predicate]) -> rusqlite::Result<Vec<Sql>> {
    parts.iter().map(|part| filter(target, part)).collect()
}

/// Whether some row of the parameter passes the test; without a test, whether there is a row.
fn has_row(target: &Target<'_>, param: &str, wanted: Option<&Test>) -> rusqlite::Result<Sql> {
    let numbers = target.numbers.of(target.resource_type, param)?;
    let parts = numbers.into_iter().filter_map(|(kind, number)| {
        let passes = match wanted {
            Some(wanted) => test(kind, wanted)?,
            None => Sql::of("1"),
        };
        let mut sql = Sql::of("EXISTS (SELECT 1 FROM ");
        sql.push(kind.table()).push(" x WHERE x.tenant = ").bind(i64::from(target.tenant.0));
        sql.push(" AND x.resource = r.key AND x.path = ").bind(number).push(" AND ").append(passes);
        sql.push(")");
        Some(sql)
    });
    Ok(Sql::join(parts.collect(), " OR ", Sql::never))
}

/// The last change is an instant; tests that are not about time pass nothing.
fn last_updated(test: &Test) -> Sql {
    let mut sql = Sql::default();
    match test {
        Test::DateWithin(range) | Test::DateNotWithin(range) => {
            sql.push(if matches!(test, Test::DateNotWithin(_)) { "NOT (" } else { "(" });
            sql.push("r.last_updated >= ").bind(range.low.0);
            sql.push(" AND r.last_updated < ").bind(range.high.0).push(")");
        }
        Test::DateBefore(instant) | Test::DateEndsBefore(instant) => {
            sql.push("r.last_updated < ").bind(instant.0);
        }
        Test::DateAfter(instant) | Test::DateStartsAtOrAfter(instant) => {
            sql.push("r.last_updated >= ").bind(instant.0);
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

/// The first text after all that start with `prefix`; none: there is no such text.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // Stepping from U+D7FF lands behind the surrogates, which no text contains.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            end.push(next);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_the_next_text_begins() {
        assert_eq!(after_prefix("ab").as_deref(), Some("ac"));
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(after_prefix(""), None);
    }
}
