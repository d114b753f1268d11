//! As whom somebody takes part in a visit.

use bianque_model::{Actor, Context, Duty, ResourceId};

use crate::Error;

/// What policy must know of a visit.
#[derive(Debug, Clone, Copy)]
pub struct VisitFacts<'a> {
    /// The Encounter.
    pub visit: &'a ResourceId,
    /// The institution that holds it.
    pub organization: &'a ResourceId,
    /// The clinician who holds it.
    pub practitioner: &'a ResourceId,
    /// Whether who works with an account was asked for an opinion here.
    pub asked: bool,
    /// Whether the invitation by which a guest came stands.
    pub welcome: bool,
    /// Whether consultants may still read it, and guests still be there.
    pub open: bool,
}

/// As whom an actor takes part in a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A clinician of the visit's institution, or the one who holds it.
    Clinician,
    /// The patient, or who acts for them.
    Patient,
    /// Somebody who was asked for an opinion.
    Consultant,
    /// Family, an interpreter or an observer: the call, nothing of what is written.
    Guest,
    /// The front desk of the visit's institution: the appointment and the way in, nothing of what is said or written.
    Desk,
    /// A supervisor of the visit's institution: its quality, nothing of what is said or written.
    Supervisor,
}

impl Part {
    /// Those who are in the room, and for whom its record is.
    pub const IN_THE_ROOM: [Self; 3] = [Self::Clinician, Self::Patient, Self::Consultant];
    /// Those who may come into its call.
    pub const IN_THE_CALL: [Self; 4] = [Self::Clinician, Self::Patient, Self::Consultant, Self::Guest];
    /// Those who arrange a visit.
    pub const ARRANGING: [Self; 2] = [Self::Clinician, Self::Desk];
}

/// As whom the actor may touch this visit at all.
pub fn visit(context: &Context, facts: VisitFacts<'_>) -> Result<Part, Error> {
    let asked = |otherwise: Option<Part>| match otherwise {
        Some(part) => Ok(part),
        None if facts.asked && facts.open => Ok(Part::Consultant),
        None => Err(Error::not_found()),
    };
    match &context.actor {
        Actor::Clinician { practitioner, organization, .. } => {
            let own = organization == facts.organization || practitioner == facts.practitioner;
            asked(own.then_some(Part::Clinician))
        }
        Actor::Staff { duty: Duty::Specialist, .. } => asked(None),
        Actor::Staff { duty: Duty::FrontDesk, organization, .. } if organization == facts.organization => {
            Ok(Part::Desk)
        }
        Actor::Staff { duty: Duty::Supervisor, organization, .. } if organization == facts.organization => {
            Ok(Part::Supervisor)
        }
        Actor::VisitPatient { visit, .. } | Actor::VisitProxy { visit, .. } if visit == facts.visit => {
            Ok(Part::Patient)
        }
        Actor::Consultant { visit, .. } if visit == facts.visit && facts.open => Ok(Part::Consultant),
        Actor::Guest { visit, .. } if visit == facts.visit && facts.welcome && facts.open => Ok(Part::Guest),
        Actor::Administrator { .. } | Actor::Staff { duty: Duty::Reporter, .. } => Err(Error::forbidden()),
        Actor::Anonymous => Err(Error::sign_in()),
        Actor::Server => Ok(Part::Clinician),
        _ => Err(Error::not_found()),
    }
}

/// Only these parts have the action.
pub fn only(part: Part, allowed: &[Part]) -> Result<(), Error> {
    if allowed.contains(&part) { Ok(()) } else { Err(Error::forbidden()) }
}
