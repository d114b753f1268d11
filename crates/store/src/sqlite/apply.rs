//! One commit inside the writer's transaction: what it expects, then what it writes.

use std::sync::atomic::{AtomicU64, Ordering};

use bianque_model::{BlobId, TenantId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::apply_resource::write_resource;
use super::apply_state::write_state;
use super::audit_chain::Chained;
use super::counters::Counters;
use super::paths::Paths;
use super::{image_change, image_write, merged, search, state_rows};
use crate::{BlobRow, Commit, CommitError, Committed, Expectation, OutboxRow, ReadError};

/// A failure inside a transaction, which must then be rolled back.
#[derive(Debug)]
pub(super) enum Fault {
    /// The commit asks for what cannot be.
    Refused(CommitError),
    /// The database failed.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Sql(cause)
    }
}

impl Fault {
    pub(super) fn into_error(self) -> CommitError {
        match self {
            Self::Refused(error) => error,
            Self::Sql(cause) => CommitError::Unavailable(cause.to_string()),
        }
    }
}

/// What a commit is applied with.
pub(super) struct Apply<'a> {
    pub(super) connection: &'a Connection,
    pub(super) counters: &'a mut Counters,
    pub(super) paths: &'a mut Paths,
    pub(super) audit_sequence: &'a AtomicU64,
    pub(super) audit: &'a Chained,
}

impl Apply<'_> {
    /// Applies a commit. An error inside means that it was refused before it wrote anything; the outer one that the
    /// transaction must be rolled back.
    pub(super) fn apply(mut self, commit: &Commit) -> Result<Result<Committed, CommitError>, Fault> {
        if let Some(before) = applied(self.connection, commit)? {
            return Ok(Ok(before));
        }
        for (index, expectation) in commit.expectations.iter().enumerate() {
            if let Some(refusal) = self.check(commit, index, expectation)? {
                return Ok(Err(refusal));
            }
        }
        for image in &commit.images {
            if let Some(refusal) = image_write::refusal(self.connection, commit.tenant, image)? {
                return Ok(Err(refusal));
            }
        }
        if let Some(merge) = &commit.merge
            && !merged::is_possible(self.connection, commit.tenant, merge)?
        {
            return Ok(Err(CommitError::Merge));
        }
        self.write(commit).map(Ok)
    }

    fn check(
        &self,
        commit: &Commit,
        index: usize,
        expectation: &Expectation,
    ) -> Result<Option<CommitError>, Fault> {
        let (current, wanted) = match expectation {
            Expectation::ResourceVersion { resource_type, id, version } => {
                (resource_version(self.connection, commit.tenant, resource_type, id.as_str())?, *version)
            }
            Expectation::StateVersion { kind, id, version } => {
                (state_rows::version(self.connection, commit.tenant, kind, id, commit.now)?, *version)
            }
            Expectation::NoMatch(query) => {
                let matches = search::matching_ids(self.connection, commit.tenant, query, 2)
                    .map_err(|cause| refused_read(&cause))?;
                return Ok((!matches.is_empty()).then_some(CommitError::Matched { index, matches }));
            }
            Expectation::Matches { query, count } => {
                let most = u32::try_from(count.saturating_add(1)).unwrap_or(u32::MAX);
                let mut matches = search::matching_ids(self.connection, commit.tenant, query, most)
                    .map_err(|cause| refused_read(&cause))?;
                let held = matches.len() as u64 == *count;
                matches.truncate(2);
                return Ok((!held).then_some(CommitError::Matched { index, matches }));
            }
            Expectation::OnlyMatch { query, id } => {
                let matches = search::matching_ids(self.connection, commit.tenant, query, 2)
                    .map_err(|cause| refused_read(&cause))?;
                return Ok((matches != [id.clone()]).then_some(CommitError::Matched { index, matches }));
            }
        };
        Ok((current != wanted).then_some(CommitError::Version { index, current }))
    }

    fn write(&mut self, commit: &Commit) -> Result<Committed, Fault> {
        let (sequence, last_updated) = self.counters.next_commit(commit.now);
        let mut resource_versions = Vec::with_capacity(commit.resources.len());
        for resource in &commit.resources {
            resource_versions.push(write_resource(self, commit.tenant, last_updated, resource)?);
        }
        let state_versions = write_state(self, commit, last_updated)?;
        if let Some(merge) = &commit.merge {
            merged::write(self.connection, commit.tenant, merge)?;
        }
        for blob in &commit.blobs {
            write_blob(self.connection, commit.tenant, blob)?;
        }
        for blob in &commit.blobs_removed {
            remove_blob(self.connection, commit.tenant, *blob)?;
        }
        for image in &commit.images {
            image_write::write(self.connection, commit.tenant, last_updated, image)?;
        }
        for change in &commit.image_changes {
            image_change::write(self.connection, commit.tenant, change)?;
        }
        for row in &commit.audit {
            let number = self.audit_sequence.fetch_add(1, Ordering::Relaxed);
            self.counters.audit =
                self.audit.append(self.connection, &self.counters.audit, commit.tenant, number, row)?;
        }
        for event in &commit.outbox {
            let number = self.counters.next_outbox();
            write_event(self.connection, commit.tenant, number, event)?;
        }
        let committed =
            Committed { sequence, last_updated, resource_versions, state_versions, repeated: false };
        remember(self.connection, commit, &committed)?;
        Ok(committed)
    }
}

