//! Index rows of token parameters: codes and identifiers as `system|code`, their texts for `:text`, and identifiers with
//! their types for `:of-type`.

use bianque_query::{IndexValue, fold};
use serde_json::Value;

use super::Emit;
use crate::tables::Path;

/// The rows of one value.
pub(super) fn rows(type_name: &str, value: &Value, emit: &mut Emit<'_>) {
    match type_name {
        "CodeableConcept" => {
            for coding in value["coding"].as_array().into_iter().flatten() {
                self::coding(coding, emit);
            }
            text(&value["text"], emit);
        }
        "Coding" => coding(value, emit),
        "Identifier" => {
            token(value["system"].as_str().unwrap_or_default(), &value["value"], emit);
            text(&value["type"]["text"], emit);
            of_type(value, emit);
        }
        "ContactPoint" => contact(value, emit),
        "boolean" => {
            if let Some(flag) = value.as_bool() {
                emit("", IndexValue::Token { system: String::new(), code: flag.to_string() });
            }
        }
        _ => token("", value, emit),
    }
}

/// Whether something is there and not `false`; always one row.
pub(super) fn presence(resource: &Value, path: &Path) -> IndexValue {
    let members = path.steps.first().map_or("", |step| step.member);
    let there = members
        .split(',')
        .any(|name| !matches!(resource.get(name), None | Some(Value::Null | Value::Bool(false))));
    IndexValue::Token { system: String::new(), code: there.to_string() }
}

/// An identifier by the codes of its type: `system|code` of the type is the system, its value the code.
fn of_type(identifier: &Value, emit: &mut Emit<'_>) {
    let Some(value) = identifier["value"].as_str() else { return };
    for coding in identifier["type"]["coding"].as_array().into_iter().flatten() {
        if let Some(code) = coding["code"].as_str() {
            let system = format!("{}|{code}", coding["system"].as_str().unwrap_or_default());
            emit("of-type", IndexValue::Token { system, code: value.to_owned() });
        }
    }
}

/// As written, and a telephone number by its digits alone too.
fn contact(point: &Value, emit: &mut Emit<'_>) {
    let system = point["system"].as_str().unwrap_or_default();
    token(system, &point["value"], emit);
    if matches!(system, "phone" | "sms" | "fax") {
        let digits =
            point["value"].as_str().unwrap_or_default().chars().filter(|c| c.is_ascii_digit() || *c == '+');
        token(system, &digits.collect::<String>().into(), emit);
    }
}

fn coding(coding: &Value, emit: &mut Emit<'_>) {
    token(coding["system"].as_str().unwrap_or_default(), &coding["code"], emit);
    text(&coding["display"], emit);
}

fn token(system: &str, code: &Value, emit: &mut Emit<'_>) {
    if let Some(code) = code.as_str().filter(|code| !code.is_empty()) {
        emit("", IndexValue::Token { system: system.to_owned(), code: code.to_owned() });
    }
}

fn text(value: &Value, emit: &mut Emit<'_>) {
    if let Some(text) = value.as_str() {
        emit("text", IndexValue::Text { folded: fold(text), exact: text.to_owned() });
    }
}
