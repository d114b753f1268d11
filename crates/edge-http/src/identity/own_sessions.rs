//! Where somebody is signed in, and proofs within a session.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use bianque_app::Error;
use bianque_app::identity::proof::{self, Proof};
use bianque_app::identity::{own_sessions, passkeys};
use serde_json::Value;

use crate::caller::{SESSION_COOKIE, cookie};
use crate::{Body, Caller, Edge, Problem};

/// `GET /api/sessions`
pub(crate) async fn list(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let cookie = cookie(&headers, SESSION_COOKIE);
    Ok(Json(own_sessions::list(&edge.app, &caller.context, cookie).await?))
}

/// `DELETE /api/sessions`: all but this one.
pub(crate) async fn end_others(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    own_sessions::end_others(&edge.app, &caller.context, cookie(&headers, SESSION_COOKIE)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/sessions/{session}`
pub(crate) async fn end_one(
    State(edge): State<Edge>,
    caller: Caller,
    Path(session): Path<String>,
) -> Result<StatusCode, Problem> {
    own_sessions::end_one(&edge.app, &caller.context, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/session/proof/challenge`
pub(crate) async fn challenge(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(passkeys::challenge_for_proof(&edge.app, &caller.context).await?))
}

/// `POST /api/session/proof`
pub(crate) async fn prove(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
    Body(proof): Body<Proof>,
) -> Result<StatusCode, Problem> {
    let cookie = cookie(&headers, SESSION_COOKIE).ok_or_else(Error::sign_in)?;
    proof::renew(&edge.app, &caller.context, cookie, proof).await?;
    Ok(StatusCode::NO_CONTENT)
}
