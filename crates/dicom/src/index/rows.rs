//! Rows of patients, studies, series and instances, from a header.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};

use super::Level;
use super::attributes::OTHER_PATIENT_IDS;
use super::refusal::{IngestRefusal, UidRole, uid};
use crate::data_set::DataSet;
use crate::person_name::PersonName;

/// What an archive keeps of an object. Texts are decoded, without padding, and none when they are empty; dates and times are
/// as DICOM writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceAttributes {
    /// Whom it is of.
    pub patient: PatientRow,
    /// Its study.
    pub study: StudyRow,
    /// Its series.
    pub series: SeriesRow,
    /// Itself.
    pub instance: InstanceRow,
}

/// A patient, as an object says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientRow {
    /// Patient ID (0010,0020).
    pub id: Option<String>,
    /// Issuer of Patient ID (0010,0021).
    pub issuer: Option<String>,
    /// Other Patient IDs (0010,1000), and those of Other Patient IDs Sequence (0010,1002) with their issuers.
    pub other_ids: Vec<(String, Option<String>)>,
    /// Patient's Name (0010,0010).
    pub name: PersonName,
    /// Patient's Birth Date (0010,0030).
    pub birth_date: Option<String>,
    /// Patient's Sex (0010,0040).
    pub sex: Option<String>,
}

/// A study, as an object says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudyRow {
    /// Study Instance UID (0020,000D).
    pub uid: String,
    /// Study Date (0008,0020).
    pub date: Option<String>,
    /// Study Time (0008,0030).
    pub time: Option<String>,
    /// Timezone Offset From UTC (0008,0201).
    pub timezone: Option<String>,
    /// Accession Number (0008,0050).
    pub accession_number: Option<String>,
    /// The issuer of the accession number: its local or universal namespace.
    pub accession_issuer: Option<String>,
    /// Study ID (0020,0010).
    pub id: Option<String>,
    /// Study Description (0008,1030).
    pub description: Option<String>,
    /// Referring Physician's Name (0008,0090).
    pub referring_physician: PersonName,
}

/// A series, as an object says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesRow {
    /// Series Instance UID (0020,000E).
    pub uid: String,
    /// Modality (0008,0060).
    pub modality: Option<String>,
    /// Series Number (0020,0011).
    pub number: Option<i64>,
    /// Series Description (0008,103E).
    pub description: Option<String>,
    /// Series Date (0008,0021).
    pub date: Option<String>,
    /// Series Time (0008,0031).
    pub time: Option<String>,
    /// Body Part Examined (0018,0015).
    pub body_part: Option<String>,
    /// Laterality (0020,0060).
    pub laterality: Option<String>,
    /// Protocol Name (0018,1030).
    pub protocol: Option<String>,
    /// Performed Procedure Step Start Date (0040,0244).
    pub step_start_date: Option<String>,
    /// Performed Procedure Step Start Time (0040,0245).
    pub step_start_time: Option<String>,
    /// Performed Procedure Step ID (0040,0253).
    pub step_id: Option<String>,
    /// SOP Instance UID of the performed procedure step that it refers to (0008,1111).
    pub step_uid: Option<String>,
    /// Request Attributes Sequence (0040,0275).
    pub requests: Vec<RequestAttributes>,
    /// Station Name (0008,1010).
    pub station_name: Option<String>,
    /// Manufacturer (0008,0070).
    pub manufacturer: Option<String>,
    /// Manufacturer's Model Name (0008,1090).
    pub model: Option<String>,
    /// Institution Name (0008,0080).
    pub institution: Option<String>,
    /// Institutional Department Name (0008,1040).
    pub department: Option<String>,
    /// Performing Physician's Name (0008,1050), the first.
    pub performing_physician: PersonName,
    /// Operators' Name (0008,1070), the first.
    pub operator: PersonName,
    /// Frame of Reference UID (0020,0052).
    pub frame_of_reference: Option<String>,
    /// Container Identifier (0040,0512) of a slide.
    pub container: Option<String>,
}

