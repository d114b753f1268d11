//! Whether a condition holds for one resource, told from its own index rows: what a database would say, without one.
//!
//! A condition on another resource cannot be told from here; what depends on it is left open.

use bianque_model::{ResourceId, Timestamp};

use crate::{Compartment, DateRange, IndexRow, IndexValue, Predicate, Test};

/// A version of a resource, as conditions see it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its id.
    pub id: &'a ResourceId,
    /// When the version was written.
    pub last_updated: Timestamp,
    /// What it is found by.
    pub rows: &'a [IndexRow],
    /// Whose record it lies in.
    pub compartments: &'a [Compartment],
}

impl Predicate {
    /// Whether it holds for a resource; none: that depends on other resources.
    pub fn holds(&self, subject: &Subject<'_>) -> Option<bool> {
        match self {
            Self::And(parts) => all(parts.iter().map(|part| part.holds(subject))),
            Self::Or(parts) => {
                all(parts.iter().map(|part| part.holds(subject).map(|held| !held))).map(|none| !none)
            }
            Self::Not(part) => part.holds(subject).map(|held| !held),
            Self::Ids(ids) => Some(ids.contains(subject.id)),
            Self::In(compartment) => Some(subject.compartments.contains(compartment)),
            Self::LastUpdated(test) => Some(last_updated(test, subject.last_updated)),
            Self::Chain { .. } | Self::ReferredBy { .. } => None,
            Self::Together { param, tests } => Some(together(subject.rows, param, tests)),
            Self::Param { param, test } => Some(of(subject.rows, param).any(|row| test.passes(&row.value))),
            Self::Missing { param, missing } => Some(of(subject.rows, param).next().is_none() == *missing),
        }
    }

    /// Whether it asks about other resources anywhere.
    pub fn has_links(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::has_links),
            Self::Not(part) => part.has_links(),
            Self::Chain { .. } | Self::ReferredBy { .. } => true,
            _ => false,
        }
    }
}

impl Test {
    /// Whether a value passes. A value of another kind never does, and neither does a part of a composite by itself.
    pub fn passes(&self, value: &IndexValue) -> bool {
        match (value, self) {
            (IndexValue::Token { system, code }, Self::Token { system: wanted, code: wanted_code }) => {
                wanted.as_ref().is_none_or(|wanted| wanted == system)
                    && wanted_code.as_ref().is_none_or(|wanted| wanted == code)
            }
            (IndexValue::Token { system, code }, Self::TokenAny { system: wanted, codes }) => {
                system == wanted && codes.contains(code)
            }
            (IndexValue::Text { folded, .. }, Self::StartsWith(prefix)) => folded.starts_with(prefix),
            (IndexValue::Text { folded, .. }, Self::Contains(part)) => folded.contains(part),
            (IndexValue::Text { exact, .. }, Self::Exact(text)) => exact == text,
            (IndexValue::Reference(found), Self::Refers(target)) => found == target,
            (IndexValue::Reference(found), Self::RefersToId(id)) => found.id == *id,
            (IndexValue::Reference(found), Self::RefersToAny { resource_type, ids }) => {
                found.resource_type == *resource_type && ids.contains(&found.id)
            }
            (IndexValue::Uri(uri), Self::Uri(wanted)) => uri == wanted,
            (IndexValue::Uri(uri), Self::UriBelow(prefix)) => uri.starts_with(prefix),
            (IndexValue::Uri(uri), Self::UriAbove(text)) => text.starts_with(uri),
            // What is not a number cannot be found by number.
            (IndexValue::Number(number), _) if number.is_nan() => false,
            (IndexValue::Number(number), Self::Number(interval)) => interval.contains(*number),
            (IndexValue::Number(number), Self::NumberOutside(interval)) => !interval.contains(*number),
            (IndexValue::Quantity { value, .. }, _) if value.is_nan() => false,
            (
                IndexValue::Quantity { value, system, unit },
                Self::Quantity { interval, outside, system: wanted, unit: wanted_unit },
            ) => {
                interval.contains(*value) != *outside
                    && wanted.as_ref().is_none_or(|wanted| wanted == system)
                    && wanted_unit.as_ref().is_none_or(|wanted| wanted == unit)
            }
            (IndexValue::Date(range), test) => date(test, *range),
            _ => false,
        }
    }
}

/// Whether all hold: one that does not decides, else one that is open leaves it open.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut held = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => held = None,
        }
    }
    held
}

/// The rows of a parameter that can be found by.
fn of<'a>(rows: &'a [IndexRow], param: &'a str) -> impl Iterator<Item = &'a IndexRow> {
    rows.iter().filter(move |row| row.param == param && is_found(&row.value))
}

fn is_found(value: &IndexValue) -> bool {
    match value {
        IndexValue::Number(number) => !number.is_nan(),
        IndexValue::Quantity { value, .. } => !value.is_nan(),
        IndexValue::Part { value, .. } => is_found(value),
        IndexValue::Rule(_) => false,
        _ => true,
    }
}

