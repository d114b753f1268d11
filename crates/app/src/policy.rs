//! The one decision point: who may do what, asked once at the top of every use case (invariant 4).
//!
//! | actor | sees | does |
//! |---|---|---|
//! | clinician | patients of their institution or tied to them, where nothing bars it | visits of their institution |
//! | patient in a visit | that visit, their own part | their steps of that visit |
//! | consultant | that visit's record while it is open | their opinion |
//! | administrator | no clinical data | users, institutions, schedules, prices |
//! | system | what its scopes say | what its scopes say |
//!
//! What is not yours is not there: [`Error::not_found`]. [`Error::forbidden`] is for what a role never has.

#[cfg(test)]
mod matrix;

use bianque_model::{Actor, Context, ResourceId};
use bianque_query::{Asker, Bar, Clause, Compartment, Reference, Scope, Term, Tie};

use crate::Error;

/// Types that say who works where, open to everyone signed in.
pub const DIRECTORY: [&str; 7] =
    ["Organization", "Practitioner", "PractitionerRole", "Schedule", "Slot", "Location", "HealthcareService"];

/// Confidentiality of HL7 v3, by which records are labelled.
pub const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/// Restricted: not for everybody of an institution.
const RESTRICTED: &str = "R";
/// Very restricted: only for the patient, and in an emergency.
const VERY_RESTRICTED: &str = "V";
/// By which states of an Encounter a clinician who takes part is tied to its patient.
const VISITING: [&str; 6] = ["planned", "arrived", "triaged", "in-progress", "onleave", "finished"];
/// By which states of a Task who was asked is tied to its patient.
const ASKED: [&str; 6] = ["requested", "received", "accepted", "ready", "in-progress", "on-hold"];

/// Which resources the actor may see, as a condition for the store.
///
/// | reason | barred by |
/// |---|---|
/// | the directory | - |
/// | the patient's institution; an invitation | restricted and very restricted labels, the patient's denial |
/// | a visit, a consult, a team | very restricted labels, the patient's denial |
/// | the patient's permission by name | very restricted labels, the patient's denial |
/// | an emergency that was declared | - |
/// | it is one's own | - |
pub fn scope(context: &Context) -> Result<Scope, Error> {
    let directory = Clause::from(Term::Types(DIRECTORY.map(str::to_owned).to_vec()));
    match &context.actor {
        Actor::Clinician { practitioner, organization, .. } => {
            let mut clauses = vec![directory];
            clauses.extend(of_clinician(context, practitioner, organization));
            Ok(Scope::Any(clauses))
        }
        Actor::VisitPatient { patient, .. } => {
            Ok(Scope::Any(vec![directory, Term::In(patient_compartment(patient)).into()]))
        }
        Actor::Consultant { patient, practitioner, organization, .. } => {
            let asker = asker(context, practitioner, organization);
            let invited = Clause {
                term: Term::In(patient_compartment(patient)),
                unless: vec![labelled(&[RESTRICTED, VERY_RESTRICTED]), Bar::Denied(asker)],
            };
            Ok(Scope::Any(vec![directory, invited]))
        }
        Actor::System { .. } | Actor::Server => Ok(Scope::All),
        Actor::Administrator { .. } => Err(Error::forbidden()),
        Actor::Anonymous => Err(Error::sign_in()),
    }
}

/// Why a clinician may see a patient's record.
fn of_clinician(context: &Context, practitioner: &ResourceId, organization: &ResourceId) -> Vec<Clause> {
    let asker = asker(context, practitioner, organization);
    let by = |term: Term, labels: &[&str]| Clause {
        term,
        unless: vec![labelled(labels), Bar::Denied(asker.clone())],
    };
    let mut clauses = vec![by(Term::PatientsOf(organization.clone()), &[RESTRICTED, VERY_RESTRICTED])];
    let ties = [
        ("Encounter", "participant", &VISITING[..]),
        ("Task", "owner", &ASKED[..]),
        ("CareTeam", "participant", &["active"][..]),
    ];
    for (resource_type, param, status) in ties {
        let tie = Tie {
            resource_type: resource_type.to_owned(),
            param: param.to_owned(),
            target: Reference { resource_type: "Practitioner".into(), id: practitioner.clone() },
            status: status.iter().map(|&code| code.to_owned()).collect(),
        };
        clauses.push(by(Term::PatientsTied(tie), &[VERY_RESTRICTED]));
    }
    clauses.push(by(Term::Permitted(asker.clone()), &[VERY_RESTRICTED]));
    clauses.extend(context.emergencies.iter().map(|patient| Term::In(patient_compartment(patient)).into()));
    clauses
}

/// What may lie on paper, where everybody of an institution can read it: records of its patients, without what is
/// labelled as restricted or denied to the institution. The server prints; nobody else asks.
pub fn on_paper(context: &Context, organization: &ResourceId) -> Result<Scope, Error> {
    if context.actor != Actor::Server {
        return Err(Error::forbidden());
    }
    let asker = Asker { names: vec![format!("Organization/{organization}")], at: context.now };
    let own = Clause {
        term: Term::PatientsOf(organization.clone()),
        unless: vec![labelled(&[RESTRICTED, VERY_RESTRICTED]), Bar::Denied(asker)],
    };
    Ok(Scope::Any(vec![own]))
}

