//! How many jobs there may be, and how they go.

use bianque_model::{BlobId, Context, ResourceId, TenantId};
use bianque_store::{AuditAction, AuditRow, CommitError};

use super::job::instant_key;
use super::{Job, Lane, Work, own};
use crate::aggregate::Loaded;
use crate::{App, Change, Error, ErrorKind};

/// Jobs of one lane and tenant that are kept after they ended.
const KEPT: u32 = 64;
/// Reindexings that wait or are under way in one tenant.
const REINDEXINGS: usize = 4;
/// Jobs that one round removes.
const ROUND: u32 = 100;
/// Seconds after which whoever asks too much may ask again.
const ASK_AGAIN_S: u32 = 60;

/// Writes a job down with its audit row, in a free place of its lane.
///
/// # Errors
/// [`ErrorKind::TooMany`] when there is none.
pub(crate) async fn ask(
    app: &App,
    context: &Context,
    work: Work,
    row: impl Fn(&ResourceId) -> AuditRow,
) -> Result<ResourceId, Error> {
    let lane = work.lane();
    let kept = app.list::<Job>(context.tenant, "kept", lane.code()..=lane.code(), KEPT).await?;
    if kept.len() >= KEPT as usize {
        return Err(too_many("too many results are kept: delete those that were fetched"));
    }
    let places = match lane {
        Lane::Export => app.settings.export_jobs,
        Lane::Reindex => REINDEXINGS,
    };
    for place in 0..places {
        let job = Job::new(context, work.clone(), format!("{}-{place}", lane.code()));
        let mut change = Change::new(app, context);
        change.insert(&job)?;
        change.audit_with(row(&job.id));
        match change.try_commit().await {
            Ok(_) => {
                app.jobs.wake();
                return Ok(job.id);
            }
            // Another has this place.
            Err(CommitError::KeyTaken { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_many("as many of these are under way as may be: wait for one to end, or delete one"))
}

fn too_many(message: &str) -> Error {
    Error::new(ErrorKind::TooMany { retry_after_s: ASK_AGAIN_S }, "job.too-many", message)
}

/// Cancels a job that is under way, or removes what it made; whoever asked for it.
pub async fn cancel(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    // A piece may be committed meanwhile, and another after it.
    for _ in 0..8 {
        let loaded = own(app, context, id).await?;
        let operation = format!("fhir.{}-delete", loaded.value.work.lane().code());
        match remove(app, context, &loaded, &operation).await {
            Err(error) if error.code == "changed" => {}
            done => return done,
        }
    }
    Err(Error::conflict("changed", "the job goes on faster than it can be deleted; try again"))
}

/// Removes a job as it was loaded: its record and the rows of its files, then the files and their key.
pub(crate) async fn remove(
    app: &App,
    context: &Context,
    loaded: &Loaded<Job>,
    operation: &str,
) -> Result<(), Error> {
    let job = &loaded.value;
    let files: Vec<BlobId> = match &job.work {
        Work::Export(export) => export.files.iter().map(|file| file.blob).collect(),
        Work::Reindex(_) => Vec::new(),
    };
    let mut change = Change::new(app, context);
    change.expect_state_of(job, loaded.version);
    change.remove::<Job>(job.id.as_str());
    for blob in &files {
        change.blob_gone(*blob);
    }
    change.audit(AuditAction::D, operation, None, &format!("Job/{}", job.id));
    change.commit().await?;
    if !matches!(job.work, Work::Export(_)) {
        return Ok(());
    }
    let (blobs, tenant, subject) = (app.blobs.clone(), context.tenant, subject(&job.id));
    let removed = tokio::task::spawn_blocking(move || {
        files.iter().try_for_each(|blob| blobs.delete(*blob))?;
        blobs.shred_key(tenant, &subject)
    });
    removed.await.map_err(Error::internal)?.map_err(Error::internal)
}

/// Under whose key the files of a job lie.
pub(crate) fn subject(id: &ResourceId) -> String {
    format!("Export/{id}")
}

/// Removes what is over.
pub async fn expire(app: &App) -> Result<(), Error> {
    let now = instant_key(app.clock.now());
    for tenant in app.tenants.ids() {
        let over = app.list::<Job>(tenant, "until", ""..now.as_str(), ROUND).await?;
        for loaded in over {
            remove(app, &app.server_context(tenant), &loaded, "fhir.export-expire").await?;
        }
    }
    Ok(())
}

/// Removes all exports of a tenant, also those under way: a copy of a record that is destroyed is destroyed too.
pub async fn remove_exports(app: &App, tenant: TenantId) -> Result<(), Error> {
    let lane = Lane::Export.code();
    for _ in 0..8 {
        let kept = app.list::<Job>(tenant, "kept", lane..=lane, KEPT).await?;
        if kept.is_empty() {
            return Ok(());
        }
        for loaded in kept {
            match remove(app, &app.server_context(tenant), &loaded, "fhir.export-delete").await {
                Err(error) if error.code == "changed" => {}
                done => done?,
            }
        }
    }
    Err(Error::conflict("changed", "exports go on faster than they can be deleted"))
}
