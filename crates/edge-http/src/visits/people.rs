//! The people of a visit: guests by link, the lobby, mute, lock.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bianque_app::visits::guests::invite::{self, InvitingGuest};
use bianque_app::visits::guests::knock::{self, Knock};
use bianque_app::visits::guests::{decide, observing};
use bianque_app::visits::people::{lock, log, mute};
use bianque_model::ResourceId;
use serde_json::Value;

use super::desk::answer;
use crate::{Body, Caller, Edge, Problem};

type Shown = Result<Json<Value>, Problem>;
type OfGuest = Path<(ResourceId, ResourceId)>;

/// `POST /api/visits/{visit}/guests`
pub(crate) async fn invite(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(inviting): Body<InvitingGuest>,
) -> Shown {
    Ok(Json(invite::invite(&edge.app, &caller.context, &visit, inviting).await?))
}

/// `POST /api/visits/{visit}/guests/{guest}/link`
pub(crate) async fn renew(State(edge): State<Edge>, caller: Caller, Path((visit, guest)): OfGuest) -> Shown {
    Ok(Json(invite::renew(&edge.app, &caller.context, &visit, &guest).await?))
}

/// `DELETE /api/visits/{visit}/guests/{guest}`
pub(crate) async fn take_back(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, guest)): OfGuest,
) -> Result<StatusCode, Problem> {
    invite::take_back(&edge.app, &caller.context, &visit, &guest).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/visits/{visit}/guests/{guest}/admit`
pub(crate) async fn admit(State(edge): State<Edge>, caller: Caller, Path((visit, guest)): OfGuest) -> Shown {
    decide::admit(&edge.app, &caller.context, &visit, &guest).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/guests/{guest}/turn-away`
pub(crate) async fn turn_away(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, guest)): OfGuest,
) -> Shown {
    decide::turn_away(&edge.app, &caller.context, &visit, &guest).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/guests/{guest}/remove`
pub(crate) async fn remove(State(edge): State<Edge>, caller: Caller, Path((visit, guest)): OfGuest) -> Shown {
    decide::remove(&edge.app, &caller.context, &visit, &guest).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/guests/{guest}/allow`
pub(crate) async fn allow(State(edge): State<Edge>, caller: Caller, Path((visit, guest)): OfGuest) -> Shown {
    observing::allow(&edge.app, &caller.context, &visit, &guest).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/guests/{guest}/refuse`
pub(crate) async fn refuse(State(edge): State<Edge>, caller: Caller, Path((visit, guest)): OfGuest) -> Shown {
    observing::refuse(&edge.app, &caller.context, &visit, &guest).await?;
    answer(&edge, &caller, &visit).await
}

/// `GET /api/visits/{visit}/guest-text`
pub(crate) async fn words(State(edge): State<Edge>, caller: Caller, Path(visit): Path<ResourceId>) -> Shown {
    Ok(Json(knock::words(&edge.app, &caller.context, &visit).await?))
}

/// `POST /api/visits/{visit}/knock`
pub(crate) async fn knock(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(agreement): Body<Knock>,
) -> Shown {
    knock::knock(&edge.app, &caller.context, &visit, agreement).await?;
    answer(&edge, &caller, &visit).await
}

/// `GET /api/visits/{visit}/people`
pub(crate) async fn log(State(edge): State<Edge>, caller: Caller, Path(visit): Path<ResourceId>) -> Shown {
    Ok(Json(log::read(&edge.app, &caller.context, &visit).await?))
}

/// `POST /api/visits/{visit}/people/{person}/mute`
pub(crate) async fn mute(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, person)): Path<(ResourceId, String)>,
) -> Shown {
    mute::mute(&edge.app, &caller.context, &visit, &person).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/people/{person}/ask`
pub(crate) async fn ask(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, person)): Path<(ResourceId, String)>,
) -> Shown {
    mute::ask(&edge.app, &caller.context, &visit, &person).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/unmute`
pub(crate) async fn unmute(State(edge): State<Edge>, caller: Caller, Path(visit): Path<ResourceId>) -> Shown {
    mute::unmute(&edge.app, &caller.context, &visit).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/lock`
pub(crate) async fn lock(State(edge): State<Edge>, caller: Caller, Path(visit): Path<ResourceId>) -> Shown {
    lock::set(&edge.app, &caller.context, &visit, true).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/unlock`
pub(crate) async fn unlock(State(edge): State<Edge>, caller: Caller, Path(visit): Path<ResourceId>) -> Shown {
    lock::set(&edge.app, &caller.context, &visit, false).await?;
    answer(&edge, &caller, &visit).await
}
