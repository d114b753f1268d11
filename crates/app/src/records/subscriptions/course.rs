//! The course of a subscription on the server's side: begun, stopped, over.

use std::sync::Arc;

use bianque_model::{Context, ResourceId, TenantId, Timestamp};
use bianque_query::{Predicate, Scope};
use bianque_store::{AuditAction, CommitError, HistoryQuery, StoredResource};
use serde_json::Value;

use super::asked::{Asked, Channel};
use super::headers::{self, Header};
use super::progress::Progress;
use super::terms::{RUNS, Terms};
use super::writer::Writer;
use super::{MOST, TYPE};
use crate::aggregate::Loaded;
use crate::{App, Change, Error};

/// For how long a subscription that was stopped by failures keeps its place, seconds.
const KEEPS_S: f64 = 7.0 * 24.0 * 3600.0;
/// Longest text of `Subscription.error`, characters.
const LONGEST: usize = 300;

/// A subscription that runs.
#[derive(Debug)]
pub struct Running {
    /// Whose.
    pub tenant: TenantId,
    /// The id of the Subscription.
    pub id: ResourceId,
    /// Its version as it runs.
    pub version: u64,
    /// How far it got.
    pub progress: Progress,
    pub(super) asked: Asked,
    pub(super) writer: Writer,
    pub(super) headers: Vec<Header>,
    /// The condition, and when it was read.
    pub(super) filter: Option<(Timestamp, Arc<Predicate>)>,
    /// What of the progress is written.
    written: Loaded<Progress>,
}

/// How a subscription ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It failed: written again as requested, it goes on from its place.
    Error(String),
    /// It is over.
    Off(String),
    /// It is not there any more, or somebody else has written it meanwhile.
    Gone,
}

