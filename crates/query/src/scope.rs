//! What policy lets an asker see, as a condition that a database can check.

use bianque_model::{ResourceId, Timestamp};

use crate::{DateRange, Reference};

/// A compartment a resource lies in (FHIR R4, CompartmentDefinition), written with the resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Compartment {
    /// `Patient`, `Encounter`, ...
    pub kind: String,
    /// The id of the compartment's owner.
    pub id: ResourceId,
}

/// The resources an asker may see. A resource is visible when any clause of `Any` lets it through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything of the tenant.
    All,
    /// What any of these clauses lets through. Empty: nothing.
    Any(Vec<Clause>),
    /// What every one of these scopes lets through: what somebody may see, and of that what was granted.
    Every(Vec<Scope>),
}

impl Scope {
    /// Nothing at all.
    pub const NOTHING: Self = Self::Any(Vec::new());

    /// What both let through.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, only) | (only, Self::All) => only,
            (one, other) => Self::Every(vec![one, other]),
        }
    }

    /// What any of these terms lets through, with nothing barred.
    pub fn any(terms: impl IntoIterator<Item = Term>) -> Self {
        Self::Any(terms.into_iter().map(Clause::from).collect())
    }
}

/// One reason to see a resource, unless something bars it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The reason.
    pub term: Term,
    /// The types of resource it is a reason for; empty: every type.
    pub types: Vec<String>,
    /// What takes it away. A resource that any of these holds for is not visible by this clause.
    pub unless: Vec<Bar>,
}

impl From<Term> for Clause {
    fn from(term: Term) -> Self {
        Self { term, types: Vec::new(), unless: Vec::new() }
    }
}

/// A reason to see a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The resource's type is one of these, whoever it is about (directories: Practitioner, Organization, ...).
    Types(Vec<String>),
    /// It lies in this compartment.
    In(Compartment),
    /// It lies in the compartment of a patient whose `organization` is this one.
    PatientsOf(ResourceId),
    /// It lies in the compartment of a patient who is tied to the asker.
    PatientsTied(Tie),
    /// A rule of its patient permits it to the asker by name.
    Permitted(Asker),
}

/// What ties a patient to somebody: a resource about the patient that names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// Its type, for example `Encounter`. The parameter `patient` of the type names the patient.
    pub resource_type: String,
    /// The parameter that names the other, for example `participant`.
    pub param: String,
    /// Who it names.
    pub target: Reference,
    /// The codes of its `status` by which the tie holds.
    pub status: Vec<String>,
}

/// Something that takes a reason away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bar {
    /// The resource carries one of these security labels (`_security`).
    Labelled {
        /// The system of the labels.
        system: String,
        /// Their codes.
        codes: Vec<String>,
    },
    /// A rule of its patient denies it to the asker.
    Denied(Asker),
}

/// Who asks, as rules name them, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// `Practitioner/…`, `Organization/…`: everything a rule may name the asker by.
    pub names: Vec<String>,
    /// When.
    pub at: Timestamp,
}

/// What a patient decided about their record: one line of a Consent, written with it.
///
/// Of the rules of one Consent that match, the deepest decides, and of two at one depth the one that denies. A Consent
/// that denies outweighs another that permits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Whose record.
    pub patient: ResourceId,
    /// Permit, else deny.
    pub permit: bool,
    /// How deep it stands: an exception is deeper than what it is an exception of.
    pub depth: u8,
    /// Whom it names; empty: everybody.
    pub grantee: String,
    /// The type of resource it is about; empty: every type.
    pub resource_type: String,
    /// The code of the security label it is about; empty: whatever the label.
    pub label: String,
    /// When it holds.
    pub holds: DateRange,
}
