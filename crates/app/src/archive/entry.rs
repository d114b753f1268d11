//! From the header of an instance to its place in the index.

use bianque_dicom::{DataSet, Header, InstanceAttributes, JsonOptions, Level, checked_uid, tags, write_json};
use bianque_query::ImageValue;

use super::attributes::{field, moment, values};
use super::refusal::{Refusal, status};
use super::whose::Named;

/// What the header of an instance says of itself and of all that it belongs to.
pub(super) struct Entry {
    pub(super) class: String,
    pub(super) instance: String,
    pub(super) series: String,
    pub(super) study: String,
    pub(super) named: Named,
    pub(super) moment: String,
    pub(super) modality: String,
    pub(super) series_number: Option<i64>,
    pub(super) number: Option<i64>,
    pub(super) frames: u32,
    pub(super) patient_part: Part,
    pub(super) study_part: Part,
    pub(super) series_part: Part,
    /// What the study is found by since this series is in it.
    pub(super) study_values: Vec<ImageValue>,
    /// What is answered of the instance.
    pub(super) document: Vec<u8>,
}

/// What a level is answered with and found by.
pub(super) struct Part {
    pub(super) document: Vec<u8>,
    pub(super) values: Vec<ImageValue>,
}

impl Entry {
    /// Reads a header.
    ///
    /// # Errors
    /// One of the UIDs that an instance is known by is missing or none.
    pub(super) fn of(header: &Header) -> Result<Self, Refusal> {
        let data_set = &header.data_set;
        let text = |tag| data_set.text(tag).unwrap_or_default();
        let modality = text(tags::MODALITY).trim_matches(['\0', ' ', '\\']).to_owned();
        let frames = data_set.int(tags::NUMBER_OF_FRAMES).and_then(|count| u32::try_from(count).ok());
        let has_pixels = header.pixel_data().is_some();
        let mut study_values = Vec::new();
        if !modality.is_empty() {
            let text = bianque_query::fold(&modality);
            study_values.push(ImageValue { field: field(tags::MODALITIES_IN_STUDY), text });
        }
        let class = uid(data_set, tags::SOP_CLASS_UID, "SOP Class UID")?;
        study_values.push(ImageValue { field: field(tags::SOP_CLASSES_IN_STUDY), text: class.clone() });
        Ok(Self {
            instance: uid(data_set, tags::SOP_INSTANCE_UID, "SOP Instance UID")?,
            series: uid(data_set, tags::SERIES_INSTANCE_UID, "Series Instance UID")?,
            study: study_uid(data_set)?,
            named: named(data_set),
            moment: moment(
                data_set.text(tags::STUDY_DATE).as_deref(),
                data_set.text(tags::STUDY_TIME).as_deref(),
            ),
            series_number: data_set.int(tags::SERIES_NUMBER),
            number: data_set.int(tags::INSTANCE_NUMBER),
            frames: if has_pixels { frames.unwrap_or(1).max(1) } else { 0 },
            patient_part: Part::of(data_set, Level::Patient),
            study_part: Part::of(data_set, Level::Study),
            series_part: Part::of(data_set, Level::Series),
            modality,
            study_values,
            document: document(&InstanceAttributes::kept(data_set, Level::Instance)),
            class,
        })
    }
}

impl Part {
    fn of(data_set: &DataSet, level: Level) -> Self {
        let document = document(&InstanceAttributes::kept(data_set, level));
        Self { document, values: values(data_set, level) }
    }
}

/// What is answered: DICOM JSON.
fn document(part: &DataSet) -> Vec<u8> {
    let mut document = Vec::new();
    write_json(part, &JsonOptions::default(), &mut document);
    document
}

/// The Study Instance UID, as soon as it is there.
pub(super) fn study_uid(data_set: &DataSet) -> Result<String, Refusal> {
    uid(data_set, tags::STUDY_INSTANCE_UID, "Study Instance UID")
}

fn uid(data_set: &DataSet, tag: bianque_dicom::Tag, name: &str) -> Result<String, Refusal> {
    let text = data_set.uid(tag).unwrap_or_default();
    if text.is_empty() {
        return Err(Refusal::new(status::NOT_UNDERSTOOD, format!("there is no {name}")));
    }
    match checked_uid(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(Refusal::new(status::NOT_UNDERSTOOD, format!("the {name} is none"))),
    }
}

fn named(data_set: &DataSet) -> Named {
    let text = |tag| data_set.text(tag).unwrap_or_default().trim_matches(['\0', ' ']).to_owned();
    let name = text(tags::PATIENT_NAME);
    let groups = name.split('=').map(|group| group.trim_end_matches(['^', ' ']));
    let date = moment(Some(&text(tags::PATIENT_BIRTH_DATE)), None);
    let birth_date = if date.is_empty() {
        String::new()
    } else {
        format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..])
    };
    Named {
        number: text(tags::PATIENT_ID),
        issuer: issuer(data_set),
        names: groups.filter(|group| !group.is_empty()).map(str::to_owned).collect(),
        birth_date,
        sex: text(tags::PATIENT_SEX),
    }
}

/// Who gave the Patient ID: its issuer, or the universal one where there is none.
fn issuer(data_set: &DataSet) -> String {
    let local = data_set.text(tags::ISSUER_OF_PATIENT_ID).unwrap_or_default();
    if !local.trim().is_empty() {
        return local.trim().to_owned();
    }
    let qualifiers = data_set.sequence(tags::ISSUER_OF_PATIENT_ID_QUALIFIERS_SEQUENCE).first();
    let universal = qualifiers.and_then(|item| item.text(tags::UNIVERSAL_ENTITY_ID)).unwrap_or_default();
    universal.trim().to_owned()
}

impl Named {
    /// What every instance of a study says alike: the number where there is one, else who it is.
    pub(super) fn key(&self) -> String {
        if self.number.is_empty() {
            let names: Vec<String> = self.names.iter().map(|name| bianque_query::fold(name)).collect();
            format!("|{}|{}", names.join("="), self.birth_date)
        } else {
            format!("{}|{}", self.issuer, self.number)
        }
    }
}
