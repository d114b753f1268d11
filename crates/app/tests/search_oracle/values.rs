//! Random values of data types: few enough that queries meet them, nasty enough to tell rules apart.

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::world::{BASE, TYPES, id_of};

const SYSTEMS: [&str; 3] = ["http://loinc.org", "urn:oid:1.2.36", "http://example.org/codes"];
const CODES: [&str; 8] = ["8480-6", "8462-4", "a", "A", "a|b", "x,y", "8480", "$z"];
const TEXTS: [&str; 10] = [
    "Blood pressure",
    "blood  Glucose",
    "Müller-Straße",
    "高血压",
    "O’Neil, \"Ann\"",
    "pressure",
    "100%_sure",
    "a\\b",
    "İstanbul Işık",
    "x",
];
const FAMILIES: [&str; 9] = ["张", "Müller", "O’Neil", "李", "de la Cruz", "MULLER", "欧阳", "Ørsted", "Li"];
const GIVEN: [&str; 8] = ["伟", "Ana María", "Jo", "小明", "José", "jose", "Łukasz", "W"];
const UNITS: [(&str, &str); 8] = [
    ("mm[Hg]", "mmHg"),
    ("kPa", "kPa"),
    ("mg/dL", "mg/dl"),
    ("g/L", "g/L"),
    ("kg", "kg"),
    ("g", "gram"),
    ("Cel", "C"),
    ("%", "%"),
];
const NUMBERS: [&str; 16] = [
    "5.4", "5.40", "5", "5.35", "5.45", "100", "1e2", "99.5", "100.5", "-5.4", "0", "0.0", "0.0054", "120",
    "16", "-0.5",
];
const INSTANTS: [&str; 5] = [
    "2025-12-31T23:30:00Z",
    "2026-01-01T07:30:00+08:00",
    "2025-12-31T18:30:00.5-05:00",
    "2026-01-01T00:00:00Z",
    "2025-12-31T23:59:59.999Z",
];
const DATES: [&str; 9] =
    ["2025", "2026", "2025-12", "2026-01", "2025-12-31", "2026-01-01", "2024-02-29", "1984-03-17", "2025-06"];

/// A text.
pub(crate) fn text(dice: &mut Dice) -> Value {
    json!(dice.pick(&TEXTS))
}

/// A dateTime of any precision.
pub(crate) fn date_time(dice: &mut Dice) -> Value {
    if dice.once_in(2) { instant(dice) } else { date(dice) }
}

/// A date of any precision.
pub(crate) fn date(dice: &mut Dice) -> Value {
    json!(dice.pick(&DATES))
}

/// An instant, in some zone.
pub(crate) fn instant(dice: &mut Dice) -> Value {
    json!(dice.pick(&INSTANTS))
}

/// A period, closed or open at either side.
pub(crate) fn period(dice: &mut Dice) -> Value {
    let early = ["2024-02-29", "2025", "2025-06", "2025-06-01", "2025-12-31T23:30:00Z"];
    let late = ["2026-01-01T07:30:00+08:00", "2026", "2026-01", "2026-01-01", "2026-01-02T00:00:00Z"];
    match dice.below(4) {
        0 => json!({"start": dice.pick(&early)}),
        1 => json!({"end": dice.pick(&late)}),
        _ => json!({"start": dice.pick(&early), "end": dice.pick(&late)}),
    }
}

/// A Coding.
pub(crate) fn coding(dice: &mut Dice) -> Value {
    let mut coding = json!({"code": dice.pick(&CODES)});
    if !dice.once_in(4) {
        coding["system"] = json!(dice.pick(&SYSTEMS));
    }
    if dice.once_in(2) {
        coding["display"] = text(dice);
    }
    coding
}

/// A CodeableConcept: of several codings, or of text alone.
pub(crate) fn concept(dice: &mut Dice) -> Value {
    let mut concept = json!({});
    if !dice.once_in(5) {
        let many = 1 + dice.below(2);
        concept["coding"] = (0..many).map(|_| coding(dice)).collect();
    }
    if dice.once_in(2) || concept.get("coding").is_none() {
        concept["text"] = text(dice);
    }
    concept
}

