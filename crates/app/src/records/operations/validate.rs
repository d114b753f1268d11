//! Whether a resource could be written, without writing it (FHIR R4, Resource `$validate`).
//!
//! What is wrong with it is the answer, and no refusal.

use bianque_fhir::{
    Issue, IssueCode, Severity, operation_outcome, relative_references, validate_with_warnings,
};
use bianque_model::{Context, ResourceId};
use bianque_store::{Expectation, StoredResource};
use serde_json::Value;

use crate::policy::{self, Action};
use crate::records::asked::{Asked, missing};
use crate::records::prepare::{self, malformed};
use crate::records::read::{audit, standing};
use crate::records::{base, identity, profiles, served, visible, writable};
use crate::{App, Error};

/// What is to be judged, and how.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    resource: Option<Value>,
    asked: Asked,
}

impl Judged {
    /// From the parameters of the address and a body: the resource itself, or Parameters with it as `resource`.
    pub fn read(pairs: Vec<(String, String)>, body: Option<&[u8]>) -> Result<Self, Error> {
        let Some(body) = body else { return Ok(Self { resource: None, asked: Asked::read(pairs, None)? }) };
        let mut read = prepare::read(body)?;
        let of_parameters = read["resourceType"] == "Parameters";
        let parameters = read.get_mut("parameter").filter(|_| of_parameters).and_then(Value::as_array_mut);
        let Some(parameters) = parameters else {
            return Ok(Self { resource: Some(read), asked: Asked::read(pairs, None)? });
        };
        // The resource may be wrong, and the parameters around it not.
        let at = parameters.iter().position(|parameter| parameter["name"] == "resource");
        let resource = at.and_then(|at| parameters.remove(at).get_mut("resource").map(Value::take));
        if parameters.is_empty() {
            return Ok(Self { resource, asked: Asked::read(pairs, None)? });
        }
        Ok(Self { resource, asked: Asked::read(pairs, Some(read.to_string().as_bytes()))? })
    }
}

/// An OperationOutcome: of what was sent, or, when nothing was, of what is stored under the id.
pub async fn validate(
    app: &App,
    context: &Context,
    resource_type: &str,
    id: Option<&ResourceId>,
    judged: Judged,
) -> Result<Vec<u8>, Error> {
    let resource_type = served(resource_type)?;
    let scope = policy::records(context, resource_type, Action::Read)?;
    let Judged { resource, asked } = judged;
    asked.only(&["mode", "profile"])?;
    let mode = asked.text("mode").map(|mode| Mode::read(&mode)).transpose()?;
    let stored = match id {
        Some(id) => Some(visible::current(app, context, scope, resource_type, id).await?),
        None => None,
    };
    if let Some(stored) = &stored {
        standing(stored)?;
        audit(app, context, "fhir.validate", stored).await?;
    }
    if mode == Some(Mode::Delete) {
        stored.ok_or_else(|| missing("the id of what is to be deleted"))?;
        return Ok(outcome(&allowed(context, resource_type, Action::Delete)));
    }
    let mut resource = match resource {
        Some(resource) => resource,
        None => stored_document(stored.as_ref())?,
    };
    relative_references(&mut resource, &base(app, context.tenant));
    let mut issues = addressed(resource_type, id, mode, &resource);
    if let Some(action) = mode.and_then(Mode::action) {
        issues.extend(allowed(context, resource_type, action));
        if issues.is_empty() {
            issues.extend(duplicates(app, context, action, &resource).await?);
        }
    }
    let wanted: Vec<String> = asked.texts("profile").map(str::to_owned).collect();
    issues.extend(faults(app, context, &resource, &wanted).await?);
    if resource_type == "SearchParameter" {
        issues.extend(bianque_fhir::custom::define(&resource).err().unwrap_or_default());
    }
    Ok(outcome(&issues))
}

/// What the asker means to do with the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Create,
    Update,
    Delete,
    Profile,
}

impl Mode {
    fn read(text: &str) -> Result<Self, Error> {
        match text {
            "create" => Ok(Self::Create),
            "update" => Ok(Self::Update),
            "delete" => Ok(Self::Delete),
            "profile" => Ok(Self::Profile),
            _ => Err(malformed(Issue::error(
                IssueCode::Invalid,
                "mode is one of create, update, delete and profile",
            ))),
        }
    }

