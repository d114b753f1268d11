//! Codes for a diagnosis: common ones of ICD-10, in both languages. A terminology server comes with the FHIR server.

use bianque_model::Context;
use serde_json::{Value, json};

use crate::{Error, policy};

/// The code system.
pub const ICD_10: &str = "http://hl7.org/fhir/sid/icd-10";
/// `code|English|Chinese`, a line each.
const TABLE: &str = include_str!("terms.txt");
/// Terms that one search shows.
const MOST: usize = 20;

/// Terms whose code begins with the text or whose words contain it; codes first.
pub fn search(context: &Context, text: &str) -> Result<Value, Error> {
    policy::clinician(context)?;
    let wanted = bianque_query::fold(text);
    let mut found: Vec<(u8, Value)> = TABLE.lines().filter_map(|line| matching(line, &wanted)).collect();
    found.sort_by_key(|(rank, _)| *rank);
    let terms: Vec<Value> = found.into_iter().take(MOST).map(|(_, term)| term).collect();
    Ok(json!({"terms": terms}))
}

fn matching(line: &str, wanted: &str) -> Option<(u8, Value)> {
    let mut parts = line.split('|');
    let (code, en, zh) = (parts.next()?, parts.next()?, parts.next()?);
    let folded = bianque_query::fold(en);
    let rank = if code.to_lowercase().starts_with(wanted) {
        0
    } else if folded.starts_with(wanted) || zh.starts_with(wanted) {
        1
    } else if folded.contains(wanted) || zh.contains(wanted) {
        2
    } else {
        return None;
    };
    Some((rank, json!({"system": ICD_10, "code": code, "display": {"en": en, "zh": zh}})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_term_and_terms_are_found_in_both_languages() {
        assert!(TABLE.lines().all(|line| line.split('|').count() == 3 && matching(line, "").is_some()));
        for text in ["j06", "upper resp", "上呼吸道"] {
            let found = TABLE.lines().filter(|line| matching(line, &bianque_query::fold(text)).is_some());
            assert!(found.into_iter().any(|line| line.starts_with("J06.9")), "{text}");
        }
    }
}
