//! Index resources anew (`$reindex`): what they are found by and whose records they lie in, as this program computes it.
//!
//! A resource gets no new version, no history and no other `lastUpdated`; one that is written meanwhile keeps the rows of
//! that write. Rows that another version of the tables wrote are noticed at the start, and made anew by themselves.

#[cfg(test)]
mod tests;

use bianque_fhir::{document, index_version, resource_types};
use bianque_model::{Context, ResourceId, TenantId};
use bianque_query::{Cursor, Predicate, Query, Scope};
use bianque_store::{AuditAction, StoredResource};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::read::standing;
use super::{Asked, READ_ONLY, search_parameters, visible, writable};
use crate::aggregate::{Aggregate, Loaded};
use crate::change::audit_row;
use crate::jobs::{self, Job, Step, Work};
use crate::policy::{self, Action};
use crate::{App, Change, Error};

/// Resources of one page.
const PAGE: u32 = 200;
/// Rows of one commit: a slice of the writer has 1,000.
const ROWS: usize = 400;

/// A reindexing under way, or done.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Reindex {
    /// The types, one after another.
    pub(crate) types: Vec<String>,
    /// The version of rows that it brings everything to, when the server began it.
    pub(crate) version: Option<String>,
    of: usize,
    after: Option<String>,
    resources: u64,
    newer: u64,
    /// The generation of the tenant's search parameters that it began with.
    #[serde(default)]
    begun: Option<u64>,
}

/// Of which version the rows of all tenants are.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rows {
    version: String,
}

impl Aggregate for Rows {
    const KIND: &'static str = "index-rows";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        ROWS_ID.to_owned()
    }
}

const ROWS_ID: &str = "all";

impl Reindex {
    fn of(types: Vec<String>) -> Self {
        Self { types, ..Self::default() }
    }

    /// How far it came, in words.
    pub(crate) fn progress(&self) -> String {
        format!("{} of {} types, {} resources", self.of, self.types.len(), self.resources)
    }

    /// Forgets what was done.
    pub(crate) fn begin_again(&mut self) {
        *self = Self { version: self.version.take(), ..Self::of(std::mem::take(&mut self.types)) };
    }

    /// What came of it, Parameters.
    pub(crate) fn report(&self) -> Value {
        report(self.resources, self.newer)
    }
}

fn report(resources: u64, newer: u64) -> Value {
    let integer = |value: u64| i32::try_from(value).unwrap_or(i32::MAX);
    json!({"resourceType": "Parameters", "parameter": [
        {"name": "resources", "valueInteger": integer(resources)},
        {"name": "newer", "valueInteger": integer(newer)},
    ]})
}

/// Writes a reindexing of everything, or of a type, down; gives the id of its job.
///
/// # Errors
/// [`crate::ErrorKind::Forbidden`] for whoever may not write all of it.
pub async fn ask(
    app: &App,
    context: &Context,
    resource_type: Option<&str>,
    asked: &Asked,
) -> Result<ResourceId, Error> {
    let types = match resource_type {
        Some(resource_type) => vec![writable(resource_type)?.to_owned()],
        None => all_types(),
    };
    allowed(context, &types)?;
    asked.only(&[])?;
    begin(app, context, Reindex::of(types), resource_type.unwrap_or_default()).await
}

async fn begin(app: &App, context: &Context, work: Reindex, detail: &str) -> Result<ResourceId, Error> {
    let row = |id: &ResourceId| {
        let mut row = audit_row(context, AuditAction::E, "fhir.reindex", None, &format!("Job/{id}"));
        detail.clone_into(&mut row.detail);
        row
    };
    jobs::ask(app, context, Work::Reindex(work), row).await
}

/// Indexes one resource anew, at once; gives Parameters.
pub async fn one(
    app: &App,
    context: &Context,
    (resource_type, id): (&str, &ResourceId),
    asked: &Asked,
) -> Result<Vec<u8>, Error> {
    let resource_type = writable(resource_type)?;
    allowed(context, &[resource_type.to_owned()])?;
    asked.only(&[])?;
    let stored = visible::current(app, context, Scope::All, resource_type, id).await?;
    standing(&stored)?;
    let mut change = Change::new(app, context);
    put(&mut change, &stored)?;
    change.audit(AuditAction::E, "fhir.reindex", None, &format!("{resource_type}/{id}"));
    let committed = change.commit().await?;
    let newer = committed.resource_versions.first() != Some(&stored.version);
    Ok(report(1, u64::from(newer)).to_string().into_bytes())
}

/// Whether somebody may write everything of these types.
pub(crate) fn allowed(context: &Context, types: &[String]) -> Result<(), Error> {
    for name in types {
        if policy::records(context, name, Action::Update)? != Scope::All {
            return Err(Error::forbidden());
        }
    }
    Ok(())
}

fn all_types() -> Vec<String> {
    resource_types().iter().filter(|name| **name != READ_ONLY).map(|name| (*name).to_owned()).collect()
}

