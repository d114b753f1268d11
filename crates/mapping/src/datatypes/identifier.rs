//! Identifiers: CX and EI.

use bianque_hl7v2::Value;
use serde_json::{Map, Value as Json, json};

use super::coded;
use super::time::{Precision, moment};
use crate::Sender;

const TYPES: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";

/// CX: value, assigning authority, type, and how long it holds. Without a value it is none.
pub(crate) fn cx(value: Value<'_>, sender: &Sender) -> Option<Json> {
    let mut identifier = begin(value.component(1), value.component(4), sender)?;
    if let Some(code) = value.component(5).given() {
        identifier.insert("type".into(), json!({"coding": [{"system": TYPES, "code": code.trim()}]}));
    }
    let mut period = Map::new();
    for (name, component) in [("start", 7), ("end", 8)] {
        // An end that cannot be read is no reason to lose who it is about.
        if let Ok(Some(moment)) = moment(value.component(component), Precision::Any, sender) {
            period.insert(name.into(), moment.into());
        }
    }
    if !period.is_empty() {
        identifier.insert("period".into(), Json::Object(period));
    }
    Some(Json::Object(identifier))
}

/// EI: value, and a namespace or universal id beside it.
pub(crate) fn ei(value: Value<'_>, sender: &Sender) -> Option<Json> {
    let text = |number: usize| value.component(number).given().map(|text| text.trim().to_owned());
    let mut identifier = Map::new();
    identifier.insert("value".into(), text(1).filter(|text| !text.is_empty())?.into());
    if let Some(system) = authority([text(2), text(3), text(4)], sender) {
        identifier.insert("system".into(), system.into());
    }
    Some(Json::Object(identifier))
}

/// A value with its assigning authority, HD in the subcomponents of a component.
pub(super) fn begin(value: Value<'_>, authority: Value<'_>, sender: &Sender) -> Option<Map<String, Json>> {
    let value = value.given()?.trim().to_owned();
    if value.is_empty() {
        return None;
    }
    let part = |number: usize| authority.subcomponent(number).given().map(|text| text.trim().to_owned());
    let mut identifier = Map::new();
    identifier.insert("value".into(), value.into());
    if let Some(system) = self::authority([part(1), part(2), part(3)], sender) {
        identifier.insert("system".into(), system.into());
    }
    Some(identifier)
}

/// The system of an assigning authority: as the sender's are known here, by its universal id, or by its name alone. What
/// names none was given by the sender.
fn authority([namespace, universal, kind]: [Option<String>; 3], sender: &Sender) -> Option<String> {
    let known = |name: &String| {
        sender.authorities.iter().find(|(one, _)| one == name).map(|(_, system)| system.clone())
    };
    if let Some(system) = [&universal, &namespace].into_iter().flatten().find_map(known) {
        return Some(system);
    }
    let universal = universal.map(|id| match kind.as_deref() {
        Some("ISO") => format!("urn:oid:{id}"),
        Some("UUID" | "GUID") => format!("urn:uuid:{}", id.to_ascii_lowercase()),
        Some("URI") => id,
        Some("DNS") => format!("http://{id}"),
        _ => coded::named(&id),
    });
    universal.or_else(|| namespace.map(|name| coded::named(&name))).or_else(|| sender.own.clone())
}

#[cfg(test)]
mod tests {
    use bianque_hl7v2::{Charset, Message};

    use super::*;

    #[test]
    fn authorities_are_those_that_are_known_then_universal_then_named() {
        let sender = Sender {
            zone: jiff::tz::TimeZone::UTC,
            authorities: vec![("WEST".to_owned(), "https://west.example/mrn".to_owned())],
            own: Some("urn:west".to_owned()),
        };
        let text = "MSH|^~\\&|a\rPID|1||1^^^WEST&1.2.3&ISO^MR~2^^^EAST&1.2.4&ISO~3^^^NORTH HOSPITAL~4~^^^WEST~\"\"\r";
        let message = Message::parse(text.as_bytes().to_vec(), Charset::UTF_8).unwrap();
        let list = message.at(&"PID-3".parse().unwrap());
        let found: Vec<Option<Json>> = list.repetitions().map(|it| cx(it, &sender)).collect();
        let of = |value: &str, system: &str| Some(json!({"value": value, "system": system}));
        let typed = json!({"coding": [{"system": TYPES, "code": "MR"}]});
        let first = json!({"value": "1", "system": "https://west.example/mrn", "type": typed});
        let named = of("3", "urn:hl7v2:NORTH-HOSPITAL");
        assert_eq!(found, [Some(first), of("2", "urn:oid:1.2.4"), named, of("4", "urn:west"), None, None]);
    }
}
