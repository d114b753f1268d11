//! What the server says of itself leads to definitions that it answers.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use bianque_app::testing::Clinic;

use super::{Server, bare};

#[tokio::test]
async fn every_definition_that_the_capability_statement_names_is_answered() {
    let (clinic, ..) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    assert_eq!(
        server.edge.app.definitions.undefined(),
        Vec::<&str>::new(),
        "each operation has a definition"
    );
    let browser = server.sign_in("li.na").await;
    let statement = server.ask(bare(Method::GET, "/fhir/metadata")).await.body;
    let rest = &statement["rest"][0];
    let (mut params, mut operations) = (BTreeSet::new(), BTreeSet::new());
    for of in rest["resource"].as_array().unwrap().iter().chain([rest]) {
        let named = |list: &str| of[list].as_array().cloned().unwrap_or_default();
        let url = |one: serde_json::Value| one["definition"].as_str().unwrap().to_owned();
        params.extend(named("searchParam").into_iter().map(url));
        operations.extend(named("operation").into_iter().map(url));
    }
    assert!(params.len() > 1_000 && operations.len() > 10);
    for (of, urls) in [("SearchParameter", params), ("OperationDefinition", operations)] {
        let (mut answered, mut next) = (BTreeSet::new(), format!("/fhir/{of}?_count=500"));
        loop {
            let page = server.ask(browser.send(bare(Method::GET, &next))).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.body);
            let entries = page.body["entry"].as_array().into_iter().flatten();
            answered.extend(entries.map(|entry| entry["resource"]["url"].as_str().unwrap().to_owned()));
            let links = page.body["link"].as_array().unwrap();
            let Some(link) = links.iter().find(|link| link["relation"] == "next") else { break };
            let url = link["url"].as_str().unwrap();
            next = url[url.find("/fhir/").unwrap()..].to_owned();
        }
        assert_eq!(urls.difference(&answered).collect::<Vec<_>>(), Vec::<&String>::new());
    }
    let read = bare(Method::GET, "/fhir/OperationDefinition/Patient-everything");
    let everything = server.ask(browser.send(read)).await;
    assert_eq!((everything.status, everything.body["code"].as_str()), (StatusCode::OK, Some("everything")));
}
