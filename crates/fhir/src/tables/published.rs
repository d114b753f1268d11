//! What R4's definitions of search parameters say beside the table that searches are read with.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Line, lines};

/// What is published of a search parameter.
#[derive(Debug)]
pub(crate) struct Published {
    /// The types it is for, perhaps `Resource` or `DomainResource`.
    pub(crate) bases: Vec<&'static str>,
    /// Its FHIRPath.
    pub(crate) expression: &'static str,
    /// Of a composite the id and the FHIRPath of each part.
    pub(crate) parts: Vec<(&'static str, &'static str)>,
}

/// Every published search parameter by its id.
pub(crate) fn published() -> &'static HashMap<&'static str, Published> {
    static TABLE: OnceLock<HashMap<&'static str, Published>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let entries = lines(include_str!("../generated/published.txt")).filter_map(|line| match line {
            Line::Entry(entry) => read(entry),
            Line::Section(_) => None,
        });
        entries.collect()
    })
}

fn read(entry: &'static str) -> Option<(&'static str, Published)> {
    let mut columns = entry.split('\t');
    let (id, bases, expression) = (columns.next()?, columns.next()?, columns.next()?);
    let parts = columns.filter_map(|part| part.split_once('=')).collect();
    Some((id, Published { bases: bases.split(',').collect(), expression, parts }))
}