impl Running {
    /// The type that it is about.
    pub fn resource_type(&self) -> &'static str {
        self.asked.criteria.resource_type
    }

    /// Whom it is sent to; none: who listens over sockets.
    pub fn host(&self) -> Option<String> {
        match &self.asked.channel {
            Channel::RestHook { endpoint, .. } => {
                let port = endpoint.port_or_known_default().unwrap_or_default();
                Some(format!("{}:{port}", endpoint.host_str().unwrap_or_default()))
            }
            Channel::WebSocket => None,
        }
    }

    /// When it ends by itself.
    pub fn end(&self) -> Option<Timestamp> {
        self.asked.end
    }

    /// How far the place moved since it was written.
    pub fn unwritten(&self) -> u64 {
        self.progress.place.saturating_sub(self.written.value.place)
    }

    /// Whether something was told that is not written down.
    pub fn has_told(&self) -> bool {
        self.progress.delivered != self.written.value.delivered
    }

    /// Writes down how far it got. False: it is not there any more.
    pub async fn save(&mut self, app: &App) -> Result<bool, Error> {
        if self.progress == self.written.value {
            return Ok(true);
        }
        let context = app.server_context(self.tenant);
        let mut change = Change::new(app, &context).bulk();
        self.written.value.clone_from(&self.progress);
        change.update(&self.written)?;
        match change.try_commit().await {
            Ok(committed) => {
                self.written.version = committed.state_versions.first().copied().unwrap_or_default();
                Ok(true)
            }
            Err(CommitError::Version { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Those that are to run.
pub async fn running(app: &App) -> Result<Vec<(TenantId, ResourceId)>, Error> {
    let mut all = Vec::new();
    for tenant in app.tenants.active() {
        let found = app.list::<Terms>(tenant, RUNS.0, RUNS.1..=RUNS.1, MOST).await?;
        all.extend(found.into_iter().map(|terms| (tenant, terms.value.id)));
    }
    Ok(all)
}

/// Begins a subscription, or goes on with it: it is active from then on. None: it is not to run. A conflict with somebody
/// who writes it meanwhile is an error: it is opened again.
pub async fn open(app: &App, tenant: TenantId, id: &ResourceId) -> Result<Option<Running>, Error> {
    let terms = app.load::<Terms>(tenant, id.as_str()).await?.map(|terms| terms.value);
    let Some(terms) = terms.filter(|terms| terms.runs && app.tenants.is_active(tenant)) else {
        return Ok(None);
    };
    let Some((number, stored, mut resource)) = newest(app, tenant, id).await? else { return Ok(None) };
    let is_new = match resource["status"].as_str() {
        Some("requested") => true,
        Some("active") => false,
        _ => return Ok(None),
    };
    let asked =
        Asked::read(&resource).map_err(|_| Error::internal("a subscription that stands cannot be read"))?;
    let context = app.server_context(tenant);
    let (progress, version) = begin(app, &context, &terms, (is_new, number), &asked).await?;
    let mut change = Change::new(app, &context).bulk();
    if is_new {
        resource["status"] = "active".into();
        change.replace(&resource, stored.version)?;
        change.audit(AuditAction::U, "subscription.activate", None, &format!("{TYPE}/{id}"));
    }
    let mut written = Loaded { value: progress.clone(), version, last_updated: context.now };
    if version == 0 {
        change.insert(&progress)?
    } else {
        change.update(&written)?
    }
    let committed = match change.try_commit().await {
        Ok(committed) => committed,
        Err(error) => return Err(error.into()),
    };
    written.version = committed.state_versions.first().copied().unwrap_or_default();
    Ok(Some(Running {
        tenant,
        id: id.clone(),
        version: committed.resource_versions.first().copied().unwrap_or(stored.version),
        progress,
        headers: headers::unseal(app, id.as_str(), terms.headers.as_deref())?,
        asked,
        writer: terms.writer,
        filter: None,
        written,
    }))
}

/// How far it got, and the version of that; 0: it begins.
async fn begin(
    app: &App,
    context: &Context,
    terms: &Terms,
    (is_new, number): (bool, u64),
    asked: &Asked,
) -> Result<(Progress, u64), Error> {
    let known = app.load::<Progress>(context.tenant, terms.id.as_str()).await?;
    let version = known.as_ref().map_or(0, |known| known.version);
    let known = known.map(|known| known.value).filter(|known| known.begun == terms.begun);
    let mut progress = known.unwrap_or_else(|| Progress::new(terms.id.clone(), terms.begun.clone(), number));
    if is_new {
        let too_long = |stopped| context.now.seconds_since(stopped) > KEEPS_S;
        if progress.stopped.is_some_and(too_long) {
            progress.place = number;
        }
        progress.resumed();
    } else if asked.channel == Channel::WebSocket {
        // Nobody's socket outlives the process: there is nobody to tell of what was before.
        progress.place = *app.store.newest_version().borrow();
    }
    Ok((progress, version))
}

/// Ends a subscription that runs, unless somebody else has written it meanwhile.
pub async fn stop(app: &App, running: &mut Running, how: &Ended) -> Result<(), Error> {
    let (status, why) = match how {
        Ended::Error(why) => ("error", why),
        Ended::Off(why) => ("off", why),
        Ended::Gone => return Ok(()),
    };
    let (tenant, id) = (running.tenant, running.id.clone());
    let Some((_, stored, mut resource)) = newest(app, tenant, &id).await? else { return Ok(()) };
    let Some(mut terms) = app.load::<Terms>(tenant, id.as_str()).await? else { return Ok(()) };
    if stored.version != running.version {
        return Ok(());
    }
    resource["status"] = status.into();
    resource["error"] = why.chars().take(LONGEST).collect::<String>().into();
    terms.value.runs = false;
    let context = app.server_context(tenant);
    running.progress.stopped = Some(context.now);
    let mut change = Change::new(app, &context).bulk();
    change.replace(&resource, stored.version)?;
    change.update(&terms)?;
    change.save(&running.progress)?;
    change.audit(AuditAction::U, "subscription.stop", None, &format!("{TYPE}/{id}"));
    match change.try_commit().await {
        Ok(_) => {
            app.subscriptions.over(tenant, &id);
            Ok(())
        }
        Err(CommitError::Version { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether it has come to its end by itself.
pub fn ended(app: &App, running: &Running) -> Option<Ended> {
    let end = running.end().filter(|end| *end <= app.clock.now());
    end.map(|_| Ended::Off("the end of the subscription has come".to_owned()))
}

/// The newest version of a Subscription that is there, with its number.
pub(super) async fn newest(
    app: &App,
    tenant: TenantId,
    id: &ResourceId,
) -> Result<Option<(u64, StoredResource, Value)>, Error> {
    let query = HistoryQuery {
        resource_type: Some(TYPE.to_owned()),
        id: Some(id.clone()),
        scope: Scope::All,
        since: None,
        at: None,
        before: None,
        limit: 1,
    };
    let Some((number, stored)) = app.store.history(tenant, query).await?.pop() else { return Ok(None) };
    let Some(document) = &stored.document else { return Ok(None) };
    let resource = serde_json::from_slice(document).map_err(Error::internal)?;
    Ok(Some((number, stored, resource)))
}
