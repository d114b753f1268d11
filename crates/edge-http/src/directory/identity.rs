//! Who a patient is: the desk of the record office, merging, and undoing it.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use bianque_app::patients::authorities::{self, Setting};
use bianque_app::patients::merge::{self, Merged, Merging};
use bianque_app::patients::undo::{self, Undoing};
use bianque_app::patients::{desk, refused};
use bianque_model::ResourceId;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// Which page.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Page {
    after: Option<String>,
}

/// `GET /api/patients/pairs`
pub(crate) async fn pairs(
    State(edge): State<Edge>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(desk::pairs(&edge.app, &caller.context, page.after.as_deref()).await?))
}

/// `POST /api/patients/pairs/{pair}/different`
pub(crate) async fn different(
    State(edge): State<Edge>,
    caller: Caller,
    Path(pair): Path<String>,
) -> Result<StatusCode, Problem> {
    desk::different(&edge.app, &caller.context, &pair).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/patients/refusals/{refusal}/settle`
pub(crate) async fn settle(
    State(edge): State<Edge>,
    caller: Caller,
    Path(refusal): Path<ResourceId>,
) -> Result<StatusCode, Problem> {
    refused::settle(&edge.app, &caller.context, &refusal).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/patients/merges`
pub(crate) async fn merges(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(desk::merges(&edge.app, &caller.context).await?))
}

/// `POST /api/patients/merges/{merge}/undo`
pub(crate) async fn undo(
    State(edge): State<Edge>,
    caller: Caller,
    Path(merge): Path<ResourceId>,
    Body(undoing): Body<Undoing>,
) -> Result<Json<Merged>, Problem> {
    Ok(Json(undo::undo(&edge.app, &caller.context, &merge, undoing).await?))
}

/// `POST /api/patients/{patient}/merge`
pub(crate) async fn merge(
    State(edge): State<Edge>,
    caller: Caller,
    Path(patient): Path<ResourceId>,
    Body(merging): Body<Merging>,
) -> Result<Json<Merged>, Problem> {
    Ok(Json(merge::merge(&edge.app, &caller.context, &patient, merging).await?))
}

/// `GET /api/patients/{patient}/links`
pub(crate) async fn links(
    State(edge): State<Edge>,
    caller: Caller,
    Path(patient): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(desk::links_of(&edge.app, &caller.context, &patient).await?))
}

/// `GET /api/admin/identifier-authorities`
pub(crate) async fn authorities(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(authorities::list(&edge.app, &caller.context).await?))
}

/// `PUT /api/admin/identifier-authorities`
pub(crate) async fn set_authorities(
    State(edge): State<Edge>,
    caller: Caller,
    Body(setting): Body<Setting>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(authorities::set(&edge.app, &caller.context, setting).await?))
}
