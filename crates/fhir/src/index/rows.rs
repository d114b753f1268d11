//! Index rows of every other kind of parameter.

use bianque_model::Timestamp;
use bianque_query::{DateRange, IndexValue, Reference, fold, name_keys};
use serde_json::Value;

use super::Emit;
use crate::date;
use crate::ucum;
use crate::validate::{Literal, literal};

/// Characters. Longer texts are indexed by their beginning.
pub(crate) const LONGEST_TEXT: usize = 256;
/// A period without end lasts until here, one without start begins at its negative (about the years ±292,000).
const FOREVER: Timestamp = Timestamp(i64::MAX);
const EVER_SINCE: Timestamp = Timestamp(i64::MIN);

/// A string parameter.
pub(super) fn text(type_name: &str, value: &Value, emit: &mut dyn FnMut(IndexValue)) {
    match type_name {
        "HumanName" => human_name(value, emit),
        "Address" => {
            for name in ["text", "city", "district", "state", "postalCode", "country"] {
                value[name].as_str().into_iter().for_each(|text| plain(text, emit));
            }
            strings(&value["line"]).for_each(|text| plain(text, emit));
        }
        _ => value.as_str().into_iter().for_each(|text| name(text, emit)),
    }
}

/// A date parameter.
pub(super) fn date(type_name: &str, value: &Value, emit: &mut dyn FnMut(IndexValue)) {
    let range = match type_name {
        "Period" => period(value),
        "Timing" => timing(value),
        _ => value.as_str().and_then(date::parse).map(|written| written.range),
    };
    if let Some(range) = range {
        emit(IndexValue::Date(range));
    }
}

/// A reference parameter: a resource of this server by type and id, another by its URL, a logical one by identifier.
pub(super) fn reference(type_name: &str, value: &Value, emit: &mut dyn FnMut(IndexValue)) {
    let text = if type_name == "Reference" { value["reference"].as_str() } else { value.as_str() };
    match text.and_then(literal) {
        Some(Literal::Local { resource_type, id }) => {
            emit(IndexValue::Reference(Reference { resource_type: resource_type.to_owned(), id }));
        }
        Some(Literal::Elsewhere(_)) => match type_name {
            "Reference" => emit(IndexValue::Uri(text.unwrap_or_default().to_owned())),
            _ => uri(type_name, value, emit),
        },
        Some(Literal::Contained(_)) | None => {}
    }
    if let Some(code) = value["identifier"]["value"].as_str() {
        let system = value["identifier"]["system"].as_str().unwrap_or_default().to_owned();
        emit(IndexValue::Token { system, code: code.to_owned() });
    }
}

/// A number parameter.
pub(super) fn number(value: &Value, emit: &mut dyn FnMut(IndexValue)) {
    value
        .as_f64()
        .filter(|number| number.is_finite())
        .into_iter()
        .for_each(|number| emit(IndexValue::Number(number)));
}

/// A quantity parameter: by the unit's code and by its text, for either may be asked; and one in a unit of UCUM also in base
/// units, so that it is found in any unit of the same kind.
pub(super) fn quantity(value: &Value, emit: &mut Emit<'_>) {
    let Some(number) = value["value"].as_f64().filter(|number| number.is_finite()) else { return };
    let row = |system: &str, unit: &str| IndexValue::Quantity {
        value: number,
        system: system.to_owned(),
        unit: unit.to_owned(),
    };
    if let Some(currency) = value["currency"].as_str() {
        return emit("", row("urn:iso:std:iso:4217", currency));
    }
    let system = value["system"].as_str().unwrap_or_default();
    let (code, unit) = (value["code"].as_str(), value["unit"].as_str());
    // A system says what the code is, and nothing of the unit's text.
    let of_code = if code.is_some() { system } else { "" };
    emit("", row(of_code, code.or(unit).unwrap_or_default()));
    if let (Some(_), Some(unit)) = (code, unit.filter(|unit| code != Some(unit))) {
        emit("", row("", unit));
    }
    if let Some((value, unit)) =
        code.filter(|_| system == ucum::SYSTEM).and_then(|code| ucum::canonical(number, code))
    {
        emit("ucum", IndexValue::Quantity { value, system: String::new(), unit });
    }
}

/// A URI parameter; a canonical one with a version is found with and without it.
pub(super) fn uri(type_name: &str, value: &Value, emit: &mut dyn FnMut(IndexValue)) {
    let Some(uri) = value.as_str() else { return };
    emit(IndexValue::Uri(uri.to_owned()));
    if let Some((bare, _)) = uri.split_once('|').filter(|_| type_name == "canonical") {
        emit(IndexValue::Uri(bare.to_owned()));
    }
}

fn human_name(value: &Value, emit: &mut dyn FnMut(IndexValue)) {
    let family = value["family"].as_str();
    let given: Vec<&str> = strings(&value["given"]).collect();
    if let Some(text) = value["text"].as_str() {
        name(text, emit);
    }
    if let Some(family) = family {
        name(family, emit);
        if !given.is_empty() {
            let apart = given.join(" ");
            name(&format!("{family} {apart}"), emit);
            if fold(family).is_ascii() {
                name(&format!("{apart} {family}"), emit);
            }
        }
    }
    for text in given {
        name(text, emit);
    }
    for part in ["prefix", "suffix"] {
        strings(&value[part]).for_each(|text| plain(text, emit));
    }
}

/// A name: found by each of its words, and a Chinese one in pinyin.
fn name(text: &str, emit: &mut dyn FnMut(IndexValue)) {
    let text = beginning(text);
    for folded in name_keys(text) {
        emit(IndexValue::Text { folded, exact: text.to_owned() });
    }
}

fn plain(text: &str, emit: &mut dyn FnMut(IndexValue)) {
    let text = beginning(text);
    emit(IndexValue::Text { folded: fold(text), exact: text.to_owned() });
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(LONGEST_TEXT).map_or(text, |(end, _)| &text[..end])
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn period(value: &Value) -> Option<DateRange> {
    let bound = |name: &str| value[name].as_str().map(|text| date::parse(text).map(|written| written.range));
    match (bound("start"), bound("end")) {
        (None, None) => None,
        (start, end) => {
            let low = start.map_or(Some(EVER_SINCE), |range| range.map(|range| range.low))?;
            let high = end.map_or(Some(FOREVER), |range| range.map(|range| range.high))?;
            Some(DateRange { low, high })
        }
    }
}

/// From the first to the last instant that a timing names: its events and the bounds of its repetition.
fn timing(value: &Value) -> Option<DateRange> {
    let events = strings(&value["event"]).filter_map(date::parse).map(|written| written.range);
    let bounds = period(&value["repeat"]["boundsPeriod"]);
    events
        .chain(bounds)
        .reduce(|one, other| DateRange { low: one.low.min(other.low), high: one.high.max(other.high) })
}
