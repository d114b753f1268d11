//! The operations of terminology.

use axum::extract::{Path, State};
use axum::response::Response;
use bianque_app::records::terminology;

use super::question::Question;
use super::read::id_of;
use super::{Refusal, json as answer};
use crate::{Caller, Edge};

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
