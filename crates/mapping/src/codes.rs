//! Codes of HL7 v2 and what they are in FHIR (`tables/codes.txt`).

use std::collections::HashMap;
use std::sync::LazyLock;

static TABLES: LazyLock<HashMap<&'static str, HashMap<&'static str, &'static str>>> =
    LazyLock::new(|| read(include_str!("../tables/codes.txt")));

/// What a code of a table is in FHIR.
pub(crate) fn translated(table: &str, code: &str) -> Option<&'static str> {
    TABLES.get(table)?.get(code).copied()
}

/// Whether there is such a table.
pub(crate) fn is_table(table: &str) -> bool {
    TABLES.contains_key(table)
}

fn read(text: &'static str) -> HashMap<&'static str, HashMap<&'static str, &'static str>> {
    let mut tables: HashMap<_, HashMap<_, _>> = HashMap::new();
    let mut table = "";
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = name;
            continue;
        }
        let mut words = line.split_whitespace();
        if let (Some(code), Some(meaning)) = (words.next(), words.next()) {
            tables.entry(table).or_default().insert(code, meaning);
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_translated_by_their_table() {
        assert_eq!(translated("AdministrativeSex", "A"), Some("other"));
        assert_eq!(translated("ObservationStatus", "W"), Some("entered-in-error"));
        assert_eq!(translated("ObservationStatus", "?"), None);
        assert_eq!(translated("Nothing", "A"), None);
    }
}
