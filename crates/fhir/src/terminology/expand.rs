//! All codes of a value set, a page of them, as FHIR answers them (FHIR R4, ValueSet `$expand`).

use bianque_query::fold;
use serde_json::{Map, Value, json};

use super::entry::Entry;
use super::refusal::Refusal;
use super::set::Set;
use super::system::{Concept, Designation, Text};
use super::{LISTED, Terminology, resource};

/// What is asked of an expansion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expand {
    /// Words that must stand in a code or in what it is called, without regard to case and accents.
    pub filter: Option<String>,
    /// Codes left out at the beginning.
    pub offset: usize,
    /// Codes of the page; without it all, at most [`LISTED`].
    pub count: Option<usize>,
    /// Without codes that are not in use any more.
    pub active_only: bool,
    /// Without codes that only group others.
    pub selectable_only: bool,
    /// With what codes are called in other languages.
    pub designations: bool,
    /// The language of displays, where a code has one in it.
    pub language: Option<String>,
}

impl Terminology {
    /// The expansion of the value set of a URL, as a ValueSet. `now` is an instant of FHIR.
    pub fn expand(&self, url: &str, asked: &Expand, now: &str) -> Result<Value, Refusal> {
        self.expansion(self.set(url)?, asked, now)
    }

    /// The expansion of a value set that is given as a resource.
    pub fn expand_resource(&self, value_set: &Value, asked: &Expand, now: &str) -> Result<Value, Refusal> {
        self.expansion(&resource::set(value_set), asked, now)
    }

    fn expansion(&self, set: &Set, asked: &Expand, now: &str) -> Result<Value, Refusal> {
        let mut entries = self.list(set)?;
        if asked.active_only {
            entries.retain(|entry| !entry.concept.is_some_and(Concept::is_inactive));
        }
        if asked.selectable_only {
            entries.retain(|entry| entry.concept.is_none_or(|concept| concept.selectable));
        }
        if let Some(filter) = &asked.filter {
            let words: Vec<String> = fold(filter).split_whitespace().map(str::to_owned).collect();
            entries.retain(|entry| matches(entry, &words));
        }
        let total = entries.len();
        let rest = total.saturating_sub(asked.offset);
        let count = asked.count.map_or(rest, |count| count.min(rest));
        if count > LISTED {
            return Err(Refusal::TooCostly { limit: LISTED });
        }
        let page = entries.iter().skip(asked.offset).take(count);
        let contains: Vec<Value> = page.map(|entry| answered(entry, asked)).collect();
        let mut answer = head(set);
        let mut expansion = json!({"timestamp": now, "total": total});
        if asked.count.is_some() || asked.offset > 0 {
            expansion["offset"] = json!(asked.offset);
        }
        let parameters = parameters(asked);
        if !parameters.is_empty() {
            expansion["parameter"] = Value::Array(parameters);
        }
        if !contains.is_empty() {
            expansion["contains"] = Value::Array(contains);
        }
        answer.insert("expansion".into(), expansion);
        Ok(Value::Object(answer))
    }
}

/// Whether each word stands in the code or in something that it is called.
fn matches(entry: &Entry<'_>, words: &[String]) -> bool {
    let mut names = vec![fold(entry.code), fold(entry.display)];
    names.extend(entry.designations.iter().map(|designation| fold(&designation.value)));
    words.iter().all(|word| names.iter().any(|name| name.contains(word.as_str())))
}

fn head(set: &Set) -> Map<String, Value> {
    let status = if set.status.is_empty() { "unknown" } else { &set.status };
    let mut head = Map::new();
    head.insert("resourceType".into(), json!("ValueSet"));
    let fields: [(&str, &Text); 4] =
        [("url", &set.url), ("version", &set.version), ("name", &set.name), ("title", &set.title)];
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        head.insert(name.into(), json!(value));
    }
    head.insert("status".into(), json!(status));
    head
}

/// What was asked, for whoever keeps the answer.
fn parameters(asked: &Expand) -> Vec<Value> {
    let mut parameters = Vec::new();
    if let Some(filter) = &asked.filter {
        parameters.push(json!({"name": "filter", "valueString": filter}));
    }
    if asked.offset > 0 {
        parameters.push(json!({"name": "offset", "valueInteger": asked.offset}));
    }
    if let Some(count) = asked.count {
        parameters.push(json!({"name": "count", "valueInteger": count}));
    }
    if asked.active_only {
        parameters.push(json!({"name": "activeOnly", "valueBoolean": true}));
    }
    if asked.selectable_only {
        parameters.push(json!({"name": "excludeNotForUI", "valueBoolean": true}));
    }
    if asked.designations {
        parameters.push(json!({"name": "includeDesignations", "valueBoolean": true}));
    }
    if let Some(language) = &asked.language {
        parameters.push(json!({"name": "displayLanguage", "valueCode": language}));
    }
    parameters
}

fn answered(entry: &Entry<'_>, asked: &Expand) -> Value {
    let mut value = Map::new();
    value.insert("system".into(), json!(entry.system));
    if let Some(concept) = entry.concept {
        if !concept.selectable {
            value.insert("abstract".into(), json!(true));
        }
        if concept.is_inactive() {
            value.insert("inactive".into(), json!(true));
        }
    }
    value.insert("code".into(), json!(entry.code));
    let display = in_language(entry.designations, asked.language.as_deref()).unwrap_or(entry.display);
    if !display.is_empty() {
        value.insert("display".into(), json!(display));
    }
    if asked.designations && !entry.designations.is_empty() {
        value.insert("designation".into(), designations(entry.designations));
    }
    Value::Object(value)
}

/// What a code is called in a language: `zh-CN` is answered by `zh` too.
pub(super) fn in_language<'d>(designations: &'d [Designation], language: Option<&str>) -> Option<&'d str> {
    let language = language?;
    let called = |wanted: &str| {
        let found = designations.iter().find(|own| own.language.eq_ignore_ascii_case(wanted));
        found.map(|designation| &*designation.value)
    };
    called(language).or_else(|| called(language.split('-').next().unwrap_or_default()))
}

/// Designations as FHIR writes them.
pub(super) fn designations(designations: &[Designation]) -> Value {
    let written = designations.iter().map(|designation| {
        let mut value = json!({"value": designation.value});
        if !designation.language.is_empty() {
            value["language"] = json!(designation.language);
        }
        value
    });
    Value::Array(written.collect())
}
