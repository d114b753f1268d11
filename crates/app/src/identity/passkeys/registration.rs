//! A new passkey of whoever is signed in.

use bianque_model::Context;
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use webauthn_rs::prelude::RegisterPublicKeyCredential;

use super::challenges::{self, Ceremony};
use super::relying_party::webauthn;
use super::{LONGEST_NAME, MOST, Passkey, id_of, of, show};
use crate::identity::{accounts, factors, recovery_codes};
use crate::visits::access::required;
use crate::{App, Change, Error, ErrorKind};

/// What a device answered.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The name of the challenge.
    pub challenge_id: String,
    /// What its owner calls it.
    pub name: String,
    /// The credential, as `PublicKeyCredential.toJSON()` writes it.
    #[schemars(with = "Value")]
    pub credential: RegisterPublicKeyCredential,
}

/// A challenge for a new passkey: `options` for `navigator.credentials.create`, and the challenge's name.
pub async fn begin(app: &App, context: &Context) -> Result<Value, Error> {
    let account = accounts::own(app, context).await?.value;
    let party = webauthn(app, context.tenant)?;
    let there = of(app, context.tenant, account.id).await?;
    if there.len() >= MOST as usize {
        return Err(Error::conflict("passkey.most", "this account has as many passkeys as it can have"));
    }
    let exclude = there.iter().map(|passkey| passkey.value.key.cred_id().clone()).collect();
    let (options, state) = party
        .start_passkey_registration(account.id.0, &account.login, &account.name, Some(exclude))
        .map_err(Error::internal)?;
    let challenge_id =
        challenges::keep(app, context, Ceremony::Registration { user: account.id, state }).await?;
    let mut options = json!(options.public_key);
    // So that a device keeps it with its owner's name, and signing in needs no login.
    options["authenticatorSelection"]["residentKey"] = json!("required");
    options["authenticatorSelection"]["requireResidentKey"] = json!(true);
    Ok(json!({"challenge_id": challenge_id, "options": options}))
}

/// Keeps the passkey. Answers recovery codes when it is the first factor.
pub async fn finish(app: &App, context: &Context, registration: Registration) -> Result<Value, Error> {
    let account = accounts::own(app, context).await?.value;
    let name = required("name", &registration.name, LONGEST_NAME)?;
    let refused =
        || Error::new(ErrorKind::Refused, "passkey.refused", "this is no passkey for this installation");
    let Ceremony::Registration { user, state } =
        challenges::take(app, context, &registration.challenge_id).await?
    else {
        return Err(refused());
    };
    if user != account.id {
        return Err(refused());
    }
    let key = webauthn(app, context.tenant)?
        .finish_passkey_registration(&registration.credential, &state)
        .map_err(|cause| Error { cause: Some(Box::new(cause)), ..refused() })?;
    let id = id_of(key.cred_id().as_slice());
    let passkey = Passkey { id, user, name, added: context.now, used: None, key };
    let mut change = Change::new(app, context);
    change.insert(&passkey)?;
    let mut factors = factors::to_change(app, context.tenant, user).await?;
    let codes = recovery_codes::draw_first(app, &mut factors.value)?;
    change.update(&factors)?;
    change.audit(AuditAction::E, "factor.add-passkey", None, &format!("User/{user}"));
    change.commit().await?;
    Ok(json!({"passkey": show(&passkey), "recovery_codes": codes}))
}
