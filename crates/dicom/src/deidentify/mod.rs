//! De-identification by the Basic Application Level Confidentiality Profile and some of its options (PS3.15 annex E).
//!
//! What each attribute is to become stands in the table of the standard. What cannot be told from a table is not promised:
//! pixels are not looked at ([`Outcome::burned_in`] says what the object itself says), and text is cleaned by whoever calls,
//! or goes. Structured content and graphics always go.

mod dummy;
mod table;

use std::collections::HashSet;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use crate::data_set::{DataSet, Element, Value};
use crate::matching::shifted;
use table::{Action, Column, rule};

/// What is retained beside the basic profile; nothing as default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are the options of the standard, each on or off")]
pub struct Options {
    /// UIDs stay as they are.
    pub retain_uids: bool,
    /// What names the device stays.
    pub retain_device: bool,
    /// What names the institution stays.
    pub retain_institution: bool,
    /// Age, sex, size and weight stay, and what else a diagnosis may need.
    pub retain_patient_characteristics: bool,
    /// Descriptions are cleaned by [`Pseudonyms::clean`].
    pub clean_descriptors: bool,
    /// What becomes of dates.
    pub dates: Dates,
}

/// What becomes of dates and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dates {
    /// They go.
    #[default]
    Remove,
    /// They stay.
    Keep,
    /// They stay as far apart as they are.
    Shift {
        /// So many days later.
        days: i64,
    },
}

/// What only the caller knows.
pub trait Pseudonyms {
    /// Another UID for a UID, the same for the same one in everything that belongs together.
    fn uid(&mut self, uid: &str) -> String;

    /// A text without what names somebody; none when that cannot be promised, and then the basic profile applies.
    fn clean(&mut self, tag: Tag, text: &str) -> Option<String> {
        let _ = (tag, text);
        None
    }

    /// Whether a private element of this creator is known to be safe.
    fn is_safe(&mut self, creator: &str, tag: Tag) -> bool {
        let _ = (creator, tag);
        false
    }
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// What Burned In Annotation (0028,0301) says: whether pixels show who it is. None when it says nothing.
    pub burned_in: Option<bool>,
}

/// De-identifies a data set in place, and says in it how (PS3.15 section E.1.1).
pub fn deidentify(data_set: &mut DataSet, options: &Options, pseudonyms: &mut dyn Pseudonyms) -> Outcome {
    let burned_in = data_set.text(tags::BURNED_IN_ANNOTATION).map(|text| text == "YES");
    let mut work = Work { options, pseudonyms, kept_private: false };
    work.data_set(data_set);
    let kept_private = work.kept_private;
    say(data_set, options, kept_private);
    Outcome { burned_in }
}

struct Work<'a> {
    options: &'a Options,
    pseudonyms: &'a mut dyn Pseudonyms,
    kept_private: bool,
}

