//! `/oauth2`: the endpoints of the protocol.

use axum::extract::{Query, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::smart::authorize::{self, Refusal as NotAsked};
use bianque_app::smart::{exchange, introspect, revoke};

use super::form::Sent;
use super::{Refusal, unstored};
use crate::caller::Anonymous;
use crate::{Edge, Problem};

/// `GET /oauth2/authorize`: on to the page that asks, or back to the application with the reason why not. The session
/// plays no part here, for a browser does not send it along from another site.
pub(crate) async fn authorize(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    Query(pairs): Query<Vec<(String, String)>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let place = match authorize::examine(&edge.app, &context, &pairs).await {
        Err(NotAsked::There(address)) => address,
        // The page reads the request again and says what is wrong in the user's language.
        Ok(()) | Err(NotAsked::Here(_)) => format!("/authorize?{}", query.unwrap_or_default()),
    };
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, place), (header::CACHE_CONTROL, "no-store".into())])
        .into_response())
}

/// `POST /oauth2/token`
pub(crate) async fn token(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    sent: Sent,
) -> Result<Response, Refusal> {
    let answer = exchange::exchange(&edge.app, &context, &sent.pairs, sent.basic.as_ref()).await?;
    Ok(unstored(StatusCode::OK, answer))
}

/// `POST /oauth2/introspect`
pub(crate) async fn introspect(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    sent: Sent,
) -> Result<Response, Refusal> {
    let answer = introspect::introspect(&edge.app, &context, &sent.pairs, sent.basic.as_ref()).await?;
    Ok(unstored(StatusCode::OK, answer))
}

/// `POST /oauth2/revoke`
pub(crate) async fn revoke(
    State(edge): State<Edge>,
    Anonymous(context): Anonymous,
    sent: Sent,
) -> Result<StatusCode, Refusal> {
    revoke::revoke(&edge.app, &context, &sent.pairs, sent.basic.as_ref()).await?;
    Ok(StatusCode::OK)
}
