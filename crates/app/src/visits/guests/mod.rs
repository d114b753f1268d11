//! Guests of a visit: family, interpreters, observers, who come by a link of their own and have no account.
//!
//! ```text
//! invited ─ the name, devices, the text ─ waiting ─ admitted ─ the end of the visit
//!     └ taken back                           └ turned away └ removed
//! ```
//!
//! A guest is in the call and nowhere else: no chart, no photos, no messages, nothing over FHIR. Everybody waits for
//! themselves and is let in one by one; an observer only with the patient's word. See docs/adr/0024.

pub mod decide;
pub mod invite;
pub mod knock;
pub mod observing;
mod record;
mod text;
pub mod view;

use bianque_model::{Context, ResourceId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::visit::Join;
use super::{Visit, encounter};
use crate::{App, Error, ErrorKind};

/// As what somebody is invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GuestRole {
    /// Somebody of the patient's own.
    Family,
    /// Carries what is said from one language into another.
    Interpreter,
    /// Looks on, with the patient's consent.
    Observer,
}

impl GuestRole {
    /// As the API writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Family => "family",
            Self::Interpreter => "interpreter",
            Self::Observer => "observer",
        }
    }
}

/// How far a guest has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The link was made, and perhaps opened.
    Invited,
    /// Asks to be let in.
    Waiting,
    /// May be in the call.
    Admitted,
    /// Was not let in.
    TurnedAway,
    /// Was in the call and is so no longer.
    Removed,
    /// The invitation was taken back.
    TakenBack,
}

impl Stage {
    /// As the API writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Waiting => "waiting",
            Self::Admitted => "admitted",
            Self::TurnedAway => "turned-away",
            Self::Removed => "removed",
            Self::TakenBack => "taken-back",
        }
    }
}

/// A guest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Guest {
    /// By which they are known in the visit.
    pub id: ResourceId,
    /// Their RelatedPerson.
    pub person: ResourceId,
    /// As what they come.
    pub role: GuestRole,
    /// Their name; they repeat it when they open the link.
    pub name: String,
    /// Of family, what they are to the patient: a code of [`super::join::RELATIONSHIPS`]; else empty.
    pub relationship: String,
    /// Of an interpreter, the languages between which they interpret (BCP 47); else none.
    pub languages: Vec<String>,
    /// The patient invited them; else the clinician.
    pub by_patient: bool,
    /// Their way in.
    pub join: Join,
    /// What they agreed to before they asked to be let in.
    pub agreed: Option<GuestAgreed>,
    /// How far they have come.
    pub stage: Stage,
    /// Since when they are there.
    pub since: Timestamp,
    /// What the patient says of an observer.
    pub allowed: Option<Allowed>,
}

/// The text that a guest agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestAgreed {
    /// Its version.
    pub version: String,
    /// The language it was read in.
    pub language: String,
    /// When.
    pub at: Timestamp,
}

/// The patient's word on an observer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// Whether they may look on.
    pub yes: bool,
    /// When it was said.
    pub at: Timestamp,
    /// The Consent resource, where there is one.
    pub consent: Option<ResourceId>,
}

impl Guest {
    /// Whether their invitation leads anywhere.
    pub const fn stands(&self) -> bool {
        matches!(self.stage, Stage::Invited | Stage::Waiting | Stage::Admitted)
    }

    /// Whether they may be in the call.
    pub fn is_admitted(&self) -> bool {
        self.stage == Stage::Admitted
    }

    /// Whether the patient has said yes, where they must.
    pub fn is_allowed(&self) -> bool {
        self.role != GuestRole::Observer || self.allowed.as_ref().is_some_and(|allowed| allowed.yes)
    }

    /// They leave by themselves.
    fn go(&mut self) {
        self.join.bound = None;
        self.stage = Stage::Invited;
    }

    /// Their invitation is over: the link, and the browser that held it.
    fn end(&mut self, stage: Stage, now: Timestamp) {
        (self.stage, self.since) = (stage, now);
        self.join = Join { generation: self.join.generation + 1, ..Join::default() };
    }
}

/// A guest's session ends with the visit.
pub(super) async fn may_still_be_here(app: &App, context: &Context, visit: &Visit) -> Result<(), Error> {
    if is_open(app, context, visit).await? { Ok(()) } else { Err(Error::sign_in()) }
}

/// A guest's link ends with the visit, and not with the plan.
pub(super) async fn link_leads_somewhere(app: &App, context: &Context, visit: &Visit) -> Result<(), Error> {
    if is_open(app, context, visit).await? {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Over, "join.expired", "this link has ended"))
}

async fn is_open(app: &App, context: &Context, visit: &Visit) -> Result<bool, Error> {
    let encounter = app.resource(context.tenant, "Encounter", &visit.id).await?;
    Ok(encounter::is_open(&encounter.value))
}

#[cfg(test)]
pub(in crate::visits) mod tests;
