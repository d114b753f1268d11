//! Stories of people who come by their hospital's provider, and of providers that are not what they should be.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use self::hospital::{CLIENT, ISSUER, Place, parameter, returned};
use super::{Finished, Returned, begin_proof, finish};
use crate::identity::accounts::{self, Account};
use crate::identity::device::Browser;
use crate::identity::proof::{Proof, confirm};
use crate::identity::sessions::{self, Begun};
use crate::identity::sign_in::Outcome;
use crate::identity::{factors, rules};
use crate::ports::outbound::Failure;

mod hospital;
mod leaving;
mod roles;

/// A token made of honest claims.
type Forge = fn(&Value) -> String;

fn session(finished: Finished) -> Begun {
    match finished {
        Finished::SignIn(Outcome::In(begun)) => begun,
        other => panic!("nobody is signed in: {other:?}"),
    }
}

async fn account(place: &Place, login: &str) -> Account {
    let clinic = &place.clinic;
    accounts::by_login(&clinic.app, clinic.nobody().tenant, login).await.unwrap().unwrap().value
}

#[tokio::test]
async fn a_doctor_of_the_hospital_signs_in_and_is_a_clinician_here() {
    let place = Place::with(|_| {}).await;
    let begun = place.begin().await.unwrap();
    assert!(begun.url.starts_with(&format!("{ISSUER}/authorize?")), "{}", begun.url);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", "https://clinic.example/sign-in/provider"),
        ("scope", "openid profile"),
        ("code_challenge_method", "S256"),
        ("prompt", ""),
    ] {
        assert_eq!(parameter(&begun.url, name), value, "{name}");
    }
    let first = session(place.finish(&begun, returned(&begun)).await.unwrap());
    let user = &first.shown["user"];
    assert_eq!(
        (&user["login"], &user["role"], &user["name"]),
        (&json!("li.na"), &json!("clinician"), &json!("Li Na"))
    );
    assert_eq!(user["organization"]["name"], "Riverside");
    let made = account(&place, "li.na").await;
    assert!(made.password.is_none() && made.practitioner.is_some());
    // The second time it is the same account, whatever the provider calls them now.
    place.hospital.says("preferred_username", json!("li.na.new"));
    let again = session(place.sign_in().await.unwrap());
    assert_eq!(again.shown["user"]["id"], user["id"]);
}

#[tokio::test]
async fn the_way_back_is_one_browsers_and_good_once_and_for_ten_minutes() {
    let place = Place::with(|_| {}).await;
    let (begun, other) = (place.begin().await.unwrap(), place.begin().await.unwrap());
    // Another browser's cookie, no cookie, a state that was never given.
    assert_eq!(place.finish(&other, returned(&begun)).await.unwrap_err().code, "provider.over");
    let forged = Returned { state: "forged".into(), ..returned(&begun) };
    assert_eq!(place.finish(&begun, forged).await.unwrap_err().code, "provider.over");
    // The one it was is not kept out by those.
    place.visits(&begun);
    session(place.finish(&begun, returned(&begun)).await.unwrap());
    assert_eq!(place.finish(&begun, returned(&begun)).await.unwrap_err().code, "provider.over");
    let late = place.begin().await.unwrap();
    place.clinic.clock.pass(601);
    assert_eq!(place.finish(&late, returned(&late)).await.unwrap_err().code, "provider.over");
}

#[tokio::test]
async fn the_way_back_leads_to_the_tenant_that_it_began_in() {
    let place = Place::with(|_| {}).await;
    let hillside = place.clinic.beside("hillside.example").await;
    let begun = place.begin().await.unwrap();
    place.visits(&begun);
    let (app, cookie) = (&hillside.app, Some(begun.cookie.as_str()));
    let elsewhere = finish(app, &hillside.nobody(), &Browser::default(), cookie, returned(&begun)).await;
    let nobodys = finish(app, &hillside.nobody(), &Browser::default(), Some("x"), returned(&begun)).await;
    assert_eq!(elsewhere.unwrap_err().code, nobodys.unwrap_err().code);
    session(place.finish(&begun, returned(&begun)).await.unwrap());
}

