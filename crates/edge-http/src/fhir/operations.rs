//! The operations on records.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bianque_app::records::operations::everything::{Whole, everything};
use bianque_app::records::operations::last_n::last_n;
use bianque_app::records::operations::match_patient::match_patient;
use bianque_app::records::operations::merge_patient::{merge_patient, unmerge_patient};
use bianque_app::records::operations::meta::{self, Way};
use bianque_app::records::operations::purge::purge;
use bianque_app::records::operations::validate::{Judged, validate as judge};
use bianque_app::records::subscriptions;
use bianque_model::ResourceId;

use super::headers::must_be_json;
use super::question::Question;
use super::read::id_of;
use super::{Refusal, json as answer};
use crate::{Caller, Edge};

/// `/fhir/Patient/{id}/$everything`
pub(crate) async fn everything_of_patient(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(everything(&edge.app, &caller.context, Whole::Patient, &id_of(&id)?, &asked).await?))
}

/// `/fhir/Encounter/{id}/$everything`
pub(crate) async fn everything_of_encounter(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(everything(&edge.app, &caller.context, Whole::Encounter, &id_of(&id)?, &asked).await?))
}

/// `POST /fhir/{type}/$validate`
pub(crate) async fn validate(
    State(edge): State<Edge>,
    caller: Caller,
    Path(resource_type): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    verdict(&edge, &caller, (&resource_type, None), pairs, &headers, &body).await
}

/// `/fhir/{type}/{id}/$validate`: of what is sent, or of what is stored.
pub(crate) async fn validate_stored(
    State(edge): State<Edge>,
    caller: Caller,
    Path((resource_type, id)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let id = id_of(&id)?;
    verdict(&edge, &caller, (&resource_type, Some(&id)), pairs, &headers, &body).await
}

async fn verdict(
    edge: &Edge,
    caller: &Caller,
    (resource_type, id): (&str, Option<&ResourceId>),
    pairs: Vec<(String, String)>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refusal> {
    let body = Some(body).filter(|body| !body.is_empty());
    if body.is_some() {
        must_be_json(headers)?;
    }
    let judged = Judged::read(pairs, body)?;
    Ok(answer(judge(&edge.app, &caller.context, resource_type, id, judged).await?))
}

/// `/fhir/Subscription/{id}/$status`
pub(crate) async fn subscription_status(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(subscriptions::status(&edge.app, &caller.context, &id_of(&id)?, &asked).await?))
}

/// `/fhir/{type}/{id}/$meta`
pub(crate) async fn meta(
    State(edge): State<Edge>,
    caller: Caller,
    Path((resource_type, id)): Path<(String, String)>,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(meta::meta(&edge.app, &caller.context, &resource_type, &id_of(&id)?, &asked).await?))
}

/// `POST /fhir/{type}/{id}/$meta-add`
pub(crate) async fn meta_add(
    State(edge): State<Edge>,
    caller: Caller,
    Path((resource_type, id)): Path<(String, String)>,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    let id = id_of(&id)?;
    Ok(answer(meta::change(&edge.app, &caller.context, (&resource_type, &id), Way::Add, &asked).await?))
}

/// `POST /fhir/{type}/{id}/$meta-delete`
pub(crate) async fn meta_delete(
    State(edge): State<Edge>,
    caller: Caller,
    Path((resource_type, id)): Path<(String, String)>,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    let id = id_of(&id)?;
    Ok(answer(meta::change(&edge.app, &caller.context, (&resource_type, &id), Way::Delete, &asked).await?))
}

/// `POST /fhir/Patient/{id}/$purge`
pub(crate) async fn purge_patient(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(purge(&edge.app, &caller.context, &id_of(&id)?, &asked).await?))
}

/// `GET /fhir/Observation/$lastn`
pub(crate) async fn newest(
    State(edge): State<Edge>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    Ok(answer(last_n(&edge.app, &caller.context, &pairs).await?))
}

/// `POST /fhir/Patient/$match`
pub(crate) async fn matching(
    State(edge): State<Edge>,
    caller: Caller,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(match_patient(&edge.app, &caller.context, &asked).await?))
}

/// `POST /fhir/Patient/$merge`
pub(crate) async fn merge(
    State(edge): State<Edge>,
    caller: Caller,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(merge_patient(&edge.app, &caller.context, &asked).await?))
}

/// `POST /fhir/Patient/$unmerge`
pub(crate) async fn unmerge(
    State(edge): State<Edge>,
    caller: Caller,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(unmerge_patient(&edge.app, &caller.context, &asked).await?))
}
