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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use tower::ServiceExt;

    /// Slowloris with a body: bytes that trickle without an end.
    #[tokio::test]
    async fn slowloris_a_body_that_trickles_is_answered_when_patience_ends() {
        let patience = Duration::from_millis(200);
        let take = post(|body: Bytes| async move { body.len().to_string() });
        let router: Router = Router::new().route("/", take.layer(from_fn_with_state(patience, run)));
        let trickle = futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Ok::<_, std::io::Error>("x"), ()))
        });
        let request = Request::post("/").body(Body::from_stream(trickle)).unwrap();
        let begin = tokio::time::Instant::now();
        let answer = router.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(begin.elapsed() < 10 * patience, "{:?}", begin.elapsed());
    }
}
