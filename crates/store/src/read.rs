//! What reads give back.

use bianque_model::{ResourceId, TenantId, Timestamp};
use bianque_query::{DateRange, Scope};

/// A version of a resource as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResource {
    /// Its type.
    pub resource_type: String,
    /// Its id.
    pub id: ResourceId,
    /// Its version, from 1.
    pub version: u64,
    /// When this version was committed.
    pub last_updated: Timestamp,
    /// The JSON document without `meta.versionId` and `meta.lastUpdated`; none: this version is a deletion.
    pub document: Option<Vec<u8>>,
}

/// Versions in commit order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// Each with its number and tenant.
    pub rows: Vec<(u64, TenantId, StoredResource)>,
    /// Up to this number nothing is left to read.
    pub through: u64,
}

/// A state document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredState {
    /// Its id.
    pub id: String,
    /// Its version, from 1.
    pub version: u64,
    /// When it was written.
    pub last_updated: Timestamp,
    /// The document.
    pub body: Vec<u8>,
}

/// The records that are one patient's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamePatient {
    /// The record that was asked about.
    pub patient: ResourceId,
    /// The record that stands for all of them.
    pub survivor: ResourceId,
    /// The record it was merged into itself.
    pub into: Option<ResourceId>,
    /// Records that were merged into it, one step far.
    pub replaces: Vec<ResourceId>,
    /// All of them, the survivor first; a record that is merged with none is alone here.
    pub all: Vec<ResourceId>,
}

/// Versions of one resource, of a type or of everything, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryQuery {
    /// Only of this type.
    pub resource_type: Option<String>,
    /// Only of the resource of the type with this id.
    pub id: Option<ResourceId>,
    /// What policy lets the asker see of the type, as it stands now. Of everything at once it must be all.
    pub scope: Scope,
    /// Only versions written at this instant or later.
    pub since: Option<Timestamp>,
    /// Only versions that were current at some instant of these.
    pub at: Option<DateRange>,
    /// Only versions before this place (paging).
    pub before: Option<u64>,
    /// At most this many.
    pub limit: u32,
}

/// State documents of one kind by a key, in the order of the key's value, then id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateQuery {
    /// The aggregate.
    pub kind: &'static str,
    /// The key's name.
    pub name: &'static str,
    /// Lowest value, included.
    pub from: String,
    /// Highest value, excluded; none: exactly `from`.
    pub to: Option<String>,
    /// Highest first.
    pub descending: bool,
    /// At most this many.
    pub limit: u32,
}
