//! References between the entries of a transaction, and to what a condition matches (FHIR R4, RESTful API 3.1.0.11.2).

use std::collections::HashMap;

use bianque_model::Context;
use serde_json::Value;

use super::entry::pairs;
use crate::records::write::{Matching, matching};
use crate::{App, Change, Error, ErrorKind};

/// What resources of a transaction are called in it, and what they are called here.
pub(super) type Names = HashMap<String, String>;

/// Writes the names of here in place of those of the Bundle. Names such as `urn:uuid:…` are replaced wherever they are a
/// whole value, or a link of the narrative; others only where they are a reference.
pub(super) fn rename(value: &mut Value, names: &Names) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(members) => {
            for (member, value) in members {
                match value {
                    Value::String(text) => rename_text(member, text, names),
                    other => rename(other, names),
                }
            }
        }
        Value::String(text) => rename_text("", text, names),
        _ => {}
    }
}

fn rename_text(member: &str, text: &mut String, names: &Names) {
    let urn = text.starts_with("urn:");
    if (urn || member == "reference") && member != "system" {
        // A part of a resource may be named behind it.
        let whole = text.split_once('#').map_or(text.as_str(), |(whole, _)| whole);
        if let Some(name) = names.get(whole) {
            *text = format!("{name}{}", &text[whole.len()..]);
        }
    } else if member == "div" && text.contains("urn:") {
        for (name, own) in names.iter().filter(|(name, _)| name.starts_with("urn:")) {
            for quote in ['"', '\''] {
                *text = text.replace(&format!("{quote}{name}{quote}"), &format!("{quote}{own}{quote}"));
            }
        }
    }
}

/// References such as `Patient?identifier=s|v` become references to the one resource that matches.
pub(super) async fn follow(
    app: &App,
    context: &Context,
    resource: &mut Value,
    known: &mut Names,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    let mut wanted = Vec::new();
    conditions(resource, &mut wanted);
    for text in wanted {
        if known.contains_key(&text) {
            continue;
        }
        let found = text.split_once('?').zip(pairs(&text));
        let Some(((resource_type, _), pairs)) = found else { continue };
        match matching(app, context, resource_type, &pairs).await? {
            Matching::One(id, expectation) => {
                change.expect(expectation);
                known.insert(text.clone(), format!("{resource_type}/{id}"));
            }
            Matching::None(_) => {
                let message = format!("nothing matches the reference {:?}", shown(&text));
                return Err(Error::new(ErrorKind::Refused, "fhir.matches", message));
            }
        }
    }
    rename(resource, known);
    Ok(())
}

fn conditions(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| conditions(item, into)),
        Value::Object(members) => {
            for (member, value) in members {
                match value {
                    Value::String(text) if member == "reference" => {
                        let conditional = text
                            .split_once('?')
                            .is_some_and(|(name, _)| bianque_fhir::is_resource_type(name));
                        if conditional {
                            into.push(text.clone());
                        }
                    }
                    other => conditions(other, into),
                }
            }
        }
        _ => {}
    }
}

fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}
