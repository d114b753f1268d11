//! Operations that take long (FHIR R4, Asynchronous Request Pattern; Bulk Data Access 2.0): asked for, looked after by an
//! address, fetched.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::jobs::{self, Status};
use bianque_app::records::export::{self, Level};
use bianque_app::records::{self, Asked, reindex};
use bianque_app::{Error, ErrorKind};
use bianque_model::ResourceId;

use super::headers::{Preferences, http_date};
use super::question::Question;
use super::read::id_of;
use super::{Refusal, json};
use crate::ranges;
use crate::{Caller, Edge};

/// How far a job came, in words.
const PROGRESS: HeaderName = HeaderName::from_static("x-progress");

/// `/fhir/$export`
pub(crate) async fn export_everything(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    export(&edge, &caller, &headers, Level::System, &asked).await
}

/// `/fhir/Patient/$export`
pub(crate) async fn export_patients(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    export(&edge, &caller, &headers, Level::Patient, &asked).await
}

/// `/fhir/Group/{id}/$export`
pub(crate) async fn export_group(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    export(&edge, &caller, &headers, Level::Group(id_of(&id)?), &asked).await
}

async fn export(
    edge: &Edge,
    caller: &Caller,
    headers: &HeaderMap,
    level: Level,
    asked: &Asked,
) -> Result<Response, Refusal> {
    must_be_asynchronous(headers)?;
    let job = export::ask(&edge.app, &caller.context, level, asked).await?;
    Ok(accepted(edge, caller, &job))
}

/// `POST /fhir/$reindex`
pub(crate) async fn reindex_everything(
    State(edge): State<Edge>,
    caller: Caller,
    headers: HeaderMap,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    must_be_asynchronous(&headers)?;
    let job = reindex::ask(&edge.app, &caller.context, None, &asked).await?;
    Ok(accepted(&edge, &caller, &job))
}

/// `POST /fhir/{type}/$reindex`
pub(crate) async fn reindex_type(
    State(edge): State<Edge>,
    caller: Caller,
    Path(resource_type): Path<String>,
    headers: HeaderMap,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    must_be_asynchronous(&headers)?;
    let job = reindex::ask(&edge.app, &caller.context, Some(&resource_type), &asked).await?;
    Ok(accepted(&edge, &caller, &job))
}

/// `POST /fhir/{type}/{id}/$reindex`
pub(crate) async fn reindex_one(
    State(edge): State<Edge>,
    caller: Caller,
    Path((resource_type, id)): Path<(String, String)>,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(json(reindex::one(&edge.app, &caller.context, (&resource_type, &id_of(&id)?), &asked).await?))
}

/// `GET /fhir/$jobs/{job}`
pub(crate) async fn stands(
    State(edge): State<Edge>,
    caller: Caller,
    Path(job): Path<String>,
) -> Result<Response, Refusal> {
    Ok(match jobs::status(&edge.app, &caller.context, &id_of(&job)?).await? {
        Status::UnderWay { progress, retry_after_s } => {
            let headers = [(PROGRESS, text(progress)), (header::RETRY_AFTER, retry_after_s.into())];
            (StatusCode::ACCEPTED, headers).into_response()
        }
        Status::Done { body, resource, until } => {
            let mut answer = json(body);
            if !resource {
                answer
                    .headers_mut()
                    .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            answer.headers_mut().insert(header::EXPIRES, text(http_date(until)));
            answer
        }
    })
}

/// `DELETE /fhir/$jobs/{job}`
pub(crate) async fn remove(
    State(edge): State<Edge>,
    caller: Caller,
    Path(job): Path<String>,
) -> Result<Response, Refusal> {
    jobs::cancel(&edge.app, &caller.context, &id_of(&job)?).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

/// `GET /fhir/$jobs/{job}/{file}`, also from a byte on (`Range`).
pub(crate) async fn file(
    State(edge): State<Edge>,
    caller: Caller,
    Path((job, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let file = export::file(&edge.app, &caller.context, &id_of(&job)?, &name).await?;
    let (size, media_type) = (file.size, file.media_type);
    let wanted = ranges::wanted(&headers, size);
    Ok(ranges::answer(ranges::body(file, wanted), wanted, size, media_type).into_response())
}

/// Refuses who would wait for the answer.
fn must_be_asynchronous(headers: &HeaderMap) -> Result<(), Error> {
    if Preferences::of(headers).asynchronous {
        return Ok(());
    }
    let message = "this is done in the background alone: ask with the header Prefer: respond-async";
    Err(Error::new(ErrorKind::Malformed, "fhir.respond-async", message))
}

fn accepted(edge: &Edge, caller: &Caller, job: &ResourceId) -> Response {
    let location = format!("{}/$jobs/{job}", records::base(&edge.app, caller.context.tenant));
    (StatusCode::ACCEPTED, [(header::CONTENT_LOCATION, text(location))]).into_response()
}

/// Everything that is said here is ASCII.
fn text(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("invalid"))
}
