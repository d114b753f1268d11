//! The operations of terminology: a GET asks in its address, a POST also in a Parameters resource.

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::response::{IntoResponse, Response};
use bianque_app::records::terminology::{self, Asked};
use serde_json::json;

use super::headers::must_be_json;
use super::read::id_of;
use super::{Refusal, json as answer};
use crate::describe::{Argument, Input};
use crate::{Caller, Edge};

type Pairs = Query<Vec<(String, String)>>;

/// What a GET asks.
pub(crate) struct Address(Asked);

/// What a POST asks.
pub(crate) struct Posted(Asked);

impl FromRequest<Edge> for Address {
    type Rejection = Response;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, Response> {
        let Query(pairs) = Pairs::from_request(request, edge).await.map_err(IntoResponse::into_response)?;
        let asked = Asked::read(pairs, None).map_err(|error| Refusal(error).into_response())?;
        Ok(Self(asked))
    }
}

impl FromRequest<Edge> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, Response> {
        let refused = |error| Refusal(error).into_response();
        must_be_json(request.headers()).map_err(refused)?;
        let Query(pairs) = Pairs::try_from_uri(request.uri()).map_err(IntoResponse::into_response)?;
        let body = Bytes::from_request(request, edge).await.map_err(IntoResponse::into_response)?;
        Ok(Self(Asked::read(pairs, Some(&body)).map_err(refused)?))
    }
}

impl Argument for Address {}

impl Argument for Posted {
    fn describe(input: &mut Input) {
        input.body = Some(json!({"content": {"application/fhir+json": {}}}));
    }
}

impl From<Address> for Asked {
    fn from(Address(asked): Address) -> Self {
        asked
    }
}

impl From<Posted> for Asked {
    fn from(Posted(asked): Posted) -> Self {
        asked
    }
}

/// `/fhir/ValueSet/$expand`
pub(crate) async fn expand<Q: Into<Asked>>(
    State(edge): State<Edge>,
    caller: Caller,
    question: Q,
) -> Result<Response, Refusal> {
    let asked = question.into();
    Ok(answer(terminology::expand::expand(&edge.app, &caller.context, None, &asked).await?))
}

/// `/fhir/ValueSet/{id}/$expand`
pub(crate) async fn expand_stored<Q: Into<Asked>>(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    question: Q,
) -> Result<Response, Refusal> {
    let (id, asked) = (id_of(&id)?, question.into());
    Ok(answer(terminology::expand::expand(&edge.app, &caller.context, Some(&id), &asked).await?))
}

/// `/fhir/ValueSet/$validate-code`
pub(crate) async fn in_value_set<Q: Into<Asked>>(
    State(edge): State<Edge>,
    caller: Caller,
    question: Q,
) -> Result<Response, Refusal> {
    let asked = question.into();
    let verdict = terminology::validate_code::in_value_set(&edge.app, &caller.context, None, &asked).await?;
    Ok(answer(verdict))
}

/// `/fhir/ValueSet/{id}/$validate-code`
pub(crate) async fn in_stored<Q: Into<Asked>>(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    question: Q,
) -> Result<Response, Refusal> {
    let (id, asked) = (id_of(&id)?, question.into());
    let verdict =
        terminology::validate_code::in_value_set(&edge.app, &caller.context, Some(&id), &asked).await?;
    Ok(answer(verdict))
}

/// `/fhir/CodeSystem/$validate-code`
pub(crate) async fn in_code_system<Q: Into<Asked>>(
    State(edge): State<Edge>,
    caller: Caller,
    question: Q,
) -> Result<Response, Refusal> {
    let asked = question.into();
    Ok(answer(terminology::validate_code::in_code_system(&edge.app, &caller.context, &asked).await?))
}

/// `/fhir/CodeSystem/$lookup`
pub(crate) async fn lookup<Q: Into<Asked>>(
    State(edge): State<Edge>,
    caller: Caller,
    question: Q,
) -> Result<Response, Refusal> {
    let asked = question.into();
    Ok(answer(terminology::lookup::lookup(&edge.app, &caller.context, &asked).await?))
}

/// `/fhir/CodeSystem/$subsumes`
pub(crate) async fn subsumes<Q: Into<Asked>>(
    State(edge): State<Edge>,
    caller: Caller,
    question: Q,
) -> Result<Response, Refusal> {
    let asked = question.into();
    Ok(answer(terminology::subsumes::subsumes(&edge.app, &caller.context, &asked).await?))
}
