//! Stories of passkeys: made, used, refused, taken away.

use bianque_model::{Actor, Role};
use serde_json::Value;

use super::soft_key::SoftKey;
use super::{begin, challenge_for_proof, challenge_for_sign_in, finish, remove, rename};
use crate::ErrorKind;
use crate::identity::device::Browser;
use crate::identity::proof::{self, Proof};
use crate::identity::rules::{self, Rules};
use crate::identity::second_step::{self, Shown};
use crate::identity::sign_in::{self, Outcome};
use crate::identity::tests::{actor_of, asked, audited, typed};
use crate::identity::{factors, sessions};
use crate::testing::{Clinic, Doctor, PASSWORD};

type Spoil = fn(&mut SoftKey);

async fn enrolled(clinic: &Clinic, doctor: &Doctor) -> SoftKey {
    let mut key = SoftKey::new();
    let begun = begin(&clinic.app, &doctor.context).await.unwrap();
    finish(&clinic.app, &doctor.context, key.register(&begun, "Laptop")).await.unwrap();
    key
}

async fn open() -> (Clinic, Doctor) {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    (clinic, doctor)
}

async fn challenge(clinic: &Clinic) -> Value {
    challenge_for_sign_in(&clinic.app, &clinic.nobody()).await.unwrap()
}

async fn sign_in_with(clinic: &Clinic, key: &mut SoftKey) -> Result<sessions::Begun, crate::Error> {
    let assertion = key.assert(&challenge(clinic).await);
    sign_in::by_passkey(&clinic.app, &clinic.nobody(), &Browser::default(), assertion).await
}

#[tokio::test]
async fn a_passkey_signs_in_alone_and_is_audited() {
    let (clinic, doctor) = open().await;
    let mut key = enrolled(&clinic, &doctor).await;
    let begun = sign_in_with(&clinic, &mut key).await.unwrap();
    assert_eq!(actor_of(&clinic, &begun.cookie).await, doctor.context.actor);
    let shown = factors::own(&clinic.app, &doctor.context).await.unwrap();
    assert_eq!(shown["passkeys"][0]["name"], "Laptop");
    assert!(shown["passkeys"][0]["used_at"].is_string());
    assert_eq!(shown["recovery_codes"], 10);
    assert_eq!(shown["passkey_address"], "https://clinic.example");
    assert_eq!(audited(&clinic, "factor.add-passkey").await.len(), 1);
    assert_eq!(audited(&clinic, "session.begin").await[0].detail, "by passkey");
}

