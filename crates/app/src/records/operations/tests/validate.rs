//! What is told of a resource before it is written, and what profiles that are stored here ask of writes.

use bianque_model::ResourceId;
use serde_json::{Value, json};

use super::{answer, kind, program};
use crate::patients::authorities::Sharing;
use crate::records::operations::validate::{Judged, validate};
use crate::testing::{Clinic, over_fhir};
use crate::{Error, ErrorKind};

const NAMED: &str = "https://clinic.example/named-patient";
const CHILD: &str = "https://clinic.example/child";

/// A patient with a name, and on top of it one with a birth date.
fn profiles() -> [Value; 2] {
    let profile = |url: &str, base: &str, path: &str| {
        json!({
            "resourceType": "StructureDefinition", "url": url, "version": "1", "name": "P", "status": "active",
            "kind": "resource", "abstract": false, "type": "Patient", "baseDefinition": base,
            "derivation": "constraint", "differential": {"element": [
                {"id": "Patient", "path": "Patient"}, {"id": path, "path": path, "min": 1},
            ]},
        })
    };
    [
        profile(NAMED, "http://hl7.org/fhir/StructureDefinition/Patient", "Patient.name"),
        profile(CHILD, NAMED, "Patient.birthDate"),
    ]
}

fn judged(pairs: &[(&str, &str)], body: Option<&Value>) -> Judged {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let body = body.map(|body| body.to_string().into_bytes());
    Judged::read(pairs.collect(), body.as_deref()).unwrap()
}

async fn told(
    clinic: &Clinic,
    id: Option<&ResourceId>,
    judged: Judged,
) -> Result<Vec<(String, String)>, Error> {
    let context = program(clinic, &["system/*.cruds"]);
    let outcome = answer(Ok(validate(&clinic.app, &context, "Patient", id, judged).await?));
    let issues = outcome["issue"].as_array().unwrap().iter();
    let text = |issue: &Value, name: &str| issue[name].as_str().unwrap().to_owned();
    // R4 warns of every resource without a narrative.
    let told = issues.map(|issue| (text(issue, "severity"), text(issue, "code")));
    Ok(told.filter(|(severity, _)| severity != "warning").collect())
}

fn said(severity: &str, code: &str) -> (String, String) {
    (severity.to_owned(), code.to_owned())
}

#[tokio::test]
async fn faults_are_the_answer_and_nothing_is_written() {
    let clinic = Clinic::open();
    let fine = json!({"resourceType": "Patient", "gender": "female"});
    let fault = json!({"resourceType": "Patient", "gender": "f", "surprise": 1});
    let good = vec![said("information", "informational")];
    assert_eq!(told(&clinic, None, judged(&[], Some(&fine))).await.unwrap(), good);
    assert_eq!(told(&clinic, None, judged(&[("mode", "create")], Some(&fine))).await.unwrap(), good);
    let faults = told(&clinic, None, judged(&[], Some(&fault))).await.unwrap();
    assert!(faults.iter().filter(|(severity, _)| severity == "error").count() >= 2, "{faults:?}");
    let inside = json!({"resourceType": "Parameters", "parameter": [
        {"name": "resource", "resource": fault}, {"name": "mode", "valueCode": "create"}]});
    assert_eq!(told(&clinic, None, judged(&[], Some(&inside))).await.unwrap(), faults);
    let other = json!({"resourceType": "Location"});
    assert_eq!(told(&clinic, None, judged(&[], Some(&other))).await.unwrap()[0], said("error", "invalid"));

    assert_eq!(kind(told(&clinic, None, judged(&[], None)).await), ErrorKind::Malformed);
    assert_eq!(kind(told(&clinic, None, judged(&[("mode", "x")], Some(&fine))).await), ErrorKind::Malformed);
    assert_eq!(kind(told(&clinic, None, judged(&[("x", "y")], Some(&fine))).await), ErrorKind::Malformed);
    let all = program(&clinic, &["system/*.cruds"]);
    let found = crate::records::search::search(&clinic.app, &all, "Patient", &[], false).await;
    assert_eq!(answer(found)["total"], 0);
}

