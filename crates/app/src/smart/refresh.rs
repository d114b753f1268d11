//! Refresh tokens: each is good once and gives the next; one that comes again ends the whole family (RFC 9700, 4.14.2).
//!
//! A refresh token names its grant and its place in the family, and carries a digest of both, so that an old one is known
//! as ours and told from a guess without keeping any.

use bianque_model::Context;
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::client::{self, Client, Kind};
use super::client_proof::Presented;
use super::exchange::{ALONE_S, SHORT_S};
use super::grants::{self, Grant};
use super::scopes::{self, Scopes};
use super::{Pairs, access, id_token, invalid_grant, needed, one};
use crate::identity::accounts::Account;
use crate::identity::{same_secret, stored_form};
use crate::{App, Change, Error};

const PURPOSE: &str = "application-refresh";
/// Tells a refresh token of an application by sight.
const PREFIX: &str = "bqr_";

/// New tokens for a refresh token, for no more than was granted.
pub(super) async fn refresh(
    app: &App,
    context: &Context,
    client: &Client,
    pairs: &Pairs,
    mut change: Change<'_>,
) -> Result<Value, Error> {
    let unknown = || invalid_grant("the refresh token is not known or has ended");
    let (id, generation) = read(needed(pairs, "refresh_token")?).ok_or_else(unknown)?;
    let mut grant = grants::standing(app, context, &id).await?.ok_or_else(unknown)?;
    if grant.value.client != client.id
        || !is_of(app, &grant.value, generation, needed(pairs, "refresh_token")?)
    {
        return Err(unknown());
    }
    if generation != grant.value.generation {
        return Err(reused(app, context, client, &grant.value).await?);
    }
    let scopes = narrowed(&grant.value, one(pairs, "scope")?)?;
    grant.value.generation += 1;
    grant.value.used_at = context.now;
    let Some((value, account)) = access::user_of(app, context, grant.value.clone()).await? else {
        return Err(unknown());
    };
    change.update(&grant)?;
    let answer = answer(app, context, client, (&value, &account, None), &scopes, &mut change)?;
    let entity = format!("Application/{}", client.id);
    change.audit(AuditAction::E, "application.refresh", value.patient.as_ref(), &entity);
    match change.commit().await {
        Ok(_) => Ok(answer),
        // Two came at once with one token.
        Err(error) if error.code == "changed" => Err(reused(app, context, client, &value).await?),
        Err(error) => Err(error),
    }
}

/// The public application whose refresh token it is, where the request does not say: only who redeems a code without
/// showing who it is has to name itself (RFC 6749, 3.2.1), and browsers' clients do not.
pub(super) async fn named_by_token(
    app: &App,
    context: &Context,
    pairs: &Pairs,
    basic: Option<&Presented>,
) -> Result<Option<Client>, Error> {
    let says = |name: &str| one(pairs, name).map(|value| value.is_some());
    if basic.is_some() || says("client_id")? || says("client_secret")? || says("client_assertion")? {
        return Ok(None);
    }
    if one(pairs, "grant_type")? != Some("refresh_token") {
        return Ok(None);
    }
    let Some(text) = one(pairs, "refresh_token")? else { return Ok(None) };
    let Some((id, generation)) = read(text) else { return Ok(None) };
    let Some(grant) = grants::standing(app, context, &id).await? else { return Ok(None) };
    if !is_of(app, &grant.value, generation, text) {
        return Ok(None);
    }
    let client = client::active(app, context, grant.value.client.as_str()).await?;
    Ok(client.filter(|client| client.kind == Kind::Public))
}

/// The grant of a refresh token, if the token is the one to be used next.
pub(super) async fn current(app: &App, context: &Context, text: &str) -> Result<Option<Grant>, Error> {
    let Some((id, generation)) = read(text) else { return Ok(None) };
    let grant = grants::standing(app, context, &id).await?.map(|grant| grant.value);
    Ok(grant.filter(|grant| grant.generation == generation && is_of(app, grant, generation, text)))
}

/// What an application is answered with a new access token (RFC 6749 5.1, SMART App Launch 2.2).
pub(super) fn answer(
    app: &App,
    context: &Context,
    client: &Client,
    (grant, account, nonce): (&Grant, &Account, Option<&str>),
    scopes: &[String],
    change: &mut Change<'_>,
) -> Result<Value, Error> {
    let has = |word: &str| grant.scopes.iter().any(|scope| scope == word);
    let again = grant.offline || has("online_access");
    let lasts_s = if again { SHORT_S } else { ALONE_S };
    let text = access::make(app, context, (&client.id, Some(&grant.id)), scopes.to_vec(), lasts_s, change)?;
    let mut answer = json!({
        "access_token": text, "token_type": "Bearer", "expires_in": lasts_s, "scope": scopes.join(" "),
    });
    if again {
        answer["refresh_token"] = write(app, grant).into();
    }
    if let Some(patient) = &grant.patient {
        answer["patient"] = json!(patient);
        answer["need_patient_banner"] = true.into();
    }
    if let Some(encounter) = &grant.encounter {
        answer["encounter"] = json!(encounter);
    }
    if has("openid") {
        answer["id_token"] = id_token::make(app, context, client, grant, account, nonce)?.into();
    }
    Ok(answer)
}

/// `bqr_` grant `_` generation `_` digest.
fn write(app: &App, grant: &Grant) -> String {
    format!("{PREFIX}{}_{}_{}", grant.id, grant.generation, digest(app, grant, grant.generation))
}

fn read(text: &str) -> Option<(String, u32)> {
    let rest = text.strip_prefix(PREFIX).filter(|_| text.len() <= 256)?;
    let mut parts = rest.splitn(3, '_');
    let (grant, generation, _) = (parts.next()?, parts.next()?, parts.next()?);
    Some((grant.to_owned(), generation.parse().ok()?))
}

fn is_of(app: &App, grant: &Grant, generation: u32, text: &str) -> bool {
    same_secret(text, &format!("{PREFIX}{}_{generation}_{}", grant.id, digest(app, grant, generation)))
}

fn digest(app: &App, grant: &Grant, generation: u32) -> String {
    stored_form(app, PURPOSE, &format!("{}|{generation}|{}", grant.id, grant.salt))
}

/// What is asked for now, which may be less than was granted and never more.
fn narrowed(grant: &Grant, asked: Option<&str>) -> Result<Vec<String>, Error> {
    let Some(asked) = asked else { return Ok(grant.scopes.clone()) };
    let asked = Scopes::asked(asked)?;
    if asked.are_within(&Scopes::asked(&grant.scopes.join(" "))?) {
        Ok(asked.texts())
    } else {
        Err(scopes::invalid("this is more than was granted"))
    }
}

async fn reused(app: &App, context: &Context, client: &Client, grant: &Grant) -> Result<Error, Error> {
    let mut change = Change::new(app, context);
    grants::end(app, context, grant.id.as_str(), &mut change).await?;
    change.audit(AuditAction::E, "application.refresh-reuse", None, &format!("Application/{}", client.id));
    change.commit().await?;
    tracing::warn!(application = %client.id, "a refresh token came a second time; its grant was ended");
    Ok(invalid_grant("the refresh token was used already; its grant has ended"))
}