/// An item of Request Attributes Sequence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestAttributes {
    /// Scheduled Procedure Step ID (0040,0009).
    pub scheduled_step_id: Option<String>,
    /// Requested Procedure ID (0040,1001).
    pub requested_procedure_id: Option<String>,
    /// Accession Number (0008,0050).
    pub accession_number: Option<String>,
}

/// An instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceRow {
    /// SOP Class UID (0008,0016).
    pub sop_class: String,
    /// SOP Instance UID (0008,0018).
    pub uid: String,
    /// Instance Number (0020,0013).
    pub number: Option<i64>,
    /// Rows (0028,0010).
    pub rows: Option<i64>,
    /// Columns (0028,0011).
    pub columns: Option<i64>,
    /// Samples per Pixel (0028,0002).
    pub samples_per_pixel: Option<i64>,
    /// Photometric Interpretation (0028,0004).
    pub photometric: Option<String>,
    /// Bits Allocated (0028,0100).
    pub bits_allocated: Option<i64>,
    /// Number of Frames (0028,0008).
    pub frames: Option<i64>,
    /// Content Date (0008,0023).
    pub content_date: Option<String>,
    /// Content Time (0008,0033).
    pub content_time: Option<String>,
    /// Acquisition Date (0008,0022), or that of Acquisition DateTime (0008,002A).
    pub acquisition_date: Option<String>,
    /// Acquisition Time (0008,0032), or that of Acquisition DateTime.
    pub acquisition_time: Option<String>,
    /// Image Type (0008,0008), its values.
    pub image_type: Vec<String>,
}

impl InstanceAttributes {
    /// From the elements of an object. It must say its class and the three UIDs that place it; all else may be missing.
    pub fn of(data_set: &DataSet) -> Result<Self, IngestRefusal> {
        Ok(Self {
            instance: instance(
                data_set,
                uid(data_set, UidRole::SopClass)?,
                uid(data_set, UidRole::SopInstance)?,
            ),
            study: study(data_set, uid(data_set, UidRole::Study)?),
            series: series(data_set, uid(data_set, UidRole::Series)?),
            patient: patient(data_set),
        })
    }

    /// The elements that are kept for answers at a level, in UTF-8.
    pub fn kept(data_set: &DataSet, level: Level) -> DataSet {
        let mut kept = data_set.subset(level.attributes());
        kept.to_utf8();
        kept
    }
}

fn patient(data_set: &DataSet) -> PatientRow {
    let mut other_ids: Vec<(String, Option<String>)> = data_set
        .texts(OTHER_PATIENT_IDS)
        .into_iter()
        .filter(|id| !id.is_empty())
        .map(|id| (id, None))
        .collect();
    for item in data_set.sequence(tags::OTHER_PATIENT_I_DS_SEQUENCE) {
        other_ids.extend(item.text(tags::PATIENT_ID).map(|id| (id, item.text(tags::ISSUER_OF_PATIENT_ID))));
    }
    PatientRow {
        id: data_set.text(tags::PATIENT_ID),
        issuer: data_set.text(tags::ISSUER_OF_PATIENT_ID),
        other_ids,
        name: name(data_set, tags::PATIENT_NAME),
        birth_date: data_set.text(tags::PATIENT_BIRTH_DATE),
        sex: data_set.text(tags::PATIENT_SEX),
    }
}

fn study(data_set: &DataSet, uid: String) -> StudyRow {
    let issuer = data_set.item_at(&[tags::ISSUER_OF_ACCESSION_NUMBER_SEQUENCE]);
    let of_issuer = |tag| issuer.and_then(|issuer| issuer.text(tag));
    StudyRow {
        uid,
        date: data_set.text(tags::STUDY_DATE),
        time: data_set.text(tags::STUDY_TIME),
        timezone: data_set.text(tags::TIMEZONE_OFFSET_FROM_UTC),
        accession_number: data_set.text(tags::ACCESSION_NUMBER),
        accession_issuer: of_issuer(tags::LOCAL_NAMESPACE_ENTITY_ID)
            .or_else(|| of_issuer(tags::UNIVERSAL_ENTITY_ID)),
        id: data_set.text(tags::STUDY_ID),
        description: data_set.text(tags::STUDY_DESCRIPTION),
        referring_physician: name(data_set, tags::REFERRING_PHYSICIAN_NAME),
    }
}

