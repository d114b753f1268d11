//! Whose account somebody is, and what their groups make of them.

use bianque_model::Role;
use serde_json::json;

use super::hospital::Place;
use super::{account, session};
use crate::identity::provider::settings::{self, Row, Writing};
use crate::identity::sessions;

#[tokio::test]
async fn who_loses_the_group_is_refused_and_signed_out_where_they_still_are() {
    let place = Place::with(|_| {}).await;
    let app = &place.clinic.app;
    let open = session(place.sign_in().await.unwrap());
    place.hospital.says("groups", json!(["porters"]));
    assert_eq!(place.refusal().await.0, "provider.no-role");
    let holder = sessions::authenticate(app, place.clinic.nobody(), &open.cookie).await.unwrap();
    assert!(holder.standing.is_none(), "the open session has ended");
    for nothing in [json!([]), json!(null), json!("doctor"), json!({"doctors": true})] {
        place.hospital.says("groups", nothing);
        assert_eq!(place.refusal().await.0, "provider.no-role");
    }
    place.hospital.says("groups", json!("doctors"));
    session(place.sign_in().await.unwrap());
}

#[tokio::test]
async fn another_group_is_another_role_and_ends_what_was_open() {
    let place = Place::with(|_| {}).await;
    let open = session(place.sign_in().await.unwrap());
    let home = place.home.clone();
    let it = Row { value: "it".into(), role: Role::Administrator, organization_id: home };
    place.now(|settings| settings.roles.insert(0, it)).await;
    place.hospital.says("groups", json!(["doctors", "it"]));
    let now = session(place.sign_in().await.unwrap());
    assert_eq!(now.shown["user"]["role"], "administrator");
    let nobody = place.clinic.nobody();
    let before = sessions::authenticate(&place.clinic.app, nobody.clone(), &open.cookie).await.unwrap();
    assert!(before.standing.is_none());
    assert!(sessions::authenticate(&place.clinic.app, nobody, &now.cookie).await.unwrap().standing.is_some());
}

#[tokio::test]
async fn an_account_here_is_found_by_a_claim_only_where_an_administrator_said_so() {
    let place = Place::with(|settings| settings.creates = false).await;
    place.clinic.clinician("li.na", &place.home).await;
    assert_eq!(place.refusal().await.0, "provider.unknown");
    place.now(|settings| settings.creates = true).await;
    assert_eq!(place.refusal().await.0, "provider.login-taken", "nobody becomes somebody else by a name");
    place.now(|settings| settings.match_claim = Some("preferred_username".into())).await;
    let begun = session(place.sign_in().await.unwrap());
    assert_eq!(begun.shown["user"]["id"], json!(account(&place, "li.na").await.id));
    // Somebody else at the provider who takes the same name is not let into the account.
    place.hospital.says("sub", json!("u-2"));
    assert_eq!(place.refusal().await.0, "provider.linked");
}

#[tokio::test]
async fn an_address_that_the_provider_did_not_verify_finds_nobody() {
    let by_mail = |settings: &mut settings::Settings| {
        settings.creates = false;
        settings.match_claim = Some("email".into());
    };
    let place = Place::with(by_mail).await;
    place.clinic.clinician("li.na@hospital.example", &place.home).await;
    place.hospital.says("email", json!("li.na@hospital.example"));
    for unverified in [json!(null), json!(false), json!("true")] {
        place.hospital.says("email_verified", unverified);
        assert_eq!(place.refusal().await.0, "provider.unknown");
    }
    place.hospital.says("email_verified", json!(true));
    session(place.sign_in().await.unwrap());
}

#[tokio::test]
async fn nobody_is_an_administrator_but_by_a_row_that_says_so() {
    let kept_here = |settings: &mut settings::Settings| {
        settings.roles.clear();
        settings.creates = false;
        settings.match_claim = Some("preferred_username".into());
    };
    let place = Place::with(kept_here).await;
    place.hospital.says("preferred_username", json!("root"));
    assert_eq!(place.refusal().await.0, "provider.no-role");
    let mut row = Row { value: "doctors".into(), role: Role::Patient, organization_id: place.home.clone() };
    let listed = settings::list(&place.clinic.app, &place.admin).await.unwrap();
    let mut wanted: settings::Settings =
        serde_json::from_value(listed["providers"][0]["settings"].clone()).unwrap();
    for role in [Role::Patient, Role::Proxy, Role::System] {
        row.role = role;
        wanted.roles = vec![row.clone()];
        let writing = Writing { settings: wanted.clone(), secret: None };
        let refused = settings::change(&place.clinic.app, &place.admin, &place.provider, writing).await;
        assert_eq!(refused.unwrap_err().field, Some("roles"), "{role:?}");
    }
    row.role = Role::Administrator;
    place.now(|settings| settings.roles = vec![row]).await;
    let begun = session(place.sign_in().await.unwrap());
    assert_eq!(begun.shown["user"]["role"], "administrator");
}

#[tokio::test]
async fn groups_that_are_told_at_the_userinfo_endpoint_only_are_asked_for_there() {
    let place = Place::with(|_| {}).await;
    let endpoint = format!("{}/userinfo", super::ISSUER);
    place.hospital.metadata.lock().unwrap()["userinfo_endpoint"] = json!(endpoint);
    place.hospital.claims.lock().unwrap().as_object_mut().unwrap().remove("groups");
    *place.hospital.userinfo.lock().unwrap() = json!({"sub": "u-2", "groups": ["doctors"]});
    assert_eq!(place.refusal().await.0, "provider.refused", "told about somebody else");
    *place.hospital.userinfo.lock().unwrap() = json!({"sub": "u-1", "groups": ["doctors"]});
    session(place.sign_in().await.unwrap());
}

#[tokio::test]
async fn settings_are_an_administrators_and_never_tell_the_secret() {
    let place = Place::with(|_| {}).await;
    let app = &place.clinic.app;
    let listed = settings::list(app, &place.admin).await.unwrap();
    assert_eq!(listed["providers"][0]["has_secret"], true);
    assert!(!listed.to_string().contains("with signs"), "{listed}");
    let doctor = place.clinic.clinician("he.jun", &place.home).await.context;
    assert_eq!(settings::list(app, &doctor).await.unwrap_err().code, "forbidden");
    assert_eq!(settings::test(app, &doctor, &place.provider).await.unwrap_err().code, "forbidden");
    let tested = settings::test(app, &place.admin, &place.provider).await.unwrap();
    assert_eq!((&tested["result"]["ok"], &tested["result"]["keys"]), (&json!(true), &json!(1)));
    settings::remove(app, &place.admin, &place.provider).await.unwrap();
    assert_eq!(place.begin().await.unwrap_err().code, "not-found");
}