impl Work<'_> {
    fn data_set(&mut self, data_set: &mut DataSet) {
        let safe = self.safe(data_set);
        for element in data_set.take_elements() {
            if element.tag.group() % 2 == 1 {
                if safe.contains(&element.tag) {
                    data_set.put(element);
                }
                continue;
            }
            self.element(data_set, element);
        }
    }

    /// Private elements that may stay, with the elements that reserve their blocks. Sequences are never among them.
    fn safe(&mut self, data_set: &DataSet) -> HashSet<Tag> {
        let mut safe = HashSet::new();
        for element in data_set.iter().filter(|element| element.tag.group() % 2 == 1) {
            let Some(creator) = data_set.private_creator(element.tag) else { continue };
            if element.bytes().is_some() && self.pseudonyms.is_safe(&creator, element.tag) {
                safe.insert(element.tag);
                safe.insert(Tag(element.tag.group(), element.tag.element() >> 8));
                self.kept_private = true;
            }
        }
        safe
    }

    fn element(&mut self, data_set: &mut DataSet, element: Element) {
        let Some(rule) = rule(element.tag) else { return self.keep(data_set, element) };
        for (column, in_force) in self.columns() {
            match rule.option(column) {
                Some(Action::Keep) if in_force => return self.keep(data_set, element),
                Some(Action::Clean) if in_force && self.clean(data_set, &element, column) => return,
                _ => {}
            }
        }
        self.act(rule.basic, data_set, element);
    }

    /// The options that are offered, and whether they are in force.
    fn columns(&self) -> [(Column, bool); 7] {
        let options = self.options;
        [
            (Column::Uids, options.retain_uids),
            (Column::Device, options.retain_device),
            (Column::Institution, options.retain_institution),
            (Column::Patient, options.retain_patient_characteristics),
            (Column::Dates, options.dates == Dates::Keep),
            (Column::Shifted, matches!(options.dates, Dates::Shift { .. })),
            (Column::Descriptors, options.clean_descriptors),
        ]
    }

    fn act(&mut self, action: Action, data_set: &mut DataSet, element: Element) {
        let (tag, vr) = (element.tag, element.effective_vr());
        match action {
            // A value that nobody cleaned does not stay.
            Action::Remove | Action::Clean => {}
            Action::Empty if vr == VR::SQ => data_set.set_sequence(tag, Vec::new()),
            Action::Empty => data_set.put(Element::new(tag, vr, Vec::new())),
            Action::Keep => self.keep(data_set, element),
            Action::Dummy if is_content(tag) => data_set.set_sequence(tag, Vec::new()),
            Action::Dummy if vr == VR::SQ => self.dummies(data_set, element),
            Action::Dummy | Action::Uid if vr == VR::UI => self.other_uids(data_set, &element),
            Action::Dummy | Action::Uid => dummy::put(data_set, tag, vr),
        }
    }

    /// Keeps an element; within a sequence the profile goes on.
    fn keep(&mut self, data_set: &mut DataSet, mut element: Element) {
        if let Value::Sequence(items) = &mut element.value {
            for item in items {
                self.data_set(item);
            }
        }
        data_set.put(element);
    }

    /// Keeps a sequence with dummies in its items: codes name people and places too.
    fn dummies(&mut self, data_set: &mut DataSet, mut element: Element) {
        let Value::Sequence(items) = &mut element.value else { return };
        for item in items {
            for element in item.take_elements() {
                match element.effective_vr() {
                    VR::SQ => self.dummies(item, element),
                    VR::UI => self.other_uids(item, &element),
                    _ if element.tag.group() % 2 == 1 => {}
                    _ if element.tag == tags::SPECIFIC_CHARACTER_SET => item.put(element),
                    vr => dummy::put(item, element.tag, vr),
                }
            }
        }
        data_set.put(element);
    }

    /// Puts other UIDs; those that the standard defines name nobody.
    fn other_uids(&mut self, data_set: &mut DataSet, element: &Element) {
        let tag = element.tag;
        let other = |uid: &String| match uid.as_str() {
            uid if uid.is_empty() || uid.starts_with("1.2.840.10008.") => uid.to_owned(),
            uid => self.pseudonyms.uid(uid),
        };
        let uids: Vec<String> = data_set.texts_of(element).iter().map(other).collect();
        data_set.set_text_as(tag, VR::UI, &uids.join("\\"));
    }

    /// Puts a value that means the same, if there can be one.
    fn clean(&mut self, data_set: &mut DataSet, element: &Element, column: Column) -> bool {
        let (tag, vr) = (element.tag, element.effective_vr());
        let texts = data_set.texts_of(element);
        let cleaned: Option<Vec<String>> = match (column, self.options.dates, vr) {
            (Column::Shifted, Dates::Shift { days }, VR::DA | VR::DT) => {
                texts.iter().map(|text| shifted(text, days)).collect()
            }
            // The time of a day says nothing without the day.
            (Column::Shifted, _, VR::TM) => Some(texts),
            (Column::Descriptors | Column::Device | Column::Patient, _, _) if !texts.is_empty() => {
                texts.iter().map(|text| self.pseudonyms.clean(tag, text)).collect()
            }
            _ => None,
        };
        let Some(cleaned) = cleaned else { return false };
        data_set.set_text_as(tag, vr, &cleaned.join("\\"));
        true
    }
}

/// What a report says, and what is drawn on pictures: no dummy could stand for it.
fn is_content(tag: Tag) -> bool {
    matches!(tag, tags::CONTENT_SEQUENCE | tags::GRAPHIC_ANNOTATION_SEQUENCE)
}

/// What was done, for whoever reads the object (PS3.3 C.12.1.1.7 and CID 7050).
fn say(data_set: &mut DataSet, options: &Options, kept_private: bool) {
    let done = [
        (true, "113100", "Basic Application Confidentiality Profile"),
        (options.clean_descriptors, "113105", "Clean Descriptors Option"),
        (
            options.dates == Dates::Keep,
            "113106",
            "Retain Longitudinal Temporal Information Full Dates Option",
        ),
        (
            matches!(options.dates, Dates::Shift { .. }),
            "113107",
            "Retain Longitudinal Temporal Information Modified Dates Option",
        ),
        (options.retain_patient_characteristics, "113108", "Retain Patient Characteristics Option"),
        (options.retain_device, "113109", "Retain Device Identity Option"),
        (options.retain_uids, "113110", "Retain UIDs Option"),
        (kept_private, "113111", "Retain Safe Private Option"),
        (options.retain_institution, "113112", "Retain Institution Identity Option"),
    ];
    let mut codes = data_set.sequence(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE).to_vec();
    for (_, value, meaning) in done.into_iter().filter(|(done, ..)| *done) {
        let mut code = DataSet::new();
        code.set_text(tags::CODE_VALUE, value);
        code.set_text(tags::CODING_SCHEME_DESIGNATOR, "DCM");
        code.set_text(tags::CODE_MEANING, meaning);
        codes.push(code);
    }
    data_set.set_text(tags::PATIENT_IDENTITY_REMOVED, "YES");
    data_set.set_text(tags::DEIDENTIFICATION_METHOD, "PS3.15 Basic Profile");
    data_set.set_sequence(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE, codes);
    let longitudinal = match options.dates {
        Dates::Remove => "REMOVED",
        Dates::Keep => "UNMODIFIED",
        Dates::Shift { .. } => "MODIFIED",
    };
    data_set.set_text(tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, longitudinal);
}

#[cfg(test)]
mod tests;
