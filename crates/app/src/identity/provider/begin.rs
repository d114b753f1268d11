//! The first half: a browser is sent to the provider.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::{Context, TenantId, UserId};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::admission::Link;
use super::flow::{self, Aim, GOOD_FOR_S, Secrets};
use super::metadata;
use super::settings::{self, Provider, redirect_uri};
use crate::identity::accounts;
use crate::{App, Error};

/// By which provider somebody wants to sign in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its id.
    pub provider: String,
}

/// A browser that is to be sent on its way.
#[derive(Debug)]
pub struct Begun {
    /// What binds the way back to this browser: the value of its cookie.
    pub cookie: String,
    /// How long the cookie is good, seconds.
    pub seconds: i64,
    /// Where it is sent.
    pub url: String,
}

/// The providers that the page of signing in offers.
pub async fn offered(app: &App, tenant: TenantId) -> Result<Value, Error> {
    let all = settings::all(app, tenant).await?;
    let active = all.iter().map(|loaded| &loaded.value).filter(|provider| provider.settings.active);
    Ok(active.map(|provider| json!({"id": provider.id, "name": provider.settings.name})).collect())
}

/// The name of the provider that an account is linked to; null: to none that is in use.
pub(crate) async fn linked(app: &App, context: &Context, user: UserId) -> Result<Value, Error> {
    let Some(link) = Link::of_account(app, context, user).await? else { return Ok(Value::Null) };
    let provider = app.load::<Provider>(context.tenant, &link.provider).await?.map(|loaded| loaded.value);
    let provider = provider.filter(|provider| provider.settings.active);
    Ok(provider.map_or(Value::Null, |provider| json!(provider.settings.name)))
}

/// Begins a sign-in.
pub async fn begin_sign_in(app: &App, context: &Context, choice: &Choice) -> Result<Begun, Error> {
    let provider = active(app, context, &choice.provider).await?;
    begin(app, context, &provider, Aim::SignIn).await
}

/// Begins a proof of who one is: at the provider that the account is linked to, which asks for whatever it asks for
/// again, whoever is signed in there.
pub async fn begin_proof(app: &App, context: &Context) -> Result<Begun, Error> {
    let account = accounts::own(app, context).await?.value;
    let link = Link::of_account(app, context, account.id).await?.ok_or_else(Error::not_found)?;
    let provider = active(app, context, &link.provider).await?;
    begin(app, context, &provider, Aim::Proof(account.id)).await
}

pub(super) async fn active(app: &App, context: &Context, id: &str) -> Result<Provider, Error> {
    let provider = app.load::<Provider>(context.tenant, id).await?.map(|loaded| loaded.value);
    provider.filter(|provider| provider.settings.active).ok_or_else(Error::not_found)
}

async fn begin(app: &App, context: &Context, provider: &Provider, aim: Aim) -> Result<Begun, Error> {
    let published = metadata::of(app, &provider.settings.issuer).await?;
    let again = aim != Aim::SignIn;
    let secrets = flow::keep(app, context, &provider.id, aim).await?;
    let url = address(
        &redirect_uri(app, context.tenant),
        provider,
        &published.metadata.authorization_endpoint,
        &secrets,
        again,
    );
    Ok(Begun { cookie: secrets.cookie, seconds: GOOD_FOR_S, url: url.into() })
}

fn address(back: &str, provider: &Provider, endpoint: &Url, secrets: &Secrets, again: bool) -> Url {
    let settings = &provider.settings;
    let scope = std::iter::once("openid").chain(settings.scopes.iter().map(String::as_str));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&secrets.verifier));
    let mut url = endpoint.clone();
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &settings.client_id)
        .append_pair("redirect_uri", back)
        .append_pair("scope", &scope.collect::<Vec<_>>().join(" "))
        .append_pair("state", &secrets.state)
        .append_pair("nonce", &secrets.nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    if !settings.factor_acr.is_empty() {
        query.append_pair("acr_values", &settings.factor_acr.join(" "));
    }
    if again {
        query.append_pair("prompt", "login").append_pair("max_age", "0");
    }
    drop(query);
    url
}