    const fn action(self) -> Option<Action> {
        match self {
            Self::Create => Some(Action::Create),
            Self::Update => Some(Action::Update),
            Self::Delete => Some(Action::Delete),
            Self::Profile => None,
        }
    }
}

fn stored_document(stored: Option<&StoredResource>) -> Result<Value, Error> {
    let document = stored.and_then(|stored| stored.document.as_deref());
    prepare::read(document.ok_or_else(|| missing("a resource"))?)
}

/// Whether the resource is what the address speaks of.
fn addressed(
    resource_type: &str,
    id: Option<&ResourceId>,
    mode: Option<Mode>,
    resource: &Value,
) -> Vec<Issue> {
    let mut issues = Vec::new();
    if resource["resourceType"].is_string() && resource["resourceType"] != resource_type {
        let message = format!("the address says {resource_type} and the resource another type");
        issues.push(Issue::error(IssueCode::Invalid, message).at("resourceType"));
    }
    let at = |message: &str| Issue::error(IssueCode::Invalid, message).at(format!("{resource_type}.id"));
    match (mode, id, resource["id"].as_str()) {
        (Some(Mode::Update), None, None) => issues.push(at("an update needs an id")),
        (Some(Mode::Update), Some(id), stated) if stated != Some(id.as_str()) => {
            issues.push(at("the id of the resource is not the one of the address"));
        }
        _ => {}
    }
    issues
}

/// Why the asker may not do this with resources of the type.
fn allowed(context: &Context, resource_type: &'static str, action: Action) -> Vec<Issue> {
    let refusal = writable(resource_type).and_then(|_| policy::records(context, resource_type, action));
    match refusal {
        Ok(_) => Vec::new(),
        Err(error) => vec![Issue::error(IssueCode::Forbidden, error.message)],
    }
}

/// Whether somebody else has an identifier of this patient.
async fn duplicates(
    app: &App,
    context: &Context,
    action: Action,
    resource: &Value,
) -> Result<Option<Issue>, Error> {
    let mut resource = resource.clone();
    if action == Action::Create {
        // It would get an id of its own.
        resource["id"] = Value::Null;
    }
    for expectation in identity::settle(app, context, &mut resource).await? {
        let Expectation::NoMatch(query) = expectation else { continue };
        if app.store.count(context.tenant, query, 1).await? > 0 {
            let message = "another patient has one of these identifiers of the same authority";
            return Ok(Some(Issue::error(IssueCode::Duplicate, message).at("Patient.identifier")));
        }
    }
    Ok(None)
}

/// By R4, by the wanted profiles, and by those that the resource states and that are stored here.
async fn faults(
    app: &App,
    context: &Context,
    resource: &Value,
    wanted: &[String],
) -> Result<Vec<Issue>, Error> {
    let urls = wanted.iter().cloned().chain(profiles::stated(resource)).collect();
    let found = profiles::about(app, context, urls).await?;
    let named: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let mut issues = Vec::new();
    for url in &named {
        if !found.as_ref().is_some_and(|found| found.has(url)) {
            let shown: String = url.chars().take(200).collect();
            issues.push(Issue::error(IssueCode::NotFound, format!("no profile {shown} is stored here")));
        }
    }
    for (url, error) in found.iter().flat_map(|found| found.refused()) {
        let severity =
            if named.iter().any(|name| name.starts_with(url)) { Severity::Error } else { Severity::Warning };
        let issue = Issue::error(IssueCode::NotSupported, format!("{url} cannot be checked: {error}"));
        issues.push(Issue { severity, ..issue });
    }
    issues.extend(match &found {
        Some(found) => found.validate(resource, &named),
        None => validate_with_warnings(resource),
    });
    Ok(issues)
}

/// The outcome of these issues; where none is a fault, it says so.
fn outcome(issues: &[Issue]) -> Vec<u8> {
    let fine = Issue {
        severity: Severity::Information,
        ..Issue::error(IssueCode::Informational, "no fault was found")
    };
    let fine = Some(fine).filter(|_| issues.iter().all(|issue| issue.severity != Severity::Error));
    let issues: Vec<Issue> = fine.into_iter().chain(issues.iter().cloned()).collect();
    operation_outcome(&issues).to_string().into_bytes()
}
