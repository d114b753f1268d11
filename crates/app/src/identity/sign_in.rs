//! Sign in with login and password.

use bianque_model::Context;
use bianque_store::AuditAction;
use serde::Deserialize;

use super::accounts;
use super::accounts::Account;
use super::attempts::{Attempt, too_many};
use super::passwords;
use super::sessions::{self, Begun};
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::{App, Change, Error, ErrorKind};

/// Times a sign-in is begun again because another of the same account came between.
const AGAIN: u32 = 3;

/// What is typed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The login.
    pub login: String,
    /// The password.
    pub password: String,
}

/// Signs in. A wrong login and a wrong password take as long and answer the same.
pub async fn sign_in(app: &App, context: &Context, credentials: Credentials) -> Result<Begun, Error> {
    let Credentials { login, password } = credentials;
    if login.len() > 200 || password.len() > passwords::LONGEST {
        return Err(wrong());
    }
    let attempt = Attempt::begin(app, context, &login).await?;
    let account =
        accounts::by_login(app, context.tenant, &login).await?.filter(|account| account.value.active);
    let hash = account.as_ref().and_then(|account| account.value.password.as_deref());
    let right = passwords::verify(hash, &password).await?;
    match account {
        Some(account) if right => succeed(app, context, account, Some(attempt)).await,
        _ => Err(fail(app, context, &login, attempt).await?),
    }
}

/// Begins a session for an account without a password; only the demo's one-click routes come here.
pub(super) async fn without_password(
    app: &App,
    context: &Context,
    account: Loaded<Account>,
) -> Result<Begun, Error> {
    if !app.settings.demo || !account.value.active {
        return Err(Error::not_found());
    }
    succeed(app, context, account, None).await
}

async fn succeed(
    app: &App,
    context: &Context,
    mut account: Loaded<Account>,
    mut attempt: Option<Attempt>,
) -> Result<Begun, Error> {
    for _ in 0..AGAIN {
        account.value.last_seen_at = Some(context.now);
        let actor = account.value.actor().ok_or_else(wrong)?;
        let context = Context { actor, purpose: account.value.purpose(), ..context.clone() };
        let mut change = Change::new(app, &context);
        let begun = sessions::begin(app, &context, &account.value, &mut change).await?;
        change.update(&account)?;
        if let Some(attempt) = attempt.take() {
            attempt.succeed(&mut change);
        }
        change.audit(AuditAction::E, "session.begin", None, &format!("User/{}", account.value.id));
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

/// A wrong password is counted before it is answered.
async fn fail(app: &App, context: &Context, login: &str, attempt: Attempt) -> Result<Error, Error> {
    let mut row = audit_row(context, AuditAction::E, "session.begin", None, "");
    row.success = false;
    row.detail = format!("login {:?}", login.chars().take(64).collect::<String>());
    let mut change = Change::new(app, context);
    attempt.fail(context, &mut change)?;
    change.audit_with(row);
    match change.commit().await {
        // Another attempt was counted at the same moment; this one is not told its result either.
        Err(error) if error.code == "changed" => Ok(too_many(1)),
        other => other.map(|_| wrong()),
    }
}

fn wrong() -> Error {
    Error::new(ErrorKind::SignIn, "login.wrong", "login or password is wrong")
}
