//! HL7 v2 out: whom it goes to, and the desk of its messages.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use bianque_app::messages::out::desk::{self, Asked, Dropping};
use bianque_app::messages::out::destinations::{self, Pausing, Rules};
use bianque_app::messages::out::resend::{self, Resending};
use bianque_model::ResourceId;
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// `GET /api/admin/destinations`
pub(crate) async fn destinations(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(destinations::list(&edge.app, &caller.context).await?))
}

/// `POST /api/admin/destinations`
pub(crate) async fn make(
    State(edge): State<Edge>,
    caller: Caller,
    Body(rules): Body<Rules>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(destinations::make(&edge.app, &caller.context, rules).await?))
}

/// `PUT /api/admin/destinations/{destination}`
pub(crate) async fn set(
    State(edge): State<Edge>,
    caller: Caller,
    Path(destination): Path<ResourceId>,
    Body(rules): Body<Rules>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(destinations::set(&edge.app, &caller.context, &destination, rules).await?))
}

/// `DELETE /api/admin/destinations/{destination}`
pub(crate) async fn remove(
    State(edge): State<Edge>,
    caller: Caller,
    Path(destination): Path<ResourceId>,
) -> Result<StatusCode, Problem> {
    destinations::remove(&edge.app, &caller.context, &destination).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/admin/destinations/{destination}/pause`
pub(crate) async fn pause(
    State(edge): State<Edge>,
    caller: Caller,
    Path(destination): Path<ResourceId>,
    Body(pausing): Body<Pausing>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(destinations::pause(&edge.app, &caller.context, &destination, pausing).await?))
}

/// `POST /api/admin/destinations/{destination}/try`
pub(crate) async fn try_now(
    State(edge): State<Edge>,
    caller: Caller,
    Path(destination): Path<ResourceId>,
) -> Result<StatusCode, Problem> {
    destinations::try_now(&edge.app, &caller.context, &destination).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/admin/outgoing`
pub(crate) async fn list(
    State(edge): State<Edge>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(desk::list(&edge.app, &caller.context, asked).await?))
}

/// `GET /api/admin/outgoing/flow`
pub(crate) async fn flow(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(desk::flow(&edge.app, &caller.context).await?))
}

/// `GET /api/admin/outgoing/{message}`
pub(crate) async fn show(
    State(edge): State<Edge>,
    caller: Caller,
    Path(message): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(desk::show(&edge.app, &caller.context, &message).await?))
}

/// `POST /api/admin/outgoing/resend`
pub(crate) async fn resend(
    State(edge): State<Edge>,
    caller: Caller,
    Body(resending): Body<Resending>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(resend::resend(&edge.app, &caller.context, resending).await?))
}

/// `POST /api/admin/outgoing/{message}/drop`
pub(crate) async fn drop(
    State(edge): State<Edge>,
    caller: Caller,
    Path(message): Path<ResourceId>,
    Body(dropping): Body<Dropping>,
) -> Result<StatusCode, Problem> {
    desk::drop(&edge.app, &caller.context, &message, dropping).await?;
    Ok(StatusCode::NO_CONTENT)
}
