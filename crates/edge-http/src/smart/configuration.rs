//! Where everything is, for everybody.

use axum::Json;
use axum::extract::State;
use bianque_app::smart::configuration;
use serde_json::Value;

use super::Refusal;
use crate::Edge;

/// `GET /.well-known/smart-configuration`, also below the FHIR base.
pub(crate) async fn smart(State(edge): State<Edge>) -> Json<Value> {
    Json(configuration::smart(&edge.app))
}

/// `GET /.well-known/openid-configuration`
pub(crate) async fn openid(State(edge): State<Edge>) -> Json<Value> {
    Json(configuration::openid(&edge.app))
}

/// `GET /oauth2/jwks`
pub(crate) async fn keys(State(edge): State<Edge>) -> Result<Json<Value>, Refusal> {
    Ok(Json(configuration::keys(&edge.app)?))
}
