//! Types and their elements, as JSON spells them.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Line, lines};
use crate::terminology::{Bound, bound};
use crate::validate::Primitive;

/// What a type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A JSON string, number or boolean.
    Primitive(Primitive),
    /// An object.
    Object,
    /// An object that says itself what it is: any resource.
    AnyResource,
    /// One resource type.
    Resource,
    /// A base of others, never met in data.
    Abstract,
}

/// A type with all its members, inherited ones too.
#[derive(Debug)]
pub(crate) struct Type {
    /// Its name; of a backbone element its path.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) kind: Kind,
    /// The type it is a kind of; of none: `-`.
    pub(super) base: &'static str,
    /// Its place among all.
    pub(crate) at: usize,
    /// Members by name, sorted.
    pub(super) fields: Vec<Field>,
    /// Members of which one must be there: one name, or all spellings of a choice.
    required: Vec<(&'static str, Vec<&'static str>)>,
}

/// A member of a type.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// As JSON spells it: `deceasedDateTime`.
    pub(crate) name: &'static str,
    /// The element it belongs to: `deceased`, or the name itself.
    pub(crate) element: &'static str,
    /// Whether it is an array.
    pub(crate) many: bool,
    /// What its values are.
    pub(crate) type_name: &'static str,
    /// Index of that type.
    pub(super) type_at: usize,
    /// The set its codes must be of.
    set: Option<&'static str>,
    /// Types a reference may point at, parted by `|`; empty: any.
    pub(crate) targets: &'static str,
    /// Whether it belongs to a summary.
    pub(crate) summary: bool,
}

impl Type {
    /// The member of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.binary_search_by(|field| field.name.cmp(name)).ok().map(|at| &self.fields[at])
    }

    /// Whether some of its members belong to a summary; else all of it does where it is part of one.
    pub(crate) fn has_summary(&self) -> bool {
        self.kind != Kind::AnyResource && self.fields.iter().any(|field| field.summary)
    }

    /// Elements that must be there, each with the members that count.
    pub(crate) fn required(&self) -> impl Iterator<Item = (&'static str, &[&'static str])> {
        self.required.iter().map(|(name, members)| (*name, members.as_slice()))
    }
}

/// All types, and the value sets that their elements are bound to.
#[derive(Debug)]
pub(crate) struct Elements {
    pub(super) types: Vec<Type>,
    pub(super) by_name: HashMap<&'static str, usize>,
    /// By name; each is made ready when it is first asked for.
    sets: HashMap<&'static str, OnceLock<Option<Bound>>>,
}

impl Elements {
    /// A type by name.
    pub(crate) fn by_name(&self, name: &str) -> Option<&Type> {
        self.by_name.get(name).map(|at| &self.types[*at])
    }

    /// The type of a member's values.
    pub(crate) fn type_of(&self, field: &Field) -> Option<&Type> {
        self.types.get(field.type_at)
    }

    /// The codes a member is bound to, where they are known.
    pub(crate) fn codes_of(&self, field: &Field) -> Option<&Bound> {
        let name = field.set?;
        self.sets.get(name)?.get_or_init(|| bound(name)).as_ref()
    }

    /// The names of all resource types, sorted.
    pub(crate) fn resources(&self) -> Vec<&'static str> {
        self.types.iter().filter(|found| found.kind == Kind::Resource).map(|found| found.name).collect()
    }
}

/// The table, read at the first call.
pub(crate) fn elements() -> &'static Elements {
    static TABLE: OnceLock<Elements> = OnceLock::new();
    TABLE.get_or_init(read)
}

/// A section as it stands in the table.
struct Section {
    name: &'static str,
    kind: &'static str,
    base: &'static str,
    entries: Vec<&'static str>,
}

