//! A passkey is used: to sign in, as the second step of signing in, or as a proof within a session.

use bianque_model::{Context, UserId};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use webauthn_rs::prelude::PublicKeyCredential;

use super::challenges::{self, Ceremony};
use super::relying_party::webauthn;
use super::{Passkey, id_of, of};
use crate::aggregate::Loaded;
use crate::identity::accounts;
use crate::{App, Change, Error, ErrorKind};

/// What a device answered.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// The name of the challenge.
    pub challenge_id: String,
    /// The assertion, as `PublicKeyCredential.toJSON()` writes it.
    #[schemars(with = "Value")]
    pub credential: PublicKeyCredential,
}

/// A challenge for whoever signs in: `options` for `navigator.credentials.get`, and the challenge's name. It is the same for
/// everybody: the device knows whose passkeys it has.
pub async fn challenge_for_sign_in(app: &App, context: &Context) -> Result<Value, Error> {
    let (options, state) =
        webauthn(app, context.tenant)?.start_discoverable_authentication().map_err(Error::internal)?;
    let challenge_id = challenges::keep(app, context, Ceremony::SignIn(state)).await?;
    Ok(json!({"challenge_id": challenge_id, "options": options.public_key}))
}

/// A challenge for a proof of whoever is signed in, for their own passkeys.
pub async fn challenge_for_proof(app: &App, context: &Context) -> Result<Value, Error> {
    let user = accounts::own(app, context).await?.value.id;
    let (options, state) =
        webauthn(app, context.tenant)?.start_discoverable_authentication().map_err(Error::internal)?;
    let challenge_id = challenges::keep(app, context, Ceremony::Proof { user, state }).await?;
    let own = of(app, context.tenant, user).await?;
    let mut options = json!(options.public_key);
    options["allowCredentials"] =
        own.iter().map(|passkey| json!({"type": "public-key", "id": passkey.value.id})).collect();
    Ok(json!({"challenge_id": challenge_id, "options": options}))
}

/// The account whose passkey signed the challenge, which was made for `prover`, or for signing in when that is none. The
/// challenge and the device's counter are used up before it is answered.
///
/// # Errors
///
/// `passkey.wrong` for whatever is not right about it, and `passkey.over` when it came too late.
pub(in crate::identity) async fn accepts(
    app: &App,
    context: &Context,
    assertion: &Assertion,
    prover: Option<UserId>,
) -> Result<UserId, Error> {
    let wrong = || Error::new(ErrorKind::SignIn, "passkey.wrong", "this passkey is not known here");
    let state = match (challenges::take(app, context, &assertion.challenge_id).await?, prover) {
        (Ceremony::SignIn(state), None) => state,
        (Ceremony::Proof { user, state }, Some(prover)) if user == prover => state,
        _ => return Err(wrong()),
    };
    let passkey = app.load::<Passkey>(context.tenant, &id_of(&assertion.credential.raw_id)).await?;
    let passkey = passkey.ok_or_else(wrong)?;
    let user = passkey.value.user;
    // The device says whose key it is; where it does not, the challenge was for one account.
    let said = assertion.credential.get_user_unique_id().map(|id| id == user.0.as_bytes());
    if !said.unwrap_or(prover.is_some()) || prover.is_some_and(|prover| prover != user) {
        return Err(wrong());
    }
    let result = webauthn(app, context.tenant)?
        .finish_discoverable_authentication_v2(&assertion.credential, state, &passkey.value.key)
        .map_err(|cause| Error { cause: Some(Box::new(cause)), ..wrong() })?;
    if !result.user_verified() {
        return Err(wrong());
    }
    use_up(app, context, passkey, &result).await?;
    Ok(user)
}

async fn use_up(
    app: &App,
    context: &Context,
    mut passkey: Loaded<Passkey>,
    result: &webauthn_rs::prelude::AuthenticationResult,
) -> Result<(), Error> {
    passkey.value.key.update_credential(result);
    passkey.value.used = Some(context.now);
    let mut change = Change::new(app, context);
    change.update(&passkey)?;
    change.commit().await.map(drop)
}
