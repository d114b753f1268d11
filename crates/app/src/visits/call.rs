//! The call of a visit: who may be in its room, and what the server learns from it.

use std::time::Duration;

use bianque_media::{Command, IceServer, RoomId};
use bianque_model::{Actor, Context, Purpose, ResourceId, Timestamp};
use url::Url;

use super::access::{Access, tell};
use super::{Visit, encounter};
use crate::live::What;
use crate::{App, Change, Error};

/// The room of a visit. One tenant's rooms never meet another's.
pub fn room(context: &Context, visit: &ResourceId) -> RoomId {
    RoomId::from(format!("{}/{visit}", context.tenant))
}

/// People who are in a call at once.
pub const MOST_IN_ROOM: usize = 8;

/// How long a browser may use what it is given to get around a network. It is given anew every hour.
const ICE_SERVERS_FOR: Duration = Duration::from_hours(2);

/// The servers by which a participant's browser reaches the call where UDP does not pass, at the tenant's own host.
pub fn ice_servers(app: &App, context: &Context, visit: &ResourceId) -> Vec<IceServer> {
    ice_servers_of(app, context, &room(context, visit))
}

/// The same for any room of the tenant.
pub(super) fn ice_servers_of(app: &App, context: &Context, room: &RoomId) -> Vec<IceServer> {
    let Ok(public) = Url::parse(&app.public_url(context.tenant)) else { return Vec::new() };
    let (Some(host), Some(port)) = (public.host_str(), public.port_or_known_default()) else {
        return Vec::new();
    };
    let now_s = u64::try_from(app.clock.now().0 / 1_000_000).unwrap_or(0);
    app.media.ice_servers(room, host, port, now_s + ICE_SERVERS_FOR.as_secs())
}

/// Refuses the call before admission and after the end; a guest also before they were let in.
pub fn may_call(access: &Access) -> Result<(), Error> {
    if !encounter::is_admitted(&access.encounter.value) {
        return Err(Error::conflict("call.not-admitted", "the call begins when the patient is admitted"));
    }
    if access.guest.is_some() && !access.as_guest()?.is_admitted() {
        return Err(Error::conflict("call.not-let-in", "the clinician has not let you in"));
    }
    Ok(())
}

/// Whoever this is has no place in the call any more.
pub fn dismiss(app: &App, context: &Context, visit: &ResourceId, participant: &str) {
    let command = Command::Dismiss { room: room(context, visit), participant: participant.into() };
    if let Err(error) = app.media.command(command) {
        tracing::warn!(%visit, %error, "somebody could not be put out of the call");
    }
}

/// A participant is connected to the call: the others see it.
pub async fn media_connected(
    app: &App,
    context: &Context,
    id: &ResourceId,
    participant: &str,
) -> Result<(), Error> {
    set_media(app, context, id, participant, "connected");
    announce(app, &server(app, context), id).await
}

/// Media was passed on both ways between two participants at `at`. The first time that they are the patient and a
/// clinician is kept, because the delay of the service ends there.
pub async fn media_flows(
    app: &App,
    context: &Context,
    id: &ResourceId,
    between: [&str; 2],
    at: Timestamp,
) -> Result<(), Error> {
    let here = app.presence.of(context.tenant, id);
    let role = |participant: &str| here.iter().find(|other| other.id == participant).map(|other| other.role);
    let context = server(app, context);
    match between.map(role) {
        [Some("patient"), Some("clinician")] | [Some("clinician"), Some("patient")] => {}
        _ => return Ok(()),
    }
    let mut kept = keep_first_media(app, &context, id, at).await;
    for _ in 0..2 {
        // Both sides learn it at the same moment; whoever comes second finds it kept or tries once more.
        if kept.as_ref().is_err_and(|error| error.code == "changed") {
            kept = keep_first_media(app, &context, id, at).await;
        }
    }
    if kept? {
        announce(app, &context, id).await?;
    }
    Ok(())
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

/// A participant takes part by sound, or no longer does: the others see it.
pub async fn sound_changed(
    app: &App,
    context: &Context,
    id: &ResourceId,
    participant: &str,
    sounds: bool,
) -> Result<(), Error> {
    app.presence.set_sounds(context.tenant, id, participant, sounds);
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

/// Answers whether it was the first time.
async fn keep_first_media(
    app: &App,
    context: &Context,
    id: &ResourceId,
    at: Timestamp,
) -> Result<bool, Error> {
    let Some(mut visit) = app.load::<Visit>(context.tenant, id.as_str()).await? else { return Ok(false) };
    if visit.value.first_media_at.is_some() {
        return Ok(false);
    }
    visit.value.first_media_at = Some(at);
    let mut change = Change::new(app, context);
    change.update(&visit)?;
    change.commit().await.map(|_| true)
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
