//! Headers are secrets.

use super::*;
use crate::records::{history, read, search, vread};

const SECRET: &str = "Bearer of-the-night-report";

async fn with_secret() -> (Town, ResourceId) {
    let town = Town::open().await;
    let mut asked = subscription("Observation");
    asked["channel"]["header"] = json!([format!("Authorization: {SECRET}")]);
    let written = town.writes(&asked).await.unwrap().record.unwrap();
    assert!(
        !String::from_utf8(written.body).unwrap().contains(SECRET),
        "not in the answer of the write either"
    );
    (town, written.id)
}

async fn sent(town: &Town, id: &ResourceId) -> Option<String> {
    let mut running = town.runs(id).await.unwrap();
    town.puts(pulse("li", 70, "final"), "calm").await;
    town.goes_on(&mut running).await.unwrap();
    let request = town.came().pop().unwrap();
    request.headers.into_iter().find(|(name, _)| name == "authorization").map(|(_, value)| value)
}

#[tokio::test]
async fn a_header_is_sent_and_shown_nowhere() {
    let (town, id) = with_secret().await;
    assert_eq!(sent(&town, &id).await.as_deref(), Some(SECRET));
    let (app, context) = (town.app(), town.now());
    let of_it = history::Whose::Resource(TYPE, &id);
    let shown = [
        read::read(app, &context, TYPE, &id).await.unwrap().body,
        vread::vread(app, &context, TYPE, &id, 1).await.unwrap().body,
        search::search(app, &context, TYPE, &[], false).await.unwrap(),
        history::history(app, &context, of_it, history::Wanted::read(&[]).unwrap()).await.unwrap(),
        status(app, &context, &id, &crate::records::Asked::default()).await.unwrap(),
    ];
    for body in shown {
        let body = String::from_utf8(body).unwrap();
        assert!(!body.contains(SECRET) && !body.contains("of-the-night"), "{body}");
    }
    for file in std::fs::read_dir(town.clinic.folder()).unwrap() {
        let Ok(bytes) = std::fs::read(file.unwrap().path()) else { continue };
        assert!(
            !bytes.windows(SECRET.len()).any(|found| found == SECRET.as_bytes()),
            "not on the disk either"
        );
    }
}

#[tokio::test]
async fn what_is_shown_in_its_place_can_be_sent_back_and_is_kept() {
    let (town, id) = with_secret().await;
    town.changes(&id, |resource| resource["reason"] = "another".into()).await.unwrap();
    assert_eq!(sent(&town, &id).await.as_deref(), Some(SECRET));
    let fresh = json!([format!("Authorization: Bearer new")]);
    town.changes(&id, |resource| resource["channel"]["header"] = fresh).await.unwrap();
    assert_eq!(sent(&town, &id).await.as_deref(), Some("Bearer new"));
    town.changes(&id, |resource| drop(resource["channel"].as_object_mut().unwrap().remove("header")))
        .await
        .unwrap();
    assert_eq!(sent(&town, &id).await, None);
}

#[tokio::test]
async fn a_secret_is_never_sent_to_another_endpoint_than_it_was_given_for() {
    let (town, id) = with_secret().await;
    let elsewhere = |resource: &mut Value| resource["channel"]["endpoint"] = "https://else.example/".into();
    let error = town.changes(&id, elsewhere).await.unwrap_err();
    assert_eq!(issue_of(&error), ("subscription.invalid", "Subscription.channel.header".to_owned()));
    // Nor by way of a new subscription that has only seen what is shown.
    let mut copied = town.reads(&id).await;
    copied.as_object_mut().unwrap().remove("id");
    assert!(town.writes(&copied).await.is_err());
}
