//! Passkeys (W3C Web Authentication, level 3): keys that a device keeps, bound to this installation's address, used after
//! the device has verified its owner. One counts as both factors.

mod assertion;
mod challenges;
mod registration;
mod relying_party;

pub(super) use assertion::accepts;
pub use assertion::{Assertion, challenge_for_proof, challenge_for_sign_in};
pub use registration::{Registration, begin, finish};
pub use relying_party::address;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::{Context, TenantId, Timestamp, UserId};
use bianque_store::{AuditAction, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{accounts, factors};
use crate::aggregate::{Aggregate, Loaded, shared};
use crate::visits::access::required;
use crate::{App, Change, Error, instant};

/// Passkeys of one account.
const MOST: u32 = 20;
/// Longest name, characters.
const LONGEST_NAME: usize = 60;

/// A passkey; its id is that of the credential, URL-safe.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential's id.
    pub id: String,
    /// Whose.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub added: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
    /// The public key and what else is checked against.
    key: webauthn_rs::prelude::Passkey,
}

impl Aggregate for Passkey {
    const KIND: &'static str = "passkey";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("user", self.user.to_string()), shared("all", "passkey")]
    }
}

/// A new name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Renaming {
    /// What it is called from now on.
    pub name: String,
}

/// The passkeys of an account, the oldest first.
pub(super) async fn of(app: &App, tenant: TenantId, user: UserId) -> Result<Vec<Loaded<Passkey>>, Error> {
    let key = user.to_string();
    let mut all = app.list::<Passkey>(tenant, "user", key.as_str()..=key.as_str(), MOST).await?;
    all.sort_by_key(|passkey| passkey.value.added);
    Ok(all)
}

/// Gives one of one's own another name.
pub async fn rename(app: &App, context: &Context, id: &str, renaming: Renaming) -> Result<Value, Error> {
    let mut passkey = own(app, context, id).await?;
    passkey.value.name = required("name", &renaming.name, LONGEST_NAME)?;
    let mut change = Change::new(app, context);
    change.update(&passkey)?;
    change.audit(AuditAction::E, "factor.rename-passkey", None, &format!("User/{}", passkey.value.user));
    change.commit().await?;
    Ok(json!({"passkey": show(&passkey.value)}))
}

/// Takes one of one's own away.
pub async fn remove(app: &App, context: &Context, id: &str) -> Result<(), Error> {
    let passkey = own(app, context, id).await?;
    let account = accounts::own(app, context).await?.value;
    let second = factors::of(app, context.tenant, account.id).await?;
    factors::may_lose_one(app, context, &account, &second).await?;
    let mut change = Change::new(app, context);
    change.remove::<Passkey>(passkey.value.id);
    if second.passkeys.len() == 1
        && !second.has_app()
        && let Some(mut factors) = second.factors
    {
        factors.value.recovery.clear();
        change.update(&factors)?;
    }
    change.audit(AuditAction::E, "factor.remove-passkey", None, &format!("User/{}", account.id));
    change.commit().await.map(drop)
}

/// A passkey as its owner sees it.
pub(super) fn show(passkey: &Passkey) -> Value {
    json!({
        "id": passkey.id, "name": passkey.name, "added_at": instant::text(passkey.added),
        "used_at": passkey.used.map(instant::text),
    })
}

/// The id of a credential as passkeys are kept by it.
fn id_of(credential: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(credential)
}

async fn own(app: &App, context: &Context, id: &str) -> Result<Loaded<Passkey>, Error> {
    let user = context.actor.user().ok_or_else(Error::sign_in)?;
    let passkey = app.load::<Passkey>(context.tenant, id).await?;
    passkey.filter(|passkey| passkey.value.user == user).ok_or_else(Error::not_found)
}

#[cfg(test)]
pub(super) mod soft_key;
#[cfg(test)]
mod tests;
