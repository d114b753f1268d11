//! Stories of coming in, staying and being kept out.

use bianque_model::{Actor, Context, Role, TenantId};
use bianque_store::{AuditQuery, AuditRow};

use super::device::Browser;
use super::password_links::{self, Choice, Replacement};
use super::sessions::Begun;
use super::setup::{self, FirstUse, Institution};
use super::sign_in::{self, Credentials, Outcome};
use super::{accounts, one_click, sessions, tokens};
use crate::admin::users;
use crate::testing::{Clinic, PASSWORD};
use crate::{Change, Error, ErrorKind};

mod guessing;
mod own_sessions;
mod second_factor;

pub(super) fn typed(login: &str, password: &str) -> Credentials {
    Credentials { login: login.into(), password: password.into() }
}

pub(super) async fn audited(clinic: &Clinic, operation: &str) -> Vec<AuditRow> {
    let rows =
        clinic.app.store.audit(TenantId::FIRST, AuditQuery { limit: 100, ..AuditQuery::default() }).await;
    rows.unwrap().into_iter().map(|(_, row)| row).filter(|row| row.operation == operation).collect()
}

pub(super) async fn actor_of(clinic: &Clinic, cookie: &str) -> Actor {
    sessions::authenticate(&clinic.app, clinic.nobody(), cookie).await.unwrap().context.actor
}

async fn refused(clinic: &Clinic, login: &str, password: &str) -> Error {
    sign_in::sign_in(&clinic.app, &clinic.nobody(), &Browser::default(), typed(login, password))
        .await
        .unwrap_err()
}

/// Signs in with a password that is enough.
async fn sign_in(app: &crate::App, context: &Context, credentials: Credentials) -> Result<Begun, Error> {
    match sign_in::sign_in(app, context, &Browser::default(), credentials).await? {
        Outcome::In(begun) => Ok(begun),
        Outcome::Asked(asked) => panic!("a second step is asked for: {}", asked.shown),
    }
}

/// Knows the password; what is asked for then.
pub(super) async fn asked(clinic: &Clinic, login: &str) -> serde_json::Value {
    let credentials = typed(login, PASSWORD);
    match sign_in::sign_in(&clinic.app, &clinic.nobody(), &Browser::default(), credentials).await.unwrap() {
        Outcome::In(_) => panic!("{login} came in without a second step"),
        Outcome::Asked(asked) => asked.shown,
    }
}

#[tokio::test]
async fn a_clinician_signs_in_and_out_and_both_are_audited() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let begun = sign_in(&clinic.app, &clinic.nobody(), typed("LI.NA", PASSWORD)).await.unwrap();
    assert_eq!(begun.shown["user"]["organization"]["name"], "Riverside");
    assert_eq!(actor_of(&clinic, &begun.cookie).await, doctor.context.actor);
    let holder = sessions::authenticate(&clinic.app, clinic.nobody(), &begun.cookie).await.unwrap();
    assert_eq!(holder.standing.unwrap().csrf, begun.shown["csrf"].as_str().unwrap());
    sessions::end(&clinic.app, &holder.context, &begun.cookie).await.unwrap();
    assert_eq!(actor_of(&clinic, &begun.cookie).await, Actor::Anonymous);
    assert_eq!(audited(&clinic, "session.begin").await.len(), 1);
    assert_eq!(audited(&clinic, "session.end").await.len(), 1);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_after_half_a_day_however_busy() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("li.na", &home).await;
    let begun = sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap();
    for _ in 0..(12 * 60 / 29) {
        clinic.clock.pass(29 * 60);
        assert_ne!(actor_of(&clinic, &begun.cookie).await, Actor::Anonymous);
    }
    clinic.clock.pass(29 * 60);
    assert_eq!(actor_of(&clinic, &begun.cookie).await, Actor::Anonymous, "half a day is over");
    let begun = sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap();
    clinic.clock.pass(30 * 60);
    assert_eq!(actor_of(&clinic, &begun.cookie).await, Actor::Anonymous, "idle for half an hour");
}

#[tokio::test]
async fn the_last_use_of_a_session_is_written_once_a_minute() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("li.na", &home).await;
    let begun = sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap();
    let id = super::stored_form(&clinic.app, "session", &begun.cookie);
    for _ in 0..120 {
        clinic.clock.pass(1);
        actor_of(&clinic, &begun.cookie).await;
    }
    let session = clinic.app.load::<sessions::Session>(TenantId::FIRST, &id).await.unwrap().unwrap();
    assert_eq!(session.version, 3);
}

#[tokio::test]
async fn who_is_locked_out_is_signed_out_everywhere() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let administrator = clinic.administrator("root", &home).await;
    let begun = sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap();
    let off = users::Changing { active: Some(false), ..users::Changing::default() };
    users::change(&clinic.app, &administrator, doctor.account.id, off).await.unwrap();
    assert_eq!(actor_of(&clinic, &begun.cookie).await, Actor::Anonymous);
    assert_eq!(refused(&clinic, "li.na", PASSWORD).await.code, "login.wrong");
}

