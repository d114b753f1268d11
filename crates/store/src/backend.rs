//! What a database must offer.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use bianque_model::{BlobId, ResourceId, TenantId, Timestamp};
use bianque_query::{ImageQuery, Page, Predicate, Query};
use tokio::sync::watch;

use crate::{
    About, AuditList, AuditPage, AuditQuery, AuditRow, BlobRow, Chain, ChainHead, ChainReport, ChainedRow,
    ChangedStudy, Commit, CommitError, Committed, Figures, HistoryQuery, ImageRow, OutboxRow, ReadError,
    SamePatient, StateQuery, StoredResource, StoredState, Versions,
};

/// A boxed future, so that a store can be an object.
pub type Future<'a, T> = Pin<Box<dyn std::future::Future<Output = T> + Send + 'a>>;

/// An event with its number and tenant.
pub type OutboxEntry = (u64, TenantId, OutboxRow);

/// A resource's type and id.
pub type ResourceName = (String, ResourceId);

/// A shared store.
pub type Store = Arc<dyn Backend>;

/// The interface that SQLite implements and PostgreSQL will.
pub trait Backend: Send + Sync + 'static {
    /// Applies a commit; answers after it is durable. Dropping the future does not cancel it.
    fn commit(&self, commit: Commit) -> Future<'_, Result<Committed, CommitError>>;

    /// The current version of a resource; also of a deleted one.
    fn resource(
        &self,
        tenant: TenantId,
        resource_type: &str,
        id: &ResourceId,
    ) -> Future<'_, Result<Option<StoredResource>, ReadError>>;

    /// The current versions of several resources, each as [`resource`](Self::resource) answers it, in the order they
    /// were asked for and all from one snapshot.
    fn read_many(
        &self,
        tenant: TenantId,
        wanted: Vec<ResourceName>,
    ) -> Future<'_, Result<Vec<Option<StoredResource>>, ReadError>>;

    /// One version of a resource.
    fn resource_version(
        &self,
        tenant: TenantId,
        resource_type: &str,
        id: &ResourceId,
        version: u64,
    ) -> Future<'_, Result<Option<StoredResource>, ReadError>>;

    /// Versions, deletions too, newest first, each with its place for paging.
    fn history(
        &self,
        tenant: TenantId,
        query: HistoryQuery,
    ) -> Future<'_, Result<Vec<(u64, StoredResource)>, ReadError>>;

    /// Whether the resource is visible in the scope of the query (`Query::filter` is `Ids`), or any search.
    fn search(&self, tenant: TenantId, query: Query) -> Future<'_, Result<Page<StoredResource>, ReadError>>;

    /// Several searches as one: of each type at most one, all in the same order, which is that of the last change or none.
    /// Resources come in that order, of one instant by their type and then their id. The limit is that of the first.
    fn search_types(
        &self,
        tenant: TenantId,
        queries: Vec<Query>,
    ) -> Future<'_, Result<Page<StoredResource>, ReadError>>;

    /// With which records each of these is one patient, in the order they were asked for and all from one snapshot.
    fn same_patients(
        &self,
        tenant: TenantId,
        patients: Vec<ResourceId>,
    ) -> Future<'_, Result<Vec<SamePatient>, ReadError>>;

    /// How many resources match, counted exactly, but no further than `most`.
    fn count(&self, tenant: TenantId, query: Query, most: u64) -> Future<'_, Result<u64, ReadError>>;

    /// About how many resources match: exactly where they are few, otherwise taken from a sample of what the narrowest
    /// condition leads to. Two million is the most that it tells.
    fn estimate(&self, tenant: TenantId, query: Query) -> Future<'_, Result<u64, ReadError>>;

    /// A state document by id.
    fn state(
        &self,
        tenant: TenantId,
        kind: &'static str,
        id: &str,
    ) -> Future<'_, Result<Option<StoredState>, ReadError>>;

    /// State documents by key.
    fn states(&self, tenant: TenantId, query: StateQuery) -> Future<'_, Result<Vec<StoredState>, ReadError>>;

    /// The images that a query asks for: newest studies first, series and instances by their numbers.
    fn images(&self, tenant: TenantId, query: ImageQuery) -> Future<'_, Result<Vec<ImageRow>, ReadError>>;

    /// Where the frames of an instance lie, as it was written with it; none: it has no such places.
    fn image_places(&self, tenant: TenantId, uid: &str) -> Future<'_, Result<Option<Vec<u8>>, ReadError>>;

    /// Studies of every tenant that changed and have been quiet since, the longest changed first.
    fn changed_images(
        &self,
        quiet_since: Timestamp,
        limit: u32,
    ) -> Future<'_, Result<Vec<ChangedStudy>, ReadError>>;

    /// The row of a blob.
    fn blob(&self, tenant: TenantId, id: BlobId) -> Future<'_, Result<Option<BlobRow>, ReadError>>;

    /// Writes the audit of a read, durable before it answers; the data is not served when this fails.
    fn audit_read(&self, tenant: TenantId, row: AuditRow) -> Future<'_, Result<(), CommitError>>;

    /// Audit rows of writes and reads together, newest first, each with its sequence for paging.
    fn audit(
        &self,
        tenant: TenantId,
        query: AuditQuery,
    ) -> Future<'_, Result<Vec<(u64, AuditRow)>, ReadError>>;

    /// A page of the audit for who looks after it: writes and reads together by their time, newest first. Looks through a
    /// bounded number of rows, so that a page may hold few rows, or none, and still say that there is more behind it.
    fn audit_list(&self, tenant: TenantId, list: AuditList) -> Future<'_, Result<AuditPage, ReadError>>;

    /// Walks a chain of audit from its beginning and says what is wrong with it; also the links at `places`, counted
    /// from 1, to hold against checkpoints. Takes about a microsecond per row, on a reader of its own.
    fn verify_audit(&self, chain: Chain, places: Vec<u64>) -> Future<'_, Result<ChainReport, ReadError>>;

    /// Where a chain of audit stands.
    fn audit_head(&self, chain: Chain) -> Future<'_, Result<ChainHead, ReadError>>;

    /// Rows of one chain after a sequence, oldest first: what an export goes through.
    fn audit_after(
        &self,
        chain: Chain,
        sequence: u64,
        limit: u32,
    ) -> Future<'_, Result<Vec<ChainedRow>, ReadError>>;

    /// Outbox rows after `cursor` in commit order, each with its number.
    fn outbox(&self, after: u64, limit: u32) -> Future<'_, Result<Vec<OutboxEntry>, ReadError>>;

    /// The number of the newest version of any resource; it changes after every commit that writes one. Versions are
    /// numbered in the order they are committed in, and no number is given twice.
    fn newest_version(&self) -> watch::Receiver<u64>;

    /// Versions of resources of these types after a number, of every tenant and in commit order, deletions too; no more
    /// than a reading takes.
    fn versions_after(&self, after: u64, types: Vec<String>) -> Future<'_, Result<Versions, ReadError>>;

    /// A condition as a search of now means it: where it names a patient, it means every record that is one with theirs.
    fn meant(&self, tenant: TenantId, filter: Predicate) -> Future<'_, Result<Predicate, ReadError>>;

    /// Copies each database as it stands at one moment, beside everything that goes on, into files in `folder` (which is
    /// there and has none of them); the main one first. Gives their paths; their names are those of the data folder.
    fn copy(&self, folder: PathBuf) -> Future<'_, Result<Vec<PathBuf>, ReadError>>;

    /// What is about a patient, in current and earlier versions. Reads all of the history, on a reader of its own.
    fn traces(&self, tenant: TenantId, patient: ResourceId) -> Future<'_, Result<About, ReadError>>;

    /// Takes away what [`traces`](Self::traces) found, with its history and whatever events speak of it, in bounded steps,
    /// and then leaves nothing of it in the files. Called again after a failure it goes on. Audit stays.
    fn erase(
        &self,
        tenant: TenantId,
        patient: ResourceId,
        about: About,
    ) -> Future<'_, Result<(), CommitError>>;

    /// Whose keys may lie among the sealed files: subjects of blobs, and every patient.
    fn subjects(&self) -> Future<'_, Result<Vec<(TenantId, String)>, ReadError>>;

    /// The row of a blob of whichever tenant.
    fn blob_owner(&self, id: BlobId) -> Future<'_, Result<Option<(TenantId, BlobRow)>, ReadError>>;

    /// How it does. Asks no disk.
    fn figures(&self) -> Figures;

    /// How many blobs there are, and the length of their plain bytes together. Reads all rows, on a reader of its own.
    fn blob_totals(&self) -> Future<'_, Result<(u64, u64), ReadError>>;

    /// Removes expired state, and outbox rows up to `consumed`; returns how many rows went.
    fn sweep(&self, now: Timestamp, consumed: u64) -> Future<'_, Result<u64, CommitError>>;
}
