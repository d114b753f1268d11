//! Every refusal below `/fhir` is an OperationOutcome, whoever refuses.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bianque_app::records::outcome;
use bianque_app::{Error, ErrorKind};
use serde_json::Value;

use super::{FHIR_JSON, json};
use crate::answer::log;

/// Bodies of refusals are short.
const SHORT: usize = 64 << 10;

/// An error of a use case on its way out.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(error) = self;
        log(&error);
        let status =
            StatusCode::from_u16(outcome::status(&error)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, json(outcome::of(&error).to_string().into_bytes())).into_response();
        if let ErrorKind::TooMany { retry_after_s } = error.kind {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
        }
        response
    }
}

/// What guards and the framework refuse below `/fhir` becomes an OperationOutcome too.
pub(crate) async fn everywhere(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let ours = path == "/fhir" || path.starts_with("/fhir/");
    let response = next.run(request).await;
    let status = response.status();
    let fhir = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == FHIR_JSON);
    if !ours || fhir || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, SHORT).await.unwrap_or_default();
    let stated: Value = serde_json::from_slice(&body).unwrap_or_default();
    let message = stated["error"]["message"].as_str().or(status.canonical_reason()).unwrap_or("refused");
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FHIR_JSON));
    if status == StatusCode::UNAUTHORIZED {
        parts.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    Response::from_parts(parts, Body::from(outcome::plain(status.as_u16(), message).to_string()))
}
