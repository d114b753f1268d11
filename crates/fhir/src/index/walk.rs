//! From a resource to the values at a path.

use serde_json::Value;

use crate::tables::{Filter, Step};
use crate::validate::{Literal, literal};

/// Calls `found` with each value at the end of the steps from an element of a resource, through all arrays on the way.
pub(super) fn each<'v>(
    resource: &Value,
    value: &'v Value,
    steps: &'static [Step],
    found: &mut dyn FnMut(&'v Value),
) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each(resource, item, steps, found)),
        Value::Null => {}
        _ => match steps {
            [] => found(value),
            [step, rest @ ..] => {
                if let Some(inner) = value.get(step.member) {
                    passing(resource, inner, step, rest, found);
                }
            }
        },
    }
}

fn passing<'v>(
    resource: &Value,
    value: &'v Value,
    step: &'static Step,
    rest: &'static [Step],
    found: &mut dyn FnMut(&'v Value),
) {
    match (&step.filter, value) {
        (None, _) => each(resource, value, rest, found),
        (Some(_), Value::Array(items)) => {
            for item in items {
                passing(resource, item, step, rest, found);
            }
        }
        (Some(filter), _) => {
            if passes(resource, filter, value) {
                each(resource, value, rest, found);
            }
        }
    }
}

fn passes(resource: &Value, filter: &Filter, value: &Value) -> bool {
    match filter {
        Filter::Equals(name, wanted) => value[*name].as_str() == Some(wanted),
        Filter::Refers(wanted) => {
            let by_text = value["reference"].as_str().and_then(literal).and_then(|literal| match literal {
                Literal::Local { resource_type, .. } | Literal::Elsewhere(Some(resource_type)) => {
                    Some(resource_type)
                }
                Literal::Contained(id) => contained(resource, id),
                Literal::Elsewhere(None) => None,
            });
            by_text.or_else(|| value["type"].as_str()) == Some(wanted)
        }
    }
}

/// The type of a contained resource.
fn contained<'r>(resource: &'r Value, id: &str) -> Option<&'r str> {
    let mut all = resource["contained"].as_array().into_iter().flatten();
    all.find(|inner| inner["id"].as_str() == Some(id))?["resourceType"].as_str()
}
