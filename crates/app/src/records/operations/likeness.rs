//! How alike a patient is to a description of one, in hundredths. The weights stand in `docs/conformance.md`.

use std::collections::BTreeSet;

use bianque_query::{fold, name_keys};
use serde_json::Value;

use crate::records::identity;

/// Names, and contacts, of one description that are looked at.
const LOOKED_AT: usize = 8;
/// Digits by which telephone numbers are compared, from the end: country codes are written or not.
const DIGITS: usize = 8;

const IDENTIFIER: i32 = 100;
/// An identifier that is shared while the birth date is another: somebody mistyped one of them.
const IDENTIFIER_IN_DOUBT: i32 = 75;
const NAME: i32 = 40;
const NAME_IN_PART: i32 = 15;
const BIRTH_DATE: i32 = 30;
const BIRTH_DATE_TURNED: i32 = 15;
const BIRTH_DATE_IN_PART: i32 = 10;
const CONTACT: i32 = 20;
const GENDER: i32 = 5;
const POSTAL_CODE: i32 = 5;
const OTHER_BIRTH_DATE: i32 = -25;
const OTHER_GENDER: i32 = -10;
const OTHER_IDENTIFIER: i32 = -20;
/// Without an identifier nothing is certain.
const UNCERTAIN: i32 = 94;
pub(crate) const PROBABLE: i32 = 70;
const POSSIBLE: i32 = 40;

/// How alike, in hundredths from 40 to 100; what is less alike is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Likeness {
    pub(crate) hundredths: i32,
}

impl Likeness {
    /// From 0 to 1.
    pub(crate) fn score(self) -> f64 {
        f64::from(self.hundredths) / 100.0
    }

    /// A code of FHIR's `match-grade`.
    pub(crate) const fn grade(self) -> &'static str {
        match self.hundredths {
            95.. => "certain",
            PROBABLE..95 => "probable",
            _ => "possible",
        }
    }

    pub(crate) const fn is_certain(self) -> bool {
        self.hundredths > UNCERTAIN
    }
}

/// How one part of two descriptions stands to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Agreement {
    /// They agree.
    Same,
    /// They agree in a part: one of two names, the year of birth.
    Partly,
    /// Both say something else.
    Different,
    /// One of them says nothing.
    Unknown,
}

