//! Lock a visit's room: who is in stays, nobody new comes in or waits.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;

use super::log::{self, Deed};
use crate::live::What;
use crate::policy::Part;
use crate::visits::access::load_as;
use crate::{App, Change, Error};

/// Locks, or unlocks.
pub async fn set(app: &App, context: &Context, visit: &ResourceId, locked: bool) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Clinician]).await?;
    access.must_be_open()?;
    if access.visit.value.locked == locked {
        return Ok(());
    }
    access.visit.value.locked = locked;
    let deed = if locked { Deed::Locked } else { Deed::Unlocked };
    let mut change = Change::new(app, context);
    change.update(&access.visit)?;
    change.audit(AuditAction::U, deed.operation(), Some(&access.visit.value.patient), &access.entity());
    log::note(&mut change, context, &access, deed, "", "")?;
    change.commit().await?;
    access.tell(app, context, What::Visit);
    Ok(())
}
