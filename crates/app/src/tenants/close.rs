//! The end of a tenant, which can be taken back: its hosts answer nobody, and what it holds is kept.

use bianque_model::TenantId;
use bianque_store::AuditAction;

use super::{State, Tenant, keep, record};
use crate::{App, Error};

/// Closes a tenant. Its sockets end within half a minute.
///
/// # Errors
/// `tenant.first`: the first is the server's own.
pub async fn close(app: &App, id: TenantId) -> Result<Tenant, Error> {
    if id == TenantId::FIRST {
        return Err(Error::conflict("tenant.first", "the first tenant is the server's own and stays"));
    }
    turn(app, id, State::Closed, "tenant.close").await
}

/// Serves a closed tenant again.
pub async fn reopen(app: &App, id: TenantId) -> Result<Tenant, Error> {
    turn(app, id, State::Active, "tenant.reopen").await
}

async fn turn(app: &App, id: TenantId, state: State, operation: &str) -> Result<Tenant, Error> {
    let mut record = record(app, id).await?;
    if record.value.state != state {
        record.value.state = state;
        keep(app, &record, AuditAction::U, operation, "").await?;
    }
    Ok(record.value)
}
