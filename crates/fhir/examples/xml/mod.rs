//! FHIR in XML into FHIR in JSON (FHIR R4, XML and JSON representations), for corpora that come in XML.

use bianque_fhir::r4;
use bianque_fhirpath::{Member, Model, Primitive, TypeId};
use roxmltree::{Document, Node};
use serde_json::{Map, Number, Value};

/// The namespace of XHTML.
const XHTML: &str = "http://www.w3.org/1999/xhtml";
/// The namespace of FHIR.
const FHIR: &str = "http://hl7.org/fhir";

/// Reads a resource. What the type does not have, or is written as FHIR does not write it, is an error in words.
pub(crate) fn to_json(text: &str) -> Result<Value, String> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    resource(document.root_element())
}

fn resource(node: Node<'_, '_>) -> Result<Value, String> {
    let name = node.tag_name().name();
    if node.tag_name().namespace() != Some(FHIR) {
        return Err(format!("{name} is not in the namespace of FHIR"));
    }
    let of = r4().type_named(name).ok_or_else(|| format!("{name} is no type"))?;
    let mut members = Map::new();
    members.insert("resourceType".to_owned(), Value::String(name.to_owned()));
    object(node, of, &mut members)?;
    Ok(Value::Object(members))
}

/// The attributes and children of an element, as members.
fn object(node: Node<'_, '_>, of: TypeId, members: &mut Map<String, Value>) -> Result<(), String> {
    for attribute in node.attributes() {
        if attribute.namespace().is_some() {
            continue;
        }
        let known = r4().member(of, attribute.name()).is_some();
        if !known {
            return Err(format!("{} has no attribute {}", r4().name(of), attribute.name()));
        }
        if attribute.value().is_empty() {
            return Err(format!("the attribute {} is empty", attribute.name()));
        }
        members.insert(attribute.name().to_owned(), Value::String(attribute.value().to_owned()));
    }
    for child in node.children() {
        if child.is_text() && !child.text().unwrap_or_default().trim().is_empty() {
            return Err(format!("text stands in {}", node.tag_name().name()));
        }
        if child.is_element() {
            member(child, of, members)?;
        }
    }
    Ok(())
}

fn member(child: Node<'_, '_>, of: TypeId, members: &mut Map<String, Value>) -> Result<(), String> {
    let name = child.tag_name().name();
    let unknown = || format!("{} has no element {name}", r4().name(of));
    let (_, member) = r4().member(of, name).ok_or_else(unknown)?;
    let is_xhtml = child.tag_name().namespace() == Some(XHTML);
    if r4().name(member.type_id) == "xhtml" {
        if !is_xhtml {
            return Err(format!("{name} is not in the namespace of XHTML"));
        }
        let text = &child.document().input_text()[child.range()];
        let text = if text.contains("xmlns") {
            text.to_owned()
        } else {
            text.replacen("<div", &format!("<div xmlns=\"{XHTML}\""), 1)
        };
        members.insert(name.to_owned(), Value::String(text));
        return Ok(());
    }
    if child.tag_name().namespace() != Some(FHIR) {
        return Err(format!("{name} is not in the namespace of FHIR"));
    }
    let (value, beside) = if r4().is_resource(member.type_id) {
        let mut inner = child.children().filter(Node::is_element);
        let (Some(one), None) = (inner.next(), inner.next()) else {
            return Err(format!("{name} holds one resource"));
        };
        (Some(resource(one)?), None)
    } else if let Some(primitive) = r4().primitive(member.type_id) {
        (child.attribute("value").map(|value| primitive_value(primitive, value)), beside(child)?)
    } else {
        let mut inner = Map::new();
        object(child, member.type_id, &mut inner)?;
        (Some(Value::Object(inner)), None)
    };
    put(members, name, &member, value, beside);
    Ok(())
}

/// Id and extensions of a primitive.
fn beside(node: Node<'_, '_>) -> Result<Option<Value>, String> {
    let element = r4().type_named("Element").ok_or("no Element")?;
    let mut inner = Map::new();
    for attribute in node.attributes().filter(|attribute| attribute.namespace().is_none()) {
        match attribute.name() {
            "value" => {}
            "id" => drop(inner.insert("id".to_owned(), Value::String(attribute.value().to_owned()))),
            other => return Err(format!("a primitive has no attribute {other}")),
        }
    }
    for child in node.children() {
        if child.is_text() && !child.text().unwrap_or_default().trim().is_empty() {
            return Err(format!("text stands in {}", node.tag_name().name()));
        }
        if child.is_element() {
            member(child, element, &mut inner)?;
        }
    }
    Ok((!inner.is_empty()).then_some(Value::Object(inner)))
}

/// A text that does not have the form of its type stays one, which validation then finds.
fn primitive_value(primitive: Primitive, text: &str) -> Value {
    let read = match primitive {
        Primitive::Boolean => text.parse().map(Value::Bool).ok(),
        Primitive::Integer | Primitive::Decimal => text.parse::<Number>().map(Value::Number).ok(),
        _ => None,
    };
    read.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Adds a value, and what stands beside it, in step where the member repeats. A second value of a member that does not
/// repeat makes an array of it, which validation then finds.
fn put(
    members: &mut Map<String, Value>,
    name: &str,
    member: &Member<'_>,
    value: Option<Value>,
    beside: Option<Value>,
) {
    if !member.many && !members.contains_key(name) && !members.contains_key(member.beside) {
        members.extend(value.map(|value| (name.to_owned(), value)));
        members.extend(beside.map(|beside| (member.beside.to_owned(), beside)));
        return;
    }
    let count = |key: &str| match members.get(key) {
        Some(Value::Array(items)) => items.len(),
        Some(_) => 1,
        None => 0,
    };
    let before = count(name).max(count(member.beside));
    add(members, name, value, before);
    add(members, member.beside, beside, before);
}

fn add(members: &mut Map<String, Value>, key: &str, value: Option<Value>, before: usize) {
    if value.is_none() && !members.contains_key(key) {
        return;
    }
    let entry = members.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    if !entry.is_array() {
        *entry = Value::Array(vec![entry.take()]);
    }
    if let Value::Array(items) = entry {
        items.resize(before, Value::Null);
        items.push(value.unwrap_or(Value::Null));
    }
}
