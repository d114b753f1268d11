//! What profiles ask of resources.

use bianque_fhir::{Against, Profiles, Severity, validate_against};
use bianque_fhirpath::{Hooks, Nothing, Resolver};
use proptest::prelude::*;
use serde_json::{Value, json};

const PROFILE: &str = "http://example.org/profile";

/// A profile of a type over R4, of these elements.
fn profile(of: &str, elements: &Value) -> Value {
    json!({
        "resourceType": "StructureDefinition", "url": PROFILE, "type": of, "derivation": "constraint",
        "baseDefinition": format!("http://hl7.org/fhir/StructureDefinition/{of}"),
        "differential": {"element": elements}
    })
}

/// What is wrong with a resource against the first of these definitions.
fn faults(resource: &Value, definitions: &[Value]) -> Vec<String> {
    told(resource, definitions, &Nothing, &Nothing)
}

fn told<'a>(
    resource: &'a Value,
    definitions: &'a [Value],
    hooks: &'a dyn Hooks,
    resolver: &'a dyn Resolver<'a>,
) -> Vec<String> {
    // They live as long as what is resolved.
    let profiles: &Profiles = Box::leak(Box::new(Profiles::new(definitions)));
    assert!(profiles.refused().is_empty(), "{:?}", profiles.refused());
    let issues = validate_against(resource, &[PROFILE], Against { profiles, hooks, resolver });
    let errors = issues.into_iter().filter(|issue| issue.severity == Severity::Error);
    errors.map(|issue| format!("{} {}", issue.expression, issue.message)).collect()
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "name": [{"family": "Li"}], "gender": "female", "birthDate": "1974-12-25"})
}

/// One fault, which has these words.
fn one(faults: &[String], words: &str) {
    assert!(faults.len() == 1 && faults[0].contains(words), "{faults:?} has not one with {words}");
}

#[test]
fn how_often_an_element_is_there() {
    let ask = [profile(
        "Patient",
        &json!([
            {"path": "Patient.identifier", "min": 1},
            {"path": "Patient.name", "max": "1"},
            {"path": "Patient.photo", "max": "0"}
        ]),
    )];
    one(&faults(&patient(), &ask), "Patient.identifier at least 1 must be there, found 0");
    let mut resource = patient();
    resource["identifier"] = json!([{"value": "1"}]);
    assert!(faults(&resource, &ask).is_empty());
    resource["photo"] = json!([{"title": "x"}]);
    one(&faults(&resource, &ask), "Patient.photo at most 0 may be there, found 1");
}

