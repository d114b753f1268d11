//! Numbers, with their digits as they were sent.

use bianque_hl7v2::Value;
use serde_json::{Map, Number, Value as Json};

use super::{Wrong, coded};

const UCUM: &str = "http://unitsofmeasure.org";

/// A whole number.
pub(super) fn integer(text: &str) -> Result<Json, Wrong> {
    text.parse::<i64>().map(Json::from).map_err(|_| Wrong::datatype(format!("{text:?} is no whole number")))
}

/// A decimal as JSON writes it, digits kept: `+5.0` is 5.0, `.5` is 0.5.
fn decimal(text: &str) -> Result<Json, Wrong> {
    let wrong = || Wrong::datatype(format!("{text:?} is no number"));
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || whole.is_empty() && fraction.is_empty() {
        return Err(wrong());
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    let number: Number =
        serde_json::from_str(&format!("{sign}{whole}{point}{fraction}")).map_err(|_| wrong())?;
    Ok(number.into())
}

/// The members of a Quantity that tell its unit. A code without a system is a unit as it was sent, and no code.
fn unit(value: Option<Value<'_>>) -> Map<String, Json> {
    let mut unit = Map::new();
    let Some(value) = value else { return unit };
    let part = |number: usize| value.component(number).given().map(|text| text.trim().to_owned());
    let (code, display, system) = (part(1), part(2), part(3).map(|name| coded::system(&name)));
    if let (Some(code), Some(system)) = (&code, &system) {
        unit.insert("system".into(), system.clone().into());
        unit.insert("code".into(), code.clone().into());
    }
    let shown = if system.as_deref() == Some(UCUM) { code.or(display) } else { display.or(code) };
    if let Some(shown) = shown {
        unit.insert("unit".into(), shown.into());
    }
    unit
}

fn with_unit(number: Json, of: Option<Value<'_>>) -> Json {
    let mut quantity = unit(of);
    quantity.insert("value".into(), number);
    Json::Object(quantity)
}

/// NM.
pub(super) fn quantity(value: Value<'_>, unit: Option<Value<'_>>) -> Result<Option<Json>, Wrong> {
    let Some(text) = value.given() else { return Ok(None) };
    Ok(Some(with_unit(decimal(text.trim())?, unit)))
}

/// NR.
pub(super) fn range(value: Value<'_>, unit: Option<Value<'_>>) -> Result<Option<Json>, Wrong> {
    let mut range = Map::new();
    for (name, component) in [("low", 1), ("high", 2)] {
        if let Some(text) = value.component(component).given() {
            range.insert(name.to_owned(), with_unit(decimal(text.trim())?, unit));
        }
    }
    Ok((!range.is_empty()).then_some(Json::Object(range)))
}

/// SN: a number with a comparator, a range, a ratio, or what it says in words; with the name of the element it is.
pub(super) fn structured(value: Value<'_>, unit: Option<Value<'_>>) -> Result<Option<Json>, Wrong> {
    let part = |number: usize| value.component(number).given().map(|text| text.trim().to_owned());
    let (comparator, first, separator, second) = (part(1), part(2), part(3), part(4));
    let one = |name: &str, value: Json| {
        let mut element = Map::new();
        element.insert(name.to_owned(), value);
        Some(Json::Object(element))
    };
    let number = |text: &str| decimal(text).map(|number| with_unit(number, unit));
    Ok(match (comparator.as_deref(), &first, separator.as_deref(), &second) {
        (None | Some("="), Some(first), None, None) => one("valueQuantity", number(first)?),
        (Some(comparator @ ("<" | ">" | "<=" | ">=")), Some(first), None, None) => {
            let Json::Object(mut quantity) = number(first)? else { return Ok(None) };
            quantity.insert("comparator".into(), comparator.into());
            one("valueQuantity", Json::Object(quantity))
        }
        (None | Some("="), Some(low), Some("-"), Some(high)) => {
            let range = [("low", number(low)?), ("high", number(high)?)];
            one(
                "valueRange",
                Json::Object(range.map(|(name, it)| (name.to_owned(), it)).into_iter().collect()),
            )
        }
        (None | Some("="), Some(over), Some(":" | "/"), Some(under)) => {
            let ratio = [("numerator", number(over)?), ("denominator", number(under)?)];
            one(
                "valueRatio",
                Json::Object(ratio.map(|(name, it)| (name.to_owned(), it)).into_iter().collect()),
            )
        }
        (None, None, None, None) => None,
        _ => {
            let words: Vec<String> = [comparator, first, separator, second].into_iter().flatten().collect();
            one("valueString", words.join(" ").into())
        }
    })
}

/// A duration in minutes, from what unit it is in.
pub(super) fn minutes(value: Value<'_>, unit: Option<Value<'_>>) -> Result<Option<Json>, Wrong> {
    let Some(text) = value.given() else { return Ok(None) };
    let number: f64 = text.trim().parse().map_err(|_| Wrong::datatype(format!("{text:?} is no duration")))?;
    let unit =
        unit.and_then(|unit| unit.component(1).given()).map_or("min".to_owned(), |text| text.to_lowercase());
    let factor = match unit.trim() {
        "s" | "sec" | "seconds" => 1.0 / 60.0,
        "min" | "m" | "minute" | "minutes" => 1.0,
        "h" | "hr" | "hour" | "hours" => 60.0,
        _ => return Err(Wrong::datatype(format!("{unit:?} is no unit of a duration"))),
    };
    let minutes = (number * factor).round();
    if !(1.0..=100_000.0).contains(&minutes) {
        return Err(Wrong::datatype(format!("{text:?} is no duration of a meeting")));
    }
    #[expect(clippy::cast_possible_truncation, reason = "it lies between 1 and 100,000")]
    Ok(Some(Json::from(minutes as i64)))
}

#[cfg(test)]
mod tests {
    use bianque_hl7v2::{Charset, Message};
    use serde_json::json;

    use super::*;

    fn read(value: &str, unit: &str) -> Message {
        let text = format!("MSH|^~\\&|a\rOBX|1|SN|||{value}|{unit}\r");
        Message::parse(text.into_bytes(), Charset::UTF_8).unwrap()
    }

    #[test]
    fn structured_numbers_are_what_they_say() {
        let mmol = json!({"unit": "mmol/L", "code": "mmol/L", "system": UCUM});
        let with = |member: &str, value: Json| {
            let mut it = mmol.clone();
            it[member] = value;
            it
        };
        for (value, wanted) in [
            ("^7", json!({"valueQuantity": with("value", json!(7))})),
            (
                "^7^-^9",
                json!({"valueRange": {"low": with("value", json!(7)), "high": with("value", json!(9))}}),
            ),
            (
                "^1^:^8",
                json!({"valueRatio": {"numerator": with("value", json!(1)), "denominator": with("value", json!(8))}}),
            ),
            ("<>^7", json!({"valueString": "<> 7"})),
            ("^2^+", json!({"valueString": "2 +"})),
        ] {
            let message = read(value, "mmol/L^^UCUM");
            let at = |path: &str| message.at(&path.parse().unwrap());
            assert_eq!(structured(at("OBX-5"), Some(at("OBX-6"))).unwrap(), Some(wanted), "{value}");
        }
    }

    #[test]
    fn digits_stay() {
        for (text, written) in [("13.50", "13.50"), ("+5", "5"), (".5", "0.5"), ("-007", "-7"), ("0", "0")] {
            assert_eq!(decimal(text).unwrap().to_string(), written);
        }
        for text in ["", "1e3", "1,5", "5-", "NaN", "."] {
            assert!(decimal(text).is_err(), "{text}");
        }
    }
}
