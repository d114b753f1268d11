//! What the published FHIRPath of a search parameter finds in a resource.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use bianque_fhirpath::{Environment, Expression, Item, Model, Resolver, System};
use serde_json::{Value, json};

use crate::world::{BASE, World};

/// A search parameter as it was published.
pub(crate) struct Param {
    pub(crate) code: &'static str,
    pub(crate) kind: &'static str,
    expression: Expression,
    parts: Vec<Expression>,
}

/// An element that an expression leads to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// Its type, of FHIR.
    pub(crate) type_name: String,
    pub(crate) value: Value,
    /// The system that a code means by its binding.
    pub(crate) implied: Option<&'static str>,
}

/// What a parameter finds: elements, or of a composite the elements of each part, for each element.
#[derive(Debug, Default)]
pub(crate) struct Values {
    pub(crate) plain: Vec<Found>,
    pub(crate) composite: Vec<Vec<Vec<Found>>>,
}

/// Columns of the table: code, kind, types, expression, then the expressions of parts.
const TABLE: &str = include_str!("expressions.txt");
/// What no search of this server is by: how they match is left to servers.
const LEFT_OUT: [&str; 7] = ["_id", "_lastUpdated", "_text", "_content", "_query", "phonetic", "near"];

/// The parameters of a type, by those that were published.
pub(crate) fn params(resource_type: &str) -> Vec<Param> {
    let mut all: Vec<Param> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&'static str> = line.split('\t').collect();
        let [code, kind, bases, expression, parts @ ..] = columns.as_slice() else { panic!("{line}") };
        let is_base = |name: &str| name == resource_type || matches!(name, "Resource" | "DomainResource");
        if !bases.split(',').any(is_base) || LEFT_OUT.contains(code) || *kind == "special" {
            continue;
        }
        let parsed = |text: &&str| Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let (expression, parts) = (parsed(expression), parts.iter().map(parsed).collect());
        all.push(Param { code, kind, expression, parts });
    }
    all
}

/// What each parameter finds in each resource, evaluated once.
pub(crate) struct Evaluated {
    params: BTreeMap<String, Vec<Param>>,
    values: HashMap<(usize, &'static str), Values>,
}

impl Evaluated {
    /// Evaluates everything.
    pub(crate) fn of(world: &World) -> Self {
        let mut params = BTreeMap::new();
        let mut values = HashMap::new();
        for (place, resource) in world.resources.iter().enumerate() {
            let of_type =
                params.entry(resource.kind().to_owned()).or_insert_with(|| self::params(resource.kind()));
            let document = told(&resource.document);
            for param in of_type.iter() {
                let mut found = evaluated(param, &document);
                let system = implied(resource.kind(), param.code);
                found.plain.iter_mut().for_each(|one| one.implied = system);
                values.insert((place, param.code), found);
            }
        }
        Self { params, values }
    }

    /// The parameters of a type.
    pub(crate) fn params(&self, resource_type: &str) -> &[Param] {
        self.params.get(resource_type).map_or(&[], Vec::as_slice)
    }

    /// The parameter of a type.
    pub(crate) fn param(&self, resource_type: &str, code: &str) -> &Param {
        self.params(resource_type).iter().find(|param| param.code == code).unwrap()
    }

    /// What a parameter finds in a resource.
    pub(crate) fn values(&self, place: usize, code: &str) -> &Values {
        static NOTHING: OnceLock<Values> = OnceLock::new();
        let code = self.values.get_key_value(&(place, leaked(code)));
        code.map_or_else(|| NOTHING.get_or_init(Values::default), |(_, values)| values)
    }
}

/// The code system of the elements of type `code` that a parameter finds, by the required binding that R4 publishes for
/// them, and of the codes that the world has.
fn implied(resource_type: &str, code: &str) -> Option<&'static str> {
    Some(match (resource_type, code) {
        ("Patient" | "Practitioner", "gender") => "http://hl7.org/fhir/administrative-gender",
        ("Encounter", "status") => "http://hl7.org/fhir/encounter-status",
        ("Observation", "status") => "http://hl7.org/fhir/observation-status",
        ("MedicationRequest", "status") => "http://hl7.org/fhir/CodeSystem/medicationrequest-status",
        ("MedicationRequest", "intent") => "http://hl7.org/fhir/CodeSystem/medicationrequest-intent",
        ("DocumentReference", "status") => "http://hl7.org/fhir/document-reference-status",
        ("Task", "status") => "http://hl7.org/fhir/task-status",
        ("Task" | "ServiceRequest", "intent") => "http://hl7.org/fhir/request-intent",
        ("Appointment", "status") => "http://hl7.org/fhir/appointmentstatus",
        ("Appointment", "part-status") => "http://hl7.org/fhir/participationstatus",
        ("ServiceRequest", "status") => "http://hl7.org/fhir/request-status",
        ("List", "status") => "http://hl7.org/fhir/list-status",
        ("ValueSet", "status") => "http://hl7.org/fhir/publication-status",
        _ => return None,
    })
}

