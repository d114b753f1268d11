//! The rules of Bundles that are told in words (FHIR R4, Bundle 2.36.4): full URLs, references from the head of a
//! document or message, links.

use std::collections::HashSet;

use serde_json::Value;

use super::{Literal, Path, literal};
use crate::outcome::{Issue, IssueCode};

/// Adds the faults of a Bundle; of another resource there are none.
pub(super) fn check(bundle: &Value, issues: &mut Vec<Issue>) {
    if bundle["resourceType"] != "Bundle" {
        return;
    }
    let root = Path::root("Bundle");
    let kind = bundle["type"].as_str().unwrap_or_default();
    let entries = bundle["entry"].as_array().map_or(&[][..], Vec::as_slice);
    let list = root.member("entry");
    for (at, entry) in entries.iter().enumerate() {
        let path = list.item(at);
        if let Some(fault) = entry_fault(kind, entry) {
            issues.push(Issue::error(IssueCode::Invalid, fault).at(path.to_string()));
        }
    }
    links(bundle, &root, issues);
    let head = entries.first().filter(|_| matches!(kind, "document" | "message"));
    if let Some(head) = head {
        let (first, base) = (list.item(0), head["fullUrl"].as_str().unwrap_or_default());
        references(&head["resource"], base, entries, &first.member("resource"), issues);
    }
}

fn entry_fault(kind: &str, entry: &Value) -> Option<String> {
    let resource = entry.get("resource");
    let Some(url) = entry["fullUrl"].as_str() else {
        let needed =
            matches!(kind, "document" | "message" | "collection" | "searchset") && resource.is_some();
        return needed.then(|| "an entry of such a Bundle has a fullUrl".to_owned());
    };
    if !url.contains(':') {
        return Some("a fullUrl is absolute".to_owned());
    }
    let (resource, name) = (resource?, resource?["resourceType"].as_str()?);
    let id = resource["id"].as_str();
    if kind == "searchset" && name != "OperationOutcome" && id.is_none() {
        return Some("what a search found has an id".to_owned());
    }
    // A URL of a server that follows REST names the resource by type and id.
    let Some(Literal::Elsewhere(Some(_))) = literal(url) else { return None };
    let tail = format!("/{name}/{}", id.unwrap_or_default());
    let bare = url.split("/_history/").next().unwrap_or(url);
    (id.is_none() || !bare.ends_with(&tail))
        .then(|| format!("the fullUrl says otherwise than {name}/{}", id.unwrap_or("without id")))
}

/// Each of these relations stands once.
fn links(bundle: &Value, root: &Path<'_>, issues: &mut Vec<Issue>) {
    let mut seen = HashSet::new();
    let list = root.member("link");
    for (at, link) in bundle["link"].as_array().into_iter().flatten().enumerate() {
        let relation = link["relation"].as_str().unwrap_or_default();
        let single = matches!(relation, "self" | "first" | "last" | "next" | "previous" | "prev");
        if single && !seen.insert(relation) {
            let message = format!("there is more than one link {relation:?}");
            issues.push(Issue::error(IssueCode::Invalid, message).at(list.item(at).to_string()));
        }
    }
}

/// All that the head of a document refers to is in the document.
fn references(value: &Value, base: &str, entries: &[Value], path: &Path<'_>, issues: &mut Vec<Issue>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members.iter().filter(|(name, _)| *name != "contained") {
                let at = path.member(name);
                match inner.as_str().filter(|_| name == "reference") {
                    Some(text) if !is_there(text, base, entries) => {
                        let message =
                            "what is referred to is not in the Bundle, by the rules for its full URL";
                        issues.push(Issue::error(IssueCode::NotFound, message).at(at.to_string()));
                    }
                    _ => references(inner, base, entries, &at, issues),
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                references(item, base, entries, &path.item(at), issues);
            }
        }
        _ => {}
    }
}

fn is_there(reference: &str, base: &str, entries: &[Value]) -> bool {
    if reference.starts_with('#') {
        return true;
    }
    let (bare, version) =
        reference.split_once("/_history/").map_or((reference, None), |(bare, v)| (bare, Some(v)));
    let whole = if bare.contains(':') {
        bare.to_owned()
    } else {
        // Relative to the server that the entry is from.
        let Some(Literal::Elsewhere(Some(_))) = literal(base) else { return false };
        let server = base.rsplitn(3, '/').nth(2).unwrap_or_default();
        format!("{server}/{bare}")
    };
    let found: Vec<&Value> = entries.iter().filter(|entry| entry["fullUrl"] == whole.as_str()).collect();
    match version {
        Some(version) => found.iter().any(|entry| entry["resource"]["meta"]["versionId"] == version),
        // Several versions of one resource leave open which is meant.
        None => found.len() == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(bundle: &Value) -> Vec<String> {
        let mut issues = Vec::new();
        check(bundle, &mut issues);
        issues.iter().map(|issue| format!("{}: {}", issue.expression, issue.message)).collect()
    }

    fn document(subject: &str, patient: &str) -> Value {
        let composition =
            json!({"resourceType": "Composition", "id": "c", "subject": {"reference": subject}});
        json!({"resourceType": "Bundle", "type": "document", "entry": [
            {"fullUrl": "http://x.org/fhir/Composition/c", "resource": composition},
            {"fullUrl": patient, "resource": {"resourceType": "Patient", "id": "p"}}
        ]})
    }

    #[test]
    fn the_head_of_a_document_finds_all_inside_it() {
        assert!(told(&document("Patient/p", "http://x.org/fhir/Patient/p")).is_empty());
        assert!(told(&document("urn:uuid:1", "urn:uuid:1")).is_empty());
        assert_eq!(told(&document("Patient/p", "urn:uuid:1")).len(), 1);
        assert_eq!(told(&document("Patient/q", "http://x.org/fhir/Patient/p")).len(), 1);
        assert_eq!(told(&document("Patient/p/_history/3", "http://x.org/fhir/Patient/p")).len(), 1);
    }

    #[test]
    fn full_urls_and_links_are_held_to_their_rules() {
        let found = told(&json!({"resourceType": "Bundle", "type": "searchset",
        "link": [{"relation": "self", "url": "a"}, {"relation": "self", "url": "b"}],
        "entry": [
            {"resource": {"resourceType": "Patient", "id": "p"}},
            {"fullUrl": "Patient/p", "resource": {"resourceType": "Patient", "id": "p"}},
            {"fullUrl": "http://x.org/Patient/q", "resource": {"resourceType": "Patient", "id": "p"}},
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient"}}
        ]}));
        assert_eq!(found.len(), 5, "{found:?}");
        assert!(
            told(&json!({"resourceType": "Bundle", "type": "batch", "entry": [{"resource": {}}]})).is_empty()
        );
    }
}