fn series(data_set: &DataSet, uid: String) -> SeriesRow {
    let request = |item: &DataSet| RequestAttributes {
        scheduled_step_id: item.text(tags::SCHEDULED_PROCEDURE_STEP_ID),
        requested_procedure_id: item.text(tags::REQUESTED_PROCEDURE_ID),
        accession_number: item.text(tags::ACCESSION_NUMBER),
    };
    let step = data_set.item_at(&[tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE]);
    SeriesRow {
        uid,
        modality: data_set.text(tags::MODALITY),
        number: data_set.int(tags::SERIES_NUMBER),
        description: data_set.text(tags::SERIES_DESCRIPTION),
        date: data_set.text(tags::SERIES_DATE),
        time: data_set.text(tags::SERIES_TIME),
        body_part: data_set.text(tags::BODY_PART_EXAMINED),
        laterality: data_set.text(tags::LATERALITY),
        protocol: data_set.text(tags::PROTOCOL_NAME),
        step_start_date: data_set.text(tags::PERFORMED_PROCEDURE_STEP_START_DATE),
        step_start_time: data_set.text(tags::PERFORMED_PROCEDURE_STEP_START_TIME),
        step_id: data_set.text(tags::PERFORMED_PROCEDURE_STEP_ID),
        step_uid: step.and_then(|step| step.uid(tags::REFERENCED_SOP_INSTANCE_UID)),
        requests: data_set.sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE).iter().map(request).collect(),
        station_name: data_set.text(tags::STATION_NAME),
        manufacturer: data_set.text(tags::MANUFACTURER),
        model: data_set.text(tags::MANUFACTURER_MODEL_NAME),
        institution: data_set.text(tags::INSTITUTION_NAME),
        department: data_set.text(tags::INSTITUTIONAL_DEPARTMENT_NAME),
        performing_physician: name(data_set, tags::PERFORMING_PHYSICIAN_NAME),
        operator: name(data_set, tags::OPERATORS_NAME),
        frame_of_reference: data_set.uid(tags::FRAME_OF_REFERENCE_UID),
        container: data_set.text(tags::CONTAINER_IDENTIFIER),
    }
}

fn instance(data_set: &DataSet, sop_class: String, uid: String) -> InstanceRow {
    let moment = data_set.text(tags::ACQUISITION_DATE_TIME);
    let part = |range: std::ops::Range<usize>| {
        moment.as_ref().and_then(|moment| moment.get(range).map(str::to_owned))
    };
    InstanceRow {
        sop_class,
        uid,
        number: data_set.int(tags::INSTANCE_NUMBER),
        rows: data_set.int(tags::ROWS),
        columns: data_set.int(tags::COLUMNS),
        samples_per_pixel: data_set.int(tags::SAMPLES_PER_PIXEL),
        photometric: data_set.text(tags::PHOTOMETRIC_INTERPRETATION),
        bits_allocated: data_set.int(tags::BITS_ALLOCATED),
        frames: data_set.int(tags::NUMBER_OF_FRAMES),
        content_date: data_set.text(tags::CONTENT_DATE),
        content_time: data_set.text(tags::CONTENT_TIME),
        acquisition_date: data_set.text(tags::ACQUISITION_DATE).or_else(|| part(0..8)),
        acquisition_time: data_set.text(tags::ACQUISITION_TIME).or_else(|| part(8..14)),
        image_type: data_set.texts(tags::IMAGE_TYPE),
    }
}

