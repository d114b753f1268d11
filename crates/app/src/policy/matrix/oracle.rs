//! What should be seen, told naively from the documents.

use bianque_model::{Actor, Context, Duty};
use serde_json::Value;

use super::world::{Resource, World, instant};

const DIRECTORY: [&str; 2] = ["Organization", "Practitioner"];

/// Whether somebody sees a resource.
pub(super) fn sees(world: &World, asker: &Context, resource: &Resource) -> bool {
    if asker.tenant != resource.tenant {
        return false;
    }
    match &asker.actor {
        Actor::Administrator { .. } | Actor::Anonymous | Actor::Guest { .. } => false,
        Actor::Application { .. } => by_application(world, asker, resource),
        Actor::Server
        | Actor::System { .. }
        | Actor::Sender { .. }
        | Actor::Peer { organization: None, .. } => true,
        _ if DIRECTORY.contains(&resource.resource_type()) => true,
        Actor::VisitPatient { patient, .. } => resource.is_about(patient.as_str()),
        Actor::VisitProxy { patient, .. } => {
            resource.is_about(patient.as_str()) && !resource.has_label("R") && !resource.has_label("V")
        }
        Actor::Staff { duty, practitioner, organization, .. } => {
            let names = [format!("Practitioner/{practitioner}"), format!("Organization/{organization}")];
            staff_sees(world, asker, &names, *duty, resource)
        }
        Actor::Peer { organization: Some(organization), .. } => {
            let name = format!("Organization/{organization}");
            let Some(patient) = resource.patient() else { return false };
            managed_by(world, asker, patient) == name
                && !resource.has_label("R")
                && !resource.has_label("V")
                && !denied(world, asker, &[name.clone(), name], resource)
        }
        Actor::Consultant { patient, practitioner, organization, .. } => {
            let names = [format!("Practitioner/{practitioner}"), format!("Organization/{organization}")];
            resource.is_about(patient.as_str())
                && !resource.has_label("R")
                && !resource.has_label("V")
                && !denied(world, asker, &names, resource)
        }
        Actor::Clinician { practitioner, organization, .. } => {
            let names = [format!("Practitioner/{practitioner}"), format!("Organization/{organization}")];
            clinician_sees(world, asker, &names, resource)
        }
    }
}

fn clinician_sees(world: &World, asker: &Context, names: &[String; 2], resource: &Resource) -> bool {
    let Some(patient) = resource.patient() else { return false };
    if asker.emergencies.iter().any(|open| open.as_str() == patient) {
        return true;
    }
    if resource.has_label("V") || denied(world, asker, names, resource) {
        return false;
    }
    let at_home = managed_by(world, asker, patient) == names[1] && !resource.has_label("R");
    at_home || tied(world, asker, patient, &names[0]) || permitted(world, asker, names, resource)
}

/// Somebody who holds no visits: the specialist by ties, the reporter what is needed for a report, the front desk who and
/// when, the supervisor nothing.
fn staff_sees(world: &World, asker: &Context, names: &[String; 2], duty: Duty, resource: &Resource) -> bool {
    let Some(patient) = resource.patient() else { return false };
    if resource.has_label("V") || denied(world, asker, names, resource) {
        return false;
    }
    let at_home = managed_by(world, asker, patient) == names[1] && !resource.has_label("R");
    let is_tied = tied(world, asker, patient, &names[0]) || permitted(world, asker, names, resource);
    let kind = resource.resource_type();
    match duty {
        Duty::Specialist => is_tied,
        Duty::Reporter => {
            let reported_with =
                ["Patient", "Observation", "Condition", "AllergyIntolerance", "ServiceRequest"];
            reported_with.contains(&kind) && (at_home || is_tied)
        }
        Duty::FrontDesk => ["Patient", "Appointment"].contains(&kind) && at_home,
        Duty::Supervisor => false,
    }
}

/// Whether somebody may do this over FHIR at all.
pub(super) fn may(asker: &Context, resource_type: &str, letter: char) -> bool {
    match &asker.actor {
        Actor::Server | Actor::Sender { .. } => true,
        Actor::Clinician { .. } | Actor::Staff { duty: Duty::Specialist | Duty::Reporter, .. } => {
            "rs".contains(letter) && resource_type != "AuditEvent"
        }
        Actor::System { scopes, .. } => match scopes[0].as_str() {
            "system/*.cruds" => true,
            _ => resource_type == "Observation" && "rs".contains(letter),
        },
        Actor::Application { user: None, scopes, .. } => match scopes[0].as_str() {
            "system/*.cruds" => true,
            "system/Observation.rs" => resource_type == "Observation" && "rs".contains(letter),
            _ => false,
        },
        Actor::Application { scopes, .. } if "rs".contains(letter) && resource_type != "AuditEvent" => scopes
            .iter()
            .any(|scope| is_granted(scope, resource_type, letter) && !scope.starts_with("system/")),
        _ => false,
    }
}

