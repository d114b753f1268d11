//! What a provider publishes of itself (OpenID Connect Discovery 1.0): its addresses and its keys, kept for a while.

use std::collections::HashMap;
use std::sync::Arc;

use bianque_model::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use super::{down, refused};
use crate::ports::outbound::{Answer, Failure, Request};
use crate::{App, Error};

/// What was read is read again after this long.
const GOOD_FOR_S: i64 = 3600;
/// For a key that is not known, a provider is asked again at most this often, however many tokens name one.
const AGAIN_S: i64 = 60;
/// Keys of one provider that are looked at.
const MOST_KEYS: usize = 50;
/// Providers whose addresses are kept; an installation has a few.
const MOST_KEPT: usize = 100;

/// The addresses that are used of what a provider publishes.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) jwks_uri: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) end_session_endpoint: Option<Url>,
    #[serde(default)]
    pub(super) token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    pub(super) code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

/// What was read of a provider.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) metadata: Metadata,
    pub(super) keys: Vec<Jwk>,
}

struct Kept {
    read: Arc<Read>,
    at: Timestamp,
}

/// What providers publish, by issuer, as it was last read.
#[derive(Default)]
pub struct Published(Mutex<HashMap<String, Kept>>);

/// What a provider publishes, from memory while it is fresh.
pub(super) async fn of(app: &App, issuer: &str) -> Result<Arc<Read>, Error> {
    younger_than(app, issuer, GOOD_FOR_S).await
}

/// The same, read again unless that was just done: for a key that is not known.
pub(super) async fn again(app: &App, issuer: &str) -> Result<Arc<Read>, Error> {
    younger_than(app, issuer, AGAIN_S).await
}

async fn younger_than(app: &App, issuer: &str, seconds: i64) -> Result<Arc<Read>, Error> {
    let now = app.clock.now();
    if let Some(kept) = app.published.0.lock().await.get(issuer)
        && now < kept.at.plus_seconds(seconds)
    {
        return Ok(Arc::clone(&kept.read));
    }
    let read = Arc::new(fetch(app, issuer).await?);
    let mut kept = app.published.0.lock().await;
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
    kept.insert(issuer.to_owned(), Kept { read: Arc::clone(&read), at: now });
    Ok(read)
}

/// Reads it now.
pub(super) async fn fetch(app: &App, issuer: &str) -> Result<Read, Error> {
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let address = Url::parse(&address).map_err(|_| down(Failure::BadAddress))?;
    let metadata: Metadata = json(&get(app, address).await?)?;
    if metadata.issuer != issuer {
        return Err(refused("it names another issuer"));
    }
    let methods = &metadata.code_challenge_methods_supported;
    if !methods.is_empty() && !methods.iter().any(|method| method == "S256") {
        return Err(refused("it does not take S256 challenges"));
    }
    if !is_for_browsers(&metadata.authorization_endpoint, issuer) {
        return Err(refused("its sign-in page is not https"));
    }
    let keys: Value = json(&get(app, metadata.jwks_uri.clone()).await?)?;
    let keys = keys["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    // One key of a kind that is not known spoils no other.
    let keys = keys.iter().take(MOST_KEYS).filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
    let signs = |key: &Jwk| {
        let kind = matches!(
            key.algorithm,
            AlgorithmParameters::RSA(_)
                | AlgorithmParameters::EllipticCurve(_)
                | AlgorithmParameters::OctetKeyPair(_)
        );
        kind && !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption))
    };
    Ok(Read { metadata, keys: keys.filter(signs).collect() })
}

/// Whether people are sent there: where they go is at least as safe as where the server asks.
pub(super) fn is_for_browsers(address: &Url, issuer: &str) -> bool {
    match address.scheme() {
        "https" => true,
        "http" => issuer.starts_with("http://"),
        _ => false,
    }
}

async fn get(app: &App, address: Url) -> Result<Answer, Error> {
    let answer = app.outbound.send(Request::get(address)).await.map_err(down)?;
    if answer.status == 200 { Ok(answer) } else { Err(refused("it does not answer with what it publishes")) }
}

pub(super) fn json<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Error> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| refused("it does not answer with the JSON that it should"))
}
