//! The table of the profile (PS3.15 table E.1-1).

use std::sync::OnceLock;

use dicom_core::Tag;

use crate::dictionary::tag_from;

/// What is done to an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// It goes.
    Remove,
    /// It stays without a value.
    Empty,
    /// It gets a value that says nothing.
    Dummy,
    /// It gets another UID.
    Uid,
    /// It stays; within sequences the profile goes on.
    Keep,
    /// It gets a value that means the same and tells nobody.
    Clean,
}

/// What the table says of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) basic: Action,
    options: [Option<Action>; COLUMNS.len()],
}

/// The options that have a column of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Uids,
    Device,
    Institution,
    Patient,
    Dates,
    Shifted,
    Descriptors,
    Structured,
    Graphics,
}

const COLUMNS: [(&str, Column); 9] = [
    ("uids", Column::Uids),
    ("device", Column::Device),
    ("institution", Column::Institution),
    ("patient", Column::Patient),
    ("dates", Column::Dates),
    ("shifted", Column::Shifted),
    ("descriptors", Column::Descriptors),
    ("structured", Column::Structured),
    ("graphics", Column::Graphics),
];

impl Rule {
    /// What an option does instead.
    pub(super) fn option(&self, column: Column) -> Option<Action> {
        self.options[column as usize]
    }
}

/// The rule of an attribute; none when it tells nobody.
pub(super) fn rule(tag: Tag) -> Option<Rule> {
    let table = table();
    let tag = match (tag.group() & 0xFF00, tag.group() % 2) {
        (0x5000, 0) => CURVES,
        (0x6000, 0) => Tag(0x6000, tag.element()),
        _ => tag,
    };
    table.binary_search_by_key(&tag, |(tag, _)| *tag).ok().map(|at| table[at].1)
}

/// Stands for all elements of groups 50xx.
const CURVES: Tag = Tag(0x5000, 0x0000);

fn table() -> &'static [(Tag, Rule)] {
    static TABLE: OnceLock<Vec<(Tag, Rule)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let text = include_str!("../../tables/confidentiality.txt");
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut rules: Vec<(Tag, Rule)> = lines.filter_map(line).collect();
        rules.sort_by_key(|(tag, _)| *tag);
        rules
    })
}

fn line(line: &str) -> Option<(Tag, Rule)> {
    let mut words = line.split_whitespace();
    let tag = u32::from_str_radix(&words.next()?.replace('x', "0"), 16).ok()?;
    let basic = action(words.next()?)?;
    let mut options = [None; COLUMNS.len()];
    for word in words {
        let (name, letter) = word.split_once('=')?;
        let (_, column) = COLUMNS.into_iter().find(|(column, _)| *column == name)?;
        options[column as usize] = action(letter);
    }
    Some((tag_from(tag), Rule { basic, options }))
}

/// Of several letters, what keeps the object whole whatever the type of the attribute is: a dummy rather than nothing. That it
/// is another UID is said of sequences, in whose items the UIDs are.
fn action(letters: &str) -> Option<Action> {
    Some(match letters {
        "X" => Action::Remove,
        "Z" | "XZ" => Action::Empty,
        "D" | "XD" | "ZD" | "XZD" => Action::Dummy,
        "U" => Action::Uid,
        "K" | "XZU" => Action::Keep,
        "C" => Action::Clean,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_dictionary_std::tags;

    #[test]
    fn every_line_of_the_table_is_understood() {
        let text = include_str!("../../tables/confidentiality.txt");
        for text in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert!(line(text).is_some(), "{text}");
        }
        assert_eq!(table().len(), 620);
        assert!(table().is_sorted_by(|one, next| one.0 < next.0));
    }

    #[test]
    fn rules_are_found_also_of_repeating_groups() {
        assert_eq!(rule(tags::PATIENT_NAME).unwrap().basic, Action::Empty);
        assert_eq!(rule(tags::STUDY_INSTANCE_UID).unwrap().option(Column::Uids), Some(Action::Keep));
        assert_eq!(rule(Tag(0x6002, 0x3000)).unwrap().basic, Action::Remove);
        assert_eq!(rule(Tag(0x5004, 0x0030)).unwrap().option(Column::Graphics), Some(Action::Clean));
        assert_eq!(rule(tags::ROWS), None);
    }
}
