//! What the server says of itself: the search parameters and operations that it has, as resources beside those that are
//! stored. A stored one of the same id or URL is answered in its place.

mod answer;
mod signatures;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use bianque_fhir::definitions::{Definition, Offered, operation_definition, search_parameters};
use bianque_fhir::{Served, resource_types};
use bianque_model::Timestamp;
use bianque_store::StoredResource;

pub(super) use answer::{page, standing_in};

use super::{READ_ONLY, audit_search, capability};

/// What the program defines, made once.
#[derive(Debug, Default)]
pub struct Known {
    offered: OnceLock<Vec<Offered>>,
    made: OnceLock<Made>,
    pub(super) statements: capability::Statements,
}

#[derive(Debug)]
struct Made {
    at: Timestamp,
    of_type: BTreeMap<&'static str, Vec<Definition>>,
}

impl Known {
    /// Takes the paths of all routes: what is claimed is what has a route. The first call counts.
    pub fn offer<'p>(&self, paths: impl Iterator<Item = &'p str>) {
        self.offered.get_or_init(|| capability::offered(paths));
    }

    /// The operations that have routes; before any route was told, none.
    pub fn offered(&self) -> &[Offered] {
        self.offered.get().map_or(&[], Vec::as_slice)
    }

    /// The operations that have routes and no definition.
    pub fn undefined(&self) -> Vec<&str> {
        let without = self.offered().iter().filter(|offered| signatures::of(offered).is_none());
        without.map(|offered| offered.definition.as_str()).collect()
    }

    /// What is defined of this type, by their ids.
    fn of_type(&self, resource_type: &str, now: Timestamp) -> &[Definition] {
        self.made(now).of_type.get(resource_type).map_or(&[], Vec::as_slice)
    }

    fn made(&self, now: Timestamp) -> &Made {
        self.made.get_or_init(|| {
            let operations = self.offered().iter();
            let operations = operations
                .filter_map(|offered| Some(operation_definition(offered, signatures::of(offered)?)));
            let mut operations: Vec<Definition> = operations.collect();
            operations.sort_by(|one, other| one.id.cmp(&other.id));
            let of_type = BTreeMap::from([
                ("SearchParameter", search_parameters(&served())),
                ("OperationDefinition", operations),
            ]);
            Made { at: now, of_type }
        })
    }

    /// A definition as a stored resource: written when it was made, at the version of the program.
    fn stored(&self, resource_type: &str, definition: &Definition, now: Timestamp) -> Option<StoredResource> {
        Some(StoredResource {
            resource_type: resource_type.to_owned(),
            id: definition.id.parse().ok()?,
            version: program_version(),
            last_updated: self.made(now).at,
            document: Some(definition.document.clone()),
        })
    }
}

/// Whether the program has definitions of this type.
pub(super) fn defines(resource_type: &str) -> bool {
    matches!(resource_type, "SearchParameter" | "OperationDefinition")
}

/// The types that are served, and what each can be searched by.
pub(super) fn served() -> Vec<Served> {
    let of = |&resource_type| {
        let read_only = resource_type == READ_ONLY;
        Served { resource_type, writable: !read_only, by: read_only.then_some(&audit_search::PARAMS) }
    };
    resource_types().iter().map(of).collect()
}

/// `1.2.3` as a number that grows with it.
fn program_version() -> u64 {
    let parts = env!("CARGO_PKG_VERSION").split('.').map(|part| part.parse::<u64>().unwrap_or_default());
    parts.fold(0, |version, part| version * 1_000 + part)
}