fn name(data_set: &DataSet, tag: Tag) -> PersonName {
    PersonName::parse(&data_set.text(tag).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VR;
    use crate::index::UidFault;

    fn object() -> DataSet {
        let mut request = DataSet::new();
        request.set_text(tags::SCHEDULED_PROCEDURE_STEP_ID, "SPS1");
        let mut other = DataSet::new();
        other.set_text(tags::PATIENT_ID, "99");
        other.set_text(tags::ISSUER_OF_PATIENT_ID, "NORTH");
        let mut data_set = DataSet::new();
        data_set.set_text(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 100");
        data_set.set_text(tags::SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.2");
        data_set.set_bytes(tags::SOP_INSTANCE_UID, VR::UI, b"1.2.3.4 \0\0".to_vec());
        data_set.set_text(tags::STUDY_INSTANCE_UID, "1.2.3");
        data_set.set_text(tags::SERIES_INSTANCE_UID, "1.2.03");
        data_set.set_text(tags::PATIENT_NAME, "Müller^Jürgen");
        data_set.set_text(OTHER_PATIENT_IDS, "1\\2");
        data_set.set_sequence(tags::OTHER_PATIENT_I_DS_SEQUENCE, vec![other]);
        data_set.set_text(tags::ACQUISITION_DATE_TIME, "20240131101112.5+0100");
        data_set.set_int(tags::SERIES_NUMBER, 3);
        data_set.set_sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, vec![request]);
        data_set
    }

    #[test]
    fn an_object_tells_its_patient_study_series_and_itself() {
        let attributes = InstanceAttributes::of(&object()).unwrap();
        assert_eq!(attributes.patient.name.alphabetic, "Müller^Jürgen");
        let other = [("1".into(), None), ("2".into(), None), ("99".into(), Some("NORTH".into()))];
        assert_eq!(attributes.patient.other_ids, other);
        assert_eq!((attributes.study.uid.as_str(), attributes.series.uid.as_str()), ("1.2.3", "1.2.03"));
        assert_eq!(attributes.series.number, Some(3));
        assert_eq!(attributes.series.requests[0].scheduled_step_id.as_deref(), Some("SPS1"));
        assert_eq!(attributes.instance.uid, "1.2.3.4");
        assert_eq!(attributes.instance.acquisition_date.as_deref(), Some("20240131"));
        assert_eq!(attributes.instance.acquisition_time.as_deref(), Some("101112"));
        assert_eq!(attributes.patient.id, None);
    }

    #[test]
    fn what_is_kept_for_answers_is_in_utf8() {
        let kept = InstanceAttributes::kept(&object(), Level::Patient);
        assert_eq!(kept.get(tags::PATIENT_NAME).unwrap().bytes(), Some("Müller^Jürgen ".as_bytes()));
        assert!(!kept.contains(tags::STUDY_INSTANCE_UID));
        let kept = InstanceAttributes::kept(&object(), Level::Series);
        assert_eq!(kept.sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE).len(), 1);
    }

    #[test]
    fn an_object_that_does_not_say_what_it_is_is_refused() {
        for (uid, fault) in [
            ("", UidFault::Missing),
            (&"1.2".repeat(22), UidFault::TooLong),
            ("../../etc/passwd", UidFault::NotAUid),
            ("1..2", UidFault::NotAUid),
            ("1.2.", UidFault::NotAUid),
            ("１.２", UidFault::NotAUid),
        ] {
            let mut data_set = object();
            data_set.set_bytes(tags::STUDY_INSTANCE_UID, VR::UI, uid.as_bytes().to_vec());
            let role = UidRole::Study;
            assert_eq!(InstanceAttributes::of(&data_set), Err(IngestRefusal { role, fault }), "{uid}");
        }
        let mut data_set = object();
        data_set.remove(tags::SOP_CLASS_UID);
        let refusal = InstanceAttributes::of(&data_set).unwrap_err();
        assert_eq!(refusal.to_string(), "the SOP class UID is missing");
    }
}
