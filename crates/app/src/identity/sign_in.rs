//! Sign in: login and password, then a second step for who has one; or a passkey alone, which counts as both.

use bianque_model::{Context, UserId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;

use super::accounts::{self, Account};
use super::attempts::{Attempt, Guess};
use super::device::Browser;
use super::passkeys::{self, Assertion};
use super::second_step::{self, Asked};
use super::sessions::{self, Arrival, Begun};
use super::{known_browsers, passwords};
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::secrets::hex;
use crate::{App, Change, Error, ErrorKind};

/// Times a sign-in is begun again because another of the same account came between.
const AGAIN: u32 = 3;
/// What typed logins are hashed for.
const TYPED_LOGIN: &str = "typed-login";

/// What is typed.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The login.
    pub login: String,
    /// The password.
    pub password: String,
}

/// What came of a first step.
#[derive(Debug)]
pub enum Outcome {
    /// A session has begun.
    In(Begun),
    /// A second step is asked for.
    Asked(Asked),
}

/// Signs in, or asks for the second step. A wrong login and a wrong password take as long and answer the same, and whether
/// there is a second step is told to nobody who does not know the password.
pub async fn sign_in(
    app: &App,
    context: &Context,
    browser: &Browser,
    credentials: Credentials,
) -> Result<Outcome, Error> {
    let Credentials { login, password } = credentials;
    if login.len() > 200 || password.len() > passwords::LONGEST {
        return Err(wrong());
    }
    let account =
        accounts::by_login(app, context.tenant, &login).await?.filter(|account| account.value.active);
    let known = match &account {
        Some(account) => {
            known_browsers::find(app, context, account.value.id, browser.secret.as_deref()).await?
        }
        None => None,
    };
    let guess = Guess::Password { login: &login, known: known.as_deref() };
    let attempt = Attempt::begin(app, context, guess).await?;
    let hash = account.as_ref().and_then(|account| account.value.password.as_deref());
    let right = passwords::verify(hash, &password).await?;
    if !right {
        let entity = account.as_ref().map(|account| format!("User/{}", account.value.id)).unwrap_or_default();
        failed(app, context, "session.begin", &entity, &typed(app, &login)).await?;
    }
    let account = account.filter(|_| right).ok_or_else(wrong)?;
    attempt.succeed(app, context).await?;
    first_step_done(app, context, browser, account, Arrival::Proved, "password").await
}

/// What was typed as a login, so that attempts at one can be told apart. It may be a password in the wrong field, so only
/// a keyed hash is kept.
fn typed(app: &App, login: &str) -> String {
    let tag = app.secrets.tag(TYPED_LOGIN, accounts::folded_login(login).as_bytes());
    format!("login hash {}", &hex(&tag)[..16])
}

/// Signs in whoever holds a passkey of an account: the device has verified its owner.
pub async fn by_passkey(
    app: &App,
    context: &Context,
    browser: &Browser,
    assertion: Assertion,
) -> Result<Begun, Error> {
    let user = match passkeys::accepts(app, context, &assertion, None).await {
        Err(error) if error.kind == ErrorKind::SignIn => {
            failed(app, context, "session.begin", "", "passkey").await?;
            return Err(error);
        }
        other => other?,
    };
    let account = app.load::<Account>(context.tenant, &user.to_string()).await?;
    let account = account.filter(|account| account.value.active).ok_or_else(wrong)?;
    succeed(app, context, browser, account, &Arrival::Proved, "passkey").await
}

/// Begins a session for an account without a password; only the demo's one-click routes come here.
pub(super) async fn without_password(
    app: &App,
    context: &Context,
    browser: &Browser,
    account: Loaded<Account>,
) -> Result<Begun, Error> {
    if !app.settings.demo || !account.value.active {
        return Err(Error::not_found());
    }
    succeed(app, context, browser, account, &Arrival::OneClick, "one click").await
}

/// Goes on after a right password, a one-time link, or `how` else somebody proved who they are.
pub(super) async fn first_step_done(
    app: &App,
    context: &Context,
    browser: &Browser,
    account: Loaded<Account>,
    arrival: Arrival,
    how: &str,
) -> Result<Outcome, Error> {
    match second_step::needed(app, context, account.value.id).await? {
        None => succeed(app, context, browser, account, &arrival, how).await.map(Outcome::In),
        Some(second) => {
            let mut change = Change::new(app, context);
            let asked = second_step::ask(app, context, account.value.id, arrival, &second, &mut change)?;
            change.commit().await?;
            Ok(Outcome::Asked(asked))
        }
    }
}

/// Begins the session of somebody who proved `how` who they are.
pub(super) async fn succeed(
    app: &App,
    context: &Context,
    browser: &Browser,
    mut account: Loaded<Account>,
    arrival: &Arrival,
    how: &str,
) -> Result<Begun, Error> {
    for _ in 0..AGAIN {
        account.value.last_seen_at = Some(context.now);
        let actor = account.value.actor().ok_or_else(wrong)?;
        let context = Context { actor, purpose: account.value.purpose(), ..context.clone() };
        let mut change = Change::new(app, &context);
        let begun = sessions::begin(app, &context, browser, &account.value, arrival, &mut change).await?;
        change.update(&account)?;
        let mut row = audit_row(&context, AuditAction::E, "session.begin", None, &entity(account.value.id));
        row.detail = format!("by {how}");
        change.audit_with(row);
        match change.commit().await {
            Ok(_) => return Ok(begun),
            Err(error) if error.code == "changed" => {}
            Err(error) => return Err(error),
        }
        // The account was written between: another sign-in of theirs, or an administrator who locks them out.
        let again = app.load::<Account>(context.tenant, &account.value.id.to_string()).await?;
        account = again.filter(|account| account.value.active).ok_or_else(wrong)?;
    }
    Err(Error::new(ErrorKind::Unavailable, "store.busy", "somebody signs in to this account again and again"))
}

/// What was wrong is written down before it is answered.
pub(super) async fn failed(
    app: &App,
    context: &Context,
    operation: &str,
    entity: &str,
    detail: &str,
) -> Result<(), Error> {
    let mut row = audit_row(context, AuditAction::E, operation, None, entity);
    row.success = false;
    detail.clone_into(&mut row.detail);
    let mut change = Change::new(app, context);
    change.audit_with(row);
    change.commit().await.map(drop)
}

/// An account as audit rows name it.
pub(super) fn entity(user: UserId) -> String {
    format!("User/{user}")
}

fn wrong() -> Error {
    Error::new(ErrorKind::SignIn, "login.wrong", "login or password is wrong")
}
