//! The keys of the installation.

use axum::Json;
use axum::extract::State;
use bianque_app::admin::keys;
use serde_json::Value;

use crate::{Caller, Edge, Problem};

/// `GET /api/admin/keys`
pub(crate) async fn show(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(keys::show(&edge.app, &caller.context).await?))
}
