//! Recordings that the end of the process cut off: what was written is composed, and nothing more is recorded.

use bianque_model::{Context, TenantId};

use super::record::{Recording, State};
use super::{compose, end};
use crate::{App, Error};

/// Recordings of one tenant that are looked at.
const MOST: u32 = 1_000;

/// Goes through the recordings of all tenants that are unfinished. Called once, when the process begins: whoever was
/// recorded then is no longer in any call, and is asked again if somebody wants to go on. What has begun since goes on.
pub async fn resume(app: &App) -> Result<(), Error> {
    for tenant in app.tenants.ids() {
        resume_in(app, &app.server_context(tenant), tenant).await?;
    }
    Ok(())
}

async fn resume_in(app: &App, context: &Context, tenant: TenantId) -> Result<(), Error> {
    for found in app.list::<Recording>(tenant, "unfinished", "yes"..="yes", MOST).await? {
        let Recording { id, visit, state, .. } = found.value;
        if app.recorders.is_open(tenant, &visit) {
            continue;
        }
        tracing::warn!(recording = %id, state = state.as_str(), "going on with a recording that was cut off");
        let done = if state.is_live() {
            end::end(app, context, &visit, "interrupted", None).await
        } else if matches!(state, State::Composing | State::Failed) {
            compose::after(app, context, &id, None).await
        } else {
            Ok(())
        };
        if let Err(error) = done {
            tracing::error!(recording = %id, %error, "a recording is not composed yet; its tracks are kept");
        }
    }
    Ok(())
}
