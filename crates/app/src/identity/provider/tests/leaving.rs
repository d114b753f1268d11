//! Stories of people who leave: here and at the hospital, or at the hospital and so here.

use bianque_model::Context;
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};

use super::hospital::{CLIENT, Hospital, Place, parameter};
use super::{Finished, account, session};
use crate::identity::authenticator_app::{self, Typed};
use crate::identity::device::Browser;
use crate::identity::provider::{logout, settings, sign_out};
use crate::identity::second_step::{self, Shown};
use crate::identity::sessions::{self, Begun};
use crate::identity::sign_in::Outcome;
use crate::identity::totp;
use crate::live::Ended;
use crate::ports::outbound::Failure;

impl Place {
    fn seconds(&self) -> i64 {
        self.clinic.app.clock.now().0 / 1_000_000
    }

    async fn signs_in(&self, subject: &str, sid: Value) -> Begun {
        self.hospital.says("sub", json!(subject));
        self.hospital.says("preferred_username", json!(subject));
        self.hospital.says("sid", sid);
        session(self.sign_in().await.unwrap())
    }

    /// The hospital says that somebody signed out.
    async fn hears(&self, about: Value) -> Result<(), crate::Error> {
        let claims = Hospital::farewell(self.seconds(), &about);
        self.receives(&self.hospital.sign(&claims, Some("logout+jwt"))).await
    }

    async fn receives(&self, token: &str) -> Result<(), crate::Error> {
        logout(&self.clinic.app, &self.clinic.nobody(), &self.provider, token).await
    }

    async fn is_in(&self, begun: &Begun) -> bool {
        self.holder(begun).await.actor.user().is_some()
    }

    async fn holder(&self, begun: &Begun) -> Context {
        sessions::authenticate(&self.clinic.app, self.clinic.nobody(), &begun.cookie).await.unwrap().context
    }
}

#[tokio::test]
async fn who_leaves_is_sent_to_the_provider_with_what_it_knows_them_by() {
    let place = Place::with(|_| {}).await;
    let begun = place.signs_in("u-1", json!("s-1")).await;
    assert_eq!(begun.shown["provider"]["name"]["en"], "Riverside account");
    let doctor = place.holder(&begun).await;
    let onward = sign_out(&place.clinic.app, &doctor, &begun.cookie).await.unwrap();
    assert!(!place.is_in(&begun).await, "the session here has ended");
    let url = onward["url"].as_str().unwrap();
    let listed = settings::list(&place.clinic.app, &place.admin).await.unwrap();
    assert_eq!(parameter(url, "theme"), "ward", "what the endpoint has of itself stays");
    assert_eq!(parameter(url, "client_id"), CLIENT);
    assert_eq!(parameter(url, "post_logout_redirect_uri"), listed["post_logout_redirect_uri"]);
    assert_eq!(parameter(url, "state"), onward["state"]);
    let hint = jsonwebtoken::dangerous::insecure_decode::<Value>(parameter(url, "id_token_hint")).unwrap();
    assert_eq!((&hint.claims["sub"], &hint.claims["sid"]), (&json!("u-1"), &json!("s-1")));
}

#[tokio::test]
async fn who_leaves_while_the_provider_is_down_has_left_here() {
    let place = Place::with(|_| {}).await;
    let begun = place.signs_in("u-1", Value::Null).await;
    let doctor = place.holder(&begun).await;
    // What the provider publishes is kept for an hour, in which somebody works on.
    for _ in 0..3 {
        place.clinic.clock.pass(1300);
        assert!(place.is_in(&begun).await);
    }
    *place.hospital.down.lock().unwrap() = Some(Failure::Unreachable);
    let onward = sign_out(&place.clinic.app, &doctor, &begun.cookie).await.unwrap();
    assert_eq!((&onward["url"], &onward["state"]), (&Value::Null, &Value::Null));
    assert!(!place.is_in(&begun).await);
}

#[tokio::test]
async fn a_session_that_began_here_has_no_provider_to_leave() {
    let place = Place::with(|_| {}).await;
    place.hospital.metadata.lock().unwrap()["end_session_endpoint"] = Value::Null;
    let begun = place.signs_in("u-1", json!("s-1")).await;
    assert_eq!(begun.shown["provider"], Value::Null, "nor one at a provider without such a page");
    let doctor = place.holder(&begun).await;
    assert_eq!(sign_out(&place.clinic.app, &doctor, &begun.cookie).await.unwrap()["url"], Value::Null);
}

#[tokio::test]
async fn who_leaves_at_the_hospital_has_left_here_in_that_session_only() {
    let place = Place::with(|_| {}).await;
    let ward = place.signs_in("u-1", json!("ward")).await;
    let office = place.signs_in("u-1", json!("office")).await;
    let colleague = place.signs_in("u-2", json!("of another")).await;
    let mut ended = place.clinic.app.live.watch_ended();
    place.hears(json!({"sub": "u-1", "sid": "ward"})).await.unwrap();
    let heard: Vec<bool> =
        vec![place.is_in(&ward).await, place.is_in(&office).await, place.is_in(&colleague).await];
    assert_eq!(heard, [false, true, true]);
    let user = account(&place, "u-1").await.id;
    assert_eq!(ended.try_recv().unwrap(), Ended { tenant: place.admin.tenant, user }, "sockets are told");
    // Named by its session alone; somebody else's name beside it ends nothing.
    place.hears(json!({"sub": "u-2", "sid": "office"})).await.unwrap();
    assert!(place.is_in(&office).await);
    place.hears(json!({"sid": "office"})).await.unwrap();
    assert_eq!((place.is_in(&office).await, place.is_in(&colleague).await), (false, true));
    // Everywhere, by name alone.
    let again = place.signs_in("u-2", Value::Null).await;
    place.hears(json!({"sub": "u-2"})).await.unwrap();
    assert_eq!((place.is_in(&colleague).await, place.is_in(&again).await), (false, false));
    // A session whose name the provider never told may be the one.
    let unnamed = place.signs_in("u-1", Value::Null).await;
    place.hears(json!({"sub": "u-1", "sid": "never told"})).await.unwrap();
    assert!(!place.is_in(&unnamed).await);
    // Nobody is here: no error (section 2.7).
    place.hears(json!({"sub": "nobody", "sid": "none"})).await.unwrap();
}

