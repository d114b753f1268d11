//! Reads: a resource, one of its versions, its history, and what the server can do.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use bianque_app::records::history::{Wanted, Whose};
use bianque_app::records::{self, Record};
use bianque_app::{Error, ErrorKind};
use bianque_model::ResourceId;
use serde_json::Value;

use super::headers::{modified_since, names_json, of_record, takes_json, version_in};
use super::{Refusal, json};
use crate::caller::Anonymous;
use crate::{Caller, Edge};

/// `GET /fhir/metadata`
pub(crate) async fn metadata(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
) -> Result<Response, Refusal> {
    Ok(json(records::capability::statement(&edge.app, &context).await?.to_vec()))
}

/// `GET /fhir/{type}/{id}`
pub(crate) async fn read(
    State(edge): State<Edge>,
    caller: Caller,
    Path((resource_type, id)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let known = version_in(&headers, &header::IF_NONE_MATCH).unwrap_or_default();
    let record = records::read::read(&edge.app, &caller.context, &resource_type, &id_of(&id)?).await?;
    // Where both are sent, the version decides.
    let unmodified = known.is_none() && !modified_since(&headers, record.last_updated);
    if known == Some(record.version) || unmodified {
        return Ok((StatusCode::NOT_MODIFIED, of_record(&record)).into_response());
    }
    answer(&record.shaped(&records::shape(pairs)?)?, &headers)
}

/// `GET /fhir/{type}/{id}/_history/{version}`
pub(crate) async fn vread(
    State(edge): State<Edge>,
    caller: Caller,
    Path((resource_type, id, version)): Path<(String, String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let version = version.parse().map_err(|_| Error::not_found())?;
    let record =
        records::vread::vread(&edge.app, &caller.context, &resource_type, &id_of(&id)?, version).await?;
    answer(&record.shaped(&records::shape(pairs)?)?, &headers)
}

/// `GET /fhir/{type}/{id}/_history`
pub(crate) async fn history(
    State(edge): State<Edge>,
    caller: Caller,
    Path((resource_type, id)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let id = id_of(&id)?;
    versions(&edge, &caller, Whose::Resource(&resource_type, &id), &pairs).await
}

/// `GET /fhir/{type}/_history`
pub(crate) async fn history_of_type(
    State(edge): State<Edge>,
    caller: Caller,
    Path(resource_type): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    versions(&edge, &caller, Whose::Type(&resource_type), &pairs).await
}

/// `GET /fhir/_history`
pub(crate) async fn history_of_everything(
    State(edge): State<Edge>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    versions(&edge, &caller, Whose::Everything, &pairs).await
}

async fn versions(
    edge: &Edge,
    caller: &Caller,
    whose: Whose<'_>,
    pairs: &[(String, String)],
) -> Result<Response, Refusal> {
    let wanted = Wanted::read(pairs)?;
    Ok(json(records::history::history(&edge.app, &caller.context, whose, wanted).await?))
}

/// What has not the form of an id names nothing.
pub(super) fn id_of(text: &str) -> Result<ResourceId, Error> {
    text.parse().map_err(|_| Error::not_found())
}

fn answer(record: &Record, headers: &HeaderMap) -> Result<Response, Refusal> {
    if record.resource_type == "Binary" && !names_json(headers) {
        return Ok(content(record)?.into_response());
    }
    if !takes_json(headers) {
        return Err(not_acceptable().into());
    }
    Ok((of_record(record), json(record.body.clone())).into_response())
}

/// A Binary asked for by its own media type, or by none, is its bytes (FHIR R4, Binary 2.43.4). They came from outside
/// and are never a page of ours.
fn content(record: &Record) -> Result<Response, Error> {
    let binary: Value = serde_json::from_slice(&record.body).map_err(Error::internal)?;
    let data = binary["data"].as_str().unwrap_or_default();
    let packed: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).map_err(Error::internal)?;
    let kind = binary["contentType"].as_str().and_then(|kind| HeaderValue::from_str(kind).ok());
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = (of_record(record), bytes).into_response();
    let answered = response.headers_mut();
    answered.insert(header::CONTENT_TYPE, kind);
    answered.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    answered.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    Ok(response)
}

fn not_acceptable() -> Error {
    Error::new(ErrorKind::WrongType, "fhir.accept", "this server answers application/fhir+json")
}
