//! Parts of a resource: `_summary` and `_elements` (FHIR R4, Search 3.1.1.5.8 and 3.1.1.5.9).
//!
//! What is left out is told by a tag, so that nobody writes a part back over the whole.

use serde_json::{Map, Value, json};

use crate::outcome::{Issue, IssueCode};
use crate::tables::{Type, elements};

/// Elements that may be asked for at once.
const ELEMENTS: usize = 100;

/// How much of a resource is answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Shape {
    /// All of it.
    #[default]
    Whole,
    /// What R4 counts to the summary of its type.
    Summary,
    /// Its narrative.
    Text,
    /// All but its narrative.
    Data,
    /// These elements.
    Elements(Vec<String>),
}

impl Shape {
    /// Takes `_summary` and `_elements` out of the pairs of a request. `_summary=count` stays: it is about a search.
    pub fn take(pairs: &mut Vec<(String, String)>) -> Result<Self, Issue> {
        let mut shape = Self::Whole;
        for (name, value) in pairs.iter() {
            let asked = match (name.as_str(), value.as_str()) {
                ("_summary", "true") => Self::Summary,
                ("_summary", "text") => Self::Text,
                ("_summary", "data") => Self::Data,
                ("_summary", "false" | "count") => continue,
                ("_summary", _) => {
                    return Err(Issue::error(
                        IssueCode::Value,
                        "_summary: expected true, text, data, count or false",
                    ));
                }
                ("_elements", list) => Self::elements(list)?,
                _ => continue,
            };
            if shape != Self::Whole {
                let message = "_summary and _elements are asked for once, and not together";
                return Err(Issue::error(IssueCode::Invalid, message));
            }
            shape = asked;
        }
        pairs.retain(|(name, value)| name != "_elements" && (name != "_summary" || value == "count"));
        Ok(shape)
    }

