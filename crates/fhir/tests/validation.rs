//! What the validator takes, and what it says of what it does not take.

use bianque_fhir::{Severity, index, to_served, to_stored, validate, validate_with_warnings};
use bianque_model::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

fn faults(resource: &Value) -> Vec<String> {
    validate(resource)
        .iter()
        .map(|issue| format!("{} {}: {}", issue.code.code(), issue.expression, issue.message))
        .collect()
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient",
        "id": "p1",
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">张伟</div>"},
        "extension": [{"url": "http://example.org/a", "valueCode": "x"}],
        "identifier": [{"system": "urn:oid:2.16.156.1", "value": "1"}],
        "name": [{"text": "张伟", "family": "张", "given": ["伟", null], "_given": [null, {"extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
        ]}]}],
        "gender": "male",
        "birthDate": "1980-02-29",
        "_birthDate": {"id": "b"},
        "deceasedBoolean": false,
        "contained": [{"resourceType": "Organization", "id": "o", "name": "Clinic"}],
        "managingOrganization": {"reference": "#o"},
        "generalPractitioner": [{"reference": "Practitioner/d1"}, {"identifier": {"value": "9"}}],
    })
}

#[test]
fn a_resource_with_everything_passes() {
    assert_eq!(faults(&patient()), Vec::<String>::new());
}

#[test]
fn each_fault_is_named_with_its_place() {
    let faults_of = |change: &dyn Fn(&mut Value)| {
        let mut resource = patient();
        change(&mut resource);
        faults(&resource).join("\n")
    };
    let all = [
        faults_of(&|p| p["colour"] = json!("red")),
        faults_of(&|p| p["name"] = json!({"text": "x"})),
        faults_of(&|p| p["name"] = json!([])),
        faults_of(&|p| p["name"] = json!([{}])),
        faults_of(&|p| p["name"] = json!([{"id": "x"}])),
        faults_of(&|p| p["name"][0]["given"] = json!(["a", "b", null])),
        faults_of(&|p| p["gender"] = json!("m")),
        faults_of(&|p| p["gender"] = json!(["male"])),
        faults_of(&|p| p["gender"] = Value::Null),
        faults_of(&|p| p["birthDate"] = json!("29.02.1980")),
        faults_of(&|p| p["birthDate"] = json!("1981-02-29")),
        faults_of(&|p| p["active"] = json!("true")),
        faults_of(&|p| p["deceasedDateTime"] = json!("2020")),
        faults_of(&|p| p["deceased"] = json!(true)),
        faults_of(&|p| p["multipleBirthInteger"] = json!(1.5)),
        faults_of(&|p| p["managingOrganization"] = json!({"reference": "Patient/1"})),
        faults_of(&|p| p["managingOrganization"] = json!({"reference": "#nobody"})),
        faults_of(&|p| p["managingOrganization"] = json!({"reference": "Organization?name=x"})),
        faults_of(&|p| p["managingOrganization"] = json!({"reference": "Organization/1", "type": "Patient"})),
        faults_of(&|p| p["link"] = json!([{"type": "seealso"}])),
        faults_of(&|p| p["extension"] = json!([{"valueString": "x"}, {"url": "u"}, {"url": "u", "valueCode": "a", "valueString": "b"}])),
        faults_of(&|p| p["contained"][0]["contained"] = json!([{"resourceType": "Patient", "id": "x"}])),
        faults_of(&|p| p["contained"][0] = json!({"resourceType": "Organization"})),
        faults_of(&|p| p["text"]["div"] = json!("<div><script>alert(1)</script></div>")),
        faults_of(&|p| p["id"] = json!("a b")),
        faults_of(&|p| p["resourceType"] = json!("Pet")),
        faults_of(&|p| p["_name"] = json!([{"id": "x"}])),
        faults_of(&|p| p["telecom"] = json!([{"system": "phone", "value": " \u{0}"}])),
        faults_of(&|p| p["photo"] = json!([{"data": "not base64!"}])),
        faults(&json!([])).join("\n"),
        faults(&json!({"resourceType": "Observation", "status": "final"})).join("\n"),
        faults(&json!({"resourceType": "DomainResource"})).join("\n"),
        faults(&json!({"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "clinicalStatus": {"text": "on"}})).join("\n"),
    ];
    insta::assert_snapshot!(all.join("\n--\n"));
}

#[test]
fn faults_are_told_up_to_a_hundred() {
    let names: Vec<Value> = (0..1000).map(|_| json!({"nick": "x"})).collect();
    let mut resource = patient();
    resource["name"] = Value::Array(names);
    assert_eq!(validate(&resource).len(), 100);
}

#[test]
fn a_bundle_is_looked_into() {
    let entry =
        |at: u8, resource: Value| json!({"fullUrl": format!("http://x/Patient/{at}"), "resource": resource});
    let mut bad = patient();
    bad["gender"] = json!("m");
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [entry(1, patient()), entry(2, bad)]});
    let found = faults(&bundle);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("code-invalid Bundle.entry[1].resource.gender"));
}

