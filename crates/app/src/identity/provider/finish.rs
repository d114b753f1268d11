//! The second half: a browser comes back from the provider, and what it brings is held against what was sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bianque_model::Context;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::admission::{self, Link};
use super::begin::active;
use super::flow::{self, Aim, Flow, Secrets};
use super::metadata::{self, Read};
use super::settings::{Provider, Settings, entity, redirect_uri};
use super::there::There;
use super::token::{self, Expected, SKEW_S};
use super::{down, proof, refused};
use crate::identity::device::Browser;
use crate::identity::sessions::Arrival;
use crate::identity::sign_in::{self, Outcome, failed};
use crate::ports::outbound::Request;
use crate::{App, Error, ErrorKind};

/// What a browser brings back from the provider.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    /// The state that it was sent with.
    pub state: String,
    /// What the provider gives the tokens for.
    pub code: Option<String>,
    /// Why there is none.
    pub error: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub enum Finished {
    /// Somebody signs in, or is asked for a second step.
    SignIn(Outcome),
    /// Somebody who is signed in proved who they are: a proof, good once.
    Proved(String),
}

/// Finishes what the browser with this cookie began.
pub async fn finish(
    app: &App,
    context: &Context,
    browser: &Browser,
    cookie: Option<&str>,
    returned: Returned,
) -> Result<Finished, Error> {
    let (flow, secrets) = flow::take(app, context, &returned.state, cookie).await?;
    let operation = if flow.aim == Aim::SignIn { "session.begin" } else { "session.prove" };
    let entity = entity(&flow.provider);
    match held_against(app, context, browser, flow, &secrets, returned).await {
        Err(error) if matches!(error.kind, ErrorKind::SignIn | ErrorKind::Unavailable) => {
            let why = format!("{}: {}", error.code, error.message);
            failed(app, context, operation, &entity, &why).await?;
            Err(error)
        }
        other => other,
    }
}

async fn held_against(
    app: &App,
    context: &Context,
    browser: &Browser,
    flow: Flow,
    secrets: &Secrets,
    returned: Returned,
) -> Result<Finished, Error> {
    let provider = active(app, context, &flow.provider).await?;
    let settings = &provider.settings;
    let published = metadata::of(app, &settings.issuer).await?;
    let code = code(&published, settings, returned)?;
    let tokens = exchange(app, context, &provider, &published, secrets, &code).await?;
    let token = tokens["id_token"].as_str().ok_or_else(|| refused("it sent no ID token"))?;
    let mut claims = token::verified(app, &settings.issuer, &published, token).await?;
    let (issuer, client, nonce) = (&settings.issuer, &settings.client_id, &secrets.nonce);
    token::check(&claims, &Expected { issuer, client, nonce, now: context.now })?;
    match flow.aim {
        Aim::SignIn => {
            let there = There::of(app, &provider, &published.metadata, token, &claims)?;
            complete(app, settings, &published, &tokens, &mut claims).await?;
            let account = admission::admit(app, context, &provider, &claims).await?;
            let twice = is_second_factor(settings, &claims);
            let arrival = Arrival::AtProvider { there: Box::new(there), twice };
            let outcome = if twice {
                let how = "identity provider with a second factor";
                Outcome::In(sign_in::succeed(app, context, browser, account, &arrival, how).await?)
            } else {
                sign_in::first_step_done(app, context, browser, account, arrival, "identity provider").await?
            };
            Ok(Finished::SignIn(outcome))
        }
        Aim::Proof(user) => {
            let link = Link::of_subject(app, context, &provider, &claims).await?;
            if link.is_none_or(|link| link.user != user) {
                return Err(refused("somebody else signed in there"));
            }
            let fresh = token::seconds(&claims["auth_time"]);
            if fresh.is_none_or(|at| at.plus_seconds(SKEW_S) < flow.began) {
                return Err(refused("it did not ask again who signs in"));
            }
            proof::make(app, context, user).await.map(Finished::Proved)
        }
    }
}

