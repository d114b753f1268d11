//! By whom each voice is heard, as the call carries it out: who is muted by nobody, an interpreter who speaks into a
//! language by those who hear it, everybody else by all.

use std::collections::BTreeMap;

use bianque_media::{Audience, Command};
use bianque_model::Context;

use crate::App;
use crate::visits::presence::Participant;
use crate::visits::{Visit, call};

/// Tells the call. It is told again whenever somebody joins, mutes or chooses: a room knows only who is in it.
pub fn apply(app: &App, context: &Context, visit: &Visit) {
    let room = call::room(context, &visit.id);
    for (speaker, heard_by) in of(visit, &app.presence.of(context.tenant, &visit.id)) {
        let command = Command::LetHear { room: room.clone(), speaker: speaker.into(), heard_by };
        if let Err(error) = app.media.command(command) {
            tracing::warn!(visit = %visit.id, %error, "who hears whom could not be told");
        }
    }
}

fn of(visit: &Visit, here: &[Participant]) -> BTreeMap<String, Audience> {
    let mut all: BTreeMap<String, Audience> =
        here.iter().map(|speaker| (speaker.id.clone(), of_speaker(speaker, here))).collect();
    // Who lost their socket is still heard for a while, if nobody says otherwise.
    for muted in visit.silenced.keys() {
        all.insert(muted.clone(), Audience::Only(Vec::new()));
    }
    all
}

fn of_speaker(speaker: &Participant, here: &[Participant]) -> Audience {
    let Some(language) = &speaker.speaks else { return Audience::All };
    let hears = |other: &&Participant| other.hears.as_ref() == Some(language);
    Audience::Only(here.iter().filter(hears).map(|other| other.id.as_str().into()).collect())
}
