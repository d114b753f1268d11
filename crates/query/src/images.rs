//! What images are asked for by: patients, their studies, series of these, and instances.
//!
//! A level has *values*: texts under the number of an attribute, normalised by whoever writes them (folded, dates as
//! digits), so that equality, prefixes and ranges are comparisons of bytes. What has no value at a level has no row there.

use crate::Scope;

/// The field of a study's moment: by it studies are in order, and it is no value.
pub const MOMENT: u32 = 0;

/// A level of the hierarchy, from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageLevel {
    /// Whose images they are.
    Patient,
    /// An examination.
    Study,
    /// Images of one kind from one device within a study.
    Series,
    /// One object: an image, a report, a presentation state.
    Instance,
}

/// A value of a patient, a study or a series.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageValue {
    /// The attribute: a tag, or a number that no tag has for what is derived.
    pub field: u32,
    /// Its value, normalised.
    pub text: String,
}

/// Which rows of a level are asked for: those for which all of it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageQuery {
    /// What a row of the answer is.
    pub level: ImageLevel,
    /// Study Instance UIDs; none: any.
    pub studies: Vec<String>,
    /// Series Instance UIDs; none: any.
    pub series: Vec<String>,
    /// SOP Instance UIDs; none: any.
    pub instances: Vec<String>,
    /// SOP Class UIDs of instances; none: any. At higher levels some instance has one of them.
    pub classes: Vec<String>,
    /// Numbers of instances; none: any. At higher levels some instance has one of them.
    pub numbers: Vec<i64>,
    /// Only of patients whose record is not known.
    pub unknown_patients: bool,
    /// What holds of values.
    pub conditions: Vec<ImageCondition>,
    /// The type of the resources that studies are.
    pub resource_type: String,
    /// What policy lets the asker see of these.
    pub scope: Scope,
    /// Rows that are passed over.
    pub offset: u64,
    /// At most this many.
    pub limit: u32,
}

impl ImageQuery {
    /// Everything of a level that a scope lets through.
    pub fn all(level: ImageLevel, resource_type: &str, scope: Scope, limit: u32) -> Self {
        Self {
            level,
            resource_type: resource_type.to_owned(),
            studies: Vec::new(),
            series: Vec::new(),
            instances: Vec::new(),
            classes: Vec::new(),
            numbers: Vec::new(),
            unknown_patients: false,
            conditions: Vec::new(),
            scope,
            offset: 0,
            limit,
        }
    }
}

/// What holds of the values of an attribute. Below the level asked for, it holds of some row there; above, of the row that
/// it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageCondition {
    /// Where the attribute is kept: patient, study or series.
    pub level: ImageLevel,
    /// The attribute.
    pub field: u32,
    /// What holds.
    pub test: ImageTest,
}

/// A test of an attribute's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageTest {
    /// Some value is one of these.
    AnyOf(Vec<String>),
    /// Some value begins so.
    Starts(String),
    /// Some value matches a pattern in which `*` stands for any characters and `?` for one.
    Like(String),
    /// Some value lies here, both ends included; none: open.
    Between(Option<String>, Option<String>),
    /// There is no value.
    Missing,
}