/// What a patient is known by.
#[derive(Debug, Default)]
pub(crate) struct Description {
    identifiers: BTreeSet<(String, String)>,
    /// Folded names, each in the orders it is written in.
    names: Vec<String>,
    birth_date: Option<String>,
    gender: Option<String>,
    /// `phone` with digits, `email` in lower case, and the text as it was written.
    contacts: Vec<(&'static str, String, String)>,
    postal_codes: BTreeSet<String>,
}

impl Description {
    pub(crate) fn of(patient: &Value) -> Self {
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let list = |name: &str| patient[name].as_array().into_iter().flatten().take(LOOKED_AT);
        let mut names: Vec<String> = list("name").flat_map(written).map(|name| fold(&name)).collect();
        names.retain(|name| !name.is_empty());
        names.dedup();
        Self {
            identifiers: identity::authorities(patient),
            names,
            birth_date: text(&patient["birthDate"]),
            gender: text(&patient["gender"]),
            contacts: list("telecom").filter_map(contact).collect(),
            postal_codes: list("address").filter_map(|address| text(&address["postalCode"])).collect(),
        }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(crate) fn birth_date(&self) -> Option<&str> {
        self.birth_date.as_deref()
    }

    /// Search parameters and values that contacts are found by.
    pub(crate) fn contacts(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.contacts
            .iter()
            .flat_map(|(kind, bare, written)| [(*kind, bare.clone()), (*kind, written.clone())])
    }

    /// Whether both have an identifier that the same authority gave to both.
    pub(crate) fn shares_identifier(&self, other: &Self) -> bool {
        !self.identifiers.is_disjoint(&other.identifiers)
    }

    /// In what the two agree and in what they differ, part by part.
    pub(crate) fn agreement(&self, other: &Self) -> [(&'static str, Agreement); 6] {
        let any = |same: bool, both: bool| match (same, both) {
            (true, _) => Agreement::Same,
            (false, true) => Agreement::Different,
            (false, false) => Agreement::Unknown,
        };
        let weighed = |weight: i32, whole: i32, both: bool| match weight {
            _ if weight == whole => Agreement::Same,
            1.. => Agreement::Partly,
            _ => any(false, both),
        };
        let (own, others) = (self.authorities(), other.authorities());
        let postal_codes = !self.postal_codes.is_empty() && !other.postal_codes.is_empty();
        let known = |sex: &Option<String>| sex.as_deref().is_some_and(|sex| sex != "unknown");
        [
            ("identifier", any(self.shares_identifier(other), !own.is_disjoint(&others))),
            ("name", weighed(self.by_name(other), NAME, !self.names.is_empty() && !other.names.is_empty())),
            (
                "birth_date",
                weighed(
                    self.by_birth_date(other),
                    BIRTH_DATE,
                    self.birth_date.is_some() && other.birth_date.is_some(),
                ),
            ),
            ("sex", weighed(self.by_gender(other), GENDER, known(&self.gender) && known(&other.gender))),
            (
                "contact",
                any(self.shares_contact(other), !self.contacts.is_empty() && !other.contacts.is_empty()),
            ),
            ("postal_code", any(!self.postal_codes.is_disjoint(&other.postal_codes), postal_codes)),
        ]
    }

    fn authorities(&self) -> BTreeSet<&str> {
        self.identifiers.iter().map(|(system, _)| system.as_str()).collect()
    }

    /// How alike a patient is to this; none when not enough to be told.
    pub(crate) fn likeness(&self, patient: &Value) -> Option<Likeness> {
        let other = Self::of(patient);
        let birth_date = self.by_birth_date(&other);
        let hundredths = if self.shares_identifier(&other) {
            if birth_date < 0 { IDENTIFIER_IN_DOUBT } else { IDENTIFIER }
        } else {
            let contradicts = !self.authorities().is_disjoint(&other.authorities());
            let postal_code = !self.postal_codes.is_disjoint(&other.postal_codes);
            let sum = self.by_name(&other)
                + birth_date
                + self.by_gender(&other)
                + if self.shares_contact(&other) { CONTACT } else { 0 }
                + if postal_code { POSTAL_CODE } else { 0 }
                + if contradicts { OTHER_IDENTIFIER } else { 0 };
            sum.min(UNCERTAIN)
        };
        (hundredths >= POSSIBLE).then_some(Likeness { hundredths })
    }

    /// The same name, in whatever order or script it is typed, or a part of it.
    fn by_name(&self, other: &Self) -> i32 {
        if self.names.iter().any(|name| other.names.contains(name)) {
            return NAME;
        }
        let keys = |of: &Self| of.names.iter().flat_map(|name| name_keys(name)).collect::<BTreeSet<_>>();
        let (own, others) = (keys(self), keys(other));
        let found = self
            .names
            .iter()
            .filter(|name| others.contains(*name))
            .chain(other.names.iter().filter(|name| own.contains(*name)));
        // Of a Chinese name two characters are all of it.
        let is_han = |c: char| ('\u{3400}'..='\u{9fff}').contains(&c);
        let whole = |name: &&String| name.contains(' ') || name.chars().filter(|c| is_han(*c)).count() > 1;
        let mut found = found.peekable();
        if found.peek().is_none() {
            let words =
                |of: &Self| of.names.iter().flat_map(|name| name.split(' ')).map(str::to_owned).collect();
            let (own, others): (BTreeSet<String>, BTreeSet<String>) = (words(self), words(other));
            let shared = own.intersection(&others).any(|word| word.chars().count() > 1);
            return if shared { NAME_IN_PART } else { 0 };
        }
        if found.any(|name| whole(&name)) { NAME } else { NAME_IN_PART }
    }

    fn by_birth_date(&self, other: &Self) -> i32 {
        let (Some(one), Some(other)) = (&self.birth_date, &other.birth_date) else { return 0 };
        if one == other {
            return if one.len() == 10 { BIRTH_DATE } else { BIRTH_DATE_IN_PART };
        }
        if one.starts_with(other.as_str()) || other.starts_with(one.as_str()) {
            return BIRTH_DATE_IN_PART;
        }
        let parts = |date: &str| date.split('-').map(str::to_owned).collect::<Vec<_>>();
        match (parts(one).as_slice(), parts(other).as_slice()) {
            ([year, month, day], [other_year, other_month, other_day])
                if year == other_year && month == other_day && day == other_month =>
            {
                BIRTH_DATE_TURNED
            }
            _ => OTHER_BIRTH_DATE,
        }
    }

    fn by_gender(&self, other: &Self) -> i32 {
        match (self.gender.as_deref(), other.gender.as_deref()) {
            (Some(one), Some(other)) if one == other && one != "unknown" => GENDER,
            (Some("female"), Some("male")) | (Some("male"), Some("female")) => OTHER_GENDER,
            _ => 0,
        }
    }

    fn shares_contact(&self, other: &Self) -> bool {
        self.contacts.iter().any(|(kind, bare, _)| {
            other.contacts.iter().any(|(other_kind, other_bare, _)| {
                kind == other_kind
                    && (bare == other_bare || (*kind == "phone" && ends_alike(bare, other_bare)))
            })
        })
    }
}

/// The ways a name is written: its text, and its parts in either order.
fn written(name: &Value) -> Vec<String> {
    let given = name["given"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let given = given.collect::<Vec<_>>().join(" ");
    let family = name["family"].as_str().unwrap_or_default();
    let mut ways: Vec<String> = name["text"].as_str().map(str::to_owned).into_iter().collect();
    if given.is_empty() || family.is_empty() {
        ways.extend([given, family.to_owned()]);
    } else if family.is_ascii() {
        ways.extend([format!("{given} {family}"), format!("{family} {given}")]);
    } else {
        ways.extend([format!("{family}{given}"), format!("{given} {family}"), format!("{family} {given}")]);
    }
    ways
}

fn contact(point: &Value) -> Option<(&'static str, String, String)> {
    let written = point["value"].as_str().filter(|value| !value.is_empty())?;
    match point["system"].as_str()? {
        "phone" | "sms" => {
            let digits: String = written.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
            Some(("phone", digits, written.to_owned()))
        }
        "email" => Some(("email", written.to_lowercase(), written.to_owned())),
        _ => None,
    }
}

fn ends_alike(one: &str, other: &str) -> bool {
    let end =
        |number: &str| number.len().checked_sub(DIGITS).and_then(|at| number.get(at..)).map(str::to_owned);
    end(one).is_some_and(|one| end(other) == Some(one))
}

/// In what somebody who is told of contradicts the record that has their identifier, in words. A name may have changed, and people write it
/// in several scripts: another name alone is no contradiction where the birth date is the same.
pub(crate) fn contradicts(standing: &Value, told: &Value) -> Option<&'static str> {
    let agreement = Description::of(told).agreement(&Description::of(standing));
    let of = |part: &str| agreement.iter().find(|(name, _)| *name == part).map(|(_, it)| *it);
    let differs = |part: &str| of(part) == Some(Agreement::Different);
    if differs("sex") {
        return Some("sex");
    }
    if differs("birth_date") {
        return Some("birth date");
    }
    (differs("name") && of("birth_date") != Some(Agreement::Same)).then_some("name")
}
