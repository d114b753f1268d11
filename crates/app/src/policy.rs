//! The one decision point: who may do what, asked once at the top of every use case (invariant 4).
//!
//! | actor | sees | does |
//! |---|---|---|
//! | clinician | patients of their institution or tied to them, where nothing bars it | visits of their institution, records they see |
//! | specialist | patients tied to them | their opinion, where they are asked |
//! | reporter | of patients of their institution, what an examination is reported with | - |
//! | front desk | who the patients of their institution are | takes them in, books their visits, lets them in; makes two records of one person one |
//! | supervisor | no clinical data | the quality of their institution's visits, its emergencies |
//! | patient in a visit | that visit, their own part | their steps of that visit |
//! | proxy in a visit | the same, without what is restricted | the patient's steps of that visit |
//! | consultant | that visit's record while it is open | their opinion |
//! | guest | nothing | once they are let in, that visit's call while it is open |
//! | administrator | no clinical data; the audit without names of patients | users, institutions, schedules, prices, retention, holds |
//! | system | what its scopes say | what its scopes say |
//! | peer of DICOM | studies of its institution's patients, or all | keeps, asks for and fetches images, as it may |
//! | application | what its scopes say, of what its user sees | what its scopes say, over `/fhir` |
//!
//! What is not yours is not there: [`Error::not_found`]. [`Error::forbidden`] is for what a role never has.

mod granted;
#[cfg(test)]
mod matrix;
mod staff;
mod visits;

use bianque_model::{Actor, Context, Duty, ResourceId, Role, TenantId};
use bianque_query::{Asker, Bar, Clause, Compartment, Scope, Term};

pub use self::visits::{Part, VisitFacts, only, visit};
use crate::Error;

/// Types that say who works where, open to everyone signed in.
const DIRECTORY: [&str; 7] =
    ["Organization", "Practitioner", "PractitionerRole", "Schedule", "Slot", "Location", "HealthcareService"];

/// Types that define things and are about nobody, open to everyone signed in: terminology, structures, forms, plans,
/// medicines.
const KNOWLEDGE: [&str; 56] = [
    "ActivityDefinition",
    "CapabilityStatement",
    "CatalogEntry",
    "ChargeItemDefinition",
    "CodeSystem",
    "CompartmentDefinition",
    "ConceptMap",
    "DeviceDefinition",
    "EffectEvidenceSynthesis",
    "Endpoint",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "ExampleScenario",
    "GraphDefinition",
    "ImplementationGuide",
    "InsurancePlan",
    "Library",
    "Measure",
    "Medication",
    "MedicationKnowledge",
    "MedicinalProduct",
    "MedicinalProductAuthorization",
    "MedicinalProductContraindication",
    "MedicinalProductIndication",
    "MedicinalProductIngredient",
    "MedicinalProductInteraction",
    "MedicinalProductManufactured",
    "MedicinalProductPackaged",
    "MedicinalProductPharmaceutical",
    "MedicinalProductUndesirableEffect",
    "MessageDefinition",
    "NamingSystem",
    "ObservationDefinition",
    "OperationDefinition",
    "OrganizationAffiliation",
    "PlanDefinition",
    "Questionnaire",
    "ResearchDefinition",
    "ResearchElementDefinition",
    "RiskEvidenceSynthesis",
    "SearchParameter",
    "SpecimenDefinition",
    "StructureDefinition",
    "StructureMap",
    "Substance",
    "SubstanceNucleicAcid",
    "SubstancePolymer",
    "SubstanceProtein",
    "SubstanceReferenceInformation",
    "SubstanceSourceMaterial",
    "SubstanceSpecification",
    "TerminologyCapabilities",
    "TestReport",
    "TestScript",
    "ValueSet",
];

/// Whether a type is open to everyone signed in.
pub fn is_public(resource_type: &str) -> bool {
    DIRECTORY.contains(&resource_type) || KNOWLEDGE.contains(&resource_type)
}

/// Confidentiality of HL7 v3, by which records are labelled.
pub const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/// Restricted: not for everybody of an institution.
const RESTRICTED: &str = "R";
/// Very restricted: only for the patient, and in an emergency.
const VERY_RESTRICTED: &str = "V";

