//! A change that was asked for is carried through: a client that goes away cancels nothing. And nobody waits for ever.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bianque_app::{Error, ErrorKind};

use crate::Problem;

/// Answers within the route's patience. What changes something runs on a task of its own, and ends after the answer
/// if need be.
pub(crate) async fn run(State(patience): State<Duration>, request: Request, next: Next) -> Response {
    let safe = request.method().is_safe();
    let work = next.run(request);
    let answered = if safe {
        tokio::time::timeout(patience, work).await.map(Ok)
    } else {
        tokio::time::timeout(patience, tokio::spawn(work)).await
    };
    match answered {
        Ok(Ok(response)) => response,
        Ok(Err(lost)) => Problem(Error::internal(lost)).into_response(),
        Err(_) => Problem(Error::new(ErrorKind::Unavailable, "timeout", "the answer takes too long"))
            .into_response(),
    }
}
