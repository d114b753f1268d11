//! What a value set holds (FHIR R4, ValueSet 4.9.5): whether one code is of it, and all its codes.
//!
//! A code is of a set when one include holds it and no exclude does. An include holds it when all its conditions do:
//! system, listed codes, filters, and each of the value sets named there.

use std::collections::HashSet;

use super::Terminology;
use super::filter::{Test, holds_of_code};
use super::grammar::Grammar;
use super::refusal::Refusal;
use super::set::{Part, Set};
use super::system::{Concept, Content, Designation, System};

/// Value sets that take from others are followed this deep.
const DEPTH: u32 = 16;
/// Concepts looked at for one answer.
const LOOKED_AT: usize = 1_000_000;

/// A code of a set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'t> {
    pub(super) system: &'t str,
    pub(super) code: &'t str,
    /// As the set lists it, or else the system; empty where neither does.
    pub(super) display: &'t str,
    pub(super) designations: &'t [Designation],
    /// Of the code system, where that is here.
    pub(super) concept: Option<&'t Concept>,
}

/// Whether a code is of a set.
#[derive(Debug, Clone, Copy)]
pub(super) enum Membership<'t> {
    In(Entry<'t>),
    Out,
    /// What would have to be known is not.
    Unknown,
}

/// What is known of a code system.
pub(super) enum Known<'t> {
    Listed(&'t System),
    Grammar(Grammar),
    Nothing,
}

