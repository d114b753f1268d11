//! The people in the room of a visit: who is heard by whom, who is muted, whether anybody new comes in, and what
//! happened among them.

pub mod audience;
pub mod channels;
pub mod lock;
pub mod log;
pub mod mute;

use bianque_model::Context;
use serde_json::{Value, json};

use super::Visit;
use super::presence::Participant;
use crate::App;

/// Who is here and may be in the call.
pub fn let_in(app: &App, context: &Context, visit: &Visit) -> Vec<Participant> {
    let is_in = |id: &str| visit.guests.iter().all(|guest| guest.id.as_str() != id || guest.is_admitted());
    let here = app.presence.of(context.tenant, &visit.id);
    here.into_iter().filter(|person| is_in(&person.id)).collect()
}

/// The same, with what was decided of them. Who waits to be let in is not among them.
pub(super) fn shown(app: &App, context: &Context, visit: &Visit) -> Vec<Value> {
    let shown = let_in(app, context, visit).into_iter().map(|person| {
        let mut shown = json!(person);
        shown["silenced"] = json!(visit.silenced.get(&person.id));
        if let Some(guest) = visit.guests.iter().find(|guest| guest.id.as_str() == person.id) {
            shown["languages"] = json!(guest.languages);
        }
        shown
    });
    shown.collect()
}

#[cfg(test)]
mod tests;