/// An Identifier, with or without system, value and type.
pub(crate) fn identifier(dice: &mut Dice) -> Value {
    let mut identifier = json!({"use": "official"});
    if !dice.once_in(6) {
        identifier["value"] = json!(dice.pick(&["1", "1-2", "A.1", "a.1", "510107198403170042"]));
    }
    if !dice.once_in(3) {
        identifier["system"] = json!(dice.pick(&SYSTEMS));
    }
    if dice.once_in(2) {
        identifier["type"] = concept(dice);
    }
    identifier
}

/// A number as it was written.
pub(crate) fn number(dice: &mut Dice) -> Value {
    let text = *dice.pick(&NUMBERS);
    serde_json::from_str(text).unwrap()
}

/// A Quantity: in UCUM, in another system, or without one.
pub(crate) fn quantity(dice: &mut Dice) -> Value {
    let (code, unit) = *dice.pick(&UNITS);
    let number = number(dice);
    match dice.below(6) {
        0 => json!({"value": number}),
        1 => json!({"value": number, "unit": unit}),
        2 => json!({"value": number, "unit": unit, "system": "urn:oid:1.2.36", "code": code}),
        3 => json!({"value": number, "unit": code, "system": "http://unitsofmeasure.org"}),
        _ => json!({"value": number, "unit": unit, "system": "http://unitsofmeasure.org", "code": code}),
    }
}

/// A Reference to one of these types: relative, of a version, absolute here or elsewhere, contained, logical, a name.
pub(crate) fn reference(dice: &mut Dice, to: &[&str]) -> Value {
    let kind = *dice.pick(to);
    let many = TYPES.iter().find(|(name, _)| *name == kind).map_or(10, |(_, many)| *many);
    // The last of them are not there.
    let number = dice.below(many + 2);
    let id = id_of(kind, number);
    match dice.below(14) {
        0 => json!({"reference": format!("{BASE}/{kind}/{id}")}),
        1 => json!({"reference": format!("https://other.example/r4/{kind}/{id}")}),
        2 => json!({"type": kind, "identifier": identifier(dice)}),
        3 => json!({"display": "somebody"}),
        4 => json!({"reference": format!("{kind}/{id}/_history/1")}),
        5 => json!({"reference": format!("{kind}/{id}"), "identifier": identifier(dice)}),
        6 => json!({"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "type": kind}),
        _ => json!({"reference": format!("{kind}/{id}")}),
    }
}

/// A HumanName.
pub(crate) fn name(dice: &mut Dice) -> Value {
    let (family, given) = (*dice.pick(&FAMILIES), *dice.pick(&GIVEN));
    match dice.below(5) {
        0 => json!({"text": format!("{family}{given}")}),
        1 => json!({"family": family}),
        2 => json!({"given": [given, dice.pick(&GIVEN)]}),
        3 => json!({"family": family, "given": [given], "prefix": ["Dr."], "suffix": ["der Jüngere"]}),
        _ => json!({"family": family, "given": [given], "text": format!("{given} {family}")}),
    }
}

/// An Address.
pub(crate) fn address(dice: &mut Dice) -> Value {
    json!({
        "use": "work", "line": [text(dice), "1 Main St"],
        "city": dice.pick(&["Chengdu", "成都", "São Paulo", "sao"]), "district": "Wuhou",
        "state": dice.pick(&["四川", "SP"]), "postalCode": dice.pick(&["610041", "610", "61004"]),
        "country": dice.pick(&["CN", "BR"]),
    })
}

/// A ContactPoint.
pub(crate) fn contact(dice: &mut Dice) -> Value {
    match dice.below(3) {
        0 => json!({"system": "phone", "value": dice.pick(&["+8613800000000", "13800000000"])}),
        1 => json!({"system": "email", "value": dice.pick(&["a@x.example", "A@x.example"]), "use": "work"}),
        _ => json!({"system": "url", "value": "https://x.example/a"}),
    }
}

/// A URI, some below others.
pub(crate) fn uri(dice: &mut Dice) -> Value {
    json!(dice.pick(&[
        "http://example.org/vs",
        "http://example.org/vs/1",
        "http://example.org/vs/10",
        "http://example.org/vs/1/_history/5",
        "urn:oid:1.2.36.1",
        "http://example.org/VS/1",
    ]))
}
