//! Names of people (PS3.5 section 6.2.1): up to three groups of up to five components.

use bianque_query::name_keys;
use serde::{Deserialize, Serialize};

/// A name in its three ways of writing; each has its components between carets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// In letters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alphabetic: String,
    /// In ideographs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ideographic: String,
    /// As it is spoken, in kana or hangul.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phonetic: String,
}

impl PersonName {
    /// From a value. Blanks and carets at the ends of groups do not count.
    pub fn parse(text: &str) -> Self {
        let mut groups = text.splitn(3, '=').map(|group| trimmed(group).to_owned());
        let mut next = || groups.next().unwrap_or_default();
        Self { alphabetic: next(), ideographic: next(), phonetic: next() }
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.groups().next().is_none()
    }

    /// The groups that are written.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        [&self.alphabetic, &self.ideographic, &self.phonetic]
            .into_iter()
            .map(String::as_str)
            .filter(|group| !group.is_empty())
    }

    /// The value, as DICOM writes it.
    pub fn to_text(&self) -> String {
        let text = [self.alphabetic.as_str(), &self.ideographic, &self.phonetic].join("=");
        text.trim_end_matches('=').to_owned()
    }

    /// What the name is found by as people type it, in any of its groups: folded keys that a search compares its beginning
    /// with, each once. Family names come first, as in Chinese names in letters, and also last.
    pub fn search_keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for group in self.groups() {
            let [family, given, middle, ..] = components(group);
            for order in [[family, given, middle], [given, middle, family]] {
                keys.extend(name_keys(&order.join(" ")));
            }
        }
        let mut seen = std::collections::HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        keys
    }
}

/// Family, given and middle name, prefix and suffix of one group.
pub(crate) fn components(group: &str) -> [&str; 5] {
    let mut components = group.splitn(5, '^').map(str::trim);
    std::array::from_fn(|_| components.next().unwrap_or(""))
}

fn trimmed(group: &str) -> &str {
    group.trim().trim_end_matches(['^', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_groups_and_components() {
        let name = PersonName::parse("Wang^XiaoDong^^=王^小东= ");
        assert_eq!((name.alphabetic.as_str(), name.ideographic.as_str()), ("Wang^XiaoDong", "王^小东"));
        assert_eq!(name.to_text(), "Wang^XiaoDong=王^小东");
        assert_eq!(components(&name.alphabetic), ["Wang", "XiaoDong", "", "", ""]);
        assert!(PersonName::parse("^^^=").is_empty());
        assert_eq!(PersonName::parse("=王").to_text(), "=王");
    }

    #[test]
    fn a_name_is_found_as_people_type_it() {
        let keys = PersonName::parse("Müller^Anna Maria=王^小东").search_keys();
        for typed in ["muller", "anna maria", "anna maria muller", "maria", "王小东", "wang xiao", "wxd"] {
            assert!(keys.iter().any(|key| key.starts_with(typed)), "{typed}: {keys:?}");
        }
    }
}
