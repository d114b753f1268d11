//! Public keys of applications (RFC 7517), and the algorithms that go with them (SMART App Launch 2.2, "Asymmetric Client
//! Authentication"): RS384 and ES384, nothing else.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use crate::Error;

/// Keys of one application.
const MOST: usize = 10;
/// Keys that an application publishes, with those that it no longer uses.
const MOST_PUBLISHED: usize = 50;
/// Shorter moduli are refused, in bytes.
const SHORTEST_MODULUS: usize = 256;
/// Longer ones cost more than a signature is worth.
const LONGEST_MODULUS: usize = 1024;
/// Half a point of P-384, in bytes.
const COORDINATE: usize = 48;

/// A public key of an application.
pub(super) struct PublicKey {
    /// The one algorithm that it is good for, whatever a token says.
    pub(super) algorithm: Algorithm,
    /// The key.
    pub(super) key: DecodingKey,
}

/// A JWK Set as it may be registered: public keys only, each with an id of its own.
pub(super) fn registered(set: &Value) -> Result<(), Error> {
    let wrong = |message: &str| Error::field("keys.invalid", "keys", message);
    let keys = set["keys"].as_array().ok_or_else(|| wrong("keys must be a JWK Set: {\"keys\": […]}"))?;
    if keys.is_empty() || keys.len() > MOST {
        return Err(wrong("a JWK Set has one to ten keys"));
    }
    let mut ids = Vec::new();
    for jwk in keys {
        if is_private(jwk) {
            return Err(wrong("this is a private key: register the public half only"));
        }
        let id = jwk["kid"].as_str().filter(|id| !id.is_empty() && id.len() <= 200);
        let id = id.ok_or_else(|| wrong("every key needs a kid"))?;
        if ids.contains(&id) {
            return Err(wrong("two keys have one kid"));
        }
        ids.push(id);
        read(jwk).ok_or_else(|| wrong("a key is RSA of 2048 bits or more, or EC on P-384"))?;
    }
    Ok(())
}

/// Whether what an application publishes is a JWK Set. Keys of other kinds may stand among ours; a private one may not,
/// for whoever reads it can be the application.
pub(super) fn published(set: &Value) -> Result<(), &'static str> {
    let keys = set["keys"].as_array().ok_or("it does not answer with a JWK Set")?;
    if keys.len() > MOST_PUBLISHED {
        return Err("it publishes too many keys");
    }
    if keys.iter().any(is_private) {
        return Err("it publishes a private key");
    }
    Ok(())
}

/// The key of an id.
pub(super) fn find(set: &Value, id: &str) -> Option<PublicKey> {
    set["keys"].as_array()?.iter().filter(|jwk| jwk["kid"] == id).find_map(read)
}

/// How many keys of a set can be used.
pub(super) fn usable(set: &Value) -> usize {
    let keys = set["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    keys.iter().filter(|jwk| jwk["kid"].is_string() && read(jwk).is_some()).count()
}

fn is_private(jwk: &Value) -> bool {
    ["d", "p", "q", "k"].iter().any(|part| jwk.get(part).is_some())
}

fn read(jwk: &Value) -> Option<PublicKey> {
    let text = |name: &str| jwk[name].as_str();
    let size = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok().map(|bytes| bytes.len());
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let (algorithm, name, key) = match text("kty")? {
        "RSA" if (SHORTEST_MODULUS..=LONGEST_MODULUS).contains(&size("n")?) => {
            (Algorithm::RS384, "RS384", DecodingKey::from_rsa_components(text("n")?, text("e")?).ok()?)
        }
        "EC" if text("crv") == Some("P-384") && size("x")? == COORDINATE && size("y")? == COORDINATE => {
            (Algorithm::ES384, "ES384", DecodingKey::from_ec_components(text("x")?, text("y")?).ok()?)
        }
        _ => return None,
    };
    text("alg").is_none_or(|said| said == name).then_some(PublicKey { algorithm, key })
}
