//! Stories of guessing: what is counted, who has to wait, and who has not.

use bianque_model::Context;
use bianque_store::{AuditAction, AuditRow};

use super::{audited, refused, sign_in, typed};
use crate::identity::device::Browser;
use crate::identity::proof::{self, Proof};
use crate::identity::sign_in::{self as door, Outcome};
use crate::testing::{Clinic, PASSWORD};
use crate::{Error, ErrorKind};

fn password(password: &str) -> Proof {
    Proof { password: Some(password.into()), code: None, passkey: None, provider: None }
}

fn from(clinic: &Clinic, address: &str) -> Context {
    Context { address: address.into(), ..clinic.nobody() }
}

async fn guess(clinic: &Clinic, address: &str, login: &str) -> Error {
    let context = from(clinic, address);
    door::sign_in(&clinic.app, &context, &Browser::default(), typed(login, "a wrong guess"))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn wrong_passwords_wait_longer_and_longer_for_known_and_unknown_logins_alike() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("li.na", &home).await;
    for login in ["li.na", "nobody"] {
        for _ in 0..5 {
            let error = refused(&clinic, login, "a wrong guess").await;
            assert_eq!((error.kind, error.code), (ErrorKind::SignIn, "login.wrong"), "{login}");
        }
        let error = refused(&clinic, login, PASSWORD).await;
        assert_eq!(error.kind, ErrorKind::TooMany { retry_after_s: 3 }, "{login}: {error}");
    }
    clinic.clock.pass(2);
    sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap();
    // The right password makes a clean start.
    assert_eq!(refused(&clinic, "li.na", "a wrong guess").await.code, "login.wrong");
    let failures = audited(&clinic, "session.begin").await.into_iter().filter(|row| !row.success);
    let failures: Vec<AuditRow> = failures.collect();
    assert_eq!(failures.len(), 11);
    assert!(failures.iter().all(|row| row.action == AuditAction::E && row.detail.starts_with("login ")));
}

#[tokio::test]
async fn an_address_that_tries_many_logins_has_to_wait_and_another_has_not() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("li.na", &home).await;
    for n in 0..30 {
        assert_eq!(refused(&clinic, &format!("login{n}"), "a wrong guess").await.code, "login.wrong");
    }
    assert_eq!(refused(&clinic, "li.na", PASSWORD).await.code, "login.attempts");
    for address in ["198.51.100.9", "127.0.0.1"] {
        let elsewhere = Context { address: address.into(), ..clinic.nobody() };
        sign_in(&clinic.app, &elsewhere, typed("li.na", PASSWORD)).await.unwrap();
    }
}

#[tokio::test]
async fn guessing_a_password_within_a_session_has_to_wait_too() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    for _ in 0..5 {
        let error =
            proof::confirm(&clinic.app, &doctor.context, &password("a wrong guess")).await.unwrap_err();
        assert_eq!(error.code, "password.wrong");
    }
    let error = proof::confirm(&clinic.app, &doctor.context, &password(PASSWORD)).await.unwrap_err();
    assert_eq!(error.code, "login.attempts");
    // Who is at the door is counted apart.
    sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap();
}

/// The named regression test of password spraying: one password, many logins, from one network.
#[tokio::test]
async fn a_spray_over_many_logins_from_one_network_is_stopped_and_an_own_account_does_not_help_it() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("accomplice", &home).await;
    let mut looked_at = 0;
    for n in 0..600 {
        // A correct sign-in between the guesses takes nothing back but itself.
        if n % 3 == 0 {
            let _ = sign_in(&clinic.app, &clinic.nobody(), typed("accomplice", PASSWORD)).await;
        }
        looked_at +=
            u32::from(refused(&clinic, &format!("login{n}"), "summer 2026").await.code == "login.wrong");
        clinic.clock.pass(1);
    }
    // Thirty are free; then waits of 2, 4, 8 ... seconds let eight more through in ten minutes.
    assert!((30..=38).contains(&looked_at), "{looked_at} guesses of 600 were looked at");
    // Addresses of one subscriber of IPv6 are one network.
    for n in 0..30 {
        guess(&clinic, &format!("2001:db8:0:7::{n:x}"), &format!("other{n}")).await;
    }
    assert_eq!(guess(&clinic, "2001:db8:0:7:ffff::1", "one.more").await.code, "login.attempts");
    assert_eq!(guess(&clinic, "2001:db8:0:8::1", "one.more").await.code, "login.wrong");
}

