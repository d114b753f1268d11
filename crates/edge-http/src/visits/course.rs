//! The course of a visit as the clinician steers it.

use axum::Json;
use axum::extract::{Path, State};
use bianque_app::visits::admit::Confirmed;
use bianque_app::visits::end::Ending;
use bianque_app::visits::{admit, end, join, pause};
use bianque_model::ResourceId;
use serde_json::{Value, json};

use super::desk::answer;
use crate::{Body, Caller, Edge, Problem};

/// `POST /api/visits/{visit}/link`
pub(crate) async fn link(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    let url = join::renew(&edge.app, &caller.context, &visit).await?;
    Ok(Json(json!({"join_url": url})))
}

/// `POST /api/visits/{visit}/let-in`
pub(crate) async fn let_in(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    let code = join::let_in_again(&edge.app, &caller.context, &visit).await?;
    Ok(Json(json!({"code": code})))
}

/// `POST /api/visits/{visit}/admit`
pub(crate) async fn admit(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(confirmed): Body<Confirmed>,
) -> Result<Json<Value>, Problem> {
    admit::admit(&edge.app, &caller.context, &visit, confirmed).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/away`
pub(crate) async fn away(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    pause::away(&edge.app, &caller.context, &visit).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/back`
pub(crate) async fn back(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    pause::back(&edge.app, &caller.context, &visit).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/end`
pub(crate) async fn end(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(ending): Body<Ending>,
) -> Result<Json<Value>, Problem> {
    end::end(&edge.app, &caller.context, &visit, ending).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/cancel`
pub(crate) async fn cancel(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    end::cancel(&edge.app, &caller.context, &visit).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/no-show`
pub(crate) async fn no_show(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    end::no_show(&edge.app, &caller.context, &visit).await?;
    answer(&edge, &caller, &visit).await
}
