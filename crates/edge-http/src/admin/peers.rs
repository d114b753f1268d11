//! Application entities of DICOM that are known here.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bianque_app::archive::peers::{self, Rules};
use bianque_model::ResourceId;
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// `GET /api/admin/peers`
pub(crate) async fn list(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(peers::list(&edge.app, &caller.context).await?))
}

/// `POST /api/admin/peers`
pub(crate) async fn make(
    State(edge): State<Edge>,
    caller: Caller,
    Body(rules): Body<Rules>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(peers::make(&edge.app, &caller.context, rules).await?))
}

/// `PUT /api/admin/peers/{peer}`
pub(crate) async fn set(
    State(edge): State<Edge>,
    caller: Caller,
    Path(peer): Path<ResourceId>,
    Body(rules): Body<Rules>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(peers::set(&edge.app, &caller.context, &peer, rules).await?))
}

/// `DELETE /api/admin/peers/{peer}`
pub(crate) async fn remove(
    State(edge): State<Edge>,
    caller: Caller,
    Path(peer): Path<ResourceId>,
) -> Result<StatusCode, Problem> {
    peers::remove(&edge.app, &caller.context, &peer).await?;
    Ok(StatusCode::NO_CONTENT)
}