fn code(published: &Read, settings: &Settings, returned: Returned) -> Result<String, Error> {
    // RFC 9207: an answer of one provider is not taken for that of another.
    let named = published.metadata.authorization_response_iss_parameter_supported;
    if returned.iss.as_ref().is_some_and(|issuer| *issuer != settings.issuer)
        || (named && returned.iss.is_none())
    {
        return Err(refused("another provider answered"));
    }
    if returned.error.is_some() {
        let message = "the identity provider did not sign this person in";
        return Err(Error::new(ErrorKind::SignIn, "provider.denied", message));
    }
    returned.code.filter(|code| !code.is_empty()).ok_or_else(|| refused("it sent no code"))
}

/// The code for tokens (RFC 6749, section 4.1.3), with the secret of the client in the header unless the provider takes
/// it in the form only.
async fn exchange(
    app: &App,
    context: &Context,
    provider: &Provider,
    published: &Read,
    secrets: &Secrets,
    code: &str,
) -> Result<Value, Error> {
    let redirect = redirect_uri(app, context.tenant);
    let client = provider.settings.client_id.as_str();
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect.as_str()),
        ("code_verifier", secrets.verifier.as_str()),
    ];
    let secret = provider.open_secret(app)?;
    let ways = &published.metadata.token_endpoint_auth_methods_supported;
    // The default is the header (OpenID Connect Discovery 1.0, section 3).
    let in_header = ways.is_empty() || ways.iter().any(|way| way == "client_secret_basic");
    let mut header = None;
    match &secret {
        Some(secret) if in_header => {
            let encode =
                |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encode(client), encode(secret));
            header = Some(format!("Basic {}", STANDARD.encode(pair)));
        }
        Some(secret) => form.extend([("client_id", client), ("client_secret", secret.as_str())]),
        None => form.push(("client_id", client)),
    }
    let mut request = Request::form(published.metadata.token_endpoint.clone(), &form);
    if let Some(header) = header {
        request = request.with("authorization", header);
    }
    let answer = app.outbound.send(request).await.map_err(down)?;
    match answer.status {
        200 => metadata::json(&answer),
        401 => Err(refused("it does not know this server by its client id and secret")),
        _ => Err(refused("it gives nothing for the code")),
    }
}

/// Adds what the provider tells at its userinfo endpoint only, when something that is asked for is not in the token.
async fn complete(
    app: &App,
    settings: &Settings,
    published: &Read,
    tokens: &Value,
    claims: &mut Value,
) -> Result<(), Error> {
    let mut asked: Vec<&str> = settings.match_claim.iter().map(String::as_str).collect();
    if !settings.roles.is_empty() {
        asked.push(&settings.role_claim);
    }
    if settings.creates {
        // What a new account is called.
        asked.extend(["name", "preferred_username"]);
    }
    let missing = asked.into_iter().any(|name| claims[name].is_null());
    let (Some(endpoint), Some(token), true) =
        (&published.metadata.userinfo_endpoint, tokens["access_token"].as_str(), missing)
    else {
        return Ok(());
    };
    let request = Request::get(endpoint.clone()).with("authorization", format!("Bearer {token}"));
    let answer = app.outbound.send(request).await.map_err(down)?;
    if answer.status != 200 {
        return Err(refused("it does not tell more about this person"));
    }
    let more: Value = metadata::json(&answer)?;
    // OpenID Connect Core 1.0, section 5.3.2.
    if more["sub"] != claims["sub"] {
        return Err(refused("it tells about somebody else"));
    }
    if let (Some(more), Some(claims)) = (more.as_object(), claims.as_object_mut()) {
        for (name, value) in more {
            claims.entry(name).or_insert_with(|| value.clone());
        }
    }
    Ok(())
}

/// Whether the way in which somebody signed in there is one that counts as a second factor here.
fn is_second_factor(settings: &Settings, claims: &Value) -> bool {
    let acr = claims["acr"].as_str().unwrap_or_default();
    let amr = claims["amr"].as_array().map(Vec::as_slice).unwrap_or_default();
    settings.factor_acr.iter().any(|value| value == acr)
        || settings.factor_amr.iter().any(|value| amr.contains(&json!(value)))
}
