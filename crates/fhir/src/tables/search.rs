//! Search parameters and the JSON paths of their values.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::elements::elements;
use super::{Line, lines};
use crate::terminology::Bound;

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
    /// The type that it is of.
    resource_type: &'static str,
    /// As it stands in a URL.
    pub(crate) code: &'static str,
    /// What it is compared as.
    pub(crate) kind: ParamKind,
    /// The id of its definition.
    pub(crate) definition: &'static str,
    /// Types it may refer to; empty: any, or no reference.
    pub(crate) targets: Vec<&'static str>,
    /// Where its values are; empty: it has none of its own.
    pub(crate) paths: Vec<Path>,
    /// Of a composite: the elements its parts are taken from together.
    pub(crate) groups: Vec<Group>,
    /// Its places as they stand in the table.
    written: &'static str,
}

impl Param {
    /// The codes that its values are of, where they are of one element of type `code` that is bound to them: such values
    /// have no system, and mean that of the binding (FHIR R4, Search 3.1.1.4.10).
    pub(crate) fn bound(&self) -> Option<&'static Bound> {
        let [path] = self.paths.as_slice() else { return None };
        if path.type_name != "code" {
            return None;
        }
        let (last, way) = path.steps.split_last()?;
        let mut of = elements().by_name(self.resource_type)?;
        for step in way {
            of = elements().type_of(of.field(step.member)?)?;
        }
        elements().codes_of(of.field(last.member)?)
    }

    /// Whether a search can ask it.
    pub(crate) fn is_searchable(&self) -> bool {
        !self.paths.is_empty() || !self.groups.is_empty()
    }
}

/// Elements whose parts are compared together.
#[derive(Debug)]
pub(crate) struct Group {
    /// The way to the elements; empty: the resource itself.
    pub(crate) steps: Vec<Step>,
    /// The parameter that index rows of such elements are written under: composites that take the same share them.
    pub(crate) rows: &'static str,
    /// What is compared.
    pub(crate) parts: Vec<Part>,
    /// As it stands in the table.
    written: &'static str,
}

/// A part of a composite.
#[derive(Debug)]
pub(crate) struct Part {
    /// What it is compared as.
    pub(crate) kind: ParamKind,
    /// Where its values are, each from the element or (true) from the resource.
    pub(crate) paths: Vec<(bool, Path)>,
    /// The parameter of the resource with these very values, if there is one.
    pub(crate) alike: Option<&'static str>,
    /// As it stands in the table.
    written: &'static str,
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
            Line::Entry(entry) => table.entry(current).or_default().extend(param(current, entry)),
        }
    }
    for params in table.values_mut() {
        params.sort_unstable_by_key(|param| param.code);
        share_rows(params);
    }
    table
}

/// Composites of the same elements share index rows, and a part of the resource itself those of a parameter.
fn share_rows(params: &mut [Param]) {
    let written: Vec<(&str, ParamKind, String)> =
        params.iter().map(|param| (param.code, param.kind, param.written.replace(' ', "|"))).collect();
    let alike = |part: &Part| {
        let found = written.iter().find(|(_, kind, paths)| *kind == part.kind && *paths == part.written);
        found.map(|(code, ..)| *code)
    };
    let mut shared: HashMap<&str, &str> = HashMap::new();
    for param in params {
        for group in &mut param.groups {
            group.rows = shared.entry(group.written).or_insert(param.code);
            for part in group.parts.iter_mut().filter(|_| group.steps.is_empty()) {
                part.alike = alike(part);
            }
        }
    }
}

fn param(resource_type: &'static str, entry: &'static str) -> Option<Param> {
    let mut words = entry.splitn(4, ' ');
    let (code, kind, definition) = (words.next()?, words.next()?, words.next()?);
    let written = words.next().unwrap_or_default();
    let (kind, targets) = kind.split_once('>').unwrap_or((kind, ""));
    let kind = ParamKind::named(kind);
    let (mut paths, mut groups) = (Vec::new(), Vec::new());
    if kind == ParamKind::Composite {
        groups.extend(written.split(' ').filter_map(group));
    } else {
        paths.extend(written.split(' ').filter_map(path));
    }
    let targets = targets.split('|').filter(|name| !name.is_empty()).collect();
    Some(Param { resource_type, code, kind, definition, targets, paths, groups, written })
}

fn group(text: &'static str) -> Option<Group> {
    let (way, parts) = text.strip_suffix('}')?.split_once('{')?;
    let steps = if way == "." { Vec::new() } else { way.split('.').map(step).collect() };
    Some(Group { steps, rows: "", parts: parts.split(';').filter_map(part).collect(), written: text })
}

fn part(text: &'static str) -> Option<Part> {
    let (kind, written) = text.split_once('=')?;
    let from = |text: &'static str| match text.strip_prefix('/') {
        Some(rest) => path(rest).map(|path| (true, path)),
        None => path(text).map(|path| (false, path)),
    };
    let paths = written.split('|').filter_map(from).collect();
    Some(Part { kind: ParamKind::named(kind), paths, alike: None, written })
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
        let without: Vec<String> = elements()
            .resources()
            .iter()
            .flat_map(|name| params(name).iter().map(move |param| (name, param)))
            .filter(|(_, param)| !param.is_searchable() && param.kind != ParamKind::Special)
            .map(|(name, param)| format!("{name}.{}", param.code))
            .collect();
        insta::assert_debug_snapshot!(without);
    }
}
