//! The data dictionary (PS3.6), asked by tag and by keyword.

use dicom_core::dictionary::{DataDictionary as _, VirtualVr};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

/// The value representation of an attribute. Where it depends on other attributes, the one without a sign; none for
/// private elements and for what the dictionary does not have.
pub fn vr_of(tag: Tag) -> Option<VR> {
    StandardDataDictionary.by_tag(tag).map(|entry| entry.vr.relaxed())
}

/// The keyword of an attribute, as `PatientID`.
pub fn keyword_of(tag: Tag) -> Option<&'static str> {
    StandardDataDictionary.by_tag(tag).map(|entry| entry.alias)
}

/// The tag of a keyword, or of eight hexadecimal digits.
pub fn tag_of(name: &str) -> Option<Tag> {
    if name.len() == 8 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let number = u32::from_str_radix(name, 16).ok()?;
        return Some(tag_from(number));
    }
    StandardDataDictionary.by_name(name).map(|entry| entry.tag.inner())
}

/// Whether values are signed when Pixel Representation says that pixels are.
pub(crate) fn signed_as_pixels(tag: Tag) -> bool {
    StandardDataDictionary.by_tag(tag).is_some_and(|entry| entry.vr == VirtualVr::Xs)
}

/// A tag from its number, group in the high half.
pub(crate) fn tag_from(number: u32) -> Tag {
    #[expect(clippy::cast_possible_truncation, reason = "the halves are wanted")]
    Tag((number >> 16) as u16, number as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_dictionary_std::tags;

    #[test]
    fn attributes_are_found_by_tag_by_keyword_and_by_number() {
        assert_eq!(vr_of(tags::PATIENT_NAME), Some(VR::PN));
        assert_eq!(vr_of(Tag(0x6002, 0x3000)), Some(VR::OW));
        assert_eq!(vr_of(Tag(0x0029, 0x0010)), Some(VR::LO));
        assert_eq!(vr_of(Tag(0x0029, 0x1010)), None);
        assert_eq!(keyword_of(tags::PATIENT_ID), Some("PatientID"));
        assert_eq!(tag_of("PatientID"), Some(tags::PATIENT_ID));
        assert_eq!(tag_of("0020000d"), Some(tags::STUDY_INSTANCE_UID));
        assert_eq!(tag_of("patientid"), None);
    }
}
