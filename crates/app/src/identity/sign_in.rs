//! Sign in with login and password; repeated failures wait longer and longer.

use bianque_model::{Context, Timestamp};
use bianque_store::AuditAction;
use serde::Deserialize;

use super::accounts::{self, Account};
use super::passwords;
use super::sessions::{self, Begun};
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::{App, Change, Error, ErrorKind};

/// Failures that are free.
const FREE: u32 = 5;
/// The longest wait between attempts.
const LONGEST_WAIT_S: i64 = 15 * 60;

/// What is typed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The login.
    pub login: String,
    /// The password.
    pub password: String,
}

/// Signs in.
pub async fn sign_in(app: &App, context: &Context, credentials: Credentials) -> Result<Begun, Error> {
    let Credentials { login, password } = credentials;
    if login.len() > 200 || password.len() > 256 {
        return Err(wrong());
    }
    let account = accounts::by_login(app, context.tenant, &login).await?;
    if let Some(account) = &account {
        waits(&account.value, context)?;
    }
    let hash = account.as_ref().filter(|account| account.value.active).and_then(|a| a.value.password.as_deref());
    let right = passwords::verify(hash, &password).await?;
    match account {
        Some(account) if right => succeed(app, context, account).await,
        other => Err(fail(app, context, &login, other).await?),
    }
}

/// Begins a session for an account without a password; only the demo's one-click routes come here.
pub async fn without_password(app: &App, context: &Context, account: Loaded<Account>) -> Result<Begun, Error> {
    if !app.settings.demo {
        return Err(Error::not_found());
    }
    succeed(app, context, account).await
}

async fn succeed(app: &App, context: &Context, mut account: Loaded<Account>) -> Result<Begun, Error> {
    account.value.failures = 0;
    account.value.locked_until = None;
    account.value.last_seen_at = Some(context.now);
    let actor = account.value.actor().ok_or_else(wrong)?;
    let context = Context { actor, purpose: account.value.purpose(), ..context.clone() };
    let mut change = Change::new(app, &context);
    let begun = sessions::begin(app, &context, &account.value, &mut change).await?;
    change.update(&account)?;
    change.audit(AuditAction::E, "session.begin", None, &format!("User/{}", account.value.id));
    change.commit().await?;
    Ok(begun)
}

/// A wrong password is counted before it is answered.
async fn fail(
    app: &App,
    context: &Context,
    login: &str,
    account: Option<Loaded<Account>>,
) -> Result<Error, Error> {
    let mut row = audit_row(context, AuditAction::E, "session.begin", None, "");
    row.success = false;
    row.detail = format!("login {:?}", login.chars().take(64).collect::<String>());
    let mut change = Change::new(app, context);
    if let Some(mut account) = account {
        account.value.failures = account.value.failures.saturating_add(1);
        let wait = wait_s(account.value.failures);
        account.value.locked_until = (wait > 0).then(|| context.now.plus_seconds(wait));
        change.update(&account)?;
    }
    change.audit_with(row);
    match change.commit().await {
        // Somebody else's attempt was counted at the same moment; this one is not told its result either.
        Err(error) if error.code == "changed" => Ok(too_many(1)),
        other => other.map(|_| wrong()),
    }
}

/// 0 for the first failures, then 2, 4, 8 ... seconds.
fn wait_s(failures: u32) -> i64 {
    match failures.checked_sub(FREE) {
        None => 0,
        Some(over) => 2_i64.saturating_pow(over + 1).min(LONGEST_WAIT_S),
    }
}

fn waits(account: &Account, context: &Context) -> Result<(), Error> {
    match account.locked_until {
        Some(until) if context.now < until => Err(too_many(seconds_until(until, context))),
        _ => Ok(()),
    }
}

fn seconds_until(until: Timestamp, context: &Context) -> u32 {
    let micros = until.0.saturating_sub(context.now.0).max(0);
    u32::try_from(micros / 1_000_000 + 1).unwrap_or(u32::MAX)
}

fn too_many(retry_after_s: u32) -> Error {
    Error::new(ErrorKind::TooMany { retry_after_s }, "login.attempts", "too many wrong passwords; wait a moment")
}

fn wrong() -> Error {
    Error::new(ErrorKind::SignIn, "login.wrong", "login or password is wrong")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_and_has_an_end() {
        assert_eq!([1, 4, 5, 6, 7].map(wait_s), [0, 0, 2, 4, 8]);
        assert_eq!(wait_s(1000), LONGEST_WAIT_S);
    }
}
