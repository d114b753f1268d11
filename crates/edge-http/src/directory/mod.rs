//! What a clinician looks up, and keeps of a record.

pub(crate) mod corrections;
pub(crate) mod record;

pub(crate) mod identity;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use bianque_app::admin::{organizations, prices, schedules};
use bianque_app::directory::patients::{self, NewPatient};
use bianque_app::directory::{chart, practitioners, terms};
use bianque_app::emergency::open::{self, Emergency};
use bianque_app::{Error, instant};
use bianque_model::ResourceId;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem};

/// What is looked for.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Wanted {
    #[serde(default)]
    query: String,
}

/// Which patients are looked for, page by page.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct WantedPatients {
    #[serde(default)]
    query: String,
    /// The `next` of the page before.
    after: Option<String>,
}

/// `GET /api/patients`
pub(crate) async fn patients(
    State(edge): State<Edge>,
    caller: Caller,
    Query(wanted): Query<WantedPatients>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(patients::search(&edge.app, &caller.context, &wanted.query, wanted.after).await?))
}

/// `POST /api/patients`
pub(crate) async fn create_patient(
    State(edge): State<Edge>,
    caller: Caller,
    Body(patient): Body<NewPatient>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok((StatusCode::CREATED, Json(patients::create(&edge.app, &caller.context, patient).await?)))
}

/// `GET /api/patients/{patient}/chart`
pub(crate) async fn chart(
    State(edge): State<Edge>,
    caller: Caller,
    Path(patient): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(chart::load(&edge.app, &caller.context, &patient).await?))
}

/// `POST /api/emergencies`
pub(crate) async fn emergency(
    State(edge): State<Edge>,
    caller: Caller,
    Body(emergency): Body<Emergency>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok((StatusCode::CREATED, Json(open::open(&edge.app, &caller.context, emergency).await?)))
}

/// `GET /api/visit-types`
pub(crate) async fn visit_types(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(prices::bookable(&edge.app, &caller.context).await?))
}

/// `GET /api/practitioners/to-ask`
pub(crate) async fn to_ask(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(practitioners::to_ask(&edge.app, &caller.context).await?))
}

/// `GET /api/practitioners`
pub(crate) async fn practitioners(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(practitioners::list(&edge.app, &caller.context).await?))
}

/// `GET /api/organizations`
pub(crate) async fn organizations(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(organizations::list(&edge.app, &caller.context).await?))
}

/// Whose slots, and when.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Asked {
    practitioner: ResourceId,
    from: String,
    to: String,
}

/// `GET /api/slots`
pub(crate) async fn slots(
    State(edge): State<Edge>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let time = |text: &str, field| {
        instant::parse(text).ok_or_else(|| Error::field("field.time", field, "not an RFC 3339 instant"))
    };
    let (from, to) = (time(&asked.from, "from")?, time(&asked.to, "to")?);
    Ok(Json(schedules::slots(&edge.app, &caller.context, &asked.practitioner, from, to).await?))
}

/// `GET /api/terms/diagnoses`
pub(crate) async fn diagnoses(caller: Caller, Query(wanted): Query<Wanted>) -> Result<Json<Value>, Problem> {
    Ok(Json(terms::search(&caller.context, &wanted.query)?))
}
