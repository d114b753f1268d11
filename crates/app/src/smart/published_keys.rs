//! Keys that applications publish at an address of their own (`jwks_uri`, RFC 7591; SMART App Launch 2.2, "Asymmetric
//! Client Authentication"): fetched by the way out, kept for a while, and for no longer than their answer allows.
//!
//! Whoever sends an assertion can have an address asked, so an address is asked seldom: once for all who wait for it,
//! and again only after a pause. Keys that cannot be read are no keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bianque_model::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::keys::{self, PublicKey};
use crate::App;
use crate::ports::outbound::{Failure, Request};

/// How long keys are kept whose answer does not say.
const GOOD_FOR_S: i64 = 15 * 60;
/// The longest that keys are kept, whatever their answer says.
const LONGEST_S: i64 = 3600;
/// The shortest, so that nobody has an address asked again and again. An answer that failed stands for this long too.
const SHORTEST_S: i64 = 10;
/// For a key that is not known an address is asked again when it was last asked longer ago than this.
const AGAIN_S: i64 = 30;
/// Longest set of keys that is read, bytes.
const LARGEST: usize = 64 << 10;
/// How long an address may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Addresses whose keys are kept.
const MOST_KEPT: usize = 1000;

/// What was read at an address.
type Reading = Result<Arc<Value>, Fault>;
/// One address; whoever asks it holds this, and whoever comes meanwhile waits for what they read.
type Slot = tokio::sync::Mutex<Option<Kept>>;

/// The keys of applications, by their address, as they were last read.
#[derive(Default)]
pub struct PublishedKeys(Mutex<HashMap<String, Arc<Slot>>>);

struct Kept {
    reading: Reading,
    at: Timestamp,
    until: Timestamp,
}

/// Why keys cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// There is no answer.
    #[error(transparent)]
    NoAnswer(#[from] Failure),
    /// Not one with keys; a redirect is not followed.
    #[error("it answers with status {0}")]
    Status(u16),
    /// Not a JWK Set, or not one to believe.
    #[error("{0}")]
    Set(&'static str),
}

impl Fault {
    /// A stable word for screens.
    const fn code(self) -> &'static str {
        match self {
            Self::NoAnswer(failure) => failure.code(),
            Self::Status(_) => "status",
            Self::Set(_) => "keys",
        }
    }
}

/// The key of an id at an address; none: it publishes none of that id.
pub(super) async fn find(app: &App, address: &str, id: &str) -> Result<Option<PublicKey>, Fault> {
    let slot = slot(app, address);
    let mut kept = slot.lock().await;
    let now = app.clock.now();
    let fresh = kept.take().filter(|kept| now < kept.until);
    let known = fresh.is_some();
    let current = match fresh {
        Some(fresh) => fresh,
        None => read(app, address).await,
    };
    let current = kept.insert(current);
    let found = keys::find(current.reading.as_ref().map_err(|fault| *fault)?, id);
    if found.is_some() || !known || now < current.at.plus_seconds(AGAIN_S) {
        return Ok(found);
    }
    // Perhaps the application changed its keys since.
    *current = read(app, address).await;
    Ok(keys::find(current.reading.as_ref().map_err(|fault| *fault)?, id))
}

/// Reads an address now, for an administrator: `{"ok": true, "keys"}` or `{"ok": false, "reason", "message"}`.
pub(super) async fn look(app: &App, address: &str) -> Value {
    let slot = slot(app, address);
    let mut kept = slot.lock().await;
    match &kept.insert(read(app, address).await).reading {
        Ok(set) => json!({"ok": true, "keys": keys::usable(set)}),
        Err(fault) => json!({"ok": false, "reason": fault.code(), "message": fault.to_string()}),
    }
}

fn slot(app: &App, address: &str) -> Arc<Slot> {
    // Nothing is done under this lock that could leave the map half written.
    let mut all = app.application_keys.0.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= MOST_KEPT && !all.contains_key(address) {
        all.clear();
    }
    Arc::clone(all.entry(address.to_owned()).or_default())
}

async fn read(app: &App, address: &str) -> Kept {
    let answer = ask(app, address).await;
    let at = app.clock.now();
    let (reading, good_for_s) = match answer {
        Ok((set, good_for_s)) => (Ok(Arc::new(set)), good_for_s),
        Err(fault) => {
            tracing::warn!(address, %fault, "the keys of an application cannot be read");
            (Err(fault), SHORTEST_S)
        }
    };
    Kept { reading, at, until: at.plus_seconds(good_for_s) }
}

async fn ask(app: &App, address: &str) -> Result<(Value, i64), Fault> {
    let url = Url::parse(address).map_err(|_| Failure::BadAddress)?;
    let request = Request { answer_limit: LARGEST, patience: PATIENCE, ..Request::get(url) };
    let answer = app.outbound.send(request).await?;
    if answer.status != 200 {
        return Err(Fault::Status(answer.status));
    }
    let set: Value =
        serde_json::from_slice(&answer.body).map_err(|_| Fault::Set("it does not answer with JSON"))?;
    keys::published(&set).map_err(Fault::Set)?;
    let said = answer.max_age_s.map_or(GOOD_FOR_S, |said| i64::try_from(said).unwrap_or(LONGEST_S));
    Ok((set, said.clamp(SHORTEST_S, LONGEST_S)))
}
