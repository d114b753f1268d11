//! Names, addresses and telephone numbers.

use bianque_hl7v2::Value;
use serde_json::{Map, Value as Json};

use super::Wrong;
use super::time::period;
use crate::{Sender, codes};

/// The text of a component; of FN, SAD and the like that of its first part.
fn part(value: Value<'_>, number: usize) -> Option<String> {
    let text = value.component(number).subcomponent(1).given()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// XPN. A use that the published map has none for is left out.
pub(super) fn name(value: Value<'_>, sender: &Sender) -> Result<Option<Json>, Wrong> {
    let list = |numbers: &[usize]| -> Vec<Json> {
        numbers.iter().filter_map(|number| part(value, *number)).map(Json::from).collect()
    };
    let mut name = Map::new();
    if let Some(family) = part(value, 1) {
        name.insert("family".into(), family.into());
    }
    for (member, numbers) in [("given", &[2, 3][..]), ("prefix", &[5]), ("suffix", &[4, 6, 14])] {
        let list = list(numbers);
        if !list.is_empty() {
            name.insert(member.into(), list.into());
        }
    }
    if name.is_empty() {
        return Ok(None);
    }
    if let Some(used) = part(value, 7).and_then(|code| codes::translated("NameUse", &code)) {
        name.insert("use".into(), used.into());
    }
    if let Some(period) = period(value, [12, 13], sender)? {
        name.insert("period".into(), period);
    }
    Ok(Some(Json::Object(name)))
}

/// XPN as a text.
pub(super) fn name_text(value: Value<'_>) -> Option<Json> {
    let parts: Vec<String> = [5, 2, 3, 1, 4].into_iter().filter_map(|number| part(value, number)).collect();
    (!parts.is_empty()).then(|| parts.join(" ").into())
}

/// XAD.
pub(super) fn address(value: Value<'_>, sender: &Sender) -> Result<Option<Json>, Wrong> {
    let mut address = Map::new();
    let street = value.component(1);
    let street = (1..=3).filter_map(|number| street.subcomponent(number).given());
    let lines: Vec<Json> = street
        .map(|line| line.trim().to_owned())
        .chain([2, 19].into_iter().filter_map(|number| part(value, number)))
        .filter(|line| !line.is_empty())
        .map(Json::from)
        .collect();
    if !lines.is_empty() {
        address.insert("line".into(), lines.into());
    }
    for (member, number) in [("city", 3), ("state", 4), ("postalCode", 5), ("country", 6), ("district", 9)] {
        if let Some(text) = part(value, number) {
            address.insert(member.into(), text.into());
        }
    }
    if address.is_empty() {
        return Ok(None);
    }
    if let Some(code) = part(value, 7) {
        for (member, table) in [("type", "AddressType"), ("use", "AddressUse")] {
            if let Some(translated) = codes::translated(table, &code) {
                address.insert(member.into(), translated.into());
            }
        }
    }
    if let Some(period) = period(value, [13, 14], sender)? {
        address.insert("period".into(), period);
    }
    Ok(Some(Json::Object(address)))
}

/// XTN, and a telephone number that stands in the field alone. A number in parts is put together.
pub(super) fn contact(value: Value<'_>, usual: Option<&str>) -> Option<Json> {
    let equipment = part(value, 3);
    let electronic = matches!(equipment.as_deref(), Some("Internet" | "X.400"))
        || equipment.is_none() && part(value, 4).is_some();
    let number = if electronic { part(value, 4).or_else(|| part(value, 1)) } else { number(value) }?;
    let mut contact = Map::new();
    let system = match equipment.as_deref().and_then(|code| codes::translated("TelecomSystem", code)) {
        Some(system) => system,
        None if electronic => "email",
        None => "phone",
    };
    contact.insert("system".into(), system.into());
    contact.insert("value".into(), number.into());
    let said = part(value, 2);
    let mobile = equipment.as_deref() == Some("CP");
    let used = said.as_deref().and_then(|code| codes::translated("TelecomUse", code));
    if let Some(used) = if mobile { Some("mobile") } else { used.or(usual.filter(|_| said.is_none())) } {
        contact.insert("use".into(), used.into());
    }
    if let Some(rank) = part(value, 18).and_then(|text| text.parse::<u32>().ok()).filter(|rank| *rank > 0) {
        contact.insert("rank".into(), rank.into());
    }
    Some(Json::Object(contact))
}

/// A telephone number: as it is written, or from its parts.
fn number(value: Value<'_>) -> Option<String> {
    if let Some(local) = part(value, 7) {
        let country = part(value, 5).map(|code| format!("+{}", code.trim_start_matches('+')));
        let extension = part(value, 8).map(|number| format!("X{number}"));
        let parts: Vec<String> =
            [country, part(value, 6), Some(local), extension].into_iter().flatten().collect();
        return Some(parts.join(" "));
    }
    part(value, 12).or_else(|| part(value, 1))
}