/// Which resources the actor may see, as a condition for the store.
///
/// | reason | barred by |
/// |---|---|
/// | the directory, and what defines things | - |
/// | the patient's institution; an invitation | restricted and very restricted labels, the patient's denial |
/// | a visit, a consult, a team | very restricted labels, the patient's denial |
/// | the patient's permission by name | very restricted labels, the patient's denial |
/// | an emergency that was declared | - |
/// | it is one's own | - |
/// | it is of whom one acts for | restricted and very restricted labels |
///
/// Of a role that works with some types only, a reason shows those alone.
pub fn scope(context: &Context) -> Result<Scope, Error> {
    let public = DIRECTORY.iter().chain(&KNOWLEDGE).map(|&name| name.to_owned());
    let directory = Clause::from(Term::Types(public.collect()));
    match &context.actor {
        Actor::Clinician { .. } | Actor::Staff { .. } => {
            let mut clauses = vec![directory];
            clauses.extend(staff::clauses(context)?);
            Ok(Scope::Any(clauses))
        }
        Actor::VisitPatient { patient, .. } => {
            Ok(Scope::Any(vec![directory, Term::In(patient_compartment(patient)).into()]))
        }
        Actor::VisitProxy { patient, .. } => {
            let own = Clause {
                unless: vec![labelled(&[RESTRICTED, VERY_RESTRICTED])],
                ..Term::In(patient_compartment(patient)).into()
            };
            Ok(Scope::Any(vec![directory, own]))
        }
        Actor::Consultant { patient, practitioner, organization, .. } => {
            let asker = asker(context, practitioner, organization);
            let invited = Clause {
                unless: vec![labelled(&[RESTRICTED, VERY_RESTRICTED]), Bar::Denied(asker)],
                ..Term::In(patient_compartment(patient)).into()
            };
            Ok(Scope::Any(vec![directory, invited]))
        }
        // Whoever comes as a guest is told what the visit says of itself, and of the records nothing.
        Actor::Guest { .. } => Ok(Scope::Any(Vec::new())),
        Actor::System { .. }
        | Actor::Sender { .. }
        | Actor::Server
        | Actor::Peer { organization: None, .. } => Ok(Scope::All),
        Actor::Peer { organization: Some(organization), .. } => {
            Ok(Scope::Any(vec![directory, institution(context, organization)]))
        }
        Actor::Administrator { .. } | Actor::Application { .. } => Err(Error::forbidden()),
        Actor::Anonymous => Err(Error::sign_in()),
    }
}

/// What may lie where everybody of an institution can read it, on paper or in its other systems: records of its patients,
/// without what is labelled as restricted or denied to the institution. The server prints and tells; nobody else asks.
pub fn of_institution(context: &Context, organization: &ResourceId) -> Result<Scope, Error> {
    if context.actor != Actor::Server {
        return Err(Error::forbidden());
    }
    Ok(Scope::Any(vec![institution(context, organization)]))
}

fn institution(context: &Context, organization: &ResourceId) -> Clause {
    let asker = Asker { names: vec![format!("Organization/{organization}")], at: context.now };
    Clause {
        unless: vec![labelled(&[RESTRICTED, VERY_RESTRICTED]), Bar::Denied(asker)],
        ..Term::PatientsOf(organization.clone()).into()
    }
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
    /// As scopes write it.
    pub const fn letter(self) -> char {
        match self {
            Self::Create => 'c',
            Self::Read => 'r',
            Self::Update => 'u',
            Self::Delete => 'd',
            Self::Search => 's',
        }
    }
}

/// Which resources of a type the actor may reach over FHIR. Programs do what their scopes say; clinicians,
/// specialists and reporters read, for what they write has use cases of its own. Who looked at whose data is for
/// programs that were given it by name or `*`.
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
        Actor::Application { user, scopes, patient, .. } => {
            let what = (resource_type, action);
            granted::records_of(context, user.as_deref(), scopes, patient.as_ref(), what)
        }
        Actor::Sender { .. } | Actor::Server => Ok(Scope::All),
        Actor::Clinician { .. } | Actor::Staff { duty: Duty::Specialist | Duty::Reporter, .. } if reads => {
            scope(context)
        }
        Actor::Anonymous => Err(Error::sign_in()),
        _ => Err(Error::forbidden()),
    }
}

/// The type of the resource that a study is.
pub const STUDY: &str = "ImagingStudy";

/// What is done with images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageAction {
    /// Send instances to be kept.
    Store,
    /// Ask which there are.
    Query,
    /// Have them.
    Retrieve,
    /// Ask what is scheduled.
    Worklist,
}

