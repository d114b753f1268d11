//! What was measured and reported, as it was sent: a value keeps its unit, and only a unit of UCUM is told to be one.

use bianque_fhir::ucum;
use serde_json::{Value, json};

use super::entries::{first, note_of, words};
use crate::people::referenced_id;
use crate::resources::Versioned;

/// The system of units in which values can be compared.
const UCUM: &str = "http://unitsofmeasure.org";

/// One line for each value of an Observation: a blood pressure has two.
pub(super) fn lines(entry: &Versioned) -> Vec<Value> {
    let observation = &entry.value;
    let id = observation["id"].as_str().unwrap_or_default();
    let parts: Vec<&Value> = observation["component"].as_array().into_iter().flatten().collect();
    let own = has_value(observation) || parts.is_empty();
    let own = own.then(|| line(entry, observation, id, &Value::Null));
    let panel =
        json!({"code": observation["code"]["coding"][0]["code"], "text": words(&observation["code"])});
    let parts = parts.iter().enumerate().map(|(at, part)| line(entry, part, &format!("{id}.{at}"), &panel));
    own.into_iter().chain(parts).collect()
}

/// What a laboratory or an examination says, with the values it rests on.
pub(super) fn report(entry: &Versioned) -> Value {
    let report = &entry.value;
    let results = report["result"].as_array().into_iter().flatten().map(referenced_id);
    let categories = report["category"].as_array().into_iter().flatten().map(words);
    json!({
        "id": report["id"], "version": entry.version, "text": words(&report["code"]),
        "code": report["code"]["coding"][0]["code"], "status": report["status"],
        "category": categories.collect::<Vec<_>>(),
        "at": first(&[&report["effectiveDateTime"], &report["effectivePeriod"]["start"], &report["issued"]]),
        "issued": report["issued"], "conclusion": report["conclusion"],
        "by": first(&[&report["performer"][0]["display"], &report["resultsInterpreter"][0]["display"]]),
        "results": results.collect::<Vec<_>>(), "visit_id": referenced_id(&report["encounter"]),
    })
}

fn has_value(part: &Value) -> bool {
    part.as_object().is_some_and(|members| members.keys().any(|name| name.starts_with("value")))
}

fn line(entry: &Versioned, part: &Value, id: &str, panel: &Value) -> Value {
    let observation = &entry.value;
    let quantity = &part["valueQuantity"];
    let coded = (quantity["system"] == UCUM).then(|| quantity["code"].as_str()).flatten();
    let categories = observation["category"].as_array().into_iter().flatten();
    json!({
        "id": id, "observation_id": observation["id"], "version": entry.version,
        "code": part["code"]["coding"][0]["code"], "system": part["code"]["coding"][0]["system"],
        "text": words(&part["code"]), "panel": panel,
        "value": value(part), "comparator": quantity["comparator"],
        "unit": first(&[&quantity["unit"], &quantity["code"]]),
        "ucum": coded.filter(|unit| ucum::check(unit).is_ok()),
        "range": range(part, coded),
        "flags": flags(part), "category": categories.map(|one| one["coding"][0]["code"].clone()).collect::<Vec<_>>(),
        "absent": words(&part["dataAbsentReason"]),
        "status": observation["status"], "note": note_of(observation),
        "at": first(&[
            &observation["effectiveDateTime"], &observation["effectiveInstant"],
            &observation["effectivePeriod"]["start"], &observation["issued"],
        ]),
        "visit_id": referenced_id(&observation["encounter"]),
    })
}

/// The value as people read it, with its unit; none: it has none.
pub(crate) fn value_in_words(part: &Value) -> Option<String> {
    let quantity = &part["valueQuantity"];
    let value = match value(part) {
        Value::Null => return None,
        Value::String(text) => text,
        other => other.to_string(),
    };
    let comparator = quantity["comparator"].as_str().unwrap_or_default();
    let unit = first(&[&quantity["unit"], &quantity["code"]]);
    Some(format!("{comparator}{value} {}", unit.as_str().unwrap_or_default()).trim_end().to_owned())
}

/// A number, words, or nothing.
fn value(part: &Value) -> Value {
    let quantity = &part["valueQuantity"]["value"];
    if quantity.is_number() {
        return quantity.clone();
    }
    if part["valueInteger"].is_number() || part["valueBoolean"].is_boolean() {
        return first_of(part, &["valueInteger", "valueBoolean"]);
    }
    let between = |range: &Value| -> Option<Value> {
        let side = |name: &str| range[name]["value"].as_number().map(ToString::to_string);
        let unit = range["high"]["unit"].as_str().or(range["low"]["unit"].as_str()).unwrap_or_default();
        let text = format!("{} – {} {unit}", side("low")?, side("high")?);
        Some(json!(text.trim_end()))
    };
    let ratio = &part["valueRatio"];
    let ratio = ratio["numerator"]["value"].as_number().zip(ratio["denominator"]["value"].as_number());
    let ratio = ratio.map(|(above, below)| json!(format!("{above} : {below}")));
    let said = between(&part["valueRange"]).or(ratio).unwrap_or_default();
    first(&[
        &part["valueString"],
        &words(&part["valueCodeableConcept"]),
        &part["valueDateTime"],
        &part["valueTime"],
        &part["valuePeriod"]["start"],
        &said,
    ])
}

fn first_of(part: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| &part[*name]).find(|value| !value.is_null()).cloned().unwrap_or_default()
}

