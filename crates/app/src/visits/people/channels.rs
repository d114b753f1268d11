//! Languages of a call: everybody chooses which they hear, an interpreter into which they speak.
//!
//! Whoever hears a language hears everybody, and the interpreters who speak into it; their page lowers the others
//! meanwhile. Whoever hears the original hears no interpreter who speaks into a language.

use bianque_model::{Context, ResourceId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{audience, log};
use crate::live::What;
use crate::visits::access::{Access, load_present};
use crate::visits::guests::GuestRole;
use crate::visits::{Visit, call};
use crate::{App, Change, Error};

/// What somebody hears and speaks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// A language; none: the original.
    pub hears: Option<String>,
    /// Of an interpreter: the language that they speak into; none: to all.
    #[serde(default)]
    pub speaks: Option<String>,
}

/// The languages that can be heard: those of the interpreters who were let in.
pub(in crate::visits) fn of(visit: &Visit) -> Vec<String> {
    let interpreters = visit.guests.iter().filter(|guest| guest.is_admitted());
    let mut languages: Vec<String> = interpreters.flat_map(|guest| guest.languages.clone()).collect();
    languages.sort_unstable();
    languages.dedup();
    languages
}

/// Takes a choice of whoever is in the call. What is chosen ends with their last socket.
pub async fn choose(app: &App, context: &Context, visit: &ResourceId, choice: Choice) -> Result<(), Error> {
    let access = load_present(app, context, visit).await?;
    call::may_call(&access)?;
    check(&access, &choice)?;
    let id = access.participant_id(context);
    let mut changed = None;
    app.presence.update(context.tenant, visit, &id, |me| {
        let hears = me.hears != choice.hears;
        changed = (hears || me.speaks != choice.speaks).then(|| (hears, me.name.clone()));
        me.hears.clone_from(&choice.hears);
        me.speaks.clone_from(&choice.speaks);
    });
    let Some((hears, name)) = changed else { return Ok(()) };
    audience::apply(app, context, &access.visit.value);
    access.tell(app, context, What::Visit);
    if hears {
        let mut change = Change::new(app, context).bulk();
        log::note_hears(&mut change, context, &access, (&id, &name), choice.hears)?;
        change.commit().await?;
    }
    Ok(())
}

fn check(access: &Access, choice: &Choice) -> Result<(), Error> {
    let visit = &access.visit.value;
    let unknown = |field| Error::field("channel.unknown", field, "nobody interprets into this language");
    if choice.hears.as_ref().is_some_and(|language| !of(visit).contains(language)) {
        return Err(unknown("hears"));
    }
    let Some(speaks) = &choice.speaks else { return Ok(()) };
    let own = access.as_guest()?;
    if own.role != GuestRole::Interpreter {
        return Err(Error::forbidden());
    }
    if own.languages.contains(speaks) { Ok(()) } else { Err(unknown("speaks")) }
}
