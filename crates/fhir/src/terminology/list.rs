//! All codes of a value set, in its order.

use std::collections::HashSet;

use super::Terminology;
use super::entry::{Entry, Known, bare};
use super::filter::{Test, holds_of_code};
use super::grammar::Grammar;
use super::membership::Membership;
use super::refusal::Refusal;
use super::set::{Part, Set};
use super::system::{Concept, Content};
use super::way::Way;

impl Terminology {
    /// The code systems that a set takes from, also through others.
    pub(super) fn systems_of<'t>(&'t self, set: &'t Set) -> Result<Vec<&'t str>, Refusal> {
        let mut systems = Vec::new();
        self.add_systems(set, &mut systems, &Way::default())?;
        Ok(systems)
    }

    fn add_systems<'t>(&'t self, set: &'t Set, systems: &mut Vec<&'t str>, way: &Way) -> Result<(), Refusal> {
        way.enter(set)?;
        way.walk(set.include.len())?;
        for part in &set.include {
            match &part.system {
                Some(system) if systems.contains(&bare(system)) => {}
                Some(system) => systems.push(bare(system)),
                None => {
                    for url in &part.sets {
                        self.add_systems(self.set(url)?, systems, &way.deeper())?;
                    }
                }
            }
        }
        Ok(())
    }

    /// All codes of a set, in its order, each once.
    pub(super) fn list<'t>(&'t self, set: &'t Set) -> Result<Vec<Entry<'t>>, Refusal> {
        self.list_at(set, &Way::default())
    }

    fn list_at<'t>(&'t self, set: &'t Set, way: &Way) -> Result<Vec<Entry<'t>>, Refusal> {
        way.enter(set)?;
        let mut seen: HashSet<(&str, &str)> = HashSet::new();
        let mut entries = Vec::new();
        for part in &set.include {
            let found = self.list_part(part, way)?;
            way.walk(found.len())?;
            entries.extend(found.into_iter().filter(|entry| seen.insert((entry.system, entry.code))));
        }
        if set.active_only {
            entries.retain(|entry| !entry.concept.is_some_and(Concept::is_inactive));
        }
        for part in &set.exclude {
            self.exclude(part, &mut entries, way)?;
        }
        Ok(entries)
    }

    fn list_part<'t>(&'t self, part: &'t Part, way: &Way) -> Result<Vec<Entry<'t>>, Refusal> {
        let mut sets = part.sets.iter();
        let mut entries = match &part.system {
            Some(system) => self.list_system(part, system)?,
            None => match sets.next() {
                Some(url) => self.list_at(self.set(url)?, &way.deeper())?,
                None => Vec::new(),
            },
        };
        for url in sets {
            let set = self.set(url)?;
            let mut kept = Vec::with_capacity(entries.len());
            for entry in entries {
                match self.member(set, entry.system, entry.code, &way.deeper())? {
                    Membership::In(_) => kept.push(entry),
                    Membership::Out => {}
                    Membership::Unknown => return Err(Refusal::NoContent(url.to_string())),
                }
            }
            entries = kept;
        }
        Ok(entries)
    }

    fn list_system<'t>(&'t self, part: &'t Part, system: &'t str) -> Result<Vec<Entry<'t>>, Refusal> {
        let known = self.known_of(part);
        if !part.concepts.is_empty() {
            return Ok(part.concepts.iter().map(|listed| Entry::of_listed(system, listed, &known)).collect());
        }
        match known {
            Known::Listed(found) if found.content == Content::Complete => {
                let ready = |filter| Test::read(filter, found).map(|test| test.for_all_of(found));
                let tests: Result<Vec<Test<'_>>, Refusal> = part.filters.iter().map(ready).collect();
                let tests = tests?;
                let holding = found
                    .concepts()
                    .filter(|(number, _)| tests.iter().all(|test| test.holds(found, *number)));
                Ok(holding.map(|(_, concept)| Entry::of_concept(bare(system), concept)).collect())
            }
            Known::Listed(_) => Err(Refusal::NoContent(system.to_owned())),
            Known::Grammar(grammar) if grammar.can_be_listed() => list_grammar(grammar, part, system),
            Known::Grammar(grammar) => Err(Refusal::NotListable(grammar.name().to_owned())),
            Known::Nothing => Err(Refusal::UnknownSystem(system.to_owned())),
        }
    }

    /// Takes the codes of a part away. What of it cannot be listed is asked code by code.
    fn exclude<'t>(&'t self, part: &'t Part, entries: &mut Vec<Entry<'t>>, way: &Way) -> Result<(), Refusal> {
        let mut kept = Vec::with_capacity(entries.len());
        for entry in entries.drain(..) {
            match self.all(part, entry.system, entry.code, way)? {
                Membership::In(_) => {}
                Membership::Out => kept.push(entry),
                Membership::Unknown => {
                    let system = part.system.as_deref().unwrap_or(entry.system);
                    return Err(Refusal::NoContent(system.to_owned()));
                }
            }
        }
        *entries = kept;
        Ok(())
    }
}

fn list_grammar<'t>(grammar: Grammar, part: &'t Part, system: &'t str) -> Result<Vec<Entry<'t>>, Refusal> {
    let mut entries = Vec::new();
    for (code, display) in grammar.listed() {
        let mut holds = true;
        for filter in &part.filters {
            let told = holds_of_code(filter, system, code);
            holds = holds && told.ok_or_else(|| Refusal::Filter(filter.value.to_string()))?;
        }
        if holds {
            entries.push(Entry { system, code, display, designations: &[], concept: None });
        }
    }
    Ok(entries)
}
