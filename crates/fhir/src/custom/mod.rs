//! Search parameters that a tenant defines: SearchParameter resources whose FHIRPath selects what is indexed.
//!
//! [`define`] reads and checks one. Its values become the same index rows as those of R4's own parameters, and a search
//! asks them with the same modifiers. Whether older resources have their rows is the caller's to know: a parameter that
//! is not ready for a type is refused there.

mod define;
mod rows;
#[cfg(test)]
mod tests;

use bianque_fhirpath::Expression;

use crate::tables::ParamKind;

pub use define::{Defined, Definition, define};
pub use rows::Unanswered;

/// A search parameter of a tenant, read.
#[derive(Debug, Clone)]
pub struct CustomParam {
    pub(crate) definition: Definition,
    pub(crate) expression: Expression,
    pub(crate) kind: ParamKind,
    pub(crate) targets: Vec<&'static str>,
    pub(crate) ready: Vec<String>,
}

impl CustomParam {
    /// Of a definition that was checked, for types whose resources all have their rows; none: it is not a definition
    /// that this program takes.
    pub fn new(definition: Definition, ready: Vec<String>) -> Option<Self> {
        let expression = Expression::parse(&definition.expression).ok()?;
        let kind = define::kind(&definition.kind)?;
        let known = |name: &String| crate::resource_types().iter().find(|known| *known == name).copied();
        let targets = definition.targets.iter().filter_map(known).collect();
        Some(Self { definition, expression, kind, targets, ready })
    }

    /// As it is written in a search.
    pub(crate) fn code(&self) -> &str {
        &self.definition.code
    }

    /// Its canonical URL.
    pub(crate) fn url(&self) -> &str {
        &self.definition.url
    }

    /// Whether resources of a type can be asked by it.
    pub(crate) fn is_for(&self, resource_type: &str) -> bool {
        self.definition.types.iter().any(|name| name == resource_type)
    }

    /// Whether all resources of a type have their rows.
    pub(crate) fn is_ready(&self, resource_type: &str) -> bool {
        self.ready.iter().any(|name| name == resource_type)
    }
}

/// The search parameters of a tenant.
#[derive(Debug, Clone, Default)]
pub struct CustomParams(Vec<CustomParam>);

impl CustomParams {
    /// These.
    pub fn new(params: Vec<CustomParam>) -> Self {
        Self(params)
    }

    /// None.
    pub fn none() -> &'static Self {
        static NONE: CustomParams = CustomParams(Vec::new());
        &NONE
    }

    /// Whether resources of a type have rows of them.
    pub fn has(&self, resource_type: &str) -> bool {
        self.0.iter().any(|param| param.is_for(resource_type))
    }

    /// Those of a type.
    pub(crate) fn of<'a>(&'a self, resource_type: &'a str) -> impl Iterator<Item = &'a CustomParam> {
        self.0.iter().filter(move |param| param.is_for(resource_type))
    }

    /// The one of a type with this code.
    pub(crate) fn param(&self, resource_type: &str, code: &str) -> Option<&CustomParam> {
        self.0.iter().find(|param| param.code() == code && param.is_for(resource_type))
    }
}
