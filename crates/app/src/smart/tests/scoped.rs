//! What a token reaches: what its scopes say, and of that what its user may see.

use super::*;
use crate::directory::{chart, patients};
use crate::records::{history, search};
use crate::testing::over_fhir;
use crate::{admin, policy};

/// Ids found by a search with a token.
async fn found(
    town: &Town,
    token: &Value,
    resource_type: &str,
    pairs: &[(&str, &str)],
) -> Result<Vec<String>, &'static str> {
    let context = town.caller(token.as_str().unwrap()).await.map_err(|error| error.code)?;
    let bundle = search::search(&town.clinic.app, &context, resource_type, &owned(pairs), false).await;
    let bundle: Value = serde_json::from_slice(&bundle.map_err(|error| error.code)?).unwrap();
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    Ok(entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn a_token_for_a_patient_reaches_that_patient_alone() {
    let town = Town::open().await;
    let (of_ana, of_bo) = (observation(&town, &town.ana).await, observation(&town, &town.bo).await);
    let (_, answer) = town.launched("launch/patient patient/*.rs").await;
    let token = &answer["access_token"];
    assert_eq!(town.reads(token, "Patient", &town.ana).await, Ok(()));
    assert_eq!(town.reads(token, "Patient", &town.bo).await, Err("not-found"));
    assert_eq!(town.reads(token, "Observation", &of_bo).await, Err("not-found"));
    assert_eq!(found(&town, token, "Observation", &[]).await, Ok(vec![of_ana.to_string()]));
    let of_other = [("patient", town.bo.as_str())];
    assert_eq!(found(&town, token, "Observation", &of_other).await, Ok(vec![]));
    let practitioner = town.doctor.account.practitioner.clone().unwrap();
    assert_eq!(
        town.reads(token, "Practitioner", &practitioner).await,
        Ok(()),
        "who works where is no patient's"
    );
    assert_eq!(found(&town, token, "AuditEvent", &[]).await, Err("forbidden"));

    let context = town.caller(token.as_str().unwrap()).await.unwrap();
    let wanted = history::Wanted::default();
    let versions = history::history(
        &town.clinic.app,
        &context,
        history::Whose::Resource("Observation", &of_bo),
        wanted.clone(),
    )
    .await;
    assert_eq!(versions.unwrap_err().code, "not-found");
    assert!(
        history::history(
            &town.clinic.app,
            &context,
            history::Whose::Resource("Observation", &of_ana),
            wanted
        )
        .await
        .is_ok()
    );
}

#[tokio::test]
async fn letters_and_types_are_what_they_say() {
    let town = Town::open().await;
    let pulse = observation(&town, &town.ana).await;
    let (_, answer) = town.launched("launch/patient patient/Observation.r patient/Patient.s").await;
    let token = &answer["access_token"];
    assert_eq!(town.reads(token, "Observation", &pulse).await, Ok(()));
    assert_eq!(found(&town, token, "Observation", &[]).await, Err("forbidden"));
    assert_eq!(found(&town, token, "Patient", &[]).await, Ok(vec![town.ana.to_string()]));
    assert_eq!(town.reads(token, "Patient", &town.ana).await, Err("forbidden"));
    assert_eq!(town.reads(token, "Condition", &pulse).await, Err("forbidden"));
}

#[tokio::test]
async fn a_token_for_a_user_sees_what_the_user_sees_and_writes_nothing() {
    let town = Town::open().await;
    let elsewhere = town.clinic.organization("Hillside").await;
    let stranger = town.clinic.patient("Cy", &elsewhere).await;
    let restricted = town.clinic.create(json!({
        "resourceType": "Observation", "status": "final", "code": {"text": "x"},
        "subject": {"reference": format!("Patient/{}", town.bo)},
        "meta": {"security": [{"system": policy::CONFIDENTIALITY, "code": "V"}]},
    }));
    let restricted = restricted.await;
    let (_, answer) = town.launched("user/*.cruds").await;
    let token = &answer["access_token"];
    assert_eq!((&answer["patient"], &answer["scope"]), (&Value::Null, &json!("user/*.rs")));
    assert_eq!(town.reads(token, "Patient", &town.bo).await, Ok(()));
    assert_eq!(town.reads(token, "Patient", &stranger).await, Err("not-found"));
    assert_eq!(town.reads(token, "Observation", &restricted).await, Err("not-found"));
    let mut patients = found(&town, token, "Patient", &[]).await.unwrap();
    patients.sort();
    let mut own = vec![town.ana.to_string(), town.bo.to_string()];
    own.sort();
    assert_eq!(patients, own);
    let context = town.caller(token.as_str().unwrap()).await.unwrap();
    let body = br#"{"resourceType":"Observation","status":"final","code":{"text":"x"}}"#;
    let written = over_fhir::create(&town.clinic.app, &context, "Observation", body, None).await;
    assert_eq!(written.unwrap_err().code, "forbidden", "clinicians write by use cases of their own");
    let deleted = over_fhir::delete(&town.clinic.app, &context, "Patient", &town.bo, None).await;
    assert_eq!(deleted.unwrap_err().code, "forbidden");
}

#[tokio::test]
async fn a_token_is_nobody_outside_of_records() {
    let town = Town::open().await;
    let (_, answer) = town.launched("user/*.cruds").await;
    let context = town.caller(answer["access_token"].as_str().unwrap()).await.unwrap();
    let app = &town.clinic.app;
    assert_eq!(context.actor.user(), None);
    assert_eq!(policy::scope(&context).unwrap_err().code, "forbidden");
    assert_eq!(policy::clinician(&context).unwrap_err().code, "forbidden");
    assert_eq!(policy::administrator(&context).unwrap_err().code, "forbidden");
    assert_eq!(chart::load(app, &context, &town.ana).await.unwrap_err().code, "forbidden");
    assert_eq!(patients::search(app, &context, "ana", None).await.unwrap_err().code, "forbidden");
    assert_eq!(admin::users::list(app, &context).await.unwrap_err().code, "forbidden");
    let visit = town.clinic.visit(&town.doctor, &town.ana).await;
    let seen = crate::visits::access::load(app, &context, &visit).await;
    assert_eq!(seen.err().unwrap().code, "forbidden");
}

#[tokio::test]
async fn the_audit_names_the_user_and_the_application() {
    let town = Town::open().await;
    let (client, answer) = town.launched("launch/patient patient/*.rs").await;
    town.reads(&answer["access_token"], "Patient", &town.ana).await.unwrap();
    let rows = town.audited("fhir.read").await;
    let practitioner = town.doctor.account.practitioner.as_ref().unwrap();
    assert_eq!(rows[0].agent, format!("Practitioner/{practitioner} by Application/{client}"));
    assert_eq!(rows[0].organization, format!("Organization/{}", town.doctor.account.organization));
    let event = records::audit_event::event(1, &rows[0]);
    assert_eq!(bianque_fhir::validate(&event), []);
    assert_eq!(event["agent"][0]["who"]["reference"], format!("Practitioner/{practitioner}"));
    assert_eq!(event["agent"][1]["who"]["identifier"]["value"], format!("Application/{client}"));

    let visit = town.clinic.visit(&town.doctor, &town.ana).await;
    let patient = town.clinic.patient_of(&visit, &town.ana);
    let told = crate::audit::readers::readers(&town.clinic.app, &patient, &visit, None).await.unwrap();
    let read =
        told["accesses"].as_array().unwrap().iter().find(|one| one["operation"] == "fhir.read").unwrap();
    assert_eq!((&read["who"], &read["application"]), (&json!("Dr. li.na"), &json!("Growth chart")));
}
