//! Stories of the second step: set up, asked for, lost, required.

use bianque_model::{Context, Role};
use data_encoding::BASE32_NOPAD;
use serde_json::Value;

use super::{actor_of, asked, audited, sign_in, typed};
use crate::admin::users;
use crate::identity::authenticator_app::{self, Typed};
use crate::identity::device::Browser;
use crate::identity::factors::Factors;
use crate::identity::password_links::{self, Choice};
use crate::identity::proof::{self, Proof};
use crate::identity::rules::{self, Rules};
use crate::identity::second_step::{self, Shown};
use crate::identity::sessions::{self, Begun};
use crate::identity::sign_in::Outcome;
use crate::identity::{factors, recovery_codes, totp};
use crate::testing::{Clinic, Doctor, PASSWORD};
use crate::{Error, ErrorKind};

/// An authenticator app.
struct Telephone {
    key: Vec<u8>,
}

impl Telephone {
    fn code(&self, clinic: &Clinic) -> String {
        totp::code_of(&self.key, totp::step_of(clinic.app.clock.now()))
    }
}

fn now(clinic: &Clinic, doctor: &Doctor) -> Context {
    Context { now: clinic.app.clock.now(), ..doctor.context.clone() }
}

/// Sets the app up; its recovery codes.
async fn set_up(clinic: &Clinic, doctor: &Doctor) -> (Telephone, Vec<String>) {
    let offered = authenticator_app::offer(&clinic.app, &now(clinic, doctor)).await.unwrap();
    let key = BASE32_NOPAD.decode(offered["secret"].as_str().unwrap().as_bytes()).unwrap();
    let telephone = Telephone { key };
    let typed = Typed { code: telephone.code(clinic) };
    let answer = authenticator_app::confirm(&clinic.app, &now(clinic, doctor), typed).await.unwrap();
    clinic.clock.pass(30);
    (telephone, serde_json::from_value(answer["recovery_codes"].clone()).unwrap())
}

async fn open() -> (Clinic, Doctor) {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    (clinic, doctor)
}

async fn show(
    clinic: &Clinic,
    begun: &Value,
    code: Option<&str>,
    recovery: Option<&str>,
) -> Result<Begun, Error> {
    let shown = Shown {
        token: begun["token"].as_str().unwrap().into(),
        code: code.map(str::to_owned),
        recovery_code: recovery.map(str::to_owned),
        passkey: None,
    };
    second_step::finish(&clinic.app, &clinic.nobody(), &Browser::default(), shown).await
}

#[tokio::test]
async fn an_app_counts_once_a_code_of_it_was_given() {
    let (clinic, doctor) = open().await;
    let offered = authenticator_app::offer(&clinic.app, &doctor.context).await.unwrap();
    assert!(
        offered["uri"].as_str().unwrap().starts_with("otpauth://totp/Bianque:li.na@clinic.example?secret=")
    );
    // Offered is not set up.
    sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap();
    let wrong = Typed { code: "000000".into() };
    let error = authenticator_app::confirm(&clinic.app, &doctor.context, wrong).await.unwrap_err();
    assert_eq!((error.kind, error.code), (ErrorKind::Refused, "code.wrong"));
    let (_, codes) = set_up(&clinic, &doctor).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(asked(&clinic, "li.na").await["ways"], serde_json::json!(["code", "recovery_code"]));
    assert_eq!(audited(&clinic, "factor.add-totp").await.len(), 1);
}

#[tokio::test]
async fn an_offer_that_was_not_taken_up_is_over() {
    let (clinic, doctor) = open().await;
    let offered = authenticator_app::offer(&clinic.app, &doctor.context).await.unwrap();
    let key = BASE32_NOPAD.decode(offered["secret"].as_str().unwrap().as_bytes()).unwrap();
    clinic.clock.pass(15 * 60);
    let code = Telephone { key }.code(&clinic);
    let context = now(&clinic, &doctor);
    let error = authenticator_app::confirm(&clinic.app, &context, Typed { code }).await.unwrap_err();
    assert_eq!(error.code, "totp.over");
}

#[tokio::test]
async fn the_key_of_an_app_lies_sealed() {
    let (clinic, doctor) = open().await;
    let (telephone, codes) = set_up(&clinic, &doctor).await;
    let id = doctor.account.id.to_string();
    let kept = clinic.app.load::<Factors>(doctor.context.tenant, &id).await.unwrap().unwrap().value;
    let text = serde_json::to_string(&kept).unwrap();
    assert!(!text.contains(&BASE32_NOPAD.encode(&telephone.key)));
    assert!(codes.iter().all(|code| !text.contains(code.as_str())));
    let sealed = kept.app.unwrap().key;
    assert_eq!(clinic.app.secrets.unseal(&format!("totp|{id}"), &sealed).unwrap(), telephone.key);
}

