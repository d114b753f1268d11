//! Doing jobs, piece by piece.

use std::collections::HashSet;
use std::time::Duration;

use bianque_model::{ResourceId, TenantId};
use tokio::task::JoinSet;

use super::board::Taken;
use super::{End, Job, Lane, Work, keep};
use crate::aggregate::Loaded;
use crate::records::{export, reindex};
use crate::{App, Change, Error, ErrorKind};

/// How often is looked for jobs when nothing wakes.
const EVERY: Duration = Duration::from_secs(10);
/// Jobs of one lane that are looked at.
const LOOKED_AT: u32 = 100;

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is more to do.
    More,
    /// Nothing more: it ended, or was cancelled.
    Done,
}

/// Patients whom the audit of a job names already, told apart by 64 bits of a hash: who is named twice after a restart is
/// no harm.
#[derive(Debug, Default)]
pub struct Named(HashSet<u64>);

/// Patients that are remembered; behind it memory begins anew.
const REMEMBERED: usize = 2_000_000;

impl Named {
    /// Whether nobody has named the patient so far.
    pub(crate) fn is_new(&mut self, patient: &ResourceId) -> bool {
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        let hash = blake3::hash(patient.as_str().as_bytes());
        let bytes = hash.as_bytes().first_chunk().copied().unwrap_or_default();
        self.0.insert(u64::from_le_bytes(bytes))
    }
}

/// Does the jobs of all tenants for ever, those that a process before had begun first. Dropped, it ends between two steps.
pub async fn run(app: App) {
    let mut under_way = JoinSet::new();
    loop {
        let round = async {
            keep::expire(&app).await?;
            take_up(&app, &mut under_way).await
        };
        if let Err(error) = round.await {
            tracing::warn!(%error, "jobs");
        }
        tokio::select! {
            () = app.jobs.woken() => {}
            () = tokio::time::sleep(EVERY) => {}
            Some(_) = under_way.join_next() => {}
        }
    }
}

async fn take_up(app: &App, under_way: &mut JoinSet<()>) -> Result<(), Error> {
    for tenant in app.tenants.ids() {
        for lane in Lane::ALL {
            let open = app.list::<Job>(tenant, "open", lane.code()..=lane.code(), LOOKED_AT).await?;
            let Some(first) = open.into_iter().next() else { continue };
            if let Some(taken) = app.jobs.take(tenant, lane) {
                under_way.spawn(carry_on(app.clone(), tenant, first.value.id, taken));
            }
        }
    }
    Ok(())
}

async fn carry_on(app: App, tenant: TenantId, id: ResourceId, _taken: Taken) {
    if let Err(error) = work(&app, tenant, &id).await {
        tracing::warn!(job = %id, %error, "a job waits");
        tokio::time::sleep(EVERY).await;
    }
}

/// Does a job to its end.
///
/// # Errors
/// When the store does not answer; the job stands where it was and can be gone on with.
pub async fn work(app: &App, tenant: TenantId, id: &ResourceId) -> Result<(), Error> {
    let mut named = Named::default();
    while step(app, tenant, id, &mut named).await? == Step::More {}
    Ok(())
}

/// Does one piece of a job.
///
/// # Errors
/// As [`work`].
pub async fn step(app: &App, tenant: TenantId, id: &ResourceId, named: &mut Named) -> Result<Step, Error> {
    let Some(loaded) = app.load::<Job>(tenant, id.as_str()).await? else {
        // A file that was begun while the job was removed has made its key again.
        app.blobs.shred_key(tenant, &keep::subject(id)).map_err(Error::internal)?;
        return Ok(Step::Done);
    };
    if loaded.value.end.is_some() {
        return Ok(Step::Done);
    }
    let done = match &loaded.value.work {
        Work::Export(_) => export::piece(app, tenant, &loaded, named).await,
        Work::Reindex(_) => reindex::piece(app, tenant, &loaded).await,
    };
    match done {
        Ok(step) => Ok(step),
        // Cancelled meanwhile, or gone on with: what stands now says.
        Err(error) if error.code == "changed" => Ok(Step::More),
        Err(error) if error.kind == ErrorKind::Unavailable => Err(error),
        // A program before left a place that this one cannot go on from.
        Err(error) if error.code == "cursor.invalid" => begin_again(app, tenant, &loaded).await,
        Err(error) => fail(app, tenant, loaded, &error).await,
    }
}

async fn begin_again(app: &App, tenant: TenantId, loaded: &Loaded<Job>) -> Result<Step, Error> {
    tracing::warn!(job = %loaded.value.id, "a job begins again: its place was written by another program");
    let mut again = loaded.clone();
    let files = match &mut again.value.work {
        Work::Export(export) => export.begin_again(),
        Work::Reindex(reindex) => {
            reindex.begin_again();
            Vec::new()
        }
    };
    let context = app.server_context(tenant);
    let mut change = Change::new(app, &context).bulk();
    change.update(&again)?;
    for blob in &files {
        change.blob_gone(*blob);
    }
    change.commit().await?;
    let blobs = app.blobs.clone();
    let removed = tokio::task::spawn_blocking(move || files.iter().try_for_each(|blob| blobs.delete(*blob)));
    removed.await.map_err(Error::internal)?.map_err(Error::internal)?;
    Ok(Step::More)
}

async fn fail(app: &App, tenant: TenantId, mut loaded: Loaded<Job>, error: &Error) -> Result<Step, Error> {
    let cause = error.cause.as_ref().map(ToString::to_string).unwrap_or_default();
    tracing::error!(job = %loaded.value.id, %error, cause, "a job cannot be done");
    loaded.value.finish(app, Some(error.message.clone()));
    let context = app.server_context(tenant);
    let mut change = Change::new(app, &context).bulk();
    change.update(&loaded)?;
    change.commit().await?;
    Ok(Step::Done)
}

impl Job {
    /// Ends it now; what it made is kept for as long as the operator says.
    pub(crate) fn finish(&mut self, app: &App, failure: Option<String>) {
        let at = app.clock.now();
        let until = at.plus_seconds(i64::from(app.settings.export_hours) * 3600);
        self.end = Some(End { at, until, failure });
    }
}
