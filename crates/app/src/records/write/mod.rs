//! Writes of one resource: what is wanted, put into a change that the commit holds to what was read.
//!
//! A write is *planned* into a [`Change`] and *told* once that is committed, so that one resource alone and five hundred of
//! a transaction are written by the same lines.

mod condition;
mod create;
mod delete;
mod patch;
mod update;

use bianque_model::{Context, ResourceId};
use bianque_store::{AuditAction, CommitError, Committed};
use serde_json::Value;

use super::Record;
use crate::change::audit_row;
use crate::{App, Change, Error, ErrorKind};

pub use condition::Pairs;
pub use patch::Patch;

pub(super) use condition::{Matching, matching};

/// How often a write is tried against others who write the same.
const ATTEMPTS: usize = 4;

/// A write that somebody wants.
#[derive(Debug, Clone)]
pub struct Write {
    /// The type of the resource.
    pub resource_type: String,
    /// What is to become of it.
    pub what: What,
}

/// What is to become of a resource.
#[derive(Debug, Clone)]
pub enum What {
    /// A new one, or the one that matches `unless`.
    Create {
        /// The document.
        resource: Value,
        /// Nothing is written when one matches this.
        unless: Option<Pairs>,
    },
    /// A new content, of one that is there or not.
    Update {
        /// Which.
        target: Target,
        /// The document.
        resource: Value,
        /// What must stand.
        expected: Option<Expected>,
    },
    /// Some members change.
    Patch {
        /// Which.
        target: Target,
        /// The changes.
        patch: Patch,
        /// What must stand.
        expected: Option<Expected>,
    },
    /// It goes.
    Delete {
        /// Which.
        target: Target,
        /// What must stand.
        expected: Option<Expected>,
    },
}

/// Which resource is meant.
#[derive(Debug, Clone)]
pub enum Target {
    /// The one with this id.
    Id(ResourceId),
    /// The only one that matches.
    Matching(Pairs),
}

/// What must stand for a write to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// This version (`If-Match`).
    Version(u64),
    /// Nothing (`If-None-Match: *`).
    Nothing,
}

/// What a write came to.
#[derive(Debug)]
pub struct Written {
    /// How it ended.
    pub done: Done,
    /// The resource as it stands now; none: it is gone, or never was.
    pub record: Option<Record>,
}

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It was not there before.
    Created,
    /// It was, and is another now.
    Updated,
    /// It was, and nothing was written.
    Existed,
    /// It is gone.
    Deleted,
}

/// A write whose resource is known.
#[derive(Debug)]
pub(super) struct Aimed {
    pub(super) resource_type: &'static str,
    pub(super) id: ResourceId,
    pub(super) aim: Aim,
}

/// What is to be done with the resource.
#[derive(Debug)]
pub(super) enum Aim {
    /// Written under an id that was chosen for it.
    New(Value),
    /// Written over what stands.
    Replace(Value, Option<Expected>),
    /// Changed as it stands.
    Patch(Patch, Option<Expected>),
    /// Taken away.
    Delete(Option<Expected>),
    /// Nothing.
    Nothing(Done),
}

/// A write that was put into a change.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) done: Done,
    /// The resource and its place in the change; none: nothing is written.
    pub(super) written: Option<(Value, usize)>,
    /// What stands already.
    pub(super) standing: Option<Record>,
}

impl Planned {
    /// What it came to, now that the change is committed: from the plan, without reading it back.
    pub(super) fn told(self, committed: &Committed) -> Result<Written, Error> {
        let record = match self.written.filter(|_| self.done != Done::Deleted) {
            Some((resource, place)) => {
                let text = |name: &str| resource[name].as_str().unwrap_or_default();
                let version = committed.resource_versions.get(place).copied().unwrap_or(1);
                let last_updated = committed.last_updated;
                let stored = bianque_fhir::to_stored(&resource);
                Some(Record {
                    resource_type: text("resourceType").to_owned(),
                    id: text("id").parse().map_err(Error::internal)?,
                    version,
                    last_updated,
                    body: bianque_fhir::to_served(&stored, version, last_updated),
                })
            }
            None => self.standing,
        };
        Ok(Written { done: self.done, record })
    }
}

