//! Objects that cannot be kept, because they do not say what they are.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use thiserror::Error;

use crate::data_set::DataSet;

/// What a UID stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UidRole {
    /// SOP Class UID (0008,0016).
    SopClass,
    /// SOP Instance UID (0008,0018).
    SopInstance,
    /// Study Instance UID (0020,000D).
    Study,
    /// Series Instance UID (0020,000E).
    Series,
}

/// What is wrong with a UID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UidFault {
    /// It is not there, or empty.
    Missing,
    /// It has more than 64 characters.
    TooLong,
    /// It is not made of numbers with dots between them.
    NotAUid,
}

/// Why an object is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the {} {}", role.name(), fault.words())]
pub struct IngestRefusal {
    /// The UID that is wrong.
    pub role: UidRole,
    /// What is wrong with it.
    pub fault: UidFault,
}

impl UidRole {
    /// Its attribute.
    pub fn tag(self) -> Tag {
        match self {
            Self::SopClass => tags::SOP_CLASS_UID,
            Self::SopInstance => tags::SOP_INSTANCE_UID,
            Self::Study => tags::STUDY_INSTANCE_UID,
            Self::Series => tags::SERIES_INSTANCE_UID,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::SopClass => "SOP class UID",
            Self::SopInstance => "SOP instance UID",
            Self::Study => "study instance UID",
            Self::Series => "series instance UID",
        }
    }
}

impl UidFault {
    fn words(self) -> &'static str {
        match self {
            Self::Missing => "is missing",
            Self::TooLong => "is longer than 64 characters",
            Self::NotAUid => "is no UID",
        }
    }
}

/// A UID without its padding, if it is one: digits and single dots (PS3.5 section 9.1). Zeros at the start of a component
/// are against the rules and common; they are taken.
pub fn checked_uid(text: &str) -> Result<&str, UidFault> {
    let uid = text.trim_matches([' ', '\0']);
    if uid.is_empty() {
        return Err(UidFault::Missing);
    }
    if uid.len() > 64 {
        return Err(UidFault::TooLong);
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if uid.split('.').all(is_number) { Ok(uid) } else { Err(UidFault::NotAUid) }
}

/// The UID of a data set that stands for this.
pub(super) fn uid(data_set: &DataSet, role: UidRole) -> Result<String, IngestRefusal> {
    let text = data_set.text(role.tag()).unwrap_or_default();
    checked_uid(&text).map(str::to_owned).map_err(|fault| IngestRefusal { role, fault })
}
