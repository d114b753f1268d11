//! The clinician lets a guest in, or does not, or ends their part.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;

use super::{Guest, Stage, invite, record};
use crate::live::What;
use crate::policy::Part;
use crate::visits::access::{Access, load_as};
use crate::visits::call::MOST_IN_ROOM;
use crate::visits::people::log::Deed;
use crate::{App, Change, Error};

/// Lets a guest in who waits.
pub async fn admit(app: &App, context: &Context, visit: &ResourceId, id: &ResourceId) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Clinician]).await?;
    must_have_room(app, context, &access)?;
    let guest = in_stage(&mut access, id, Stage::Waiting)?;
    if !guest.is_allowed() {
        let message = "an observer needs the patient's word";
        let code = if guest.allowed.is_some() { "observer.refused" } else { "observer.unasked" };
        return Err(Error::conflict(code, message));
    }
    (guest.stage, guest.since) = (Stage::Admitted, context.now);
    let guest = guest.clone();
    access.must_be_open()?;
    let mut change = Change::new(app, context);
    record::came_in(&access, context, &guest, &mut change)?;
    invite::keep(change, context, &access, &guest, AuditAction::U, Deed::Admitted).await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

/// Does not let a guest in: the link is over, until the clinician makes another.
pub async fn turn_away(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Clinician]).await?;
    in_stage(&mut access, id, Stage::Waiting)?;
    let mut change = Change::new(app, context);
    let guest = invite::end(&mut access, context, id, Stage::TurnedAway, &mut change)?;
    invite::keep(change, context, &access, &guest, AuditAction::U, Deed::TurnedAway).await?;
    invite::shut_out(app, context, &access, &guest, "guest.turned-away");
    Ok(())
}

/// Ends a guest's part: out of the call at once, and the link is over.
pub async fn remove(app: &App, context: &Context, visit: &ResourceId, id: &ResourceId) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Clinician]).await?;
    in_stage(&mut access, id, Stage::Admitted)?;
    let mut change = Change::new(app, context);
    let guest = invite::end(&mut access, context, id, Stage::Removed, &mut change)?;
    invite::keep(change, context, &access, &guest, AuditAction::U, Deed::Removed).await?;
    invite::shut_out(app, context, &access, &guest, "guest.removed");
    Ok(())
}

fn in_stage<'a>(access: &'a mut Access, id: &ResourceId, stage: Stage) -> Result<&'a mut Guest, Error> {
    let guest = access.visit.value.guest_mut(id).ok_or_else(Error::not_found)?;
    if guest.stage == stage {
        return Ok(guest);
    }
    Err(Error::conflict("guest.state", format!("the guest is {}", guest.stage.code())))
}

/// The patient and a clinician always have a place; consultants who are here have theirs.
fn must_have_room(app: &App, context: &Context, access: &Access) -> Result<(), Error> {
    let visit = &access.visit.value;
    let here = app.presence.of(context.tenant, &visit.id);
    let consultants = here.iter().filter(|other| other.role == "consultant").count();
    let clinicians = here.iter().filter(|other| other.role == "clinician").count().max(1);
    let guests = visit.guests.iter().filter(|guest| guest.is_admitted()).count();
    if 1 + clinicians + consultants + guests < MOST_IN_ROOM {
        return Ok(());
    }
    Err(Error::conflict("room.full", format!("a visit has at most {MOST_IN_ROOM} people at once")))
}
