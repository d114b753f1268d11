//! Sign-in and proofs by an identity provider: a browser is sent there, and comes back to a page of ours, which finishes.
//!
//! The page finishes with a request of its own, so that no cookie has to come with a navigation from another site.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use bianque_app::identity::provider::{self, Begun, Choice, Finished, Returned};
use serde_json::json;

use super::{answered, set_cookie};
use crate::caller::{Anonymous, browser, cookie};
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

fn sent(edge: &Edge, begun: &Begun) -> Result<Response, Problem> {
    let mut response = Json(json!({"url": begun.url})).into_response();
    set_cookie(&mut response, edge, COOKIE, &begun.cookie, begun.seconds)?;
    Ok(response)
}
