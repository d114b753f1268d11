//! Voice messages.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bianque_app::voice::view;
use bianque_model::ResourceId;

use crate::ranges::{self, Wanted};
use crate::{Caller, Edge, Problem};

/// `GET /api/visits/{visit}/clips/{clip}`
pub(crate) async fn play(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, clip)): Path<(ResourceId, ResourceId)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let sound = view::play(&edge.app, &caller.context, &visit, &clip).await?;
    let size = sound.bytes.len();
    let wanted = ranges::wanted(&headers, size as u64);
    let whole = bytes::Bytes::from(sound.bytes);
    let part = match wanted {
        Wanted::All => whole,
        Wanted::Behind => bytes::Bytes::new(),
        // Both ends lie within the bytes that are here.
        Wanted::Part { from, to } => {
            let at = |place: u64| usize::try_from(place).unwrap_or(size).min(size);
            whole.slice(at(from)..at(to))
        }
    };
    ranges::answer(part.into(), wanted, size as u64, &sound.content_type)
}
