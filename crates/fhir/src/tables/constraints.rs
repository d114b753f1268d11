//! Invariants of types and elements, each expression read once.

use std::collections::HashMap;
use std::sync::OnceLock;

use bianque_fhirpath::Expression;

use super::{Line, elements, lines};

/// An invariant.
#[derive(Debug)]
pub(crate) struct Constraint {
    /// `pat-1`
    pub(crate) key: &'static str,
    /// What it asks, in words.
    pub(crate) human: &'static str,
    /// Whether breaking it is a fault; else it is only told.
    pub(crate) is_error: bool,
    /// What must be true.
    pub(crate) expression: Expression,
}

/// The rules of an element, by its name.
type OfElement = (&'static str, Vec<&'static Constraint>);

/// What holds of the values of a type.
#[derive(Debug, Default, Clone)]
struct OfType {
    own: Vec<&'static Constraint>,
    elements: Vec<OfElement>,
}

/// All invariants, by the place of their type among all types.
#[derive(Debug)]
pub(crate) struct Constraints {
    types: Vec<OfType>,
}

impl Constraints {
    /// The rules of a type.
    pub(crate) fn of_type(&self, at: usize) -> &[&'static Constraint] {
        self.types.get(at).map_or(&[], |found| &found.own)
    }

    /// Whether a type has rules for single elements.
    pub(crate) fn has_elements(&self, at: usize) -> bool {
        self.types.get(at).is_some_and(|found| !found.elements.is_empty())
    }

    /// The rules of an element of a type, beside those of the element's own type.
    pub(crate) fn of_element(&self, at: usize, element: &str) -> &[&'static Constraint] {
        let elements = self.types.get(at).map_or(&[][..], |found| &found.elements);
        elements.iter().find(|(name, _)| *name == element).map_or(&[], |(_, rules)| rules)
    }
}

/// The table, read at the first call.
pub(crate) fn constraints() -> &'static Constraints {
    static TABLE: OnceLock<Constraints> = OnceLock::new();
    TABLE.get_or_init(read)
}

fn read() -> Constraints {
    let mut sections: HashMap<&'static str, Vec<&'static Constraint>> = HashMap::new();
    let mut path = "";
    for line in lines(include_str!("../generated/constraints.txt")) {
        match line {
            Line::Section(name) => path = name,
            // Every line is read by a test; one that could not be read would be no rule.
            Line::Entry(entry) => sections.entry(path).or_default().extend(constraint(entry)),
        }
    }
    let table = elements();
    let mut types = vec![OfType::default(); table.types.len()];
    for found in &table.types {
        let mut next = Some(found);
        while let Some(current) = next {
            types[found.at].own.extend(sections.get(current.name).into_iter().flatten());
            next = table.by_name(current.base);
        }
    }
    for (path, rules) in sections {
        let Some((parent, element)) = path.rsplit_once('.') else { continue };
        let element = element.trim_end_matches("[x]");
        if let (Some(parent), None) = (table.by_name(parent), table.by_name(path)) {
            types[parent.at].elements.push((element, rules));
        }
    }
    Constraints { types }
}

/// A rule, kept for good: there are a few hundred, read once.
fn constraint(entry: &'static str) -> Option<&'static Constraint> {
    let (rule, human) = entry.split_once('\t')?;
    let (key, rest) = rule.split_once(' ')?;
    let (severity, expression) = rest.split_once(' ')?;
    let expression = Expression::parse(expression).ok()?;
    Some(Box::leak(Box::new(Constraint { key, human, is_error: severity == "error", expression })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_rule_of_something() {
        let mut path = "";
        for line in lines(include_str!("../generated/constraints.txt")) {
            match line {
                Line::Section(name) => {
                    path = name;
                    let parent = path.rsplit_once('.').map_or(path, |(parent, _)| parent);
                    assert!(elements().by_name(path).or(elements().by_name(parent)).is_some(), "{path}");
                }
                Line::Entry(entry) => assert!(constraint(entry).is_some(), "{path}: {entry}"),
            }
        }
    }

    #[test]
    fn rules_are_found_by_type_by_base_and_by_element() {
        let at = |name: &str| elements().by_name(name).unwrap().at;
        let keys = |rules: &[&Constraint]| rules.iter().map(|rule| rule.key).collect::<Vec<_>>();
        assert_eq!(keys(constraints().of_type(at("Patient.contact"))), ["pat-1"]);
        assert!(keys(constraints().of_type(at("Patient"))).contains(&"dom-3"));
        assert!(keys(constraints().of_type(at("Age"))).contains(&"qty-3"));
        assert_eq!(keys(constraints().of_element(at("Organization"), "address")), ["org-2"]);
        assert_eq!(keys(constraints().of_element(at("Range"), "low")), ["sqty-1"]);
        assert!(constraints().of_element(at("Range"), "extension").is_empty());
    }

    #[test]
    fn the_paths_of_every_rule_exist() {
        use bianque_fhirpath::{Model, TypeId};
        let model = crate::tables::r4();
        let mut wrong = Vec::new();
        for found in &elements().types {
            let of = TypeId(u32::try_from(found.at).unwrap());
            // Rules of a base are about it, and it is checked by itself.
            let base = elements().by_name(found.base).map_or(&[][..], |base| constraints().of_type(base.at));
            for rule in constraints().of_type(found.at) {
                if base.iter().any(|inherited| std::ptr::eq(*inherited, *rule)) {
                    continue;
                }
                if let Err(error) = rule.expression.check(model, of) {
                    wrong.push(format!("{} {}: {error}", model.name(of), rule.key));
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }
}
