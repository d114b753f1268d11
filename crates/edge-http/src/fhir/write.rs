//! Writes: create, update, delete.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::records::{self, Record};
use bianque_app::{Error, ErrorKind};

use super::headers::{Preferences, must_be_json, of_record, version_in};
use super::read::id_of;
use super::{Refusal, json};
use crate::{Caller, Edge};

/// `POST /fhir/{type}`, with a condition only when nothing matches it. `If-None-Exist` carries the condition, or, as some
/// clients write it, the address does.
pub(crate) async fn create(
    State(edge): State<Edge>,
    caller: Caller,
    Path(resource_type): Path<String>,
    Query(mut pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    must_be_json(&headers)?;
    pairs.retain(|(name, _)| !matches!(name.as_str(), "_format" | "_pretty"));
    pairs.extend(condition(&headers)?.unwrap_or_default());
    let unless = (!pairs.is_empty() || headers.contains_key("if-none-exist")).then_some(pairs);
    let created =
        records::create::create(&edge.app, &caller.context, &resource_type, &body, unless.as_deref()).await?;
    let status = if created.existed { StatusCode::OK } else { StatusCode::CREATED };
    Ok(answer(&edge, &caller, status, created.record, &headers))
}

/// `PUT /fhir/{type}/{id}`, with `If-Match` only when that version stands.
pub(crate) async fn update(
    State(edge): State<Edge>,
    caller: Caller,
    Path((resource_type, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    must_be_json(&headers)?;
    let expected = version_in(&headers, &header::IF_MATCH)?;
    let id = id.parse().map_err(|_| {
        Error::new(ErrorKind::Malformed, "fhir.id", "an id is 1 to 64 letters, digits, '-' and '.'")
    })?;
    let updated =
        records::update::update(&edge.app, &caller.context, &resource_type, &id, &body, expected).await?;
    let status = if updated.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(answer(&edge, &caller, status, updated.record, &headers))
}

/// `DELETE /fhir/{type}/{id}`
pub(crate) async fn delete(
    State(edge): State<Edge>,
    caller: Caller,
    Path((resource_type, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let expected = version_in(&headers, &header::IF_MATCH)?;
    records::delete::delete(&edge.app, &caller.context, &resource_type, &id_of(&id)?, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The pairs of `If-None-Exist`: a search without the `?` before it, though some clients send it.
fn condition(headers: &HeaderMap) -> Result<Option<Vec<(String, String)>>, Error> {
    let Some(value) = headers.get("if-none-exist") else { return Ok(None) };
    let malformed = || {
        Error::new(
            ErrorKind::Malformed,
            "fhir.condition",
            "If-None-Exist is not a search such as identifier=s|v",
        )
    };
    let text = value.to_str().map_err(|_| malformed())?;
    let query = text.rsplit_once('?').map_or(text, |(_, query)| query);
    let uri = format!("/?{query}").parse().map_err(|_| malformed())?;
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(&uri).map_err(|_| malformed())?;
    Ok(Some(pairs.0))
}

fn answer(edge: &Edge, caller: &Caller, status: StatusCode, record: Record, headers: &HeaderMap) -> Response {
    let place = format!(
        "{}/{}/{}/_history/{}",
        records::base(&edge.app, caller.context.tenant),
        record.resource_type,
        record.id,
        record.version
    );
    let tags = of_record(&record);
    let body =
        if Preferences::of(headers).minimal { StatusCode::OK.into_response() } else { json(record.body) };
    let mut response = (status, tags, body).into_response();
    if let Ok(place) = HeaderValue::try_from(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}
