//! Pages of other sites may speak with what takes tokens of applications (SMART App Launch 2.2, "Considerations for
//! Cross-Origin Resource Sharing"): never with a session, for no credentials of the browser's own are let along.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::{Any, CorsLayer};

/// How long a browser remembers that it may.
const REMEMBERED: Duration = Duration::from_hours(2);

/// What answers the question of a browser, and lets it read the answer.
pub(crate) fn layer() -> CorsLayer {
    let sent =
        ["accept", "authorization", "content-type", "if-match", "if-none-exist", "if-none-match", "prefer"];
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers(sent.map(HeaderName::from_static))
        .expose_headers([header::ETAG, header::LOCATION, header::LAST_MODIFIED, header::WWW_AUTHENTICATE])
        .max_age(REMEMBERED)
}

/// Says that another site's page may have this answer.
pub(crate) async fn readable(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let anywhere = HeaderValue::from_static("cross-origin");
    response.headers_mut().insert(HeaderName::from_static("cross-origin-resource-policy"), anywhere);
    response
}
