//! Photos and voice clips: uploads in pieces; previews and originals of photos.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::photos::view::{self, Image};
use bianque_app::uploads::{self, Announcement, LARGEST_PIECE, Progress};
use bianque_app::{Error, ErrorKind};
use bianque_model::ResourceId;
use serde_json::Value;
use uuid::Uuid;

use crate::{Body, Caller, Edge, Problem};

/// The largest piece of one request, bytes.
pub(crate) const BODY_LIMIT: usize = LARGEST_PIECE;
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");

/// `POST /api/visits/{visit}/uploads`
pub(crate) async fn begin(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    headers: HeaderMap,
    Body(announced): Body<Announcement>,
) -> Result<Response, Problem> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let progress = uploads::begin(&edge.app, &caller.context, &visit, key, announced).await?;
    Ok(answer(StatusCode::CREATED, &progress))
}

/// `HEAD /api/visits/{visit}/uploads/{upload}`
pub(crate) async fn stands(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, upload)): Path<(ResourceId, Uuid)>,
) -> Result<Response, Problem> {
    let progress = uploads::progress(&edge.app, &caller.context, &visit, upload).await?;
    Ok(([(UPLOAD_OFFSET, HeaderValue::from(offset(&progress)))], StatusCode::OK).into_response())
}

/// `PATCH /api/visits/{visit}/uploads/{upload}`
pub(crate) async fn append(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, upload)): Path<(ResourceId, Uuid)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let at =
        headers.get(UPLOAD_OFFSET).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let at = at.ok_or_else(|| {
        Error::new(ErrorKind::Malformed, "upload.offset-missing", "an upload-offset header is needed")
    })?;
    match uploads::append(&edge.app, &caller.context, &visit, upload, at, body).await {
        Ok(progress) => Ok(answer(StatusCode::OK, &progress)),
        Err(error) => {
            let stands = error.details["offset"].as_u64();
            let mut response = Problem(error).into_response();
            if let Some(stands) = stands {
                response.headers_mut().insert(UPLOAD_OFFSET, HeaderValue::from(stands));
            }
            Ok(response)
        }
    }
}

/// `GET /api/visits/{visit}/photos`
pub(crate) async fn list(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(view::list(&edge.app, &caller.context, &visit).await?))
}

/// `GET /api/visits/{visit}/photos/{photo}/preview`
pub(crate) async fn preview(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, photo)): Path<(ResourceId, ResourceId)>,
) -> Result<Response, Problem> {
    image(view::preview(&edge.app, &caller.context, &visit, &photo).await?, None)
}

/// `GET /api/visits/{visit}/photos/{photo}/original`: to keep, not to show; its metadata may hold a position.
pub(crate) async fn original(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, photo)): Path<(ResourceId, ResourceId)>,
) -> Result<Response, Problem> {
    let image_bytes = view::original(&edge.app, &caller.context, &visit, &photo).await?;
    let ending = image_bytes.content_type.rsplit('/').next().unwrap_or("bin").to_owned();
    image(image_bytes, Some(format!("attachment; filename=\"{photo}.{ending}\"")))
}

fn answer(first: StatusCode, progress: &Progress) -> Response {
    let status = match progress {
        Progress::Open { .. } => first,
        Progress::Complete(_) => StatusCode::OK,
    };
    (status, [(UPLOAD_OFFSET, HeaderValue::from(offset(progress)))], Json(progress.show())).into_response()
}

fn offset(progress: &Progress) -> u64 {
    match progress {
        Progress::Open { offset, .. } => *offset,
        Progress::Complete(kept) => kept.size(),
    }
}

fn image(image: Image, disposition: Option<String>) -> Result<Response, Problem> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(|error| Problem(Error::internal(error)));
    let mut response = image.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, value(&image.content_type)?);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Some(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, value(&disposition)?);
    }
    Ok(response)
}
