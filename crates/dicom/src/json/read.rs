//! From JSON to a data set.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use serde_json::{Map, Value as Json};
use thiserror::Error;

use crate::charset::Charset;
use crate::data_set::{DataSet, Element, Value, padded, width};
use crate::dictionary::{tag_of, vr_of};

/// A data set that came as JSON. Its text is in UTF-8; its bulk data is named, and its elements are empty until somebody
/// brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonDataSet {
    /// The data set.
    pub data_set: DataSet,
    /// What lies elsewhere.
    pub bulk_data: Vec<BulkReference>,
}

/// A value that lies elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkReference {
    /// Its element: tags and numbers of items, as [`DataSet::at_path_mut`] takes them.
    pub path: String,
    /// Where it lies.
    pub uri: String,
}

/// Why JSON is no data set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JsonError {
    /// It is not JSON, or nested deeper than 128 times.
    #[error("this is not JSON")]
    NotJson,
    /// It is neither an object nor an array of objects.
    #[error("this is no data set, nor a list of them")]
    NotDataSets,
    /// A name is neither a tag nor a keyword.
    #[error("{0} is no attribute")]
    Attribute(String),
    /// What stands under a tag is not as the model has it.
    #[error("the value of {0} is not as it should be")]
    Value(Tag),
}

/// Reads one data set, or an array of them.
pub fn from_json(json: &[u8]) -> Result<Vec<JsonDataSet>, JsonError> {
    let json: Json = serde_json::from_slice(json).map_err(|_| JsonError::NotJson)?;
    let read = |json: &Json| {
        let Json::Object(object) = json else { return Err(JsonError::NotDataSets) };
        let mut reader = Reader { path: String::new(), bulk_data: Vec::new() };
        let mut data_set = reader.data_set(object)?;
        if object.contains_key("00080005") {
            data_set.to_utf8();
        } else {
            data_set.settle_utf8();
        }
        Ok(JsonDataSet { data_set, bulk_data: reader.bulk_data })
    };
    match &json {
        Json::Array(list) => list.iter().map(read).collect(),
        json => Ok(vec![read(json)?]),
    }
}

struct Reader {
    path: String,
    bulk_data: Vec<BulkReference>,
}

impl Reader {
    fn data_set(&mut self, object: &Map<String, Json>) -> Result<DataSet, JsonError> {
        let mut elements = Vec::with_capacity(object.len());
        for (name, attribute) in object {
            let tag = tag_of(name).ok_or_else(|| JsonError::Attribute(name.clone()))?;
            // What it was written in does not matter any more.
            if tag == tags::SPECIFIC_CHARACTER_SET {
                continue;
            }
            let attribute = attribute.as_object().ok_or(JsonError::Value(tag))?;
            elements.push(self.element(tag, attribute)?);
        }
        Ok(DataSet::of_elements(elements, Charset::UTF_8))
    }

    fn element(&mut self, tag: Tag, attribute: &Map<String, Json>) -> Result<Element, JsonError> {
        let wrong = || JsonError::Value(tag);
        let vr = match attribute.get("vr") {
            Some(vr) => vr.as_str().and_then(|vr| vr.parse().ok()).ok_or_else(wrong)?,
            None => vr_of(tag).unwrap_or(VR::UN),
        };
        if let Some(uri) = attribute.get("BulkDataURI") {
            let uri = uri.as_str().ok_or_else(wrong)?.to_owned();
            let path = format!("{}{:04X}{:04X}", self.path, tag.group(), tag.element());
            self.bulk_data.push(BulkReference { path, uri });
            return Ok(Element::new(tag, vr, Vec::new()));
        }
        if let Some(inline) = attribute.get("InlineBinary") {
            let bytes = STANDARD.decode(inline.as_str().ok_or_else(wrong)?).map_err(|_| wrong())?;
            return Ok(Element::new(tag, vr, padded(bytes, vr)));
        }
        let values = match attribute.get("Value") {
            None | Some(Json::Null) => &[][..],
            Some(values) => values.as_array().ok_or_else(wrong)?,
        };
        if vr == VR::SQ {
            return self.sequence(tag, values);
        }
        let bytes = if width(vr) > 1 { numbers(vr, values) } else { texts(vr, values) };
        Ok(Element::new(tag, vr, padded(bytes.ok_or_else(wrong)?, vr)))
    }

    fn sequence(&mut self, tag: Tag, values: &[Json]) -> Result<Element, JsonError> {
        let length = self.path.len();
        let mut items = Vec::with_capacity(values.len());
        for (number, value) in values.iter().enumerate() {
            let empty = Map::new();
            let object = if value.is_null() { Some(&empty) } else { value.as_object() };
            // Writing into memory does not fail.
            let _ = write!(self.path, "{:04X}{:04X}/{number}/", tag.group(), tag.element());
            items.push(self.data_set(object.ok_or(JsonError::Value(tag))?)?);
            self.path.truncate(length);
        }
        Ok(Element { tag, vr: VR::SQ, value: Value::Sequence(items) })
    }
}

fn texts(vr: VR, values: &[Json]) -> Option<Vec<u8>> {
    let texts: Vec<String> = values
        .iter()
        .map(|value| match value {
            Json::Null => Some(String::new()),
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Object(groups) if vr == VR::PN => Some(name(groups)),
            _ => None,
        })
        .collect::<Option<_>>()?;
    Some(texts.join("\\").into_bytes())
}

fn name(groups: &Map<String, Json>) -> String {
    let group = |key: &str| groups.get(key).and_then(Json::as_str).unwrap_or("");
    let name = ["Alphabetic", "Ideographic", "Phonetic"].map(group).join("=");
    name.trim_end_matches('=').to_owned()
}

/// Numbers, low byte first.
fn numbers(vr: VR, values: &[Json]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(values.len() * width(vr));
    for value in values {
        let text = match value {
            Json::Number(number) => number.to_string(),
            Json::String(text) => text.clone(),
            _ => return None,
        };
        match vr {
            VR::AT => {
                let Tag(group, element) = tag_of(&text)?;
                bytes.extend(group.to_le_bytes());
                bytes.extend(element.to_le_bytes());
            }
            VR::FL | VR::OF => bytes.extend(text.parse::<f32>().ok()?.to_le_bytes()),
            VR::FD | VR::OD => bytes.extend(text.parse::<f64>().ok()?.to_le_bytes()),
            _ => {
                let number = integer(&text)?;
                let bits = 8 * width(vr);
                let signed = matches!(vr, VR::SS | VR::SL | VR::SV);
                let range = if signed { -(1 << (bits - 1))..1 << (bits - 1) } else { 0..1_i128 << bits };
                range.contains(&number).then_some(())?;
                bytes.extend_from_slice(&number.to_le_bytes()[..width(vr)]);
            }
        }
    }
    Some(bytes)
}

/// An integer, also one that was written as a decimal that is whole.
fn integer(text: &str) -> Option<i128> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: f64 = text.parse().ok()?;
    let whole = number.fract() == 0.0 && number.abs() < 9e15;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
    whole.then_some(number as i128)
}
