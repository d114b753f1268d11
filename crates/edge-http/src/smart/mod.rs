//! The authorization server of applications: `/oauth2`, `/.well-known`, and what users decide about them.
//!
//! Refusals of the protocol are written as RFC 6749 (5.2) has them.

pub(crate) mod configuration;
pub(crate) mod consent;
mod form;
pub(crate) mod oauth;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::{Error, ErrorKind};
use serde_json::{Value, json};

use crate::answer::{log, status_of};

/// A refusal of the token endpoint and its neighbours.
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
        let (status, code) = match (error.code.strip_prefix("oauth."), error.kind) {
            (Some(code), kind) => (status_of(kind), code),
            (None, ErrorKind::Internal) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
            (None, ErrorKind::Unavailable) => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
            (None, kind) => (status_of(kind), "invalid_request"),
        };
        let body = json!({"error": code, "error_description": error.message});
        let mut response = unstored(status, body);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
        }
        response
    }
}

/// An answer that no cache keeps.
fn unstored(status: StatusCode, body: Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], Json(body)).into_response()
}
