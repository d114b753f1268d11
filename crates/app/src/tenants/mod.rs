//! Tenants: clinics that share a machine and nothing else, each at host names of its own.
//!
//! Which tenants there are is kept in the scope of the server itself ([`TenantId::SERVER`]), where no request leads. The
//! first tenant is there from the start, with no record until something is written down of it. Only the operator on the
//! machine makes, changes and closes tenants.

pub mod change;
pub mod close;
pub mod create;
mod host;
pub mod hosts;
mod registry;
#[cfg(test)]
mod tests;

use bianque_model::{Context, TenantId, Timestamp};
use bianque_store::{AuditAction, StateKey};
use serde::{Deserialize, Serialize};
use url::Url;

pub use host::HostName;
pub use registry::Registry;

use crate::aggregate::{Aggregate, Loaded, shared, unique};
use crate::change::audit_row;
use crate::{App, Change, Error, ErrorKind};

/// Tenants of one server.
const MOST: u32 = 1000;
/// Hosts of one tenant.
const HOSTS: usize = 20;
/// The longest name.
const NAME: usize = 200;

/// What is written down of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its number: first in every key, never used again.
    pub id: TenantId,
    /// What the operator calls it; empty for a first tenant that nobody has named.
    pub name: String,
    /// Where it is reached.
    pub hosts: Vec<HostName>,
    /// What its links begin with, an origin; none: what the configuration says, which only the first tenant has.
    pub public_url: Option<String>,
    /// Whether it is served.
    pub state: State,
    /// When it was written down first.
    pub created_at: Timestamp,
}

/// Whether a tenant is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is.
    Active,
    /// Its hosts answer nobody; what it holds is kept.
    Closed,
}

impl Aggregate for Tenant {
    const KIND: &'static str = "tenant";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.to_string()
    }

    /// That two tenants never have one host is the store's to see to, in the commit that would make it so.
    fn keys(&self) -> Vec<StateKey> {
        let hosts = self.hosts.iter().map(|host| unique("host", host.as_str()));
        hosts.chain([shared("all", "tenant")]).collect()
    }
}

impl Tenant {
    /// The first tenant of a server on which nothing was written down of it.
    fn first(now: Timestamp) -> Self {
        Self {
            id: TenantId::FIRST,
            name: String::new(),
            hosts: Vec::new(),
            public_url: None,
            state: State::Active,
            created_at: now,
        }
    }
}

impl App {
    /// What links of a tenant begin with, without a slash at the end: `https://clinic.example`.
    pub fn public_url(&self, tenant: TenantId) -> String {
        self.tenants.public_url(tenant)
    }

    /// Reads which tenants there are: when the data folder is opened, and after each change of them.
    ///
    /// # Errors
    /// `tenant.host-taken` when the configuration gives the first tenant a host that another has.
    pub async fn read_tenants(&self) -> Result<(), Error> {
        let all = self.list::<Tenant>(TenantId::SERVER, "all", "tenant"..="tenant", MOST).await?;
        self.tenants.replace(all.into_iter().map(|loaded| loaded.value).collect())
    }
}

/// Every tenant, by number.
pub fn list(app: &App) -> Vec<Tenant> {
    app.tenants.all(app.clock.now())
}

/// The operator on the machine, who acts for a tenant.
///
/// # Errors
/// `tenant.unknown`.
pub fn operator(app: &App, tenant: TenantId) -> Result<Context, Error> {
    if app.tenants.knows(tenant) { Ok(app.server_context(tenant)) } else { Err(unknown(tenant)) }
}

/// The same for what a closed tenant takes no more.
///
/// # Errors
/// `tenant.unknown` and `tenant.closed`.
pub fn operator_of_active(app: &App, tenant: TenantId) -> Result<Context, Error> {
    let context = operator(app, tenant)?;
    if app.tenants.is_active(tenant) { Ok(context) } else { Err(closed(tenant)) }
}

/// The record of a tenant; that of the first may not have been written yet.
async fn record(app: &App, id: TenantId) -> Result<Loaded<Tenant>, Error> {
    match app.load::<Tenant>(TenantId::SERVER, &id.to_string()).await? {
        Some(loaded) => Ok(loaded),
        None if id == TenantId::FIRST => {
            let now = app.clock.now();
            Ok(Loaded { value: Tenant::first(now), version: 0, last_updated: now })
        }
        None => Err(unknown(id)),
    }
}

/// Writes a record as it was changed, with its audit row, and serves by it from then on.
async fn keep(
    app: &App,
    record: &Loaded<Tenant>,
    action: AuditAction,
    operation: &str,
    detail: &str,
) -> Result<(), Error> {
    let context = app.server_context(TenantId::SERVER);
    let mut change = Change::new(app, &context);
    change.update(record)?;
    let mut row = audit_row(&context, action, operation, None, &format!("Tenant/{}", record.value.id));
    detail.clone_into(&mut row.detail);
    change.audit_with(row);
    change.commit().await.map_err(|error| match error.code {
        "taken" => host_taken(),
        "changed" => Error::conflict("tenant.changed", "tenants were changed at this moment; try again"),
        _ => error,
    })?;
    app.read_tenants().await
}

/// An origin that leads to one of these hosts.
fn origin(text: &str, hosts: &[HostName]) -> Result<String, Error> {
    let wrong = |message: &str| Error::field("tenant.public-url", "public_url", message);
    let url = Url::parse(text).map_err(|_| wrong("the public URL is not like https://clinic.example"))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    if !(bare && nobody && matches!(url.scheme(), "https" | "http")) {
        return Err(wrong("the public URL is https:// or http://, a host and at most a port"));
    }
    let host = HostName::parse(url.host_str().unwrap_or_default())?;
    if !hosts.contains(&host) {
        return Err(wrong("the host of the public URL is not one of the tenant's"));
    }
    Ok(url.origin().ascii_serialization())
}

fn unknown(tenant: TenantId) -> Error {
    Error::new(ErrorKind::NotFound, "tenant.unknown", format!("there is no tenant {tenant}"))
}

fn closed(tenant: TenantId) -> Error {
    Error::new(ErrorKind::Over, "tenant.closed", format!("tenant {tenant} is closed"))
}

fn host_taken() -> Error {
    Error::conflict("tenant.host-taken", "another tenant has this host")
}
