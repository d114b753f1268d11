//! What a tenant defines, as it is kept.

use bianque_fhir::custom::Definition;
use bianque_model::ResourceId;
use serde::{Deserialize, Serialize};

use crate::aggregate::Aggregate;

/// The parameters in force.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Registry {
    pub(super) entries: Vec<Entry>,
}

/// A parameter in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The SearchParameter.
    pub(super) resource: ResourceId,
    pub(super) url: String,
    pub(super) code: String,
    pub(super) kind: String,
    pub(super) types: Vec<String>,
    pub(super) targets: Vec<String>,
    pub(super) expression: String,
    /// The version of the registry that it came with.
    pub(super) since: u64,
    /// Types whose resources are all indexed by it.
    pub(super) ready: Vec<String>,
}

impl Aggregate for Registry {
    const KIND: &'static str = "search-parameters";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        "in-force".to_owned()
    }
}

impl Entry {
    pub(super) fn definition(&self) -> Definition {
        Definition {
            url: self.url.clone(),
            code: self.code.clone(),
            kind: self.kind.clone(),
            types: self.types.clone(),
            targets: self.targets.clone(),
            expression: self.expression.clone(),
        }
    }

    fn of(resource: &ResourceId, definition: Definition, since: u64) -> Self {
        let Definition { url, code, kind, types, targets, expression } = definition;
        Self {
            resource: resource.clone(),
            url,
            code,
            kind,
            types,
            targets,
            expression,
            since,
            ready: Vec::new(),
        }
    }

    /// Whether rows of the other are rows of this one.
    fn indexes_as(&self, other: &Self) -> bool {
        self.code == other.code && self.kind == other.kind && self.expression == other.expression
    }

    /// Whether a search could mean this or the other.
    fn collides(&self, code: &str, types: &[String]) -> bool {
        self.code == code && self.types.iter().any(|name| types.contains(name))
    }
}

impl Registry {
    /// Puts a definition in force, or with none takes it out; whether anything is another then. What was indexed stays so
    /// where the rows stay the same.
    pub(super) fn apply(
        &mut self,
        resource: &ResourceId,
        definition: Option<&Definition>,
        since: u64,
    ) -> bool {
        let before = self.entries.iter().position(|entry| entry.resource == *resource);
        let before = before.map(|place| self.entries.remove(place));
        let Some(definition) = definition else { return before.is_some() };
        let mut entry = Entry::of(resource, definition.clone(), since);
        if let Some(before) = before.filter(|before| before.indexes_as(&entry)) {
            if before.definition() == *definition {
                self.entries.push(before);
                return false;
            }
            entry.ready = before.ready.into_iter().filter(|name| entry.types.contains(name)).collect();
            if entry.types.iter().all(|name| before.types.contains(name)) {
                entry.since = before.since;
            }
        }
        self.entries.push(entry);
        true
    }

    /// Another definition that a search would mean by this code.
    pub(super) fn collision(&self, resource: &ResourceId, definition: &Definition) -> Option<&Entry> {
        let others = self.entries.iter().filter(|entry| entry.resource != *resource);
        others.into_iter().find(|entry| entry.collides(&definition.code, &definition.types))
    }
}
