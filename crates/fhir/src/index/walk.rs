//! From a resource to the values at a path.

use serde_json::Value;

use crate::tables::{Filter, Step};
use crate::validate::{Literal, literal};

/// Calls `found` with each value at the end of the steps, through all arrays on the way.
pub(super) fn each<'v>(value: &'v Value, steps: &'static [Step], found: &mut dyn FnMut(&'v Value)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each(item, steps, found)),
        Value::Null => {}
        _ => match steps {
            [] => found(value),
            [step, rest @ ..] => {
                if let Some(inner) = value.get(step.member) {
                    passing(inner, step, rest, found);
                }
            }
        },
    }
}

fn passing<'v>(
    value: &'v Value,
    step: &'static Step,
    rest: &'static [Step],
    found: &mut dyn FnMut(&'v Value),
) {
    match (&step.filter, value) {
        (None, _) => each(value, rest, found),
        (Some(_), Value::Array(items)) => items.iter().for_each(|item| passing(item, step, rest, found)),
        (Some(filter), _) => {
            if passes(filter, value) {
                each(value, rest, found);
            }
        }
    }
}

fn passes(filter: &Filter, value: &Value) -> bool {
    match filter {
        Filter::Equals(name, wanted) => value[*name].as_str() == Some(wanted),
        Filter::Refers(wanted) => {
            let by_text = value["reference"].as_str().and_then(literal).and_then(|literal| match literal {
                Literal::Local { resource_type, .. } | Literal::Elsewhere(Some(resource_type)) => {
                    Some(resource_type)
                }
                _ => None,
            });
            by_text.or_else(|| value["type"].as_str()) == Some(wanted)
        }
    }
}