/// Which studies the actor may do this with: peers of DICOM as they may, all others as with the resources that studies are.
pub fn images(context: &Context, action: ImageAction) -> Result<Scope, Error> {
    if let Actor::Peer { rights, .. } = &context.actor {
        let may = match action {
            ImageAction::Store => rights.store,
            ImageAction::Query => rights.query,
            ImageAction::Retrieve => rights.retrieve,
            ImageAction::Worklist => rights.worklist,
        };
        return if may { scope(context) } else { Err(Error::forbidden()) };
    }
    match action {
        ImageAction::Store => records(context, STUDY, Action::Create),
        ImageAction::Query => records(context, STUDY, Action::Search),
        ImageAction::Retrieve => records(context, STUDY, Action::Read),
        ImageAction::Worklist => records(context, "ServiceRequest", Action::Search),
    }
}

/// Who exports in bulk: programs, each with what it may search. People read record by record, and in every reading they are
/// named with the patient.
pub fn export(context: &Context) -> Result<(), Error> {
    match context.actor {
        Actor::System { .. } | Actor::Application { .. } | Actor::Server => Ok(()),
        Actor::Anonymous => Err(Error::sign_in()),
        _ => Err(Error::forbidden()),
    }
}

/// Whoever may do this with every resource of every type.
pub fn everything(context: &Context, action: Action) -> Result<(), Error> {
    let types = bianque_fhir::resource_types().iter();
    let all = types.map(|name| records(context, name, action)).collect::<Result<Vec<_>, _>>()?;
    if all.iter().all(|scope| *scope == Scope::All) { Ok(()) } else { Err(Error::forbidden()) }
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

/// Somebody who works for an institution, with an account.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The account.
    pub user: bianque_model::UserId,
    /// Their role.
    pub role: Role,
    /// Their Practitioner.
    pub practitioner: &'a ResourceId,
    /// Their Organization.
    pub organization: &'a ResourceId,
}

/// A member of an institution in one of these roles.
pub fn member<'a>(context: &'a Context, roles: &[Role]) -> Result<Member<'a>, Error> {
    let found = match &context.actor {
        Actor::Clinician { user, practitioner, organization } => {
            Member { user: *user, role: Role::Clinician, practitioner, organization }
        }
        Actor::Staff { user, duty, practitioner, organization } => {
            Member { user: *user, role: duty.role(), practitioner, organization }
        }
        Actor::Anonymous => return Err(Error::sign_in()),
        _ => return Err(Error::forbidden()),
    };
    if roles.contains(&found.role) { Ok(found) } else { Err(Error::forbidden()) }
}

/// A clinician with an account.
pub fn clinician(context: &Context) -> Result<Member<'_>, Error> {
    member(context, &[Role::Clinician])
}

/// Who takes patients in and books visits: clinicians and the front desk.
pub fn desk(context: &Context) -> Result<Member<'_>, Error> {
    member(context, &[Role::Clinician, Role::FrontDesk])
}

/// Whose records the asker may merge, and part again: the front desk those of its institution, and programs that may
/// change patients as far as they may.
pub fn merging(context: &Context) -> Result<Scope, Error> {
    match &context.actor {
        Actor::Staff { duty: Duty::FrontDesk, .. } => scope(context),
        Actor::System { .. } | Actor::Application { .. } | Actor::Sender { .. } | Actor::Server => {
            records(context, "Patient", Action::Update)
        }
        Actor::Anonymous => Err(Error::sign_in()),
        _ => Err(Error::forbidden()),
    }
}

/// Who looks after the records of an institution's patients, and which they see: the front desk.
pub fn record_office(context: &Context) -> Result<Scope, Error> {
    member(context, &[Role::FrontDesk])?;
    scope(context)
}

/// Which patients somebody of an institution may know to be who they are.
pub fn who_patients_are(context: &Context) -> Result<Scope, Error> {
    member(context, &[Role::Clinician, Role::Specialist, Role::Reporter, Role::FrontDesk])?;
    scope(context)
}

/// Whose institutions somebody supervises; none: all of the tenant.
pub fn supervisor(context: &Context) -> Result<Option<&ResourceId>, Error> {
    match &context.actor {
        Actor::Administrator { .. } | Actor::Server => Ok(None),
        _ => member(context, &[Role::Supervisor]).map(|supervisor| Some(supervisor.organization)),
    }
}

/// An administrator of the first tenant, whose machine the server runs on. To others the machine is not there.
pub fn operator(context: &Context) -> Result<(), Error> {
    administrator(context)?;
    if context.tenant == TenantId::FIRST { Ok(()) } else { Err(Error::not_found()) }
}

/// An administrator.
pub fn administrator(context: &Context) -> Result<(), Error> {
    match context.actor {
        Actor::Administrator { .. } | Actor::Server => Ok(()),
        Actor::Anonymous => Err(Error::sign_in()),
        _ => Err(Error::forbidden()),
    }
}
