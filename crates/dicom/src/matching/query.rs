//! A query as a whole.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use thiserror::Error;

use super::condition::{Condition, Key};
use super::moment::{DAY, Interval};
use super::parameters::AttributePath;
use crate::data_set::DataSet;
use crate::index::Level;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// The level that an identifier names; QIDO-RS names it in the path.
    pub level: Option<Level>,
    /// What must hold, all of it. Keys with [`Condition::Any`] are only to be answered.
    pub keys: Vec<Key>,
    /// What is to be answered beside the keys and what is always answered.
    pub include: Include,
    /// At most so many answers.
    pub limit: Option<u32>,
    /// So many answers are left out at the start.
    pub offset: u32,
    /// Names are to be found as people type them.
    pub fuzzy: bool,
}

/// What is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Include {
    /// Everything that there is.
    All,
    /// These too.
    Attributes(Vec<AttributePath>),
}

impl Default for Include {
    fn default() -> Self {
        Self::Attributes(Vec::new())
    }
}

/// Why a query is not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryError {
    /// Neither a tag, nor a keyword, nor a parameter.
    #[error("{0} is not an attribute")]
    Attribute(String),
    /// The value is not one of its attribute.
    #[error("the value of {0} is not one that can be asked for")]
    Value(Tag),
    /// A parameter is not what it should be.
    #[error("the value of {0} is not understood")]
    Parameter(&'static str),
    /// Query/Retrieve Level is none of the four.
    #[error("there is no such level")]
    Level,
}

/// Attributes of identifiers that say how to ask, not what for.
const CONTROLS: &[Tag] =
    &[tags::SPECIFIC_CHARACTER_SET, tags::QUERY_RETRIEVE_LEVEL, tags::TIMEZONE_OFFSET_FROM_UTC];

/// Dates and the times that belong to them.
const PAIRS: &[(Tag, Tag)] = &[
    (tags::STUDY_DATE, tags::STUDY_TIME),
    (tags::SERIES_DATE, tags::SERIES_TIME),
    (tags::ACQUISITION_DATE, tags::ACQUISITION_TIME),
    (tags::CONTENT_DATE, tags::CONTENT_TIME),
    (tags::PATIENT_BIRTH_DATE, tags::PATIENT_BIRTH_TIME),
    (tags::PERFORMED_PROCEDURE_STEP_START_DATE, tags::PERFORMED_PROCEDURE_STEP_START_TIME),
    (tags::SCHEDULED_PROCEDURE_STEP_START_DATE, tags::SCHEDULED_PROCEDURE_STEP_START_TIME),
];

impl Query {
    /// From the identifier of a C-FIND; `fuzzy` when that was negotiated.
    pub fn from_identifier(identifier: &DataSet, fuzzy: bool) -> Result<Self, QueryError> {
        let level = match identifier.text(tags::QUERY_RETRIEVE_LEVEL) {
            Some(code) => Some(Level::from_code(&code).ok_or(QueryError::Level)?),
            None => None,
        };
        let asked = |tag: Tag| !CONTROLS.contains(&tag) && tag.element() != 0;
        let keys = identifier.iter().filter(|element| asked(element.tag));
        let keys = keys.map(|element| Key::of(identifier, element, fuzzy)).collect::<Result<_, _>>()?;
        Ok(Self { level, keys, fuzzy, ..Self::default() })
    }

    /// The condition on an attribute at the top.
    pub fn condition(&self, tag: Tag) -> Option<&Condition> {
        self.keys.iter().find(|key| key.tag == tag).map(|key| &key.condition)
    }

    /// Whether a record is what is asked for.
    pub fn matches(&self, record: &DataSet) -> bool {
        self.keys.iter().all(|key| key.matches(record))
    }

    /// What a record answers to the keys of an identifier.
    pub fn answer(&self, record: &DataSet) -> DataSet {
        let mut answer = DataSet::with_charset(record.charset());
        if let Some(charset) = record.get(tags::SPECIFIC_CHARACTER_SET) {
            answer.put(charset.clone());
        }
        for key in &self.keys {
            key.answer(record, &mut answer);
        }
        answer
    }

    /// Ranges of a date and of its time become one range from the one moment to the other (PS3.4 section C.2.2.2.5.3), which is
    /// only meant when it was negotiated.
    pub fn combine_dates_and_times(&mut self) {
        combine(&mut self.keys);
    }
}

fn combine(keys: &mut [Key]) {
    for key in keys.iter_mut() {
        if let Condition::Items(keys) = &mut key.condition {
            combine(keys);
        }
    }
    for (date, time) in PAIRS {
        let of = |keys: &[Key], tag: Tag| match keys.iter().find(|key| key.tag == tag)?.condition {
            Condition::Within(ref intervals) => intervals.first().copied().filter(|_| intervals.len() == 1),
            _ => None,
        };
        let (Some(days), Some(times)) = (of(keys, *date), of(keys, *time)) else { continue };
        let interval = Interval {
            from: days.from.map(|day| day + times.from.unwrap_or(0)),
            // The last day is in the range as far as the time says.
            before: days.before.map(|day| day - DAY + times.before.unwrap_or(DAY)),
        };
        for key in keys.iter_mut() {
            if key.tag == *date {
                key.condition = Condition::WithTime { time: *time, interval };
            } else if key.tag == *time {
                *key = Key { tag: *time, vr: VR::TM, condition: Condition::Any };
            }
        }
    }
}
