//! People with an account: how they come in, their sessions, their factors.

pub(crate) mod factors;
pub(crate) mod own_sessions;
pub(crate) mod provider;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::Error;
use bianque_app::identity::known_browsers::KNOWN_S;
use bianque_app::identity::one_click;
use bianque_app::identity::passkeys::{self, Assertion};
use bianque_app::identity::password_links::{self, Choice, Replacement};
use bianque_app::identity::second_step::{self, Shown};
use bianque_app::identity::sessions::{self, ABSOLUTE_S, Begun};
use bianque_app::identity::setup::{self, FirstUse};
use bianque_app::identity::sign_in::{self as signing, Credentials, Outcome};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::caller::{Anonymous, BROWSER_COOKIE, SESSION_COOKIE, browser, cookie};
use crate::{Body, Caller, Edge, Problem};

/// `GET /api/session`: whoever asks, also nobody.
pub(crate) async fn current(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let session = sessions::current(&edge.app, &context, cookie(&headers, SESSION_COOKIE)).await?;
    Ok(Json(json!({
        "session": session,
        "setup_needed": setup::is_needed(&edge.app, context.tenant).await?,
        "demo": edge.app.settings.demo,
        "version": env!("CARGO_PKG_VERSION"),
        "passkey_address": passkeys::address(&edge.app, context.tenant),
        "providers": bianque_app::identity::provider::offered(&edge.app, context.tenant).await?,
    })))
}

/// `POST /api/session`
pub(crate) async fn sign_in(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    headers: HeaderMap,
    Body(credentials): Body<Credentials>,
) -> Result<Response, Problem> {
    let outcome = signing::sign_in(&edge.app, &context, &browser(&headers), credentials).await?;
    answered(&edge, &outcome)
}

/// `POST /api/session/second-step`
pub(crate) async fn second_step(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    headers: HeaderMap,
    Body(shown): Body<Shown>,
) -> Result<Response, Problem> {
    begun(&edge, &second_step::finish(&edge.app, &context, &browser(&headers), shown).await?)
}

/// `POST /api/session/passkey/challenge`
pub(crate) async fn passkey_challenge(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
) -> Result<Json<Value>, Problem> {
    Ok(Json(passkeys::challenge_for_sign_in(&edge.app, &context).await?))
}

/// `POST /api/session/passkey`
pub(crate) async fn sign_in_by_passkey(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    headers: HeaderMap,
    Body(assertion): Body<Assertion>,
) -> Result<Response, Problem> {
    begun(&edge, &signing::by_passkey(&edge.app, &context, &browser(&headers), assertion).await?)
}

/// `DELETE /api/session`
pub(crate) async fn sign_out(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(secret) = cookie(&headers, SESSION_COOKIE) {
        sessions::end(&edge.app, &caller.context, secret).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &edge, SESSION_COOKIE, "", 0)?;
    Ok(response)
}

/// `POST /api/session/password`
pub(crate) async fn replace_password(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
    Body(replacement): Body<Replacement>,
) -> Result<StatusCode, Problem> {
    let cookie = cookie(&headers, SESSION_COOKIE);
    password_links::replace(&edge.app, &caller.context, cookie, replacement).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/setup`
pub(crate) async fn set_up(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    headers: HeaderMap,
    Body(first): Body<FirstUse>,
) -> Result<Response, Problem> {
    begun(&edge, &setup::complete(&edge.app, &context, &browser(&headers), first).await?)
}

/// `POST /api/password`
pub(crate) async fn choose_password(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    headers: HeaderMap,
    Body(choice): Body<Choice>,
) -> Result<Response, Problem> {
    let outcome = password_links::choose(&edge.app, &context, &browser(&headers), choice).await?;
    answered(&edge, &outcome)
}

/// `GET /api/demo/people`
pub(crate) async fn demo_people(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
) -> Result<Json<Value>, Problem> {
    Ok(Json(one_click::people(&edge.app, &context).await?))
}

/// Whom one wants to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Somebody {
    key: String,
}

/// `POST /api/demo/sign-in`
pub(crate) async fn demo_sign_in(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    headers: HeaderMap,
    Body(somebody): Body<Somebody>,
) -> Result<Response, Problem> {
    begun(&edge, &one_click::be(&edge.app, &context, &browser(&headers), &somebody.key).await?)
}

fn answered(edge: &Edge, outcome: &Outcome) -> Result<Response, Problem> {
    match outcome {
        Outcome::In(session) => begun(edge, session),
        Outcome::Asked(asked) => Ok(Json(json!({"session": null, "second": asked.shown})).into_response()),
    }
}

fn begun(edge: &Edge, begun: &Begun) -> Result<Response, Problem> {
    let mut response = Json(json!({"session": begun.shown})).into_response();
    set_cookie(&mut response, edge, SESSION_COOKIE, &begun.cookie, ABSOLUTE_S)?;
    if let Some(secret) = &begun.browser {
        set_cookie(&mut response, edge, BROWSER_COOKIE, secret, KNOWN_S)?;
    }
    Ok(response)
}

/// Sent with our own pages' requests only, and never readable by a script.
fn set_cookie(
    response: &mut Response,
    edge: &Edge,
    name: &str,
    secret: &str,
    seconds: i64,
) -> Result<(), Problem> {
    let secure = if edge.trust.secure_cookies { "; Secure" } else { "" };
    let line = format!("{name}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    let value = HeaderValue::from_str(&line).map_err(|error| Problem(Error::internal(error)))?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(())
}
