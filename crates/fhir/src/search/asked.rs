//! The parameters that a search may name: R4's own, and those that the tenant defines.

use super::Refusal;
use super::include::{is_link, refers_to};
use crate::custom::{CustomParam, CustomParams};
use crate::is_resource_type;
use crate::tables::{Group, Param, ParamKind, params};
use crate::terminology::Bound;

/// A parameter of a type.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    Standard(&'static Param),
    Custom(&'a CustomParam),
}

/// The search parameter of a type with this code, when there is one. One that not all resources of the type were indexed
/// by is refused: its answer would lack what is older than it.
pub(super) fn known<'a>(
    resource_type: &str,
    code: &str,
    custom: &'a CustomParams,
) -> Result<Option<Asked<'a>>, Refusal> {
    if let Some(param) = params(resource_type).iter().find(|param| param.code == code) {
        return Ok(Some(Asked::Standard(param)));
    }
    match custom.param(resource_type, code) {
        Some(param) if !param.is_ready(resource_type) => Err(Refusal::Unsupported(format!(
            "{} is not there yet for {resource_type}: resources that were written before it have to be indexed by $reindex",
            param.url()
        ))),
        param => Ok(param.map(Asked::Custom)),
    }
}

/// A parameter whose values are references to resources.
pub(super) fn reference<'a>(
    resource_type: &str,
    code: &str,
    custom: &'a CustomParams,
) -> Result<Asked<'a>, Refusal> {
    if !is_resource_type(resource_type) {
        return Err(Refusal::Invalid(format!("{resource_type:?} is no resource type")));
    }
    let Some(param) = known(resource_type, code, custom)? else {
        return Err(Refusal::Unsupported(format!("{resource_type} has no search parameter {code:?}")));
    };
    if param.is_link() {
        Ok(param)
    } else {
        Err(Refusal::Unsupported(format!("{code} of {resource_type} is no reference")))
    }
}

impl<'a> Asked<'a> {
    pub(super) fn code(self) -> &'a str {
        match self {
            Self::Standard(param) => param.code,
            Self::Custom(param) => param.code(),
        }
    }

    pub(super) fn kind(self) -> ParamKind {
        match self {
            Self::Standard(param) => param.kind,
            Self::Custom(param) => param.kind,
        }
    }

    /// Types it may refer to; none: any, or it is no reference.
    pub(super) fn targets(self) -> &'a [&'static str] {
        match self {
            Self::Standard(param) => &param.targets,
            Self::Custom(param) => &param.targets,
        }
    }

    /// Of a composite: the elements its parts are taken from together.
    pub(super) fn groups(self) -> &'static [Group] {
        match self {
            Self::Standard(param) => &param.groups,
            Self::Custom(_) => &[],
        }
    }

    /// The codes that its values are of, where they have no system but that of their binding.
    pub(super) fn bound(self) -> Option<&'static Bound> {
        match self {
            Self::Standard(param) => param.bound(),
            Self::Custom(_) => None,
        }
    }

    pub(super) fn is_searchable(self) -> bool {
        match self {
            Self::Standard(param) => param.is_searchable(),
            Self::Custom(_) => true,
        }
    }

    /// Whether it has values of its own, that can be sorted by.
    pub(super) fn has_values(self) -> bool {
        match self {
            Self::Standard(param) => !param.paths.is_empty(),
            Self::Custom(_) => true,
        }
    }

    pub(super) fn is_link(self) -> bool {
        match self {
            Self::Standard(param) => is_link(param),
            Self::Custom(param) => param.kind == ParamKind::Reference,
        }
    }

    pub(super) fn refers_to(self, resource_type: &str) -> bool {
        match self {
            Self::Standard(param) => refers_to(param, resource_type),
            Self::Custom(param) => param.targets.is_empty() || param.targets.contains(&resource_type),
        }
    }
}
