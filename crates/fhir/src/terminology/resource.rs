//! Code systems and value sets from resources (FHIR R4, CodeSystem and ValueSet).

use serde_json::Value;

use super::set::{Filter, Listed, Part, Set};
use super::system::{Concept, Content, Designation, Status, System, Text};

/// The code system of a resource; none when it has no URL.
pub(super) fn system(resource: &Value) -> Option<System> {
    let content = if resource["content"] == "complete" { Content::Complete } else { Content::Partial };
    let name = resource["title"].as_str().or(resource["name"].as_str()).unwrap_or_default();
    let url = resource["url"].as_str()?.to_owned();
    let mut system = System::new(url.into(), text(resource, "version"), name.to_owned().into(), content);
    system.case_sensitive = resource["caseSensitive"] != false;
    let mut pairs = Vec::new();
    concepts(&mut system, resource, None, &mut pairs);
    system.relate(&pairs);
    Some(system)
}

/// The value set of a resource. Where it has no definition, its expansion is what it holds.
pub(super) fn set(resource: &Value) -> Set {
    let parts = |name: &str| list(&resource["compose"], name).map(part).collect();
    let mut set = Set {
        url: text(resource, "url"),
        version: text(resource, "version"),
        name: text(resource, "name"),
        title: text(resource, "title"),
        status: text(resource, "status"),
        active_only: resource["compose"]["inactive"] == false,
        include: parts("include"),
        exclude: parts("exclude"),
    };
    if resource["compose"].is_null() {
        expanded(&resource["expansion"], &mut set.include);
    }
    set
}

fn concepts(system: &mut System, parent: &Value, above: Option<u32>, pairs: &mut Vec<(Text, Text)>) {
    for value in list(parent, "concept") {
        let mut concept = Concept::new(text(value, "code"), text(value, "display"));
        concept.definition = value["definition"].as_str().map(|text| text.to_owned().into());
        concept.designations = designations(value);
        for property in list(value, "property") {
            self::property(&mut concept, property, pairs);
        }
        let number = system.add(concept, above);
        concepts(system, value, Some(number), pairs);
    }
}

/// A property of a concept. Hierarchy and status are read here; the rest is kept as text.
fn property(concept: &mut Concept, property: &Value, pairs: &mut Vec<(Text, Text)>) {
    let Some(value) = property_value(property) else { return };
    match (property["code"].as_str().unwrap_or_default(), value.as_ref()) {
        ("parent" | "subsumedBy", _) => pairs.push((concept.code.clone(), value)),
        ("child", _) => pairs.push((value, concept.code.clone())),
        ("status", code) => concept.status = Status::read(code),
        ("inactive", "true") => concept.status = Status::Inactive,
        ("notSelectable" | "abstract", "true") => concept.selectable = false,
        ("inactive" | "notSelectable" | "abstract", _) => {}
        (code, _) => concept.properties.push((code.to_owned().into(), value)),
    }
}

fn property_value(property: &Value) -> Option<Text> {
    let (_, value) = property.as_object()?.iter().find(|(name, _)| name.starts_with("value"))?;
    Some(match value {
        Value::String(text) => text.clone().into(),
        Value::Object(coding) => coding.get("code")?.as_str()?.to_owned().into(),
        other => other.to_string().into(),
    })
}

fn designations(concept: &Value) -> Vec<Designation> {
    let read = |designation: &Value| {
        let value = designation["value"].as_str()?.to_owned().into();
        Some(Designation { language: text(designation, "language"), value })
    };
    list(concept, "designation").filter_map(read).collect()
}

fn part(include: &Value) -> Part {
    let listed = |concept: &Value| Listed {
        code: text(concept, "code"),
        display: text(concept, "display"),
        designations: designations(concept),
    };
    let filter = |filter: &Value| Filter {
        property: text(filter, "property"),
        op: text(filter, "op"),
        value: text(filter, "value"),
    };
    Part {
        system: include["system"].as_str().map(|system| system.to_owned().into()),
        version: include["version"].as_str().map(|version| version.to_owned().into()),
        concepts: list(include, "concept").map(listed).collect(),
        filters: list(include, "filter").map(filter).collect(),
        sets: list(include, "valueSet").filter_map(Value::as_str).map(|url| url.to_owned().into()).collect(),
        ..Part::default()
    }
}

/// The codes of an expansion, nested ones too, a part for each run of one system.
fn expanded(level: &Value, parts: &mut Vec<Part>) {
    for entry in list(level, "contains") {
        if let (Some(system), Some(code), false) =
            (entry["system"].as_str(), entry["code"].as_str(), entry["abstract"] == true)
        {
            if parts.last().and_then(|part| part.system.as_deref()) != Some(system) {
                parts.push(Part { system: Some(system.to_owned().into()), ..Part::default() });
            }
            if let Some(part) = parts.last_mut() {
                let designations = designations(entry);
                part.concepts.push(Listed {
                    code: code.to_owned().into(),
                    display: text(entry, "display"),
                    designations,
                });
            }
        }
        expanded(entry, parts);
    }
}

fn text(value: &Value, name: &str) -> Text {
    value[name].as_str().unwrap_or_default().to_owned().into()
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}