#[tokio::test]
async fn what_is_meant_to_be_done_is_judged_too() {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let stored = clinic.patient("张伟", &home).await;
    let same = json!({"resourceType": "Patient", "id": stored});
    let other = json!({"resourceType": "Patient", "id": "other"});
    let good = vec![said("information", "informational")];
    let update = |body| judged(&[("mode", "update")], Some(body));
    assert_eq!(told(&clinic, Some(&stored), update(&same)).await.unwrap(), good);
    assert_eq!(told(&clinic, Some(&stored), update(&other)).await.unwrap(), [said("error", "invalid")]);
    assert_eq!(told(&clinic, Some(&stored), judged(&[], None)).await.unwrap(), good, "as it is stored");
    assert_eq!(told(&clinic, Some(&stored), judged(&[("mode", "delete")], None)).await.unwrap(), good);
    assert_eq!(kind(told(&clinic, None, judged(&[("mode", "delete")], None)).await), ErrorKind::Malformed);
    let nobody = "nobody".parse().unwrap();
    assert_eq!(kind(told(&clinic, Some(&nobody), judged(&[], None)).await), ErrorKind::NotFound);

    clinic.authority("urn:a", Sharing::Refused).await;
    let known = json!([{"system": "urn:a", "value": "1"}]);
    clinic.create(json!({"resourceType": "Patient", "identifier": known})).await;
    let again = json!({"resourceType": "Patient", "identifier": known});
    let twice = told(&clinic, None, judged(&[("mode", "create")], Some(&again))).await.unwrap();
    assert_eq!(twice, [said("error", "duplicate")]);

    let reader = program(&clinic, &["system/Patient.r"]);
    let asked = || judged(&[("mode", "create")], Some(&again));
    let outcome = answer(validate(&clinic.app, &reader, "Patient", None, asked()).await);
    assert_eq!(outcome["issue"][0]["code"], "forbidden", "and nothing of who has that number: {outcome}");
    assert!(!outcome.to_string().contains("duplicate"), "{outcome}");
    let none = program(&clinic, &["system/Observation.cruds"]);
    assert_eq!(kind(validate(&clinic.app, &none, "Patient", None, asked()).await), ErrorKind::Forbidden);
}

#[tokio::test]
async fn profiles_that_are_stored_here_are_held_to() {
    let clinic = Clinic::open();
    let bare = json!({"resourceType": "Patient"});
    let asked = || judged(&[("profile", CHILD)], Some(&bare));
    assert_eq!(told(&clinic, None, asked()).await.unwrap()[0], said("error", "not-found"));
    let states = json!({"resourceType": "Patient", "meta": {"profile": [CHILD]}});
    let all = program(&clinic, &["system/*.cruds"]);
    let write = async |resource: &Value| {
        let body = resource.to_string().into_bytes();
        over_fhir::create(&clinic.app, &all, "Patient", &body, None).await
    };
    assert!(write(&states).await.is_ok(), "a profile that is not stored here is not an error");

    let mut stored = Vec::new();
    for profile in profiles() {
        stored.push(clinic.create(profile).await);
    }
    let faults = told(&clinic, None, asked()).await.unwrap();
    assert_eq!(faults, [said("error", "required"), said("error", "required")], "that of its base too");
    assert_eq!(told(&clinic, None, judged(&[], Some(&states))).await.unwrap(), faults);
    let version = format!("{CHILD}|1");
    assert_eq!(told(&clinic, None, judged(&[("profile", &version)], Some(&bare))).await.unwrap(), faults);
    let elsewhere = format!("{CHILD}|2");
    let of_another = told(&clinic, None, judged(&[("profile", &elsewhere)], Some(&bare))).await.unwrap();
    assert_eq!(of_another, [said("error", "not-found")]);

    assert_eq!(kind(write(&states).await), ErrorKind::Refused);
    let mut whole = states.clone();
    whole["name"] = json!([{"text": "Li"}]);
    assert_eq!(kind(write(&whole).await), ErrorKind::Refused);
    whole["birthDate"] = json!("2020-01-01");
    assert!(write(&whole).await.is_ok());

    // What is written of a profile holds from then on, also over what was kept of it.
    let mut looser = profiles()[1].clone();
    looser["id"] = json!(stored[1]);
    looser["differential"]["element"][1]["min"] = json!(0);
    let body = looser.to_string().into_bytes();
    over_fhir::update(&clinic.app, &all, "StructureDefinition", &stored[1], &body, None).await.unwrap();
    assert_eq!(told(&clinic, None, asked()).await.unwrap(), [said("error", "required")]);
}
