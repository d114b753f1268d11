//! The server about itself: health, readiness, metrics, its routes.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::Error;
use bianque_model::{Actor, TenantId};
use serde_json::{Map, Value, json};

use crate::describe;
use crate::guard::proxies::Peer;
use crate::router::routes;
use crate::routes::Route;
use crate::{Caller, Edge, Problem};

/// `GET /healthz`
pub(crate) async fn health() -> &'static str {
    "ok"
}

/// `GET /readyz`: whether the store can be read.
pub(crate) async fn ready(State(edge): State<Edge>) -> Response {
    let needed = bianque_app::identity::setup::is_needed(&edge.app, TenantId::FIRST).await;
    let status = if needed.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": needed.is_ok()}))).into_response()
}

/// `GET /metrics`: to this machine, and elsewhere to programs with a token of the first tenant, for metrics are of the
/// whole server.
pub(crate) async fn metrics(
    State(edge): State<Edge>,
    peer: Option<Extension<Peer>>,
    caller: Caller,
) -> Result<Response, Problem> {
    let local = peer.is_some_and(|Extension(peer)| peer.address.is_loopback() && !peer.relayed);
    let operator =
        caller.context.tenant == TenantId::FIRST && matches!(caller.context.actor, Actor::System { .. });
    if !local && !operator {
        return Err(Error::sign_in().into());
    }
    let render = edge.metrics.as_ref().ok_or_else(Error::not_found)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render()).into_response())
}

/// `GET /api/openapi.json`
pub(crate) async fn openapi(State(edge): State<Edge>) -> Json<Value> {
    let mut paths = Map::new();
    for route in routes(&edge) {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation(&route);
    }
    Json(json!({
        "openapi": "3.1.0",
        "info": {"title": "Bianque", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {"securitySchemes": {
            "account": {"type": "apiKey", "in": "cookie", "name": crate::caller::SESSION_COOKIE},
            "visit": {"type": "apiKey", "in": "cookie", "name": crate::caller::VISIT_COOKIE},
            "program": {"type": "http", "scheme": "bearer"},
        }},
    }))
}

fn operation(route: &Route) -> Value {
    let security =
        if route.open { json!([]) } else { json!([{"account": []}, {"visit": []}, {"program": []}]) };
    let mut operation = Map::new();
    operation.insert("summary".into(), json!(route.summary));
    operation.insert("x-fresh-proof".into(), json!(route.asks.fresh_proof));
    describe::operation(route.path, (route.input)(), &mut operation);
    operation.insert("security".into(), security);
    operation.insert("responses".into(), json!({"default": {"description": "see docs/api.md"}}));
    Value::Object(operation)
}
