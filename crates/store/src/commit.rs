//! A change, whole: what is written, and what must be true for it to be written.

use bianque_model::{BlobId, CommitId, ResourceId, TenantId, Timestamp};
use bianque_query::{Compartment, IndexRow, Query};

use crate::{AuditRow, ImageChange, ImageWrite};

/// Everything one use case writes, applied in one transaction or not at all.
///
/// Versions, `last_updated` and sequence numbers are assigned inside the transaction and stay monotonic when the
/// clock steps back. A commit sent twice with the same id is applied once and answered the same.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The tenant of every row.
    pub tenant: TenantId,
    /// The idempotency id.
    pub id: CommitId,
    /// When the use case ran, by the server's clock. Versions never carry an earlier time than the one before.
    pub now: Timestamp,
    /// Which queue it waits in.
    pub priority: Priority,
    /// What must hold, else nothing is written.
    pub expectations: Vec<Expectation>,
    /// Versions of resources.
    pub resources: Vec<ResourceWrite>,
    /// Server-side state: what only the server can know (accounts, sessions, rooms, links).
    pub state: Vec<StateWrite>,
    /// Blobs that became durable and belong to somebody.
    pub blobs: Vec<BlobRow>,
    /// Blob rows to take away (their files are deleted afterwards).
    pub blobs_removed: Vec<BlobId>,
    /// Instances that become part of the archive.
    pub images: Vec<ImageWrite>,
    /// What else the index of images says from now on.
    pub image_changes: Vec<ImageChange>,
    /// Audit of this change (invariant 5).
    pub audit: Vec<AuditRow>,
    /// Events for consumers.
    pub outbox: Vec<OutboxRow>,
    /// Whose records become one, or are two again.
    pub merge: Option<Merge>,
}

impl Commit {
    /// An empty commit.
    pub fn new(tenant: TenantId, id: CommitId, now: Timestamp) -> Self {
        Self {
            tenant,
            id,
            now,
            priority: Priority::Interactive,
            expectations: Vec::new(),
            resources: Vec::new(),
            state: Vec::new(),
            blobs: Vec::new(),
            blobs_removed: Vec::new(),
            images: Vec::new(),
            image_changes: Vec::new(),
            audit: Vec::new(),
            outbox: Vec::new(),
            merge: None,
        }
    }
}

/// Which queue a commit waits in: people before machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Somebody is waiting.
    Interactive,
    /// Imports, projections, housekeeping.
    Bulk,
}

/// What must hold when the commit is applied.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    /// The resource's current version is this; 0: it does not exist (a deleted one still has its version).
    ResourceVersion {
        /// Its type.
        resource_type: String,
        /// Its id.
        id: ResourceId,
        /// The wanted version.
        version: u64,
    },
    /// The state document's version is this; 0: it does not exist.
    StateVersion {
        /// Its kind.
        kind: &'static str,
        /// Its id.
        id: String,
        /// The wanted version.
        version: u64,
    },
    /// Nothing matches this query (FHIR conditional create).
    NoMatch(Query),
    /// So many resources match the query: nothing that it looks at was added or deleted.
    Matches {
        /// The query.
        query: Query,
        /// How many.
        count: u64,
    },
    /// This resource matches the query, and no other (FHIR conditional update and delete).
    OnlyMatch {
        /// The query.
        query: Query,
        /// The one.
        id: ResourceId,
    },
}

/// What becomes of the overlay by which records of patients are one. Nothing that refers to a patient is rewritten: reads
/// and searches take a patient for every record that is merged with theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// A record that is merged into none is merged into another, with all that were merged into it.
    Join {
        /// The record that no longer stands for itself.
        patient: ResourceId,
        /// The record it is merged into.
        into: ResourceId,
    },
    /// A record stands for itself again, with all that were merged into it.
    Part {
        /// The record.
        patient: ResourceId,
        /// The record it is merged into.
        from: ResourceId,
    },
}

/// A new version of one resource.
#[derive(Debug, Clone)]
pub struct ResourceWrite {
    /// Its type, for example `Encounter`.
    pub resource_type: String,
    /// Its id.
    pub id: ResourceId,
    /// What it becomes.
    pub change: Change,
}

/// What a resource becomes.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new content.
    Put {
        /// The JSON document, without `meta.versionId` and `meta.lastUpdated` (added when it is served).
        document: Vec<u8>,
        /// What it is found by. Replaces all rows of the version before.
        index: Vec<IndexRow>,
        /// The compartments it lies in. Replaces those of the version before.
        compartments: Vec<Compartment>,
    },
    /// The same content, found anew: no new version and no history, and `last_updated` stays. Where another version stands,
    /// or a deletion, nothing is written: whoever wrote that had newer rows.
    Reindex {
        /// The version that the rows were computed from.
        version: u64,
        /// As in [`Change::Put`].
        index: Vec<IndexRow>,
        /// As in [`Change::Put`].
        compartments: Vec<Compartment>,
    },
    /// Deleted: found no more, its history kept.
    Delete,
}

/// A new version of one state document.
#[derive(Debug, Clone)]
pub struct StateWrite {
    /// The aggregate, for example `session`.
    pub kind: &'static str,
    /// Its id within kind and tenant.
    pub id: String,
    /// What it becomes.
    pub change: StateChange,
}

/// What a state document becomes.
#[derive(Debug, Clone)]
pub enum StateChange {
    /// A new content.
    Put {
        /// The document, serialised by its aggregate in `app`.
        body: Vec<u8>,
        /// What it can be found by. Replaces those before.
        keys: Vec<StateKey>,
        /// After this it may be swept away; reads treat it as gone.
        expires: Option<Timestamp>,
        /// Whether it may be about a patient: then it goes when that patient is shredded.
        about_patient: bool,
    },
    /// Removed.
    Delete,
}

/// A key that a state document is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateKey {
    /// The key's name, for example `login`.
    pub name: &'static str,
    /// Its value; compared as bytes, so that ranges of ISO times work.
    pub value: String,
    /// No other document of the same tenant and kind may hold this name and value.
    pub unique: bool,
}

/// A blob that is durable on disk, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRow {
    /// The blob.
    pub id: BlobId,
    /// The subject whose key wraps the blob's key, for example `Patient/…`.
    pub subject: String,
    /// Length of the plain bytes.
    pub size: u64,
    /// BLAKE3 of the plain bytes.
    pub blake3: [u8; 32],
}

/// An event for consumers, written with the change it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// What kind of event, for example `visit.state`.
    pub topic: String,
    /// Events with one key keep their order.
    pub key: String,
    /// The event, JSON.
    pub payload: Vec<u8>,
}

/// What a commit was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The number of the commit: later commits have higher ones.
    pub sequence: u64,
    /// The time every version of this commit carries.
    pub last_updated: Timestamp,
    /// The version of each resource that stands now, in the order of [`Commit::resources`].
    pub resource_versions: Vec<u64>,
    /// The new version of each state document, in the order of [`Commit::state`].
    pub state_versions: Vec<u64>,
    /// This id had been applied before; nothing was written now.
    pub repeated: bool,
}
