//! The element table: every type with the elements it adds to its base.
//!
//! ```text
//! = Patient resource DomainResource
//! gender ? code #administrative-gender
//! deceased[x] ? boolean|dateTime
//! managingOrganization ? Reference>Organization
//! contact * Patient.contact
//! ```
//! `#` names the value set of a required binding, by its URL or by what follows `http://hl7.org/fhir/ValueSet/` in it.
//! Kinds: `primitive`, `complex`, `backbone`, `resource`, `abstract`. Cardinality: `?` 0..1, `1` 1..1, `*` 0..*, `+` 1..*.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::definitions::{Definitions, last_segment, list, text};

/// Where most value sets are.
const FHIR_SETS: &str = "http://hl7.org/fhir/ValueSet/";
/// Elements that the package has and R4 has not: its authors' own, and one of R5.
const NOT_R4: [&str; 9] = [
    "Meta.project",
    "Meta.author",
    "Meta.onBehalfOf",
    "Meta.account",
    "Meta.accounts",
    "Meta.compartment",
    "Meta.deleted",
    "Binary.url",
    "DeviceDefinition.bodySite",
];

/// One element of a type.
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) cardinality: char,
    /// Whether it belongs to a summary.
    pub(crate) summary: bool,
    pub(crate) types: Vec<String>,
    targets: BTreeSet<String>,
    set: Option<String>,
}

/// A type: its kind, its base and the elements it adds.
pub(crate) struct Type {
    pub(crate) kind: &'static str,
    pub(crate) base: Option<String>,
    pub(crate) elements: Vec<Element>,
}

/// All types by name; a backbone element is a type of its own, named by its path.
pub(crate) struct Model {
    pub(crate) types: BTreeMap<String, Type>,
}

impl Model {
    pub(crate) fn new(definitions: &Definitions) -> Result<Self> {
        let mut model = Self { types: BTreeMap::new() };
        for structure in &definitions.structures {
            model.add(structure).with_context(|| text(structure, "id").to_owned())?;
        }
        Ok(model)
    }

    /// The element of this name (as in a path: `value` for `value[x]`), of the type or a base of it.
    pub(crate) fn element(&self, type_name: &str, name: &str) -> Option<&Element> {
        let found = self.types.get(type_name)?;
        let own = found.elements.iter().find(|element| element.name.trim_end_matches("[x]") == name);
        own.or_else(|| self.element(found.base.as_deref()?, name))
    }

    fn add(&mut self, structure: &Value) -> Result<()> {
        let id = text(structure, "id");
        let kind = match (text(structure, "kind"), structure["abstract"] == true) {
            (_, true) => "abstract",
            ("primitive-type", _) => "primitive",
            ("resource", _) => "resource",
            _ => "complex",
        };
        let base = structure["baseDefinition"].as_str().map(|url| last_segment(url).to_owned());
        self.types.insert(id.to_owned(), Type { kind, base, elements: Vec::new() });
        for element in list(&structure["snapshot"], "element").skip(1) {
            let path = text(element, "path");
            // A constraint's snapshot names its base type in the paths.
            let path = path.split_once('.').map_or(path, |(_, rest)| rest);
            // A primitive is a JSON value, and its id and extensions are those of Element.
            let path = format!("{id}.{path}");
            if kind != "primitive" && !inherited(structure, element) && !NOT_R4.contains(&path.as_str()) {
                self.add_element(&path, element)?;
            }
        }
        Ok(())
    }

    fn add_element(&mut self, path: &str, definition: &Value) -> Result<()> {
        let (parent, name) = path.rsplit_once('.').context("a path without a parent")?;
        let mut element = Element {
            name: name.to_owned(),
            cardinality: cardinality(definition)?,
            types: Vec::new(),
            targets: BTreeSet::new(),
            set: None,
            summary: definition["isSummary"] == true,
        };
        if let Some(content) = definition["contentReference"].as_str() {
            element.types.push(content.rsplit('#').next().unwrap_or(content).to_owned());
        }
        for code in list(definition, "type") {
            let name = type_name(code);
            if matches!(name, "BackboneElement" | "Element") {
                self.types.insert(
                    path.to_owned(),
                    Type { kind: "backbone", base: Some(name.to_owned()), elements: Vec::new() },
                );
                element.types.push(path.to_owned());
            } else {
                element.types.push(name.to_owned());
            }
            element.targets.extend(
                list(code, "targetProfile").filter_map(Value::as_str).map(|url| last_segment(url).to_owned()),
            );
        }
        let binding = &definition["binding"];
        if text(binding, "strength") == "required" {
            let url = text(binding, "valueSet").split('|').next().unwrap_or_default();
            element.set = Some(url.to_owned());
        }
        self.types.get_mut(parent).context("an element before its parent")?.elements.push(element);
        Ok(())
    }
}

/// The table as text.
pub(crate) fn table(model: &Model) -> String {
    let mut out = String::new();
    for (name, found) in &model.types {
        let base = found.base.as_deref().unwrap_or("-");
        let _ = writeln!(out, "= {name} {} {base}", found.kind);
        for element in &found.elements {
            let _ = write!(out, "{} {} {}", element.name, element.cardinality, element.types.join("|"));
            if !element.targets.is_empty() && !element.targets.contains("Resource") {
                let targets: Vec<&str> = element.targets.iter().map(String::as_str).collect();
                let _ = write!(out, " >{}", targets.join("|"));
            }
            if let Some(url) = &element.set {
                let _ = write!(out, " #{}", url.strip_prefix(FHIR_SETS).unwrap_or(url));
            }
            if element.summary {
                out.push_str(" ^");
            }
            out.push('\n');
        }
    }
    out
}

/// An element that a base already has stands there.
fn inherited(structure: &Value, element: &Value) -> bool {
    let base = text(&element["base"], "path");
    if text(element, "path").matches('.').count() == 1 {
        base.split('.').next() != Some(text(structure, "id"))
    } else {
        matches!(base, "Element.id" | "Element.extension" | "BackboneElement.modifierExtension")
    }
}

fn cardinality(definition: &Value) -> Result<char> {
    Ok(match (definition["min"].as_u64(), text(definition, "max")) {
        (_, "0") => '0',
        (Some(0), "1") => '?',
        (Some(1), "1") => '1',
        (Some(0), "*") => '*',
        (Some(1), "*") => '+',
        (min, max) => bail!("a cardinality of {min:?}..{max} has no letter"),
    })
}

/// The type's code; for the few that are FHIRPath system types, the FHIR type they stand for.
fn type_name(code: &Value) -> &str {
    let name = text(code, "code");
    if !name.starts_with("http://hl7.org/fhirpath/") {
        return name;
    }
    let stated = list(code, "extension").find_map(|extension| extension["valueUrl"].as_str());
    match stated.unwrap_or_else(|| last_segment(name)) {
        "System.String" => "string",
        other => other,
    }
}