impl Write {
    /// Finds out which resource is meant. What a condition matched is held by the commit.
    pub(super) async fn aim(
        self,
        app: &App,
        context: &Context,
        change: &mut Change<'_>,
    ) -> Result<Aimed, Error> {
        let resource_type = super::writable(&self.resource_type)?;
        match self.what {
            What::Create { resource, unless } => {
                create::aim(app, context, resource_type, resource, unless, change).await
            }
            What::Update { target, resource, expected } => {
                update::aim(app, context, (resource_type, target), resource, expected, change).await
            }
            What::Patch { target, patch, expected } => {
                patch::aim(app, context, (resource_type, target), patch, expected, change).await
            }
            What::Delete { target, expected } => {
                delete::aim(app, context, (resource_type, target), expected, change).await
            }
        }
    }

    /// Whether it says which version it is about: then a change by somebody else is for the client to know.
    pub(super) fn is_pinned(&self) -> bool {
        match &self.what {
            What::Create { .. } => false,
            What::Update { expected, .. } | What::Patch { expected, .. } | What::Delete { expected, .. } => {
                expected.is_some()
            }
        }
    }

    /// Whether it depends on what else is there.
    pub(super) fn is_conditional(&self) -> bool {
        match &self.what {
            What::Create { unless, .. } => unless.is_some(),
            What::Update { target, .. } | What::Patch { target, .. } | What::Delete { target, .. } => {
                matches!(target, Target::Matching(_))
            }
        }
    }
}

impl Aimed {
    /// Puts the write into a change.
    pub(super) async fn plan(
        self,
        app: &App,
        context: &Context,
        change: &mut Change<'_>,
    ) -> Result<Planned, Error> {
        let Self { resource_type, id, aim } = self;
        match aim {
            Aim::New(resource) => create::plan(app, context, (resource_type, &id), resource, change).await,
            Aim::Replace(resource, expected) => {
                update::plan(app, context, (resource_type, &id), resource, expected, change).await
            }
            Aim::Patch(patch, expected) => {
                patch::plan(app, context, (resource_type, &id), &patch, expected, change).await
            }
            Aim::Delete(expected) => delete::plan(app, context, (resource_type, &id), expected, change).await,
            Aim::Nothing(Done::Existed) => {
                let standing = Some(super::read::read(app, context, resource_type, &id).await?);
                Ok(Planned { done: Done::Existed, written: None, standing })
            }
            Aim::Nothing(done) => Ok(Planned { done, written: None, standing: None }),
        }
    }
}

/// Does one write. What others change meanwhile is read again, a few times.
pub async fn write(app: &App, context: &Context, write: Write) -> Result<Written, Error> {
    let (pinned, conditional) = (write.is_pinned(), write.is_conditional());
    for _ in 0..ATTEMPTS {
        let mut change = Change::new(app, context);
        let aimed = write.clone().aim(app, context, &mut change).await?;
        let planned = aimed.plan(app, context, &mut change).await?;
        if change.resources() == 0 {
            return Ok(Written { done: planned.done, record: planned.standing });
        }
        match change.try_commit().await {
            Ok(committed) => return planned.told(&committed),
            Err(CommitError::Version { current, .. }) if pinned => return Err(stale(current)),
            Err(CommitError::Matched { .. }) if !conditional => return Err(duplicate()),
            // What was planned on has changed: it is planned anew, and says itself what it now finds.
            Err(CommitError::Version { .. } | CommitError::Matched { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::conflict("fhir.changed", "others are writing the same; try again"))
}

/// The audit row of a written resource, with everyone it is about.
pub(super) fn audited(
    context: &Context,
    action: AuditAction,
    operation: &str,
    resource: &Value,
) -> bianque_store::AuditRow {
    let text = |name: &str| resource[name].as_str().unwrap_or_default();
    let mut row =
        audit_row(context, action, operation, None, &format!("{}/{}", text("resourceType"), text("id")));
    row.patients = bianque_fhir::patients(resource);
    row
}

/// The version in If-Match is not the one that stands.
pub(super) fn stale(current: u64) -> Error {
    Error::new(ErrorKind::Conflict, "fhir.version", format!("the resource stands at version {current}"))
}

/// Somebody else has one of the patient's identifiers.
pub(super) fn duplicate() -> Error {
    let message = "another patient has one of these identifiers of the same authority";
    Error::conflict("fhir.duplicate", message)
}

/// Whether what is expected stands at this version, 0 for nothing.
fn check(expected: Option<Expected>, version: u64, there: bool) -> Result<(), Error> {
    match expected {
        Some(Expected::Version(wanted)) if wanted != version => Err(stale(version)),
        Some(Expected::Nothing) if there => Err(stale(version)),
        _ => Ok(()),
    }
}