/// The named regression test of guessing at one account, also from everywhere at once.
#[tokio::test]
async fn an_account_that_the_world_guesses_at_stays_open_to_its_owner() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("li.na", &home).await;
    let at_home = from(&clinic, "203.0.113.5");
    let before = sign_in(&clinic.app, &at_home, typed("li.na", PASSWORD)).await.unwrap();
    let own = Browser { secret: before.browser, ..Browser::default() };
    let mut looked_at = 0;
    // An hour, a guess a second, each from another network.
    for n in 0..3600_u32 {
        let address = format!("198.{}.{}.7", 18 + n / 250, n % 250);
        looked_at += u32::from(guess(&clinic, &address, "li.na").await.code == "login.wrong");
        clinic.clock.pass(1);
    }
    assert!(looked_at <= 20 + 8 + 30, "{looked_at} guesses of 3600 were looked at");
    // The browser that she signed in with before is counted apart.
    let outcome =
        door::sign_in(&clinic.app, &from(&clinic, "203.0.113.5"), &own, typed("li.na", PASSWORD)).await;
    assert!(matches!(outcome.unwrap(), Outcome::In(_)));
    // On another one she waits for two minutes at most.
    guess(&clinic, "198.51.100.77", "li.na").await;
    clinic.clock.pass(120);
    sign_in(&clinic.app, &from(&clinic, "203.0.113.6"), typed("li.na", PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn a_stolen_cookie_of_a_known_browser_is_good_for_few_guesses() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("li.na", &home).await;
    clinic.clinician("wang", &home).await;
    let secret = sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap().browser;
    let thief = Browser { secret, ..Browser::default() };
    let attempt = |login: &'static str, password: &'static str| {
        let (app, context, thief) = (clinic.app.clone(), from(&clinic, "198.51.100.9"), thief.clone());
        async move { door::sign_in(&app, &context, &thief, typed(login, password)).await }
    };
    for _ in 0..10 {
        assert_eq!(attempt("li.na", "a wrong guess").await.unwrap_err().code, "login.wrong");
    }
    assert_eq!(attempt("li.na", "a wrong guess").await.unwrap_err().code, "login.attempts");
    // It is known to her account only.
    for _ in 0..5 {
        assert_eq!(attempt("wang", "a wrong guess").await.unwrap_err().code, "login.wrong");
    }
    assert_eq!(attempt("wang", "a wrong guess").await.unwrap_err().code, "login.attempts");
    // Half a year later it is known to nobody.
    clinic.clock.pass(180 * 24 * 3600);
    for _ in 0..5 {
        attempt("li.na", "a wrong guess").await.unwrap_err();
    }
    assert_eq!(attempt("li.na", "a wrong guess").await.unwrap_err().code, "login.attempts");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_that_come_at_once_are_counted_one_by_one() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("li.na", &home).await;
    let at_once = (0..24).map(|n| {
        let (app, nobody) = (clinic.app.clone(), clinic.nobody());
        // The right one comes last.
        let typed = typed("li.na", if n == 23 { PASSWORD } else { "a wrong guess" });
        tokio::spawn(async move { door::sign_in(&app, &nobody, &Browser::default(), typed).await })
    });
    let mut looked_at = 0;
    for answer in at_once.collect::<Vec<_>>() {
        match answer.await.unwrap() {
            Err(error) if matches!(error.kind, ErrorKind::TooMany { .. }) => {}
            _ => looked_at += 1,
        }
    }
    assert!(looked_at <= 5, "{looked_at} of 24 were looked at");
}
