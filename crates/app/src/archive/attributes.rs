//! What the index knows of each level, and how values are compared.

use bianque_dicom::{DataSet, Element, Level, PersonName, Tag, VR, tags};
use bianque_query::{ImageValue, fold};

/// Fields that no attribute is: what is derived.
pub(super) mod derived {
    /// Keys of the patient's name, as people type it.
    pub(in crate::archive) const PATIENT_NAME_KEYS: u32 = 1;
    /// Keys of the referring physician's name.
    pub(in crate::archive) const REFERRING_NAME_KEYS: u32 = 2;
}

/// Attributes whose values in the first items of a sequence are asked for as well: of the request a series was made for.
pub(super) const REQUESTED: &[Tag] = &[
    tags::SCHEDULED_PROCEDURE_STEP_ID,
    tags::REQUESTED_PROCEDURE_ID,
    tags::ACCESSION_NUMBER,
    tags::STUDY_INSTANCE_UID,
];

/// The number of an attribute in the index.
pub(super) const fn field(tag: Tag) -> u32 {
    ((tag.0 as u32) << 16) | tag.1 as u32
}

/// The number of an attribute within the items of Request Attributes Sequence: an odd group of ours that no tag of the index
/// has.
pub(super) const fn requested_field(tag: Tag) -> u32 {
    field(Tag(tag.0 | 1, tag.1))
}

/// The values of a level as they are compared.
pub(super) fn values(header: &DataSet, level: Level) -> Vec<ImageValue> {
    let level = level.attributes();
    let mut all = Vec::new();
    for tag in level {
        if let Some(element) = header.get(*tag) {
            all.extend(compared(header, element).map(|text| ImageValue { field: field(*tag), text }));
        }
    }
    for (tag, keys) in [
        (tags::PATIENT_NAME, derived::PATIENT_NAME_KEYS),
        (tags::REFERRING_PHYSICIAN_NAME, derived::REFERRING_NAME_KEYS),
    ] {
        if level.contains(&tag)
            && let Some(name) = header.text(tag)
        {
            all.extend(
                PersonName::parse(&name)
                    .search_keys()
                    .into_iter()
                    .map(|text| ImageValue { field: keys, text }),
            );
        }
    }
    if level.contains(&tags::REQUEST_ATTRIBUTES_SEQUENCE) {
        for item in header.sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE) {
            for tag in REQUESTED {
                let Some(element) = item.get(*tag) else { continue };
                let field = requested_field(*tag);
                all.extend(compared(item, element).map(|text| ImageValue { field, text }));
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// The values of an element as they are compared; a sequence has none.
fn compared<'a>(around: &'a DataSet, element: &'a Element) -> impl Iterator<Item = String> + 'a {
    let vr = element.effective_vr();
    around.texts_of(element).into_iter().flat_map(move |text| normal(vr, &text))
}

/// A value as it is compared; of a name one for each of its groups.
pub(super) fn normal(vr: VR, text: &str) -> Vec<String> {
    let text = text.trim_matches(['\0', ' ']);
    let all: Vec<String> = match vr {
        VR::PN => text.split('=').map(|group| fold(group).trim_end_matches(['^', ' ']).to_owned()).collect(),
        VR::DA => vec![text.replace(['.', '-'], "")],
        VR::TM => vec![text.replace(':', "")],
        VR::UI => vec![text.to_owned()],
        _ => vec![fold(text)],
    };
    all.into_iter().filter(|text| !text.is_empty()).collect()
}

/// When something was, as text that sorts: `YYYYMMDD` with `HHMMSS.F` behind it where it is known.
pub(super) fn moment(date: Option<&str>, time: Option<&str>) -> String {
    let date = date.map(|date| date.trim().replace(['.', '-'], "")).unwrap_or_default();
    if date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) {
        return String::new();
    }
    let time = time.map(|time| time.trim().replace(':', "")).unwrap_or_default();
    let valid = time.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if valid { format!("{date}{time}") } else { date }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_people_mean_them() {
        assert_eq!(normal(VR::PN, "Müller^Ana^^=李^安娜="), ["muller^ana", "李^安娜"]);
        assert_eq!(normal(VR::DA, "2026.01.31"), ["20260131"]);
        assert_eq!(normal(VR::LO, " Thorax  AP "), ["thorax ap"]);
        assert_eq!(normal(VR::UI, "1.2.3\0"), ["1.2.3"]);
        assert!(normal(VR::SH, "  ").is_empty());
    }

    #[test]
    fn moments_sort_and_what_is_no_date_is_none() {
        assert_eq!(moment(Some("20260131"), Some("101530.5")), "20260131101530.5");
        assert_eq!(moment(Some("2026.01.31"), Some("10:15:30")), "20260131101530");
        assert_eq!(moment(Some("20260131"), Some("noon")), "20260131");
        assert_eq!(moment(Some("yesterday"), Some("101530")), "");
        assert_eq!(moment(None, None), "");
    }
}
