//! What is asked of a user, and what is never asked of anybody.

use super::super::launch::{self, Opening};
use super::*;

/// The query with one parameter replaced; none: left out.
fn but(client: &str, name: &str, value: Option<&str>) -> String {
    let mut pairs = asking(client, STANDALONE);
    pairs.retain(|(key, _)| key != name);
    pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    written(&pairs)
}

#[tokio::test]
async fn a_clinician_sees_what_is_asked_and_chooses_the_patient() {
    let town = Town::open().await;
    let (client, _) = town.application(Kind::Public, "patient/*.cruds launch/patient offline_access").await;
    let seen = town
        .looked(&query(&client, "patient/*.cruds patient/Observation.r user/*.rs offline_access"))
        .await
        .unwrap();
    assert_eq!(seen["application"]["name"], "Growth chart");
    assert_eq!(seen["application"]["place"], "growth.example");
    assert_eq!(
        (&seen["patient_needed"], &seen["offline"], &seen["identity"]),
        (&json!(true), &json!(true), &json!(false))
    );
    let asked: Vec<&str> =
        seen["resources"].as_array().unwrap().iter().map(|one| one["level"].as_str().unwrap()).collect();
    assert_eq!(asked, ["patient", "patient"], "what the registration does not allow is not asked");
    let read = |one: &Value| one["letters"] == "rs" || one["letters"] == "r";
    assert!(seen["resources"].as_array().unwrap().iter().all(read));

    let nobody = town.allowed(&query(&client, STANDALONE), None).await.unwrap_err();
    assert_eq!((nobody.code, nobody.field), ("field.required", Some("patient_id")));
    let elsewhere = town.clinic.organization("Hillside").await;
    let stranger = town.clinic.patient("Cy", &elsewhere).await;
    let error = town.allowed(&query(&client, STANDALONE), Some(&stranger)).await.unwrap_err();
    assert_eq!(error.code, "not-found", "a patient that the clinician does not see is not given away");
    let address = town.allowed(&query(&client, STANDALONE), Some(&town.ana)).await.unwrap();
    assert!(address.starts_with("https://growth.example/cb?code="), "{address}");
    assert_eq!(param(&address, "state").as_deref(), Some("s1"));
}

