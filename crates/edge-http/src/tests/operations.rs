//! Operations on records over HTTP: which methods they have, what they answer, and that searches beside them still work.

use axum::http::{Method, StatusCode, header};
use bianque_app::testing::Clinic;
use bianque_model::ResourceId;
use serde_json::json;

use super::{Browser, Server, bare, with_json};

async fn desk() -> (Server, Browser, ResourceId) {
    let (clinic, _, patient, _) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    let browser = server.sign_in("li.na").await;
    (server, browser, patient)
}

#[tokio::test]
async fn a_record_comes_whole_and_its_compartment_is_searched_as_before() {
    let (server, browser, patient) = desk().await;
    let path = format!("/fhir/Patient/{patient}/$everything?_count=1");
    let first = server.ask(browser.send(bare(Method::GET, &path))).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert_eq!(first.headers[header::CONTENT_TYPE], "application/fhir+json; charset=utf-8");
    let links = first.body["link"].as_array().unwrap();
    let next = links.iter().find(|link| link["relation"] == "next").unwrap()["url"].as_str().unwrap();
    let next = &next[next.find("/fhir/").unwrap()..];
    let second = server.ask(browser.send(bare(Method::GET, next))).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    assert_ne!(first.body["entry"][0]["fullUrl"], second.body["entry"][0]["fullUrl"]);
    let parameters =
        json!({"resourceType": "Parameters", "parameter": [{"name": "_type", "valueString": "Patient"}]});
    let path = format!("/fhir/Patient/{patient}/%24everything");
    let posted = server.ask(browser.send(with_json(Method::POST, &path, &parameters))).await;
    assert_eq!(posted.body["total"], 1, "{}", posted.body);
    for beside in [format!("/fhir/Patient/{patient}/Encounter"), format!("/fhir/Patient/{patient}/_history")]
    {
        let answer = server.ask(browser.send(bare(Method::GET, &beside))).await;
        assert_eq!(
            (answer.status, &answer.body["resourceType"]),
            (StatusCode::OK, &json!("Bundle")),
            "{beside}"
        );
    }
}

#[tokio::test]
async fn faults_are_told_with_200_and_a_question_without_sense_is_refused() {
    let (server, browser, patient) = desk().await;
    let fault = json!({"resourceType": "Patient", "gender": "f"});
    let told = server.ask(browser.send(with_json(Method::POST, "/fhir/Patient/$validate", &fault))).await;
    assert_eq!((told.status, &told.body["issue"][0]["severity"]), (StatusCode::OK, &json!("error")));
    let stored = format!("/fhir/Patient/{patient}/$validate");
    let told = server.ask(browser.send(bare(Method::GET, &stored))).await;
    assert_eq!((told.status, &told.body["resourceType"]), (StatusCode::OK, &json!("OperationOutcome")));
    for path in ["/fhir/Patient/$validate?mode=x", "/fhir/Nothing/$validate"] {
        let refused = server.ask(browser.send(with_json(Method::POST, path, &fault))).await;
        assert!(refused.status.is_client_error(), "{path}: {}", refused.body);
        assert_eq!(refused.body["resourceType"], "OperationOutcome");
    }
    let mut form = with_json(Method::POST, "/fhir/Patient/$validate", &fault);
    form.headers_mut().insert(header::CONTENT_TYPE, "application/xml".parse().unwrap());
    assert_eq!(server.ask(browser.send(form)).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn tags_the_newest_and_who_it_may_be_are_asked_by_their_methods() {
    let (server, browser, patient) = desk().await;
    let meta = server.ask(browser.send(bare(Method::GET, &format!("/fhir/Patient/{patient}/$meta")))).await;
    assert_eq!(meta.body["parameter"][0]["valueMeta"]["versionId"], "1", "{}", meta.body);
    // Clinicians read over FHIR and write nothing.
    let tag = json!({"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": {"tag": [{"code": "t"}]}}]});
    let path = format!("/fhir/Patient/{patient}/$meta-add");
    let added = server.ask(browser.send(with_json(Method::POST, &path, &tag))).await;
    assert_eq!(added.status, StatusCode::FORBIDDEN, "{}", added.body);

    let path = format!("/fhir/Observation/$lastn?patient={patient}&max=2");
    let newest = server.ask(browser.send(bare(Method::GET, &path))).await;
    assert_eq!(
        (newest.status, &newest.body["type"]),
        (StatusCode::OK, &json!("searchset")),
        "{}",
        newest.body
    );
    let unclear = server.ask(browser.send(bare(Method::GET, "/fhir/Observation/$lastn"))).await;
    assert_eq!(unclear.status, StatusCode::BAD_REQUEST, "{}", unclear.body);

    let stored = server.ask(browser.send(bare(Method::GET, &format!("/fhir/Patient/{patient}")))).await.body;
    let wanted = json!({"resourceType": "Patient", "name": stored["name"], "birthDate": stored["birthDate"]});
    let body = json!({"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": wanted}]});
    let found = server.ask(browser.send(with_json(Method::POST, "/fhir/Patient/$match", &body))).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.body);
    assert_eq!(found.body["entry"][0]["resource"]["id"], json!(patient));
    assert_eq!(found.body["entry"][0]["search"]["extension"][0]["valueCode"], "probable");
}
