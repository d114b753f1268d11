//! Tokens that a provider signs, and the ID token held against all that it must be (OpenID Connect Core 1.0, section
//! 3.1.3.7).

use bianque_model::Timestamp;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use super::metadata::{self, Read};
use super::refused;
use crate::identity::same_secret;
use crate::{App, Error};

/// By how much the provider's clock may differ from ours, seconds.
pub(super) const SKEW_S: i64 = 60;
/// A token that was issued longer ago is not the answer to a sign-in that is under way, seconds.
const OLDEST_S: i64 = 10 * 60;
/// Longest token that is looked at, bytes.
const LONGEST: usize = 32 << 10;
/// Signatures by a key that only the provider has. None, and those by a shared secret, are no such.
const TAKEN: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// What a token has to say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

/// Why a token is not taken.
enum Wrong {
    /// It names a key that was not among those; a provider that changed its keys publishes the new ones.
    UnknownKey,
    /// For good.
    Refused(Error),
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// The claims of a token that this provider signed; with a key that is not known its keys are read again.
pub(super) async fn verified(app: &App, issuer: &str, published: &Read, token: &str) -> Result<Value, Error> {
    let claims = match signed(token, &published.keys) {
        Err(Wrong::UnknownKey) => signed(token, &metadata::again(app, issuer).await?.keys),
        other => other,
    };
    claims.map_err(|wrong| match wrong {
        Wrong::Refused(error) => error,
        Wrong::UnknownKey => refused("its token is signed with a key that it does not publish"),
    })
}

/// Whether a token says that it is of this type, or does not say more than that it is a token.
pub(super) fn is_of_type(token: &str, wanted: &str) -> bool {
    let Ok(header) = jsonwebtoken::decode_header(token) else { return false };
    header.typ.is_none_or(|typ| {
        let typ = typ.strip_prefix("application/").unwrap_or(&typ);
        typ.eq_ignore_ascii_case("jwt") || typ.eq_ignore_ascii_case(wanted)
    })
}

fn signed(token: &str, keys: &[Jwk]) -> Result<Value, Wrong> {
    if token.len() > LONGEST {
        return Err(refused("its token is too long").into());
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| refused("its token cannot be read"))?;
    if !TAKEN.contains(&header.alg) {
        return Err(refused("its token is not signed by a key of its own").into());
    }
    let key = match &header.kid {
        Some(kid) => keys.iter().find(|key| key.common.key_id.as_ref() == Some(kid)),
        // Without a name it can only be the only one.
        None => keys.first().filter(|_| keys.len() == 1),
    };
    let key = DecodingKey::from_jwk(key.ok_or(Wrong::UnknownKey)?)
        .map_err(|_| refused("its key cannot be used"))?;
    // Times are held against the clock of the use case, below; so is whom it is for.
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Value>(token, &key, &validation);
    Ok(decoded.map_err(|_| refused("the signature of its token is wrong"))?.claims)
}

/// Whether the claims of a token are those of the ID token that is expected.
pub(super) fn check(claims: &Value, expected: &Expected<'_>) -> Result<(), Error> {
    if claims["iss"] != expected.issuer {
        return Err(refused("its token is from another issuer"));
    }
    let party = &claims["azp"];
    let alone = audience(claims).count() == 1 && party.is_null();
    if !audience(claims).any(|one| *one == expected.client) || !(alone || *party == expected.client) {
        return Err(refused("its token is for somebody else"));
    }
    let nonce = claims["nonce"].as_str().unwrap_or_default();
    if !same_secret(nonce, expected.nonce) {
        return Err(refused("its token belongs to another sign-in"));
    }
    check_times(claims, expected.now, OLDEST_S)?;
    match claims["sub"].as_str() {
        Some(subject) if !subject.is_empty() && subject.len() <= 255 => Ok(()),
        _ => Err(refused("its token does not say who signs in")),
    }
}

/// Whom a token is for.
pub(super) fn audience(claims: &Value) -> impl Iterator<Item = &Value> {
    match &claims["aud"] {
        Value::Array(many) => many.as_slice(),
        one => std::slice::from_ref(one),
    }
    .iter()
}

/// Whether a token is good now, and was issued within the last `oldest_s` seconds.
pub(super) fn check_times(claims: &Value, now: Timestamp, oldest_s: i64) -> Result<(), Error> {
    let at = |name: &str| seconds(&claims[name]);
    if at("exp").is_none_or(|end| now >= end.plus_seconds(SKEW_S)) {
        return Err(refused("its token has expired"));
    }
    let issued = at("iat").ok_or_else(|| refused("its token does not say when it was issued"))?;
    if issued > now.plus_seconds(SKEW_S) || at("nbf").is_some_and(|begin| begin > now.plus_seconds(SKEW_S)) {
        return Err(refused("its token is from the future"));
    }
    if issued.plus_seconds(oldest_s) < now {
        return Err(refused("its token is too old"));
    }
    Ok(())
}

/// A number of seconds since 1970; providers write fractions at times.
pub(super) fn seconds(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_i64().or_else(|| {
        let seconds = value.as_f64().filter(|seconds| seconds.abs() < 1e12)?;
        #[expect(clippy::cast_possible_truncation, reason = "bounded in the line before")]
        Some(seconds as i64)
    })?;
    Some(Timestamp(0).plus_seconds(seconds))
}