/// The range that the sender calls usual: its ends only where they are in the value's own unit, and as it is written.
fn range(part: &Value, unit: Option<&str>) -> Value {
    let ranges: Vec<&Value> = part["referenceRange"].as_array().into_iter().flatten().collect();
    let is_usual = |range: &&&Value| {
        let kind = range["type"]["coding"][0]["code"].as_str();
        kind.is_none_or(|kind| kind == "normal")
    };
    let Some(range) = ranges.iter().find(is_usual) else { return Value::Null };
    let side = |name: &str| {
        let end = &range[name];
        let same = end["code"].is_null() || end["code"].as_str() == unit;
        same.then(|| end["value"].as_f64()).flatten()
    };
    json!({"low": side("low"), "high": side("high"), "text": first(&[&range["text"], &in_words(range)])})
}

fn in_words(range: &Value) -> Value {
    let end = |name: &str| {
        let end = &range[name];
        let unit = first(&[&end["unit"], &end["code"]]);
        let unit = unit.as_str().unwrap_or_default().to_owned();
        end["value"].as_number().map(|value| (value.to_string(), unit))
    };
    match (end("low"), end("high")) {
        (Some((low, _)), Some((high, unit))) => json!(format!("{low} – {high} {unit}").trim_end()),
        (Some((low, unit)), None) => json!(format!("≥ {low} {unit}").trim_end()),
        (None, Some((high, unit))) => json!(format!("≤ {high} {unit}").trim_end()),
        (None, None) => Value::Null,
    }
}

/// What the sender thinks of the value.
fn flags(part: &Value) -> Vec<Value> {
    let flags = part["interpretation"].as_array().into_iter().flatten();
    flags.map(|flag| json!({"code": flag["coding"][0]["code"], "text": words(flag)})).collect()
}

#[cfg(test)]
mod tests {
    use bianque_model::Timestamp;

    use super::*;

    fn lines_of(observation: Value) -> Vec<Value> {
        lines(&Versioned { value: observation, version: 1, last_updated: Timestamp(0) })
    }

    fn quantity(value: f64, unit: &str, system: Option<&str>) -> Value {
        let mut quantity = json!({"value": value, "unit": unit});
        if let Some(system) = system {
            quantity["system"] = json!(system);
            quantity["code"] = json!(unit);
        }
        quantity
    }

    #[test]
    fn a_unit_is_one_of_ucum_only_where_it_says_so_and_is_one() {
        let of = |quantity: Value| {
            let line = lines_of(json!({"id": "o", "valueQuantity": quantity})).remove(0);
            (line["unit"].clone(), line["ucum"].clone())
        };
        assert_eq!(of(quantity(80.0, "kg", Some(UCUM))), (json!("kg"), json!("kg")));
        assert_eq!(of(quantity(80.0, "kg", None)), (json!("kg"), Value::Null));
        assert_eq!(of(quantity(80.0, "kg", Some("urn:own"))), (json!("kg"), Value::Null));
        assert_eq!(
            of(quantity(80.0, "mmHg", Some(UCUM))),
            (json!("mmHg"), Value::Null),
            "mmHg is no code of UCUM"
        );
    }

    #[test]
    fn a_panel_has_a_line_for_each_part_and_a_value_that_is_missing_says_why() {
        let pressure = json!({"id": "o", "code": {"text": "Blood pressure"}, "component": [
            {"code": {"text": "Systolic"}, "valueQuantity": quantity(120.0, "mm[Hg]", Some(UCUM))},
            {"code": {"text": "Diastolic"}, "dataAbsentReason": {"text": "not heard"}},
        ]});
        let lines = lines_of(pressure);
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[0]["id"], &lines[0]["panel"]["text"]), (&json!("o.0"), &json!("Blood pressure")));
        assert_eq!((&lines[1]["value"], &lines[1]["absent"]), (&Value::Null, &json!("not heard")));
    }

    #[test]
    fn a_range_in_another_unit_has_words_and_no_ends() {
        let of = |code: &str| {
            let low = json!({"value": 4, "unit": code, "code": code, "system": UCUM});
            let observation = json!({"id": "o", "valueQuantity": quantity(5.0, "mmol/L", Some(UCUM)),
                "referenceRange": [{"low": low}]});
            lines_of(observation).remove(0)["range"].clone()
        };
        assert_eq!(of("mmol/L"), json!({"low": 4.0, "high": null, "text": "≥ 4 mmol/L"}));
        assert_eq!(of("mg/dL"), json!({"low": null, "high": null, "text": "≥ 4 mg/dL"}));
    }

    #[test]
    fn values_of_every_kind_are_shown_as_they_came() {
        for (field, sent, shown) in [
            ("valueString", json!("clear"), json!("clear")),
            ("valueInteger", json!(3), json!(3)),
            ("valueBoolean", json!(false), json!(false)),
            ("valueCodeableConcept", json!({"coding": [{"code": "pos"}]}), json!("pos")),
            ("valueRange", json!({"low": {"value": 1}, "high": {"value": 2, "unit": "g"}}), json!("1 – 2 g")),
            (
                "valueRatio",
                json!({"numerator": {"value": 1}, "denominator": {"value": 128}}),
                json!("1 : 128"),
            ),
        ] {
            let mut observation = json!({"id": "o"});
            observation[field] = sent;
            assert_eq!(lines_of(observation).remove(0)["value"], shown, "{field}");
        }
    }
}
