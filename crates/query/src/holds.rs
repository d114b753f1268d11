//! Whether a condition holds for a resource that lies in memory: what a store asks of its tables, asked of rows.

use bianque_model::{ResourceId, Timestamp};

use crate::{DateRange, IndexRow, IndexValue, Predicate, Test};

/// A resource that lies in no store. It refers to none, none refers to it, and it is in nobody's compartment.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its id.
    pub id: &'a ResourceId,
    /// When it was made.
    pub last_updated: Timestamp,
    /// What it is found by.
    pub rows: &'a [IndexRow],
}

impl Predicate {
    /// Whether it holds for a resource in memory.
    pub fn holds(&self, subject: Subject<'_>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.holds(subject)),
            Self::Or(any) => any.iter().any(|one| one.holds(subject)),
            Self::Not(one) => !one.holds(subject),
            Self::Ids(ids) => ids.contains(subject.id),
            Self::LastUpdated(test) => {
                let (low, high) = (subject.last_updated, Timestamp(subject.last_updated.0.saturating_add(1)));
                test.passes(&IndexValue::Date(DateRange { low, high }))
            }
            Self::In(_) | Self::Chain { .. } | Self::ReferredBy { .. } => false,
            Self::Together { param, tests } => together(subject.rows, param, tests),
            Self::Param { param, test } => of(subject.rows, param).any(|value| test.passes(value)),
            Self::Missing { param, missing } => of(subject.rows, param).next().is_none() == *missing,
        }
    }
}

fn of<'r>(rows: &'r [IndexRow], param: &'r str) -> impl Iterator<Item = &'r IndexValue> {
    rows.iter().filter(move |row| row.param == param).map(|row| &row.value)
}

/// Whether one element has every part.
fn together(rows: &[IndexRow], param: &str, tests: &[(u8, Test)]) -> bool {
    let parts = || {
        of(rows, param).filter_map(|value| match value {
            IndexValue::Part { group, part, value } => Some((*group, *part, &**value)),
            _ => None,
        })
    };
    let has = |group: u32, wanted: u8, test: &Test| {
        parts().any(|(of, part, value)| of == group && part == wanted && test.passes(value))
    };
    parts().any(|(group, ..)| tests.iter().all(|(part, test)| has(group, *part, test)))
}

impl Test {
    /// Whether an index value passes; one of another kind never does.
    pub fn passes(&self, value: &IndexValue) -> bool {
        match (value, self) {
            (IndexValue::Token { system: own, code: is }, Self::Token { system, code }) => {
                system.as_ref().is_none_or(|system| system == own)
                    && code.as_ref().is_none_or(|code| code == is)
            }
            (IndexValue::Token { system: own, code }, Self::TokenAny { system, codes }) => {
                system == own && codes.contains(code)
            }
            (IndexValue::Text { folded, .. }, Self::StartsWith(prefix)) => folded.starts_with(prefix),
            (IndexValue::Text { folded, .. }, Self::Contains(part)) => folded.contains(part),
            (IndexValue::Text { exact, .. }, Self::Exact(text)) => exact == text,
            (IndexValue::Reference(own), Self::Refers(wanted)) => own == wanted,
            (IndexValue::Reference(own), Self::RefersToId(id)) => own.id == *id,
            (IndexValue::Reference(own), Self::RefersToAny { resource_type, ids }) => {
                own.resource_type == *resource_type && ids.contains(&own.id)
            }
            (IndexValue::Uri(own), Self::Uri(wanted)) => own == wanted,
            (IndexValue::Uri(own), Self::UriBelow(prefix)) => own.starts_with(prefix),
            (IndexValue::Uri(own), Self::UriAbove(text)) => text.starts_with(own),
            (IndexValue::Number(own), Self::Number(interval)) => interval.contains(*own),
            (IndexValue::Number(own), Self::NumberOutside(interval)) => !interval.contains(*own),
            (
                IndexValue::Quantity { value, system: own, unit: is },
                Self::Quantity { interval, outside, system, unit },
            ) => {
                interval.contains(*value) != *outside
                    && system.as_ref().is_none_or(|system| system == own)
                    && unit.as_ref().is_none_or(|unit| unit == is)
            }
            (IndexValue::Date(range), test) => test.passes_date(*range),
            _ => false,
        }
    }

    /// Whether all the instants that a date may mean pass, or some, as the test says.
    fn passes_date(&self, DateRange { low, high }: DateRange) -> bool {
        match self {
            Self::DateWithin(range) => low >= range.low && high <= range.high,
            Self::DateNotWithin(range) => !(low >= range.low && high <= range.high),
            Self::DateOverlaps(range) => low < range.high && high > range.low,
            Self::DateBefore(at) => low < *at,
            Self::DateAfter(at) => high > *at,
            Self::DateStartsAtOrAfter(at) => low >= *at,
            Self::DateEndsBefore(at) => low < *at && high <= *at,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(param: &str, value: IndexValue) -> IndexRow {
        IndexRow { param: param.into(), value }
    }

    fn token(system: &str, code: &str) -> IndexValue {
        IndexValue::Token { system: system.into(), code: code.into() }
    }

    fn asked(code: &str) -> Test {
        Test::Token { system: None, code: Some(code.into()) }
    }

    #[test]
    fn conditions_hold_for_rows_as_they_do_in_a_store() {
        let part = |group, part, code| IndexValue::Part { group, part, value: Box::new(token("", code)) };
        let rows = [
            row("base", token("http://hl7.org/fhir/resource-types", "Patient")),
            row("name", IndexValue::Text { folded: "given name".into(), exact: "Given Name".into() }),
            row("url", IndexValue::Uri("http://a/b".into())),
            row("both", part(0, 0, "a")),
            row("both", part(0, 1, "b")),
            row("both", part(1, 0, "c")),
        ];
        let id: ResourceId = "one".parse().unwrap();
        let subject = Subject { id: &id, last_updated: Timestamp(5), rows: &rows };
        let holds = |predicate: Predicate| predicate.holds(subject);
        let param = |param: &str, test: Test| Predicate::Param { param: param.into(), test };
        let together = |first: &str, second: &str| Predicate::Together {
            param: "both".into(),
            tests: vec![(0, asked(first)), (1, asked(second))],
        };
        assert!(holds(Predicate::And(vec![])) && !holds(Predicate::Or(vec![])));
        assert!(holds(param("base", asked("Patient"))) && !holds(param("base", asked("Group"))));
        assert!(holds(param("name", Test::StartsWith("giv".into()))));
        assert!(!holds(param("name", Test::Exact("given name".into()))));
        assert!(!holds(param("url", asked("http://a/b"))), "a token is no URI");
        assert!(holds(param("url", Test::UriBelow("http://a".into()))));
        assert!(holds(Predicate::Missing { param: "code".into(), missing: true }));
        assert!(holds(Predicate::Not(Box::new(Predicate::Ids(vec!["two".parse().unwrap()])))));
        assert!(holds(together("a", "b")) && !holds(together("c", "b")), "parts of one element");
        let within = DateRange { low: Timestamp(5), high: Timestamp(6) };
        assert!(holds(Predicate::LastUpdated(Test::DateWithin(within))));
        assert!(!holds(Predicate::LastUpdated(Test::DateBefore(Timestamp(5)))));
    }
}
