//! What somebody has besides a password: an authenticator app, passkeys, recovery codes.

use std::collections::HashSet;

use bianque_model::{Context, TenantId, Timestamp, UserId};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::accounts::{self, Account};
use super::passkeys::{self, Passkey};
use super::{provider, rules};
use crate::aggregate::{Aggregate, Loaded, shared};
use crate::{App, Change, Error, ErrorKind, instant};

/// Factors of one tenant that an administrator's page counts.
const MOST: u32 = 20_000;

/// The factors of an account but its password and its passkeys.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Factors {
    /// Whose.
    pub user: UserId,
    /// Their authenticator app, once a code of it was given.
    pub app: Option<Authenticator>,
    /// One that is being set up, and counts for nothing yet.
    pub offered: Option<Offered>,
    /// Stored forms of the recovery codes that are left.
    pub recovery: Vec<String>,
}

/// An authenticator app.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Authenticator {
    /// Its key, sealed with the installation's.
    pub key: String,
    /// The last step whose code was accepted.
    pub used: i64,
    /// Since when.
    pub added: Timestamp,
}

/// An authenticator app that is being set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Offered {
    /// Its key, sealed with the installation's.
    pub key: String,
    /// Until when a code of it is waited for.
    pub until: Timestamp,
}

impl Aggregate for Factors {
    const KIND: &'static str = "factors";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.user.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("all", "factors")]
    }
}

/// The second factors of an account.
#[derive(Debug, Clone)]
pub(super) struct Second {
    /// Its factors; none were ever set up.
    pub(super) factors: Option<Loaded<Factors>>,
    /// Its passkeys.
    pub(super) passkeys: Vec<Loaded<Passkey>>,
}

impl Second {
    /// Whether there is an authenticator app.
    pub(super) fn has_app(&self) -> bool {
        self.factors.as_ref().is_some_and(|factors| factors.value.app.is_some())
    }

    /// How many recovery codes are left.
    pub(super) fn codes_left(&self) -> usize {
        self.factors.as_ref().map_or(0, |factors| factors.value.recovery.len())
    }

    /// Whether signing in takes two steps. Recovery codes alone are no factor: they stand in for one.
    pub(super) fn is_there(&self) -> bool {
        self.has_app() || !self.passkeys.is_empty()
    }
}

/// The second factors of an account.
pub(super) async fn of(app: &App, tenant: TenantId, user: UserId) -> Result<Second, Error> {
    let factors = app.load::<Factors>(tenant, &user.to_string()).await?;
    Ok(Second { factors, passkeys: passkeys::of(app, tenant, user).await? })
}

/// Whether an account has to have a second factor and has none.
pub(super) async fn is_missing(app: &App, tenant: TenantId, account: &Account) -> Result<bool, Error> {
    Ok(rules::requires_second_factor(app, tenant, account.role).await?
        && !of(app, tenant, account.id).await?.is_there())
}

/// The factors of whoever is signed in, for their page.
pub async fn own(app: &App, context: &Context) -> Result<Value, Error> {
    let account = accounts::own(app, context).await?.value;
    let second = of(app, context.tenant, account.id).await?;
    let authenticator = second.factors.as_ref().and_then(|factors| factors.value.app.as_ref());
    Ok(json!({
        "password": account.password.is_some(),
        "totp": authenticator.map(|app| json!({"added_at": instant::text(app.added)})),
        "passkeys": second.passkeys.iter().map(|passkey| passkeys::show(&passkey.value)).collect::<Vec<_>>(),
        "recovery_codes": second.codes_left(),
        "required": rules::requires_second_factor(app, context.tenant, account.role).await?,
        "passkey_address": passkeys::address(app, context.tenant),
        "provider": provider::linked(app, context, account.id).await?,
    }))
}

/// The factors of an account to be changed; empty ones when it has none.
pub(super) async fn to_change(app: &App, tenant: TenantId, user: UserId) -> Result<Loaded<Factors>, Error> {
    let none = Factors { user, app: None, offered: None, recovery: Vec::new() };
    let loaded = app.load::<Factors>(tenant, &user.to_string()).await?;
    // Version 0 expects that nothing stands.
    Ok(loaded.unwrap_or(Loaded { value: none, version: 0, last_updated: Timestamp(0) }))
}

/// Refuses to take the last factor from an account whose role has to have one.
pub(super) async fn may_lose_one(
    app: &App,
    context: &Context,
    account: &Account,
    second: &Second,
) -> Result<(), Error> {
    let left = second.passkeys.len() + usize::from(second.has_app());
    if left <= 1 && rules::requires_second_factor(app, context.tenant, account.role).await? {
        return Err(Error::conflict(
            "factor.required",
            "your role has to have a second factor; add another one first",
        ));
    }
    Ok(())
}

/// Takes everything from an account within the caller's change: it has its password left.
pub(crate) async fn take_all(
    app: &App,
    tenant: TenantId,
    user: UserId,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    change.remove::<Factors>(user.to_string());
    for passkey in passkeys::of(app, tenant, user).await? {
        change.remove::<Passkey>(passkey.value.id);
    }
    Ok(())
}

/// The accounts that have a second factor.
pub(crate) async fn who_has_one(app: &App, tenant: TenantId) -> Result<HashSet<UserId>, Error> {
    let with_app = app.list::<Factors>(tenant, "all", "factors"..="factors", MOST).await?;
    let with_passkey = app.list::<Passkey>(tenant, "all", "passkey"..="passkey", MOST).await?;
    let with_app = with_app.into_iter().filter(|factors| factors.value.app.is_some());
    Ok(with_app
        .map(|factors| factors.value.user)
        .chain(with_passkey.into_iter().map(|passkey| passkey.value.user))
        .collect())
}

/// A code that is not accepted.
pub(super) fn wrong_code() -> Error {
    Error {
        field: Some("code"),
        ..Error::new(ErrorKind::SignIn, "code.wrong", "this code is wrong or was used")
    }
}
