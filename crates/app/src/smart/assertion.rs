//! `private_key_jwt` (RFC 7523, as SMART App Launch 2.2 narrows it): a token that an application signs to show which it is.

use bianque_model::{Context, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client::{self, Client};
use super::configuration::token_url;
use super::keys::{self, PublicKey};
use super::{invalid_client, published_keys};
use crate::aggregate::Aggregate;
use crate::identity::stored_form;
use crate::{App, Change, Error};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const PURPOSE: &str = "application-assertion";
/// An assertion must not be good for longer than this.
const LONGEST_S: i64 = 5 * 60;
/// Clocks may differ by this much.
const SKEW_S: i64 = 30;
/// Longer assertions are not read.
const LARGEST: usize = 8 << 10;

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    exp: i64,
    jti: String,
    nbf: Option<i64>,
    iat: Option<i64>,
}

/// An assertion that was used.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Used {
    id: String,
    until: Timestamp,
}

impl Aggregate for Used {
    const KIND: &'static str = "application-assertion";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// The application that signed an assertion; the assertion is used up within the caller's change.
pub(super) async fn verify(
    app: &App,
    context: &Context,
    kind: Option<&str>,
    text: &str,
    change: &mut Change<'_>,
) -> Result<Client, Error> {
    let refused = || invalid_client("the assertion is not good");
    if kind != Some(TYPE) || text.len() > LARGEST {
        return Err(refused());
    }
    let header = jsonwebtoken::decode_header(text).map_err(|_| refused())?;
    // Read to find the key by, and believed only when the signature is good.
    let issuer = jsonwebtoken::dangerous::insecure_decode::<Claims>(text).map_err(|_| refused())?.claims.iss;
    let client = client::active(app, context, &issuer).await?.filter(|client| client.kind.has_keys());
    let client = client.ok_or_else(refused)?;
    let key = key(app, &client, header.kid.as_deref().ok_or_else(refused)?).await?;
    let mut validation = jsonwebtoken::Validation::new(key.algorithm);
    // Time is the server's, and the audience has to be this server alone: both are looked at below.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Claims>(text, &key.key, &validation).map_err(|_| refused())?.claims;
    check(app, context, &client, &claims)?;
    change.insert(&Used {
        id: stored_form(app, PURPOSE, &format!("{}|{}", client.id, claims.jti)),
        until: at(claims.exp.saturating_add(SKEW_S + 1)),
    })?;
    Ok(client)
}

/// The key of an id: registered, or published by the application now.
async fn key(app: &App, client: &Client, id: &str) -> Result<PublicKey, Error> {
    let found = match (&client.keys, &client.jwks_uri) {
        (Some(set), _) => keys::find(set, id),
        (None, Some(address)) => published_keys::find(app, address, id).await.map_err(|fault| {
            invalid_client(&format!("the keys at the application's jwks_uri cannot be read: {fault}"))
        })?,
        (None, None) => None,
    };
    found.ok_or_else(|| invalid_client("the application has no key with the kid of the assertion"))
}

fn check(app: &App, context: &Context, client: &Client, claims: &Claims) -> Result<(), Error> {
    let audience = token_url(app, context.tenant);
    let ours = match &claims.aud {
        Value::String(one) => *one == audience,
        Value::Array(all) => all.len() == 1 && all[0] == audience.as_str(),
        _ => false,
    };
    let now = context.now.0.div_euclid(1_000_000);
    let not_yet = [claims.nbf, claims.iat].into_iter().flatten().any(|begin| begin > now + SKEW_S);
    let fault = if claims.iss != client.id.as_str() || claims.sub != claims.iss {
        "iss and sub must be the client id"
    } else if !ours {
        "aud must be the token endpoint, and nothing else"
    } else if claims.exp <= now - SKEW_S {
        "the assertion has ended"
    } else if claims.exp > now + LONGEST_S + SKEW_S {
        "exp is more than five minutes from now"
    } else if not_yet {
        "the assertion is of the future"
    } else if claims.jti.is_empty() || claims.jti.len() > 256 {
        "jti must have 1 to 256 characters"
    } else {
        return Ok(());
    };
    Err(invalid_client(fault))
}

/// The error of a commit: an assertion, a code or a refresh token was used by another request a moment ago.
pub(super) fn used_twice() -> Error {
    invalid_client("the assertion was used already")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds.saturating_mul(1_000_000))
}