#[tokio::test]
async fn an_id_token_that_is_not_all_it_must_be_is_refused() {
    let place = Place::with(|_| {}).await;
    let now = place.clinic.app.clock.now().0 / 1_000_000;
    for (name, wrong, why) in [
        ("nonce", json!("of another sign-in"), "another sign-in"),
        ("nonce", Value::Null, "another sign-in"),
        ("iss", json!("https://evil.example"), "another issuer"),
        ("iss", json!(format!("{ISSUER}/")), "another issuer"),
        ("aud", json!("another-client"), "somebody else"),
        ("aud", json!(["another-client"]), "somebody else"),
        ("aud", json!([CLIENT, "another-client"]), "somebody else"),
        ("azp", json!("another-client"), "somebody else"),
        ("exp", json!(now - 61), "expired"),
        ("exp", Value::Null, "expired"),
        ("exp", json!("soon"), "expired"),
        ("iat", json!(now + 3600), "future"),
        ("nbf", json!(now + 3600), "future"),
        ("iat", json!(now - 3600), "too old"),
        ("iat", Value::Null, "when it was issued"),
        ("sub", json!(""), "who signs in"),
        ("sub", json!(7), "who signs in"),
    ] {
        let honest = place.hospital.claims.lock().unwrap().clone();
        place.hospital.says(name, wrong.clone());
        let (code, message) = place.refusal().await;
        assert_eq!(code, "provider.refused", "{name}: {wrong}");
        assert!(message.contains(why), "{name}: {wrong}: {message}");
        *place.hospital.claims.lock().unwrap() = honest;
    }
    // A clock that is a little off, and one audience among several that names us as the one it is for, are no fault.
    place.hospital.says("iat", json!(now + 30));
    place.hospital.says("aud", json!([CLIENT, "another-client"]));
    place.hospital.says("azp", json!(CLIENT));
    session(place.sign_in().await.unwrap());
}

#[tokio::test]
async fn a_token_that_its_provider_did_not_sign_is_refused() {
    let place = Place::with(|_| {}).await;
    let forgeries: [(Forge, &str); 3] = [
        // Nobody's signature.
        (
            |claims| {
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                format!("{}.{}.", part(&json!({"alg": "none", "kid": "first"})), part(claims))
            },
            "cannot be read",
        ),
        // Signed with something that everybody knows, as if it were a shared secret.
        (
            |claims| {
                let mut header = Header::new(Algorithm::HS256);
                header.kid = Some("first".into());
                jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(b"a secret: with signs"))
                    .unwrap()
            },
            "key of its own",
        ),
        (|_| "not.a.token".into(), "cannot be read"),
    ];
    for (forge, why) in forgeries {
        place.hospital.signing.lock().unwrap().instead = Some(forge);
        let (code, message) = place.refusal().await;
        assert!(code == "provider.refused" && message.contains(why), "{message}");
    }
    place.hospital.signing.lock().unwrap().instead = None;
    // Another key under the name of one that is published.
    place.hospital.changes_its_key("first", false);
    let (_, message) = place.refusal().await;
    assert!(message.contains("signature"), "{message}");
}

#[tokio::test]
async fn a_new_key_is_read_once_a_minute_however_many_tokens_name_it() {
    let place = Place::with(|_| {}).await;
    session(place.sign_in().await.unwrap());
    assert_eq!(*place.hospital.keys_read.lock().unwrap(), 1);
    place.clinic.clock.pass(61);
    place.hospital.changes_its_key("second", true);
    session(place.sign_in().await.unwrap());
    assert_eq!(*place.hospital.keys_read.lock().unwrap(), 2);
    place.hospital.changes_its_key("third", false);
    for _ in 0..5 {
        let (_, message) = place.refusal().await;
        assert!(message.contains("does not publish"), "{message}");
    }
    assert_eq!(*place.hospital.keys_read.lock().unwrap(), 2);
}