#[tokio::test]
async fn what_is_not_right_about_a_passkey_is_refused() {
    let (clinic, doctor) = open().await;
    let mut key = enrolled(&clinic, &doctor).await;
    let spoil: [(&str, Spoil); 4] = [
        ("another page", |key| key.origin = "https://clinic.example.evil.example".into()),
        ("another installation", |key| key.party = "evil.example".into()),
        ("nobody verified", |key| key.verifies = false),
        ("another port", |key| key.origin = "https://clinic.example:8443".into()),
    ];
    for (what, spoil) in spoil {
        let (origin, party) = (key.origin.clone(), key.party.clone());
        spoil(&mut key);
        let error = sign_in_with(&clinic, &mut key).await.unwrap_err();
        assert_eq!((error.kind, error.code), (ErrorKind::SignIn, "passkey.wrong"), "{what}");
        (key.origin, key.party, key.verifies) = (origin, party, true);
    }
    let stranger = sign_in_with(&clinic, &mut SoftKey::new()).await.unwrap_err();
    assert_eq!(stranger.code, "passkey.wrong");
    let failures = audited(&clinic, "session.begin").await.into_iter().filter(|row| !row.success).count();
    assert_eq!(failures, 5);
    sign_in_with(&clinic, &mut key).await.unwrap();
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_within_minutes_and_for_what_it_was_made() {
    let (clinic, doctor) = open().await;
    let mut key = enrolled(&clinic, &doctor).await;
    let browser = Browser::default();
    let answered = key.assert(&challenge(&clinic).await);
    sign_in::by_passkey(&clinic.app, &clinic.nobody(), &browser, answered.clone()).await.unwrap();
    let again = sign_in::by_passkey(&clinic.app, &clinic.nobody(), &browser, answered).await.unwrap_err();
    assert_eq!(again.code, "passkey.over");
    let late = key.assert(&challenge(&clinic).await);
    let for_proof = key.assert(&challenge_for_proof(&clinic.app, &doctor.context).await.unwrap());
    let error = sign_in::by_passkey(&clinic.app, &clinic.nobody(), &browser, for_proof).await.unwrap_err();
    assert_eq!(error.code, "passkey.wrong");
    clinic.clock.pass(5 * 60);
    let error = sign_in::by_passkey(&clinic.app, &clinic.nobody(), &browser, late).await.unwrap_err();
    assert_eq!(error.code, "passkey.over");
}

#[tokio::test]
async fn a_copied_key_is_found_by_its_count() {
    let (clinic, doctor) = open().await;
    let mut key = enrolled(&clinic, &doctor).await;
    key.count = 7;
    sign_in_with(&clinic, &mut key).await.unwrap();
    let error = sign_in_with(&clinic, &mut key).await.unwrap_err();
    assert_eq!(error.code, "passkey.wrong");
    key.count = 8;
    sign_in_with(&clinic, &mut key).await.unwrap();
}

#[tokio::test]
async fn a_passkey_is_the_second_step_of_its_owner_only() {
    let (clinic, doctor) = open().await;
    let wang = clinic.clinician("wang", &doctor.account.organization).await;
    let mut key = enrolled(&clinic, &doctor).await;
    let mut other = enrolled(&clinic, &wang).await;
    let begun = asked(&clinic, "li.na").await;
    assert_eq!(begun["ways"], serde_json::json!(["passkey", "recovery_code"]));
    let show = |assertion| Shown {
        token: begun["token"].as_str().unwrap().into(),
        code: None,
        recovery_code: None,
        passkey: Some(assertion),
    };
    let theirs = show(other.assert(&challenge(&clinic).await));
    let browser = Browser::default();
    let error = second_step::finish(&clinic.app, &clinic.nobody(), &browser, theirs).await.unwrap_err();
    assert_eq!(error.code, "passkey.wrong");
    let own = show(key.assert(&challenge(&clinic).await));
    let in_ = second_step::finish(&clinic.app, &clinic.nobody(), &browser, own).await.unwrap();
    assert_eq!(actor_of(&clinic, &in_.cookie).await, doctor.context.actor);
}

#[tokio::test]
async fn a_passkey_proves_again_who_its_owner_is() {
    let (clinic, doctor) = open().await;
    let mut key = enrolled(&clinic, &doctor).await;
    let proof = |assertion| Proof { password: None, code: None, passkey: Some(assertion), provider: None };
    let begun = challenge_for_proof(&clinic.app, &doctor.context).await.unwrap();
    assert_eq!(begun["options"]["allowCredentials"].as_array().unwrap().len(), 1);
    proof::confirm(&clinic.app, &doctor.context, &proof(key.assert(&begun))).await.unwrap();
    // A challenge of the door is none of a session.
    let door = proof(key.assert(&challenge(&clinic).await));
    assert_eq!(proof::confirm(&clinic.app, &doctor.context, &door).await.unwrap_err().code, "passkey.wrong");
}

#[tokio::test]
async fn passkeys_are_renamed_and_taken_away_by_their_owner() {
    let (clinic, doctor) = open().await;
    let wang = clinic.clinician("wang", &doctor.account.organization).await;
    let mut key = enrolled(&clinic, &doctor).await;
    let shown = factors::own(&clinic.app, &doctor.context).await.unwrap();
    let id = shown["passkeys"][0]["id"].as_str().unwrap().to_owned();
    let name = || super::Renaming { name: "Telephone".into() };
    assert_eq!(rename(&clinic.app, &wang.context, &id, name()).await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(remove(&clinic.app, &wang.context, &id).await.unwrap_err().kind, ErrorKind::NotFound);
    let renamed = rename(&clinic.app, &doctor.context, &id, name()).await.unwrap();
    assert_eq!(renamed["passkey"]["name"], "Telephone");
    remove(&clinic.app, &doctor.context, &id).await.unwrap();
    assert_eq!(sign_in_with(&clinic, &mut key).await.unwrap_err().code, "passkey.wrong");
    // With the last factor its recovery codes go, and the password is enough again.
    let outcome =
        sign_in::sign_in(&clinic.app, &clinic.nobody(), &Browser::default(), typed("li.na", PASSWORD)).await;
    assert!(matches!(outcome.unwrap(), Outcome::In(_)));
    assert_eq!(factors::own(&clinic.app, &doctor.context).await.unwrap()["recovery_codes"], 0);
}

#[tokio::test]
async fn the_last_factor_of_a_role_that_has_to_have_one_stays() {
    let (clinic, doctor) = open().await;
    enrolled(&clinic, &doctor).await;
    let root = clinic.administrator("root", &doctor.account.organization).await;
    rules::set(&clinic.app, &root, Rules { second_factor: vec![Role::Clinician] }).await.unwrap();
    let shown = factors::own(&clinic.app, &doctor.context).await.unwrap();
    let id = shown["passkeys"][0]["id"].as_str().unwrap();
    assert_eq!(remove(&clinic.app, &doctor.context, id).await.unwrap_err().code, "factor.required");
    enrolled(&clinic, &doctor).await;
    remove(&clinic.app, &doctor.context, id).await.unwrap();
}

#[tokio::test]
async fn who_is_locked_out_does_not_come_in_by_passkey() {
    let (clinic, doctor) = open().await;
    let mut key = enrolled(&clinic, &doctor).await;
    let root = clinic.administrator("root", &doctor.account.organization).await;
    let off = crate::admin::users::Changing { active: Some(false), ..Default::default() };
    crate::admin::users::change(&clinic.app, &root, doctor.account.id, off).await.unwrap();
    assert_eq!(sign_in_with(&clinic, &mut key).await.unwrap_err().code, "login.wrong");
    assert!(matches!(root.actor, Actor::Administrator { .. }));
}