/// What its user sees, and of that what it was given: a patient's, or everything.
fn by_application(world: &World, asker: &Context, resource: &Resource) -> bool {
    let Actor::Application { user, scopes, patient, .. } = &asker.actor else { return false };
    // With `*` goes what is served, but to programs that are given everything.
    let is_served =
        bianque_fhir::resource_types().contains(&resource.resource_type()) || scopes[0] == "system/*.cruds";
    let given = scopes.iter().filter(|scope| is_served && is_granted(scope, resource.resource_type(), 's'));
    let Some(user) = user else { return scopes[0].starts_with("system/") && given.count() > 0 };
    let user = Context { actor: user.as_ref().clone(), ..asker.clone() };
    let directory = DIRECTORY.contains(&resource.resource_type());
    let of_patient = patient.as_ref().is_some_and(|patient| resource.is_about(patient.as_str()));
    let mut levels = given.map(|scope| scope.split_once('/').unwrap().0);
    sees(world, &user, resource)
        && levels.any(|level| level == "user" || (level == "patient" && (directory || of_patient)))
}

fn is_granted(scope: &str, resource_type: &str, letter: char) -> bool {
    let (_, rest) = scope.split_once('/').unwrap();
    let (name, letters) = rest.split_once('.').unwrap();
    (name == "*" || name == resource_type) && letters.contains(letter)
}

fn managed_by(world: &World, asker: &Context, patient: &str) -> String {
    let mut patients = world.of_tenant(asker.tenant).filter(|one| one.resource_type() == "Patient");
    let found = patients.find(|one| one.id() == patient);
    let home = found.and_then(|one| one.document["managingOrganization"]["reference"].as_str());
    home.unwrap_or_default().to_owned()
}

/// Some visit, consult or team of the patient names the asker and is not over.
fn tied(world: &World, asker: &Context, patient: &str, name: &str) -> bool {
    world.of_tenant(asker.tenant).filter(|one| one.is_about(patient)).any(|one| {
        let document = &one.document;
        let status = document["status"].as_str().unwrap_or_default();
        match one.resource_type() {
            "Encounter" => {
                document["participant"][0]["individual"]["reference"] == name && status != "cancelled"
            }
            "Task" => document["owner"]["reference"] == name && !matches!(status, "completed" | "rejected"),
            "CareTeam" => document["participant"][0]["member"]["reference"] == name && status == "active",
            _ => false,
        }
    })
}

fn denied(world: &World, asker: &Context, names: &[String], resource: &Resource) -> bool {
    decisions(world, asker, names, resource).any(|(_, permit, _)| !permit)
}

/// The deepest word of a Consent permits, and names the asker.
fn permitted(world: &World, asker: &Context, names: &[String], resource: &Resource) -> bool {
    decisions(world, asker, names, resource).any(|(_, permit, named)| permit && named)
}

/// What each Consent of the patient says in the end.
fn decisions<'w>(
    world: &'w World,
    asker: &'w Context,
    names: &'w [String],
    resource: &'w Resource,
) -> impl Iterator<Item = (u32, bool, bool)> + 'w {
    let consents = world.of_tenant(asker.tenant).filter(move |one| {
        one.resource_type() == "Consent"
            && one.document["status"] == "active"
            && resource.patient().is_some_and(|patient| one.is_about(patient))
    });
    consents.filter_map(move |one| decision(&one.document["provision"], None, asker, names, resource))
}

/// The deepest word of a provision on a resource: its depth, whether it permits, whether it names the asker.
fn decision(
    provision: &Value,
    above: Option<bool>,
    asker: &Context,
    names: &[String],
    resource: &Resource,
) -> Option<(u32, bool, bool)> {
    let permit = match provision["type"].as_str() {
        Some(text) => text == "permit",
        None => !above?,
    };
    let named = provision["actor"].as_array().map(|actors| {
        actors.iter().any(|actor| names.iter().any(|name| actor["reference"]["reference"] == name.as_str()))
    });
    let of_class = provision["class"]
        .as_array()
        .is_none_or(|classes| classes.iter().any(|class| class["code"] == resource.resource_type()));
    let of_label = provision["securityLabel"].as_array().is_none_or(|labels| {
        labels.iter().any(|label| resource.has_label(label["code"].as_str().unwrap_or_default()))
    });
    let in_time = provision["period"]["end"].as_str().is_none_or(|end| asker.now < instant(end));
    let matches = named != Some(false) && of_class && of_label && in_time;
    let own = matches.then_some((0, permit, named == Some(true)));
    let exceptions = provision["provision"].as_array().into_iter().flatten();
    let deeper = exceptions
        .filter(|_| in_time)
        .filter_map(|one| decision(one, Some(permit), asker, names, resource))
        .map(|(depth, permit, named)| (depth + 1, permit, named));
    // Of two as deep the one that denies, and of two that permit the one that names.
    deeper.chain(own).max_by_key(|(depth, permit, named)| (*depth, !*permit, *named))
}