/// A code as the table spells it.
fn leaked(code: &str) -> &'static str {
    static CODES: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    let codes = CODES.get_or_init(|| {
        TABLE.lines().filter_map(|line| line.split_once('\t')).map(|(code, _)| (code, code)).collect()
    });
    codes.get(code).copied().unwrap_or_default()
}

fn evaluated<'a>(param: &'a Param, document: &'a Value) -> Values {
    let model = bianque_fhir::r4();
    // A part of a composite may start over at the resource, which is its own `%resource`.
    let environment = Environment::new(model).lenient().resolver(&ByText).within(document, document);
    let elements = param.expression.evaluate(Item::resource(model, document), &environment).unwrap();
    if param.kind != "composite" {
        return Values { plain: elements.iter().filter_map(found).collect(), composite: Vec::new() };
    }
    let mut values = Values::default();
    for element in elements {
        let mut parts = Vec::new();
        for part in &param.parts {
            let items = part.evaluate(element.clone(), &environment).unwrap();
            parts.push(items.iter().filter_map(found).collect());
        }
        values.composite.push(parts);
    }
    values
}

fn found(item: &Item<'_>) -> Option<Found> {
    let model = bianque_fhir::r4();
    match item {
        Item::Element(element) => Some(Found {
            type_name: element.type_id.map(|of| model.name(of).to_owned()).unwrap_or_default(),
            value: element.value?.clone(),
            implied: None,
        }),
        Item::System(System::Boolean(value)) => {
            Some(Found { type_name: "boolean".into(), value: json!(value), implied: None })
        }
        _ => None,
    }
}

/// Answers `resolve() is Patient` by what the reference says of itself, as FHIR lets servers do (Search 3.1.1.4.12):
/// whether its target is there makes no difference.
struct ByText;

impl<'a> Resolver<'a> for ByText {
    fn resolve(&self, reference: &str) -> Option<&'a Value> {
        static STUBS: OnceLock<BTreeMap<&'static str, Value>> = OnceLock::new();
        let stubs = STUBS.get_or_init(|| {
            let stub = |name: &&'static str| (*name, json!({"resourceType": *name}));
            bianque_fhir::resource_types().iter().map(stub).collect()
        });
        stubs.get(type_of(reference)?)
    }
}

fn type_of(reference: &str) -> Option<&str> {
    if let Some(rest) = reference.strip_prefix(TYPED) {
        return rest.split_once(':').map(|(name, _)| name);
    }
    let path = reference.split_once("/_history/").map_or(reference, |(path, _)| path);
    path.rsplit('/').nth(1)
}

/// Marks a reference whose text does not tell its type, and whose `type` does.
const TYPED: &str = "typed:";

/// The document with what references say beside their text put into the text, where `resolve()` sees it.
fn told(document: &Value) -> Value {
    let mut document = document.clone();
    tell(&mut document);
    document
}

fn tell(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(tell),
        Value::Object(members) => {
            let text = members.get("reference").and_then(Value::as_str).unwrap_or_default().to_owned();
            let kind = members.get("type").and_then(Value::as_str).map(str::to_owned);
            let silent = text.is_empty() || text.starts_with("urn:");
            let is_reference = members.contains_key("reference")
                || (members.contains_key("identifier") && !members.contains_key("resourceType"));
            if let Some(kind) = kind.filter(|_| silent && is_reference) {
                members.insert("reference".into(), json!(format!("{TYPED}{kind}:{text}")));
            }
            members.values_mut().for_each(tell);
        }
        _ => {}
    }
}

/// What a reference points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A resource of this server, of whatever version.
    Here(String, String),
    /// Another URL.
    Elsewhere(String),
    /// Nothing that can be searched for.
    Nothing,
}

/// Where the text of a reference points.
pub(crate) fn target(text: &str) -> Target {
    let text = match text.strip_prefix(TYPED).and_then(|rest| rest.split_once(':')) {
        Some((_, text)) => text,
        None => text,
    };
    let here = text.strip_prefix(BASE).and_then(|rest| rest.strip_prefix('/')).unwrap_or(text);
    let path = here.split_once("/_history/").map_or(here, |(path, _)| path);
    match path.split_once('/') {
        _ if text.is_empty() || text.starts_with('#') => Target::Nothing,
        Some((kind, id)) if !kind.contains(':') => Target::Here(kind.to_owned(), id.to_owned()),
        _ => Target::Elsewhere(text.to_owned()),
    }
}
