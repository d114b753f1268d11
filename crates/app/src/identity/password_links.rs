//! One-time links by which a person chooses their password: made by an administrator, good for three days.

use bianque_model::{Context, Timestamp, UserId};
use bianque_store::{AuditAction, Expectation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::accounts::{self, Account};
use super::device::Browser;
use super::sessions::Arrival;
use super::sign_in::{self, Outcome};
use super::{passwords, proof, sessions, stored_form};
use crate::aggregate::Aggregate;
use crate::secrets::random_token;
use crate::{App, Change, Error, ErrorKind};

const PURPOSE: &str = "password-link";
const GOOD_FOR_S: i64 = 72 * 3600;

/// An open link; its id is the stored form of its token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordLink {
    /// The stored form of the token.
    pub id: String,
    /// Whose password.
    pub user: UserId,
    /// When it ends.
    pub until: Timestamp,
}

impl Aggregate for PasswordLink {
    const KIND: &'static str = "password-link";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// A person's choice.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The link's token.
    pub token: String,
    /// The new password.
    pub password: String,
}

/// A signed-in person's change of password.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// The password so far.
    pub current: String,
    /// The new one.
    pub new: String,
}

/// Makes a link within the caller's change.
pub fn make(app: &App, context: &Context, user: UserId, change: &mut Change<'_>) -> Result<String, Error> {
    let token = random_token()?;
    let link = PasswordLink {
        id: stored_form(app, PURPOSE, &token),
        user,
        until: context.now.plus_seconds(GOOD_FOR_S),
    };
    change.insert(&link)?;
    Ok(format!("{}/password/{token}", app.public_url(context.tenant)))
}

/// Sets the password of a link's owner and signs them in, or asks for their second step; the link is used up.
pub async fn choose(
    app: &App,
    context: &Context,
    browser: &Browser,
    choice: Choice,
) -> Result<Outcome, Error> {
    let over = || Error::new(ErrorKind::Over, "password-link.over", "this link was used or has ended");
    let id = stored_form(app, PURPOSE, &choice.token);
    let link = app.load::<PasswordLink>(context.tenant, &id).await?.ok_or_else(over)?;
    if context.now >= link.value.until {
        return Err(over());
    }
    let account = app.load::<Account>(context.tenant, &link.value.user.to_string()).await?;
    let mut account = account.filter(|account| account.value.active).ok_or_else(over)?;
    let user = account.value.id;
    account.value.password = Some(passwords::hash(&account.value.login, &choice.password).await?);
    let mut change = Change::new(app, context);
    sessions::end_all(app, context, user, &mut change).await?;
    change.update(&account)?;
    change.expect(Expectation::StateVersion {
        kind: PasswordLink::KIND,
        id: id.clone(),
        version: link.version,
    });
    change.remove::<PasswordLink>(id);
    change.audit(AuditAction::U, "password.choose", None, &format!("User/{user}"));
    change.commit().await.map_err(|error| if error.code == "changed" { over() } else { error })?;
    sessions::tell_ended(app, context, Some(user));
    let account = app.load::<Account>(context.tenant, &user.to_string()).await?;
    let account = account.filter(|account| account.value.active).ok_or_else(over)?;
    sign_in::first_step_done(app, context, browser, account, Arrival::Proved, "password").await
}

/// Changes the password of whoever is signed in, and ends their sessions but the one of `cookie`.
pub async fn replace(
    app: &App,
    context: &Context,
    cookie: Option<&str>,
    replacement: Replacement,
) -> Result<(), Error> {
    let mut account = accounts::own(app, context).await?;
    if !proof::password_is_right(app, context, &account.value, &replacement.current).await? {
        return Err(Error::field("password.wrong", "current", "this is not your password"));
    }
    account.value.password = Some(passwords::hash(&account.value.login, &replacement.new).await?);
    let mut change = Change::new(app, context);
    sessions::end_others(app, context, account.value.id, cookie, &mut change).await?;
    change.update(&account)?;
    change.audit(AuditAction::U, "password.replace", None, &format!("User/{}", account.value.id));
    change.commit().await?;
    sessions::tell_ended(app, context, Some(account.value.id));
    Ok(())
}
