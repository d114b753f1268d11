//! Names that are asked for. Case, accents and width do not matter.

use bianque_query::fold;

use super::TextPattern;
use crate::person_name::PersonName;

/// A name with wildcards, component by component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern {
    groups: Vec<Vec<TextPattern>>,
}

impl NamePattern {
    /// From a value of a key. One group is looked for in every group of a name, several in those at their places.
    pub fn new(text: &str) -> Self {
        let component = |text: &str| TextPattern::new(&fold(text));
        let group = |text: &str| {
            let text = text.trim().trim_end_matches(['^', ' ']);
            if text.is_empty() { Vec::new() } else { text.split('^').map(component).collect() }
        };
        Self { groups: text.split('=').take(3).map(group).collect() }
    }

    /// The patterns: for each group, for each component, folded. The last component of a group may also match the components
    /// after it, with carets between them.
    pub fn groups(&self) -> &[Vec<TextPattern>] {
        &self.groups
    }

    /// Whether a name is what is asked for.
    pub fn matches(&self, name: &PersonName) -> bool {
        if let [group] = self.groups.as_slice() {
            return name.groups().any(|text| is(group, text));
        }
        let texts = [&name.alphabetic, &name.ideographic, &name.phonetic];
        self.groups.iter().zip(texts).all(|(group, text)| group.is_empty() || is(group, text))
    }
}

/// Whether a name has keys that begin with each of these words, which are folded.
pub(super) fn has_words(name: &PersonName, words: &[String]) -> bool {
    let keys = name.search_keys();
    words.iter().all(|word| keys.iter().any(|key| key.starts_with(word.as_str())))
}

/// The words of a text that somebody types to find a name.
pub(super) fn words(text: &str) -> Vec<String> {
    let folded = fold(&text.replace(['^', '=', ',', '*', '?'], " "));
    folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is(patterns: &[TextPattern], group: &str) -> bool {
    let Some((last, firsts)) = patterns.split_last() else { return group.is_empty() };
    let mut rest = group;
    for pattern in firsts {
        let (component, after) = rest.split_once('^').unwrap_or((rest, ""));
        if !pattern.matches(&fold(component)) {
            return false;
        }
        rest = after;
    }
    let rest: Vec<String> = rest.split('^').map(fold).collect();
    last.matches(rest.join("^").trim_end_matches('^'))
}
