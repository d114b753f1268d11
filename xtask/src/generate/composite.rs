//! Composites of the search-parameter table: elements whose parts are compared together.
//!
//! ```text
//! combo-code-value-quantity composite Observation-combo-code-value-quantity
//!     .{token=code:CodeableConcept;quantity=valueQuantity:Quantity}
//!     component{token=code:CodeableConcept;quantity=valueQuantity:Quantity}
//! ```
//! (one line in the table). Before the brace stands the way to the elements, `.` for the resource itself; inside, each part
//! with its kind and its paths, parted by `|`. A path that begins with `/` starts at the resource.

use anyhow::{Context, Result};
use serde_json::Value;

use super::definitions::{Definitions, list, text};
use super::elements::Model;
use super::expression::{Step, branches};
use super::search::{convertible, paths};

const KINDS: [&str; 6] = ["token", "quantity", "date", "reference", "number", "string"];

/// The words of a composite's line.
pub(super) fn groups(
    definitions: &Definitions,
    parameter: &Value,
    name: &str,
    model: &Model,
) -> Result<Vec<String>> {
    let mut groups = Vec::new();
    for (start, steps) in branches(text(parameter, "expression"))? {
        if start != name {
            continue;
        }
        let (way, type_name) = match paths(name, &steps, model)?.as_slice() {
            [path] if !steps.is_empty() => {
                let (way, found) = path.rsplit_once(':').context("a path without a type")?;
                (way.to_owned(), found.to_owned())
            }
            _ => (".".to_owned(), name.to_owned()),
        };
        let parts = list(parameter, "component")
            .map(|component| part(definitions, component, name, &type_name, model));
        groups.push(format!("{way}{{{}}}", parts.collect::<Result<Vec<_>>>()?.join(";")));
    }
    Ok(groups)
}

fn part(
    definitions: &Definitions,
    component: &Value,
    name: &str,
    type_name: &str,
    model: &Model,
) -> Result<String> {
    let expression = text(component, "expression");
    let (from, root, expression) = match expression.strip_prefix("%resource.") {
        Some(rest) => (name, "/", rest),
        None => (type_name, "", expression),
    };
    let mut found = Vec::new();
    for (first, mut steps) in branches(expression)? {
        steps.insert(0, Step::Member(first));
        // One definition writes a primitive's type with a capital.
        for step in &mut steps {
            if let Step::OfType(name) = step
                && name == "DateTime"
            {
                "dateTime".clone_into(name);
            }
        }
        found.extend(paths(from, &steps, model)?);
    }
    let url = text(component, "definition");
    let stated = definitions.search_parameters.iter().find(|parameter| text(parameter, "url") == url);
    let stated = stated.map(|parameter| text(parameter, "type"));
    // One composite names the definitions of its parts in the wrong order, so that what is found decides.
    let kind = stated.into_iter().chain(KINDS).find(|kind| found.iter().any(|path| convertible(kind, path)));
    let kind = kind.with_context(|| format!("{expression} is of no kind"))?;
    let of_kind = found.iter().filter(|path| convertible(kind, path));
    let written: Vec<String> = of_kind.map(|path| format!("{root}{path}")).collect();
    Ok(format!("{kind}={}", written.join("|")))
}
