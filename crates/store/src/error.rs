//! What can go wrong, as callers must tell it apart.

use bianque_model::ResourceId;
use bianque_query::ImageLevel;

/// A commit that was not applied, or whose fate could not be learnt.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// An expectation did not hold. `index` is its place in the commit.
    #[error("expectation {index} failed: current version is {current}")]
    Version {
        /// Which expectation.
        index: usize,
        /// The version that stands.
        current: u64,
    },
    /// [`crate::Expectation::NoMatch`], [`crate::Expectation::OnlyMatch`] or [`crate::Expectation::Matches`] matched these
    /// (at most two are named).
    #[error("expectation {index} failed: {} resources match", matches.len())]
    Matched {
        /// Which expectation.
        index: usize,
        /// Ids that match.
        matches: Vec<ResourceId>,
    },
    /// A unique key of a state document is taken.
    #[error("{kind}.{name} is taken")]
    KeyTaken {
        /// The aggregate.
        kind: String,
        /// The key.
        name: String,
    },
    /// Records that cannot be merged, or parted, as they stand: one is merged already, they are one already, they are too
    /// many, or they are not merged.
    #[error("the records are not such that they could be merged or parted")]
    Merge,
    /// An instance is known under this UID already, or what it belongs to is known elsewhere.
    #[error("the {level:?} {uid} is known already")]
    ImageKnown {
        /// What is known: the instance itself; or its series in another study, or its study with another patient.
        level: ImageLevel,
        /// Its UID.
        uid: String,
    },
    /// The commit is larger than a transaction may be.
    #[error("{rows} rows are more than a commit may hold")]
    TooLarge {
        /// Rows it would write.
        rows: usize,
    },
    /// The database did not take it, and nothing was stored: disk full, I/O error, shutting down.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

/// A read that could not be answered.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// The cursor is not one of ours, or belongs to another query.
    #[error("not a cursor of this query")]
    Cursor,
    /// The query took longer than it may.
    #[error("the query went over its budget")]
    Budget,
    /// The database did not answer.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

/// A store that could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The SQLite library is not the one this program was tested with.
    #[error("SQLite {found} is linked, {wanted} is wanted")]
    Library {
        /// What is linked.
        found: String,
        /// What is wanted.
        wanted: String,
    },
    /// The data was written by a newer program.
    #[error("the data has schema {found}, this program knows up to {known}")]
    Newer {
        /// Schema of the data.
        found: u32,
        /// Highest schema known.
        known: u32,
    },
    /// Another process works in the data folder.
    #[error("the data folder {folder} is in use by another bianque")]
    Locked {
        /// The folder.
        folder: String,
    },
    /// Files or database.
    #[error("{what}: {cause}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        cause: String,
    },
}