#[test]
fn invariants_are_told_by_key_words_and_place() {
    let mut resource = patient();
    resource["contact"] = json!([{"gender": "male"}]);
    resource["name"][0]["period"] = json!({"start": "2020-02", "end": "2019"});
    resource["contained"][0]["meta"] = json!({"versionId": "1"});
    let mut found = faults(&resource);
    found.sort();
    assert_eq!(
        found,
        [
            "invariant Patient.contact[0]: pat-1: SHALL at least contain a contact's details or a reference to an organization",
            "invariant Patient.name[0].period: per-1: If present, start SHALL have a lower value than end",
            "invariant Patient: dom-4: If a resource is contained in another resource, it SHALL NOT have a meta.versionId or a meta.lastUpdated",
        ]
    );
}

#[test]
fn what_r4_only_recommends_is_a_warning() {
    let resource = json!({"resourceType": "Basic", "code": {"text": "note"}});
    assert!(validate(&resource).is_empty());
    let told = validate_with_warnings(&resource);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].severity, told[0].expression.as_str()), (Severity::Warning, "Basic"));
    assert!(told[0].message.starts_with("dom-6: "));
}

/// JSON of the shapes and words that FHIR uses, in all the wrong places.
fn anything() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "Patient",
        "Bundle",
        "Observation",
        "Patient/1",
        "#a",
        "2020-01-01",
        "male",
        "<div>x</div>",
        "",
        "é",
        "http://x/Patient/1",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Into::into),
        word.prop_map(Into::into),
        ".{0,8}".prop_map(Value::String),
    ];
    let key = prop::sample::select(vec![
        "resourceType",
        "id",
        "meta",
        "name",
        "_name",
        "given",
        "_given",
        "contained",
        "extension",
        "url",
        "valueString",
        "value",
        "subject",
        "reference",
        "identifier",
        "code",
        "coding",
        "entry",
        "resource",
        "text",
        "div",
        "deceasedBoolean",
        "period",
        "start",
        "end",
        "effectiveDateTime",
        "system",
        "telecom",
        "type",
        "securityContext",
        "component",
        "item",
    ]);
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_answered(mut value in anything(), name in prop::sample::select(vec!["Patient", "Bundle", "Observation", "Binary", "Task"])) {
        if let Some(members) = value.as_object_mut() {
            members.insert("resourceType".into(), name.into());
        }
        let _ = validate(&value);
        let _ = index(&value);
        let _ = bianque_fhir::patients(&value);
        let stored = to_stored(&value);
        let served = to_served(&stored, 1, Timestamp(0));
        prop_assert!(serde_json::from_slice::<Value>(&stored).is_ok());
        prop_assert!(serde_json::from_slice::<Value>(&served).is_ok());
    }
}
