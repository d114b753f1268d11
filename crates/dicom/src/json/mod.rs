//! The DICOM JSON model (PS3.18 annex F).

mod read;
mod write;

pub use read::{BulkReference, JsonDataSet, JsonError, from_json};
pub use write::{JsonOptions, write_json};

use crate::Tag;
use crate::data_set::{DataSet, Element, Value};
use crate::dictionary::tag_of;

impl DataSet {
    /// The element at the end of a path of tags and numbers of items, as bulk data is named by: `00540016/0/00181074`.
    pub fn at_path(&self, path: &str) -> Option<(&DataSet, &Element)> {
        let mut steps = path.trim_matches('/').split('/');
        let mut data_set = self;
        loop {
            let element = data_set.get(tag_of(steps.next()?)?)?;
            let Some(item) = steps.next() else { return Some((data_set, element)) };
            let Value::Sequence(items) = &element.value else { return None };
            data_set = items.get(item.parse::<usize>().ok()?)?;
        }
    }

    /// The data set in which the last tag of such a path is, and that tag.
    pub fn at_path_mut(&mut self, path: &str) -> Option<(&mut DataSet, Tag)> {
        let mut steps = path.trim_matches('/').split('/');
        let mut data_set = self;
        loop {
            let tag = tag_of(steps.next()?)?;
            let Some(item) = steps.next() else { return Some((data_set, tag)) };
            data_set = data_set.sequence_mut(tag)?.get_mut(item.parse::<usize>().ok()?)?;
        }
    }
}

#[cfg(test)]
mod tests;
