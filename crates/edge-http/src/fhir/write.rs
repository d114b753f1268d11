//! Writes: create, update, patch, delete, each of one resource by its id or by a condition; and Bundles of them.

use axum::body::Bytes;
use axum::extract::{FromRequestParts, Path, Query, RawPathParams, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::records::write::{Done, Expected, Pairs, Patch, Target, What, Write, Written, write};
use bianque_app::records::{self, Record, bundle, prepare};
use bianque_app::{Error, ErrorKind};

use super::headers::{Preferences, must_be, must_be_json, of_record, version_in};
use super::{Refusal, json};
use crate::describe::Argument;
use crate::{Caller, Edge};

/// `POST /fhir`: a batch or a transaction.
pub(crate) async fn process(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    must_be_json(&headers)?;
    let representation = Preferences::of(&headers).representation;
    let bundle = prepare::read(&body)?;
    Ok(json(bundle::process(&edge.app, &caller.context, bundle, representation).await?))
}

/// `POST /fhir/{type}`, with a condition only when nothing matches it. `If-None-Exist` carries the condition, or, as some
/// clients write it, the address does.
pub(crate) async fn create(
    State(edge): State<Edge>,
    caller: Caller,
    Path(resource_type): Path<String>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    must_be_json(&headers)?;
    let mut pairs = conditions(pairs);
    pairs.extend(condition(&headers)?.unwrap_or_default());
    let unless = (!pairs.is_empty() || headers.contains_key("if-none-exist")).then_some(pairs);
    let what = What::Create { resource: prepare::read(&body)?, unless };
    done(&edge, &caller, Write { resource_type, what }, &headers).await
}

/// Which resource a write is about: `/fhir/{type}/{id}` that of the id, `/fhir/{type}?condition` the one that matches.
pub(crate) struct Meant {
    resource_type: String,
    target: Target,
}

impl Argument for Meant {}

impl FromRequestParts<Edge> for Meant {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Response> {
        let refused = IntoResponse::into_response;
        let path = RawPathParams::from_request_parts(parts, edge).await.map_err(refused)?;
        let named =
            |wanted: &str| path.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned());
        let target = if let Some(id) = named("id") {
            Target::Id(id.parse().map_err(|_| {
                let words = "an id is 1 to 64 letters, digits, '-' and '.'";
                Refusal(Error::new(ErrorKind::Malformed, "fhir.id", words)).into_response()
            })?)
        } else {
            let pairs = Query::<Pairs>::try_from_uri(&parts.uri).map_err(IntoResponse::into_response)?;
            Target::Matching(conditions(pairs.0))
        };
        Ok(Self { resource_type: named("type").unwrap_or_default(), target })
    }
}

/// `PUT`, with `If-Match` only when that version stands, with `If-None-Match: *` only when none does.
pub(crate) async fn update(
    State(edge): State<Edge>,
    caller: Caller,
    Meant { resource_type, target }: Meant,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    must_be_json(&headers)?;
    let what = What::Update { target, resource: prepare::read(&body)?, expected: expected(&headers)? };
    done(&edge, &caller, Write { resource_type, what }, &headers).await
}

/// `PATCH`, by a JSON Patch.
pub(crate) async fn patch(
    State(edge): State<Edge>,
    caller: Caller,
    Meant { resource_type, target }: Meant,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    must_be(&headers, "application/json-patch+json")?;
    let what = What::Patch { target, patch: Patch::read(&body)?, expected: expected(&headers)? };
    done(&edge, &caller, Write { resource_type, what }, &headers).await
}

/// `DELETE`
pub(crate) async fn delete(
    State(edge): State<Edge>,
    caller: Caller,
    Meant { resource_type, target }: Meant,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let what = What::Delete { target, expected: expected(&headers)? };
    done(&edge, &caller, Write { resource_type, what }, &headers).await
}

/// What is left of an address when what is about the answer is taken away.
fn conditions(mut pairs: Pairs) -> Pairs {
    pairs.retain(|(name, _)| !matches!(name.as_str(), "_format" | "_pretty"));
    pairs
}

/// What must stand: `If-Match: W/"3"` a version, `If-None-Match: *` nothing.
fn expected(headers: &HeaderMap) -> Result<Option<Expected>, Error> {
    if headers.get(header::IF_NONE_MATCH).is_some_and(|value| value == "*") {
        return Ok(Some(Expected::Nothing));
    }
    Ok(version_in(headers, &header::IF_MATCH)?.map(Expected::Version))
}

/// The pairs of `If-None-Exist`: a search without the `?` before it, though some clients send it.
fn condition(headers: &HeaderMap) -> Result<Option<Pairs>, Error> {
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
    let pairs = Query::<Pairs>::try_from_uri(&uri).map_err(|_| malformed())?;
    Ok(Some(pairs.0))
}

async fn done(edge: &Edge, caller: &Caller, wanted: Write, headers: &HeaderMap) -> Result<Response, Refusal> {
    let Written { done, record } = write(&edge.app, &caller.context, wanted).await?;
    let status = match done {
        Done::Created => StatusCode::CREATED,
        Done::Updated | Done::Existed => StatusCode::OK,
        Done::Deleted => StatusCode::NO_CONTENT,
    };
    Ok(match record {
        Some(record) => answer(edge, caller, status, record, headers),
        None => status.into_response(),
    })
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
