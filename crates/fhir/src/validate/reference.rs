//! References (FHIR R4, References 2.3.0.1).

use std::str::FromStr;

use bianque_model::ResourceId;
use serde_json::{Map, Value};

use super::{Path, Primitive, Walk};
use crate::outcome::IssueCode;
use crate::tables::{Field, Kind, elements};

/// What the text of a reference points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal<'t> {
    /// A resource of this server.
    Local { resource_type: &'t str, id: ResourceId },
    /// A contained resource; empty: the resource around it.
    Contained(&'t str),
    /// Elsewhere: another server, or a name such as `urn:uuid:…`. The type, where the URL tells it.
    Elsewhere(Option<&'t str>),
}

/// Reads the text of a reference; none when it is not one.
pub(crate) fn literal(text: &str) -> Option<Literal<'_>> {
    if let Some(id) = text.strip_prefix('#') {
        return Some(Literal::Contained(id));
    }
    if let Some((resource_type, id)) = type_and_id(text) {
        return Some(Literal::Local { resource_type, id });
    }
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    if !is_scheme || rest.is_empty() || !Primitive::Uri.accepts(text) {
        return None;
    }
    match scheme {
        "urn" if rest.starts_with("uuid:") => {
            Primitive::Uuid.accepts(text).then_some(Literal::Elsewhere(None))
        }
        "urn" if rest.starts_with("oid:") => Primitive::Oid.accepts(text).then_some(Literal::Elsewhere(None)),
        "http" | "https" => Some(Literal::Elsewhere(type_of_url(rest))),
        _ => Some(Literal::Elsewhere(None)),
    }
}

/// `Type/id` or `Type/id/_history/version`.
fn type_and_id(text: &str) -> Option<(&str, ResourceId)> {
    let (resource_type, rest) = text.split_once('/')?;
    let id = match rest.split_once("/_history/") {
        Some((id, version)) if Primitive::Id.accepts(version) => id,
        Some(_) => return None,
        None => rest,
    };
    is_type(resource_type).then(|| ResourceId::from_str(id).ok()).flatten().map(|id| (resource_type, id))
}

fn type_of_url(url: &str) -> Option<&str> {
    let path = url.split_once("/_history/").map_or(url, |(path, _)| path);
    let mut parts = path.rsplit('/');
    let (id, resource_type) = (parts.next()?, parts.next()?);
    (is_type(resource_type) && Primitive::Id.accepts(id)).then_some(resource_type)
}

fn is_type(name: &str) -> bool {
    elements().by_name(name).is_some_and(|found| found.kind == Kind::Resource)
}

impl<'v> Walk<'v> {
    /// A Reference: a readable text, pointing where this element may point.
    pub(super) fn reference(
        &mut self,
        field: &'static Field,
        members: &'v Map<String, Value>,
        path: &Path<'_>,
    ) {
        let stated = members.get("type").and_then(Value::as_str);
        let Some(text) = members.get("reference").and_then(Value::as_str) else {
            return self.target(field, stated, path);
        };
        let at = path.member("reference");
        let Some(literal) = literal(text) else {
            let message =
                "a reference is Type/id, an absolute URL, urn:uuid:, urn:oid: or #id of a contained resource";
            return self.fault(IssueCode::Value, &at, message);
        };
        match literal {
            Literal::Contained(id) if !id.is_empty() && !self.contained.contains(id) => {
                self.fault(IssueCode::NotFound, &at, "no contained resource has this id");
            }
            Literal::Contained(_) => {}
            Literal::Local { resource_type, .. } | Literal::Elsewhere(Some(resource_type)) => {
                if stated.is_some_and(|stated| stated != resource_type) {
                    let message =
                        format!("type says otherwise than the reference, which is to {resource_type}");
                    return self.fault(IssueCode::Value, &path.member("type"), message);
                }
                self.target(field, Some(resource_type), &at);
            }
            Literal::Elsewhere(None) => self.target(field, stated, &at),
        }
    }

    fn target(&mut self, field: &'static Field, resource_type: Option<&str>, path: &Path<'_>) {
        let Some(name) = resource_type else { return };
        if !field.targets.is_empty() && !field.targets.split('|').any(|target| target == name) {
            let name: String = name.chars().take(64).collect();
            let message = format!("may refer to {}, not to {name}", field.targets.replace('|', ", "));
            self.fault(IssueCode::Value, path, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_of_a_reference() {
        let local = |resource_type, id: &str| Some(Literal::Local { resource_type, id: id.parse().unwrap() });
        assert_eq!(literal("Patient/a-1.b"), local("Patient", "a-1.b"));
        assert_eq!(literal("Patient/1/_history/2"), local("Patient", "1"));
        assert_eq!(literal("#c"), Some(Literal::Contained("c")));
        assert_eq!(literal("https://x.org/fhir/Patient/1"), Some(Literal::Elsewhere(Some("Patient"))));
        assert_eq!(literal("https://x.org/Patient/1/_history/3"), Some(Literal::Elsewhere(Some("Patient"))));
        assert_eq!(literal("https://x.org/anything"), Some(Literal::Elsewhere(None)));
        assert_eq!(literal("urn:uuid:c757873d-ec9a-4326-a141-556f43239520"), Some(Literal::Elsewhere(None)));
        for bad in [
            "",
            "Patient",
            "patient/1",
            "Patient/",
            "Patient/a b",
            "Patient/1/2",
            "/Patient/1",
            "Patient?identifier=1",
            "urn:uuid:1",
            "http:",
            "Patient/../1",
            "Patient/1/_history/",
            "1http://x",
        ] {
            assert_eq!(literal(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}", near in "(http|urn|Patient)?[:/#?]{0,2}[a-z/_.:-]{0,20}") {
            let _ = (literal(&text), literal(&near));
        }
    }
}
