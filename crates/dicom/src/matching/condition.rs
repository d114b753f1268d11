//! One key of a query.

use dicom_core::{Tag, VR};

use super::moment::{Interval, Span};
use super::name::{NamePattern, has_words, words};
use super::pattern::TextPattern;
use super::query::QueryError;
use crate::data_set::{DataSet, Element};
use crate::person_name::PersonName;

/// An attribute that is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The attribute.
    pub tag: Tag,
    /// Its value representation.
    pub vr: VR,
    /// What it should be.
    pub condition: Condition,
}

/// What an attribute should be.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Anything or nothing: it is only to be answered.
    Any,
    /// There, but empty, or not there.
    Empty,
    /// One of these UIDs.
    Uids(Vec<String>),
    /// A text, as one of these.
    Texts(Vec<TextPattern>),
    /// A name, as one of these.
    Names(Vec<NamePattern>),
    /// A name whose keys ([`PersonName::search_keys`]) begin with each of these words, which are folded.
    NameWords(Vec<String>),
    /// One of these numbers.
    Numbers(Vec<f64>),
    /// One of these tags.
    Tags(Vec<Tag>),
    /// A date, a time or a datetime in one of these ranges.
    Within(Vec<Interval>),
    /// A date, with the time in another attribute, in this range.
    WithTime {
        /// The attribute of the time.
        time: Tag,
        /// The range, of datetimes as the date and the time are written.
        interval: Interval,
    },
    /// A sequence with an item for which all of these hold.
    Items(Vec<Key>),
}

impl Key {
    /// From an attribute and the text of its value, values separated by backslashes.
    pub(super) fn parse(tag: Tag, vr: VR, text: &str, fuzzy: bool) -> Result<Self, QueryError> {
        let condition = Condition::parse(vr, text, fuzzy).ok_or(QueryError::Value(tag))?;
        Ok(Self { tag, vr, condition })
    }

    /// From an element of an identifier.
    pub(super) fn of(data_set: &DataSet, element: &Element, fuzzy: bool) -> Result<Self, QueryError> {
        let (tag, vr) = (element.tag, element.effective_vr());
        let condition = match vr {
            VR::SQ => match data_set.sequence(tag).first() {
                None => Condition::Any,
                Some(item) if item.is_empty() => Condition::Any,
                Some(item) => {
                    let keys = item.iter().map(|element| Self::of(item, element, fuzzy));
                    Condition::Items(keys.collect::<Result<_, _>>()?)
                }
            },
            _ if element.is_empty() => Condition::Any,
            VR::AT => Condition::Tags(data_set.tags(tag)),
            VR::US | VR::SS | VR::UL | VR::SL | VR::UV | VR::SV | VR::FL | VR::FD => {
                Condition::Numbers(data_set.decimals(tag).into_iter().flatten().collect())
            }
            _ => {
                let text = data_set.decoded(element).unwrap_or_default();
                return Self::parse(tag, vr, &text, fuzzy);
            }
        };
        Ok(Self { tag, vr, condition })
    }

    /// Whether a record has what is asked for.
    pub fn matches(&self, record: &DataSet) -> bool {
        let texts = || record.texts(self.tag);
        match &self.condition {
            Condition::Any => true,
            Condition::Empty => record.get(self.tag).is_none_or(|element| {
                element.is_empty()
                    || element.bytes().is_some() && self.vr != VR::SQ && is_blank(record, element)
            }),
            Condition::Uids(uids) => texts().iter().any(|uid| uids.contains(uid)),
            Condition::Texts(patterns) => {
                texts().iter().any(|text| patterns.iter().any(|pattern| pattern.matches(text)))
            }
            Condition::Names(patterns) => texts().iter().any(|text| {
                let name = PersonName::parse(text);
                patterns.iter().any(|pattern| pattern.matches(&name))
            }),
            Condition::NameWords(words) => {
                texts().iter().any(|text| has_words(&PersonName::parse(text), words))
            }
            Condition::Numbers(numbers) => {
                record.decimals(self.tag).iter().flatten().any(|number| numbers.contains(number))
            }
            Condition::Tags(tags) => record.tags(self.tag).iter().any(|tag| tags.contains(tag)),
            Condition::Within(intervals) => {
                let spans = texts();
                let mut spans = spans.iter().filter_map(|text| Span::parse(self.vr, text, 0));
                spans.any(|span| intervals.iter().any(|interval| interval.contains(span)))
            }
            Condition::WithTime { time, interval } => with_time(record, self.tag, *time, *interval),
            Condition::Items(keys) => {
                record.sequence(self.tag).iter().any(|item| keys.iter().all(|key| key.matches(item)))
            }
        }
    }

