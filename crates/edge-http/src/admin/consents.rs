//! Texts of consent.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bianque_app::admin::consents::{self, Publishing, Saving};
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// `GET /api/admin/consents`
pub(crate) async fn list(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(consents::list(&edge.app, &caller.context).await?))
}

/// `PUT /api/admin/consents/draft`
pub(crate) async fn save(
    State(edge): State<Edge>,
    caller: Caller,
    Body(saving): Body<Saving>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(consents::save(&edge.app, &caller.context, saving).await?))
}

/// `POST /api/admin/consents`
pub(crate) async fn publish(
    State(edge): State<Edge>,
    caller: Caller,
    Body(publishing): Body<Publishing>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok((StatusCode::CREATED, Json(consents::publish(&edge.app, &caller.context, publishing).await?)))
}