    fn elements(list: &str) -> Result<Self, Issue> {
        let names: Vec<String> = list
            .split(',')
            // `Patient.name` asks for the element of one type.
            .map(|name| name.trim().rsplit('.').next().unwrap_or_default().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        if names.is_empty() || names.len() > ELEMENTS {
            return Err(Issue::error(
                IssueCode::Value,
                "_elements: expected names of elements, parted by commas",
            ));
        }
        Ok(Self::Elements(names))
    }

    /// As it stands in the link of a Bundle.
    pub fn pair(&self) -> Option<(String, String)> {
        let pair = |name: &str, value: String| Some((name.to_owned(), value));
        match self {
            Self::Whole => None,
            Self::Summary => pair("_summary", "true".into()),
            Self::Text => pair("_summary", "text".into()),
            Self::Data => pair("_summary", "data".into()),
            Self::Elements(names) => pair("_elements", names.join(",")),
        }
    }

    /// The part of a stored resource.
    pub fn of(&self, resource: &Value) -> Value {
        let (Value::Object(members), Some(found)) =
            (resource, resource["resourceType"].as_str().and_then(|name| elements().by_name(name)))
        else {
            return resource.clone();
        };
        let kept = match self {
            Self::Whole => return resource.clone(),
            Self::Summary => summary(found, members),
            Self::Text => some(found, members, |name| name == "text"),
            Self::Data => members.iter().filter(|(name, _)| *name != "text").map(owned).collect(),
            Self::Elements(names) => some(found, members, |name| names.iter().any(|one| one == name)),
        };
        let mut part = Value::Object(kept);
        tag(&mut part);
        part
    }
}

/// What the summary of a type has, through all of its elements.
fn summary(found: &Type, members: &Map<String, Value>) -> Map<String, Value> {
    let kept = members.iter().filter_map(|(name, value)| {
        if name == "resourceType" {
            return Some(owned((name, value)));
        }
        let field = found.field(name.trim_start_matches('_'))?;
        if !field.summary && !is_required(found, field.element) {
            return None;
        }
        let inner = elements().type_of(field).filter(|inner| inner.has_summary());
        let Some(inner) = inner.filter(|_| !name.starts_with('_')) else { return Some(owned((name, value))) };
        let part = |value: &Value| match value {
            Value::Object(members) => Value::Object(summary(inner, members)),
            other => other.clone(),
        };
        let value = match value {
            Value::Array(items) => Value::Array(items.iter().map(part).collect()),
            one => part(one),
        };
        Some((name.clone(), value))
    });
    kept.collect()
}

/// The members whose element passes, and those without which it would be no resource.
fn some(found: &Type, members: &Map<String, Value>, passes: impl Fn(&str) -> bool) -> Map<String, Value> {
    let kept = members.iter().filter(|(name, _)| {
        let bare = name.trim_start_matches('_');
        let element = found.field(bare).map_or(bare, |field| field.element);
        matches!(bare, "resourceType" | "id" | "meta") || is_required(found, element) || passes(element)
    });
    kept.map(owned).collect()
}

fn is_required(found: &Type, element: &str) -> bool {
    found.required().any(|(name, _)| name == element)
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

fn tag(resource: &mut Value) {
    let subsetted =
        json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"});
    match resource["meta"]["tag"].as_array_mut() {
        Some(tags) => tags.push(subsetted),
        None => resource["meta"]["tag"] = json!([subsetted]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patient() -> Value {
        json!({
            "resourceType": "Patient", "id": "p", "meta": {"tag": [{"code": "demo"}]},
            "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Li</div>"},
            "name": [{"family": "Li"}], "birthDate": "1984", "_birthDate": {"id": "b"},
            "maritalStatus": {"text": "m"}, "contact": [{"name": {"family": "Na"}}],
        })
    }

    fn shape(pairs: &[(&str, &str)]) -> Result<Shape, Issue> {
        Shape::take(
            &mut pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        )
    }

    fn names(shape: &Shape, resource: &Value) -> Vec<String> {
        let part = shape.of(resource);
        assert_eq!(part["meta"]["tag"].as_array().unwrap().last().unwrap()["code"], "SUBSETTED");
        part.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn each_shape_has_its_part_and_says_so() {
        let patient = patient();
        assert_eq!(
            names(&Shape::Summary, &patient),
            ["resourceType", "id", "meta", "name", "birthDate", "_birthDate"]
        );
        assert_eq!(names(&Shape::Text, &patient), ["resourceType", "id", "meta", "text"]);
        assert!(!names(&Shape::Data, &patient).contains(&"text".to_owned()));
        let some = shape(&[("_elements", "birthDate, Patient.contact")]).unwrap();
        assert_eq!(
            names(&some, &patient),
            ["resourceType", "id", "meta", "birthDate", "_birthDate", "contact"]
        );
        assert_eq!(Shape::Whole.of(&patient), patient);
    }

    #[test]
    fn what_must_be_there_stays_and_choices_are_one_element() {
        let seen = json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"},
            "valueQuantity": {"value": 1}, "note": [{"text": "n"}],
            "component": [{"code": {"text": "c"}, "valueString": "v", "interpretation": [{"text": "i"}]}]});
        let value = shape(&[("_elements", "value")]).unwrap();
        assert_eq!(names(&value, &seen), ["resourceType", "status", "code", "valueQuantity", "meta"]);
        let summary = Shape::Summary.of(&seen);
        assert!(summary["note"].is_null() && summary["component"][0]["interpretation"].is_null());
        assert_eq!(summary["component"][0]["valueString"], "v");
    }

    #[test]
    fn pairs_are_taken_or_refused() {
        let mut pairs =
            vec![("_summary".to_owned(), "count".to_owned()), ("name".to_owned(), "x".to_owned())];
        assert_eq!(Shape::take(&mut pairs).unwrap(), Shape::Whole);
        assert_eq!(pairs.len(), 2);
        for bad in [
            &[("_summary", "short")][..],
            &[("_elements", ",")],
            &[("_summary", "true"), ("_elements", "id")],
        ] {
            assert!(shape(bad).is_err(), "{bad:?}");
        }
        assert_eq!(shape(&[("_summary", "data")]).unwrap().pair(), Some(("_summary".into(), "data".into())));
    }
}
