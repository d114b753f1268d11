//! Recordings of a visit's call: asked, answered, ended, played, taken away.

use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bianque_app::recording::answer::{self, Answering};
use bianque_app::recording::ask::{self, Asking};
use bianque_app::recording::play::PIECE;
use bianque_app::recording::{end, play, view};
use bianque_model::ResourceId;
use futures_util::stream::{self, StreamExt};
use serde_json::Value;

use crate::ranges::{self, Wanted};
use crate::{Body, Caller, Edge, Problem};

/// `GET /api/visits/{visit}/recordings`
pub(crate) async fn list(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(view::list(&edge.app, &caller.context, &visit).await?))
}

/// `POST /api/visits/{visit}/recordings`
pub(crate) async fn ask(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(asking): Body<Asking>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(ask::ask(&edge.app, &caller.context, &visit, asking).await?))
}

/// `POST /api/visits/{visit}/recordings/{recording}/answer`
pub(crate) async fn answer(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, recording)): Path<(ResourceId, ResourceId)>,
    Body(answering): Body<Answering>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(answer::answer(&edge.app, &caller.context, &visit, &recording, answering).await?))
}

/// `POST /api/visits/{visit}/recordings/{recording}/stop`
pub(crate) async fn stop(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, recording)): Path<(ResourceId, ResourceId)>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(end::stop(&edge.app, &caller.context, &visit, &recording).await?))
}

/// `GET /api/visits/{visit}/recordings/{recording}/files/{file}`: one participant, part by part as a player asks.
pub(crate) async fn play(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, recording, file)): Path<(ResourceId, ResourceId, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // What is no number is the number of no file.
    let file = file.parse().unwrap_or(usize::MAX);
    let playing = play::play(&edge.app, &caller.context, &visit, &recording, file).await?;
    let (size, media_type) = (playing.size, playing.media_type);
    let wanted = match ranges::wanted(&headers, size) {
        // A player that asks for all that follows is given a piece, and asks on.
        Wanted::Part { from, to } => Wanted::Part { from, to: to.min(from + PIECE as u64) },
        other => other,
    };
    ranges::answer(ranges::body(playing, wanted), wanted, size, media_type)
}

/// `GET /api/visits/{visit}/recordings/{recording}/download`: all tracks as one file.
pub(crate) async fn download(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, recording)): Path<(ResourceId, ResourceId)>,
) -> Result<Response, Problem> {
    let pieces = play::take_away(&edge.app, &caller.context, &visit, &recording).await?;
    let pieces = stream::unfold(pieces, |mut pieces| async { Some((pieces.recv().await?, pieces)) }).boxed();
    let mut response = Bytes::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("video/webm"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let disposition = format!("attachment; filename=\"{recording}.webm\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}
