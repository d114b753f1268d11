//! HL7 v2: who sends it, and the desk of its messages.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use bianque_app::messages::desk::{self, Asked, Settling};
use bianque_app::messages::replay::{self, Replaying};
use bianque_app::messages::senders::{self, Rules};
use bianque_model::ResourceId;
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// `GET /api/admin/messages`
pub(crate) async fn list(
    State(edge): State<Edge>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(desk::list(&edge.app, &caller.context, asked).await?))
}

/// `GET /api/admin/messages/flow`
pub(crate) async fn flow(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(desk::flow(&edge.app, &caller.context).await?))
}

/// `GET /api/admin/messages/{message}`
pub(crate) async fn show(
    State(edge): State<Edge>,
    caller: Caller,
    Path(message): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(desk::show(&edge.app, &caller.context, &message).await?))
}

/// `POST /api/admin/messages/replay`
pub(crate) async fn replay(
    State(edge): State<Edge>,
    caller: Caller,
    Body(replaying): Body<Replaying>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(replay::replay(&edge.app, &caller.context, replaying).await?))
}

/// `POST /api/admin/messages/{message}/settle`
pub(crate) async fn settle(
    State(edge): State<Edge>,
    caller: Caller,
    Path(message): Path<ResourceId>,
    Body(settling): Body<Settling>,
) -> Result<StatusCode, Problem> {
    desk::settle(&edge.app, &caller.context, &message, settling).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/admin/senders`
pub(crate) async fn senders(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(senders::list(&edge.app, &caller.context).await?))
}

/// `POST /api/admin/senders`
pub(crate) async fn make_sender(
    State(edge): State<Edge>,
    caller: Caller,
    Body(rules): Body<Rules>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(senders::make(&edge.app, &caller.context, rules).await?))
}

/// `PUT /api/admin/senders/{sender}`
pub(crate) async fn set_sender(
    State(edge): State<Edge>,
    caller: Caller,
    Path(sender): Path<ResourceId>,
    Body(rules): Body<Rules>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(senders::set(&edge.app, &caller.context, &sender, rules).await?))
}

/// `DELETE /api/admin/senders/{sender}`
pub(crate) async fn remove_sender(
    State(edge): State<Edge>,
    caller: Caller,
    Path(sender): Path<ResourceId>,
) -> Result<StatusCode, Problem> {
    senders::remove(&edge.app, &caller.context, &sender).await?;
    Ok(StatusCode::NO_CONTENT)
}