fn read() -> Elements {
    let mut sections: Vec<Section> = Vec::with_capacity(1024);
    for line in lines(include_str!("../generated/elements.txt")) {
        match line {
            Line::Section(head) => {
                let mut words = head.split(' ');
                let mut word = || words.next().unwrap_or_default();
                sections.push(Section { name: word(), kind: word(), base: word(), entries: Vec::new() });
            }
            Line::Entry(entry) => sections.extend_last(entry),
        }
    }
    let by_name: HashMap<_, _> =
        sections.iter().enumerate().map(|(at, section)| (section.name, at)).collect();
    let types: Vec<Type> =
        sections.iter().enumerate().map(|(at, section)| build(at, section, &sections, &by_name)).collect();
    let sets = types.iter().flat_map(|found| &found.fields).filter_map(|field| field.set);
    let sets = sets.map(|name| (name, OnceLock::new())).collect();
    Elements { types, by_name, sets }
}

trait ExtendLast {
    fn extend_last(&mut self, entry: &'static str);
}

impl ExtendLast for Vec<Section> {
    fn extend_last(&mut self, entry: &'static str) {
        if let Some(last) = self.last_mut() {
            last.entries.push(entry);
        }
    }
}

fn build(at: usize, section: &Section, sections: &[Section], by_name: &HashMap<&'static str, usize>) -> Type {
    let mut built = Type {
        name: section.name,
        kind: kind(section),
        base: section.base,
        at,
        fields: Vec::new(),
        required: Vec::new(),
    };
    let mut next = Some(section);
    while let Some(current) = next {
        for entry in &current.entries {
            add(&mut built, entry, by_name);
        }
        next = by_name.get(current.base).map(|at| &sections[*at]);
    }
    built.fields.sort_unstable_by_key(|field| field.name);
    built
}

fn kind(section: &Section) -> Kind {
    match section.kind {
        "primitive" => Kind::Primitive(Primitive::named(section.name)),
        "resource" => Kind::Resource,
        "abstract" if section.name == "Resource" => Kind::AnyResource,
        "abstract" if section.name == "DomainResource" => Kind::Abstract,
        _ => Kind::Object,
    }
}

fn add(built: &mut Type, entry: &'static str, by_name: &HashMap<&'static str, usize>) {
    let mut words = entry.split(' ');
    let (Some(name), Some(cardinality), Some(types)) = (words.next(), words.next(), words.next()) else {
        return;
    };
    let (mut set, mut targets, mut summary) = (None, "", false);
    for word in words {
        match word.split_at(1) {
            ("#", name) => set = Some(name),
            ("^", _) => summary = true,
            (_, names) => targets = names,
        }
    }
    let element = name.trim_end_matches("[x]");
    let choice = element.len() < name.len();
    let mut members = Vec::new();
    for type_name in types.split('|') {
        let name = if choice { choice_member(element, type_name) } else { element };
        members.push(name);
        built.fields.push(Field {
            name,
            element,
            many: matches!(cardinality, "*" | "+"),
            type_name,
            type_at: by_name.get(type_name).copied().unwrap_or(usize::MAX),
            set,
            targets,
            summary,
        });
    }
    if matches!(cardinality, "1" | "+") {
        built.required.push((element, members));
    }
}

/// `value` and `dateTime` make `valueDateTime`. There are a few hundred such names, made once and kept for good.
fn choice_member(element: &str, type_name: &str) -> &'static str {
    let (first, rest) = type_name.split_at(type_name.len().min(1));
    Box::leak(format!("{element}{}{rest}", first.to_ascii_uppercase()).into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_is_read() {
        let table = elements();
        assert_eq!(table.resources().len(), 147);
        for found in &table.types {
            for field in &found.fields {
                assert!(table.type_of(field).is_some(), "{}.{}", found.name, field.name);
            }
        }
        let patient = table.by_name("Patient").unwrap();
        assert_eq!(patient.field("deceasedDateTime").unwrap().element, "deceased");
        assert!(patient.field("id").is_some() && patient.field("contained").is_some());
        assert!(patient.field("deceased").is_none());
    }
}
