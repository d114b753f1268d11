//! The resources of a folder.

use std::path::{Path, PathBuf};

use anyhow::Result;
use bianque_fhir::Indexed;
use serde_json::Value;

/// Definitions, which others are held to, in the order in which they need each other.
const FIRST: [&str; 4] = ["CodeSystem", "ValueSet", "ConceptMap", "StructureDefinition"];

/// One resource.
pub(crate) struct Example {
    pub(crate) file: String,
    pub(crate) resource_type: String,
    pub(crate) id: String,
    /// Once it is stored: what it is found by.
    pub(crate) told: Option<Told>,
}

/// What a stored resource is found by.
pub(crate) struct Told {
    pub(crate) index: Indexed,
    pub(crate) last_updated: String,
}

impl Example {
    /// None for what is no resource.
    pub(crate) fn of(file: &str, resource: &Value) -> Option<Self> {
        let text = |member: &str| resource[member].as_str().map(str::to_owned);
        let (resource_type, id) = (text("resourceType")?, text("id").unwrap_or_default());
        bianque_fhir::is_resource_type(&resource_type).then(|| Self {
            file: file.to_owned(),
            resource_type,
            id,
            told: None,
        })
    }

    /// Whose records it lies in.
    pub(crate) fn compartments(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.told.iter().flat_map(|told| &told.index.compartments);
        all.map(|compartment| (compartment.kind.as_str(), compartment.id.as_str()))
    }
}

/// Every JSON file of the folder, definitions first.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    found.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    found.sort_by_cached_key(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let place = FIRST.iter().position(|first| name.split('-').next() == Some(first));
        (place.unwrap_or(FIRST.len()), name)
    });
    Ok(found)
}

/// Takes away what only the server assigns.
pub(crate) fn without_own(resource: &mut Value) {
    let Some(members) = resource.as_object_mut() else { return };
    if let Some(Value::Object(meta)) = members.get_mut("meta") {
        meta.remove("versionId");
        meta.remove("lastUpdated");
        if meta.is_empty() {
            members.remove("meta");
        }
    }
}
