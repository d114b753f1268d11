//! Stories of sessions: seen, ended, proved again.

use bianque_model::{Actor, Context};

use super::{actor_of, audited, sign_in, typed};
use crate::ErrorKind;
use crate::identity::device::{Browser, Device};
use crate::identity::proof::{self, Proof};
use crate::identity::sign_in::{self as door, Outcome};
use crate::identity::{one_click, own_sessions, sessions};
use crate::live::Ended;
use crate::testing::{Clinic, PASSWORD};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn sign_in_from(clinic: &Clinic, address: &str, agent: &str) -> String {
    let context = Context { address: address.into(), ..clinic.nobody() };
    let browser = Browser { device: Device::of(agent), secret: None };
    match door::sign_in(&clinic.app, &context, &browser, typed("li.na", PASSWORD)).await.unwrap() {
        Outcome::In(begun) => begun.cookie,
        Outcome::Asked(_) => panic!("a second step is asked for"),
    }
}

#[tokio::test]
async fn somebody_sees_where_they_are_signed_in_and_ends_what_they_do_not_know() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let there = sign_in_from(&clinic, "198.51.100.9", "something else").await;
    clinic.clock.pass(60);
    let here = sign_in_from(&clinic, "192.0.2.7", FIREFOX).await;
    let context = Context { now: clinic.app.clock.now(), ..doctor.context.clone() };
    let shown = own_sessions::list(&clinic.app, &context, Some(&here)).await.unwrap();
    let [first, second] = shown["sessions"].as_array().unwrap().as_slice() else { panic!("{shown}") };
    assert_eq!((&first["browser"], &first["system"]), (&"Firefox".into(), &"Windows".into()));
    assert_eq!((&first["address"], &first["this"]), (&"192.0.2.7".into(), &true.into()));
    assert_eq!((&second["browser"], &second["this"]), (&"".into(), &false.into()));
    assert_eq!(second["first_seen"], "2026-01-05T08:00:00.000Z");
    let mut ended = clinic.app.live.watch_ended();
    own_sessions::end_one(&clinic.app, &context, second["id"].as_str().unwrap()).await.unwrap();
    assert_eq!(actor_of(&clinic, &there).await, Actor::Anonymous);
    assert_ne!(actor_of(&clinic, &here).await, Actor::Anonymous);
    assert_eq!(ended.try_recv().unwrap(), Ended { tenant: context.tenant, user: doctor.account.id });
    assert_eq!(audited(&clinic, "session.end").await[0].entity, format!("User/{}", doctor.account.id));
}

#[tokio::test]
async fn all_others_are_ended_at_once_and_nobody_elses() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let wang = clinic.clinician("wang", &home).await;
    let theirs = sign_in(&clinic.app, &clinic.nobody(), typed("wang", PASSWORD)).await.unwrap().cookie;
    let (there, here) =
        (sign_in_from(&clinic, "192.0.2.8", "").await, sign_in_from(&clinic, "192.0.2.7", "").await);
    let of_wang = own_sessions::list(&clinic.app, &wang.context, None).await.unwrap();
    let id = of_wang["sessions"][0]["id"].as_str().unwrap();
    let error = own_sessions::end_one(&clinic.app, &doctor.context, id).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    own_sessions::end_others(&clinic.app, &doctor.context, Some(&here)).await.unwrap();
    assert_eq!(actor_of(&clinic, &there).await, Actor::Anonymous);
    assert_ne!(actor_of(&clinic, &here).await, Actor::Anonymous);
    assert_ne!(actor_of(&clinic, &theirs).await, Actor::Anonymous);
}

#[tokio::test]
async fn an_administrator_signs_a_user_out_everywhere_and_a_clinician_does_not() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let wang = clinic.clinician("wang", &home).await;
    let root = clinic.administrator("root", &home).await;
    let cookie = sign_in_from(&clinic, "192.0.2.7", FIREFOX).await;
    let user = doctor.account.id;
    let listed = own_sessions::list_of(&clinic.app, &root, user).await.unwrap();
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 1);
    for refused in [
        own_sessions::list_of(&clinic.app, &wang.context, user).await.unwrap_err(),
        own_sessions::end_all_of(&clinic.app, &wang.context, user).await.unwrap_err(),
    ] {
        assert_eq!(refused.kind, ErrorKind::Forbidden);
    }
    own_sessions::end_all_of(&clinic.app, &root, user).await.unwrap();
    assert_eq!(actor_of(&clinic, &cookie).await, Actor::Anonymous);
    assert_eq!(audited(&clinic, "session.end-all").await.len(), 1);
}

#[tokio::test]
async fn a_proof_is_fresh_for_ten_minutes_and_is_renewed_by_another() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("li.na", &home).await;
    let cookie = sign_in_from(&clinic, "192.0.2.7", FIREFOX).await;
    let holder = || async { sessions::authenticate(&clinic.app, clinic.nobody(), &cookie).await.unwrap() };
    let fresh = || async { holder().await.standing.unwrap().proof_is_fresh };
    assert!(fresh().await);
    clinic.clock.pass(10 * 60);
    assert!(!fresh().await);
    let proof =
        |password: &str| Proof { password: Some(password.into()), code: None, passkey: None, provider: None };
    let context = holder().await.context;
    let error = proof::renew(&clinic.app, &context, &cookie, proof("a wrong guess")).await.unwrap_err();
    assert_eq!(error.code, "password.wrong");
    assert!(!fresh().await);
    proof::renew(&clinic.app, &context, &cookie, proof(PASSWORD)).await.unwrap();
    assert!(fresh().await);
    // Nobody renews the session of somebody else.
    let wang = clinic.clinician("wang", &home).await;
    let error = proof::renew(&clinic.app, &wang.context, &cookie, proof(PASSWORD)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::SignIn);
}

#[tokio::test]
async fn one_click_counts_as_a_proof_in_the_demo() {
    let demo = Clinic::with(|settings| settings.demo = true);
    let home = demo.organization("Riverside").await;
    demo.clinician("li.na", &home).await;
    let begun = one_click::be(&demo.app, &demo.nobody(), &Browser::default(), "li.na").await.unwrap();
    let holder = sessions::authenticate(&demo.app, demo.nobody(), &begun.cookie).await.unwrap();
    assert!(holder.standing.unwrap().proof_is_fresh);
    assert!(begun.browser.is_none(), "a click is no reason to know a browser");
}
