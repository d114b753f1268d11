//! Applications, as administrators register them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bianque_app::smart::{grants as granted, register};
use bianque_model::ResourceId;
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// `GET /api/admin/applications`
pub(crate) async fn list(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(register::list(&edge.app, &caller.context).await?))
}

/// `POST /api/admin/applications`
pub(crate) async fn make(
    State(edge): State<Edge>,
    caller: Caller,
    Body(making): Body<register::Making>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok((StatusCode::CREATED, Json(register::make(&edge.app, &caller.context, making).await?)))
}

/// `PATCH /api/admin/applications/{application}`
pub(crate) async fn change(
    State(edge): State<Edge>,
    caller: Caller,
    Path(application): Path<ResourceId>,
    Body(changing): Body<register::Changing>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(register::change(&edge.app, &caller.context, &application, changing).await?))
}

/// `POST /api/admin/applications/{application}/secret`
pub(crate) async fn renew_secret(
    State(edge): State<Edge>,
    caller: Caller,
    Path(application): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(register::renew_secret(&edge.app, &caller.context, &application).await?))
}

/// `GET /api/admin/applications/{application}/grants`
pub(crate) async fn grants(
    State(edge): State<Edge>,
    caller: Caller,
    Path(application): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(granted::list(&edge.app, &caller.context, &application).await?))
}

/// `DELETE /api/admin/applications/{application}/grants/{grant}`
pub(crate) async fn revoke(
    State(edge): State<Edge>,
    caller: Caller,
    Path((application, grant)): Path<(ResourceId, ResourceId)>,
) -> Result<StatusCode, Problem> {
    granted::revoke(&edge.app, &caller.context, &application, &grant).await?;
    Ok(StatusCode::NO_CONTENT)
}