fn asker(context: &Context, practitioner: &ResourceId, organization: &ResourceId) -> Asker {
    let names = vec![format!("Practitioner/{practitioner}"), format!("Organization/{organization}")];
    Asker { names, at: context.now }
}

fn labelled(codes: &[&str]) -> Bar {
    Bar::Labelled {
        system: CONFIDENTIALITY.to_owned(),
        codes: codes.iter().map(|&code| code.to_owned()).collect(),
    }
}

/// What is done with records over FHIR. Their letters are those of SMART v2 scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `c`
    Create,
    /// `r`: a resource, a version, a history.
    Read,
    /// `u`
    Update,
    /// `d`
    Delete,
    /// `s`
    Search,
}

impl Action {
    const fn letter(self) -> char {
        match self {
            Self::Create => 'c',
            Self::Read => 'r',
            Self::Update => 'u',
            Self::Delete => 'd',
            Self::Search => 's',
        }
    }
}

/// Which resources of a type the actor may reach over FHIR. Programs do what their scopes say; clinicians read, for what
/// they write has use cases of its own. Who looked at whose data is for programs that were given it by name or `*`.
pub fn records(context: &Context, resource_type: &str, action: Action) -> Result<Scope, Error> {
    let reads = matches!(action, Action::Read | Action::Search) && resource_type != "AuditEvent";
    match &context.actor {
        Actor::System { scopes, .. } => {
            if scopes.iter().any(|scope| grants(scope, resource_type, action)) {
                Ok(Scope::All)
            } else {
                Err(Error::forbidden())
            }
        }
        Actor::Server => Ok(Scope::All),
        Actor::Clinician { .. } if reads => scope(context),
        Actor::Anonymous => Err(Error::sign_in()),
        _ => Err(Error::forbidden()),
    }
}

/// Whether a scope such as `system/Patient.rs` or `system/*.cruds` grants an action on a type.
fn grants(scope: &str, resource_type: &str, action: Action) -> bool {
    let named = scope.strip_prefix("system/").and_then(|rest| rest.split_once('.'));
    named.is_some_and(|(name, letters)| {
        (name == "*" || name == resource_type) && letters.contains(action.letter())
    })
}

/// The compartment of a patient.
pub fn patient_compartment(patient: &ResourceId) -> Compartment {
    Compartment { kind: "Patient".into(), id: patient.clone() }
}

/// A clinician with an account, and who they are.
pub fn clinician(context: &Context) -> Result<Clinician<'_>, Error> {
    match &context.actor {
        Actor::Clinician { user, practitioner, organization } => {
            Ok(Clinician { user: *user, practitioner, organization })
        }
        Actor::Anonymous => Err(Error::sign_in()),
        _ => Err(Error::forbidden()),
    }
}

/// A clinician's own identifiers.
#[derive(Debug, Clone, Copy)]
pub struct Clinician<'a> {
    /// The account.
    pub user: bianque_model::UserId,
    /// Their Practitioner.
    pub practitioner: &'a ResourceId,
    /// Their Organization.
    pub organization: &'a ResourceId,
}

/// An administrator.
pub fn administrator(context: &Context) -> Result<(), Error> {
    match context.actor {
        Actor::Administrator { .. } | Actor::Server => Ok(()),
        Actor::Anonymous => Err(Error::sign_in()),
        _ => Err(Error::forbidden()),
    }
}

/// What policy must know of a visit.
#[derive(Debug, Clone, Copy)]
pub struct VisitFacts<'a> {
    /// The Encounter.
    pub visit: &'a ResourceId,
    /// The institution that holds it.
    pub organization: &'a ResourceId,
    /// The clinician who holds it.
    pub practitioner: &'a ResourceId,
    /// Whether consultants may still read it.
    pub open: bool,
}

/// As whom an actor takes part in a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A clinician of the visit's institution, or the one who holds it.
    Clinician,
    /// The patient.
    Patient,
    /// An invited clinician of another institution.
    Consultant,
}

/// As whom the actor may touch this visit at all.
pub fn visit(context: &Context, facts: VisitFacts<'_>) -> Result<Part, Error> {
    match &context.actor {
        Actor::Clinician { practitioner, organization, .. }
            if organization == facts.organization || practitioner == facts.practitioner =>
        {
            Ok(Part::Clinician)
        }
        Actor::VisitPatient { visit, .. } if visit == facts.visit => Ok(Part::Patient),
        Actor::Consultant { visit, .. } if visit == facts.visit && facts.open => Ok(Part::Consultant),
        Actor::Administrator { .. } => Err(Error::forbidden()),
        Actor::Anonymous => Err(Error::sign_in()),
        Actor::Server => Ok(Part::Clinician),
        _ => Err(Error::not_found()),
    }
}

/// Only these parts have the action.
pub fn only(part: Part, allowed: &[Part]) -> Result<(), Error> {
    if allowed.contains(&part) { Ok(()) } else { Err(Error::forbidden()) }
}
