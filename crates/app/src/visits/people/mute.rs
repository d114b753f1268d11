//! The clinician mutes somebody, and asks them to speak again. Who was muted is not forwarded by the server, whatever
//! their page says, and nobody but themself turns their microphone on again.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde::{Deserialize, Serialize};

use super::audience;
use super::log::{self, Deed};
use crate::live::What;
use crate::policy::Part;
use crate::visits::access::{Access, load_as, load_present};
use crate::visits::presence::Participant;
use crate::{App, Change, Error};

/// Why somebody is not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Silence {
    /// The clinician muted them.
    Muted,
    /// They were asked to speak, and have not turned their microphone on yet.
    Asked,
}

/// Mutes somebody who is here.
pub async fn mute(app: &App, context: &Context, visit: &ResourceId, person: &str) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Clinician]).await?;
    let person = other(app, context, &access, person)?;
    access.visit.value.silenced.insert(person.id.clone(), Silence::Muted);
    keep(app, context, access, Deed::Muted, &person).await
}

/// Asks somebody whom the clinician muted to speak: they may turn their microphone on again.
pub async fn ask(app: &App, context: &Context, visit: &ResourceId, person: &str) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Clinician]).await?;
    let person = other(app, context, &access, person)?;
    let silence = access.visit.value.silenced.get_mut(&person.id);
    *silence.ok_or_else(|| Error::conflict("person.heard", "they are not muted"))? = Silence::Asked;
    keep(app, context, access, Deed::Asked, &person).await
}

/// Who was asked to speak turns their microphone on again.
pub async fn unmute(app: &App, context: &Context, visit: &ResourceId) -> Result<(), Error> {
    let mut access = load_present(app, context, visit).await?;
    let id = access.participant_id(context);
    match access.visit.value.silenced.get(&id) {
        None => return Ok(()),
        Some(Silence::Muted) => {
            return Err(Error::conflict("person.muted", "the clinician muted you; wait to be asked"));
        }
        Some(Silence::Asked) => access.visit.value.silenced.remove(&id),
    };
    let here = app.presence.of(context.tenant, visit).into_iter().find(|person| person.id == id);
    let person = here.ok_or_else(Error::not_found)?;
    keep(app, context, access, Deed::Unmuted, &person).await
}

/// Somebody in the room whom a clinician may mute: not a clinician of the visit.
fn other(app: &App, context: &Context, access: &Access, id: &str) -> Result<Participant, Error> {
    access.must_be_open()?;
    let visit = &access.visit.value;
    let here = app.presence.of(context.tenant, &visit.id);
    let person = here.into_iter().find(|person| person.id == id).ok_or_else(Error::not_found)?;
    let waits = visit.guests.iter().any(|guest| guest.id.as_str() == id && !guest.is_admitted());
    match person.role {
        "clinician" => Err(Error::forbidden()),
        _ if waits => Err(Error::not_found()),
        _ => Ok(person),
    }
}

async fn keep(
    app: &App,
    context: &Context,
    access: Access,
    deed: Deed,
    person: &Participant,
) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    change.update(&access.visit)?;
    change.audit(AuditAction::U, deed.operation(), Some(&access.visit.value.patient), &access.entity());
    log::note(&mut change, context, &access, deed, &person.id, &person.name)?;
    change.commit().await?;
    audience::apply(app, context, &access.visit.value);
    access.tell(app, context, What::Visit);
    Ok(())
}
