//! The language of scopes (SMART App Launch 2.2, "Scopes and Launch Context"): what an application asks for and is given.
//!
//! `patient/Observation.rs` names a level, a type or `*`, and letters of `cruds` in that order. The words of version 1
//! (`read`, `write`, `*`) are taken and mean the same letters. A scope with a search (`?category=…`) is refused.

use bianque_fhir::resource_types;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::policy::Action;
use crate::records::READ_ONLY;
use crate::{Error, ErrorKind};

/// Whose data a scope is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// That of the patient in context.
    Patient,
    /// What the user may see.
    User,
    /// What the application itself may see.
    System,
}

impl Level {
    /// As it is written.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::User => "user",
            Self::System => "system",
        }
    }
}

/// `cruds`, in the order in which they are written.
const LETTERS: [char; 5] = ['c', 'r', 'u', 'd', 's'];

/// Words besides resource scopes that mean something here.
pub(crate) const WORDS: [&str; 7] =
    ["openid", "fhirUser", "launch", "launch/patient", "launch/encounter", "offline_access", "online_access"];

/// One scope on resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceScope {
    /// Whose data.
    pub level: Level,
    /// The type; none: every type.
    pub resource_type: Option<String>,
    /// Letters of `cruds`.
    pub letters: BTreeSet<char>,
}

/// Scopes without order or repetition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    /// On resources.
    pub resources: Vec<ResourceScope>,
    /// Of [`WORDS`].
    pub words: BTreeSet<&'static str>,
}

impl ResourceScope {
    /// What both allow.
    fn meet(&self, other: &Self) -> Option<Self> {
        let resource_type = match (&self.resource_type, &other.resource_type) {
            (one, None) | (None, one) => one.clone(),
            (Some(one), Some(other)) if one == other => Some(one.clone()),
            _ => return None,
        };
        let letters: BTreeSet<char> = self.letters.intersection(&other.letters).copied().collect();
        (self.level == other.level && !letters.is_empty()).then_some(Self {
            resource_type,
            letters,
            level: self.level,
        })
    }

    /// Whether it is about a type. Who looked at whose data is in `*` for programs only.
    pub fn is_about(&self, resource_type: &str) -> bool {
        match &self.resource_type {
            Some(name) => name == resource_type,
            None => resource_type != READ_ONLY || self.level == Level::System,
        }
    }

    /// Whether it allows an action.
    pub fn allows(&self, action: Action) -> bool {
        self.letters.contains(&action.letter())
    }
}

impl fmt::Display for ResourceScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters: String = LETTERS.into_iter().filter(|letter| self.letters.contains(letter)).collect();
        write!(f, "{}/{}.{letters}", self.level.code(), self.resource_type.as_deref().unwrap_or("*"))
    }
}

impl FromStr for ResourceScope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (level, rest) = text.split_once('/').ok_or(())?;
        let level = [Level::Patient, Level::User, Level::System].into_iter().find(|one| one.code() == level);
        let (name, letters) = rest.split_once('.').ok_or(())?;
        let resource_type = match name {
            "*" => None,
            name if resource_types().contains(&name) => Some(name.to_owned()),
            _ => return Err(()),
        };
        Ok(Self { level: level.ok_or(())?, resource_type, letters: read_letters(letters).ok_or(())? })
    }
}

fn read_letters(text: &str) -> Option<BTreeSet<char>> {
    let text = match text {
        "read" => "rs",
        "write" => "cud",
        "*" => "cruds",
        text => text,
    };
    let mut known = LETTERS.into_iter();
    let ordered = !text.is_empty() && text.chars().all(|letter| known.any(|one| one == letter));
    ordered.then(|| text.chars().collect())
}

impl Scopes {
    /// Reads what an application asks for. What means nothing here is left out, as RFC 6749 (3.3) allows, for the answer
    /// says what was given; a search in a scope would widen it if it were left out, and is refused.
    pub fn asked(text: &str) -> Result<Self, Error> {
        let mut scopes = Self::default();
        for word in text.split_whitespace() {
            if word.contains('?') {
                return Err(invalid("scopes with a search are not supported"));
            }
            scopes.add(word);
        }
        Ok(scopes.tidied())
    }

