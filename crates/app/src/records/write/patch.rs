//! Change some members of a resource (FHIR R4, RESTful API 3.1.0.5) by a JSON Patch (RFC 6902).

use bianque_fhir::{Issue, IssueCode, document};
use bianque_model::{Context, ResourceId};
use json_patch::PatchOperation;
use serde_json::Value;

use super::{Aim, Aimed, Expected, Matching, Planned, Target, check, matching, update};
use crate::corrections::Before;
use crate::policy::{self, Action};
use crate::records::outcome::refused;
use crate::records::prepare::{self, Under, malformed};
use crate::records::subscriptions;
use crate::{App, Change, Error, ErrorKind};

/// Operations of one patch.
const OPERATIONS: usize = 1_000;
/// Characters that the copies of one patch may add, as JSON; in memory they are many times that. A copy of copies doubles.
const COPIED: usize = 1 << 20;

/// Changes of a document, applied in their order or not at all.
#[derive(Debug, Clone)]
pub struct Patch(json_patch::Patch);

impl Patch {
    /// Reads a body of `application/json-patch+json`.
    pub fn read(body: &[u8]) -> Result<Self, Error> {
        let not_one =
            |why: String| malformed(Issue::error(IssueCode::Structure, format!("not a JSON Patch: {why}")));
        let value = document::parse(body).map_err(|error| not_one(error.to_string()))?;
        let patch: json_patch::Patch =
            serde_json::from_value(value).map_err(|error| not_one(error.to_string()))?;
        if patch.0.len() > OPERATIONS {
            return Err(not_one(format!("more than {OPERATIONS} operations")));
        }
        Ok(Self(patch))
    }

    /// Applies its operations in their order. Where one fails, what came of those before it is of no use.
    fn apply(&self, resource: &mut Value) -> Result<(), String> {
        let mut copied = 0;
        for (place, operation) in self.0.iter().enumerate() {
            bounded(resource, operation, &mut copied)
                .map_err(|why| format!("operation {place} {why}"))
                .and_then(|()| {
                    json_patch::patch_unsafe(resource, std::slice::from_ref(operation)).map_err(|error| {
                        format!("operation {place} at {:?}: {}", error.path.as_str(), error.kind)
                    })
                })?;
        }
        Ok(())
    }
}

/// Whether the document stays within what is read of documents: each operation may add a little, and many of them much.
fn bounded(resource: &Value, operation: &PatchOperation, copied: &mut usize) -> Result<(), &'static str> {
    let (path, added) = match operation {
        PatchOperation::Add(add) => (&add.path, Some(&add.value)),
        PatchOperation::Replace(replace) => (&replace.path, Some(&replace.value)),
        PatchOperation::Move(moved) => (&moved.path, resource.pointer(moved.from.as_str())),
        PatchOperation::Copy(copy) => {
            let source = resource.pointer(copy.from.as_str());
            *copied += source.map_or(0, |source| source.to_string().len());
            if *copied > COPIED {
                return Err("copies more than a patch may");
            }
            (&copy.path, source)
        }
        PatchOperation::Remove(_) | PatchOperation::Test(_) => return Ok(()),
    };
    let deep = path.tokens().count() + added.map_or(0, depth);
    if deep > document::DEPTH as usize { Err("nests too deep") } else { Ok(()) }
}

/// How deep values lie in each other; a value that holds none is 0 deep.
fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => None,
    };
    inner.map_or(0, |inner| inner + 1)
}