#[tokio::test]
async fn a_refusal_goes_back_to_the_application_without_a_code() {
    let town = Town::open().await;
    let (client, _) = town.application(Kind::Public, STANDALONE).await;
    let deciding = Deciding { query: query(&client, STANDALONE), allow: false, patient_id: None };
    let answer = decide(&town.clinic.app, &town.doctor.context, &town.cookie, deciding).await.unwrap();
    let address = answer["redirect"].as_str().unwrap();
    assert_eq!((param(address, "error").as_deref(), param(address, "code")), (Some("access_denied"), None));
    assert_eq!(town.audited("application.refuse").await.len(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_told_to_the_application_at_its_registered_address() {
    let town = Town::open().await;
    let (client, _) = town.application(Kind::Public, STANDALONE).await;
    for (name, value, code) in [
        ("response_type", Some("token"), "unsupported_response_type"),
        ("response_type", None, "invalid_request"),
        ("state", None, "invalid_request"),
        ("aud", None, "invalid_request"),
        ("aud", Some("https://evil.example/fhir"), "invalid_request"),
        ("aud", Some("https://clinic.example/fhir/Patient"), "invalid_request"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some(VERIFIER), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("scope", None, "invalid_request"),
        ("scope", Some("system/*.rs"), "invalid_scope"),
        ("scope", Some("patient/Observation.rs?category=laboratory"), "invalid_scope"),
        ("launch", Some("guessed"), "invalid_request"),
    ] {
        let seen = town.looked(&but(&client, name, value)).await.unwrap();
        let address =
            seen["redirect"].as_str().unwrap_or_else(|| panic!("{name}={value:?} was asked: {seen}"));
        assert!(address.starts_with("https://growth.example/cb?error="), "{address}");
        assert_eq!(param(address, "error").as_deref(), Some(code), "{name}={value:?}");
        let state = (name != "state").then(|| "s1".to_owned());
        assert_eq!(param(address, "state"), state);
    }
    let slash = town.looked(&but(&client, "aud", Some("https://clinic.example/fhir/"))).await.unwrap();
    assert_eq!(slash["patient_needed"], true, "some clients write the base with a slash");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered_letter_by_letter() {
    let town = Town::open().await;
    let (client, _) = town.application(Kind::Public, STANDALONE).await;
    for address in [
        "https://growth.example/cb/",
        "https://growth.example/cb?next=https://evil.example",
        "https://growth.example/cb.evil.example",
        "https://growth.example.evil.example/cb",
        "https://growth.example@evil.example/cb",
        "https://growth.example/cb/../open",
        "HTTPS://growth.example/cb",
        "http://growth.example/cb",
        "//growth.example/cb",
        "javascript:alert(1)",
    ] {
        let error = town.looked(&but(&client, "redirect_uri", Some(address))).await.unwrap_err();
        assert_eq!(error.code, "authorize.redirect", "{address}");
    }
    let missing = town.looked(&but(&client, "redirect_uri", None)).await.unwrap_err();
    assert_eq!(missing.code, "oauth.invalid_request");
    let unknown = town.looked(&but(&client, "client_id", Some("nobody"))).await.unwrap_err();
    assert_eq!(unknown.code, "authorize.application");
    let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.example", query(&client, STANDALONE));
    assert_eq!(town.looked(&twice).await.unwrap_err().code, "oauth.invalid_request");
}

#[tokio::test]
async fn administrators_and_visitors_let_no_application_in() {
    let town = Town::open().await;
    let (client, _) = town.application(Kind::Public, STANDALONE).await;
    for context in [&town.root, &town.clinic.nobody(), &town.clinic.server()] {
        let looking = Looking { query: query(&client, STANDALONE) };
        assert!(look(&town.clinic.app, context, &looking).await.is_err());
        let deciding = Deciding { query: looking.query, allow: true, patient_id: Some(town.ana.clone()) };
        assert!(decide(&town.clinic.app, context, &town.cookie, deciding).await.is_err());
    }
}

async fn opened(town: &Town, client: &str, patient: &ResourceId) -> Result<String, Error> {
    let opening =
        Opening { application_id: client.parse().unwrap(), patient_id: patient.clone(), visit_id: None };
    let opened = launch::open(&town.clinic.app, &town.now(&town.doctor.context), opening).await?;
    Ok(opened["url"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_application_opened_from_a_chart_gets_that_patient_once() {
    let town = Town::open().await;
    let (client, _) = town.application(Kind::Public, "launch patient/*.rs").await;
    let address = opened(&town, &client, &town.bo).await.unwrap();
    assert!(address.starts_with("https://growth.example/launch?"), "{address}");
    assert_eq!(param(&address, "iss").as_deref(), Some(BASE));
    let mut pairs = asking(&client, "launch patient/*.rs");
    pairs.push(("launch".into(), param(&address, "launch").unwrap()));
    let query = written(&pairs);
    let seen = town.looked(&query).await.unwrap();
    assert_eq!((&seen["patient"]["name"], &seen["patient_needed"]), (&json!("Bo"), &json!(false)));

    // Whoever sends another patient along is not heard.
    let address = town.allowed(&query, Some(&town.ana)).await.unwrap();
    let answer = town.redeemed(&client, &param(&address, "code").unwrap()).await.unwrap();
    assert_eq!(answer["patient"], town.bo.as_str());
    let again = town.allowed(&query, None).await.unwrap_err();
    assert_eq!(again.code, "oauth.invalid_request", "a launch is good once");
    assert!(
        town.looked(&query).await.unwrap()["redirect"].as_str().unwrap().contains("error=invalid_request")
    );
}

#[tokio::test]
async fn a_launch_is_of_one_application_one_user_and_five_minutes() {
    let town = Town::open().await;
    let (client, _) = town.application(Kind::Public, "launch patient/*.rs").await;
    let (other, _) = town.application(Kind::Public, "launch patient/*.rs").await;
    let launch = param(&opened(&town, &client, &town.bo).await.unwrap(), "launch").unwrap();
    let asks = |client: &str| {
        let mut pairs = asking(client, "launch patient/*.rs");
        pairs.push(("launch".into(), launch.clone()));
        written(&pairs)
    };
    assert!(town.looked(&asks(&other)).await.unwrap()["redirect"].is_string());
    let colleague = town.clinic.clinician("wang.lei", &town.doctor.account.organization).await;
    let looking = Looking { query: asks(&client) };
    let seen = look(&town.clinic.app, &colleague.context, &looking).await.unwrap();
    assert!(seen["redirect"].is_string(), "a colleague's browser cannot be handed the launch");
    town.clinic.clock.pass(301);
    assert!(town.looked(&asks(&client)).await.unwrap()["redirect"].is_string());

    let elsewhere = town.clinic.organization("Hillside").await;
    let stranger = town.clinic.patient("Cy", &elsewhere).await;
    assert_eq!(opened(&town, &client, &stranger).await.unwrap_err().code, "not-found");
}
