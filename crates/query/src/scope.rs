//! What policy lets an asker see, as a condition that a database can check.

use bianque_model::ResourceId;

/// A compartment a resource lies in (FHIR R4, CompartmentDefinition), written with the resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Compartment {
    /// `Patient`, `Encounter`, ...
    pub kind: String,
    /// The id of the compartment's owner.
    pub id: ResourceId,
}

/// The resources an asker may see. A resource is visible when any term of `Any` lets it through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything of the tenant.
    All,
    /// What any of these terms lets through. Empty: nothing.
    Any(Vec<Term>),
}

impl Scope {
    /// Nothing at all.
    pub const NOTHING: Self = Self::Any(Vec::new());
}

/// One reason to see a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The resource's type is one of these, whoever it is about (directories: Practitioner, Organization, ...).
    Types(Vec<String>),
    /// It lies in this compartment.
    In(Compartment),
    /// It lies in the compartment of a patient whose `organization` is this one.
    PatientsOf(ResourceId),
}
