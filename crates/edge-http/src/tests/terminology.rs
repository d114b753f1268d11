//! Questions about codes over HTTP.

use axum::http::{Method, StatusCode, header};
use bianque_app::testing::Clinic;
use serde_json::{Value, json};

use super::{Browser, Server, bare, with_json};

const GENDER: &str = "http://hl7.org/fhir/ValueSet/administrative-gender";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

async fn desk() -> (Server, Browser) {
    let (clinic, ..) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    let browser = server.sign_in("li.na").await;
    (server, browser)
}

#[tokio::test]
async fn a_value_set_is_expanded_by_address_and_by_parameters() {
    let (server, browser) = desk().await;
    let path = format!("/fhir/ValueSet/$expand?url={GENDER}&count=2");
    let answer = server.ask(browser.send(bare(Method::GET, &path))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/fhir+json; charset=utf-8");
    assert_eq!(
        (&answer.body["resourceType"], &answer.body["expansion"]["total"]),
        (&json!("ValueSet"), &json!(4))
    );
    assert_eq!(answer.body["expansion"]["contains"].as_array().unwrap().len(), 2);
    // Clients write the dollar sign as it is, or escape it.
    let escaped = path.replace('$', "%24");
    assert_eq!(server.ask(browser.send(bare(Method::GET, &escaped))).await.body, answer.body);

    let body = json!({"resourceType": "Parameters", "parameter": [{"name": "url", "valueUri": GENDER}]});
    let posted = server.ask(browser.send(with_json(Method::POST, "/fhir/ValueSet/$expand", &body))).await;
    assert_eq!(posted.body["expansion"]["contains"].as_array().unwrap().len(), 4, "{}", posted.body);
}

#[tokio::test]
async fn a_stored_value_set_answers_by_its_id() {
    let (server, browser) = desk().await;
    let include = json!([{"system": ACT_CODE, "concept": [{"code": "VR"}, {"code": "AMB"}]}]);
    let set = json!({"resourceType": "ValueSet", "status": "active", "compose": {"include": include}});
    let id = server.clinic.create(set).await;
    let expanded = server.ask(browser.send(bare(Method::GET, &format!("/fhir/ValueSet/{id}/$expand")))).await;
    assert_eq!(expanded.body["expansion"]["contains"][0]["display"], "virtual", "{}", expanded.body);
    let path = format!("/fhir/ValueSet/{id}/$validate-code");
    let asked = |code: &str| bare(Method::GET, &format!("{path}?system={ACT_CODE}&code={code}"));
    for (code, valid) in [("VR", true), ("IMP", false)] {
        let answer = server.ask(browser.send(asked(code))).await;
        assert_eq!(answer.body["parameter"][0]["valueBoolean"], valid, "{code}: {}", answer.body);
    }
    let coding = json!({"name": "coding", "valueCoding": {"system": ACT_CODE, "code": "AMB"}});
    let body = json!({"resourceType": "Parameters", "parameter": [coding]});
    let posted = server.ask(browser.send(with_json(Method::POST, &path, &body))).await;
    assert_eq!(posted.body["parameter"][0]["valueBoolean"], true, "{}", posted.body);
}

#[tokio::test]
async fn codes_are_validated_looked_up_and_compared() {
    let (server, browser) = desk().await;
    let ask = async |path: String| {
        let answer = server.ask(browser.send(bare(Method::GET, &path))).await;
        (answer.status, answer.body)
    };
    let parameter = |body: &Value, at: usize| body["parameter"][at].clone();
    let (_, valid) = ask(format!("/fhir/ValueSet/$validate-code?url={GENDER}&code=female")).await;
    assert_eq!(parameter(&valid, 0), json!({"name": "result", "valueBoolean": true}));
    let (_, valid) =
        ask(format!("/fhir/CodeSystem/$validate-code?url={ACT_CODE}&code=VR&display=virtual")).await;
    assert_eq!(parameter(&valid, 1), json!({"name": "display", "valueString": "virtual"}));
    let (_, found) = ask(format!("/fhir/CodeSystem/$lookup?system={ACT_CODE}&code=VR")).await;
    assert!(found.to_string().contains("_ActEncounterCode"), "{found}");
    let (_, outcome) =
        ask(format!("/fhir/CodeSystem/$subsumes?system={ACT_CODE}&codeA=IMP&codeB=ACUTE")).await;
    assert_eq!(parameter(&outcome, 0), json!({"name": "outcome", "valueCode": "subsumes"}));

    let (status, outcome) = ask("/fhir/CodeSystem/$lookup?system=urn:x&code=a".into()).await;
    assert_eq!((status, &outcome["issue"][0]["code"]), (StatusCode::NOT_FOUND, &json!("not-found")));
    let (status, outcome) =
        ask("/fhir/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/all-languages".into()).await;
    assert_eq!(
        (status, &outcome["issue"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("too-costly"))
    );
    let (status, outcome) = ask("/fhir/ValueSet/$expand?url=x&surprise=1".into()).await;
    assert_eq!((status, &outcome["issue"][0]["code"]), (StatusCode::BAD_REQUEST, &json!("not-supported")));
}

#[tokio::test]
async fn what_is_no_parameters_resource_is_refused_with_an_outcome() {
    let (server, browser) = desk().await;
    for (body, status) in [
        (json!({"resourceType": "Patient"}), StatusCode::BAD_REQUEST),
        (json!([]), StatusCode::BAD_REQUEST),
        (
            json!({"resourceType": "Parameters", "parameter": [{"name": "url", "valueUri": 1}]}),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let answer =
            server.ask(browser.send(with_json(Method::POST, "/fhir/CodeSystem/$lookup", &body))).await;
        assert_eq!(
            (answer.status, &answer.body["resourceType"]),
            (status, &json!("OperationOutcome")),
            "{body}"
        );
    }
    let mut form = with_json(Method::POST, "/fhir/CodeSystem/$lookup", &json!({}));
    form.headers_mut().insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
    assert_eq!(server.ask(browser.send(form)).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
