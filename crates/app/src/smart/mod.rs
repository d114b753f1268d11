//! Applications of others: their registration, and a SMART App Launch 2.2 authorization server with Backend Services.
//!
//! An application gets opaque tokens for `/fhir`. What it reaches is what its scopes say and, of that, what its user may
//! see; the policy that says so is `policy::records`. Refusals of the protocol have codes `oauth.…`, whose rest is the code
//! of RFC 6749.

pub(crate) mod access;
mod addresses;
mod assertion;
pub mod authorize;
mod client;
mod client_proof;
mod code;
pub mod configuration;
pub mod consent;
pub mod exchange;
pub mod grants;
mod id_token;
pub mod introspect;
mod keys;
pub mod launch;
pub mod menu;
pub mod own_grants;
mod published_keys;
mod redeem;
mod refresh;
pub mod register;
pub mod revoke;
pub(crate) mod scopes;
pub(crate) mod service;
#[cfg(test)]
mod tests;

pub use client::{Client, Kind};
pub use client_proof::Presented;
pub use published_keys::PublishedKeys;

use bianque_model::{Context, Role};

use crate::policy::{self, Member};
use crate::{App, Error, ErrorKind};

/// Whoever may let an application in: who reads records here. It sees no more than they do.
fn for_users(context: &Context) -> Result<Member<'_>, Error> {
    policy::member(context, &[Role::Clinician, Role::Specialist, Role::Reporter])
}

/// The parameters of a request of OAuth.
pub type Pairs = [(String, String)];

/// A parameter; none when it is missing or empty. What stands twice is refused (RFC 6749, 3.1).
fn one<'p>(pairs: &'p Pairs, name: &str) -> Result<Option<&'p str>, Error> {
    let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let first = values.next();
    if values.next().is_some() {
        return Err(invalid_request("a parameter stands twice"));
    }
    Ok(first.filter(|value| !value.is_empty()))
}

/// A parameter that must be there.
fn needed<'p>(pairs: &'p Pairs, name: &'static str) -> Result<&'p str, Error> {
    one(pairs, name)?.ok_or_else(|| invalid_request(&format!("{name} is missing")))
}

fn invalid_request(message: &str) -> Error {
    Error::new(ErrorKind::Malformed, "oauth.invalid_request", message)
}

/// A code, a refresh token or an assertion that is not good, or is no longer.
fn invalid_grant(message: &str) -> Error {
    Error::new(ErrorKind::Malformed, "oauth.invalid_grant", message)
}

/// Who the application is was not shown.
fn invalid_client(message: &str) -> Error {
    Error::new(ErrorKind::SignIn, "oauth.invalid_client", message)
}

/// Not for an application of this kind.
fn unauthorized_client() -> Error {
    let message = "an application of this kind is not given tokens this way";
    Error::new(ErrorKind::Malformed, "oauth.unauthorized_client", message)
}

/// The id of the key that signs who users are.
pub(crate) fn identity_key_id(app: &App) -> Result<String, Error> {
    id_token::id_of_key(app)
}

/// The name of an application that the audit calls `Application/…`; none: it is something else, or gone.
pub(crate) async fn name_of(app: &App, context: &Context, agent: &str) -> Result<Option<String>, Error> {
    let Some(id) = agent.strip_prefix("Application/") else { return Ok(None) };
    let found = app.load::<Client>(context.tenant, id).await?;
    Ok(found.map(|client| client.value.name))
}
