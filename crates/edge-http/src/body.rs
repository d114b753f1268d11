//! JSON bodies, read strictly.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use bianque_app::{Error, ErrorKind};
use serde::de::DeserializeOwned;

use crate::Problem;

/// A JSON body of at most the route's limit. Types say `deny_unknown_fields`; what does not fit is a 400.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|_| {
            Error::new(ErrorKind::TooLarge, "body.too-large", "the body is larger than this route takes")
        })?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| Problem(Error::new(ErrorKind::Malformed, "body.invalid", error.to_string())))
    }
}
