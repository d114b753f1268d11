//! How an error of a use case leaves the server.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
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
pub const fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Malformed => StatusCode::BAD_REQUEST,
        ErrorKind::SignIn => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Over => StatusCode::GONE,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::WrongType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Logs what the asker is not shown.
pub fn log(error: &Error) {
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
