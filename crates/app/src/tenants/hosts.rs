//! The hosts of a tenant: one more, one less.

use bianque_model::TenantId;
use bianque_store::AuditAction;

use super::{HOSTS, HostName, Tenant, host_taken, keep, record};
use crate::{App, Error};

/// Gives a tenant one more host. What it has already changes nothing.
///
/// # Errors
/// `tenant.unknown`, `tenant.host`, `tenant.hosts` for one too many, `tenant.host-taken`.
pub async fn add(app: &App, id: TenantId, host: &str) -> Result<Tenant, Error> {
    let host = HostName::parse(host)?;
    let mut record = record(app, id).await?;
    free(app, &host, Some(id))?;
    if record.value.hosts.contains(&host) {
        return Ok(record.value);
    }
    if record.value.hosts.len() >= HOSTS {
        return Err(Error::field("tenant.hosts", "host", format!("a tenant has {HOSTS} hosts at most")));
    }
    record.value.hosts.push(host.clone());
    keep(app, &record, AuditAction::U, "tenant.host.add", host.as_str()).await?;
    Ok(record.value)
}

/// Takes a host away from a tenant.
///
/// # Errors
/// `tenant.host-unknown` for what it does not have or what the configuration gives it; `tenant.host-used` while links
/// lead there, and `tenant.host-last` when it could not be reached any more.
pub async fn remove(app: &App, id: TenantId, host: &str) -> Result<Tenant, Error> {
    let host = HostName::parse(host)?;
    let mut record = record(app, id).await?;
    if !record.value.hosts.contains(&host) {
        let message =
            "this host is not written down of this tenant; the configuration's public-url is changed there";
        return Err(Error::field("tenant.host-unknown", "host", message));
    }
    if record
        .value
        .public_url
        .as_deref()
        .is_some_and(|url| super::origin(url, std::slice::from_ref(&host)).is_ok())
    {
        let message = "links lead to this host: change the tenant's public URL first";
        return Err(Error::conflict("tenant.host-used", message));
    }
    if !app.tenants.is_alone() && app.tenants.hosts(id).len() == 1 {
        let message = "this is the tenant's only host, without which nobody reaches it";
        return Err(Error::conflict("tenant.host-last", message));
    }
    record.value.hosts.retain(|other| *other != host);
    keep(app, &record, AuditAction::U, "tenant.host.remove", host.as_str()).await?;
    Ok(record.value)
}

/// Refuses a host that another tenant has, also a closed one and what the configuration gives the first.
pub(super) fn free(app: &App, host: &HostName, besides: Option<TenantId>) -> Result<(), Error> {
    let others = app.tenants.ids().into_iter().filter(|id| Some(*id) != besides);
    let taken = others.into_iter().any(|id| app.tenants.hosts(id).contains(host));
    if taken { Err(host_taken()) } else { Ok(()) }
}