#[tokio::test]
async fn a_logout_token_that_is_not_all_it_must_be_ends_nothing() {
    let place = Place::with(|_| {}).await;
    let begun = place.signs_in("u-1", json!("s-1")).await;
    let now = place.seconds();
    let event = "http://schemas.openid.net/event/backchannel-logout";
    for (name, wrong, why) in [
        ("iss", json!("https://evil.example"), "another issuer"),
        ("iss", Value::Null, "another issuer"),
        ("aud", json!("another-client"), "somebody else"),
        ("aud", Value::Null, "somebody else"),
        ("exp", json!(now - 61), "expired"),
        ("exp", Value::Null, "expired"),
        ("iat", json!(now + 3600), "future"),
        ("iat", json!(now - 3600), "too old"),
        ("iat", Value::Null, "when it was issued"),
        ("events", json!({}), "signed out"),
        ("events", json!({event: true}), "signed out"),
        ("events", json!([event]), "signed out"),
        ("nonce", json!("n"), "signing in"),
        ("jti", Value::Null, "no name"),
        ("jti", json!(""), "no name"),
        ("sub", Value::Null, "who signed out"),
        ("sub", json!(7), "who signed out"),
        ("sid", json!(["s-1"]), "who signed out"),
    ] {
        let about = json!({"sub": "u-1"});
        let mut claims = Hospital::farewell(now, &about);
        claims[name] = wrong.clone();
        let error = place.receives(&place.hospital.sign(&claims, Some("logout+jwt"))).await.unwrap_err();
        assert!(error.code == "provider.refused" && error.message.contains(why), "{name}: {wrong}: {error}");
        assert!(place.is_in(&begun).await, "{name}: {wrong}");
    }
    let honest = Hospital::farewell(now, &json!({"sub": "u-1"}));
    let typed = place.receives(&place.hospital.sign(&honest, Some("at+jwt"))).await.unwrap_err();
    assert!(typed.message.contains("another kind"), "{typed}");
    let token = place.hospital.sign(&honest, Some("logout+jwt"));
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    assert!(place.receives(&unsigned).await.unwrap_err().message.contains("signature"));
    assert!(place.is_in(&begun).await);
    // Another provider's door takes nothing of this one's.
    let elsewhere = logout(&place.clinic.app, &place.clinic.nobody(), "no-such-provider", &token).await;
    assert_eq!(elsewhere.unwrap_err().code, "not-found");
    place.receives(&token).await.unwrap();
    assert!(!place.is_in(&begun).await);
}

#[tokio::test]
async fn a_logout_token_is_good_once() {
    let place = Place::with(|_| {}).await;
    let claims = Hospital::farewell(place.seconds(), &json!({"sub": "u-1"}));
    let token = place.hospital.sign(&claims, None);
    place.receives(&token).await.unwrap();
    let begun = place.signs_in("u-1", json!("s-1")).await;
    assert!(place.receives(&token).await.unwrap_err().message.contains("came before"));
    assert!(place.is_in(&begun).await, "who signed in again is not put out by what was said before");
}

#[tokio::test]
async fn who_showed_a_second_step_here_is_put_out_all_the_same() {
    let place = Place::with(|_| {}).await;
    let app = &place.clinic.app;
    let first = place.signs_in("u-1", json!("first")).await;
    let doctor = place.holder(&first).await;
    let codes = with_app(&place, &doctor).await;
    let Finished::SignIn(Outcome::Asked(asked)) = place.sign_in().await.unwrap() else {
        panic!("no second step is asked for")
    };
    let shown = Shown {
        token: asked.shown["token"].as_str().unwrap().into(),
        code: None,
        recovery_code: Some(codes[0].clone()),
        passkey: None,
    };
    let begun = second_step::finish(app, &place.clinic.nobody(), &Browser::default(), shown).await.unwrap();
    assert_eq!(begun.shown["provider"]["name"]["zh"], "河滨账号");
    place.hears(json!({"sub": "u-1", "sid": "first"})).await.unwrap();
    assert!(!place.is_in(&begun).await);
}

/// An account sets up an authenticator app; its recovery codes.
async fn with_app(place: &Place, doctor: &Context) -> Vec<String> {
    let app = &place.clinic.app;
    let offered = authenticator_app::offer(app, doctor).await.unwrap();
    let key = BASE32_NOPAD.decode(offered["secret"].as_str().unwrap().as_bytes()).unwrap();
    let typed = Typed { code: totp::code_of(&key, totp::step_of(app.clock.now())) };
    let answer = authenticator_app::confirm(app, doctor, typed).await.unwrap();
    serde_json::from_value(answer["recovery_codes"].clone()).unwrap()
}
