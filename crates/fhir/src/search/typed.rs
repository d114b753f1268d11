//! Which values of a search a person may have typed, and therefore tell who was looked for.

use crate::tables::{ParamKind, params};

/// Controls of a search, whose values are words of FHIR, ids, numbers and dates.
const CONTROLS: [&str; 14] = [
    "_id",
    "_lastUpdated",
    "_list",
    "_count",
    "_sort",
    "_summary",
    "_total",
    "_elements",
    "_include",
    "_revinclude",
    "_type",
    "_cursor",
    "_format",
    "_pretty",
];
/// Tokens that name a person as a name does.
const NAMING: [&str; 5] = ["identifier", "phone", "email", "telecom", "address"];
/// Modifiers whose values are text, whatever the parameter is.
const TEXTUAL: [&str; 6] = ["text", "contains", "exact", "of-type", "above", "below"];
/// Codes are short.
const CODE: usize = 128;

/// Whether the value of a search parameter may be text of a person: anything but codes, ids, numbers and dates.
pub fn is_typed(resource_type: &str, name: &str, value: &str) -> bool {
    if value.len() > CODE || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return true;
    }
    // What a link leads to is asked of another type.
    if name.contains('.') || name.starts_with("_has:") {
        return true;
    }
    let (code, modifier) =
        name.split_once(':').map_or((name, None), |(code, modifier)| (code, Some(modifier)));
    if CONTROLS.contains(&code) {
        return false;
    }
    if modifier.is_some_and(|modifier| TEXTUAL.contains(&modifier)) || NAMING.contains(&code) {
        return true;
    }
    let kind = params(resource_type).iter().find(|param| param.code == code).map(|param| param.kind);
    !matches!(
        kind,
        Some(
            ParamKind::Token
                | ParamKind::Date
                | ParamKind::Reference
                | ParamKind::Number
                | ParamKind::Quantity
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ids_and_dates_are_told_from_what_a_person_types() {
        for (name, value) in [
            ("gender", "male"),
            ("birthdate", "ge1980-01-01"),
            ("_id", "a-1"),
            ("general-practitioner", "Practitioner/7"),
            ("_count", "5"),
        ] {
            assert!(!is_typed("Patient", name, value), "{name}");
        }
        for (name, value) in [
            ("name", "Li"),
            ("family:exact", "Li"),
            ("address-city", "Chengdu"),
            ("phone", "13800000000"),
            ("identifier", "510107198403170042"),
            ("gender", "Li Na"),
            ("gender", "李娜"),
            ("nothing-we-know", "x"),
            ("organization.name", "east"),
            ("_has:RelatedPerson:patient:identifier", "7"),
        ] {
            assert!(is_typed("Patient", name, value), "{name}");
        }
        assert!(
            !is_typed("Condition", "code", "http://loinc.org|1-8")
                && is_typed("Condition", "code:text", "flu")
        );
    }
}
