//! Versions as subscriptions read them: those that are up to date share one reading of what is new.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bianque_fhir::Indexed;
use bianque_model::TenantId;
use bianque_store::{StoredResource, Versions};
use serde_json::Value;

use crate::change::found_by;
use crate::{App, Error};

/// The newest versions that are kept for who is a little behind.
const KEPT: usize = 1_024;
/// Their documents together, bytes.
const KEPT_BYTES: usize = 16 << 20;

/// A version of a resource.
#[derive(Debug)]
pub struct Version {
    /// Its number among all.
    pub number: u64,
    /// Whose.
    pub tenant: TenantId,
    /// The version.
    pub stored: StoredResource,
    read: OnceLock<Option<Read>>,
}

/// What is read of a version, once for all who look at it.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) resource: Value,
    pub(super) indexed: Indexed,
}

impl Version {
    fn new((number, tenant, stored): (u64, TenantId, StoredResource)) -> Arc<Self> {
        Arc::new(Self { number, tenant, stored, read: OnceLock::new() })
    }

    /// What it says and is found by; none: it says nothing.
    pub(super) fn read(&self) -> Option<&Read> {
        let read = || {
            let resource: Value = serde_json::from_slice(self.stored.document.as_deref()?).ok()?;
            let indexed = found_by(&resource);
            Some(Read { resource, indexed })
        };
        self.read.get_or_init(read).as_ref()
    }

    fn bytes(&self) -> usize {
        self.stored.document.as_ref().map_or(0, Vec::len)
    }
}

/// What comes after a place.
#[derive(Debug, Default)]
pub struct Batch {
    /// Versions of a tenant and a type, in order.
    pub versions: Vec<Arc<Version>>,
    /// Up to this number nothing is left.
    pub through: u64,
}

/// Where versions are read.
#[derive(Debug, Default)]
pub struct Feed {
    followed: Mutex<BTreeMap<&'static str, usize>>,
    tail: tokio::sync::Mutex<Tail>,
}

/// The newest versions of the types that are followed: all of them from one number to another.
#[derive(Debug, Default)]
struct Tail {
    types: Vec<String>,
    from: u64,
    through: u64,
    versions: VecDeque<Arc<Version>>,
    bytes: usize,
}

/// A type that is followed for as long as this is there.
#[derive(Debug)]
pub struct Following {
    feed: Arc<Feed>,
    resource_type: &'static str,
}

impl Feed {
    /// Follows a type.
    pub fn follow(self: &Arc<Self>, resource_type: &'static str) -> Following {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        *followed.entry(resource_type).or_default() += 1;
        Following { feed: Arc::clone(self), resource_type }
    }

    fn types(&self) -> Vec<String> {
        let followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        followed.keys().map(|&name| name.to_owned()).collect()
    }
}

impl Following {
    /// What comes after a place.
    pub async fn after(&self, app: &App, tenant: TenantId, place: u64) -> Result<Batch, Error> {
        // Of a deletion there is nothing to tell.
        let wanted = |version: &Version| {
            version.tenant == tenant
                && version.stored.resource_type == self.resource_type
                && version.stored.document.is_some()
        };
        let types = self.feed.types();
        let mut tail = self.feed.tail.lock().await;
        if tail.types != types || place > tail.through {
            *tail = Tail { types: types.clone(), from: place, through: place, ..Tail::default() };
        }
        if place < tail.from {
            drop(tail);
            // Who is far behind reads alone, and lets the others share what is new.
            let read = app.store.versions_after(place, vec![self.resource_type.to_owned()]).await?;
            let versions =
                read.rows.into_iter().map(Version::new).filter(|version| wanted(version)).collect();
            return Ok(Batch { versions, through: read.through });
        }
        if place == tail.through {
            let read = app.store.versions_after(place, types).await?;
            tail.take(read);
        }
        let new = tail.versions.iter().filter(|version| version.number > place && wanted(version));
        let batch = Batch { versions: new.cloned().collect(), through: tail.through };
        tail.trim();
        Ok(batch)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut followed = self.feed.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = followed.get_mut(self.resource_type) {
            *count -= 1;
            if *count == 0 {
                followed.remove(self.resource_type);
            }
        }
    }
}

impl Tail {
    fn take(&mut self, read: Versions) {
        for version in read.rows.into_iter().map(Version::new) {
            self.bytes += version.bytes();
            self.versions.push_back(version);
        }
        self.through = read.through;
    }

    fn trim(&mut self) {
        while self.versions.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.versions.pop_front() else { return };
            self.bytes -= oldest.bytes();
            self.from = oldest.number;
        }
    }
}
