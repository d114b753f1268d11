//! People, places, organizations and devices as references by identifier and display: they have no resource here.

use bianque_hl7v2::{Segment, Value};
use serde_json::{Map, Value as Json};

use super::identifier::{begin, ei};
use crate::Sender;

fn reference(kind: &str, identifier: Option<Json>, display: &str) -> Option<Json> {
    let display = display.split_whitespace().collect::<Vec<_>>().join(" ");
    if identifier.is_none() && display.is_empty() {
        return None;
    }
    let mut reference = Map::new();
    reference.insert("type".into(), kind.into());
    if let Some(identifier) = identifier {
        reference.insert("identifier".into(), identifier);
    }
    if !display.is_empty() {
        reference.insert("display".into(), display.into());
    }
    Some(Json::Object(reference))
}

fn part(value: Value<'_>, number: usize) -> String {
    value.component(number).subcomponent(1).given().map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// XCN: prefix, given names, family name, suffix.
pub(super) fn person(value: Value<'_>, sender: &Sender) -> Option<Json> {
    let identifier = begin(value.component(1), value.component(9), sender).map(Json::Object);
    let display = [6, 3, 4, 2, 5].map(|number| part(value, number)).join(" ");
    reference("Practitioner", identifier, &display)
}

/// NDL: its first component is a person in parts.
pub(super) fn person_within(value: Value<'_>, sender: &Sender) -> Option<Json> {
    let person = value.component(1);
    let text = |number: usize| person.subcomponent(number).given().map(|text| text.trim().to_owned());
    let identifier = text(1).filter(|text| !text.is_empty()).and_then(|_| {
        // The authority is in subcomponents 9 to 11, as one level less is left for it.
        begin(person.subcomponent(1), person.subcomponent(9), sender).map(Json::Object)
    });
    let display = [6, 3, 4, 2, 5].map(|number| text(number).unwrap_or_default()).join(" ");
    reference("Practitioner", identifier, &display)
}

/// XON: the name, and the identifier of version 2.5 or before it.
pub(super) fn organization(value: Value<'_>, sender: &Sender) -> Option<Json> {
    let identifier =
        [10, 3].into_iter().find_map(|number| begin(value.component(number), value.component(6), sender));
    reference("Organization", identifier.map(Json::Object), &part(value, 1))
}

/// PL: facility, building, floor, point of care, room, bed.
pub(super) fn location(value: Value<'_>) -> Option<Json> {
    let parts = [4, 7, 8, 1, 2, 3].map(|number| part(value, number));
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let display = if parts.is_empty() { part(value, 9) } else { parts.join(", ") };
    reference("Location", None, &display)
}

/// DLD: a location by its code.
pub(super) fn location_code(value: Value<'_>) -> Option<Json> {
    let code = value.component(1);
    let display = [2, 1].into_iter().find_map(|number| code.subcomponent(number).given());
    reference("Location", None, &display.unwrap_or_default())
}

/// EI of a device.
pub(super) fn device(value: Value<'_>, sender: &Sender) -> Option<Json> {
    reference("Device", Some(ei(value, sender)?), "")
}

/// PRD: the provider's own name, or the place where they work.
pub(crate) fn provider(segment: &Segment<'_>, sender: &Sender) -> Option<Json> {
    let (name, identifier) = (segment.field(2), segment.field(7));
    let display = [5, 2, 3, 1, 4].map(|number| part(name, number)).join(" ");
    let identifier = begin(identifier.component(1), identifier.component(2), sender).map(Json::Object);
    if display.trim().is_empty() {
        return reference("Organization", identifier, &part(segment.field(4), 9));
    }
    reference("Practitioner", identifier, &display)
}
