//! Stories of profiles that change between writes: what is kept of them is never older than what was answered.

use bianque_model::{Actor, Context};
use serde_json::{Value, json};

use crate::testing::{Clinic, over_fhir};
use crate::{App, Error};

const PROFILE: &str = "https://clinic.example/StructureDefinition/own-patient";
const KINDS: &str = "https://clinic.example/ValueSet/kinds";

fn program(clinic: &Clinic) -> Context {
    let scopes = vec!["system/*.cruds".to_owned()];
    clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes })
}

/// Patients have what is named, and a marital status of the clinic's kinds.
fn profile(needs: &str) -> Value {
    json!({
        "resourceType": "StructureDefinition", "id": "own-patient", "url": PROFILE, "name": "OwnPatient",
        "status": "active", "kind": "resource", "abstract": false, "type": "Patient",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient", "derivation": "constraint",
        "differential": {"element": [
            {"id": "Patient", "path": "Patient"},
            {"id": format!("Patient.{needs}"), "path": format!("Patient.{needs}"), "min": 1},
            {
                "id": "Patient.maritalStatus", "path": "Patient.maritalStatus",
                "binding": {"strength": "required", "valueSet": KINDS},
            },
        ]},
    })
}

fn kinds(code: &str) -> Value {
    json!({
        "resourceType": "ValueSet", "id": "kinds", "url": KINDS, "status": "active",
        "compose": {"include": [{"system": "urn:kinds", "concept": [{"code": code}]}]},
    })
}

async fn put(app: &App, context: &Context, resource: &Value) -> Result<(), Error> {
    let (of, id) = (resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
    let body = resource.to_string();
    over_fhir::update(app, context, of, &id.parse().unwrap(), body.as_bytes(), None).await.map(drop)
}

#[tokio::test]
async fn a_profile_holds_from_the_write_that_stored_it_and_as_it_was_written_last() {
    let clinic = Clinic::open();
    let beside = clinic.beside("beside.example").await;
    let (app, lab, other) = (&clinic.app, program(&clinic), program(&beside));
    let ana = json!({
        "resourceType": "Patient", "id": "ana", "meta": {"profile": [PROFILE]}, "gender": "female",
        "maritalStatus": {"coding": [{"system": "urn:kinds", "code": "a"}]},
    });
    put(app, &lab, &ana).await.unwrap();
    put(app, &lab, &kinds("a")).await.unwrap();
    put(app, &lab, &profile("birthDate")).await.unwrap();
    assert!(put(app, &lab, &ana).await.is_err(), "a profile that was not stored before");
    assert!(put(app, &other, &ana).await.is_ok(), "and is not stored there");
    put(app, &lab, &profile("gender")).await.unwrap();
    put(app, &lab, &ana).await.unwrap();
    put(app, &lab, &kinds("b")).await.unwrap();
    assert!(put(app, &lab, &ana).await.is_err(), "the value set has other codes now");
    put(app, &lab, &kinds("a")).await.unwrap();
    put(app, &lab, &ana).await.unwrap();
    put(app, &lab, &profile("birthDate")).await.unwrap();
    assert!(put(app, &lab, &ana).await.is_err());
    let id = "own-patient".parse().unwrap();
    over_fhir::delete(app, &lab, "StructureDefinition", &id, None).await.unwrap();
    put(app, &lab, &ana).await.unwrap();
}
