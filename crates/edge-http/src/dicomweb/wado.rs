//! WADO-RS (PS3.18, 10.4): instances as files, their metadata, and bulk data.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::archive::header::BulkData;
use bianque_app::archive::retrieve::{Outgoing, Selection, retrieve};
use bianque_app::{App, Error, ErrorKind};
use bianque_model::Context;

use super::accept::{Wish, wishes};
use super::body::{Part, Source, json_array, multipart, single};
use super::{DICOM_JSON, base, pairs, parameter};
use crate::{Caller, Edge, Problem};

/// The media type of an instance.
const DICOM: &str = "application/dicom";
/// That of bytes.
pub(super) const OCTETS: &str = "application/octet-stream";

/// What an address names.
pub(super) fn selection(study: String, series: Option<String>, instance: Option<String>) -> Selection {
    let list = |one: Option<String>| one.into_iter().collect();
    Selection { studies: vec![study], series: list(series), instances: list(instance) }
}

/// The instances of an address; at least one.
pub(super) async fn found(
    app: &App,
    context: &Context,
    selection: Selection,
) -> Result<Vec<Outgoing>, Error> {
    let found = retrieve(app, context, selection).await?;
    if found.is_empty() { Err(Error::not_found()) } else { Ok(found) }
}

/// The one instance of an address.
pub(super) async fn one(
    app: &App,
    context: &Context,
    (study, series, instance): (String, String, String),
) -> Result<Outgoing, Error> {
    let found = found(app, context, selection(study, Some(series), Some(instance))).await?;
    found.into_iter().next().ok_or_else(Error::not_found)
}

/// Nothing that is wanted can be given.
pub(super) fn not_acceptable(what: &str) -> Problem {
    Problem(Error::new(ErrorKind::NotAcceptable, "dicomweb.accept", format!("this is given as {what}")))
}

/// `GET /dicomweb/studies/{study}`
pub(crate) async fn study(
    State(edge): State<Edge>,
    caller: Caller,
    Path(study): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    instances(edge, caller, selection(study, None, None), query, headers).await
}

/// `GET /dicomweb/studies/{study}/series/{series}`
pub(crate) async fn series(
    State(edge): State<Edge>,
    caller: Caller,
    Path((study, series)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    instances(edge, caller, selection(study, Some(series), None), query, headers).await
}

/// `GET /dicomweb/studies/{study}/series/{series}/instances/{instance}`
pub(crate) async fn instance(
    State(edge): State<Edge>,
    caller: Caller,
    Path((study, series, instance)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    instances(edge, caller, selection(study, Some(series), Some(instance)), query, headers).await
}

async fn instances(
    edge: Edge,
    caller: Caller,
    selection: Selection,
    query: Option<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let pairs = pairs(query.as_deref());
    let wishes = wishes(&headers, parameter(&pairs, "accept"));
    let wish = wishes.iter().find(|wish| wish.takes(DICOM)).ok_or_else(|| not_acceptable(DICOM))?.clone();
    let (app, context) = (edge.app.clone(), caller.context);
    let found = found(&app, &context, selection).await?;
    // Without a wish for one, an instance is given in the transfer syntax it is kept in.
    if let Some(wanted) = &wish.syntax
        && !found.iter().any(|one| wish.takes_syntax(&one.syntax))
    {
        let kept = found.first().map(|one| one.syntax.clone()).unwrap_or_default();
        tracing::debug!(wanted, kept, "an image is not kept in the transfer syntax that is wanted");
        return Err(not_acceptable(&format!("{DICOM}; transfer-syntax={kept}")));
    }
    if !wish.multipart && found.len() == 1 {
        let only = found.into_iter().next().ok_or_else(Error::not_found)?;
        let tag = etag(&only);
        if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
            return Ok(StatusCode::NOT_MODIFIED.into_response());
        }
        let mut response = single(app, context, file(only)).await?;
        if let Ok(value) = HeaderValue::from_str(&tag) {
            response.headers_mut().insert(header::ETAG, value);
        }
        return Ok(response);
    }
    if !wish.multipart {
        return Err(not_acceptable("multipart/related; type=\"application/dicom\""));
    }
    let parts = found.into_iter().filter(move |one| wish.takes_syntax(&one.syntax)).map(file);
    multipart(app, context, parts, DICOM)
}

fn file(instance: Outgoing) -> Part {
    Part {
        content_type: format!("{DICOM}; transfer-syntax={}", instance.syntax),
        location: None,
        open: Box::new(move |app, context| instance.open(app, context).map(Source::Kept)),
    }
}

/// An instance never changes.
fn etag(instance: &Outgoing) -> String {
    format!("\"{}-{}\"", instance.instance, instance.size)
}

/// `GET /dicomweb/studies/{study}/metadata`
pub(crate) async fn study_metadata(
    State(edge): State<Edge>,
    caller: Caller,
    Path(study): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    metadata(edge, caller, selection(study, None, None), headers).await
}

/// `GET /dicomweb/studies/{study}/series/{series}/metadata`
pub(crate) async fn series_metadata(
    State(edge): State<Edge>,
    caller: Caller,
    Path((study, series)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    metadata(edge, caller, selection(study, Some(series), None), headers).await
}

/// `GET /dicomweb/studies/{study}/series/{series}/instances/{instance}/metadata`
pub(crate) async fn instance_metadata(
    State(edge): State<Edge>,
    caller: Caller,
    Path((study, series, instance)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    metadata(edge, caller, selection(study, Some(series), Some(instance)), headers).await
}

async fn metadata(
    edge: Edge,
    caller: Caller,
    selection: Selection,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let takes = |wish: &Wish| wish.takes(DICOM_JSON) || wish.takes("application/json");
    if !wishes(&headers, None).iter().any(takes) {
        return Err(not_acceptable(DICOM_JSON));
    }
    let (app, context) = (edge.app.clone(), caller.context);
    let base = base(&app, context.tenant);
    let found = found(&app, &context, selection).await?;
    let items = found.into_iter().map(move |one| {
        let own = format!("{base}/studies/{}/series/{}/instances/{}", one.study, one.series, one.instance);
        move |app: &App, context: &Context| one.metadata(app, context, &own)
    });
    json_array(app, context, items, DICOM_JSON)
}

/// `GET /dicomweb/studies/{study}/series/{series}/instances/{instance}/bulkdata/{*path}`
pub(crate) async fn bulk_data(
    State(edge): State<Edge>,
    caller: Caller,
    Path((study, series, instance, path)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wishes = wishes(&headers, None);
    let wish = wishes.iter().find(|wish| wish.takes(OCTETS)).ok_or_else(|| not_acceptable(OCTETS))?.clone();
    let (app, context) = (edge.app.clone(), caller.context);
    let one = one(&app, &context, (study, series, instance)).await?;
    let part = Part {
        content_type: OCTETS.to_owned(),
        location: None,
        open: Box::new(move |app, context| match one.bulk_data(app, context, &path)? {
            BulkData::Kept { from, to } => one.open_range(app, context, from, to).map(Source::Kept),
            BulkData::Made(bytes) => Ok(Source::Made(bytes)),
        }),
    };
    if wish.multipart && wish.media_type != "*/*" {
        return multipart(app, context, std::iter::once(part), OCTETS);
    }
    single(app, context, part).await
}
