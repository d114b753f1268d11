//! Searches, by address or by form.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bianque_app::records;

use super::headers::Preferences;
use super::read::id_of;
use super::{Refusal, json};
use crate::{Caller, Edge};

/// `GET /fhir/{type}`
pub(crate) async fn by_address(
    State(edge): State<Edge>,
    caller: Caller,
    Path(resource_type): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let lenient = Preferences::of(&headers).lenient;
    Ok(json(records::search::search(&edge.app, &caller.context, &resource_type, &pairs, lenient).await?))
}

/// `POST /fhir/{type}/_search`: the pairs of the address and of the form together.
pub(crate) async fn by_form(
    State(edge): State<Edge>,
    caller: Caller,
    Path(resource_type): Path<String>,
    Query(mut pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    pairs.extend(form);
    let lenient = Preferences::of(&headers).lenient;
    Ok(json(records::search::search(&edge.app, &caller.context, &resource_type, &pairs, lenient).await?))
}

/// `GET /fhir`: resources of several types.
pub(crate) async fn everywhere(
    State(edge): State<Edge>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let lenient = Preferences::of(&headers).lenient;
    Ok(json(records::search::everywhere(&edge.app, &caller.context, &pairs, lenient).await?))
}

/// `POST /fhir/_search`: the pairs of the address and of the form together.
pub(crate) async fn everywhere_by_form(
    State(edge): State<Edge>,
    caller: Caller,
    Query(mut pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    pairs.extend(form);
    let lenient = Preferences::of(&headers).lenient;
    Ok(json(records::search::everywhere(&edge.app, &caller.context, &pairs, lenient).await?))
}

/// `GET /fhir/{type}/{id}/{member}`: what lies in the compartment of a resource, of one type or (`*`) of all.
pub(crate) async fn compartment(
    State(edge): State<Edge>,
    caller: Caller,
    Path((kind, id, member)): Path<(String, String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (id, lenient) = (id_of(&id)?, Preferences::of(&headers).lenient);
    let within = (kind.as_str(), &id);
    Ok(json(
        records::search::compartment(&edge.app, &caller.context, within, &member, &pairs, lenient).await?,
    ))
}
