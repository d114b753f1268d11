//! What the index knows of each level, and how values are compared.

use bianque_dicom::{DataSet, Element, Tag, VR, tags};
use bianque_query::{ImageValue, fold, name_keys};

/// Fields that no attribute is: what is derived.
pub(super) mod derived {
    /// Keys of the patient's name, as people type it.
    pub(in crate::archive) const PATIENT_NAME_KEYS: u32 = 1;
    /// Keys of the referring physician's name.
    pub(in crate::archive) const REFERRING_NAME_KEYS: u32 = 2;
}

/// Attributes that are answered and asked for of a patient.
pub(super) const PATIENT: &[Tag] = &[
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_BIRTH_TIME,
    tags::PATIENT_SEX,
    tags::OTHER_PATIENT_I_DS,
    tags::OTHER_PATIENT_NAMES,
    tags::ETHNIC_GROUP,
    tags::PATIENT_COMMENTS,
];

/// Those of a study.
pub(super) const STUDY: &[Tag] = &[
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::ACCESSION_NUMBER,
    tags::REFERRING_PHYSICIAN_NAME,
    tags::TIMEZONE_OFFSET_FROM_UTC,
    tags::STUDY_DESCRIPTION,
    tags::PROCEDURE_CODE_SEQUENCE,
    tags::NAME_OF_PHYSICIANS_READING_STUDY,
    tags::ADMITTING_DIAGNOSES_DESCRIPTION,
    tags::PATIENT_AGE,
    tags::PATIENT_SIZE,
    tags::PATIENT_WEIGHT,
    tags::OCCUPATION,
    tags::ADDITIONAL_PATIENT_HISTORY,
    tags::STUDY_INSTANCE_UID,
    tags::STUDY_ID,
];

/// Those of a series.
pub(super) const SERIES: &[Tag] = &[
    tags::SERIES_DATE,
    tags::SERIES_TIME,
    tags::MODALITY,
    tags::MANUFACTURER,
    tags::INSTITUTION_NAME,
    tags::STATION_NAME,
    tags::SERIES_DESCRIPTION,
    tags::INSTITUTIONAL_DEPARTMENT_NAME,
    tags::PERFORMING_PHYSICIAN_NAME,
    tags::OPERATORS_NAME,
    tags::MANUFACTURER_MODEL_NAME,
    tags::BODY_PART_EXAMINED,
    tags::DEVICE_SERIAL_NUMBER,
    tags::PROTOCOL_NAME,
    tags::PATIENT_POSITION,
    tags::SERIES_INSTANCE_UID,
    tags::SERIES_NUMBER,
    tags::FRAME_OF_REFERENCE_UID,
    tags::LATERALITY,
    tags::PERFORMED_PROCEDURE_STEP_START_DATE,
    tags::PERFORMED_PROCEDURE_STEP_START_TIME,
    tags::PERFORMED_PROCEDURE_STEP_ID,
    tags::PERFORMED_PROCEDURE_STEP_DESCRIPTION,
    tags::REQUEST_ATTRIBUTES_SEQUENCE,
    tags::CONTAINER_IDENTIFIER,
];

/// Those of an instance.
pub(super) const INSTANCE: &[Tag] = &[
    tags::IMAGE_TYPE,
    tags::INSTANCE_CREATION_DATE,
    tags::INSTANCE_CREATION_TIME,
    tags::SOP_CLASS_UID,
    tags::SOP_INSTANCE_UID,
    tags::ACQUISITION_DATE,
    tags::CONTENT_DATE,
    tags::ACQUISITION_TIME,
    tags::CONTENT_TIME,
    tags::ACQUISITION_NUMBER,
    tags::INSTANCE_NUMBER,
    tags::NUMBER_OF_FRAMES,
    tags::ROWS,
    tags::COLUMNS,
    tags::BITS_ALLOCATED,
    tags::CONTENT_LABEL,
    tags::CONTENT_DESCRIPTION,
    tags::CONCEPT_NAME_CODE_SEQUENCE,
    tags::COMPLETION_FLAG,
    tags::VERIFICATION_FLAG,
    tags::TOTAL_PIXEL_MATRIX_COLUMNS,
    tags::TOTAL_PIXEL_MATRIX_ROWS,
    tags::SAMPLES_PER_PIXEL,
    tags::PHOTOMETRIC_INTERPRETATION,
];

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
pub(super) fn values(header: &DataSet, level: &[Tag]) -> Vec<ImageValue> {
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
            all.extend(keys_of(&name).into_iter().map(|text| ImageValue { field: keys, text }));
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

/// The keys that a person's name is found by as people type it: every group, its components apart.
pub(super) fn keys_of(name: &str) -> Vec<String> {
    let mut keys: Vec<String> =
        name.split('=').flat_map(|group| name_keys(&group.replace('^', " "))).collect();
    keys.sort();
    keys.dedup();
    keys
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
        assert!(keys_of("Li^Na=李^娜").contains(&"李娜".to_owned()));
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
