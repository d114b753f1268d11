//! Exports in bulk (FHIR Bulk Data Access 2.0, `$export`): resources as files of NDJSON, for programs.
//!
//! An export shows what stood at one instant, that of the commit that wrote it down, as far as it stands still: what was
//! changed since is given as it was, what was made since is left out, what was deleted since is gone. Its files are sealed
//! under a key of their own, given to whoever asked, and removed after a while.

mod cohort;
mod file;
mod given;
mod page;
mod piece;
#[cfg(test)]
mod tests;
mod wanted;

use std::collections::BTreeSet;

use bianque_fhir::{compartment_members, resource_types};
use bianque_model::{BlobId, Context, ResourceId, Timestamp};
use bianque_store::AuditAction;
use serde::{Deserialize, Serialize};

pub use self::given::file;
pub(crate) use self::given::manifest;
pub(crate) use self::piece::piece;
use self::wanted::Wanted;
use super::{Asked, READ_ONLY};
use crate::change::audit_row;
use crate::jobs::{self, Work};
use crate::policy::{self, Action};
use crate::{App, Error};

/// Bytes that others refer to: read each where it lies.
const BYTES: &str = "Binary";

/// What is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Level {
    /// Everything.
    System,
    /// What lies in patients' records.
    Patient,
    /// What lies in the records of a Group's members.
    Group(ResourceId),
}

/// An export under way, or done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Export {
    whose: Whose,
    /// The types that are exported, one after another.
    types: Vec<String>,
    wanted: Wanted,
    /// The address by which it was asked for, below the base.
    request: String,
    place: Place,
    pub(crate) files: Vec<File>,
}

/// Whose resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Whose {
    /// Everybody's and nobody's.
    All,
    /// Those of patients.
    Patients,
    /// Those of these patients, sorted.
    These(Vec<ResourceId>),
    /// Those of the members of this version of a Group; of these patients alone, when there are some.
    Members { group: ResourceId, version: u64, only: Vec<ResourceId> },
}

/// How far it came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Which of the types.
    of: usize,
    /// Of whose record; none: of the first.
    patient: Option<ResourceId>,
    /// Behind which resource.
    after: Option<String>,
}

/// A file that is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    resource_type: String,
    /// As its address ends.
    name: String,
    pub(crate) blob: BlobId,
    size: u64,
    count: u64,
}

/// Writes an export down, audited with what was asked; gives the id of its job.
///
/// # Errors
/// [`crate::ErrorKind::Forbidden`] for people; [`crate::ErrorKind::TooMany`] when the tenant has as many as it may have.
pub async fn ask(app: &App, context: &Context, level: Level, asked: &Asked) -> Result<ResourceId, Error> {
    policy::export(context)?;
    let wanted = Wanted::read(asked, &level)?;
    let types = types(context, &level, &wanted)?;
    let detail = wanted.check(app, context, &types).await?;
    let (place, whose) = match level {
        Level::System => (String::new(), Whose::All),
        Level::Patient if wanted.patients.is_empty() => ("/Patient".to_owned(), Whose::Patients),
        Level::Patient => ("/Patient".to_owned(), Whose::These(wanted.patients.iter().cloned().collect())),
        Level::Group(group) => {
            let version = cohort::version(app, context, &group).await?;
            let only = wanted.patients.iter().cloned().collect();
            (format!("/Group/{group}"), Whose::Members { group, version, only })
        }
    };
    let request = format!("{place}/$export{}", wanted.written());
    let audited = format!("{place}/$export?{detail}");
    let export = Export { whose, types, wanted, request, place: Place::default(), files: Vec::new() };
    let row = |id: &ResourceId| {
        let mut row = audit_row(context, AuditAction::E, "fhir.export", None, &format!("Job/{id}"));
        row.detail = audited.chars().take(500).collect();
        row
    };
    jobs::ask(app, context, Work::Export(Box::new(export)), row).await
}

/// The types that are exported: those that were named, else all that the asker may search.
fn types(context: &Context, level: &Level, wanted: &Wanted) -> Result<Vec<String>, Error> {
    let of_level: BTreeSet<&str> = match level {
        Level::System => resource_types().iter().copied().collect(),
        Level::Patient | Level::Group(_) => compartment_members("Patient").into_iter().collect(),
    };
    let exported = |name: &str| name != READ_ONLY && name != BYTES;
    if wanted.types.is_empty() {
        let seen = |name: &&str| policy::records(context, name, Action::Search).is_ok();
        let types: Vec<String> =
            of_level.into_iter().filter(|name| exported(name)).filter(seen).map(str::to_owned).collect();
        return if types.is_empty() { Err(Error::forbidden()) } else { Ok(types) };
    }
    for name in &wanted.types {
        if !exported(name) {
            return Err(wanted::refuse(&format!(
                "{name} is not exported: AuditEvents are searched, Binaries are read where they lie"
            )));
        }
        if !of_level.contains(name.as_str()) {
            return Err(wanted::refuse(&format!("{name} lies in no patient's record")));
        }
        policy::records(context, name, Action::Search)?;
    }
    Ok(wanted.types.iter().cloned().collect())
}

impl Export {
    /// How far it came, in words.
    pub(crate) fn progress(&self) -> String {
        let resources: u64 = self.files.iter().map(|file| file.count).sum();
        format!(
            "{} of {} types, {resources} resources in {} files",
            self.place.of,
            self.types.len(),
            self.files.len()
        )
    }

    /// Forgets what was done; gives the files that are nobody's then.
    pub(crate) fn begin_again(&mut self) -> Vec<BlobId> {
        self.place = Place::default();
        std::mem::take(&mut self.files).into_iter().map(|file| file.blob).collect()
    }

    /// The instant from which on resources are wanted.
    fn since(&self) -> Option<Timestamp> {
        self.wanted.since
    }
}
