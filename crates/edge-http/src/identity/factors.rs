//! Somebody's own second factors.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bianque_app::identity::authenticator_app::{self, Typed};
use bianque_app::identity::passkeys::{self, Registration, Renaming};
use bianque_app::identity::{factors, recovery_codes};
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// `GET /api/session/factors`
pub(crate) async fn own(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(factors::own(&edge.app, &caller.context).await?))
}

/// `POST /api/session/totp`
pub(crate) async fn offer_totp(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(authenticator_app::offer(&edge.app, &caller.context).await?))
}

/// `POST /api/session/totp/confirm`
pub(crate) async fn confirm_totp(
    State(edge): State<Edge>,
    caller: Caller,
    Body(typed): Body<Typed>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(authenticator_app::confirm(&edge.app, &caller.context, typed).await?))
}

/// `DELETE /api/session/totp`
pub(crate) async fn remove_totp(State(edge): State<Edge>, caller: Caller) -> Result<StatusCode, Problem> {
    authenticator_app::remove(&edge.app, &caller.context).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/session/recovery-codes`
pub(crate) async fn renew_codes(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(recovery_codes::renew(&edge.app, &caller.context).await?))
}

/// `POST /api/session/passkeys/challenge`
pub(crate) async fn begin_passkey(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(passkeys::begin(&edge.app, &caller.context).await?))
}

/// `POST /api/session/passkeys`
pub(crate) async fn add_passkey(
    State(edge): State<Edge>,
    caller: Caller,
    Body(registration): Body<Registration>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok((StatusCode::CREATED, Json(passkeys::finish(&edge.app, &caller.context, registration).await?)))
}

/// `PATCH /api/session/passkeys/{passkey}`
pub(crate) async fn rename_passkey(
    State(edge): State<Edge>,
    caller: Caller,
    Path(passkey): Path<String>,
    Body(renaming): Body<Renaming>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(passkeys::rename(&edge.app, &caller.context, &passkey, renaming).await?))
}

/// `DELETE /api/session/passkeys/{passkey}`
pub(crate) async fn remove_passkey(
    State(edge): State<Edge>,
    caller: Caller,
    Path(passkey): Path<String>,
) -> Result<StatusCode, Problem> {
    passkeys::remove(&edge.app, &caller.context, &passkey).await?;
    Ok(StatusCode::NO_CONTENT)
}
