//! What else comes with the matches: `_include` and `_revinclude` (FHIR R4, Search 3.1.1.5.4).

use super::Refusal;
use super::asked::{Asked, reference};
use crate::custom::CustomParams;
use crate::is_resource_type;
use crate::tables::{Param, ParamKind, params};

/// Resources that come with the matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// From which side the link is followed.
    pub way: Way,
    /// The type that refers.
    pub source: String,
    /// The parameters by which it refers.
    pub params: Vec<String>,
    /// Only resources of this type are referred to; none: of any.
    pub target: Option<String>,
    /// Whether it also starts from what was included, and not from matches alone.
    pub iterate: bool,
}

/// From which side a link is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To what is referred to: `_include`.
    Forward,
    /// To what refers: `_revinclude`.
    Reverse,
}

/// Reads `Type:param`, `Type:param:Target` or `Type:*`.
pub(super) fn read(
    resource_type: &str,
    value: &str,
    (reverse, iterate): (bool, bool),
    custom: &CustomParams,
) -> Result<Include, Refusal> {
    let mut parts = value.split(':');
    let (Some(source), Some(code), target, None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::Invalid("expected Type:parameter or Type:parameter:Target".into()));
    };
    if !is_resource_type(source) {
        return Err(Refusal::Invalid(format!("{source:?} is no resource type")));
    }
    let target = match target {
        Some(name) if is_resource_type(name) => Some(name.to_owned()),
        Some(name) => return Err(Refusal::Invalid(format!("{name:?} is no resource type"))),
        None => None,
    };
    let params = if code == "*" {
        let own = custom.of(source).filter(|param| Asked::Custom(param).is_link() && param.is_ready(source));
        let own = own.map(|param| param.code().to_owned());
        links(source).map(|param| param.code.to_owned()).chain(own).collect()
    } else {
        vec![reference(source, code, custom)?.code().to_owned()]
    };
    if !iterate && !reverse && source != resource_type {
        return Err(Refusal::Invalid(format!(
            "matches are of type {resource_type}: {source} needs :iterate"
        )));
    }
    let way = if reverse { Way::Reverse } else { Way::Forward };
    Ok(Include { way, source: source.to_owned(), params, target, iterate })
}

/// All parameters of a type by which it refers to resources.
pub(crate) fn links(source: &str) -> impl Iterator<Item = &'static Param> {
    params(source).iter().filter(|param| is_link(param))
}

/// Whether the values of a parameter are references to resources.
pub(crate) fn is_link(param: &Param) -> bool {
    param.kind == ParamKind::Reference && param.paths.iter().any(|path| path.type_name == "Reference")
}

/// Whether a reference may be to a resource of this type.
pub(crate) fn refers_to(param: &Param, resource_type: &str) -> bool {
    param.targets.is_empty() || param.targets.contains(&resource_type)
}
