//! The token endpoint (RFC 6749, 3.2): a code, a refresh token or an application's own name for an access token.

use bianque_model::Context;
use serde_json::Value;

use super::client_proof::{self, Presented};
use super::{Pairs, needed, redeem, refresh, service};
use crate::{App, Change, Error, ErrorKind};

/// An access token lasts this long when there is a refresh token beside it.
pub(super) const SHORT_S: i64 = 15 * 60;
/// An access token lasts this long when there is none.
pub(super) const ALONE_S: i64 = 60 * 60;

/// The answer of the token endpoint.
pub async fn exchange(
    app: &App,
    context: &Context,
    pairs: &Pairs,
    basic: Option<&Presented>,
) -> Result<Value, Error> {
    let kind = needed(pairs, "grant_type")?;
    let mut change = Change::new(app, context);
    let client = match refresh::named_by_token(app, context, pairs, basic).await? {
        Some(client) => client,
        None => client_proof::of_request(app, context, pairs, basic, &mut change).await?,
    };
    match kind {
        "authorization_code" => redeem::redeem(app, context, &client, pairs, change).await,
        "refresh_token" => refresh::refresh(app, context, &client, pairs, change).await,
        "client_credentials" => service::token(app, context, &client, pairs, change).await,
        _ => {
            let message = "grant_type is authorization_code, refresh_token or client_credentials";
            Err(Error::new(ErrorKind::Malformed, "oauth.unsupported_grant_type", message))
        }
    }
}
