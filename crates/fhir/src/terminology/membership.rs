//! Whether a code is of a value set (FHIR R4, ValueSet 4.9.5).
//!
//! It is when one include holds it and no exclude does. An include holds it when all its conditions do: system, listed
//! codes, filters, and each of the value sets named there. Nothing is listed on the way.

use super::Terminology;
use super::entry::{Entry, Known, bare};
use super::filter::{Test, holds_of_code};
use super::refusal::Refusal;
use super::set::{Part, Set};
use super::system::{Concept, Content};
use super::way::Way;

/// Whether a code is of a set.
#[derive(Debug, Clone, Copy)]
pub(super) enum Membership<'t> {
    In(Entry<'t>),
    Out,
    /// What would have to be known is not.
    Unknown,
}

impl Terminology {
    /// Whether a code is of a set.
    pub(super) fn membership<'t>(
        &'t self,
        set: &'t Set,
        system: &'t str,
        code: &'t str,
    ) -> Result<Membership<'t>, Refusal> {
        self.member(set, system, code, &Way::default())
    }

    pub(super) fn member<'t>(
        &'t self,
        set: &'t Set,
        system: &'t str,
        code: &'t str,
        way: &Way,
    ) -> Result<Membership<'t>, Refusal> {
        way.enter(set)?;
        let found = self.any(&set.include, system, code, way)?;
        let Membership::In(entry) = found else { return Ok(found) };
        if set.active_only && entry.concept.is_some_and(Concept::is_inactive) {
            return Ok(Membership::Out);
        }
        Ok(match self.any(&set.exclude, system, code, way)? {
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
        way: &Way,
    ) -> Result<Membership<'t>, Refusal> {
        let mut all = Membership::Out;
        way.walk(parts.len())?;
        for part in parts {
            match self.all(part, system, code, way)? {
                Membership::Out => {}
                Membership::Unknown => all = Membership::Unknown,
                found @ Membership::In(_) => return Ok(found),
            }
        }
        Ok(all)
    }

    /// Whether all conditions of a part hold.
    pub(super) fn all<'t>(
        &'t self,
        part: &'t Part,
        system: &'t str,
        code: &'t str,
        way: &Way,
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
            let inner = self.member(set, system, code, &way.deeper())?;
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
            let listed = part.listed(code);
            let listed = listed.map(|listed| Entry::of_listed(system, listed, &known));
            return Ok(Some(listed.map_or(Membership::Out, Membership::In)));
        }
        Ok(Some(match known {
            Known::Listed(found) => match found.number(code) {
                Some(number) => {
                    let mut holds = true;
                    for filter in &part.filters {
                        holds = holds && Test::read(filter, found)?.holds(found, number);
                    }
                    let entry = Entry::of_concept(system, found.at(number));
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
}

/// Whether the system of an include, which may have its version behind a `|`, is this one.
fn same_system(own: &str, system: &str) -> bool {
    own == system || bare(own) == system
}
