//! What an application asks of a user (RFC 6749 4.1.1, RFC 7636, SMART App Launch 2.2), read and checked before anybody is
//! shown anything.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::Context;

use super::client::{self, Client, Kind};
use super::scopes::{self, Level, Scopes};
use super::{Pairs, addresses, invalid_request, needed, one, unauthorized_client};
use crate::records::base;
use crate::{App, Error, ErrorKind};

/// What is asked.
pub(super) struct Asked {
    pub(super) client: Client,
    pub(super) redirect_uri: String,
    pub(super) state: String,
    /// What may be given of what it asks.
    pub(super) scopes: Scopes,
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    /// The launch context that it brings.
    pub(super) launch: Option<String>,
}

/// Why nothing is asked of anybody.
#[derive(Debug)]
pub enum Refusal {
    /// Nobody knows where to send people back to: it is told to whoever looks.
    Here(Error),
    /// The application is told, at an address that is registered.
    There(String),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Here(error)
    }
}

/// Whether this can be put before a user.
pub async fn examine(app: &App, context: &Context, pairs: &Pairs) -> Result<(), Refusal> {
    read(app, context, pairs).await.map(drop)
}

/// Reads the request. Until application and address are known to belong together, nobody is sent anywhere.
pub(super) async fn read(app: &App, context: &Context, pairs: &Pairs) -> Result<Asked, Refusal> {
    let unknown = || {
        Error::new(
            ErrorKind::Malformed,
            "authorize.application",
            "no application is registered with this client_id",
        )
    };
    let id = needed(pairs, "client_id")?;
    let client = client::active(app, context, id).await?.ok_or_else(unknown)?;
    let redirect_uri = needed(pairs, "redirect_uri")?.to_owned();
    if !client.redirect_uris.contains(&redirect_uri) {
        let message = "this redirect_uri is not registered for the application";
        return Err(Error::new(ErrorKind::Malformed, "authorize.redirect", message).into());
    }
    let state = one(pairs, "state")?.map(str::to_owned);
    match details(app, context, &client, pairs) {
        Ok((state, scopes, challenge)) => Ok(Asked {
            redirect_uri,
            state,
            scopes,
            challenge,
            nonce: one(pairs, "nonce")?.map(str::to_owned),
            launch: one(pairs, "launch")?.map(str::to_owned),
            client,
        }),
        Err(error) if error.code.starts_with("oauth.") => {
            Err(Refusal::There(told(&redirect_uri, state.as_deref(), &error)?))
        }
        Err(error) => Err(error.into()),
    }
}

fn details(
    app: &App,
    context: &Context,
    client: &Client,
    pairs: &Pairs,
) -> Result<(String, Scopes, String), Error> {
    if client.kind == Kind::Service {
        return Err(unauthorized_client());
    }
    if needed(pairs, "response_type")? != "code" {
        let message = "response_type must be code";
        return Err(Error::new(ErrorKind::Malformed, "oauth.unsupported_response_type", message));
    }
    let state = needed(pairs, "state")?;
    if needed(pairs, "aud")?.trim_end_matches('/') != base(app, context.tenant) {
        return Err(invalid_request("aud must be the FHIR base of this server"));
    }
    if one(pairs, "code_challenge_method")? != Some("S256") {
        return Err(invalid_request("PKCE is needed, with code_challenge_method=S256"));
    }
    let challenge = needed(pairs, "code_challenge")?;
    if !URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|bytes| bytes.len() == 32) {
        return Err(invalid_request("code_challenge must be a SHA-256 in URL-safe base64"));
    }
    let mut scopes = Scopes::asked(needed(pairs, "scope")?)?.of(&client.allowed()?).reading();
    // Who asks for a patient's data has to be told which patient's.
    if scopes.reach(Level::Patient) && one(pairs, "launch")?.is_none() {
        scopes.words.insert("launch/patient");
    }
    // A visit comes along with a launch from one; there is none to choose here.
    if one(pairs, "launch")?.is_none() {
        scopes.words.remove("launch/encounter");
    }
    if scopes.resources.is_empty() && !scopes.has("openid") {
        return Err(scopes::invalid("nothing of this scope is allowed to the application"));
    }
    Ok((state.to_owned(), scopes, challenge.to_owned()))
}

/// The address that tells an application why.
pub(super) fn told(redirect_uri: &str, state: Option<&str>, error: &Error) -> Result<String, Error> {
    let code = error.code.strip_prefix("oauth.").unwrap_or("server_error");
    let mut pairs = vec![("error", code), ("error_description", error.message.as_str())];
    pairs.extend(state.map(|state| ("state", state)));
    addresses::with(redirect_uri, &pairs)
}
