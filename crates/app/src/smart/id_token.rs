//! Who the user is, signed (OpenID Connect Core 1.0, 2), and the key by which that is checked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::Context;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::client::Client;
use super::grants::Grant;
use crate::identity::accounts::Account;
use crate::records::base;
use crate::secrets::key_id;
use crate::{App, Error};

/// It is read at once.
const LASTS_S: i64 = 5 * 60;

/// The id token of a grant.
pub(super) fn make(
    app: &App,
    context: &Context,
    client: &Client,
    grant: &Grant,
    account: &Account,
    nonce: Option<&str>,
) -> Result<String, Error> {
    let now = context.now.0.div_euclid(1_000_000);
    let mut claims = json!({
        "iss": app.public_url(context.tenant), "sub": account.id, "aud": client.id, "iat": now, "exp": now + LASTS_S,
    });
    if let (true, Some(practitioner)) =
        (grant.scopes.iter().any(|scope| scope == "fhirUser"), &account.practitioner)
    {
        claims["fhirUser"] = format!("{}/Practitioner/{practitioner}", base(app, context.tenant)).into();
    }
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(id_of_key(app)?);
    let key = EncodingKey::from_ec_der(&app.secrets.identity);
    jsonwebtoken::encode(&header, &claims, &key).map_err(Error::internal)
}

/// The public key, as a JWK Set.
pub(super) fn key_set(app: &App) -> Result<Value, Error> {
    let point = app.secrets.identity_point().map_err(rejected)?;
    let half = |from: usize| URL_SAFE_NO_PAD.encode(&point[from..from + 32]);
    Ok(json!({"keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": key_id(&point), "x": half(1), "y": half(33),
    }]}))
}

/// The id of the key.
pub(super) fn id_of_key(app: &App) -> Result<String, Error> {
    Ok(key_id(&app.secrets.identity_point().map_err(rejected)?))
}

fn rejected(_: aws_lc_rs::error::KeyRejected) -> Error {
    Error::internal("the key of identity tokens cannot be read")
}
