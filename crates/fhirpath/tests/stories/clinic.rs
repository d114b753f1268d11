//! A model of a few types, and a patient.

use bianque_fhirpath::{
    Environment, Expression, Hooks, Item, Member, Model, Primitive, System, Temporal, TypeId,
};
use serde_json::{Value, json};

const STRING: u32 = 1;
const CODE: u32 = 2;
const BOOLEAN: u32 = 3;
const DATE: u32 = 4;
const EXTENSION: u32 = 5;
const NAME: u32 = 6;
const QUANTITY: u32 = 7;
const PATIENT: u32 = 8;
const DECIMAL: u32 = 9;
const REFERENCE: u32 = 10;
const RESOURCE: u32 = 11;

const NAMES: [&str; 12] = [
    "Element",
    "string",
    "code",
    "boolean",
    "date",
    "Extension",
    "HumanName",
    "Quantity",
    "Patient",
    "decimal",
    "Reference",
    "Resource",
];

macro_rules! member {
    ($name:literal, $of:expr, $many:literal) => {
        Member { json: $name, beside: concat!("_", $name), type_id: TypeId($of), many: $many }
    };
}

/// Element, its spellings.
type Elements = &'static [(&'static str, &'static [Member<'static>])];

const ELEMENT: Elements =
    &[("id", &[member!("id", STRING, false)]), ("extension", &[member!("extension", EXTENSION, true)])];

const OWN: [Elements; 12] = [
    &[],
    &[],
    &[],
    &[],
    &[],
    &[("url", &[member!("url", STRING, false)]), ("value", &[member!("valueString", STRING, false)])],
    &[
        ("use", &[member!("use", CODE, false)]),
        ("family", &[member!("family", STRING, false)]),
        ("given", &[member!("given", STRING, true)]),
    ],
    &[
        ("value", &[member!("value", DECIMAL, false)]),
        ("unit", &[member!("unit", STRING, false)]),
        ("code", &[member!("code", CODE, false)]),
    ],
    &[
        ("active", &[member!("active", BOOLEAN, false)]),
        ("birthDate", &[member!("birthDate", DATE, false)]),
        ("name", &[member!("name", NAME, true)]),
        ("weight", &[member!("weightQuantity", QUANTITY, false), member!("weightString", STRING, false)]),
        ("partner", &[member!("partner", REFERENCE, false)]),
        ("contained", &[member!("contained", RESOURCE, true)]),
    ],
    &[],
    &[("reference", &[member!("reference", STRING, false)])],
    &[],
];

/// A dozen types.
pub(crate) struct Clinic;

impl Model for Clinic {
    fn type_named(&self, name: &str) -> Option<TypeId> {
        NAMES.iter().position(|found| *found == name).and_then(|at| u32::try_from(at).ok()).map(TypeId)
    }

    fn name(&self, of: TypeId) -> &str {
        NAMES[of.0 as usize]
    }

    fn base(&self, of: TypeId) -> Option<TypeId> {
        match of.0 {
            0 | RESOURCE => None,
            CODE => Some(TypeId(STRING)),
            PATIENT => Some(TypeId(RESOURCE)),
            _ => Some(TypeId(0)),
        }
    }

    fn primitive(&self, of: TypeId) -> Option<Primitive> {
        match of.0 {
            STRING | CODE => Some(Primitive::String),
            BOOLEAN => Some(Primitive::Boolean),
            DATE => Some(Primitive::Date),
            DECIMAL => Some(Primitive::Decimal),
            _ => None,
        }
    }

    fn is_resource(&self, of: TypeId) -> bool {
        matches!(of.0, PATIENT | RESOURCE)
    }

    fn element(&self, of: TypeId, name: &str) -> &[Member<'_>] {
        let mut all = OWN[of.0 as usize].iter().chain(ELEMENT);
        all.find(|(element, _)| *element == name).map_or(&[], |(_, members)| members)
    }

    fn member(&self, of: TypeId, json: &str) -> Option<(&str, Member<'_>)> {
        let all = OWN[of.0 as usize].iter().chain(ELEMENT);
        all.flat_map(|(name, members)| members.iter().map(move |member| (*name, *member)))
            .find(|(_, member)| member.json == json)
    }
}

/// Whom the stories are about.
pub(crate) fn patient() -> Value {
    json!({
        "resourceType": "Patient",
        "id": "li",
        "active": true,
        "birthDate": "1974-12-25",
        "_birthDate": {"extension": [{"url": "http://example.org/birth-time", "valueString": "14:35"}]},
        "name": [
            {"use": "official", "family": "Chalmers", "given": ["Peter", "James"]},
            {"use": "usual", "given": ["Jim"]},
            {"use": "maiden", "given": [null, "Jane"], "_given": [{"id": "unknown"}, null]}
        ],
        "weightQuantity": {"value": 81.50, "unit": "kilograms", "code": "kg"},
        "partner": {"reference": "#amy"},
        "contained": [{"resourceType": "Patient", "id": "amy", "active": false}]
    })
}

/// Knows one value set, one profile and one pair of codes.
struct Answers;

impl Hooks for Answers {
    fn member_of(&self, coded: &Value, value_set: &str) -> Option<bool> {
        (value_set == "http://example.org/uses").then(|| coded == "official" || coded == "usual")
    }

    fn conforms_to(&self, element: &Value, profile: &str) -> Option<bool> {
        (profile == "http://example.org/adult").then(|| element["birthDate"].is_string())
    }
}

/// The result of an expression on the patient, items parted by blanks; or the error, after a mark.
pub(crate) fn is(text: &str) -> String {
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(error) => return format!("! {error}"),
    };
    let (patient, mine) = (patient(), [("mine", vec![Item::text("my own")])]);
    let environment = Environment::new(&Clinic)
        .at(Temporal::date_time("2026-11-28T12:30:00.000+01:00").unwrap())
        .within(&patient, &patient)
        .hooks(&Answers)
        .variables(&mine);
    match expression.evaluate(Item::resource(&Clinic, &patient), &environment) {
        Ok(items) => items.iter().map(shown).collect::<Vec<_>>().join(" "),
        Err(error) => format!("! {error}"),
    }
}

fn shown(item: &Item<'_>) -> String {
    match (item, item.system(&Clinic)) {
        (_, Some(system)) => match &*system {
            System::String(text) => text.to_string(),
            other => other.to_string(),
        },
        (Item::Element(element), None) => format!("<{}>", element.type_id.map_or("?", |of| Clinic.name(of))),
        (Item::Type { namespace, name }, None) => format!("{namespace}.{name}"),
        (Item::System(_), None) => String::new(),
    }
}

/// Whether all of these are true.
pub(crate) fn all_true(texts: &[&str]) {
    for text in texts {
        assert_eq!(is(text), "true", "{text}");
    }
}

/// What each of these is.
pub(crate) fn each(pairs: &[(&str, &str)]) {
    for (text, wanted) in pairs {
        assert_eq!(is(text), *wanted, "{text}");
    }
}

/// That none of these has a result.
pub(crate) fn fail(texts: &[&str]) {
    for text in texts {
        assert!(is(text).starts_with("! "), "{text} is {}", is(text));
    }
}
