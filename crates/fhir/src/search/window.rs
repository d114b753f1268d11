//! Two ends asked of one date are a stretch of time, which an index can look for: `date=ge2026-03-01&date=lt2026-04-01`.

use bianque_model::Timestamp;
use bianque_query::{DateRange, Predicate, Test};

use crate::tables::{Param, elements, params};

/// Adds the stretch to conditions that all hold, for each parameter that has one value at most. Of several values one may
/// pass the first condition and another the second.
pub(super) fn add(resource_type: &str, all: &mut Vec<Predicate>) {
    let stretches: Vec<Predicate> = params(resource_type)
        .iter()
        .filter_map(|param| {
            let (after, before) = (latest(all, param.code)?, earliest(all, param.code)?);
            let test = Test::DateOverlaps(DateRange { low: after, high: before });
            is_single(resource_type, param).then(|| Predicate::Param { param: param.code.to_owned(), test })
        })
        .collect();
    all.extend(stretches);
}

fn latest(all: &[Predicate], code: &str) -> Option<Timestamp> {
    let after = |test: &Test| if let Test::DateAfter(at) = test { Some(*at) } else { None };
    asked_of(all, code).filter_map(after).max()
}

fn earliest(all: &[Predicate], code: &str) -> Option<Timestamp> {
    let before = |test: &Test| if let Test::DateBefore(at) = test { Some(*at) } else { None };
    asked_of(all, code).filter_map(before).min()
}

/// What a parameter must pass, without alternatives.
fn asked_of<'a>(all: &'a [Predicate], code: &'a str) -> impl Iterator<Item = &'a Test> {
    all.iter().filter_map(move |predicate| {
        let one = match predicate {
            Predicate::Or(parts) if parts.len() == 1 => &parts[0],
            other => other,
        };
        match one {
            Predicate::Param { param, test } if param == code => Some(test),
            _ => None,
        }
    })
}

/// Whether a resource has one value of it at most: all places are spellings of one element that is no array.
fn is_single(resource_type: &str, param: &Param) -> bool {
    let Some(of_type) = elements().by_name(resource_type) else { return false };
    let mut element = None;
    !param.paths.is_empty()
        && param.paths.iter().all(|path| {
            let [step] = path.steps.as_slice() else { return false };
            let Some(field) = of_type.field(step.member) else { return false };
            !field.many && *element.get_or_insert(field.element) == field.element
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(resource_type: &str, code: &str) -> Vec<Predicate> {
        let of = |test: Test| Predicate::Param { param: code.to_owned(), test };
        let mut all = vec![
            of(Test::DateAfter(Timestamp(5))),
            Predicate::Or(vec![of(Test::DateBefore(Timestamp(9)))]),
            of(Test::DateAfter(Timestamp(3))),
        ];
        add(resource_type, &mut all);
        all.split_off(3)
    }

    #[test]
    fn two_ends_of_an_element_that_is_there_once_are_a_stretch() {
        let range = DateRange { low: Timestamp(5), high: Timestamp(9) };
        let stretch =
            |code: &str| vec![Predicate::Param { param: code.into(), test: Test::DateOverlaps(range) }];
        assert_eq!(asked("Observation", "date"), stretch("date"), "of whichever type the value is");
        assert_eq!(asked("Encounter", "date"), stretch("date"));
        assert_eq!(asked("Appointment", "requested-period"), [], "there may be several");
    }

    #[test]
    fn one_end_is_none() {
        let mut all = vec![Predicate::Param { param: "date".into(), test: Test::DateAfter(Timestamp(5)) }];
        add("Observation", &mut all);
        assert_eq!(all.len(), 1);
    }
}
