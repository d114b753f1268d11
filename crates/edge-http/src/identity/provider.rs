//! Sign-in and proofs by an identity provider: a browser is sent there, and comes back to a page of ours, which finishes.
//!
//! The page finishes with a request of its own, so that no cookie has to come with a navigation from another site.

use axum::Json;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::identity::provider::{self, Begun, Choice, Finished, Returned};
use bianque_app::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::json;

use super::{answered, set_cookie};
use crate::caller::{Anonymous, SESSION_COOKIE, browser, cookie};
use crate::smart::Refusal;
use crate::{Body, Caller, Edge, Problem};

/// Binds the way back to the browser that was sent.
const COOKIE: &str = "bianque_provider";

/// `POST /api/session/provider`
pub(crate) async fn begin(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    Body(choice): Body<Choice>,
) -> Result<Response, Problem> {
    sent(&edge, &provider::begin_sign_in(&edge.app, &context, &choice).await?)
}

/// `POST /api/session/provider/proof`
pub(crate) async fn begin_proof(State(edge): State<Edge>, caller: Caller) -> Result<Response, Problem> {
    sent(&edge, &provider::begin_proof(&edge.app, &caller.context).await?)
}

/// `POST /api/session/provider/finish`
pub(crate) async fn finish(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    headers: HeaderMap,
    Body(returned): Body<Returned>,
) -> Result<Response, Problem> {
    let secret = cookie(&headers, COOKIE);
    let finished = provider::finish(&edge.app, &context, &browser(&headers), secret, returned).await?;
    let mut response = match &finished {
        Finished::SignIn(outcome) => answered(&edge, outcome)?,
        Finished::Proved(proof) => Json(json!({"proof": proof})).into_response(),
    };
    set_cookie(&mut response, &edge, COOKIE, "", 0)?;
    Ok(response)
}

/// `POST /api/session/provider/sign-out`: here and there.
pub(crate) async fn sign_out(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let secret = cookie(&headers, SESSION_COOKIE).ok_or_else(Error::sign_in)?;
    let onward = provider::sign_out(&edge.app, &caller.context, secret).await?;
    let mut response = Json(onward).into_response();
    set_cookie(&mut response, &edge, SESSION_COOKIE, "", 0)?;
    Ok(response)
}

/// What a provider sends when somebody signed out there.
#[derive(Deserialize)]
pub(crate) struct SignedOutThere {
    logout_token: String,
}

/// `POST /api/identity-providers/{provider}/logout`, by the provider itself. What it sends shows who it is; it is
/// answered as OpenID Connect Back-Channel Logout 1.0 (2.8) has it.
pub(crate) async fn logout(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    Path(provider): Path<String>,
    Form(form): Form<SignedOutThere>,
) -> Result<Response, Refusal> {
    let ended = provider::logout(&edge.app, &context, &provider, &form.logout_token).await;
    ended.map_err(|error| match error.kind {
        ErrorKind::SignIn => Error::new(ErrorKind::Malformed, "oauth.invalid_request", error.message),
        _ => error,
    })?;
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response())
}

fn sent(edge: &Edge, begun: &Begun) -> Result<Response, Problem> {
    let mut response = Json(json!({"url": begun.url})).into_response();
    set_cookie(&mut response, edge, COOKIE, &begun.cookie, begun.seconds)?;
    Ok(response)
}