/// How many rows a commit writes, about.
pub(super) fn rows_of(commit: &Commit) -> usize {
    let resources: usize = commit
        .resources
        .iter()
        .map(|write| match &write.change {
            crate::Change::Put { index, compartments, .. }
            | crate::Change::Reindex { index, compartments, .. } => 2 + index.len() + compartments.len(),
            crate::Change::Delete => 2,
        })
        .sum();
    let state: usize = commit
        .state
        .iter()
        .map(|write| match &write.change {
            crate::StateChange::Put { keys, .. } => 1 + keys.len(),
            crate::StateChange::Delete => 1,
        })
        .sum();
    let audit: usize = commit.audit.iter().map(|row| 1 + row.patients.len()).sum();
    let merge = commit.merge.as_ref().map_or(0, |_| merged::MOST);
    let images: usize = commit.images.iter().map(image_write::rows).sum();
    1 + merge
        + images
        + commit.image_changes.len()
        + resources
        + state
        + commit.blobs.len()
        + commit.blobs_removed.len()
        + audit
        + commit.outbox.len()
}

/// The answer that a commit was given before, if it was applied.
pub(super) fn applied(connection: &Connection, commit: &Commit) -> rusqlite::Result<Option<Committed>> {
    connection
        .prepare_cached("SELECT sequence, last_updated, versions FROM applied WHERE tenant = ?1 AND id = ?2")?
        .query_row(params![commit.tenant.0, commit.id.0.as_bytes()], |row| {
            let versions = row.get_ref(2)?.as_blob()?;
            let mut numbers = versions.chunks_exact(8).map(number);
            let resources = numbers.next().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
            let resource_versions = numbers.by_ref().take(resources).collect();
            Ok(Committed {
                sequence: row.get(0)?,
                last_updated: Timestamp(row.get(1)?),
                resource_versions,
                state_versions: numbers.collect(),
                repeated: true,
            })
        })
        .optional()
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

fn remember(connection: &Connection, commit: &Commit, committed: &Committed) -> rusqlite::Result<()> {
    let count = committed.resource_versions.len() as u64;
    let versions: Vec<u8> = [count]
        .iter()
        .chain(&committed.resource_versions)
        .chain(&committed.state_versions)
        .flat_map(|version| version.to_le_bytes())
        .collect();
    connection
        .prepare_cached(
            "INSERT INTO applied (sequence, tenant, id, last_updated, versions) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            committed.sequence,
            commit.tenant.0,
            commit.id.0.as_bytes(),
            committed.last_updated.0,
            versions
        ])?;
    Ok(())
}

fn resource_version(
    connection: &Connection,
    tenant: TenantId,
    resource_type: &str,
    id: &str,
) -> rusqlite::Result<u64> {
    let found = connection
        .prepare_cached("SELECT version FROM resource WHERE tenant = ?1 AND type = ?2 AND id = ?3")?
        .query_row(params![tenant.0, resource_type, id], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(0))
}

fn refused_read(error: &ReadError) -> Fault {
    Fault::Refused(CommitError::Unavailable(error.to_string()))
}

fn write_blob(connection: &Connection, tenant: TenantId, blob: &BlobRow) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO blob (tenant, id, subject, size, blake3) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![tenant.0, blob.id.0.as_bytes(), blob.subject, blob.size, blob.blake3])?;
    Ok(())
}

fn remove_blob(connection: &Connection, tenant: TenantId, blob: BlobId) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM blob WHERE tenant = ?1 AND id = ?2")?
        .execute(params![tenant.0, blob.0.as_bytes()])?;
    Ok(())
}

fn write_event(
    connection: &Connection,
    tenant: TenantId,
    number: u64,
    event: &OutboxRow,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (number, tenant, topic, key, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![number, tenant.0, event.topic, event.key, event.payload])?;
    Ok(())
}
