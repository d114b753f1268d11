//! The way into every use case of a visit: find it, ask policy, know as whom.

use bianque_model::{Actor, Context, ResourceId};
use serde_json::Value;

use super::guests::Guest;
use super::visit::Invitation;
use super::{Visit, encounter};
use crate::aggregate::Loaded;
use crate::live::{Changed, What};
use crate::policy::{self, Part, VisitFacts};
use crate::resources::Versioned;
use crate::{App, Change, Error, ErrorKind};

/// A visit that the actor may touch, and as whom.
#[derive(Debug, Clone)]
pub struct Access {
    /// The server's side, with its version.
    pub visit: Loaded<Visit>,
    /// The Encounter, with its version.
    pub encounter: Versioned,
    /// As whom the actor takes part.
    pub part: Part,
    /// By which invitation they take part, where it is as a consultant.
    pub invitation: Option<ResourceId>,
    /// By which they take part, where it is as a guest.
    pub guest: Option<ResourceId>,
}

/// Loads a visit for somebody who is in its room: not there and not yours are the same answer.
pub async fn load(app: &App, context: &Context, id: &ResourceId) -> Result<Access, Error> {
    load_as(app, context, id, &Part::IN_THE_ROOM).await
}

/// Loads a visit for somebody who may come into its call, if only to wait to be let in.
pub async fn load_present(app: &App, context: &Context, id: &ResourceId) -> Result<Access, Error> {
    load_as(app, context, id, &Part::IN_THE_CALL).await
}

/// The same, for a guest only once they were let in.
pub async fn load_let_in(app: &App, context: &Context, id: &ResourceId) -> Result<Access, Error> {
    let access = load_present(app, context, id).await?;
    if access.guest.is_some() && !access.as_guest()?.is_admitted() {
        return Err(Error::conflict("call.not-let-in", "the clinician has not let you in"));
    }
    Ok(access)
}

/// Loads a visit for whoever may touch it at all.
pub async fn find(app: &App, context: &Context, id: &ResourceId) -> Result<Access, Error> {
    // A stranger is told to sign in, and a role without visits is refused, before anything is looked up.
    policy::scope(context)?;
    let visit = app.load::<Visit>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    let encounter = app.resource(context.tenant, "Encounter", id).await?;
    let invitation = own_invitation(&visit.value, context);
    let facts = VisitFacts {
        visit: &visit.value.id,
        organization: &visit.value.organization,
        practitioner: &visit.value.practitioner,
        asked: invitation.is_some(),
        welcome: own_guest(&visit.value, context).is_some(),
        open: encounter::is_open(&encounter.value),
    };
    let part = policy::visit(context, facts)?;
    let invitation = invitation.filter(|_| part == Part::Consultant);
    let guest = own_guest(&visit.value, context).filter(|_| part == Part::Guest);
    Ok(Access { visit, encounter, part, invitation, guest })
}

/// The invitation of a guest, while it stands.
fn own_guest(visit: &Visit, context: &Context) -> Option<ResourceId> {
    let Actor::Guest { guest, .. } = &context.actor else { return None };
    visit.guest(guest).filter(|guest| guest.stands()).map(|guest| guest.id.clone())
}

/// The invitation by which somebody was asked: that of their link, or one that names who signs in with an account and
/// has not signed their opinion yet. With the signature their part is done, as that of their Task is.
fn own_invitation(visit: &Visit, context: &Context) -> Option<ResourceId> {
    match &context.actor {
        Actor::Consultant { invitation, .. } => Some(invitation.clone()),
        Actor::Clinician { practitioner, .. } | Actor::Staff { practitioner, .. } => {
            let asks = |one: &&Invitation| {
                one.practitioner == *practitioner && !one.revoked && !one.has_signed_opinion()
            };
            visit.invitations.iter().rev().find(asks).map(|one| one.id.clone())
        }
        _ => None,
    }
}

/// Loads a visit for one of these parts.
pub async fn load_as(
    app: &App,
    context: &Context,
    id: &ResourceId,
    allowed: &[Part],
) -> Result<Access, Error> {
    let access = find(app, context, id).await?;
    policy::only(access.part, allowed)?;
    Ok(access)
}

impl Access {
    /// The state of the Encounter.
    pub fn state(&self) -> &str {
        encounter::state(&self.encounter.value)
    }

    /// Refuses unless the visit is in one of these states.
    pub fn must_be(&self, states: &[&str]) -> Result<(), Error> {
        if states.contains(&self.state()) {
            return Ok(());
        }
        let message = format!("the visit is {}, this needs {}", self.state(), states.join(" or "));
        Err(Error::conflict("visit.state", message))
    }

    /// Refuses once the visit has ended.
    pub fn must_be_open(&self) -> Result<(), Error> {
        if encounter::is_open(&self.encounter.value) {
            return Ok(());
        }
        Err(Error::conflict("visit.state", "the visit has ended"))
    }

    /// Moves the Encounter to `state` within `change`, at the version it was read.
    pub fn move_to(&self, change: &mut Change<'_>, context: &Context, state: &str) -> Result<Value, Error> {
        let mut resource = self.encounter.value.clone();
        encounter::move_to(&mut resource, state, context.now);
        change.replace(&resource, self.encounter.version)?;
        Ok(resource)
    }

    /// The name that audit rows give the visit.
    pub fn entity(&self) -> String {
        format!("Encounter/{}", self.visit.value.id)
    }

    /// Who the actor is among the participants.
    pub fn participant_id(&self, context: &Context) -> String {
        match (&context.actor, self.invitation.as_ref().or(self.guest.as_ref())) {
            (_, Some(invitation)) => invitation.to_string(),
            (Actor::VisitPatient { .. } | Actor::VisitProxy { .. }, None) => "patient".to_owned(),
            (Actor::Clinician { practitioner, .. }, None) => practitioner.to_string(),
            _ => "server".to_owned(),
        }
    }

    /// The guest that the actor is.
    pub fn as_guest(&self) -> Result<&Guest, Error> {
        self.guest.as_ref().and_then(|id| self.visit.value.guest(id)).ok_or_else(Error::forbidden)
    }

    /// Tells everyone who watches this visit.
    pub fn tell(&self, app: &App, context: &Context, what: What) {
        tell(app, context, &self.visit.value, what);
    }
}

/// Tells everyone who watches a visit.
pub fn tell(app: &App, context: &Context, visit: &Visit, what: What) {
    app.live.tell(Changed {
        tenant: context.tenant,
        organization: visit.organization.clone(),
        visit: visit.id.clone(),
        what,
    });
}

/// Reads `text`, refusing what is empty or longer than `most` characters.
pub fn required(field: &'static str, text: &str, most: usize) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::field("field.required", field, format!("{field} is required")));
    }
    bounded(field, text, most)
}

/// Reads `text`, refusing what is longer than `most` characters or holds control characters.
pub fn bounded(field: &'static str, text: &str, most: usize) -> Result<String, Error> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(Error::field(
            "field.too-long",
            field,
            format!("{field} is longer than {most} characters"),
        ));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Error::field("field.control", field, format!("{field} holds control characters")));
    }
    Ok(text.to_owned())
}

/// Refuses a code that is not in a list.
pub fn one_of(field: &'static str, code: &str, allowed: &[&str]) -> Result<(), Error> {
    if allowed.contains(&code) {
        return Ok(());
    }
    Err(Error {
        field: Some(field),
        ..Error::new(ErrorKind::Refused, "field.code", format!("{field} does not know {code:?}"))
    })
}
