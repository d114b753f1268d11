//! When tokens end: with the session, the account, the application, the grant - at the next request, not when they expire.

use super::*;
use crate::Change;
use crate::admin::users;
use crate::identity::own_sessions;
use crate::smart::register::{Changing, change};
use crate::smart::{grants, introspect, revoke};

const ONLINE: &str = "launch/patient patient/*.rs online_access";

#[tokio::test]
async fn what_lives_with_the_session_ends_with_it() {
    let town = Town::open().await;
    let (client, online) = town.launched(ONLINE).await;
    let (other, offline) = town.launched(STANDALONE).await;
    sessions::end(&town.clinic.app, &town.of_session().await, &town.cookie).await.unwrap();
    assert!(!town.is_good(&online["access_token"]).await);
    assert_eq!(
        town.refreshed(&client, &online["refresh_token"]).await.unwrap_err().code,
        "oauth.invalid_grant"
    );
    assert!(town.is_good(&offline["access_token"]).await, "offline access outlives a sign-out");
    town.refreshed(&other, &offline["refresh_token"]).await.unwrap();
}

#[tokio::test]
async fn a_session_that_idles_out_takes_online_access_along() {
    let town = Town::open().await;
    let (_, online) = town.launched("launch/patient patient/*.rs").await;
    assert!(town.is_good(&online["access_token"]).await);
    town.clinic.clock.pass(31 * 60);
    assert!(!town.is_good(&online["access_token"]).await);
}

#[tokio::test]
async fn signing_a_user_out_everywhere_ends_what_they_let_applications_do() {
    let town = Town::open().await;
    let (client, offline) = town.launched(STANDALONE).await;
    own_sessions::end_all_of(&town.clinic.app, &town.root, town.doctor.account.id).await.unwrap();
    assert!(!town.is_good(&offline["access_token"]).await);
    assert_eq!(
        town.refreshed(&client, &offline["refresh_token"]).await.unwrap_err().code,
        "oauth.invalid_grant"
    );
}

#[tokio::test]
async fn a_user_who_may_not_act_any_more_has_no_tokens_and_gets_none() {
    let town = Town::open().await;
    let (client, offline) = town.launched(STANDALONE).await;
    let waiting = town.code(&client, STANDALONE).await;
    let off = users::Changing { active: Some(false), ..users::Changing::default() };
    users::change(&town.clinic.app, &town.root, town.doctor.account.id, off).await.unwrap();
    assert!(!town.is_good(&offline["access_token"]).await);
    assert_eq!(town.redeemed(&client, &waiting).await.unwrap_err().code, "oauth.invalid_grant");
}

#[tokio::test]
async fn an_application_that_is_switched_off_loses_everything() {
    let town = Town::open().await;
    let (client, answer) = town.launched(STANDALONE).await;
    let id: ResourceId = client.parse().unwrap();
    let switch = |active| Changing { active: Some(active), ..Changing::default() };
    change(&town.clinic.app, &town.root, &id, switch(false)).await.unwrap();
    assert!(!town.is_good(&answer["access_token"]).await);
    assert_eq!(
        town.refreshed(&client, &answer["refresh_token"]).await.unwrap_err().code,
        "oauth.invalid_client"
    );
    assert_eq!(town.looked(&query(&client, STANDALONE)).await.unwrap_err().code, "authorize.application");
    change(&town.clinic.app, &town.root, &id, switch(true)).await.unwrap();
    assert!(!town.is_good(&answer["access_token"]).await, "what was ended stays ended");
}

#[tokio::test]
async fn an_application_that_may_ask_for_less_loses_what_it_had() {
    let town = Town::open().await;
    let (client, answer) = town.launched(STANDALONE).await;
    let id: ResourceId = client.parse().unwrap();
    let scopes = |text: &str| Changing { scopes: Some(text.into()), ..Changing::default() };
    change(&town.clinic.app, &town.root, &id, scopes(&format!("{STANDALONE} user/*.rs"))).await.unwrap();
    assert!(town.is_good(&answer["access_token"]).await);
    change(&town.clinic.app, &town.root, &id, scopes("patient/Observation.rs")).await.unwrap();
    assert!(!town.is_good(&answer["access_token"]).await);
}

