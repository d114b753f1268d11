//! The generated tables of FHIR R4, read once when first asked for.
//!
//! They are text in the program (`src/generated/`, written by `cargo xtask generate`); reading copies no string.

use std::sync::OnceLock;

mod compartments;
mod constraints;
mod elements;
mod model;
pub(crate) mod published;
mod search;

pub use compartments::compartment_members;
pub(crate) use compartments::compartments;
pub(crate) use constraints::{Constraint, constraints};
pub(crate) use elements::{Field, Kind, Type, elements};
pub use model::{R4, r4};
pub use search::ParamKind;
pub(crate) use search::{Filter, Group, Param, Part, Path, Step, params};

/// The tables that rows of an index are made by, as they stand in the program.
pub(crate) const fn index_tables() -> [&'static str; 2] {
    [include_str!("../generated/search.txt"), include_str!("../generated/compartments.txt")]
}

/// The lines of a table, each split at the first `= ` that opens a section.
enum Line {
    /// The name, and more words, of the section that begins.
    Section(&'static str),
    /// A line of the section.
    Entry(&'static str),
}

fn lines(table: &'static str) -> impl Iterator<Item = Line> {
    let lines = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.strip_prefix("= ").map_or(Line::Entry(line), Line::Section))
}

/// Whether R4 has a resource type of this name that can be stored.
pub fn is_resource_type(name: &str) -> bool {
    elements().by_name(name).is_some_and(|found| found.kind == Kind::Resource)
}

/// The resource types that R4 has an endpoint for, sorted. What only carries answers has none.
pub fn resource_types() -> &'static [&'static str] {
    static NAMES: OnceLock<Vec<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names = elements().resources();
        names.retain(|name| !matches!(*name, "OperationOutcome" | "Parameters"));
        names.sort_unstable();
        names
    })
}

/// Reads all tables now, so that the first request does not.
pub fn warm() {
    elements();
    params("Patient");
    compartments();
    constraints();
    crate::terminology::warm();
}
