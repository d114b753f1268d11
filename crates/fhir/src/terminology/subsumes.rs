//! How two codes of a system stand to each other (FHIR R4, CodeSystem `$subsumes`).

use super::Terminology;
use super::entry::Known;
use super::refusal::Refusal;

/// How a first code stands to a second (value set concept-subsumption-outcome).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subsumption {
    /// They are the same.
    Equivalent,
    /// The first is above the second.
    Subsumes,
    /// The first is below the second.
    SubsumedBy,
    /// Neither.
    NotSubsumed,
}

impl Subsumption {
    /// The code as FHIR writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Equivalent => "equivalent",
            Self::Subsumes => "subsumes",
            Self::SubsumedBy => "subsumed-by",
            Self::NotSubsumed => "not-subsumed",
        }
    }
}

impl Terminology {
    /// How two codes of a system stand to each other.
    pub fn subsumes(&self, system: &str, first: &str, second: &str) -> Result<Subsumption, Refusal> {
        if let Known::Grammar(grammar) = self.known(system, None) {
            let unknown =
                |code: &str| Refusal::UnknownCode { system: system.to_owned(), code: code.to_owned() };
            let codes = [first, second];
            return match codes.iter().find(|code| !grammar.has(code)) {
                Some(code) => Err(unknown(code)),
                None if first == second => Ok(Subsumption::Equivalent),
                None => Ok(Subsumption::NotSubsumed),
            };
        }
        let (found, first) = self.concept_of(system, first)?;
        let (_, second) = self.concept_of(system, second)?;
        Ok(match (found.is_a(second, first), found.is_a(first, second)) {
            _ if first == second => Subsumption::Equivalent,
            (true, _) => Subsumption::Subsumes,
            (_, true) => Subsumption::SubsumedBy,
            _ => Subsumption::NotSubsumed,
        })
    }
}