#[test]
fn fixed_values_patterns_bounds_and_length() {
    let ask = [profile(
        "Observation",
        &json!([
            {"path": "Observation.status", "fixedCode": "final"},
            {"path": "Observation.code", "patternCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]}},
            {"path": "Observation.value[x]", "type": [{"code": "Quantity"}], "minValueQuantity": {"value": 30, "code": "Cel", "system": "http://unitsofmeasure.org"}},
            {"path": "Observation.device.display", "maxLength": 5}
        ]),
    )];
    let good = json!({"resourceType": "Observation", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5", "display": "T"}], "text": "t"},
        "valueQuantity": {"value": 37.0, "code": "Cel", "system": "http://unitsofmeasure.org"}});
    assert!(faults(&good, &ask).is_empty(), "{:?}", faults(&good, &ask));
    let bad = |change: &dyn Fn(&mut Value)| {
        let mut resource = good.clone();
        change(&mut resource);
        faults(&resource, &ask)
    };
    one(&bad(&|o| o["status"] = json!("amended")), "Observation.status the profile fixes this to \"final\"");
    one(&bad(&|o| o["code"]["coding"][0]["code"] = json!("x")), "Observation.code the profile asks for");
    one(&bad(&|o| o["valueQuantity"]["value"] = json!(12)), "the profile takes at least");
    one(&bad(&|o| o["device"] = json!({"display": "thermometer"})), "at most 5 characters");
    let text = bad(&|o| {
        o.as_object_mut().unwrap().remove("valueQuantity");
        o["valueString"] = json!("37");
    });
    one(&text, "Observation.value the profile takes Quantity, not string");
}

#[test]
fn invariants_of_a_profile() {
    let ask = [profile(
        "Patient",
        &json!([
            {"path": "Patient", "constraint": [{"key": "x-1", "severity": "error", "human": "has a phone", "expression": "telecom.where(system = 'phone').exists()"}]},
            {"path": "Patient.name", "constraint": [{"key": "x-2", "severity": "warning", "human": "has a given name", "expression": "given.exists()"}]}
        ]),
    )];
    one(&faults(&patient(), &ask), "Patient x-1: has a phone");
}

/// A patient with a home phone and perhaps others, told apart by system and use.
fn phones(rules: &str, ordered: bool) -> Value {
    profile(
        "Patient",
        &json!([
            {"path": "Patient.telecom", "slicing": {"rules": rules, "ordered": ordered,
                "discriminator": [{"type": "value", "path": "system"}, {"type": "value", "path": "use"}]}},
            {"path": "Patient.telecom", "sliceName": "home", "min": 1, "max": "1"},
            {"path": "Patient.telecom.system", "fixedCode": "phone"},
            {"path": "Patient.telecom.use", "fixedCode": "home"},
            {"path": "Patient.telecom", "sliceName": "mail"},
            {"path": "Patient.telecom.system", "fixedCode": "email"},
            {"path": "Patient.telecom.rank", "min": 1}
        ]),
    )
}

fn with_telecom(telecom: &Value) -> Value {
    let mut resource = patient();
    resource["telecom"] = telecom.clone();
    resource
}

#[test]
fn slices_are_told_apart_by_values() {
    let home = json!({"system": "phone", "use": "home", "value": "1"});
    let mail = json!({"system": "email", "rank": 1, "value": "a@example.org"});
    let fax = json!({"system": "fax", "value": "1"});
    let of = |telecom: Value, rules: &str, ordered: bool| {
        faults(&with_telecom(&telecom), &[phones(rules, ordered)])
    };
    assert!(of(json!([home, mail, fax]), "open", true).is_empty());
    one(&of(json!([mail]), "open", false), "Patient.telecom slice home: at least 1 must be there, found 0");
    one(&of(json!([home, home]), "open", false), "slice home: at most 1 may be there, found 2");
    one(
        &of(json!([home, {"system": "email", "value": "x"}]), "open", false),
        "Patient.telecom[1].rank at least 1",
    );
    one(&of(json!([home, fax]), "closed", false), "Patient.telecom[1] belongs to none of the slices");
    one(&of(json!([mail, home]), "open", true), "Patient.telecom[1] stands in another order");
    one(
        &of(json!([fax, home]), "openAtEnd", false),
        "Patient.telecom[1] values of no slice stand at the end",
    );
}

#[test]
fn slices_are_told_apart_by_type_pattern_and_existence() {
    let sliced = |kind: &str, path: &str, rest: Value| {
        let mut elements = vec![
            json!({"path": "Observation.component", "slicing": {"rules": "closed", "discriminator": [{"type": kind, "path": path}]}}),
        ];
        elements.push(json!({"path": "Observation.component", "sliceName": "one", "max": "1"}));
        elements.extend(rest.as_array().unwrap().iter().cloned());
        [profile("Observation", &Value::Array(elements))]
    };
    let with = |component: Value| json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "component": [component]});
    let number = with(json!({"code": {"text": "a"}, "valueQuantity": {"value": 1}}));
    let text = with(json!({"code": {"text": "b"}, "valueString": "1"}));
    let none = with(json!({"code": {"text": "a"}, "dataAbsentReason": {"text": "lost"}}));
    let by_type = sliced("type", "value", json!([{"path": "Observation.component.valueQuantity", "min": 1}]));
    assert!(faults(&number, &by_type).is_empty(), "{:?}", faults(&number, &by_type));
    one(&faults(&text, &by_type), "belongs to none of the slices");
    let by_pattern = sliced(
        "pattern",
        "code",
        json!([{"path": "Observation.component.code", "patternCodeableConcept": {"text": "a"}}]),
    );
    assert!(faults(&number, &by_pattern).is_empty());
    one(&faults(&text, &by_pattern), "belongs to none of the slices");
    let by_existence =
        sliced("exists", "value", json!([{"path": "Observation.component.value[x]", "min": 1}]));
    assert!(faults(&text, &by_existence).is_empty());
    one(&faults(&none, &by_existence), "belongs to none of the slices");
}