    /// The element of a record that answers this key: with its value, or empty; of sequences what was asked about.
    pub fn answer(&self, record: &DataSet, answer: &mut DataSet) {
        match (record.get(self.tag), &self.condition) {
            (None, _) if self.vr == VR::SQ => answer.set_sequence(self.tag, Vec::new()),
            (None, _) => answer.put(Element::new(self.tag, self.vr, Vec::new())),
            (Some(_), Condition::Items(keys)) => {
                let items = record.sequence(self.tag).iter().map(|item| {
                    let mut part = DataSet::with_charset(item.charset());
                    for key in keys {
                        key.answer(item, &mut part);
                    }
                    part
                });
                answer.set_sequence(self.tag, items.collect());
            }
            (Some(element), _) => answer.put(element.clone()),
        }
    }
}

impl Condition {
    /// From the text of a key. None when it is no value of this representation.
    fn parse(vr: VR, text: &str, fuzzy: bool) -> Option<Self> {
        let text = text.trim_matches([' ', '\0']);
        if text.is_empty() {
            return Some(Self::Any);
        }
        if text == "\"\"" {
            return Some(Self::Empty);
        }
        let values: Vec<&str> = if crate::data_set::is_multi_valued(vr) {
            text.split('\\').map(str::trim).collect()
        } else {
            vec![text]
        };
        let every_one_wild =
            values.iter().any(|value| !value.is_empty() && value.bytes().all(|byte| byte == b'*'));
        if every_one_wild && (takes_wildcards(vr) || values.len() == 1) {
            return Some(Self::Any);
        }
        Some(match vr {
            VR::UI => Self::Uids(values.iter().map(|uid| uid.trim_matches('\0').to_owned()).collect()),
            VR::PN if fuzzy => Self::NameWords(words(text)),
            VR::PN => Self::Names(values.iter().map(|value| NamePattern::new(value)).collect()),
            VR::DA | VR::TM | VR::DT => {
                Self::Within(values.iter().map(|value| Interval::parse(vr, value, 0)).collect::<Option<_>>()?)
            }
            VR::IS | VR::DS | VR::US | VR::SS | VR::UL | VR::SL | VR::UV | VR::SV | VR::FL | VR::FD => {
                Self::Numbers(values.iter().map(|value| value.parse().ok()).collect::<Option<_>>()?)
            }
            VR::AT => Self::Tags(
                values.iter().map(|value| crate::dictionary::tag_of(value)).collect::<Option<_>>()?,
            ),
            VR::SQ | VR::OB | VR::OW | VR::OD | VR::OF | VR::OL | VR::OV => return None,
            _ => Self::Texts(values.iter().map(|value| TextPattern::new(value)).collect()),
        })
    }
}

fn takes_wildcards(vr: VR) -> bool {
    crate::data_set::is_text(vr)
        && !matches!(vr, VR::UI | VR::DA | VR::TM | VR::DT | VR::IS | VR::DS | VR::AS)
}

fn is_blank(record: &DataSet, element: &Element) -> bool {
    crate::data_set::is_text(element.effective_vr()) && record.texts_of(element).iter().all(String::is_empty)
}

fn with_time(record: &DataSet, date: Tag, time: Tag, interval: Interval) -> bool {
    let Some(day) = record.text(date).and_then(|text| Span::parse(VR::DA, &text, 0)) else { return false };
    match record.text(time).and_then(|text| Span::parse(VR::TM, &text, 0)) {
        Some(time) => interval.contains(Span { start: day.start + time.start, end: day.start + time.end }),
        // At some time of that day.
        None => interval.overlaps(day),
    }
}
