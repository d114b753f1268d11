//! Health of the parts.

use axum::Json;
use axum::extract::State;
use bianque_app::health;
use serde_json::Value;

use crate::{Caller, Edge, Problem};

/// `GET /api/admin/health`
pub(crate) async fn show(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(health::show(&edge.app, &caller.context).await?))
}

/// `GET /api/admin/health/summary`
pub(crate) async fn summary(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(health::summary(&edge.app, &caller.context).await?))
}
