//! The operations of terminology: a GET asks in its address, a POST also in a Parameters resource.

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use bianque_app::records::terminology::{self, Asked};
use serde_json::json;

use super::headers::must_be_json;
use super::read::id_of;
use super::{Refusal, json as answer};
use crate::describe::{Argument, Input};
use crate::{Caller, Edge};

type Pairs = Query<Vec<(String, String)>>;

/// What is asked.
pub(crate) struct Question(Asked);

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
        Ok(Self(Asked::read(pairs, Some(&body)).map_err(refused)?))
    }
}

impl Argument for Question {
    fn describe(input: &mut Input) {
        input.body = Some(json!({"content": {"application/fhir+json": {}}}));
    }
}

/// `/fhir/ValueSet/$expand`
pub(crate) async fn expand(
    State(edge): State<Edge>,
    caller: Caller,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(terminology::expand::expand(&edge.app, &caller.context, None, &asked).await?))
}

/// `/fhir/ValueSet/{id}/$expand`
pub(crate) async fn expand_stored(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    let id = id_of(&id)?;
    Ok(answer(terminology::expand::expand(&edge.app, &caller.context, Some(&id), &asked).await?))
}

/// `/fhir/ValueSet/$validate-code`
pub(crate) async fn in_value_set(
    State(edge): State<Edge>,
    caller: Caller,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    let verdict = terminology::validate_code::in_value_set(&edge.app, &caller.context, None, &asked).await?;
    Ok(answer(verdict))
}

/// `/fhir/ValueSet/{id}/$validate-code`
pub(crate) async fn in_stored(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    let id = id_of(&id)?;
    let verdict =
        terminology::validate_code::in_value_set(&edge.app, &caller.context, Some(&id), &asked).await?;
    Ok(answer(verdict))
}

/// `/fhir/CodeSystem/$validate-code`
pub(crate) async fn in_code_system(
    State(edge): State<Edge>,
    caller: Caller,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(terminology::validate_code::in_code_system(&edge.app, &caller.context, &asked).await?))
}

/// `/fhir/CodeSystem/$lookup`
pub(crate) async fn lookup(
    State(edge): State<Edge>,
    caller: Caller,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(terminology::lookup::lookup(&edge.app, &caller.context, &asked).await?))
}

/// `/fhir/CodeSystem/$subsumes`
pub(crate) async fn subsumes(
    State(edge): State<Edge>,
    caller: Caller,
    Question(asked): Question,
) -> Result<Response, Refusal> {
    Ok(answer(terminology::subsumes::subsumes(&edge.app, &caller.context, &asked).await?))
}
