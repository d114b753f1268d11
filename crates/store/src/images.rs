//! The index of images, as commits write it and reads give it.

use bianque_model::{BlobId, ResourceId, TenantId, Timestamp};
use bianque_query::ImageValue;

use crate::ResourceName;

/// An instance that becomes part of the archive, with all that it belongs to. Of patient, study and series what is known
/// already stays as it is; counts rise in the order patient, study, series.
#[derive(Debug, Clone)]
pub struct ImageWrite {
    /// Whose it is.
    pub patient: ImagePatientWrite,
    /// Its study.
    pub study: ImageStudyWrite,
    /// Its series.
    pub series: ImageSeriesWrite,
    /// Itself.
    pub instance: ImageInstanceWrite,
}

/// A patient as images name one.
#[derive(Debug, Clone)]
pub struct ImagePatientWrite {
    /// What tells this patient from every other of the tenant.
    pub identity: String,
    /// The record, when it is known whose it is.
    pub patient: Option<ResourceId>,
    /// What is answered of the patient.
    pub document: Vec<u8>,
    /// What the patient is found by.
    pub values: Vec<ImageValue>,
}

/// A study.
#[derive(Debug, Clone)]
pub struct ImageStudyWrite {
    /// Study Instance UID.
    pub uid: String,
    /// Whose it is as it was sent: every instance of a study says the same.
    pub named: String,
    /// The resource that it is; written by the same commit or an earlier one.
    pub resource: ResourceName,
    /// When it was made, as text that sorts; empty: unknown.
    pub moment: String,
    /// What is answered of it.
    pub document: Vec<u8>,
    /// What it is found by.
    pub values: Vec<ImageValue>,
}

/// A series.
#[derive(Debug, Clone)]
pub struct ImageSeriesWrite {
    /// Series Instance UID.
    pub uid: String,
    /// Its number within the study.
    pub number: Option<i64>,
    /// Its modality.
    pub modality: String,
    /// What is answered of it.
    pub document: Vec<u8>,
    /// What it is found by.
    pub values: Vec<ImageValue>,
    /// What its study is found by since it is there.
    pub study_values: Vec<ImageValue>,
}

/// An instance.
#[derive(Debug, Clone)]
pub struct ImageInstanceWrite {
    /// Its row.
    pub row: ImageInstance,
    /// Where its frames lie; empty: it has none, or they are not told apart.
    pub places: Vec<u8>,
}

/// An instance as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageInstance {
    /// SOP Instance UID.
    pub uid: String,
    /// Its number within the series.
    pub number: Option<i64>,
    /// SOP Class UID.
    pub class: String,
    /// Transfer syntax of the data set as it is kept.
    pub syntax: String,
    /// Its bytes.
    pub blob: BlobId,
    /// How many they are.
    pub size: u64,
    /// Where in them the data set begins.
    pub data_set: u64,
    /// Bytes of the data set up to the pixel data.
    pub header: u64,
    /// How many frames it has; 0: none.
    pub frames: u32,
    /// When it came.
    pub received_at: Timestamp,
    /// What is answered of it.
    pub document: Vec<u8>,
}

/// How much there is below something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImageCounts {
    /// Studies of the patient.
    pub patient_studies: u64,
    /// Series of the patient.
    pub patient_series: u64,
    /// Instances of the patient.
    pub patient_instances: u64,
    /// Series of the study.
    pub study_series: u64,
    /// Instances of the study.
    pub study_instances: u64,
    /// Instances of the series.
    pub series_instances: u64,
}

/// A patient as images name one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePatient {
    /// What tells this patient from every other of the tenant.
    pub identity: String,
    /// The record, when it is known whose it is.
    pub patient: Option<ResourceId>,
    /// What is answered of the patient.
    pub document: Vec<u8>,
}

/// A study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageStudy {
    /// Study Instance UID.
    pub uid: String,
    /// The id of the resource that it is.
    pub id: ResourceId,
    /// Modalities of its series, each once.
    pub modalities: Vec<String>,
    /// Bytes of all its instances.
    pub bytes: u64,
    /// When its first instance came.
    pub first_at: Timestamp,
    /// When its last one came.
    pub last_at: Timestamp,
    /// What is answered of it.
    pub document: Vec<u8>,
}

/// A series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSeries {
    /// Series Instance UID.
    pub uid: String,
    /// Its number within the study.
    pub number: Option<i64>,
    /// What is answered of it.
    pub document: Vec<u8>,
}

/// A row of an answer, with all that it belongs to. What lies below the level that was asked for is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRow {
    /// Whose it is.
    pub patient: ImagePatient,
    /// The study.
    pub study: Option<ImageStudy>,
    /// The series.
    pub series: Option<ImageSeries>,
    /// The instance.
    pub instance: Option<ImageInstance>,
    /// How much there is.
    pub counts: ImageCounts,
}

/// A study whose resource does not say what the index does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedStudy {
    /// Its tenant.
    pub tenant: TenantId,
    /// Study Instance UID.
    pub uid: String,
    /// When its last instance came.
    pub last_at: Timestamp,
    /// Since when it has changed.
    pub changed_at: Timestamp,
}

/// What becomes of what the index says of a study besides its instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageChange {
    /// The resource says what the index did while the last instance was that of this instant; if another came, it does not.
    Projected {
        /// Study Instance UID.
        study: String,
        /// When its last instance had come.
        last_at: Timestamp,
    },
    /// The study is another patient's than it was, which is told of the patient it was sent as; what is known of that one
    /// is taken over where the other is new.
    Moved {
        /// Study Instance UID.
        study: String,
        /// What tells the patient from every other of the tenant; none: the one it was sent as.
        identity: Option<String>,
        /// The record.
        patient: Option<ResourceId>,
    },
}