    /// Reads what an administrator allows: every word must be known.
    pub fn allowed(text: &str) -> Result<Self, Error> {
        let mut scopes = Self::default();
        for word in text.split_whitespace() {
            if !scopes.add(word) {
                let message =
                    format!("{word:?} is not a scope such as patient/Observation.rs or launch/patient");
                return Err(Error::field("scope.invalid", "scopes", message));
            }
        }
        Ok(scopes.tidied())
    }

    fn add(&mut self, word: &str) -> bool {
        if let Some(known) = WORDS.into_iter().find(|known| *known == word) {
            self.words.insert(known);
            return true;
        }
        let scope = word.parse::<ResourceScope>().ok();
        let known = scope.is_some();
        self.resources.extend(scope);
        known
    }

    fn tidied(mut self) -> Self {
        self.resources.sort();
        self.resources.dedup();
        self
    }

    /// What of these is allowed.
    #[must_use]
    pub fn of(&self, allowed: &Self) -> Self {
        let both = self
            .resources
            .iter()
            .flat_map(|one| allowed.resources.iter().filter_map(|other| one.meet(other)));
        let words = self.words.intersection(&allowed.words).copied().collect();
        Self { resources: both.collect(), words }.tidied()
    }

    /// Whether all of these are within the others.
    pub fn are_within(&self, others: &Self) -> bool {
        self.words.is_subset(&others.words)
            && self
                .resources
                .iter()
                .all(|one| others.resources.iter().any(|other| one.meet(other).as_ref() == Some(one)))
    }

    /// Whether a word is among them.
    pub fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether some scope is of a level.
    pub fn reach(&self, level: Level) -> bool {
        self.resources.iter().any(|scope| scope.level == level)
    }

    /// Without scopes on resources of these levels.
    #[must_use]
    pub fn without(mut self, levels: &[Level]) -> Self {
        self.resources.retain(|scope| !levels.contains(&scope.level));
        self
    }

    /// What of these reads. For users applications read only: what people write has use cases of its own, and policy
    /// gives writing over FHIR to programs alone.
    #[must_use]
    pub fn reading(mut self) -> Self {
        for scope in &mut self.resources {
            scope.letters.retain(|letter| matches!(letter, 'r' | 's'));
        }
        self.resources.retain(|scope| !scope.letters.is_empty());
        self.tidied()
    }

    /// One text for each.
    pub fn texts(&self) -> Vec<String> {
        let words = self.words.iter().map(|&word| word.to_owned());
        words.chain(self.resources.iter().map(ToString::to_string)).collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts().join(" "))
    }
}

/// The scope that was asked for cannot be given.
pub(super) fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::Malformed, "oauth.invalid_scope", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Scopes {
        Scopes::asked(text).unwrap()
    }

    #[test]
    fn both_versions_are_read_and_the_second_is_written() {
        for (asked, written) in [
            ("patient/Observation.rs", "patient/Observation.rs"),
            ("patient/*.read", "patient/*.rs"),
            ("user/Patient.write", "user/Patient.cud"),
            ("system/*.*", "system/*.cruds"),
            ("launch/patient openid fhirUser", "fhirUser launch/patient openid"),
            ("patient/Observation.sr patient/Nothing.rs profile user/.r user/Patient.", ""),
        ] {
            assert_eq!(of(asked).to_string(), written, "{asked}");
        }
        assert_eq!(
            Scopes::asked("patient/Observation.rs?category=laboratory").unwrap_err().code,
            "oauth.invalid_scope"
        );
        for bad in ["patient/Observation.sr", "profile", "system/Patient.rs?x=y", "patient/Nothing.r"] {
            assert_eq!(Scopes::allowed(bad).unwrap_err().code, "scope.invalid", "{bad}");
        }
    }

    #[test]
    fn what_is_given_is_what_both_sides_say() {
        let allowed = of("launch patient/Observation.rs patient/Patient.r user/*.rs");
        assert_eq!(
            of("launch offline_access patient/*.cruds user/Condition.r system/*.rs").of(&allowed).to_string(),
            "launch patient/Observation.rs patient/Patient.r user/Condition.r"
        );
        assert!(of("patient/Observation.r launch").are_within(&allowed));
        for wider in
            ["patient/Observation.cr", "patient/*.rs", "openid", "user/Patient.u", "system/Patient.r"]
        {
            assert!(!of(wider).are_within(&allowed), "{wider}");
        }
    }
}
