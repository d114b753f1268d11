//! How long records are kept, and which must be.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bianque_app::admin::identify::{self, Named};
use bianque_app::recording::retention::{self, Deleting};
use bianque_app::records::retention::hold::{self, Lifting, Placing};
use bianque_app::records::retention::period::{self, Setting};
use bianque_model::ResourceId;
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// `GET /api/admin/retention`
pub(crate) async fn period(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(period::show(&edge.app, &caller.context).await?))
}

/// `PUT /api/admin/retention`
pub(crate) async fn set_period(
    State(edge): State<Edge>,
    caller: Caller,
    Body(setting): Body<Setting>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(period::set(&edge.app, &caller.context, setting).await?))
}

/// `GET /api/admin/holds`
pub(crate) async fn holds(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(hold::list(&edge.app, &caller.context).await?))
}

/// `POST /api/admin/holds`
pub(crate) async fn place(
    State(edge): State<Edge>,
    caller: Caller,
    Body(placing): Body<Placing>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    hold::place(&edge.app, &caller.context, placing).await?;
    Ok((StatusCode::CREATED, Json(hold::list(&edge.app, &caller.context).await?)))
}

/// `POST /api/admin/holds/{patient}/lift`
pub(crate) async fn lift(
    State(edge): State<Edge>,
    caller: Caller,
    Path(patient): Path<ResourceId>,
    Body(lifting): Body<Lifting>,
) -> Result<Json<Value>, Problem> {
    hold::lift(&edge.app, &caller.context, &patient, &lifting.reason).await?;
    Ok(Json(hold::list(&edge.app, &caller.context).await?))
}

/// `GET /api/admin/recordings`
pub(crate) async fn recordings(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(retention::list(&edge.app, &caller.context).await?))
}

/// `POST /api/admin/recordings/{recording}/delete`
pub(crate) async fn delete_recording(
    State(edge): State<Edge>,
    caller: Caller,
    Path(recording): Path<ResourceId>,
    Body(deleting): Body<Deleting>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(retention::delete(&edge.app, &caller.context, &recording, &deleting.reason).await?))
}

/// `POST /api/admin/patients/identify`
pub(crate) async fn identify(
    State(edge): State<Edge>,
    caller: Caller,
    Body(named): Body<Named>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(identify::identify(&edge.app, &caller.context, named).await?))
}
