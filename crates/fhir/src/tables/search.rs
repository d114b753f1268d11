//! Search parameters and the JSON paths of their values.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Line, lines};

/// The type of a search parameter (FHIR R4, Search 3.1.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// Coded values and identifiers.
    Token,
    /// Text, folded.
    String,
    /// Dates and periods.
    Date,
    /// A reference to another resource.
    Reference,
    /// A plain number.
    Number,
    /// A number with a unit.
    Quantity,
    /// A URI.
    Uri,
    /// Several parameters of one element together.
    Composite,
    /// Logic of its own.
    Special,
}

impl ParamKind {
    /// The code of R4's SearchParamType.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::String => "string",
            Self::Date => "date",
            Self::Reference => "reference",
            Self::Number => "number",
            Self::Quantity => "quantity",
            Self::Uri => "uri",
            Self::Composite => "composite",
            Self::Special => "special",
        }
    }

    fn named(code: &str) -> Self {
        match code {
            "token" => Self::Token,
            "string" => Self::String,
            "date" => Self::Date,
            "reference" => Self::Reference,
            "number" => Self::Number,
            "quantity" => Self::Quantity,
            "uri" => Self::Uri,
            "composite" => Self::Composite,
            _ => Self::Special,
        }
    }
}

/// A search parameter of one resource type.
#[derive(Debug)]
pub(crate) struct Param {
    /// As it stands in a URL.
    pub(crate) code: &'static str,
    /// What it is compared as.
    pub(crate) kind: ParamKind,
    /// The id of its definition.
    pub(crate) definition: &'static str,
    /// Types it may refer to; empty: any, or no reference.
    pub(crate) targets: Vec<&'static str>,
    /// Where its values are; empty: it cannot be searched by.
    pub(crate) paths: Vec<Path>,
}

/// A way from a resource to values of one type.
#[derive(Debug)]
pub(crate) struct Path {
    /// From member to member.
    pub(crate) steps: Vec<Step>,
    /// The FHIR type found there; `presence` for a test of existence.
    pub(crate) type_name: &'static str,
}

/// Into a member, and on only with what passes the filter.
#[derive(Debug)]
pub(crate) struct Step {
    /// The member; for `presence` several, parted by commas.
    pub(crate) member: &'static str,
    /// What must hold of the value.
    pub(crate) filter: Option<Filter>,
}

/// What must hold of a value on the way.
#[derive(Debug)]
pub(crate) enum Filter {
    /// Its member is this text.
    Equals(&'static str, &'static str),
    /// It is a reference to this type.
    Refers(&'static str),
}

/// The parameters of a resource type, sorted by code.
pub(crate) fn params(resource_type: &str) -> &'static [Param] {
    static TABLE: OnceLock<HashMap<&'static str, Vec<Param>>> = OnceLock::new();
    TABLE.get_or_init(read).get(resource_type).map_or(&[], Vec::as_slice)
}

fn read() -> HashMap<&'static str, Vec<Param>> {
    let mut table: HashMap<&'static str, Vec<Param>> = HashMap::new();
    let mut current = "";
    for line in lines(include_str!("../generated/search.txt")) {
        match line {
            Line::Section(name) => current = name,
            Line::Entry(entry) => table.entry(current).or_default().extend(param(entry)),
        }
    }
    for params in table.values_mut() {
        params.sort_unstable_by_key(|param| param.code);
    }
    table
}

fn param(entry: &'static str) -> Option<Param> {
    let mut words = entry.split(' ');
    let code = words.next()?;
    let kind = words.next()?;
    let (kind, targets) = kind.split_once('>').unwrap_or((kind, ""));
    Some(Param {
        code,
        kind: ParamKind::named(kind),
        definition: words.next()?,
        targets: targets.split('|').filter(|name| !name.is_empty()).collect(),
        paths: words.filter_map(path).collect(),
    })
}

fn path(text: &'static str) -> Option<Path> {
    let (way, type_name) = text.rsplit_once(':')?;
    Some(Path { steps: way.split('.').map(step).collect(), type_name })
}

fn step(text: &'static str) -> Step {
    let Some((member, filter)) = text.split_once('[') else { return Step { member: text, filter: None } };
    let filter = filter.trim_end_matches(']');
    let filter = match filter.split_once('=') {
        Some((name, value)) => Filter::Equals(name, value),
        None => Filter::Refers(filter),
    };
    Step { member, filter: Some(filter) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_that_can_be_searched_by_has_a_path() {
        let without: Vec<String> = crate::tables::elements()
            .resources()
            .iter()
            .flat_map(|name| params(name).iter().map(move |param| (name, param)))
            .filter(|(_, param)| param.paths.is_empty())
            .filter(|(_, param)| !matches!(param.kind, ParamKind::Composite | ParamKind::Special))
            .map(|(name, param)| format!("{name}.{}", param.code))
            .collect();
        insta::assert_debug_snapshot!(without);
    }
}