#[tokio::test]
async fn a_password_link_is_used_once_and_not_after_three_days() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let administrator = clinic.administrator("root", &home).await;
    let link = || async {
        let answer = users::password_link(&clinic.app, &administrator, doctor.account.id).await.unwrap();
        answer["password_link"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned()
    };
    let choose = |token: String, password: &str| {
        let choice = Choice { token, password: password.into() };
        let (app, nobody) = (clinic.app.clone(), clinic.nobody());
        async move { password_links::choose(&app, &nobody, &Browser::default(), choice).await }
    };
    let token = link().await;
    assert_eq!(choose(token.clone(), "short").await.unwrap_err().code, "password.weak");
    choose(token.clone(), "seven green boats").await.unwrap();
    assert_eq!(choose(token, "nine green boats").await.unwrap_err().code, "password-link.over");
    sign_in(&clinic.app, &clinic.nobody(), typed("li.na", "seven green boats")).await.unwrap();
    let (one, other) = (link().await, link().await);
    let both = tokio::join!(choose(one.clone(), "nine green boats"), choose(one, "nine green ships"));
    assert_eq!([&both.0, &both.1].iter().filter(|answer| answer.is_ok()).count(), 1, "{both:?}");
    clinic.clock.pass(72 * 3600);
    assert_eq!(choose(other, "nine green boats").await.unwrap_err().code, "password-link.over");
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let here = sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap().cookie;
    let there = sign_in(&clinic.app, &clinic.nobody(), typed("li.na", PASSWORD)).await.unwrap().cookie;
    let change = |current: &str| {
        let replacement = Replacement { current: current.into(), new: "seven green boats".into() };
        let (app, context, here) = (clinic.app.clone(), doctor.context.clone(), here.clone());
        async move { password_links::replace(&app, &context, Some(&here), replacement).await }
    };
    assert_eq!(change("a wrong guess").await.unwrap_err().code, "password.wrong");
    change(PASSWORD).await.unwrap();
    assert_ne!(actor_of(&clinic, &here).await, Actor::Anonymous);
    assert_eq!(actor_of(&clinic, &there).await, Actor::Anonymous);
}

#[tokio::test]
async fn a_server_is_set_up_once_by_its_newest_link() {
    let clinic = Clinic::open();
    let old = setup::ensure(&clinic.app).await.unwrap().unwrap();
    let link = setup::ensure(&clinic.app).await.unwrap().unwrap();
    let first = |link: &str| FirstUse {
        token: link.rsplit_once('/').unwrap().1.into(),
        name: "王芳".into(),
        login: "wang.fang".into(),
        password: "seven green boats".into(),
        institution: Institution { name: "Riverside".into(), city: String::new() },
    };
    let complete = |first: FirstUse| async {
        setup::complete(&clinic.app, &clinic.nobody(), &Browser::default(), first).await
    };
    assert_eq!(complete(first(&old)).await.unwrap_err().code, "setup.invalid");
    let begun = complete(first(&link)).await.unwrap();
    assert!(matches!(actor_of(&clinic, &begun.cookie).await, Actor::Administrator { .. }));
    assert_eq!(complete(first(&link)).await.unwrap_err().code, "setup.invalid");
    assert!(setup::ensure(&clinic.app).await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_is_good_at_once_until_it_ends_and_is_kept_as_a_digest() {
    let clinic = Clinic::open();
    let text =
        tokens::create(&clinic.app, TenantId::FIRST, "system/*.rs system/Patient.c", 3600).await.unwrap();
    let context = tokens::authenticate(&clinic.app, clinic.nobody(), &text).await.unwrap();
    let Actor::System { scopes, .. } = context.actor else { panic!("{:?}", context.actor) };
    assert_eq!(scopes, ["system/*.rs", "system/Patient.c"]);
    assert!(clinic.app.load::<tokens::Token>(TenantId::FIRST, &text).await.unwrap().is_none());
    let other = format!("{text}x");
    assert_eq!(
        tokens::authenticate(&clinic.app, clinic.nobody(), &other).await.unwrap_err().code,
        "token.unknown"
    );
    clinic.clock.pass(3600);
    assert_eq!(
        tokens::authenticate(&clinic.app, clinic.nobody(), &text).await.unwrap_err().code,
        "token.unknown"
    );
    assert_eq!(
        tokens::create(&clinic.app, TenantId::FIRST, "patient/*.rs", 60).await.unwrap_err().code,
        "scope.invalid"
    );
}

#[tokio::test]
async fn one_click_exists_in_the_demo_only() {
    let serve = Clinic::open();
    assert_eq!(one_click::people(&serve.app, &serve.nobody()).await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(
        one_click::be(&serve.app, &serve.nobody(), &Browser::default(), "li.na").await.unwrap_err().kind,
        ErrorKind::NotFound
    );
    let demo = Clinic::with(|settings| settings.demo = true);
    let home = demo.organization("Riverside").await;
    demo.clinician("li.na", &home).await;
    let people = one_click::people(&demo.app, &demo.nobody()).await.unwrap();
    assert_eq!(people["people"][0]["key"], "li.na");
    one_click::be(&demo.app, &demo.nobody(), &Browser::default(), "li.na").await.unwrap();
}

#[tokio::test]
async fn two_people_cannot_have_one_login() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("li.na", &home).await;
    let administrator = clinic.administrator("root", &home).await;
    let making = users::Making {
        name: "李娜".into(),
        login: "Li.Na".into(),
        role: Role::Clinician,
        organization_id: home,
        registration: "1".into(),
        title: String::new(),
    };
    let error = users::make(&clinic.app, &administrator, making).await.unwrap_err();
    assert_eq!((error.kind, error.code), (ErrorKind::Conflict, "login.taken"));
    assert!(accounts::by_login(&clinic.app, TenantId::FIRST, "LI.NA").await.unwrap().is_some());
}

#[tokio::test]
async fn an_account_that_changed_meanwhile_does_not_stop_a_sign_in() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let nobody = clinic.nobody();
    let both = tokio::join!(
        sign_in(&clinic.app, &nobody, typed("li.na", PASSWORD)),
        sign_in(&clinic.app, &nobody, typed("li.na", PASSWORD)),
    );
    both.0.unwrap();
    both.1.unwrap();
    let context = clinic.server();
    let mut change = Change::new(&clinic.app, &context);
    sessions::end_all(&clinic.app, &context, doctor.account.id, &mut change).await.unwrap();
    change.commit().await.unwrap();
}
