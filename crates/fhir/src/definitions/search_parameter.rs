//! The search parameters of R4 as SearchParameter resources.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Definition;
use crate::capability::{OWN, Served};
use crate::search::is_link;
use crate::tables::published::{Published, published};
use crate::tables::{Param, ParamKind, params};

/// Where R4's own definitions are.
pub(crate) const CANONICAL: &str = "http://hl7.org/fhir/SearchParameter/";
/// Prefixes of what has an order.
const COMPARATORS: [&str; 9] = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

/// What several types have under one definition.
struct Shared {
    param: &'static Param,
    types: Vec<&'static str>,
    targets: BTreeSet<&'static str>,
}

/// The definitions of all parameters that these types can be searched by, by their ids.
pub fn search_parameters(served: &[Served]) -> Vec<Definition> {
    let mut shared: BTreeMap<&'static str, Shared> = BTreeMap::new();
    for served in served {
        for param in served.params() {
            let one = shared.entry(param.definition).or_insert_with(|| Shared {
                param,
                types: Vec::new(),
                targets: BTreeSet::new(),
            });
            one.types.push(served.resource_type);
            one.targets.extend(&param.targets);
        }
    }
    let of_table = shared.iter().filter_map(|(id, shared)| Some((*id, shared, published().get(id)?)));
    let mut all: Vec<Definition> =
        of_table.map(|(id, shared, published)| Definition::of(&resource(id, shared, published))).collect();
    all.extend(OWN.iter().map(|(code, kind, id)| Definition::of(&own(code, kind, id))));
    all.sort_by(|one, other| one.id.cmp(&other.id));
    all
}

fn resource(id: &str, shared: &Shared, published: &Published) -> Value {
    let Shared { param, types, targets } = shared;
    // A parameter of every resource is one, and not one of each type.
    let base = |base: &&&'static str| !crate::is_resource_type(base) || types.contains(*base);
    let bases: Vec<&str> = published.bases.iter().filter(base).copied().collect();
    let mut value = outline(id, param.code, param.kind.code(), &bases, published.expression);
    if !targets.is_empty() {
        value["target"] = json!(targets);
    }
    let modifiers = modifiers(param);
    if !modifiers.is_empty() {
        value["modifier"] = modifiers.into();
    }
    if matches!(param.kind, ParamKind::Number | ParamKind::Date | ParamKind::Quantity) {
        value["comparator"] = json!(COMPARATORS);
    }
    let chain = chain(param, targets);
    if !chain.is_empty() {
        value["chain"] = json!(chain);
    }
    if param.kind == ParamKind::Composite {
        let part = |(id, expression): &(&str, &str)| json!({"definition": format!("{CANONICAL}{id}"), "expression": expression});
        value["component"] = published.parts.iter().map(part).collect();
    }
    value
}

/// What the store itself keeps of every resource.
fn own(code: &str, kind: &str, id: &str) -> Value {
    let expression = published().get(id).map_or("", |published| published.expression);
    let mut value = outline(id, code, kind, &["Resource"], expression);
    match kind {
        "token" => value["modifier"] = json!(["not"]),
        _ => value["comparator"] = json!(COMPARATORS),
    }
    value
}

fn outline(id: &str, code: &str, kind: &str, bases: &[&str], expression: &str) -> Value {
    json!({
        "resourceType": "SearchParameter",
        "id": id,
        "url": format!("{CANONICAL}{id}"),
        "version": "4.0.1",
        "name": code,
        "status": "active",
        "description": format!("{code} of {}, as FHIR R4 defines it and as this server answers it", bases.join(", ")),
        "code": code,
        "base": bases,
        "type": kind,
        "expression": expression,
        "xpathUsage": "normal",
        "multipleOr": true,
        "multipleAnd": true,
    })
}

/// The modifiers that a search may write behind it.
fn modifiers(param: &Param) -> Vec<&'static str> {
    match param.kind {
        ParamKind::Token => vec!["missing", "not", "text", "in", "not-in", "above", "below", "ofType"],
        ParamKind::String => vec!["missing", "exact", "contains"],
        ParamKind::Reference if is_link(param) => vec!["missing", "type", "identifier"],
        ParamKind::Uri => vec!["missing", "above", "below"],
        ParamKind::Reference | ParamKind::Number | ParamKind::Date | ParamKind::Quantity => vec!["missing"],
        ParamKind::Composite | ParamKind::Special => Vec::new(),
    }
}

/// What may be asked of what it refers to.
fn chain(param: &Param, targets: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    if !is_link(param) {
        return BTreeSet::new();
    }
    let of_target = |target: &&'static str| params(target).iter().filter(|param| param.is_searchable());
    let codes = targets.iter().flat_map(of_target).map(|param| param.code);
    let own = OWN.iter().map(|(code, ..)| *code).filter(|_| !targets.is_empty());
    codes.chain(own).collect()
}
