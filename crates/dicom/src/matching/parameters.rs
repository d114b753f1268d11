//! Queries over the web (PS3.18 section 8.3.4).

use dicom_core::{Tag, VR};

use super::condition::{Condition, Key};
use super::query::{Include, Query, QueryError};
use crate::dictionary::{tag_of, vr_of};

/// An attribute, perhaps within sequences: their tags, then its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath(pub Vec<Tag>);

/// Nobody asks deeper.
const DEEPEST: usize = 8;

impl AttributePath {
    /// From tags or keywords with dots between them.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let unknown = || QueryError::Attribute(text.chars().take(128).collect());
        let tags: Vec<Tag> =
            text.split('.').take(DEEPEST + 1).map(tag_of).collect::<Option<_>>().ok_or_else(unknown)?;
        if tags.len() > DEEPEST { Err(unknown()) } else { Ok(Self(tags)) }
    }
}

impl Query {
    /// From the parameters of a search, decoded: attributes by tag or keyword, `includefield`, `fuzzymatching`, `limit`,
    /// `offset`. Lists of UIDs and of codes may have commas between them.
    pub fn from_parameters<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, QueryError> {
        let mut query = Self::default();
        let mut asked = Vec::new();
        for (name, value) in parameters {
            match name {
                "limit" => query.limit = Some(number(value, "limit")?),
                "offset" => query.offset = number(value, "offset")?,
                "fuzzymatching" => query.fuzzy = truth(value, "fuzzymatching")?,
                // Both are always done.
                "emptyvaluematching" => drop(truth(value, "emptyvaluematching")?),
                "multiplevaluematching" => drop(truth(value, "multiplevaluematching")?),
                "includefield" => include(&mut query.include, value)?,
                name => asked.push((AttributePath::parse(name)?, value)),
            }
        }
        for (path, value) in asked {
            insert(&mut query.keys, &path.0, value, query.fuzzy)?;
        }
        Ok(query)
    }
}

/// Adds a key at the end of a path; keys in one sequence are asked of one item.
fn insert(keys: &mut Vec<Key>, path: &[Tag], value: &str, fuzzy: bool) -> Result<(), QueryError> {
    let [tag, inner @ ..] = path else { return Ok(()) };
    let tag = *tag;
    let vr = vr_of(tag).unwrap_or(VR::UN);
    if inner.is_empty() {
        if vr == VR::SQ && value.is_empty() {
            keys.push(Key { tag, vr, condition: Condition::Any });
            return Ok(());
        }
        let listed = matches!(vr, VR::UI | VR::CS).then(|| value.replace(',', "\\"));
        keys.push(Key::parse(tag, vr, listed.as_deref().unwrap_or(value), fuzzy)?);
        return Ok(());
    }
    if vr != VR::SQ && vr_of(tag).is_some() {
        return Err(QueryError::Value(tag));
    }
    for key in keys.iter_mut().filter(|key| key.tag == tag) {
        if let Condition::Items(keys) = &mut key.condition {
            return insert(keys, inner, value, fuzzy);
        }
    }
    let mut within = Vec::new();
    insert(&mut within, inner, value, fuzzy)?;
    keys.push(Key { tag, vr: VR::SQ, condition: Condition::Items(within) });
    Ok(())
}

fn include(include: &mut Include, value: &str) -> Result<(), QueryError> {
    for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if name == "all" {
            *include = Include::All;
            return Ok(());
        }
        let path = AttributePath::parse(name)?;
        if let Include::Attributes(paths) = include {
            paths.push(path);
        }
    }
    Ok(())
}

fn number(value: &str, name: &'static str) -> Result<u32, QueryError> {
    value.trim().parse().map_err(|_| QueryError::Parameter(name))
}

fn truth(value: &str, name: &'static str) -> Result<bool, QueryError> {
    match value.trim() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(QueryError::Parameter(name)),
    }
}