impl Terminology {
    pub(super) fn known(&self, url: &str, version: Option<&str>) -> Known<'_> {
        match (self.system(url, version), Grammar::of(url)) {
            (Some(system), _) => Known::Listed(system),
            (None, Some(grammar)) => Known::Grammar(grammar),
            (None, None) => Known::Nothing,
        }
    }

    /// Whether a code is of a set.
    pub(super) fn membership<'t>(
        &'t self,
        set: &'t Set,
        system: &'t str,
        code: &'t str,
    ) -> Result<Membership<'t>, Refusal> {
        self.member(set, system, code, 0)
    }

    fn member<'t>(
        &'t self,
        set: &'t Set,
        system: &'t str,
        code: &'t str,
        depth: u32,
    ) -> Result<Membership<'t>, Refusal> {
        if depth > DEPTH {
            return Err(Refusal::Nesting(set.url.to_string()));
        }
        let found = self.any(&set.include, system, code, depth)?;
        let Membership::In(entry) = found else { return Ok(found) };
        if set.active_only && entry.concept.is_some_and(Concept::is_inactive) {
            return Ok(Membership::Out);
        }
        Ok(match self.any(&set.exclude, system, code, depth)? {
            Membership::In(_) => Membership::Out,
            Membership::Out => found,
            Membership::Unknown => Membership::Unknown,
        })
    }

    fn any<'t>(
        &'t self,
        parts: &'t [Part],
        system: &'t str,
        code: &'t str,
        depth: u32,
    ) -> Result<Membership<'t>, Refusal> {
        let mut all = Membership::Out;
        for part in parts {
            match self.all(part, system, code, depth)? {
                Membership::Out => {}
                Membership::Unknown => all = Membership::Unknown,
                found @ Membership::In(_) => return Ok(found),
            }
        }
        Ok(all)
    }

    /// Whether all conditions of a part hold.
    fn all<'t>(
        &'t self,
        part: &'t Part,
        system: &'t str,
        code: &'t str,
        depth: u32,
    ) -> Result<Membership<'t>, Refusal> {
        let mut found = match &part.system {
            Some(own) if !same_system(own, system) => return Ok(Membership::Out),
            Some(_) => self.of_system(part, system, code)?,
            None if part.sets.is_empty() => return Ok(Membership::Out),
            None => None,
        };
        for url in &part.sets {
            if matches!(found, Some(Membership::Out)) {
                return Ok(Membership::Out);
            }
            let Ok(set) = self.set(url) else {
                found = Some(Membership::Unknown);
                continue;
            };
            let inner = self.member(set, system, code, depth + 1)?;
            found = Some(match (found, inner) {
                (_, Membership::Out) => Membership::Out,
                (Some(Membership::Unknown), _) | (_, Membership::Unknown) => Membership::Unknown,
                (Some(outer), _) => outer,
                (None, inner) => inner,
            });
        }
        Ok(found.unwrap_or(Membership::Out))
    }

    fn of_system<'t>(
        &'t self,
        part: &'t Part,
        system: &'t str,
        code: &'t str,
    ) -> Result<Option<Membership<'t>>, Refusal> {
        let known = self.known_of(part);
        if !part.concepts.is_empty() {
            let listed = part.concepts.iter().find(|listed| listed.code == code);
            let listed = listed.map(|listed| entry_of_listed(system, listed, &known));
            return Ok(Some(listed.map_or(Membership::Out, Membership::In)));
        }
        Ok(Some(match known {
            Known::Listed(found) => match found.number(code) {
                Some(number) => {
                    let mut holds = true;
                    for filter in &part.filters {
                        holds = holds && Test::read(filter, found)?.holds(found, number);
                    }
                    let entry = entry(system, found.at(number));
                    if holds { Membership::In(entry) } else { Membership::Out }
                }
                None if found.content == Content::Partial => Membership::Unknown,
                None => Membership::Out,
            },
            Known::Grammar(grammar) if !grammar.has(code) => Membership::Out,
            Known::Grammar(grammar) => {
                let mut holds = part.filters.iter().map(|filter| holds_of_code(filter, system, code));
                let display = grammar.display(code).unwrap_or_default();
                let entry = Entry { system, code, display, designations: &[], concept: None };
                match holds.try_fold(true, |all, one| Some(all && one?)) {
                    Some(true) => Membership::In(entry),
                    Some(false) => Membership::Out,
                    None => Membership::Unknown,
                }
            }
            Known::Nothing => Membership::Unknown,
        }))
    }

    /// All codes of a set, in its order, each once.
    pub(super) fn list<'t>(&'t self, set: &'t Set) -> Result<Vec<Entry<'t>>, Refusal> {
        self.list_at(set, 0)
    }

    fn list_at<'t>(&'t self, set: &'t Set, depth: u32) -> Result<Vec<Entry<'t>>, Refusal> {
        if depth > DEPTH {
            return Err(Refusal::Nesting(set.url.to_string()));
        }
        let mut seen: HashSet<(&str, &str)> = HashSet::new();
        let mut entries = Vec::new();
        for part in &set.include {
            for entry in self.list_part(part, depth)? {
                if seen.insert((entry.system, entry.code)) {
                    entries.push(entry);
                }
            }
            if entries.len() > LOOKED_AT {
                return Err(Refusal::TooCostly { limit: LOOKED_AT });
            }
        }
        if set.active_only {
            entries.retain(|entry| !entry.concept.is_some_and(Concept::is_inactive));
        }
        for part in &set.exclude {
            self.exclude(part, &mut entries, depth)?;
        }
        Ok(entries)
    }

    fn list_part<'t>(&'t self, part: &'t Part, depth: u32) -> Result<Vec<Entry<'t>>, Refusal> {
        let mut sets = part.sets.iter();
        let mut entries = match &part.system {
            Some(system) => self.list_system(part, system)?,
            None => match sets.next() {
                Some(url) => self.list_at(self.set(url)?, depth + 1)?,
                None => Vec::new(),
            },
        };
        for url in sets {
            let set = self.set(url)?;
            let mut kept = Vec::with_capacity(entries.len());
            for entry in entries {
                match self.member(set, entry.system, entry.code, depth + 1)? {
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
            return Ok(part.concepts.iter().map(|listed| entry_of_listed(system, listed, &known)).collect());
        }
        match known {
            Known::Listed(found) if found.content == Content::Complete => {
                let tests: Result<Vec<Test<'_>>, Refusal> =
                    part.filters.iter().map(|filter| Test::read(filter, found)).collect();
                let tests = tests?;
                let holding = found
                    .concepts()
                    .filter(|(number, _)| tests.iter().all(|test| test.holds(found, *number)));
                Ok(holding.map(|(_, concept)| entry(bare(system), concept)).collect())
            }
            Known::Listed(_) => Err(Refusal::NoContent(system.to_owned())),
            Known::Grammar(grammar) if grammar.can_be_listed() => list_grammar(grammar, part, system),
            Known::Grammar(grammar) => Err(Refusal::NotListable(grammar.name().to_owned())),
            Known::Nothing => Err(Refusal::UnknownSystem(system.to_owned())),
        }
    }

    /// Takes the codes of a part away. What of it cannot be listed is asked code by code.
    fn exclude<'t>(
        &'t self,
        part: &'t Part,
        entries: &mut Vec<Entry<'t>>,
        depth: u32,
    ) -> Result<(), Refusal> {
        let mut kept = Vec::with_capacity(entries.len());
        for entry in entries.drain(..) {
            match self.all(part, entry.system, entry.code, depth)? {
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

    fn known_of(&self, part: &Part) -> Known<'_> {
        let system = part.system.as_deref().unwrap_or_default();
        match self.known(system, part.version.as_deref()) {
            // The version that a set names may not be here; the codes of another are better than none.
            Known::Nothing => self.known(bare(system), None),
            known => known,
        }
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

fn entry<'t>(system: &'t str, concept: &'t Concept) -> Entry<'t> {
    Entry {
        system,
        code: &concept.code,
        display: &concept.display,
        designations: &concept.designations,
        concept: Some(concept),
    }
}

fn entry_of_listed<'t>(system: &'t str, listed: &'t super::set::Listed, known: &Known<'t>) -> Entry<'t> {
    let concept = match known {
        Known::Listed(found) => found.concept(&listed.code),
        _ => None,
    };
    let display = match known {
        _ if !listed.display.is_empty() => &listed.display,
        Known::Grammar(grammar) => grammar.display(&listed.code).unwrap_or_default(),
        _ => concept.map_or("", |concept| &concept.display),
    };
    let designations = match concept {
        Some(concept) if listed.designations.is_empty() => &concept.designations,
        _ => &listed.designations,
    };
    Entry { system: bare(system), code: &listed.code, display, designations, concept }
}

/// Whether the system of an include, which may have its version behind a `|`, is this one.
fn same_system(own: &str, system: &str) -> bool {
    own == system || bare(own) == system
}

fn bare(system: &str) -> &str {
    system.split_once('|').map_or(system, |(url, _)| url)
}
