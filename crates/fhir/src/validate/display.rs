//! What codes are called: a display that its code system does not know is worth a warning.

use serde_json::Value;

use super::{ISSUES, Path};
use crate::outcome::{Issue, IssueCode, Severity};
use crate::terminology::{Coding, Terminology};

/// Warns of each Coding, of a code system that is embedded, whose display is another.
pub(super) fn check(resource: &Value, issues: &mut Vec<Issue>) {
    let name = resource.get("resourceType").and_then(Value::as_str).unwrap_or("Resource");
    walk(resource, &Path::root(name), issues);
}

fn walk(value: &Value, path: &Path<'_>, issues: &mut Vec<Issue>) {
    if issues.len() >= ISSUES {
        return;
    }
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &path.item(at), issues);
            }
        }
        Value::Object(members) => {
            if let Some(coding) = members.get("display").and_then(|_| Coding::read(value))
                && let Some(message) = Terminology::embedded().misnamed(&coding)
            {
                let issue = Issue::error(IssueCode::Invalid, message).at(path.member("display").to_string());
                issues.push(Issue { severity: Severity::Warning, ..issue });
            }
            for (name, member) in members {
                walk(member, &path.member(name), issues);
            }
        }
        _ => {}
    }
}
