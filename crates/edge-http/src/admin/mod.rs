//! What administrators manage.

pub(crate) mod applications;
pub(crate) mod audit;
pub(crate) mod consents;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod messages;
pub(crate) mod outgoing;
pub(crate) mod peers;
pub(crate) mod providers;
pub(crate) mod retention;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bianque_app::admin::{organizations, prices, schedules, users};
use bianque_app::identity::{own_sessions, rules};
use bianque_model::{ResourceId, UserId};
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// `GET /api/admin/users`
pub(crate) async fn users(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(users::list(&edge.app, &caller.context).await?))
}

/// `POST /api/admin/users`
pub(crate) async fn make_user(
    State(edge): State<Edge>,
    caller: Caller,
    Body(making): Body<users::Making>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok((StatusCode::CREATED, Json(users::make(&edge.app, &caller.context, making).await?)))
}

/// `PATCH /api/admin/users/{user}`
pub(crate) async fn change_user(
    State(edge): State<Edge>,
    caller: Caller,
    Path(user): Path<UserId>,
    Body(changing): Body<users::Changing>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(users::change(&edge.app, &caller.context, user, changing).await?))
}

/// `POST /api/admin/users/{user}/password-link`
pub(crate) async fn password_link(
    State(edge): State<Edge>,
    caller: Caller,
    Path(user): Path<UserId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(users::password_link(&edge.app, &caller.context, user).await?))
}

/// `GET /api/admin/users/{user}/sessions`
pub(crate) async fn sessions(
    State(edge): State<Edge>,
    caller: Caller,
    Path(user): Path<UserId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(own_sessions::list_of(&edge.app, &caller.context, user).await?))
}

/// `DELETE /api/admin/users/{user}/sessions`
pub(crate) async fn end_sessions(
    State(edge): State<Edge>,
    caller: Caller,
    Path(user): Path<UserId>,
) -> Result<StatusCode, Problem> {
    own_sessions::end_all_of(&edge.app, &caller.context, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/admin/users/{user}/second-factor`
pub(crate) async fn reset_second_factor(
    State(edge): State<Edge>,
    caller: Caller,
    Path(user): Path<UserId>,
) -> Result<StatusCode, Problem> {
    users::reset_second_factor(&edge.app, &caller.context, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/admin/sign-in`
pub(crate) async fn sign_in_rules(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(rules::show(&edge.app, &caller.context).await?))
}

/// `PUT /api/admin/sign-in`
pub(crate) async fn set_sign_in_rules(
    State(edge): State<Edge>,
    caller: Caller,
    Body(wanted): Body<rules::Rules>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(rules::set(&edge.app, &caller.context, wanted).await?))
}

/// `GET /api/admin/organizations`
pub(crate) async fn organizations(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(organizations::list(&edge.app, &caller.context).await?))
}

/// `POST /api/admin/organizations`
pub(crate) async fn make_organization(
    State(edge): State<Edge>,
    caller: Caller,
    Body(making): Body<organizations::Making>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok((StatusCode::CREATED, Json(organizations::make(&edge.app, &caller.context, making).await?)))
}

/// `PATCH /api/admin/organizations/{organization}`
pub(crate) async fn change_organization(
    State(edge): State<Edge>,
    caller: Caller,
    Path(organization): Path<ResourceId>,
    Body(changing): Body<organizations::Changing>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(organizations::change(&edge.app, &caller.context, &organization, changing).await?))
}

/// `GET /api/admin/schedules`
pub(crate) async fn schedules(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(schedules::list(&edge.app, &caller.context).await?))
}

/// `PUT /api/admin/schedules/{practitioner}`
pub(crate) async fn set_schedule(
    State(edge): State<Edge>,
    caller: Caller,
    Path(practitioner): Path<ResourceId>,
    Body(week): Body<schedules::Week>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(schedules::set(&edge.app, &caller.context, &practitioner, week).await?))
}

/// `GET /api/admin/prices`
pub(crate) async fn prices(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(prices::list(&edge.app, &caller.context).await?))
}

/// `PUT /api/admin/prices/{code}`
pub(crate) async fn set_price(
    State(edge): State<Edge>,
    caller: Caller,
    Path(code): Path<String>,
    Body(setting): Body<prices::Setting>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(prices::set(&edge.app, &caller.context, &code, setting).await?))
}

/// `GET /api/admin/emergencies`
pub(crate) async fn emergencies(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(bianque_app::emergency::list::list(&edge.app, &caller.context).await?))
}