#[test]
fn extensions_are_known_by_url_and_checked_by_their_definition() {
    let definition = json!({
        "resourceType": "StructureDefinition", "url": "http://example.org/ward", "type": "Extension", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "context": [{"type": "element", "expression": "Patient"}],
        "differential": {"element": [
            {"path": "Extension.url", "fixedUri": "http://example.org/ward"},
            {"path": "Extension.value[x]", "min": 1, "type": [{"code": "string"}]}
        ]}
    });
    let ask = profile(
        "Patient",
        &json!([
            {"path": "Patient.extension", "sliceName": "ward", "min": 1, "type": [{"code": "Extension", "profile": ["http://example.org/ward"]}]}
        ]),
    );
    let ask = [ask, definition];
    one(&faults(&patient(), &ask), "Patient.extension slice ward: at least 1");
    let mut resource = patient();
    resource["extension"] = json!([{"url": "http://example.org/ward", "valueString": "3b"}]);
    assert!(faults(&resource, &ask).is_empty());
    resource["extension"][0] = json!({"url": "http://example.org/ward", "valueInteger": 3});
    one(&faults(&resource, &ask), "Patient.extension[0].value the profile takes string, not integer");
    resource["extension"][0] = json!({"url": "http://example.org/ward", "valueString": "3b"});
    resource["name"][0]["extension"] = json!([{"url": "http://example.org/ward", "valueString": "3b"}]);
    one(&faults(&resource, &ask), "Patient.name[0].extension[0] http://example.org/ward may not stand here");
}

#[test]
fn targets_fit_their_profile_wherever_they_are() {
    struct Elsewhere(Value);
    impl<'a> Resolver<'a> for &'a Elsewhere {
        fn resolve(&self, reference: &str) -> Option<&'a Value> {
            (reference == "Organization/1").then_some(&self.0)
        }
    }
    let mut target = profile("Organization", &json!([{"path": "Organization.name", "min": 1}]));
    target["url"] = json!("http://example.org/named");
    let ask = [
        profile(
            "Patient",
            &json!([{"path": "Patient.managingOrganization", "type": [{"code": "Reference", "targetProfile": ["http://example.org/named"]}]}]),
        ),
        target,
    ];
    let with = |reference: &str, contained: Value| {
        let mut resource = patient();
        resource["managingOrganization"] = json!({"reference": reference});
        if contained.is_object() {
            resource["contained"] = json!([contained]);
        }
        resource
    };
    let named = json!({"resourceType": "Organization", "id": "o", "name": "Clinic"});
    let nameless = json!({"resourceType": "Organization", "id": "o", "identifier": [{"value": "1"}]});
    assert!(faults(&with("#o", named.clone()), &ask).is_empty());
    one(&faults(&with("#o", nameless.clone()), &ask), "Patient.managingOrganization the target fits none of");
    assert!(
        faults(&with("Organization/1", Value::Null), &ask).is_empty(),
        "what is not at hand is not judged"
    );
    let (good, bad) = (Elsewhere(named), Elsewhere(nameless));
    let resource = with("Organization/1", Value::Null);
    assert!(told(&resource, &ask, &Nothing, &&good).is_empty());
    one(&told(&resource, &ask, &Nothing, &&bad), "the target fits none of");
}

#[test]
fn required_bindings_are_asked_of_who_knows() {
    struct Uses;
    impl Hooks for Uses {
        fn member_of(&self, coded: &Value, value_set: &str) -> Option<bool> {
            (value_set == "http://example.org/uses").then(|| coded == "official")
        }
    }
    let ask = [profile(
        "Patient",
        &json!([
            {"path": "Patient.name.use", "binding": {"strength": "required", "valueSet": "http://example.org/uses"}},
            {"path": "Patient.gender", "binding": {"strength": "required", "valueSet": "http://example.org/unknown"}}
        ]),
    )];
    let mut resource = patient();
    resource["name"][0]["use"] = json!("usual");
    one(&told(&resource, &ask, &Uses, &Nothing), "Patient.name[0].use no code of http://example.org/uses");
    resource["name"][0]["use"] = json!("official");
    assert!(told(&resource, &ask, &Uses, &Nothing).is_empty());
}

#[test]
fn a_profile_builds_upon_another() {
    let mut base = phones("open", false);
    base["url"] = json!("http://example.org/base");
    let mut derived = profile(
        "Patient",
        &json!([{"path": "Patient.telecom", "sliceName": "home"}, {"path": "Patient.telecom.period", "min": 1}]),
    );
    derived["baseDefinition"] = json!("http://example.org/base");
    let ask = [derived, base];
    let resource = with_telecom(&json!([{"system": "phone", "use": "home", "value": "1"}]));
    one(&faults(&resource, &ask), "Patient.telecom[0].period at least 1");
}

