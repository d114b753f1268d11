//! `/fhir`: FHIR R4's RESTful API. Handlers read addresses and headers; what is done is in `app::records`.

pub(crate) mod headers;
pub(crate) mod jobs;
pub(crate) mod operations;
pub(crate) mod outcome;
mod question;
pub(crate) mod read;
pub(crate) mod search;
pub(crate) mod socket;
pub(crate) mod terminology;
pub(crate) mod write;

use std::time::Duration;

use axum::http::header;
use axum::response::{IntoResponse, Response};

pub(crate) use outcome::Refusal;

/// Bodies larger than this are refused; a Binary may carry a photo.
pub(crate) const BODY_LIMIT: usize = 16 << 20;
/// Bundles larger than this are refused.
pub(crate) const BUNDLE_LIMIT: usize = 32 << 20;
/// How long a Bundle may take.
pub(crate) const BUNDLE_PATIENCE: Duration = Duration::from_mins(2);
/// The media type of everything answered here.
const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

/// A resource as an answer.
fn json(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, FHIR_JSON)], body).into_response()
}
