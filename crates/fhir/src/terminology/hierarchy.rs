//! Codes as searches and paths need them: of a set, above and below another, in a set.

use super::membership::Membership;
use super::refusal::Refusal;
use super::system::{Content, System};
use super::{Coding, LISTED, Terminology};

impl Terminology {
    /// The codes of a value set as pairs of system and code, at most [`LISTED`].
    pub fn codes_in(&self, value_set: &str) -> Result<Vec<(String, String)>, Refusal> {
        let entries = self.list(self.set(value_set)?)?;
        if entries.len() > LISTED {
            return Err(Refusal::TooCostly { limit: LISTED });
        }
        Ok(entries.iter().map(|entry| (entry.system.to_owned(), entry.code.to_owned())).collect())
    }

    /// Whether one of these codes is of a value set. None when that cannot be told, because what the set takes from is
    /// not here. A code without a system is of no set.
    pub fn member_of(&self, value_set: &str, codings: &[Coding]) -> Result<Option<bool>, Refusal> {
        let set = self.set(value_set)?;
        let mut told = Some(false);
        for coding in codings {
            let Some(system) = &coding.system else { continue };
            match self.membership(set, system, &coding.code)? {
                Membership::In(_) => return Ok(Some(true)),
                Membership::Out => {}
                Membership::Unknown => told = None,
            }
        }
        Ok(told)
    }

    /// The codes below a code, at most [`LISTED`], nearest first; without itself.
    pub fn descendants(&self, system: &str, code: &str) -> Result<Vec<String>, Refusal> {
        let (system, number) = self.concept_of(system, code)?;
        bounded(system, system.descendants(number))
    }

    /// The codes above a code, nearest first; without itself.
    pub fn ancestors(&self, system: &str, code: &str) -> Result<Vec<String>, Refusal> {
        let (system, number) = self.concept_of(system, code)?;
        bounded(system, system.ancestors(number))
    }

    /// A code system that is here, and the number of a code of it.
    pub(super) fn concept_of(&self, url: &str, code: &str) -> Result<(&System, u32), Refusal> {
        let system = self.system(url, None).ok_or_else(|| Refusal::UnknownSystem(url.to_owned()))?;
        let number = system.number(code);
        let unknown = || match system.content {
            Content::Complete => Refusal::UnknownCode { system: url.to_owned(), code: code.to_owned() },
            Content::Partial => Refusal::NoContent(url.to_owned()),
        };
        number.map(|number| (system, number)).ok_or_else(unknown)
    }
}

fn bounded(system: &System, numbers: Vec<u32>) -> Result<Vec<String>, Refusal> {
    if numbers.len() > LISTED {
        return Err(Refusal::TooCostly { limit: LISTED });
    }
    Ok(numbers.into_iter().map(|number| system.at(number).code.to_string()).collect())
}
