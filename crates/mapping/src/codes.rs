//! Codes of HL7 v2 and what they are in FHIR (`tables/codes.txt`).

use std::collections::HashMap;
use std::sync::LazyLock;

/// Table, code and meaning, in their order.
static ORDERED: LazyLock<Vec<[&'static str; 3]>> =
    LazyLock::new(|| read(include_str!("../tables/codes.txt")));

static TABLES: LazyLock<HashMap<&'static str, HashMap<&'static str, &'static str>>> = LazyLock::new(|| {
    let mut tables: HashMap<_, HashMap<_, _>> = HashMap::new();
    for [table, code, meaning] in ORDERED.iter() {
        tables.entry(*table).or_default().insert(*code, *meaning);
    }
    tables
});

/// What a code of a table is in FHIR.
pub(crate) fn translated(table: &str, code: &str) -> Option<&'static str> {
    TABLES.get(table)?.get(code).copied()
}

/// The code of a table that stands for what something is in FHIR: the first where there are several.
pub(crate) fn code_of(table: &str, meaning: &serde_json::Value) -> Option<&'static str> {
    let meaning = meaning.as_str()?;
    ORDERED.iter().find(|[of, _, means]| *of == table && *means == meaning).map(|[_, code, _]| *code)
}

/// Whether there is such a table.
pub(crate) fn is_table(table: &str) -> bool {
    TABLES.contains_key(table)
}

fn read(text: &'static str) -> Vec<[&'static str; 3]> {
    let (mut all, mut table) = (Vec::new(), "");
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = name;
            continue;
        }
        let mut words = line.split_whitespace();
        if let (Some(code), Some(meaning)) = (words.next(), words.next()) {
            all.push([table, code, meaning]);
        }
    }
    all
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
        assert_eq!(code_of("AdministrativeSex", &"other".into()), Some("O"));
        assert_eq!(code_of("NameUse", &"official".into()), Some("L"));
        assert_eq!(code_of("NameUse", &"nothing".into()), None);
    }
}
