//! What can be registered, and by whom.

use super::super::register::{Changing, change, list, renew_secret};
use super::*;

fn plain(kind: Kind) -> Making {
    Making {
        name: "Growth chart".into(),
        kind,
        redirect_uris: vec![CALLBACK.into()],
        launch_url: None,
        scopes: "patient/*.rs".into(),
        keys: None,
        jwks_uri: None,
    }
}

#[tokio::test]
async fn administrators_register_and_nobody_else() {
    let town = Town::open().await;
    for context in [&town.doctor.context, &town.clinic.nobody()] {
        assert!(make(&town.clinic.app, context, plain(Kind::Public)).await.is_err());
        assert!(list(&town.clinic.app, context).await.is_err());
    }
    let made = make(&town.clinic.app, &town.root, plain(Kind::Public)).await.unwrap();
    assert_eq!(made["client_secret"], Value::Null);
    let id: ResourceId = made["application"]["id"].as_str().unwrap().parse().unwrap();
    assert!(change(&town.clinic.app, &town.doctor.context, &id, Changing::default()).await.is_err());
    let rows = town.audited("application.register").await;
    assert_eq!(rows[0].entity, format!("Application/{id}"));
}

#[tokio::test]
async fn what_does_not_go_together_is_not_registered() {
    let town = Town::open().await;
    let key = json!({"keys": [{"kty": "oct", "kid": "1", "k": "c2VjcmV0"}]});
    for (making, code) in [
        (Making { name: " ".into(), ..plain(Kind::Public) }, "field.required"),
        (Making { redirect_uris: vec![], ..plain(Kind::Public) }, "redirect.invalid"),
        (
            Making { redirect_uris: vec!["javascript:alert(1)".into()], ..plain(Kind::Public) },
            "redirect.invalid",
        ),
        (Making { launch_url: Some("ftp://x".into()), ..plain(Kind::Public) }, "launch-url.invalid"),
        (Making { scopes: String::new(), ..plain(Kind::Public) }, "scope.invalid"),
        (Making { scopes: "system/*.rs".into(), ..plain(Kind::Public) }, "scope.invalid"),
        (
            Making { scopes: "patient/Observation.rs?category=x".into(), ..plain(Kind::Public) },
            "scope.invalid",
        ),
        (Making { keys: Some(json!({"keys": []})), ..plain(Kind::Public) }, "keys.invalid"),
        (plain(Kind::ConfidentialKey), "keys.invalid"),
        (Making { keys: Some(key), ..plain(Kind::ConfidentialKey) }, "keys.invalid"),
        (plain(Kind::Service), "redirect.invalid"),
        (
            Making { jwks_uri: Some("https://growth.example/keys".into()), ..plain(Kind::Public) },
            "keys.invalid",
        ),
        (
            Making { jwks_uri: Some("file:///etc/passwd".into()), ..plain(Kind::ConfidentialKey) },
            "keys.address",
        ),
    ] {
        let error = make(&town.clinic.app, &town.root, making).await.unwrap_err();
        assert_eq!(error.code, code, "{}", error.message);
    }
    assert_eq!(list(&town.clinic.app, &town.root).await.unwrap(), json!({"applications": []}));
}

#[tokio::test]
async fn a_secret_is_told_once_and_a_new_one_replaces_it() {
    let town = Town::open().await;
    let (client, presented) = town.application(Kind::ConfidentialSecret, STANDALONE).await;
    let presented = presented.unwrap();
    let listed = list(&town.clinic.app, &town.root).await.unwrap().to_string();
    assert!(!listed.contains(&presented.secret) && !listed.contains("secret\":"), "{listed}");
    let renewed = renew_secret(&town.clinic.app, &town.root, &client.parse().unwrap()).await.unwrap();
    let renewed = Presented { id: client.clone(), secret: renewed["client_secret"].as_str().unwrap().into() };
    let code = town.code(&client, STANDALONE).await;
    let old = town.exchanged(&redeeming(&client, &code), Some(&presented)).await.unwrap_err();
    assert_eq!(old.code, "oauth.invalid_client");
    town.exchanged(&redeeming(&client, &code), Some(&renewed)).await.unwrap();
    let (public, _) = town.application(Kind::Public, STANDALONE).await;
    let none = renew_secret(&town.clinic.app, &town.root, &public.parse().unwrap()).await.unwrap_err();
    assert_eq!(none.code, "application.no-secret");
}