/// Indexes the next page, in commits that are small enough to lie between those of people; then writes the place down.
pub(crate) async fn piece(app: &App, tenant: TenantId, loaded: &Loaded<Job>) -> Result<Step, Error> {
    let mut next = loaded.clone();
    let context = app.server_context(tenant);
    let Work::Reindex(work) = &mut next.value.work else { return Ok(Step::Done) };
    let begun = match work.begun {
        Some(begun) => begun,
        None => search_parameters::in_force(app, tenant).await?.generation,
    };
    work.begun = Some(begun);
    // Most types have no page at all.
    while let Some(resource_type) = work.types.get(work.of).cloned() {
        let _turn = app.jobs.turn().await;
        let query = Query {
            resource_type,
            filter: Predicate::And(Vec::new()),
            scope: Scope::All,
            order: Vec::new(),
            after: work.after.take().map(Cursor),
            limit: PAGE,
        };
        let page = app.store.search(tenant, query).await?;
        work.resources += page.rows.len() as u64;
        work.newer += write(app, &context, &page.rows).await?;
        work.after = page.next.map(|cursor| cursor.0);
        if work.after.is_none() {
            work.of += 1;
        }
        if !page.rows.is_empty() {
            break;
        }
    }
    let ended = work.of >= work.types.len();
    let of_server = work.version.is_some();
    if ended {
        search_parameters::covered(app, &context, begun, &work.types).await?;
        next.value.finish(app, None);
    }
    let mut change = Change::new(app, &context).bulk();
    change.update(&next)?;
    change.commit().await?;
    if ended && of_server {
        settle(app).await?;
    }
    Ok(if ended { Step::Done } else { Step::More })
}

/// Writes the rows of resources; gives how many were changed meanwhile and have newer ones.
async fn write(app: &App, context: &Context, resources: &[StoredResource]) -> Result<u64, Error> {
    let mut newer = 0;
    let mut rest = resources.iter().peekable();
    while rest.peek().is_some() {
        let mut change = Change::new(app, context).bulk();
        let (mut rows, mut versions) = (0, Vec::new());
        while rows < ROWS
            && let Some(stored) = rest.next()
        {
            rows += put(&mut change, stored)?;
            versions.push(stored.version);
        }
        let committed = change.commit().await?;
        let stood = versions.iter().zip(&committed.resource_versions);
        newer += stood.filter(|(read, stands)| read != stands).count() as u64;
    }
    Ok(newer)
}

fn put(change: &mut Change<'_>, stored: &StoredResource) -> Result<usize, Error> {
    let Some(text) = &stored.document else { return Ok(0) };
    change.reindex(&document::parse(text).map_err(Error::internal)?, stored.version)
}

/// Notices when stored rows are not those that this program writes, and has them made anew in the background.
pub async fn ensure(app: &App) -> Result<(), Error> {
    let stored = app.load::<Rows>(TenantId::SERVER, ROWS_ID).await?;
    let (stored, version) = (stored.map(|loaded| loaded.value.version), index_version());
    if stored.as_deref() == Some(version) {
        return Ok(());
    }
    for tenant in app.tenants.ids() {
        if is_under_way(app, tenant, version).await? || (stored.is_none() && is_empty(app, tenant).await?) {
            continue;
        }
        tracing::warn!(
            %tenant, stored = stored.as_deref().unwrap_or("unknown"), program = version,
            "what records are found by was written by another version of the program: it is made anew in the background; \
             until then searches may miss some",
        );
        let work = Reindex { version: Some(version.to_owned()), ..Reindex::of(all_types()) };
        begin(app, &app.server_context(tenant), work, version).await?;
    }
    settle(app).await
}

/// Whether a tenant has a reindexing to this version. One that failed is tried again.
async fn is_under_way(app: &App, tenant: TenantId, version: &str) -> Result<bool, Error> {
    let mut open = false;
    for begun in app.list::<Job>(tenant, "version", version..=version, 10).await? {
        if begun.value.end.is_none() {
            open = true;
        } else {
            jobs::remove(app, &app.server_context(tenant), &begun, "fhir.reindex-delete").await?;
        }
    }
    Ok(open)
}

/// Writes down that all rows are of this version, once no tenant has a reindexing to it before it.
async fn settle(app: &App) -> Result<(), Error> {
    let version = index_version();
    for tenant in app.tenants.ids() {
        if !app.list::<Job>(tenant, "version", version..=version, 1).await?.is_empty() {
            return Ok(());
        }
    }
    let context = app.server_context(TenantId::SERVER);
    let mut change = Change::new(app, &context).bulk();
    change.save(&Rows { version: version.to_owned() })?;
    change.commit().await?;
    tracing::info!(version, "all records are found by what this program writes");
    Ok(())
}

async fn is_empty(app: &App, tenant: TenantId) -> Result<bool, Error> {
    for resource_type in all_types() {
        let query = Query {
            resource_type,
            filter: Predicate::And(Vec::new()),
            scope: Scope::All,
            order: Vec::new(),
            after: None,
            limit: 1,
        };
        if app.store.count(tenant, query, 1).await? > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
