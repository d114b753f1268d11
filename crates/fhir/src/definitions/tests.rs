use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::capability::Served;
use crate::{resource_types, validate};

fn everything() -> Vec<Served> {
    resource_types().iter().map(|&resource_type| Served { resource_type, writable: true, by: None }).collect()
}

fn read(definition: &Definition) -> Value {
    serde_json::from_slice(&definition.document).unwrap()
}

#[test]
fn every_parameter_that_a_type_claims_has_a_definition_that_is_valid_r4() {
    let all = search_parameters(&everything());
    let defined: BTreeSet<&str> = all.iter().map(|definition| definition.id.as_str()).collect();
    for served in everything() {
        for param in served.params() {
            assert!(defined.contains(param.definition), "{}", param.definition);
        }
    }
    for definition in &all {
        let value = read(definition);
        assert_eq!(validate(&value), [], "{}", definition.id);
        assert!(value["base"].as_array().is_some_and(|bases| !bases.is_empty()), "{}", definition.id);
    }
    assert_eq!(all.len(), defined.len());
    insta::assert_snapshot!(all.len());
}

#[test]
fn definitions_say_what_may_stand_behind_and_before_a_parameter() {
    let all = search_parameters(&everything());
    let named = |id: &str| read(all.iter().find(|definition| definition.id == id).unwrap());
    insta::assert_json_snapshot!([
        named("individual-birthdate"),
        named("Patient-general-practitioner"),
        named("Observation-code-value-quantity"),
        named("Resource-id"),
    ]);
}

#[test]
fn what_is_read_by_few_parameters_defines_no_others() {
    let served = [Served { resource_type: "AuditEvent", writable: false, by: Some(&["date"]) }];
    let ids: Vec<String> = search_parameters(&served).into_iter().map(|definition| definition.id).collect();
    assert_eq!(ids, ["AuditEvent-date", "Resource-id", "Resource-lastUpdated"]);
}

#[test]
fn an_operation_says_where_it_is_asked_and_with_what() {
    const PART: Parameter =
        Parameter { name: "code", kind: Some("code"), required: true, many: false, parts: &[] };
    let offered = Offered {
        name: "lookup".into(),
        definition: "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup".into(),
        resource_types: vec!["CodeSystem".into()],
        system: false,
        of_type: true,
        instance: false,
    };
    let signature = Signature {
        description: "What a code is",
        changes: false,
        takes: &[PART],
        gives: &[Parameter { name: "property", kind: None, required: false, many: true, parts: &[PART] }],
    };
    let definition = operation_definition(&offered, &signature);
    let value = read(&definition);
    assert_eq!(validate(&value), []);
    assert_eq!(
        (value["name"].as_str(), value["id"].as_str()),
        (Some("CodeSystemLookup"), Some("CodeSystem-lookup"))
    );
    assert_eq!(value["parameter"][1]["part"][0]["use"], "out");
    assert_eq!(value["parameter"][1]["max"], "*");
    assert_eq!(offered.operations().count(), 1);
}
