//! Identity providers, for administrators.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bianque_app::identity::provider::settings::{self, Writing};
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// `GET /api/admin/identity-providers`
pub(crate) async fn list(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(settings::list(&edge.app, &caller.context).await?))
}

/// `POST /api/admin/identity-providers`
pub(crate) async fn make(
    State(edge): State<Edge>,
    caller: Caller,
    Body(writing): Body<Writing>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok((StatusCode::CREATED, Json(settings::make(&edge.app, &caller.context, writing).await?)))
}

/// `PUT /api/admin/identity-providers/{provider}`
pub(crate) async fn change(
    State(edge): State<Edge>,
    caller: Caller,
    Path(provider): Path<String>,
    Body(writing): Body<Writing>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(settings::change(&edge.app, &caller.context, &provider, writing).await?))
}

/// `DELETE /api/admin/identity-providers/{provider}`
pub(crate) async fn remove(
    State(edge): State<Edge>,
    caller: Caller,
    Path(provider): Path<String>,
) -> Result<StatusCode, Problem> {
    settings::remove(&edge.app, &caller.context, &provider).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/admin/identity-providers/{provider}/test`
pub(crate) async fn test(
    State(edge): State<Edge>,
    caller: Caller,
    Path(provider): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(settings::test(&edge.app, &caller.context, &provider).await?))
}
