//! What clinicians do with applications: open a chart in one, look at what one asks, let it or not.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use bianque_app::Error;
use bianque_app::smart::{consent, launch, menu, own_grants};
use bianque_model::ResourceId;
use serde_json::Value;

use crate::caller::{SESSION_COOKIE, cookie};
use crate::{Body, Caller, Edge, Problem};

/// `GET /api/applications`
pub(crate) async fn list(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(menu::list(&edge.app, &caller.context).await?))
}

/// `POST /api/launches`
pub(crate) async fn open(
    State(edge): State<Edge>,
    caller: Caller,
    Body(opening): Body<launch::Opening>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok((StatusCode::CREATED, Json(launch::open(&edge.app, &caller.context, opening).await?)))
}

/// `GET /api/session/applications`
pub(crate) async fn own(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(own_grants::list(&edge.app, &caller.context).await?))
}

/// `DELETE /api/session/applications/{grant}`
pub(crate) async fn end(
    State(edge): State<Edge>,
    caller: Caller,
    Path(grant): Path<ResourceId>,
) -> Result<StatusCode, Problem> {
    own_grants::end(&edge.app, &caller.context, &grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/authorizations/look`
pub(crate) async fn look(
    State(edge): State<Edge>,
    caller: Caller,
    Body(looking): Body<consent::Looking>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(consent::look(&edge.app, &caller.context, &looking).await?))
}

/// `POST /api/authorizations`
pub(crate) async fn decide(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
    Body(deciding): Body<consent::Deciding>,
) -> Result<Json<Value>, Problem> {
    let cookie = cookie(&headers, SESSION_COOKIE).ok_or_else(Error::sign_in)?;
    Ok(Json(consent::decide(&edge.app, &caller.context, cookie, deciding).await?))
}
