//! A code system in memory: its concepts, and who is above whom.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Text of the embedded table, or of a resource.
pub(super) type Text = Cow<'static, str>;

/// How much of a code system its resource holds (value set codesystem-content-mode).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// All concepts: what is not there is no code.
    Complete,
    /// Some, or none: what is not there may be a code.
    Partial,
}

/// Where a concept stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Active,
    /// In use, and not to be used for something new.
    Deprecated,
    /// Not in use any more.
    Retired,
    Inactive,
}

/// One concept.
#[derive(Debug, Clone)]
pub(super) struct Concept {
    pub(super) code: Text,
    /// Empty when it has none.
    pub(super) display: Text,
    pub(super) status: Status,
    /// Whether a record may hold it; a group of others is there to be looked at only.
    pub(super) selectable: bool,
    pub(super) designations: Vec<Designation>,
    /// Code and value as text, beside hierarchy and status.
    pub(super) properties: Vec<(Text, Text)>,
    pub(super) definition: Option<Text>,
    parents: Vec<u32>,
    children: Vec<u32>,
}

/// What a concept is called in a language.
#[derive(Debug, Clone)]
pub(super) struct Designation {
    pub(super) language: Text,
    pub(super) value: Text,
}

/// A code system.
#[derive(Debug)]
pub(super) struct System {
    pub(super) url: Text,
    pub(super) version: Text,
    pub(super) name: Text,
    pub(super) content: Content,
    pub(super) case_sensitive: bool,
    concepts: Vec<Concept>,
    by_code: HashMap<Text, u32>,
}

impl Concept {
    /// A concept with nothing but its code and its display.
    pub(super) fn new(code: Text, display: Text) -> Self {
        Self {
            code,
            display,
            status: Status::Active,
            selectable: true,
            designations: Vec::new(),
            properties: Vec::new(),
            definition: None,
            parents: Vec::new(),
            children: Vec::new(),
        }
    }

    /// Whether it is not in use any more.
    pub(super) fn is_inactive(&self) -> bool {
        matches!(self.status, Status::Retired | Status::Inactive)
    }
}

impl Status {
    /// From the code of the property `status`.
    pub(super) fn read(code: &str) -> Self {
        match code {
            "deprecated" => Self::Deprecated,
            "retired" => Self::Retired,
            "inactive" => Self::Inactive,
            _ => Self::Active,
        }
    }

    /// The code of the property `status`.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
            Self::Retired => "retired",
            Self::Inactive => "inactive",
        }
    }
}

impl System {
    /// An empty one, to be filled with [`System::add`] and closed with [`System::relate`].
    pub(super) fn new(url: Text, version: Text, name: Text, content: Content) -> Self {
        let (concepts, by_code) = (Vec::new(), HashMap::new());
        Self { url, version, name, content, case_sensitive: true, concepts, by_code }
    }

    /// Adds a concept below another; its number.
    pub(super) fn add(&mut self, concept: Concept, parent: Option<u32>) -> u32 {
        // A code system of four billion concepts fits no memory.
        let number = u32::try_from(self.concepts.len()).unwrap_or(u32::MAX);
        self.by_code.entry(self.key(&concept.code)).or_insert(number);
        self.concepts.push(concept);
        if let Some(parent) = parent {
            self.put_below(number, parent);
        }
        number
    }

    /// Puts concepts below others that they name: pairs of child and parent.
    pub(super) fn relate(&mut self, pairs: &[(Text, Text)]) {
        for (child, parent) in pairs {
            if let (Some(child), Some(parent)) = (self.number(child), self.number(parent)) {
                self.put_below(child, parent);
            }
        }
    }

    fn put_below(&mut self, child: u32, parent: u32) {
        let parents = &mut self.concepts[child as usize].parents;
        if child != parent && !parents.contains(&parent) {
            parents.push(parent);
            self.concepts[parent as usize].children.push(child);
        }
    }

    fn key(&self, code: &Text) -> Text {
        if self.case_sensitive { code.clone() } else { code.to_lowercase().into() }
    }

    /// All concepts, in the order of the system.
    pub(super) fn concepts(&self) -> impl Iterator<Item = (u32, &Concept)> {
        (0..).zip(&self.concepts)
    }

    /// The number of a code.
    pub(super) fn number(&self, code: &str) -> Option<u32> {
        if self.case_sensitive {
            self.by_code.get(code).copied()
        } else {
            self.by_code.get(code.to_lowercase().as_str()).copied()
        }
    }

    /// The concept of a code.
    pub(super) fn concept(&self, code: &str) -> Option<&Concept> {
        self.number(code).map(|number| self.at(number))
    }

    /// The concept of a number that this system gave.
    pub(super) fn at(&self, number: u32) -> &Concept {
        &self.concepts[number as usize]
    }

    /// The concepts directly above.
    pub(super) fn parents(&self, number: u32) -> impl Iterator<Item = &Concept> {
        self.at(number).parents.iter().map(|parent| self.at(*parent))
    }

    /// The concepts directly below.
    pub(super) fn children(&self, number: u32) -> impl Iterator<Item = &Concept> {
        self.at(number).children.iter().map(|child| self.at(*child))
    }

    /// Whether a concept is another, or below it.
    pub(super) fn is_a(&self, number: u32, above: u32) -> bool {
        number == above || self.reach(number, |concept| &concept.parents).contains(&above)
    }

    /// Everything above, nearest first.
    pub(super) fn ancestors(&self, number: u32) -> Vec<u32> {
        self.reach(number, |concept| &concept.parents)
    }

    /// Everything below, nearest first.
    pub(super) fn descendants(&self, number: u32) -> Vec<u32> {
        self.reach(number, |concept| &concept.children)
    }

    /// What is reached step by step; each once, also where the steps lead in a circle.
    fn reach(&self, from: u32, step: impl Fn(&Concept) -> &[u32]) -> Vec<u32> {
        let (mut found, mut seen, mut at) = (Vec::new(), HashSet::from([from]), 0);
        let mut next = from;
        loop {
            found.extend(step(self.at(next)).iter().filter(|number| seen.insert(**number)));
            let Some(number) = found.get(at) else { return found };
            (next, at) = (*number, at + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_concept_may_stand_below_several_and_in_a_circle() {
        let mut system = System::new("urn:x".into(), "".into(), "".into(), Content::Complete);
        let add = |system: &mut System, code: &'static str, parent| {
            system.add(Concept::new(code.into(), "".into()), parent)
        };
        let a = add(&mut system, "a", None);
        let b = add(&mut system, "b", Some(a));
        let c = add(&mut system, "c", Some(b));
        let d = add(&mut system, "d", None);
        system.relate(&[("c".into(), "d".into()), ("c".into(), "b".into()), ("a".into(), "nobody".into())]);
        assert_eq!(system.ancestors(c), [b, d, a]);
        assert_eq!(system.descendants(a), [b, c]);
        assert!(system.is_a(c, d) && system.is_a(c, c) && !system.is_a(b, d));
        system.relate(&[("a".into(), "c".into())]);
        assert_eq!(system.descendants(a), [b, c], "a circle ends");
    }
}
