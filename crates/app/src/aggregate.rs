//! Server-side state as typed documents: accounts, sessions, links, rooms - what only the server can know.
//!
//! An aggregate is a Rust struct that names its kind, its id, the keys it is found by and when it ends. The store
//! keeps it as bytes with a version; [`Loaded`] carries the version so that a change can expect it.

use bianque_model::{TenantId, Timestamp};
use bianque_store::{StateKey, StateQuery, StoredState};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{App, Error};

/// A piece of server-side state.
pub trait Aggregate: Serialize + DeserializeOwned + Send {
    /// Its name in the store, never changed once data exists.
    const KIND: &'static str;

    /// Whether it may be about a patient, by naming them or one of their encounters: then it goes when they are shredded.
    const ABOUT_PATIENT: bool;

    /// Its id within tenant and kind.
    fn id(&self) -> String;

    /// What it is found by.
    fn keys(&self) -> Vec<StateKey> {
        Vec::new()
    }

    /// When it ends by itself.
    fn expires(&self) -> Option<Timestamp> {
        None
    }
}

/// A key that at most one document may hold.
pub fn unique(name: &'static str, value: impl Into<String>) -> StateKey {
    StateKey { name, value: value.into(), unique: true }
}

/// A key that many documents may share.
pub fn shared(name: &'static str, value: impl Into<String>) -> StateKey {
    StateKey { name, value: value.into(), unique: false }
}

/// An aggregate with the version it was read at.
#[derive(Debug, Clone)]
pub struct Loaded<T> {
    /// The content.
    pub value: T,
    /// Its version in the store.
    pub version: u64,
    /// When that version was written.
    pub last_updated: Timestamp,
}

impl App {
    /// An aggregate by id.
    pub async fn load<T: Aggregate>(&self, tenant: TenantId, id: &str) -> Result<Option<Loaded<T>>, Error> {
        self.store.state(tenant, T::KIND, id).await?.as_ref().map(decode).transpose()
    }

    /// The aggregate that holds this key.
    pub async fn find<T: Aggregate>(
        &self,
        tenant: TenantId,
        key: &'static str,
        value: &str,
    ) -> Result<Option<Loaded<T>>, Error> {
        Ok(self.list::<T>(tenant, key, value..=value, 1).await?.pop())
    }

    /// Aggregates whose key lies in a range, in the key's order: `a..=a` for one value, `a..b` for a range.
    pub async fn list<T: Aggregate>(
        &self,
        tenant: TenantId,
        key: &'static str,
        range: impl Into<KeyRange>,
        limit: u32,
    ) -> Result<Vec<Loaded<T>>, Error> {
        let KeyRange { from, to } = range.into();
        let query = StateQuery { kind: T::KIND, name: key, from, to, descending: false, limit };
        self.store.states(tenant, query).await?.iter().map(decode).collect()
    }

    /// Aggregates by a key, highest first.
    pub async fn newest<T: Aggregate>(
        &self,
        tenant: TenantId,
        key: &'static str,
        limit: u32,
    ) -> Result<Vec<Loaded<T>>, Error> {
        self.latest(tenant, key, "~", limit).await
    }

    /// Aggregates by a key below a value, highest first.
    pub async fn latest<T: Aggregate>(
        &self,
        tenant: TenantId,
        key: &'static str,
        below: &str,
        limit: u32,
    ) -> Result<Vec<Loaded<T>>, Error> {
        let (from, to) = (String::new(), Some(below.to_owned()));
        let query = StateQuery { kind: T::KIND, name: key, from, to, descending: true, limit };
        self.store.states(tenant, query).await?.iter().map(decode).collect()
    }
}

/// What no text comes after: keys that people write have characters behind `~`.
pub const LAST: &str = "\u{10ffff}";

/// A range of key values.
#[derive(Debug, Clone)]
pub struct KeyRange {
    from: String,
    to: Option<String>,
}

impl From<std::ops::RangeInclusive<&str>> for KeyRange {
    fn from(range: std::ops::RangeInclusive<&str>) -> Self {
        Self { from: (*range.start()).to_owned(), to: None }
    }
}

impl From<std::ops::Range<&str>> for KeyRange {
    fn from(range: std::ops::Range<&str>) -> Self {
        Self { from: range.start.to_owned(), to: Some(range.end.to_owned()) }
    }
}

fn decode<T: Aggregate>(stored: &StoredState) -> Result<Loaded<T>, Error> {
    let value = serde_json::from_slice(&stored.body).map_err(Error::internal)?;
    Ok(Loaded { value, version: stored.version, last_updated: stored.last_updated })
}
