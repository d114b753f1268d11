//! What one index value must pass, as a condition on its columns.

use bianque_query::{Interval, Test};

use super::Sql;
use super::condition::among;
use crate::sqlite::paths::Kind;

/// Where the columns of an index value are: in the table of its kind, or in that of composites.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a> {
    alias: &'a str,
    part: bool,
}

impl<'a> Columns<'a> {
    /// The table of a kind, aliased `x`.
    pub(super) const fn of(kind: Kind) -> Self {
        Self { alias: "x", part: matches!(kind, Kind::Composite) }
    }

    /// A part of a composite.
    pub(super) const fn of_part(alias: &'a str) -> Self {
        Self { alias, part: true }
    }

    fn named(self, name: &str) -> String {
        let name = match name {
            _ if !self.part => name,
            "code" | "folded" | "target_id" | "uri" | "unit" => "text1",
            "system" | "exact" | "target_type" => "text2",
            "value" => "low",
            other => other,
        };
        format!("{}.{name}", self.alias)
    }
}

/// The test on the columns of a value of this kind; none: the kind cannot pass it.
pub(super) fn test(columns: Columns<'_>, kind: Kind, test: &Test) -> Option<Sql> {
    let mut sql = Sql::default();
    let column = |name: &str| columns.named(name);
    match (kind, test) {
        (Kind::Token, Test::Token { system, code }) => {
            sql.push("1");
            if let Some(code) = code {
                sql.push(" AND ").push(&column("code")).push(" = ").bind(code.clone());
            }
            if let Some(system) = system {
                sql.push(" AND ").push(&column("system")).push(" = ").bind(system.clone());
            }
        }
        (Kind::Token, Test::TokenAny { system, codes }) => {
            sql.append(among(&column("code"), codes.iter().map(String::as_str)));
            sql.push(" AND ").push(&column("system")).push(" = ").bind(system.clone());
        }
        (Kind::Text, Test::StartsWith(prefix)) => begins(&mut sql, &column("folded"), prefix),
        (Kind::Text, Test::Contains(part)) => {
            sql.push(&format!("instr({}, ", column("folded"))).bind(part.clone()).push(") > 0");
        }
        (Kind::Text, Test::Exact(text)) => {
            sql.push(&column("exact")).push(" = ").bind(text.clone());
        }
        (Kind::Reference, Test::Refers(target)) => {
            sql.push(&column("target_id")).push(" = ").bind(target.id.to_string());
            sql.push(" AND ").push(&column("target_type")).push(" = ").bind(target.resource_type.clone());
        }
        (Kind::Reference, Test::RefersToId(id)) => {
            sql.push(&column("target_id")).push(" = ").bind(id.to_string());
        }
        (Kind::Reference, Test::RefersToAny { resource_type, ids }) => {
            sql.append(among(&column("target_id"), ids.iter().map(bianque_model::ResourceId::as_str)));
            sql.push(" AND ").push(&column("target_type")).push(" = ").bind(resource_type.clone());
        }
        (Kind::Uri, Test::Uri(uri)) => {
            sql.push(&column("uri")).push(" = ").bind(uri.clone());
        }
        (Kind::Uri, Test::UriBelow(prefix)) => begins(&mut sql, &column("uri"), prefix),
        (Kind::Uri, Test::UriAbove(text)) => {
            let uri = column("uri");
            sql.push("substr(").bind(text.clone()).push(&format!(", 1, length({uri})) = {uri}"));
        }
        (Kind::Number, Test::Number(interval)) => {
            sql.append(within(&column("value"), *interval));
        }
        (Kind::Number, Test::NumberOutside(interval)) => {
            sql.push("NOT (").append(within(&column("value"), *interval)).push(")");
        }
        (Kind::Quantity, Test::Quantity { interval, outside, system, unit }) => {
            sql.push(if *outside { "NOT (" } else { "(" });
            sql.append(within(&column("value"), *interval)).push(")");
            if let Some(unit) = unit {
                sql.push(" AND ").push(&column("unit")).push(" = ").bind(unit.clone());
            }
            if let Some(system) = system {
                sql.push(" AND ").push(&column("system")).push(" = ").bind(system.clone());
            }
        }
        (Kind::Date, test) => return date(columns, test),
        _ => return None,
    }
    Some(sql)
}

fn begins(sql: &mut Sql, column: &str, prefix: &str) {
    sql.push(column).push(" >= ").bind(prefix.to_owned());
    if let Some(end) = after_prefix(prefix) {
        sql.push(" AND ").push(column).push(" < ").bind(end);
    }
}

fn within(column: &str, interval: Interval) -> Sql {
    let mut sql = Sql::of("1");
    if let Some(low) = interval.low {
        sql.push(&format!(" AND {column} {} ", if low.included { ">=" } else { ">" })).bind(low.value);
    }
    if let Some(high) = interval.high {
        sql.push(&format!(" AND {column} {} ", if high.included { "<=" } else { "<" })).bind(high.value);
    }
    sql
}

/// A date row means all instants of `[low, high)`. Redundant bounds on `low` let the index by value help.
fn date(columns: Columns<'_>, test: &Test) -> Option<Sql> {
    let mut sql = Sql::default();
    let (low, high) = (columns.named("low"), columns.named("high"));
    match test {
        Test::DateWithin(range) => {
            sql.push(&format!("{low} >= "))
                .bind(range.low.0)
                .push(&format!(" AND {low} < "))
                .bind(range.high.0);
            sql.push(&format!(" AND {high} <= ")).bind(range.high.0);
        }
        Test::DateNotWithin(range) => {
            sql.push(&format!("NOT ({low} >= ")).bind(range.low.0);
            sql.push(&format!(" AND {high} <= ")).bind(range.high.0).push(")");
        }
        Test::DateBefore(instant) => {
            sql.push(&format!("{low} < ")).bind(instant.0);
        }
        Test::DateAfter(instant) => {
            sql.push(&format!("{high} > ")).bind(instant.0);
        }
        Test::DateStartsAtOrAfter(instant) => {
            sql.push(&format!("{low} >= ")).bind(instant.0);
        }
        Test::DateEndsBefore(instant) => {
            sql.push(&format!("{low} < ")).bind(instant.0).push(&format!(" AND {high} <= ")).bind(instant.0);
        }
        _ => return None,
    }
    Some(sql)
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