#[tokio::test]
async fn a_code_signs_in_once_and_both_steps_are_needed() {
    let (clinic, doctor) = open().await;
    let (telephone, _) = set_up(&clinic, &doctor).await;
    let first = asked(&clinic, "li.na").await;
    let second = asked(&clinic, "li.na").await;
    let code = telephone.code(&clinic);
    let error = show(&clinic, &serde_json::json!({"token": "made up"}), Some(&code), None).await.unwrap_err();
    assert_eq!(error.code, "second-step.over");
    let begun = show(&clinic, &first, Some(&code), None).await.unwrap();
    assert_eq!(actor_of(&clinic, &begun.cookie).await, doctor.context.actor);
    // Neither the code nor the first step is good again.
    assert_eq!(show(&clinic, &second, Some(&code), None).await.unwrap_err().code, "code.wrong");
    clinic.clock.pass(30);
    let fresh = telephone.code(&clinic);
    assert_eq!(show(&clinic, &first, Some(&fresh), None).await.unwrap_err().code, "second-step.over");
    show(&clinic, &second, Some(&fresh), None).await.unwrap();
    let failures = audited(&clinic, "session.second-step").await;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].entity, format!("User/{}", doctor.account.id));
}

#[tokio::test]
async fn a_code_given_twice_at_once_is_accepted_once() {
    let (clinic, doctor) = open().await;
    let (telephone, _) = set_up(&clinic, &doctor).await;
    let (one, other) = (asked(&clinic, "li.na").await, asked(&clinic, "li.na").await);
    let code = telephone.code(&clinic);
    let both = tokio::join!(show(&clinic, &one, Some(&code), None), show(&clinic, &other, Some(&code), None));
    assert_eq!([both.0.is_ok(), both.1.is_ok()].iter().filter(|ok| **ok).count(), 1);
}

#[tokio::test]
async fn codes_are_guessed_as_little_as_passwords() {
    let (clinic, doctor) = open().await;
    let (telephone, _) = set_up(&clinic, &doctor).await;
    let begun = asked(&clinic, "li.na").await;
    for _ in 0..5 {
        assert_eq!(show(&clinic, &begun, Some("000000"), None).await.unwrap_err().code, "code.wrong");
    }
    // The password, again and again, takes nothing of that back.
    let again = asked(&clinic, "li.na").await;
    let right = telephone.code(&clinic);
    assert_eq!(show(&clinic, &again, Some(&right), None).await.unwrap_err().code, "login.attempts");
    // An hour of it, from another network each time: ten are free, then one in fifteen minutes.
    let mut looked_at = 0;
    let mut begun = again;
    for n in 0..360_u32 {
        if n % 24 == 0 {
            begun = asked(&clinic, "li.na").await;
        }
        let context = Context { address: format!("198.51.{}.7", n % 250), ..clinic.nobody() };
        let shown = Shown {
            token: begun["token"].as_str().unwrap().into(),
            code: Some("000000".into()),
            recovery_code: None,
            passkey: None,
        };
        let error = second_step::finish(&clinic.app, &context, &Browser::default(), shown).await.unwrap_err();
        looked_at += u32::from(error.code == "code.wrong");
        clinic.clock.pass(10);
    }
    assert!(looked_at <= 18, "{looked_at} of 360 were looked at");
}

#[tokio::test]
async fn recovery_codes_are_good_once_each_until_there_is_a_new_set() {
    let (clinic, doctor) = open().await;
    let (_, codes) = set_up(&clinic, &doctor).await;
    let typed_loosely = codes[0].to_uppercase().replace('-', " ");
    show(&clinic, &asked(&clinic, "li.na").await, None, Some(&typed_loosely)).await.unwrap();
    let error = show(&clinic, &asked(&clinic, "li.na").await, None, Some(&codes[0])).await.unwrap_err();
    assert_eq!(error.code, "code.wrong");
    assert_eq!(factors::own(&clinic.app, &doctor.context).await.unwrap()["recovery_codes"], 9);
    let renewed = recovery_codes::renew(&clinic.app, &doctor.context).await.unwrap();
    let error = show(&clinic, &asked(&clinic, "li.na").await, None, Some(&codes[1])).await.unwrap_err();
    assert_eq!(error.code, "code.wrong");
    let fresh = renewed["recovery_codes"][0].as_str().unwrap();
    show(&clinic, &asked(&clinic, "li.na").await, None, Some(fresh)).await.unwrap();
    assert_eq!(audited(&clinic, "factor.recovery-codes").await.len(), 1);
}

