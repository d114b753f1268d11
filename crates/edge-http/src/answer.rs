//! How an error of a use case leaves the server.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bianque_app::{Error, ErrorKind};
use serde_json::json;

/// An error on its way out as `{"error": {"code", "message", …}}`.
#[derive(Debug)]
pub struct Problem(pub Error);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The HTTP status of an error's family.
pub(crate) fn status_of(kind: ErrorKind) -> StatusCode {
    StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Logs what the asker is not shown.
pub(crate) fn log(error: &Error) {
    if let Some(cause) = &error.cause
        && matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable)
    {
        tracing::error!(code = error.code, %cause, "use case failed");
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(error) = self;
        log(&error);
        let mut body = json!({"code": error.code, "message": error.message});
        if let Some(field) = error.field {
            body["field"] = field.into();
        }
        if !error.details.is_null() {
            body["details"] = error.details;
        }
        let mut response = (status_of(error.kind), Json(json!({"error": body}))).into_response();
        if let ErrorKind::TooMany { retry_after_s } = error.kind {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
        }
        response
    }
}

/// A path that is there, asked with a method that it has not.
pub(crate) async fn method_not_allowed() -> StatusCode {
    StatusCode::METHOD_NOT_ALLOWED
}

/// What the framework itself refuses - a path that does not parse, a method, a missing header - is an error like ours.
pub(crate) async fn as_json(request: Request, next: Next) -> Response {
    let ours = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !ours || !failed || json {
        return response;
    }
    let code = match status {
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::METHOD_NOT_ALLOWED => "method.not-allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "body.too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "body.type",
        _ if status.is_client_error() => "request.invalid",
        _ => "internal",
    };
    let message = status.canonical_reason().unwrap_or("refused").to_ascii_lowercase();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    (parts.status, parts.headers, Json(json!({"error": {"code": code, "message": message}}))).into_response()
}