/// The resource of an id, or the only one that matches.
pub(super) async fn aim(
    app: &App,
    context: &Context,
    (resource_type, target): (&'static str, Target),
    patch: Patch,
    expected: Option<Expected>,
    change: &mut Change<'_>,
) -> Result<Aimed, Error> {
    policy::records(context, resource_type, Action::Update)?;
    let aim = Aim::Patch(patch, expected);
    let pairs = match target {
        Target::Id(id) => return Ok(Aimed { resource_type, id, aim }),
        Target::Matching(pairs) => pairs,
    };
    policy::records(context, resource_type, Action::Search)?;
    match matching(app, context, resource_type, &pairs).await? {
        Matching::None(_) => Err(Error::not_found()),
        Matching::One(id, expectation) => {
            change.expect(expectation);
            Ok(Aimed { resource_type, id, aim })
        }
    }
}

/// The resource as the patch makes it. What is written is made from the version that still stands then.
pub(super) async fn plan(
    app: &App,
    context: &Context,
    (resource_type, id): (&'static str, &ResourceId),
    patch: &Patch,
    expected: Option<Expected>,
    change: &mut Change<'_>,
) -> Result<Planned, Error> {
    let stored = app.store.resource(context.tenant, resource_type, id).await?.ok_or_else(Error::not_found)?;
    check(expected, stored.version, stored.document.is_some())?;
    let standing = stored
        .document
        .ok_or_else(|| Error::new(ErrorKind::Over, "fhir.deleted", "this resource was deleted"))?;
    let mut resource = document::parse(&standing).map_err(Error::internal)?;
    patch.apply(&mut resource).map_err(|why| {
        let message = format!("the patch does not fit the resource: {why}");
        refused(ErrorKind::Refused, "fhir.patch", &[Issue::error(IssueCode::Value, message)])
    })?;
    let resource = prepare::checked(app, context, resource_type, Under::Stated(id), resource).await?;
    let resource = subscriptions::written(app, context, resource, change).await?;
    let before = Before { document: &standing, version: stored.version, since: stored.last_updated };
    change.define(&resource).await?;
    update::replace(app, context, resource, (stored.version, Some(before)), change).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn applied(operations: &Value) -> Result<Value, String> {
        let mut resource = json!({"resourceType": "Patient", "extension": [], "gender": "male"});
        let patch = Patch::read(operations.to_string().as_bytes()).unwrap();
        patch.apply(&mut resource).map(|()| resource)
    }

    #[test]
    fn operations_that_do_not_fit_say_which_and_why() {
        let changed = applied(&json!([
            {"op": "test", "path": "/gender", "value": "male"},
            {"op": "copy", "from": "/gender", "path": "/extension/-"},
            {"op": "move", "from": "/gender", "path": "/language"},
        ]));
        assert_eq!(
            changed.unwrap(),
            json!({"resourceType": "Patient", "extension": ["male"], "language": "male"})
        );
        let why = applied(&json!([{"op": "remove", "path": "/gender"}, {"op": "remove", "path": "/gender"}]));
        assert!(why.unwrap_err().starts_with("operation 1 at \"/gender\": "));
    }

    #[test]
    fn copies_of_copies_have_an_end() {
        let begin = json!({"op": "add", "path": "/extension/-", "value": "x".repeat(1_000)});
        let double = json!({"op": "copy", "from": "/extension", "path": "/extension/0"});
        let patch: Vec<Value> = std::iter::once(begin).chain(std::iter::repeat_n(double, 30)).collect();
        assert!(applied(&json!(patch)).unwrap_err().contains("copies more than a patch may"));
    }

    #[test]
    fn nesting_by_many_operations_has_an_end() {
        let (mut path, mut patch) = (String::new(), Vec::new());
        for _ in 0..200 {
            path.push_str("/a");
            patch.push(json!({"op": "add", "path": path, "value": {}}));
        }
        assert!(applied(&json!(patch[..60])).is_ok());
        assert_eq!(applied(&json!(patch)).unwrap_err(), "operation 64 nests too deep");
        let into = |path: &str| json!({"op": "copy", "from": "/extension", "path": path});
        let mut patch = vec![json!({"op": "add", "path": "/extension/-", "value": [[[[[[[[[[]]]]]]]]]]})];
        patch.extend((1..8).map(|turn| into(&format!("/extension{}/-", "/0".repeat(turn * 11)))));
        assert!(applied(&json!(patch)).is_err());
    }
}
