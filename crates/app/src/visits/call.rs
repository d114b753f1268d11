//! The call of a visit: who may be in its room, and what the server learns from it.

use bianque_media::{Command, RoomId};
use bianque_model::{Actor, Context, Purpose, ResourceId};

use super::access::{Access, tell};
use super::{Visit, encounter};
use crate::live::What;
use crate::{App, Change, Error};

/// The room of a visit. One tenant's rooms never meet another's.
pub fn room(context: &Context, visit: &ResourceId) -> RoomId {
    RoomId::from(format!("{}/{visit}", context.tenant))
}

/// Refuses the call before admission and after the end.
pub fn may_call(access: &Access) -> Result<(), Error> {
    if encounter::is_admitted(&access.encounter.value) {
        Ok(())
    } else {
        Err(Error::conflict("call.not-admitted", "the call begins when the patient is admitted"))
    }
}

/// Media of a participant began to flow: the others see it, and the first time it flows between the patient and a
/// clinician is kept, because the delay of the service ends there.
pub async fn media_connected(
    app: &App,
    context: &Context,
    id: &ResourceId,
    participant: &str,
) -> Result<(), Error> {
    set_media(app, context, id, participant, "connected");
    let here = app.presence.of(context.tenant, id);
    let connected = |role: &str| here.iter().any(|other| other.role == role && other.media == "connected");
    let context = server(app, context);
    if connected("patient") && connected("clinician") {
        // Both sides learn it at the same moment; whoever comes second finds it kept or tries once more.
        for _ in 0..3 {
            match keep_first_media(app, &context, id).await {
                Err(error) if error.code == "changed" => {}
                other => {
                    other?;
                    break;
                }
            }
        }
    }
    announce(app, &context, id).await
}

/// Media of a participant stopped.
pub async fn media_stopped(
    app: &App,
    context: &Context,
    id: &ResourceId,
    participant: &str,
) -> Result<(), Error> {
    set_media(app, context, id, participant, "none");
    announce(app, &server(app, context), id).await
}

/// Closes the room of a visit that has ended.
pub fn close(app: &App, context: &Context, visit: &ResourceId) {
    if let Err(error) = app.media.command(Command::CloseRoom { room: room(context, visit) }) {
        tracing::warn!(%visit, %error, "the room could not be closed");
    }
}

fn set_media(app: &App, context: &Context, visit: &ResourceId, participant: &str, media: &'static str) {
    app.presence.update(context.tenant, visit, participant, |here| here.media = media);
}

async fn keep_first_media(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    let Some(mut visit) = app.load::<Visit>(context.tenant, id.as_str()).await? else { return Ok(()) };
    if visit.value.first_media_at.is_some() {
        return Ok(());
    }
    visit.value.first_media_at = Some(context.now);
    let mut change = Change::new(app, context);
    change.update(&visit)?;
    change.commit().await.map(drop)
}

async fn announce(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    if let Some(visit) = app.load::<Visit>(context.tenant, id.as_str()).await? {
        tell(app, context, &visit.value, What::Visit);
    }
    Ok(())
}

/// What happens in a call is the server's own observation, not an act of whoever's socket carried it.
fn server(app: &App, context: &Context) -> Context {
    Context { actor: Actor::Server, purpose: Purpose::HOperat, now: app.clock.now(), ..context.clone() }
}
