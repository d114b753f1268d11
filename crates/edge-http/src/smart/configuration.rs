//! Where everything is, for everybody.

use axum::Json;
use axum::extract::State;
use bianque_app::smart::configuration;
use serde_json::Value;

use super::Refusal;
use crate::Edge;
use crate::caller::Anonymous;

/// `GET /.well-known/smart-configuration`, also below the FHIR base.
pub(crate) async fn smart(State(edge): State<Edge>, Anonymous(context): Anonymous) -> Json<Value> {
    Json(configuration::smart(&edge.app, context.tenant))
}

/// `GET /.well-known/openid-configuration`
pub(crate) async fn openid(State(edge): State<Edge>, Anonymous(context): Anonymous) -> Json<Value> {
    Json(configuration::openid(&edge.app, context.tenant))
}

/// `GET /oauth2/jwks`
pub(crate) async fn keys(State(edge): State<Edge>) -> Result<Json<Value>, Refusal> {
    Ok(Json(configuration::keys(&edge.app)?))
}
