//! Slices: which value belongs to which, and what that asks for (FHIR R4, Profiling 5.1.0.14).

use bianque_fhirpath::{Element, Model};
use serde_json::Value;

use super::super::Path;
use super::check::Check;
use super::discriminator;
use super::tree::{Discriminator, Node, Rules, Slicing};
use crate::outcome::IssueCode;
use crate::tables::r4;

/// The values of an element against its slices.
pub(super) fn check<'a>(
    check: &mut Check<'a>,
    element: &'a Node,
    values: &[Element<'a>],
    path: &Path<'_>,
    many: bool,
) {
    let rules = element.slicing.as_ref().map_or(Rules::Open, |slicing| slicing.rules);
    let ordered = element.slicing.as_ref().is_some_and(|slicing| slicing.ordered);
    let mut counts = vec![0_usize; element.slices.len()];
    let (mut last, mut unsliced) = (0_usize, false);
    for (index, value) in values.iter().enumerate() {
        let item = path.item(index);
        let at = if many { &item } else { path };
        let found = element.slices.iter().position(|slice| belongs(check, element, slice, value, at));
        let Some(found) = found else {
            unsliced = true;
            if rules == Rules::Closed {
                check.fault(
                    IssueCode::Structure,
                    at,
                    "belongs to none of the slices, and others may not be there",
                );
            }
            continue;
        };
        counts[found] += 1;
        if ordered && found < last {
            check.fault(IssueCode::Structure, at, "stands in another order than the slices");
        }
        if rules == Rules::OpenAtEnd && unsliced {
            check.fault(IssueCode::Structure, at, "values of no slice stand at the end only");
        }
        last = last.max(found);
        let slice = &element.slices[found];
        check.node(slice, value, at);
    }
    for (slice, count) in element.slices.iter().zip(counts) {
        let name = slice.slice.as_deref().unwrap_or_default();
        check.cardinality(slice, count, path, Some(name));
        if !slice.slices.is_empty() {
            let own: Vec<Element<'a>> =
                values.iter().filter(|value| belongs(check, element, slice, value, path)).copied().collect();
            self::check(check, slice, &own, path, many);
        }
    }
}

/// Whether a value is of a slice: everything that tells slices apart says so.
fn belongs<'a>(
    check: &mut Check<'a>,
    element: &'a Node,
    slice: &'a Node,
    value: &Element<'a>,
    path: &Path<'_>,
) -> bool {
    let is_extension = matches!(element.name.as_str(), "extension" | "modifierExtension");
    // Discriminators by URL alone, and none at all, are the same for an extension.
    let by_url = |found: &[Discriminator]| is_extension && found.iter().all(|found| found.path == "url");
    match &element.slicing {
        Some(Slicing { discriminators, .. }) if !discriminators.is_empty() && !by_url(discriminators) => {
            // What a slice says nothing of does not tell it apart, as long as something else does.
            let mut met = false;
            for found in discriminators {
                match discriminator::is_met(check, found, slice, value, path) {
                    Some(true) => met = true,
                    Some(false) => return false,
                    None => {}
                }
            }
            met
        }
        // Extensions are told apart by their URL; where nothing is said, choices are by their type.
        _ if is_extension => {
            let url = discriminator::extension_url(check, slice);
            url.is_some_and(|url| value.value.and_then(|value| value["url"].as_str()) == Some(&url))
        }
        _ if element.name.ends_with("[x]") => is_of_type(slice, value),
        _ => check.silently(|check| check.node(slice, value, path)),
    }
}

fn is_of_type(slice: &Node, value: &Element<'_>) -> bool {
    let named = slice.slice.as_deref().unwrap_or_default();
    let of = value.type_id.map_or("", |of| r4().name(of));
    if slice.types.is_empty() {
        let lowered = named.to_lowercase();
        return !of.is_empty() && lowered.ends_with(&of.to_lowercase());
    }
    slice.types.iter().any(|allowed| allowed.code == of)
}

/// The text of a fixed value or pattern.
pub(super) fn fixed_text(node: &Node) -> Option<&str> {
    node.fixed.as_ref().or(node.pattern.as_ref()).and_then(Value::as_str)
}