#[tokio::test]
async fn a_provider_that_is_down_or_not_itself_says_so_in_words() {
    let place = Place::with(|_| {}).await;
    *place.hospital.down.lock().unwrap() = Some(Failure::Unreachable);
    let error = place.sign_in().await.unwrap_err();
    assert_eq!((error.code, &error.details["reason"]), ("provider.down", &json!("unreachable")));
    *place.hospital.down.lock().unwrap() = None;
    for (name, value, why) in [
        ("issuer", json!("https://evil.example"), "another issuer"),
        ("code_challenge_methods_supported", json!(["plain"]), "S256"),
        ("authorization_endpoint", json!("http://login.hospital.example/authorize"), "https"),
        ("jwks_uri", json!(7), "JSON"),
    ] {
        let honest = place.hospital.metadata.lock().unwrap().clone();
        place.hospital.metadata.lock().unwrap()[name] = value;
        let (code, message) = place.refusal().await;
        assert!(code == "provider.refused" && message.contains(why), "{message}");
        *place.hospital.metadata.lock().unwrap() = honest;
    }
    let begun = place.begin().await.unwrap();
    let denied = Returned { error: Some("access_denied".into()), code: None, ..returned(&begun) };
    assert_eq!(place.finish(&begun, denied).await.unwrap_err().code, "provider.denied");
    let begun = place.begin().await.unwrap();
    let mixed_up = Returned { iss: Some("https://evil.example".into()), ..returned(&begun) };
    assert_eq!(place.finish(&begun, mixed_up).await.unwrap_err().code, "provider.refused");
}

#[tokio::test]
async fn a_second_factor_at_the_provider_counts_where_the_setting_says_so() {
    let place = Place::with(|settings| settings.factor_amr = vec!["mfa".into()]).await;
    let needed = |begun: &Begun| begun.shown["factor_needed"].clone();
    // The rule is written down as if by an administrator who has a factor.
    let rules = rules::Rules { second_factor: vec![Role::Clinician] };
    let mut change = crate::Change::new(&place.clinic.app, &place.admin);
    change.save(&rules).unwrap();
    change.commit().await.unwrap();
    place.hospital.says("amr", json!(["pwd"]));
    assert_eq!(needed(&session(place.sign_in().await.unwrap())), true);
    place.hospital.says("amr", json!(["pwd", "mfa"]));
    let begun = session(place.sign_in().await.unwrap());
    assert_eq!(needed(&begun), false);
    let holder =
        sessions::authenticate(&place.clinic.app, place.clinic.nobody(), &begun.cookie).await.unwrap();
    assert!(!holder.standing.unwrap().factor_is_missing);
    place.now(|settings| settings.factor_amr.clear()).await;
    assert_eq!(needed(&session(place.sign_in().await.unwrap())), true);
}

#[tokio::test]
async fn who_has_no_password_proves_who_they_are_at_the_provider_anew() {
    let place = Place::with(|_| {}).await;
    let app = &place.clinic.app;
    let begun = session(place.sign_in().await.unwrap());
    let doctor = sessions::authenticate(app, place.clinic.nobody(), &begun.cookie).await.unwrap().context;
    assert_eq!(factors::own(app, &doctor).await.unwrap()["provider"]["en"], "Riverside account");
    let prove = async || {
        let begun = begin_proof(app, &doctor).await.unwrap();
        assert_eq!(
            (parameter(&begun.url, "prompt"), parameter(&begun.url, "max_age")),
            ("login".into(), "0".into())
        );
        place.visits(&begun);
        place.finish(&begun, returned(&begun)).await
    };
    let Finished::Proved(text) = prove().await.unwrap() else { panic!("a proof is no sign-in") };
    let proof = Proof { password: None, code: None, passkey: None, provider: Some(text) };
    let stranger = place.clinic.clinician("he.jun", &place.home).await.context;
    assert_eq!(confirm(app, &stranger, &proof).await.unwrap_err().code, "provider.proof");
    confirm(app, &doctor, &proof).await.unwrap();
    assert_eq!(confirm(app, &doctor, &proof).await.unwrap_err().code, "provider.proof", "good once");
    // A provider that let an old session pass, or in which somebody else signed in, proves nothing.
    let now = place.clinic.app.clock.now().0 / 1_000_000;
    place.hospital.says("auth_time", json!(now - 3600));
    assert!(prove().await.unwrap_err().message.contains("ask again"));
    place.hospital.says("auth_time", json!(now));
    place.hospital.says("sub", json!("u-2"));
    assert!(prove().await.unwrap_err().message.contains("somebody else"));
}
