//! The FHIRPath of every search parameter, as it was published: what the test of searches evaluates in place of the
//! search-parameter table.
//!
//! ```text
//! birthdate<tab>date<tab>Patient,Person<tab>Patient.birthDate | Person.birthDate
//! code-value-quantity<tab>composite<tab>Observation<tab>Observation<tab>code<tab>value.ofType(Quantity)
//! ```
//! Code, kind, types, expression; of a composite the expressions of its parts too.

use super::definitions::{Definitions, list, text};
use super::published::one_line;

/// The table as text.
pub(crate) fn table(definitions: &Definitions) -> String {
    let mut lines: Vec<String> = definitions
        .search_parameters
        .iter()
        .filter(|parameter| !text(parameter, "expression").is_empty())
        .map(|parameter| {
            let bases: Vec<&str> = list(parameter, "base").filter_map(|base| base.as_str()).collect();
            let (code, kind) = (text(parameter, "code"), text(parameter, "type"));
            let mut line = format!("{code}\t{kind}\t{}\t{}", bases.join(","), one_line(parameter));
            for component in list(parameter, "component") {
                line.push('\t');
                // One definition writes a primitive's type with a capital.
                line.push_str(&one_line(component).replace("ofType(DateTime)", "ofType(dateTime)"));
            }
            line.push('\n');
            line
        })
        .collect();
    lines.sort_unstable();
    lines.concat()
}
