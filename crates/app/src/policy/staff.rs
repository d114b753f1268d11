//! Why those who work for an institution see records, role by role.

use bianque_model::{Context, ResourceId, Role};
use bianque_query::{Asker, Bar, Clause, Reference, Term, Tie};

use super::{Member, RESTRICTED, VERY_RESTRICTED, asker, labelled, member, patient_compartment};
use crate::Error;

#[cfg(test)]
mod tests;

/// By which states of an Encounter who takes part is tied to its patient.
const VISITING: [&str; 6] = ["planned", "arrived", "triaged", "in-progress", "onleave", "finished"];
/// By which states of a Task who was asked is tied to its patient.
const ASKED: [&str; 6] = ["requested", "received", "accepted", "ready", "in-progress", "on-hold"];
/// What ties a patient to who works with them: type, the parameter that names who, the states in which it holds.
const TIES: [(&str, &str, &[&str]); 3] = [
    ("Encounter", "participant", &VISITING),
    ("Task", "owner", &ASKED),
    ("CareTeam", "participant", &["active"]),
];

/// Which types a role sees for a reason.
enum Types {
    None,
    All,
    Only(&'static [&'static str]),
}

/// What an examination is ordered, read and reported with.
const EXAMINATIONS: &[&str] = &[
    "Patient",
    "ServiceRequest",
    "ImagingStudy",
    "DiagnosticReport",
    "Specimen",
    "Media",
    "Observation",
    "Condition",
    "Procedure",
    "AllergyIntolerance",
    "DocumentReference",
];
/// Who somebody is, when they come, who pays.
const RECEPTION: &[&str] = &["Patient", "RelatedPerson", "Appointment", "Coverage"];

/// What a role sees of the patients of its institution, and of those who are tied to it.
const fn sight(role: Role) -> (Types, Types) {
    match role {
        Role::Clinician => (Types::All, Types::All),
        Role::Specialist => (Types::None, Types::All),
        Role::Reporter => (Types::Only(EXAMINATIONS), Types::Only(EXAMINATIONS)),
        Role::FrontDesk => (Types::Only(RECEPTION), Types::None),
        _ => (Types::None, Types::None),
    }
}

/// Everybody who works for an institution.
const MEMBERS: [Role; 5] =
    [Role::Clinician, Role::Specialist, Role::Reporter, Role::FrontDesk, Role::Supervisor];

/// The reasons for which a member of an institution sees records.
pub(super) fn clauses(context: &Context) -> Result<Vec<Clause>, Error> {
    let who = member(context, &MEMBERS)?;
    let asker = asker(context, who.practitioner, who.organization);
    let (of_institution, of_tied) = sight(who.role);
    let mut clauses = Vec::new();
    let at_home = Term::PatientsOf(who.organization.clone());
    clauses.extend(clause(at_home, &of_institution, &asker, &[RESTRICTED, VERY_RESTRICTED]));
    for tie in ties(who) {
        clauses.extend(clause(Term::PatientsTied(tie), &of_tied, &asker, &[VERY_RESTRICTED]));
    }
    clauses.extend(clause(Term::Permitted(asker.clone()), &of_tied, &asker, &[VERY_RESTRICTED]));
    clauses.extend(context.emergencies.iter().map(opened));
    Ok(clauses)
}

/// A record that was opened in an emergency: nothing bars it.
fn opened(patient: &ResourceId) -> Clause {
    Term::In(patient_compartment(patient)).into()
}

fn clause(term: Term, types: &Types, asker: &Asker, labels: &[&str]) -> Option<Clause> {
    let types = match types {
        Types::None => return None,
        Types::All => Vec::new(),
        Types::Only(types) => types.iter().map(|&name| name.to_owned()).collect(),
    };
    Some(Clause { term, types, unless: vec![labelled(labels), Bar::Denied(asker.clone())] })
}

fn ties(who: Member<'_>) -> impl Iterator<Item = Tie> {
    TIES.into_iter().map(move |(resource_type, param, status)| Tie {
        resource_type: resource_type.to_owned(),
        param: param.to_owned(),
        target: Reference { resource_type: "Practitioner".into(), id: who.practitioner.clone() },
        status: status.iter().map(|&code| code.to_owned()).collect(),
    })
}