#[tokio::test]
async fn an_administrator_sees_what_users_let_and_takes_it_back() {
    let town = Town::open().await;
    let (client, answer) = town.launched(STANDALONE).await;
    let id: ResourceId = client.parse().unwrap();
    let listed = grants::list(&town.clinic.app, &town.root, &id).await.unwrap();
    let grant = &listed["grants"][0];
    assert_eq!(
        (&grant["user"], &grant["offline"], &grant["for_patient"]),
        (&json!("Dr. li.na"), &json!(true), &json!(true))
    );
    assert!(!listed.to_string().contains(town.ana.as_str()), "administrators see no patients");
    let grant: ResourceId = grant["id"].as_str().unwrap().parse().unwrap();
    assert!(grants::list(&town.clinic.app, &town.doctor.context, &id).await.is_err());
    assert!(grants::revoke(&town.clinic.app, &town.doctor.context, &id, &grant).await.is_err());
    let (other, _) = town.application(Kind::Public, STANDALONE).await;
    let wrong = grants::revoke(&town.clinic.app, &town.root, &other.parse().unwrap(), &grant).await;
    assert_eq!(wrong.unwrap_err().code, "not-found");
    grants::revoke(&town.clinic.app, &town.root, &id, &grant).await.unwrap();
    assert!(!town.is_good(&answer["access_token"]).await);
    assert_eq!(town.audited("application.grant-end").await.len(), 1);
}

#[tokio::test]
async fn an_application_asks_what_its_own_tokens_are_and_gives_them_back() {
    let town = Town::open().await;
    let (client, answer) = town.launched(STANDALONE).await;
    let (other, _) = town.application(Kind::Public, STANDALONE).await;
    let (app, nobody) = (&town.clinic.app, town.clinic.nobody());
    let asks = async |client: &str, token: &Value| {
        let pairs = owned(&[("client_id", client), ("token", token.as_str().unwrap())]);
        introspect::introspect(app, &nobody, &pairs, None).await.unwrap()
    };
    let told = asks(&client, &answer["access_token"]).await;
    assert_eq!((&told["active"], &told["patient"]), (&json!(true), &json!(town.ana)));
    assert_eq!(told["scope"], answer["scope"]);
    assert_eq!(asks(&client, &answer["refresh_token"]).await["active"], true);
    assert_eq!(asks(&other, &answer["access_token"]).await, json!({"active": false}));
    assert_eq!(asks(&client, &json!("bqa_guessed")).await, json!({"active": false}));

    let gives = async |client: &str, token: &Value| {
        let pairs = owned(&[("client_id", client), ("token", token.as_str().unwrap())]);
        revoke::revoke(app, &nobody, &pairs, None).await.unwrap();
    };
    gives(&other, &answer["access_token"]).await;
    assert!(town.is_good(&answer["access_token"]).await, "another's token is not anybody's to give back");
    gives(&client, &answer["access_token"]).await;
    assert!(!town.is_good(&answer["access_token"]).await);
    let next = town.refreshed(&client, &answer["refresh_token"]).await.unwrap();
    gives(&client, &next["refresh_token"]).await;
    assert!(!town.is_good(&next["access_token"]).await, "with a refresh token the whole family goes");
}

#[tokio::test]
async fn choosing_a_new_password_keeps_what_this_session_let() {
    let town = Town::open().await;
    let (_, here) = town.launched(STANDALONE).await;
    let elsewhere = sign_in(&town.clinic, "li.na").await;
    let context = town.of_session().await;
    let mut change = Change::new(&town.clinic.app, &context);
    let kept = sessions::id_of(&town.clinic.app, &elsewhere);
    grants::end_of_user(&town.clinic.app, &context, town.doctor.account.id, Some(&kept), &mut change)
        .await
        .unwrap();
    change.commit().await.unwrap();
    assert!(!town.is_good(&here["access_token"]).await, "of another session, it goes");
    let (_, again) = town.launched(STANDALONE).await;
    own_sessions::end_others(&town.clinic.app, &context, Some(&town.cookie)).await.unwrap();
    assert!(town.is_good(&again["access_token"]).await);
}
