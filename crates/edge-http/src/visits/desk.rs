//! The clinician's desk: the day, booking, one visit.

use axum::Json;
use axum::extract::{Path, Query, State};
use bianque_app::policy::Part;
use bianque_app::visits::book::Booking;
use bianque_app::visits::{access, book, consults, list, view};
use bianque_model::ResourceId;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Body, Caller, Edge, Problem};

/// One day of a zone.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Day {
    day: String,
    #[serde(default = "utc")]
    zone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// `GET /api/visits`
pub(crate) async fn day(
    State(edge): State<Edge>,
    caller: Caller,
    Query(day): Query<Day>,
) -> Result<Json<Value>, Problem> {
    let visits = list::day(&edge.app, &caller.context, &day.day, &day.zone).await?;
    Ok(Json(json!({"visits": visits})))
}

/// `GET /api/consults`
pub(crate) async fn consults(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(consults::list(&edge.app, &caller.context).await?))
}

/// `POST /api/visits`
pub(crate) async fn create(
    State(edge): State<Edge>,
    caller: Caller,
    Body(booking): Body<Booking>,
) -> Result<Json<Value>, Problem> {
    let booked = book::book(&edge.app, &caller.context, booking).await?;
    let visit = shown(&edge, &caller, &booked.visit).await?;
    Ok(Json(json!({"visit": visit, "join_url": booked.join_url})))
}

/// `GET /api/visits/{visit}`
pub(crate) async fn read(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    answer(&edge, &caller, &visit).await
}

/// `{"visit": Visit}` as the caller may see it.
pub(crate) async fn answer(edge: &Edge, caller: &Caller, visit: &ResourceId) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({"visit": shown(edge, caller, visit).await?})))
}

/// Those to whom a visit is shown.
const SEEING: [Part; 5] = [Part::Clinician, Part::Patient, Part::Consultant, Part::Guest, Part::Desk];

/// The visit as the caller may see it.
pub(crate) async fn shown(edge: &Edge, caller: &Caller, visit: &ResourceId) -> Result<Value, Problem> {
    let access = access::load_as(&edge.app, &caller.context, visit, &SEEING).await?;
    Ok(view::show(&edge.app, &caller.context, &access).await?)
}
