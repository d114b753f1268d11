//! WADO-RS (PS3.18, 10.4): instances as files, their metadata, and bulk data.

use std::hash::{Hash as _, Hasher as _};

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::archive::header::BulkData;
use bianque_app::archive::retrieve::{Outgoing, Selection, retrieve};
use bianque_app::{App, Error, ErrorKind};
use bianque_model::Context;
use serde::Deserialize;

use super::accept::{Wish, wishes};
use super::body::{Part, Source, json_array, multipart, single};
use super::{Address, DICOM_JSON, base, pairs, parameter};
use crate::ranges::{self, Wanted};
use crate::{Caller, Edge, Problem};

/// The media type of an instance.
const DICOM: &str = "application/dicom";
/// That of bytes.
pub(super) const OCTETS: &str = "application/octet-stream";

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
pub(super) async fn one(app: &App, context: &Context, address: Address) -> Result<Outgoing, Error> {
    let found = found(app, context, address.selection()).await?;
    found.into_iter().next().ok_or_else(Error::not_found)
}

/// Nothing that is wanted can be given.
pub(super) fn not_acceptable(what: &str) -> Problem {
    Problem(Error::new(ErrorKind::NotAcceptable, "dicomweb.accept", format!("this is given as {what}")))
}

/// `GET /dicomweb/studies/{study}`, and a series or an instance of it
pub(crate) async fn instances(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let pairs = pairs(query.as_deref());
    let wishes = wishes(&headers, parameter(&pairs, "accept"));
    let wish = wishes.iter().find(|wish| wish.takes(DICOM)).ok_or_else(|| not_acceptable(DICOM))?.clone();
    let (app, context) = (edge.app.clone(), caller.context);
    let found = found(&app, &context, address.selection()).await?;
    // Without a wish for one, an instance is given in the transfer syntax it is kept in.
    if let Some(wanted) = &wish.syntax
        && !found.iter().any(|one| wish.takes_syntax(&one.syntax))
    {
        let kept = found.first().map(|one| one.syntax.clone()).unwrap_or_default();
        tracing::debug!(wanted, kept, "an image is not kept in the transfer syntax that is wanted");
        return Err(not_acceptable(&format!("{DICOM}; transfer-syntax={kept}")));
    }
    if !wish.multipart && found.len() == 1 {
        let tag = tag_of("file", &found);
        if is_known(&headers, &tag) {
            return Ok(StatusCode::NOT_MODIFIED.into_response());
        }
        let only = found.into_iter().next().ok_or_else(Error::not_found)?;
        return Ok(tagged(part_of(app, context, only, &headers).await?, &tag));
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
        open: Box::new(move |app, context| instance.open(app, context).map(Source::Kept)),
    }
}

/// An instance as one body, or the range of it that is asked for.
async fn part_of(
    app: App,
    context: Context,
    instance: Outgoing,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let size = instance.size;
    let wanted = ranges::wanted(headers, size);
    let (from, to) = match wanted {
        Wanted::All => (0, size),
        Wanted::Part { from, to } => (from, to),
        Wanted::Behind => (size, size),
    };
    let content_type = format!("{DICOM}; transfer-syntax={}", instance.syntax);
    let open = Box::new(move |app: &App, context: &Context| {
        instance.open_part(app, context, from, to).map(Source::Kept)
    });
    let part = Part { content_type: content_type.clone(), open };
    let body = single(app, context, part).await?.into_body();
    ranges::answer(body, wanted, size, &content_type)
}

/// What a representation of these instances is known by: an instance never changes.
pub(super) fn tag_of(form: &str, instances: &[Outgoing]) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    form.hash(&mut hasher);
    for one in instances {
        (&one.instance, one.size).hash(&mut hasher);
    }
    format!("\"{:016x}\"", hasher.finish())
}

/// Whether the asker has it already.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes())
}

/// An answer with what it is known by.
pub(super) fn tagged(mut response: Response, tag: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

/// Refuses who takes no JSON.
pub(super) fn json_is_wanted(headers: &HeaderMap, parameter: Option<&str>) -> Result<(), Problem> {
    let takes = |wish: &Wish| wish.takes(DICOM_JSON) || wish.takes("application/json");
    if wishes(headers, parameter).iter().any(takes) { Ok(()) } else { Err(not_acceptable(DICOM_JSON)) }
}

/// `GET …/metadata` of a study, a series or an instance
pub(crate) async fn metadata(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    json_is_wanted(&headers, None)?;
    let (app, context) = (edge.app.clone(), caller.context);
    let base = base(&app, context.tenant);
    let found = found(&app, &context, address.selection()).await?;
    let tag = tag_of("metadata", &found);
    if is_known(&headers, &tag) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let items = found.into_iter().map(move |one| {
        let own = format!("{base}/studies/{}/series/{}/instances/{}", one.study, one.series, one.instance);
        move |app: &App, context: &Context| one.metadata(app, context, &own)
    });
    Ok(tagged(json_array(app, context, items, DICOM_JSON)?, &tag))
}

/// The element of which bulk data is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Value {
    path: String,
}

/// `GET /dicomweb/studies/{study}/series/{series}/instances/{instance}/bulkdata/{*path}`
pub(crate) async fn bulk_data(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    Path(Value { path }): Path<Value>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wishes = wishes(&headers, None);
    let wish = wishes.iter().find(|wish| wish.takes(OCTETS)).ok_or_else(|| not_acceptable(OCTETS))?.clone();
    let (app, context) = (edge.app.clone(), caller.context);
    let one = one(&app, &context, address).await?;
    let part = Part {
        content_type: OCTETS.to_owned(),
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
