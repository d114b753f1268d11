//! Whether a code is one (FHIR R4, `$validate-code` of ValueSet and CodeSystem).

use serde_json::{Value, json};

use super::entry::{Entry, Known};
use super::expand::in_language;
use super::membership::Membership;
use super::refusal::Refusal;
use super::set::Set;
use super::system::{Content, Designation};
use super::{Terminology, resource};

/// A code as a record holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coding {
    /// URL of its code system.
    pub system: Option<String>,
    /// The version of that.
    pub version: Option<String>,
    /// The code.
    pub code: String,
    /// What it is called there.
    pub display: Option<String>,
}

/// The answer about a code, or about several of which one must do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is one, and is called as it says.
    pub valid: bool,
    /// Why not, for a person.
    pub message: Option<String>,
    /// What it is called.
    pub display: Option<String>,
    /// The system it was found in, where the question named none.
    pub system: Option<String>,
}

impl Coding {
    /// From a Coding; none when it has no code.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let code = text("code")?;
        Some(Self { system: text("system"), version: text("version"), code, display: text("display") })
    }
}

impl Verdict {
    fn refused(message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..Self::default() }
    }

    /// As Parameters.
    pub fn parameters(&self) -> Value {
        let mut parameters = vec![json!({"name": "result", "valueBoolean": self.valid})];
        let texts = [("message", "valueString", &self.message), ("display", "valueString", &self.display)];
        for (name, value, text) in texts {
            if let Some(text) = text {
                parameters.push(json!({"name": name, value: text}));
            }
        }
        if let Some(system) = &self.system {
            parameters.push(json!({"name": "system", "valueUri": system}));
        }
        json!({"resourceType": "Parameters", "parameter": parameters})
    }
}

/// What is asked beside the code.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lenience<'a> {
    /// Whether codes count that only group others.
    pub abstract_codes: bool,
    /// The language of the display that is answered.
    pub language: Option<&'a str>,
}

impl Terminology {
    /// Whether one of these codes is of the value set of a URL.
    pub fn validate_in_set(
        &self,
        url: &str,
        codings: &[Coding],
        lenience: Lenience<'_>,
    ) -> Result<Verdict, Refusal> {
        self.in_set(self.set(url)?, codings, lenience)
    }

    /// Whether one of these codes is of a value set that is given as a resource.
    pub fn validate_in_resource(
        &self,
        value_set: &Value,
        codings: &[Coding],
        lenience: Lenience<'_>,
    ) -> Result<Verdict, Refusal> {
        self.in_set(&resource::set(value_set), codings, lenience)
    }

    /// Whether a code is one of its system; its system must be named.
    pub fn validate_in_system(&self, coding: &Coding, lenience: Lenience<'_>) -> Verdict {
        let Some(url) = coding.system.as_deref() else {
            return Verdict::refused("a code without its code system says nothing");
        };
        let unknown = |refusal: Refusal| Verdict::refused(refusal.to_string());
        match self.known(url, coding.version.as_deref()) {
            Known::Nothing => unknown(match (&coding.version, self.known(url, None)) {
                (Some(version), Known::Listed(_)) => Refusal::UnknownSystem(format!("{url}|{version}")),
                _ => Refusal::UnknownSystem(url.to_owned()),
            }),
            Known::Grammar(grammar) if grammar.has(&coding.code) => {
                let display = grammar.display(&coding.code).unwrap_or_default();
                let entry =
                    Entry { system: url, code: &coding.code, display, designations: &[], concept: None };
                judge(entry, coding, lenience)
            }
            Known::Listed(system) if system.concept(&coding.code).is_some() => {
                let Some(concept) = system.concept(&coding.code) else { return Verdict::default() };
                judge(Entry::of_concept(url, concept), coding, lenience)
            }
            Known::Listed(system) if system.content == Content::Partial => {
                unknown(Refusal::NoContent(url.to_owned()))
            }
            _ => unknown(Refusal::UnknownCode { system: url.to_owned(), code: short(&coding.code) }),
        }
    }

    /// What is wrong with the display of a code that is known; none when nothing is.
    pub(crate) fn misnamed(&self, coding: &Coding) -> Option<String> {
        let system = self.system(coding.system.as_deref()?, coding.version.as_deref())?;
        let concept = system.concept(&coding.code)?;
        let verdict = judge(
            Entry::of_concept(&system.url, concept),
            coding,
            Lenience { abstract_codes: true, language: None },
        );
        verdict.message
    }

