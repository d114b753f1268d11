//! What an operation is asked: a GET asks in its address, a POST also in a Parameters resource.

use axum::body::Bytes;
use axum::extract::{FromRequest, Query, Request};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use bianque_app::records::Asked;
use serde_json::json;

use super::Refusal;
use super::headers::must_be_json;
use crate::Edge;
use crate::describe::{Argument, Input};

type Pairs = Query<Vec<(String, String)>>;

/// What is asked.
pub(crate) struct Question(pub(super) Asked);

impl FromRequest<Edge> for Question {
    type Rejection = Response;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, Response> {
        let refused = |error| Refusal(error).into_response();
        let Query(pairs) = Pairs::try_from_uri(request.uri()).map_err(IntoResponse::into_response)?;
        if request.method() != Method::POST {
            return Ok(Self(Asked::read(pairs, None).map_err(refused)?));
        }
        must_be_json(request.headers()).map_err(refused)?;
        let body = Bytes::from_request(request, edge).await.map_err(IntoResponse::into_response)?;
        // Nothing at all is a question without parameters.
        let body = Some(&body[..]).filter(|body| !body.is_empty());
        Ok(Self(Asked::read(pairs, body).map_err(refused)?))
    }
}

impl Argument for Question {
    fn describe(input: &mut Input) {
        input.body = Some(json!({"content": {"application/fhir+json": {}}}));
    }
}
