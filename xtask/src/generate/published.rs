//! What R4's definitions of search parameters say beside the table that searches are read with: the words that
//! `SearchParameter` resources are answered from.
//!
//! ```text
//! clinical-code<tab>AllergyIntolerance,Condition<tab>AllergyIntolerance.code | Condition.code
//! Observation-code-value-quantity<tab>Observation<tab>Observation<tab>clinical-code=code<tab>Observation-value-quantity=value.as(Quantity)
//! ```
//! Id, types, expression; of a composite each part with its own expression too.

use super::definitions::{Definitions, last_segment, list, text};

/// The table as text.
pub(crate) fn table(definitions: &Definitions) -> String {
    let mut lines: Vec<String> = definitions
        .search_parameters
        .iter()
        .filter(|parameter| !text(parameter, "expression").is_empty())
        .map(|parameter| {
            let bases: Vec<&str> = list(parameter, "base").filter_map(|base| base.as_str()).collect();
            let mut line = format!("{}\t{}\t{}", text(parameter, "id"), bases.join(","), one_line(parameter));
            for component in list(parameter, "component") {
                let definition = last_segment(text(component, "definition"));
                line.extend(["\t", definition, "=", &one_line(component)]);
            }
            line.push('\n');
            line
        })
        .collect();
    lines.sort_unstable();
    lines.concat()
}

/// An expression in one line.
pub(super) fn one_line(definition: &serde_json::Value) -> String {
    text(definition, "expression").split_whitespace().collect::<Vec<_>>().join(" ")
}
