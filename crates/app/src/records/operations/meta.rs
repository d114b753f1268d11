//! Profiles, tags and security labels of a resource (FHIR R4, Resource `$meta`, `$meta-add`, `$meta-delete`).

use bianque_fhir::document;
use bianque_model::{Context, ResourceId};
use serde_json::{Map, Value, json};

use crate::policy::{self, Action};
use crate::records::asked::{Asked, missing};
use crate::records::read::{audit, standing};
use crate::records::write::{Expected, Target, What, Write, write};
use crate::records::{Record, served, visible, writable};
use crate::{App, Error};

/// How often a change is tried against others who change the same resource.
const ATTEMPTS: usize = 4;
/// What of `meta` is a set that can be added to and taken from.
const SETS: [&str; 3] = ["profile", "security", "tag"];

/// What is done with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `$meta-add`: what is not there yet is added.
    Add,
    /// `$meta-delete`: what is there is taken away.
    Delete,
}

/// Parameters with the `meta` of a resource as `return`.
pub async fn meta(
    app: &App,
    context: &Context,
    resource_type: &str,
    id: &ResourceId,
    asked: &Asked,
) -> Result<Vec<u8>, Error> {
    let scope = policy::records(context, served(resource_type)?, Action::Read)?;
    asked.only(&[])?;
    let stored = visible::current(app, context, scope, resource_type, id).await?;
    let record = standing(&stored)?;
    audit(app, context, "fhir.meta", &stored).await?;
    parameters(&record)
}

/// Changes them by `meta` of the question, in a new version where something changes; Parameters with what it is then.
pub async fn change(
    app: &App,
    context: &Context,
    (resource_type, id): (&str, &ResourceId),
    way: Way,
    asked: &Asked,
) -> Result<Vec<u8>, Error> {
    let scope = policy::records(context, writable(resource_type)?, Action::Update)?;
    asked.only(&["meta"])?;
    let given = asked.object("meta").ok_or_else(|| missing("meta"))?;
    for _ in 0..ATTEMPTS {
        let stored = visible::current(app, context, scope.clone(), resource_type, id).await?;
        let record = standing(&stored)?;
        let mut resource =
            document::parse(stored.document.as_deref().unwrap_or_default()).map_err(Error::internal)?;
        if !apply(&mut resource, given, way) {
            audit(app, context, "fhir.meta", &stored).await?;
            return parameters(&record);
        }
        let expected = Some(Expected::Version(stored.version));
        let what = What::Update { target: Target::Id(id.clone()), resource, expected };
        match write(app, context, Write { resource_type: resource_type.to_owned(), what }).await {
            Ok(written) => return parameters(&written.record.ok_or_else(Error::not_found)?),
            // Somebody else was faster: it is done again on what they wrote.
            Err(error) if error.code == "fhir.version" => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::conflict("fhir.changed", "others are writing the same; try again"))
}

/// Changes the sets of a resource's `meta`; whether something changed.
fn apply(resource: &mut Value, given: &Value, way: Way) -> bool {
    let Some(members) = resource.as_object_mut() else { return false };
    let mut meta = match members.remove("meta") {
        Some(Value::Object(meta)) => meta,
        _ => Map::new(),
    };
    let mut changed = false;
    for name in SETS {
        for value in given[name].as_array().into_iter().flatten() {
            changed |= match way {
                Way::Add => add(&mut meta, name, value),
                Way::Delete => remove(&mut meta, name, value),
            };
        }
    }
    if !meta.is_empty() {
        members.insert("meta".to_owned(), Value::Object(meta));
    }
    changed
}

fn add(meta: &mut Map<String, Value>, name: &str, value: &Value) -> bool {
    let set = meta.entry(name).or_insert_with(|| json!([]));
    let Some(set) = set.as_array_mut().filter(|set| !set.iter().any(|own| is_same(own, value))) else {
        return false;
    };
    set.push(value.clone());
    true
}

fn remove(meta: &mut Map<String, Value>, name: &str, value: &Value) -> bool {
    let Some(Value::Array(set)) = meta.get_mut(name) else { return false };
    let Some(at) = set.iter().position(|own| is_same(own, value)) else { return false };
    set.remove(at);
    let is_empty = set.is_empty();
    if is_empty {
        meta.remove(name);
    }
    // What is said beside a primitive of a list has the same place in a list of its own.
    let beside = format!("_{name}");
    if let Some(Value::Array(said)) = meta.get_mut(&beside) {
        if at < said.len() {
            said.remove(at);
        }
        if said.iter().all(Value::is_null) {
            meta.remove(&beside);
        }
    }
    true
}

/// Canonicals are the same by their text, codings by system and code.
fn is_same(one: &Value, other: &Value) -> bool {
    if one.is_string() {
        return one == other;
    }
    other.is_object() && ["system", "code"].iter().all(|name| one[name] == other[name])
}

fn parameters(record: &Record) -> Result<Vec<u8>, Error> {
    let resource: Value = serde_json::from_slice(&record.body).map_err(Error::internal)?;
    let meta = json!({"name": "return", "valueMeta": resource["meta"]});
    Ok(json!({"resourceType": "Parameters", "parameter": [meta]}).to_string().into_bytes())
}
