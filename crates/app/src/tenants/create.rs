//! A new tenant, with the one-time link that makes its first administrator.

use std::collections::BTreeSet;

use bianque_model::TenantId;
use bianque_store::AuditAction;

use super::{HOSTS, HostName, MOST, NAME, State, Tenant, keep, operator_of_active, origin};
use crate::aggregate::Loaded;
use crate::identity::setup;
use crate::visits::access::required;
use crate::{App, Error};

/// What the operator says of a new tenant.
#[derive(Debug, Clone)]
pub struct Making {
    /// Its name.
    pub name: String,
    /// Where it is reached; one at least.
    pub hosts: Vec<String>,
    /// What its links begin with; none: `https://` and the first host.
    pub public_url: Option<String>,
}

/// A tenant that was made.
#[derive(Debug, Clone)]
pub struct Created {
    /// As it is kept.
    pub tenant: Tenant,
    /// The link.
    pub setup: String,
}

/// Makes a tenant; the operator on the machine asks.
///
/// # Errors
/// `tenant.first-unnamed` while the first tenant could not be reached beside a second; `tenant.host`,
/// `tenant.host-taken` and `tenant.public-url`.
pub async fn create(app: &App, making: Making) -> Result<Created, Error> {
    let name = required("name", &making.name, NAME)?;
    let hosts = read(&making.hosts)?;
    let public_url = match &making.public_url {
        Some(url) => origin(url, &hosts)?,
        None => format!("https://{}", hosts[0]),
    };
    let ids = app.tenants.ids();
    if ids.len() >= MOST as usize {
        return Err(Error::field("tenant.too-many", "name", format!("a server has {MOST} tenants at most")));
    }
    if app.tenants.hosts(TenantId::FIRST).is_empty() {
        let message = "the first tenant has no host yet and could not be reached beside a second: give it one by \
                       public-url or `bianque tenant host add --tenant 1`";
        return Err(Error::conflict("tenant.first-unnamed", message));
    }
    for host in &hosts {
        super::hosts::free(app, host, None)?;
    }
    let now = app.clock.now();
    let id = TenantId(ids.last().map_or(TenantId::FIRST.0, |last| last.0) + 1);
    let detail = hosts.iter().map(HostName::as_str).collect::<Vec<_>>().join(" ");
    let tenant =
        Tenant { id, name, hosts, public_url: Some(public_url), state: State::Active, created_at: now };
    let record = Loaded { value: tenant, version: 0, last_updated: now };
    keep(app, &record, AuditAction::C, "tenant.create", &detail).await?;
    let setup = setup::renew(app, id).await?;
    Ok(Created { tenant: record.value, setup })
}

/// Another link for a tenant that has no administrator yet; the one before is over.
///
/// # Errors
/// `setup.done` when somebody has an account there.
pub async fn setup_link(app: &App, tenant: TenantId) -> Result<String, Error> {
    let context = operator_of_active(app, tenant)?;
    if !setup::is_needed(app, context.tenant).await? {
        return Err(Error::conflict("setup.done", "this tenant has been set up"));
    }
    setup::renew(app, tenant).await
}

/// Hosts as they are kept, each once, in the order they were given.
fn read(texts: &[String]) -> Result<Vec<HostName>, Error> {
    let mut seen = BTreeSet::new();
    let read: Vec<HostName> = texts.iter().map(|text| HostName::parse(text)).collect::<Result<_, _>>()?;
    let hosts: Vec<HostName> = read.into_iter().filter(|host| seen.insert(host.clone())).collect();
    if hosts.is_empty() || hosts.len() > HOSTS {
        return Err(Error::field("tenant.hosts", "host", format!("a tenant has 1 to {HOSTS} hosts")));
    }
    Ok(hosts)
}
