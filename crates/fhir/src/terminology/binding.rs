//! Required bindings: what elements are bound to, ready to be asked at every write.

use super::membership::Membership;
use super::refusal::Refusal;
use super::set::Set;
use super::{LISTED, Terminology};

/// Where most value sets of R4 are.
const FHIR_SETS: &str = "http://hl7.org/fhir/ValueSet/";

/// A value set that elements are bound to, of those that are embedded.
#[derive(Debug)]
pub(crate) struct Bound(Codes);

#[derive(Debug)]
enum Codes {
    /// All its codes, sorted, by system.
    Listed(Vec<(&'static str, Vec<&'static str>)>),
    /// Its codes are told one by one.
    Asked(&'static Set),
}

/// The value set of a binding, by its URL or by what follows `http://hl7.org/fhir/ValueSet/` in it; none when it is not
/// embedded.
pub(crate) fn bound(name: &str) -> Option<Bound> {
    let embedded = Terminology::embedded();
    let set =
        if name.contains("://") { embedded.set(name) } else { embedded.set(&format!("{FHIR_SETS}{name}")) };
    let set = set.ok()?;
    Some(Bound(listed(embedded, set).map_or(Codes::Asked(set), Codes::Listed)))
}

fn listed(
    embedded: &'static Terminology,
    set: &'static Set,
) -> Result<Vec<(&'static str, Vec<&'static str>)>, Refusal> {
    let entries = embedded.list(set)?;
    if entries.len() > LISTED {
        return Err(Refusal::TooCostly { limit: LISTED });
    }
    let mut systems: Vec<(&str, Vec<&str>)> = Vec::new();
    for entry in entries {
        match systems.iter_mut().find(|(system, _)| *system == entry.system) {
            Some((_, codes)) => codes.push(entry.code),
            None => systems.push((entry.system, vec![entry.code])),
        }
    }
    for (_, codes) in &mut systems {
        codes.sort_unstable();
    }
    Ok(systems)
}

impl Bound {
    /// Whether some system of the set has the code. What cannot be told is let through.
    pub(crate) fn has(&self, code: &str) -> bool {
        match &self.0 {
            Codes::Listed(systems) => systems.iter().any(|(_, codes)| codes.binary_search(&code).is_ok()),
            Codes::Asked(set) => {
                let parts = set.include.iter();
                let systems = parts.filter_map(|part| part.system.as_deref());
                let mut systems = systems.peekable();
                systems.peek().is_none() || systems.any(|system| asked(set, system, code))
            }
        }
    }

    /// Whether the set has this code of this system. What cannot be told is let through.
    pub(crate) fn has_in(&self, system: &str, code: &str) -> bool {
        match &self.0 {
            Codes::Listed(systems) => {
                systems.iter().any(|(name, codes)| *name == system && codes.binary_search(&code).is_ok())
            }
            Codes::Asked(set) => asked(set, system, code),
        }
    }

    /// Its codes of a system, all or one, where they are listed.
    pub(crate) fn of_system(&self, system: &str, code: Option<&str>) -> Vec<&'static str> {
        let Codes::Listed(systems) = &self.0 else { return Vec::new() };
        let codes = systems.iter().filter(|(name, _)| *name == system).flat_map(|(_, codes)| codes);
        codes.copied().filter(|own| code.is_none_or(|code| code == *own)).collect()
    }

    /// What the set takes, to name in a message: some of its codes, or the rule they follow.
    pub(crate) fn some(&self) -> String {
        match &self.0 {
            Codes::Listed(systems) => {
                let codes = systems.iter().flat_map(|(_, codes)| codes.iter().copied());
                let some: Vec<&str> = codes.take(12).collect();
                format!("{}, …", some.join(", "))
            }
            Codes::Asked(set) => set.url.to_string(),
        }
    }
}

fn asked(set: &'static Set, system: &str, code: &str) -> bool {
    let told = Terminology::embedded().membership(set, system, code);
    !matches!(told, Ok(Membership::Out))
}
