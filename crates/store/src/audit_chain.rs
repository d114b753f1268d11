//! The hash chain of the audit: what makes a changed, dropped, reordered or cut off row visible.
//!
//! Each writer has a chain. The link of a row is a keyed BLAKE3 hash of the link before it and every
//! field of the row, so that nobody without the key makes a link. The head (where the chain begins, how
//! many rows it has, the last link) is sealed with the same key and written in the transaction of its rows: a chain
//! whose end was cut off no longer ends where its head says. Someone who puts back an older copy of a whole file has
//! an older head that is genuine; that is what signed checkpoints outside the database are for.

use bianque_model::TenantId;

use crate::{AuditAction, AuditRow};

/// The key of the chains of an installation. Never in the data folder in plain form, never logged.
#[derive(Clone)]
pub struct AuditKey([u8; 32]);

impl AuditKey {
    /// A key of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditKey(..)")
    }
}

/// Which writer a chain belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chain {
    /// What was changed; in the transaction of the change.
    Writes,
    /// What was read.
    Reads,
    /// What was read in emergencies while the database of reads failed: lines of a file, carried over into `Reads`.
    Emergencies,
}

impl Chain {
    /// Those of the database.
    pub const ALL: [Self; 2] = [Self::Writes, Self::Reads];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Writes => "writes",
            Self::Reads => "reads",
            Self::Emergencies => "emergencies",
        }
    }
}

/// The link of a row to all rows before it.
pub type Link = [u8; 32];

/// Where a chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// Rows up to this sequence were written before there was a chain.
    pub begins_after: u64,
    /// Rows in the chain.
    pub count: u64,
    /// The link of the last row; of an empty chain, that of its beginning.
    pub link: Link,
}

impl ChainHead {
    /// The beginning of a chain after the rows up to `begins_after`.
    pub fn beginning(key: &AuditKey, chain: Chain, begins_after: u64) -> Self {
        let mut hasher = hasher(key, "beginning", chain);
        hasher.update(&begins_after.to_le_bytes());
        Self { begins_after, count: 0, link: hasher.finalize().into() }
    }

    /// The head after one more row.
    #[must_use]
    pub fn after(
        &self,
        key: &AuditKey,
        chain: Chain,
        tenant: TenantId,
        sequence: u64,
        row: &AuditRow,
    ) -> Self {
        let count = self.count + 1;
        let mut hasher = hasher(key, "row", chain);
        hasher.update(&self.link);
        for number in [sequence, u64::from(tenant.0)] {
            hasher.update(&number.to_le_bytes());
        }
        hasher.update(&row.at.0.to_le_bytes());
        hasher.update(&[letter(row.action), u8::from(row.success)]);
        let texts = [&row.operation, &row.agent, &row.organization, &row.purpose, &row.address, &row.request];
        texts.into_iter().chain([&row.entity, &row.detail]).for_each(|text| add(&mut hasher, text));
        row.patients.iter().for_each(|patient| add(&mut hasher, patient.as_str()));
        Self { count, link: hasher.finalize().into(), ..*self }
    }

    /// What shows that this head was written by who has the key.
    pub fn seal(&self, key: &AuditKey, chain: Chain) -> Link {
        let mut hasher = hasher(key, "head", chain);
        hasher.update(&self.begins_after.to_le_bytes());
        hasher.update(&self.count.to_le_bytes());
        hasher.update(&self.link);
        hasher.finalize().into()
    }
}

/// A row of a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainedRow {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its sequence.
    pub sequence: u64,
    /// The row.
    pub row: AuditRow,
    /// Its link.
    pub link: Link,
}

/// What was found when a chain was walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// The chain.
    pub chain: Chain,
    /// Rows from before there was a chain, which nothing vouches for.
    pub before_chain: u64,
    /// Rows of the chain that were read.
    pub rows: u64,
    /// The head as it is stored.
    pub head: ChainHead,
    /// What is wrong; empty: nothing. Of more than [`ChainReport::FAULTS`], the first.
    pub faults: Vec<ChainFault>,
    /// The links at the places that were asked for, where the chain has them.
    pub at: Vec<(u64, Link)>,
}

impl ChainReport {
    /// Faults that are kept at most.
    pub const FAULTS: usize = 100;
}

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// A row is not what was written, or rows before it are missing or in another order.
    #[error(
        "row {sequence} (place {place}) does not follow from the rows before it: changed, dropped or reordered"
    )]
    Broken {
        /// The row's place in the chain, from 1.
        place: u64,
        /// The row's sequence.
        sequence: u64,
    },
    /// The chain does not end where its head says.
    #[error(
        "the chain has {found} rows and its head says {wanted}: rows were dropped or its end was cut off"
    )]
    Cut {
        /// Rows there are.
        found: u64,
        /// Rows there were.
        wanted: u64,
    },
    /// The head was not written by who has the key.
    #[error("the head of the chain is not genuine")]
    Head,
    /// The table by which a patient's rows are found is not what the rows say.
    #[error("rows about patients: {found} in the table by patient, {wanted} in the chain")]
    ByPatient {
        /// Entries there are.
        found: u64,
        /// Entries there should be.
        wanted: u64,
    },
}

fn hasher(key: &AuditKey, what: &str, chain: Chain) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new_keyed(&key.0);
    add(&mut hasher, what);
    add(&mut hasher, chain.name());
    hasher
}

/// A text with its length, so that no two rows read the same.
fn add(hasher: &mut blake3::Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

const fn letter(action: AuditAction) -> u8 {
    match action {
        AuditAction::C => b'C',
        AuditAction::R => b'R',
        AuditAction::U => b'U',
        AuditAction::D => b'D',
        AuditAction::E => b'E',
    }
}
