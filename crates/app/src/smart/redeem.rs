//! A code for tokens (RFC 6749, 4.1.3). A code that comes a second time was stolen or is being tried: what came of it the
//! first time ends.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::client::Client;
use super::code::{self, Code};
use super::grants::{self, Grant};
use super::{Pairs, access, invalid_grant, needed, refresh};
use crate::aggregate::Loaded;
use crate::identity::same_secret;
use crate::secrets::random_token;
use crate::{App, Change, Error};

/// How long a grant without offline access may last.
const ONLINE_S: i64 = 12 * 3600;
/// How long one with offline access does.
const OFFLINE_S: i64 = 90 * 24 * 3600;

/// Tokens for a code.
pub(super) async fn redeem(
    app: &App,
    context: &Context,
    client: &Client,
    pairs: &Pairs,
    mut change: Change<'_>,
) -> Result<Value, Error> {
    let id = code::id_of(app, needed(pairs, "code")?);
    let mut code = of_client(app, context, client, &id).await?;
    if let Some(grant) = &code.value.spent {
        return Err(replayed(app, context, client, grant).await?);
    }
    check(context, &code.value, pairs)?;
    let grant = grant_of(context, &code.value)?;
    let Some((grant, account)) = access::user_of(app, context, grant).await? else {
        return Err(invalid_grant("who allowed this is no longer signed in"));
    };
    code.value.spent = Some(grant.id.clone());
    change.update(&code)?;
    change.insert(&grant)?;
    let nonce = code.value.nonce.as_deref();
    let answer =
        refresh::answer(app, context, client, (&grant, &account, nonce), &grant.scopes, &mut change)?;
    let entity = format!("Application/{}", client.id);
    change.audit(AuditAction::E, "application.token", grant.patient.as_ref(), &entity);
    match change.commit().await {
        Ok(_) => Ok(answer),
        Err(error) if error.code == "changed" => {
            // Two came at once with one code; the other has its tokens, and loses them.
            let code = of_client(app, context, client, &id).await?;
            match &code.value.spent {
                Some(grant) => Err(replayed(app, context, client, grant).await?),
                None => Err(super::assertion::used_twice()),
            }
        }
        Err(error) => Err(error),
    }
}

/// The code, when it was given to this application.
async fn of_client(app: &App, context: &Context, client: &Client, id: &str) -> Result<Loaded<Code>, Error> {
    let found = app.load::<Code>(context.tenant, id).await?;
    found.filter(|code| code.value.client == client.id).ok_or_else(|| invalid_grant("the code is not known"))
}

fn check(context: &Context, code: &Code, pairs: &Pairs) -> Result<(), Error> {
    if context.now >= code.until {
        return Err(invalid_grant("the code has ended"));
    }
    if needed(pairs, "redirect_uri")? != code.redirect_uri {
        return Err(invalid_grant("redirect_uri is not the one that the code was sent to"));
    }
    let verifier = needed(pairs, "code_verifier")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let shaped = (43..=128).contains(&verifier.len()) && verifier.bytes().all(allowed);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    if shaped && same_secret(&challenge, &code.challenge) {
        Ok(())
    } else {
        Err(invalid_grant("code_verifier does not fit the code_challenge"))
    }
}

fn grant_of(context: &Context, code: &Code) -> Result<Grant, Error> {
    let offline = code.scopes.iter().any(|scope| scope == "offline_access");
    Ok(Grant {
        id: Uuid::now_v7().into(),
        client: code.client.clone(),
        user: code.user,
        scopes: code.scopes.clone(),
        patient: code.patient.clone(),
        encounter: code.encounter.clone(),
        session: code.session.clone(),
        offline,
        created_at: context.now,
        used_at: context.now,
        until: context.now.plus_seconds(if offline { OFFLINE_S } else { ONLINE_S }),
        generation: 0,
        salt: random_token()?,
    })
}

/// Ends what came of a code that comes again.
async fn replayed(app: &App, context: &Context, client: &Client, grant: &ResourceId) -> Result<Error, Error> {
    let mut change = Change::new(app, context);
    grants::end(app, context, grant.as_str(), &mut change).await?;
    change.audit(AuditAction::E, "application.code-replay", None, &format!("Application/{}", client.id));
    change.commit().await?;
    tracing::warn!(application = %client.id, "a code came a second time; what came of it was ended");
    Ok(invalid_grant("the code was used already"))
}
