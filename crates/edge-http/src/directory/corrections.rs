//! Results that were corrected after somebody saw them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bianque_app::corrections::own;
use bianque_model::ResourceId;
use serde_json::Value;

use crate::{Caller, Edge, Problem};

/// `GET /api/corrections`
pub(crate) async fn list(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(own::list(&edge.app, &caller.context).await?))
}

/// `GET /api/corrections/count`
pub(crate) async fn count(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(own::count(&edge.app, &caller.context).await?))
}

/// `POST /api/corrections/{correction}/acknowledge`
pub(crate) async fn acknowledge(
    State(edge): State<Edge>,
    caller: Caller,
    Path(correction): Path<ResourceId>,
) -> Result<StatusCode, Problem> {
    own::acknowledge(&edge.app, &caller.context, &correction).await?;
    Ok(StatusCode::NO_CONTENT)
}