/// Whether in one element each part passes its test.
fn together(rows: &[IndexRow], param: &str, tests: &[(u8, Test)]) -> bool {
    let parts = || {
        of(rows, param).filter_map(|row| match &row.value {
            IndexValue::Part { group, part, value } => Some((*group, *part, &**value)),
            _ => None,
        })
    };
    let passes = |wanted: u32, (number, test): &(u8, Test)| {
        parts().any(|(group, part, value)| group == wanted && part == *number && test.passes(value))
    };
    parts().any(|(group, ..)| tests.iter().all(|test| passes(group, test)))
}

/// All instants of `[low, high)` are meant.
fn date(test: &Test, range: DateRange) -> bool {
    let DateRange { low, high } = range;
    match test {
        Test::DateWithin(wanted) => low >= wanted.low && low < wanted.high && high <= wanted.high,
        Test::DateNotWithin(wanted) => !(low >= wanted.low && high <= wanted.high),
        Test::DateOverlaps(wanted) => low < wanted.high && high > wanted.low,
        Test::DateBefore(instant) => low < *instant,
        Test::DateAfter(instant) => high > *instant,
        Test::DateStartsAtOrAfter(instant) => low >= *instant,
        Test::DateEndsBefore(instant) => low < *instant && high <= *instant,
        _ => false,
    }
}

/// The last change is an instant.
fn last_updated(test: &Test, at: Timestamp) -> bool {
    let within = |range: &DateRange| at >= range.low && at < range.high;
    match test {
        Test::DateWithin(range) | Test::DateOverlaps(range) => within(range),
        Test::DateNotWithin(range) => !within(range),
        Test::DateBefore(instant) | Test::DateEndsBefore(instant) => at < *instant,
        Test::DateAfter(instant) | Test::DateStartsAtOrAfter(instant) => at >= *instant,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reference;

    fn row(param: &str, value: IndexValue) -> IndexRow {
        IndexRow { param: param.into(), value }
    }

    fn token(code: &str) -> IndexValue {
        IndexValue::Token { system: "urn:s".into(), code: code.into() }
    }

    fn has(param: &str, code: &str) -> Predicate {
        Predicate::Param { param: param.into(), test: Test::Token { system: None, code: Some(code.into()) } }
    }

    fn link() -> Predicate {
        let filter = Box::new(Predicate::And(Vec::new()));
        Predicate::Chain { param: "subject".into(), target_type: "Patient".into(), filter }
    }

    fn told(rows: &[IndexRow], predicate: &Predicate) -> Option<bool> {
        let id = "one".parse().unwrap();
        let subject = Subject { id: &id, last_updated: Timestamp(50), rows, compartments: &[] };
        predicate.holds(&subject)
    }

    #[test]
    fn what_depends_on_another_resource_is_open_unless_the_rest_decides() {
        let rows = [row("code", token("a"))];
        for (predicate, held) in [
            (Predicate::And(vec![has("code", "a"), link()]), None),
            (Predicate::And(vec![link(), has("code", "b")]), Some(false)),
            (Predicate::Or(vec![link(), has("code", "a")]), Some(true)),
            (Predicate::Or(vec![has("code", "b"), link()]), None),
            (Predicate::Not(Box::new(link())), None),
            (Predicate::And(Vec::new()), Some(true)),
            (Predicate::Or(Vec::new()), Some(false)),
        ] {
            assert_eq!(told(&rows, &predicate), held, "{predicate:?}");
        }
        assert!(Predicate::Or(vec![has("code", "b"), link()]).has_links());
        assert!(!Predicate::Not(Box::new(has("code", "b"))).has_links());
    }

    #[test]
    fn parts_count_together_in_one_element_only() {
        let part = |group, part, code: &str| IndexValue::Part { group, part, value: Box::new(token(code)) };
        let rows = [
            row("c", part(0, 0, "systolic")),
            row("c", part(0, 1, "high")),
            row("c", part(1, 0, "diastolic")),
            row("c", part(1, 1, "low")),
        ];
        let test = |code: &str| Test::Token { system: None, code: Some(code.into()) };
        let both = |one: &str, other: &str| Predicate::Together {
            param: "c".into(),
            tests: vec![(0, test(one)), (1, test(other))],
        };
        assert_eq!(told(&rows, &both("systolic", "high")), Some(true));
        assert_eq!(told(&rows, &both("systolic", "low")), Some(false));
        assert_eq!(told(&rows, &has("c", "systolic")), Some(false), "a part is not a value");
    }

    #[test]
    fn a_rule_is_no_value_and_not_a_number_is_none() {
        let reference = Reference { resource_type: "Patient".into(), id: "p".parse().unwrap() };
        let rows = [row("n", IndexValue::Number(f64::NAN)), row("r", IndexValue::Reference(reference))];
        let missing = |param: &str| Predicate::Missing { param: param.into(), missing: true };
        assert_eq!(told(&rows, &missing("n")), Some(true));
        assert_eq!(told(&rows, &missing("r")), Some(false));
        let to =
            |id: &str| Predicate::Param { param: "r".into(), test: Test::RefersToId(id.parse().unwrap()) };
        assert_eq!((told(&rows, &to("p")), told(&rows, &to("q"))), (Some(true), Some(false)));
    }
}
