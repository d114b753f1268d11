//! How an application shows which it is: by nothing, by a secret, or by a signed assertion - by what its registration says
//! and nothing else.

use bianque_model::Context;

use super::client::{self, Client, Kind};
use super::{Pairs, assertion, invalid_client, one};
use crate::identity::{same_secret, stored_form};
use crate::secrets::random_token;
use crate::{App, Change, Error};

const PURPOSE: &str = "application-secret";

/// Name and secret from an `Authorization: Basic` header (RFC 6749, 2.3.1).
#[derive(Clone)]
pub struct Presented {
    /// The client id.
    pub id: String,
    /// The secret.
    pub secret: String,
}

/// A new secret.
pub(super) fn new_secret() -> Result<String, Error> {
    Ok(format!("bqs_{}", random_token()?))
}

/// The form in which a secret is kept.
pub(super) fn stored(app: &App, secret: &str) -> String {
    stored_form(app, PURPOSE, secret)
}

/// The application that sent this request. An assertion is used up within the caller's change.
pub(super) async fn of_request(
    app: &App,
    context: &Context,
    pairs: &Pairs,
    basic: Option<&Presented>,
    change: &mut Change<'_>,
) -> Result<Client, Error> {
    let unknown = || invalid_client("the application is not known, or did not show that it is the one");
    let said = one(pairs, "client_id")?;
    if let Some(text) = one(pairs, "client_assertion")? {
        if basic.is_some() || one(pairs, "client_secret")?.is_some() {
            return Err(invalid_client("an application shows who it is in one way"));
        }
        let client =
            assertion::verify(app, context, one(pairs, "client_assertion_type")?, text, change).await?;
        return if said.is_none_or(|said| said == client.id.as_str()) { Ok(client) } else { Err(unknown()) };
    }
    let (id, secret) = match basic {
        Some(_) if one(pairs, "client_secret")?.is_some() => {
            return Err(invalid_client("an application shows who it is in one way"));
        }
        Some(basic) if said.is_some_and(|said| said != basic.id) => return Err(unknown()),
        Some(basic) => (basic.id.as_str(), Some(basic.secret.as_str())),
        None => (said.ok_or_else(unknown)?, one(pairs, "client_secret")?),
    };
    let client = client::active(app, context, id).await?.ok_or_else(unknown)?;
    let shown = match (client.kind, &client.secret, secret) {
        (Kind::Public, _, secret) => secret.is_none_or(str::is_empty),
        (Kind::ConfidentialSecret, Some(kept), Some(given)) => same_secret(&stored(app, given), kept),
        _ => false,
    };
    if shown { Ok(client) } else { Err(unknown()) }
}