    fn in_set(&self, set: &Set, codings: &[Coding], lenience: Lenience<'_>) -> Result<Verdict, Refusal> {
        let mut worst = None;
        for coding in codings {
            let verdict = self.one_in_set(set, coding, lenience)?;
            if verdict.valid {
                return Ok(verdict);
            }
            worst.get_or_insert(verdict);
        }
        Ok(worst.unwrap_or_else(|| Verdict::refused("there is no code")))
    }

    fn one_in_set(&self, set: &Set, coding: &Coding, lenience: Lenience<'_>) -> Result<Verdict, Refusal> {
        let Some(system) = coding.system.as_deref() else { return self.infer(set, coding, lenience) };
        Ok(match self.membership(set, system, &coding.code)? {
            Membership::In(entry) => judge(entry, coding, lenience),
            Membership::Unknown => Verdict::refused(format!(
                "whether {:?} of {system} is of the value set {} cannot be told here: its concepts are not on this server",
                short(&coding.code),
                set.url
            )),
            Membership::Out => {
                let of_system =
                    self.validate_in_system(&Coding { display: None, ..coding.clone() }, lenience);
                let why = match of_system.message {
                    Some(why) if !of_system.valid => format!(": {why}"),
                    _ => String::new(),
                };
                let code = short(&coding.code);
                Verdict::refused(format!("{code:?} of {system} is not of the value set {}{why}", set.url))
            }
        })
    }

    /// A code without a system: the one system of the set that has it.
    fn infer(&self, set: &Set, coding: &Coding, lenience: Lenience<'_>) -> Result<Verdict, Refusal> {
        let mut found = None;
        for system in self.systems_of(set)? {
            let named = Coding { system: Some(system.to_owned()), ..coding.clone() };
            let verdict = self.one_in_set(set, &named, lenience)?;
            let is_there = verdict.display.is_some();
            match found {
                Some(_) if is_there => {
                    return Ok(Verdict::refused(format!(
                        "{:?} is a code of several code systems of the value set {}: name one",
                        short(&coding.code),
                        set.url
                    )));
                }
                None if is_there => found = Some(Verdict { system: Some(system.to_owned()), ..verdict }),
                _ => {}
            }
        }
        let none = || format!("{:?} is not of the value set {}", short(&coding.code), set.url);
        Ok(found.unwrap_or_else(|| Verdict::refused(none())))
    }
}

/// A code that was found: whether it may be used, and is called as it says.
fn judge(entry: Entry<'_>, coding: &Coding, lenience: Lenience<'_>) -> Verdict {
    let display = in_language(entry.designations, lenience.language).unwrap_or(entry.display);
    let display = if display.is_empty() { entry.code } else { display }.to_owned();
    if !lenience.abstract_codes && entry.concept.is_some_and(|concept| !concept.selectable) {
        let message = format!("{:?} groups other codes and is not to be used itself", short(entry.code));
        return Verdict { display: Some(display), ..Verdict::refused(message) };
    }
    if let Some(stated) = &coding.display
        && !is_called(&entry, stated)
    {
        let message = format!(
            "{:?} of {} is called {display:?}, not {:?}",
            short(entry.code),
            entry.system,
            short(stated)
        );
        return Verdict { display: Some(display), ..Verdict::refused(message) };
    }
    Verdict { valid: true, message: None, display: Some(display), system: None }
}

/// Whether a code is called so, in any language; without regard to case and blanks. A code without a display may be
/// called anything.
fn is_called(entry: &Entry<'_>, stated: &str) -> bool {
    let of_system = entry.concept.map(|concept| (&*concept.display, concept.designations.as_slice()));
    let (system_display, system_designations) = of_system.unwrap_or_default();
    let displays = [entry.display, system_display];
    if displays.iter().all(|display| display.is_empty()) {
        return true;
    }
    let designations = entry.designations.iter().chain(system_designations);
    let mut names = displays.into_iter().chain(designations.map(|Designation { value, .. }| &**value));
    names.any(|name| same_words(name, stated))
}

fn same_words(one: &str, other: &str) -> bool {
    one.to_lowercase().split_whitespace().eq(other.to_lowercase().split_whitespace())
}

/// What a message repeats of the input.
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}
