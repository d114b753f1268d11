//! How a job stands, for whoever asked for it.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::agent_of;

use super::{Job, Work};
use crate::aggregate::Loaded;
use crate::records::{export, reindex};
use crate::{App, Error, ErrorKind};

/// While a job is young, it is asked for again after this long, s; then after the longer time.
const SOON_S: u32 = 1;
const LATER_S: u32 = 10;
const YOUNG_S: i64 = 60;

/// How a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It is done at present.
    UnderWay {
        /// How far it came, in words.
        progress: String,
        /// When it is worth asking again, seconds.
        retry_after_s: u32,
    },
    /// It was done.
    Done {
        /// What came of it, JSON.
        body: Vec<u8>,
        /// Whether that is a resource of FHIR.
        resource: bool,
        /// When it is removed.
        until: Timestamp,
    },
}

/// How a job stands.
///
/// # Errors
/// Also why it could not be done.
pub async fn status(app: &App, context: &Context, id: &ResourceId) -> Result<Status, Error> {
    let job = own(app, context, id).await?.value;
    let Some(end) = &job.end else {
        let progress = match &job.work {
            Work::Export(export) => export.progress(),
            Work::Reindex(reindex) => reindex.progress(),
        };
        let young = context.now.0 - job.asked_at.0 < YOUNG_S * 1_000_000;
        return Ok(Status::UnderWay { progress, retry_after_s: if young { SOON_S } else { LATER_S } });
    };
    if let Some(message) = &end.failure {
        return Err(Error::new(ErrorKind::Internal, "job.failed", message.clone()));
    }
    let (body, resource) = match &job.work {
        Work::Export(export) => (export::manifest(app, context, &job, export), false),
        Work::Reindex(reindex) => (reindex.report(), true),
    };
    Ok(Status::Done { body: body.to_string().into_bytes(), resource, until: end.until })
}

/// A job of the asker. What is not theirs is not there.
pub(crate) async fn own(app: &App, context: &Context, id: &ResourceId) -> Result<Loaded<Job>, Error> {
    let loaded = app.load::<Job>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    let theirs = match &loaded.value.work {
        Work::Export(_) => loaded.value.by.who == agent_of(context).0,
        Work::Reindex(work) => reindex::allowed(context, &work.types).is_ok(),
    };
    let over = loaded.value.end.as_ref().is_some_and(|end| end.until <= context.now);
    if theirs && !over { Ok(loaded) } else { Err(Error::not_found()) }
}
