//! What is written of a tenant besides its hosts.

use bianque_model::TenantId;
use bianque_store::AuditAction;

use super::{NAME, Tenant, keep, origin, record};
use crate::visits::access::required;
use crate::{App, Error};

/// Changes name and public URL; none: as it is. Passkeys are made for the public URL and work at it alone.
///
/// # Errors
/// `tenant.unknown`, `tenant.public-url` for what leads to no host of the tenant, and `tenant.first` for that of the first
/// tenant, which the configuration says.
pub async fn change(
    app: &App,
    id: TenantId,
    name: Option<&str>,
    public_url: Option<&str>,
) -> Result<Tenant, Error> {
    let mut record = record(app, id).await?;
    if let Some(name) = name {
        record.value.name = required("name", name, NAME)?;
    }
    if let Some(url) = public_url {
        if id == TenantId::FIRST {
            let message = "the public URL of the first tenant is the configuration's public-url";
            return Err(Error::conflict("tenant.first", message));
        }
        record.value.public_url = Some(origin(url, &app.tenants.hosts(id))?);
    }
    keep(app, &record, AuditAction::U, "tenant.change", public_url.unwrap_or_default()).await?;
    Ok(record.value)
}
