//! A body that says it is too large is refused before a byte of it is waited for.

use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bianque_app::{Error, ErrorKind};

use crate::Problem;

/// Refuses what declares more than `limit` bytes. What declares nothing is cut off at the limit where it is read.
pub(crate) async fn declared(
    State(limit): State<usize>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    if request.body().size_hint().lower() > limit {
        let message = "the body is larger than this route takes";
        return Err(Error::new(ErrorKind::TooLarge, "body.too-large", message).into());
    }
    Ok(next.run(request).await)
}