#[tokio::test]
async fn somebody_elses_recovery_code_is_none() {
    let (clinic, doctor) = open().await;
    let wang = clinic.clinician("wang", &doctor.account.organization).await;
    set_up(&clinic, &doctor).await;
    let (_, theirs) = set_up(&clinic, &wang).await;
    let error = show(&clinic, &asked(&clinic, "li.na").await, None, Some(&theirs[0])).await.unwrap_err();
    assert_eq!(error.code, "code.wrong");
}

#[tokio::test]
async fn a_password_link_does_not_go_round_the_second_step() {
    let (clinic, doctor) = open().await;
    let (telephone, _) = set_up(&clinic, &doctor).await;
    let root = clinic.administrator("root", &doctor.account.organization).await;
    let link = users::password_link(&clinic.app, &root, doctor.account.id).await.unwrap();
    let token = link["password_link"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
    let choice = Choice { token, password: "seven green boats".into() };
    let outcome =
        password_links::choose(&clinic.app, &clinic.nobody(), &Browser::default(), choice).await.unwrap();
    let Outcome::Asked(asked) = outcome else { panic!("in without a second step") };
    show(&clinic, &asked.shown, Some(&telephone.code(&clinic)), None).await.unwrap();
}

#[tokio::test]
async fn a_code_proves_who_one_is_once() {
    let (clinic, doctor) = open().await;
    let (telephone, _) = set_up(&clinic, &doctor).await;
    let proof = |code: String| Proof { password: None, code: Some(code), passkey: None, provider: None };
    let context = now(&clinic, &doctor);
    proof::confirm(&clinic.app, &context, &proof(telephone.code(&clinic))).await.unwrap();
    let error = proof::confirm(&clinic.app, &context, &proof(telephone.code(&clinic))).await.unwrap_err();
    assert_eq!(error.code, "code.wrong");
}

#[tokio::test]
async fn who_lost_everything_gets_it_reset_by_an_administrator() {
    let (clinic, doctor) = open().await;
    set_up(&clinic, &doctor).await;
    let root = clinic.administrator("root", &doctor.account.organization).await;
    let listed = users::list(&clinic.app, &root).await.unwrap();
    let of = |login: &str| {
        let users = listed["users"].as_array().unwrap();
        users.iter().find(|user| user["login"] == login).unwrap()["second_factor"].clone()
    };
    assert_eq!((of("li.na"), of("root")), (true.into(), false.into()));
    let refused =
        users::reset_second_factor(&clinic.app, &doctor.context, doctor.account.id).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    users::reset_second_factor(&clinic.app, &root, doctor.account.id).await.unwrap();
    sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap();
    assert_eq!(audited(&clinic, "factor.reset").await.len(), 1);
}

#[tokio::test]
async fn a_role_that_has_to_have_a_second_factor_sets_one_up_first() {
    let (clinic, doctor) = open().await;
    let root = clinic.administrator("root", &doctor.account.organization).await;
    let wanted = |roles: &[Role]| Rules { second_factor: roles.to_vec() };
    // Not of oneself without having one.
    let error = rules::set(&clinic.app, &root, wanted(&[Role::Administrator])).await.unwrap_err();
    assert_eq!(error.code, "factor.own-first");
    assert_eq!(
        rules::set(&clinic.app, &root, wanted(&[Role::Patient])).await.unwrap_err().code,
        "field.code"
    );
    assert_eq!(
        rules::set(&clinic.app, &doctor.context, wanted(&[])).await.unwrap_err().kind,
        ErrorKind::Forbidden
    );
    let begun = sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap();
    assert_eq!(begun.shown["factor_needed"], false);
    rules::set(&clinic.app, &root, wanted(&[Role::Clinician])).await.unwrap();
    let missing = || async {
        let holder = sessions::authenticate(&clinic.app, clinic.nobody(), &begun.cookie).await.unwrap();
        holder.standing.unwrap().factor_is_missing
    };
    assert!(missing().await, "also in a session that was open");
    set_up(&clinic, &doctor).await;
    assert!(!missing().await);
    let error = authenticator_app::remove(&clinic.app, &now(&clinic, &doctor)).await.unwrap_err();
    assert_eq!(error.code, "factor.required");
    rules::set(&clinic.app, &root, wanted(&[])).await.unwrap();
    authenticator_app::remove(&clinic.app, &now(&clinic, &doctor)).await.unwrap();
    sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap();
    assert_eq!(audited(&clinic, "sign-in.rules").await.len(), 2);
}