#[test]
fn definitions_that_cannot_be_taken_say_why() {
    let reason = |definition: Value| Profiles::new(&[definition]).refused()[PROFILE].to_string();
    let mut orphan = profile("Patient", &json!([{"path": "Patient.name", "min": 1}]));
    orphan["baseDefinition"] = json!("http://example.org/nowhere");
    assert_eq!(reason(orphan), "neither its base (http://example.org/nowhere) nor a snapshot is there");
    assert_eq!(reason(profile("Patient", &json!([{"path": "Patient.nick"}]))), "Patient.nick is no element");
    assert_eq!(reason(profile("Pet", &json!([]))), "it constrains no type of R4");
    let mut ring = profile("Patient", &json!([]));
    ring["baseDefinition"] = json!(PROFILE);
    assert_eq!(reason(ring), "it is built upon itself");
    let bad = json!([{"path": "Patient", "constraint": [{"key": "x-1", "severity": "error", "expression": "name.("}]}]);
    assert!(reason(profile("Patient", &bad)).starts_with("x-1: "));
}

#[test]
fn a_resource_is_held_to_what_it_says_of_itself() {
    let ask = [profile("Patient", &json!([{"path": "Patient.photo", "min": 1}]))];
    let mut inner = patient();
    inner["id"] = json!("p");
    inner["meta"] = json!({"profile": [PROFILE]});
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "http://x/Patient/p", "resource": inner}]});
    let profiles = Profiles::new(&ask);
    let against = Against { profiles: &profiles, hooks: &Nothing, resolver: &Nothing };
    let issues = validate_against(&bundle, &[], against);
    let error = issues.iter().find(|issue| issue.severity == Severity::Error).unwrap();
    assert_eq!(error.expression, "Bundle.entry[0].resource.photo");
}

/// Elements of all kinds of sense, of a few paths.
fn any_element() -> impl Strategy<Value = Value> {
    let path = prop::sample::select(vec![
        "Patient",
        "Patient.name",
        "Patient.name.given",
        "Patient.extension",
        "Patient.extension.value[x]",
        "Patient.deceased[x]",
        "Patient.deceasedBoolean",
        "Patient.contact",
        "Patient.contact.name",
        "Patient.managingOrganization",
        "Patient.contained",
    ]);
    let discriminator = prop::sample::select(vec![
        "$this",
        "given",
        "url",
        "resolve()",
        "value",
        "extension('x').value",
        "name.family",
    ]);
    let kind = prop::sample::select(vec!["value", "type", "profile", "exists", "pattern"]);
    let more = prop::sample::select(vec![
        json!({}),
        json!({"min": 1}),
        json!({"max": "0"}),
        json!({"sliceName": "a"}),
        json!({"sliceName": "b", "min": 2}),
        json!({"fixedString": "x"}),
        json!({"patternHumanName": {"given": ["Wei"]}}),
        json!({"type": [{"code": "HumanName", "profile": [PROFILE]}]}),
        json!({"type": [{"code": "Patient", "profile": [PROFILE]}]}),
        json!({"type": [{"code": "Reference", "targetProfile": [PROFILE], "aggregation": ["contained"]}]}),
        json!({"constraint": [{"key": "k", "severity": "error", "expression": "descendants().count() > 1000"}]}),
    ]);
    (path, discriminator, kind, more, any::<bool>()).prop_map(|(path, discriminator, kind, more, sliced)| {
        let mut element = more;
        element["path"] = json!(path);
        if sliced {
            element["slicing"] =
                json!({"rules": "closed", "discriminator": [{"type": kind, "path": discriminator}]});
        }
        element
    })
}

proptest! {
    #[test]
    fn profiles_of_any_kind_come_to_an_end(elements in prop::collection::vec(any_element(), 0..12)) {
        let mut resource = patient();
        resource["extension"] = json!([{"url": "x", "valueString": "y"}, {"url": "x", "valueBoolean": true}]);
        resource["contained"] = json!([{"resourceType": "Patient", "id": "p"}]);
        resource["managingOrganization"] = json!({"reference": "#p"});
        resource["deceasedBoolean"] = json!(false);
        let profiles = Profiles::new(&[profile("Patient", &Value::Array(elements))]);
        let against = Against { profiles: &profiles, hooks: &Nothing, resolver: &Nothing };
        prop_assert!(validate_against(&resource, &[PROFILE], against).len() <= 100);
    }
}
