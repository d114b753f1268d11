//! Index rows of composites: the parts of each element, told apart from those of other elements by a number.
//!
//! What a composite takes from the resource itself needs no rows of its own where its parts are parameters too.

use bianque_query::{IndexRow, IndexValue, NORMALISED};
use serde_json::Value;

use super::{converted, walk};
use crate::tables::{Group, Param, Part};

/// Elements of one resource beyond this are not indexed together.
const ELEMENTS: u32 = 1_000;

/// The rows of a composite that are written under its name.
pub(super) fn rows(param: &'static Param, resource: &Value, into: &mut Vec<IndexRow>) {
    for group in param.groups.iter().filter(|group| group.rows == param.code && needs_rows(group)) {
        let mut number = 0;
        walk::each(resource, resource, &group.steps, &mut |element| {
            if number < ELEMENTS && element_of(group, number, resource, element, into) {
                number += 1;
            }
        });
    }
}

/// Whether no parameters of the resource stand for the parts.
pub(crate) fn needs_rows(group: &Group) -> bool {
    !group.steps.is_empty() || group.parts.iter().any(|part| part.alike.is_none())
}

/// Whether the element has all parts, and so rows. One that lacks a part can never match.
fn element_of(
    group: &'static Group,
    number: u32,
    resource: &Value,
    element: &Value,
    into: &mut Vec<IndexRow>,
) -> bool {
    let before = into.len();
    for (place, part) in (0_u8..).zip(&group.parts) {
        let first = into.len();
        values(part, resource, element, &mut |modifier, value| {
            let part = if modifier == "ucum" { NORMALISED + place } else { place };
            let row = IndexRow {
                param: group.rows.to_owned(),
                value: IndexValue::Part { group: number, part, value: Box::new(value) },
            };
            if matches!(modifier, "" | "ucum") && !into[first..].contains(&row) {
                into.push(row);
            }
        });
        if into.len() == first {
            into.truncate(before);
            return false;
        }
    }
    true
}

fn values(
    part: &'static Part,
    resource: &Value,
    element: &Value,
    emit: &mut dyn FnMut(&'static str, IndexValue),
) {
    for (from_resource, path) in &part.paths {
        let from = if *from_resource { resource } else { element };
        walk::each(resource, from, &path.steps, &mut |value| {
            converted(part.kind, path.type_name, value, emit);
        });
    }
}
