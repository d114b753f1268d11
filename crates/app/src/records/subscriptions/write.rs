//! Writing a Subscription: what cannot be done is refused, secrets are taken out, and the server is told to begin.

use bianque_fhir::{Issue, IssueCode};
use bianque_model::{Context, ResourceId};
use serde_json::Value;
use uuid::Uuid;

use super::asked::{Asked, Channel};
use super::criteria::{asks_who_refers, fault};
use super::headers::{self, Header};
use super::progress::Progress;
use super::terms::{RUNS, Terms};
use super::writer::Writer;
use super::{MOST, TYPE};
use crate::policy::{self, Action};
use crate::records::outcome::refused;
use crate::{App, Change, Error, ErrorKind};

/// What becomes of a resource that is written, and of what belongs to it, in the same change. Other types stay as they are.
pub(in crate::records) async fn written(
    app: &App,
    context: &Context,
    mut resource: Value,
    change: &mut Change<'_>,
) -> Result<Value, Error> {
    if resource["resourceType"] != TYPE {
        return Ok(resource);
    }
    let writer = Writer::of(&context.actor).ok_or_else(Error::forbidden)?;
    let id: ResourceId = resource["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
    let before = standing(app, context, &id).await?;
    let asked = Asked::read(&resource).map_err(|issues| invalid(&issues))?;
    let runs = wanted(&resource, &before)?;
    allowed(context, &asked)?;
    understood(app, context, &asked).await?;
    let terms = app.load::<Terms>(context.tenant, id.as_str()).await?.map(|terms| terms.value);
    if runs {
        possible(app, context, &asked, terms.as_ref()).await?;
    }
    let (endpoint, headers) = secrets(app, &asked, terms.as_ref())?;
    headers::mask(&mut resource);
    settle(&mut resource, &before, runs);
    // What was turned off has given its place up; what failed goes on from it.
    let goes_on =
        terms.filter(|_| matches!(before["status"].as_str(), Some("requested" | "active" | "error")));
    let begun = goes_on.map_or_else(|| Uuid::now_v7().to_string(), |terms| terms.begun);
    let headers = headers::seal(app, id.as_str(), &headers)?;
    change.save(&Terms { id, writer, headers, endpoint, begun, runs })?;
    Ok(resource)
}

/// What goes with a Subscription that is deleted.
pub(in crate::records) fn removed(resource_type: &str, id: &ResourceId, change: &mut Change<'_>) {
    if resource_type == TYPE {
        change.remove::<Terms>(id.as_str());
        change.remove::<Progress>(id.as_str());
    }
}

/// Subscriptions of another system are not taken in from files: nobody here has asked to be told.
pub(in crate::records) fn not_taken_in(resource_type: &str) -> Result<(), Error> {
    if resource_type != TYPE {
        return Ok(());
    }
    let words = "subscriptions are not imported; who wants to be told writes one over /fhir";
    Err(refused(ErrorKind::Refused, "subscription.import", &[Issue::error(IssueCode::NotSupported, words)]))
}

/// What stands; null: nothing.
async fn standing(app: &App, context: &Context, id: &ResourceId) -> Result<Value, Error> {
    let stored = app.store.resource(context.tenant, TYPE, id).await?;
    let document = stored.and_then(|stored| stored.document);
    document.map_or(Ok(Value::Null), |document| serde_json::from_slice(&document).map_err(Error::internal))
}

/// Whether it is to run.
fn wanted(resource: &Value, before: &Value) -> Result<bool, Error> {
    match resource["status"].as_str() {
        Some("requested" | "active") => Ok(true),
        Some("error") if before["status"] != "error" => {
            let words = "that a subscription is in error is for the server to say; ask for requested or off";
            Err(invalid(&[Issue::error(IssueCode::BusinessRule, words).at("Subscription.status")]))
        }
        _ => Ok(false),
    }
}

/// Whoever is told of resources has to be allowed to search them, and to read them where they are sent.
fn allowed(context: &Context, asked: &Asked) -> Result<(), Error> {
    policy::records(context, asked.criteria.resource_type, Action::Search)?;
    if matches!(asked.channel, Channel::RestHook { payload: true, .. }) {
        policy::records(context, asked.criteria.resource_type, Action::Read)?;
    }
    Ok(())
}

/// The criteria are ones that a search understands, and that changes of the resource itself decide.
async fn understood(app: &App, context: &Context, asked: &Asked) -> Result<(), Error> {
    let filter = asked.criteria.filter(app, context).await?;
    if asks_who_refers(&filter) {
        let words = "who refers to a resource changes without it, so that _has and _list would miss what they ask for";
        return Err(invalid(&[fault(IssueCode::NotSupported, words)]));
    }
    Ok(())
}

/// What is to run can.
async fn possible(app: &App, context: &Context, asked: &Asked, terms: Option<&Terms>) -> Result<(), Error> {
    let mut issues = Vec::new();
    if asked.end.is_some_and(|end| end <= context.now) {
        issues.push(Issue::error(IssueCode::BusinessRule, "the end has passed").at("Subscription.end"));
    }
    if let Channel::RestHook { endpoint, .. } = &asked.channel
        && let Err(failure) = app.outbound.admits(endpoint)
    {
        let words = format!("endpoint: {failure}");
        issues.push(Issue::error(IssueCode::Value, words).at("Subscription.channel.endpoint"));
    }
    if !terms.is_some_and(|terms| terms.runs) {
        let running = app.list::<Terms>(context.tenant, RUNS.0, RUNS.1..=RUNS.1, MOST).await?;
        if running.len() >= MOST as usize {
            let words = format!("{MOST} subscriptions run already, and no more are taken");
            issues.push(Issue::error(IssueCode::TooCostly, words));
        }
    }
    if issues.is_empty() { Ok(()) } else { Err(invalid(&issues)) }
}

/// The endpoint and its headers. What is kept is kept for its endpoint: to another it is never sent.
fn secrets(app: &App, asked: &Asked, terms: Option<&Terms>) -> Result<(String, Vec<Header>), Error> {
    let Channel::RestHook { endpoint, headers, .. } = &asked.channel else {
        return Ok((String::new(), Vec::new()));
    };
    let kept = match terms.filter(|terms| terms.endpoint == endpoint.as_str()) {
        Some(terms) => headers::unseal(app, terms.id.as_str(), terms.headers.as_deref())?,
        None => Vec::new(),
    };
    let filled = headers::filled(headers.clone(), &kept).map_err(|issue| invalid(&[issue]))?;
    Ok((endpoint.to_string(), filled))
}

/// What the server itself says: the status that a run begins with, and no error but one that stands.
fn settle(resource: &mut Value, before: &Value, runs: bool) {
    if runs {
        resource["status"] = "requested".into();
    }
    let kept = before["error"].as_str().filter(|_| resource["status"] == "error");
    match (kept, resource.as_object_mut()) {
        (Some(error), _) => resource["error"] = error.into(),
        (None, Some(members)) => drop(members.remove("error")),
        (None, None) => {}
    }
}

fn invalid(issues: &[Issue]) -> Error {
    refused(ErrorKind::Refused, "subscription.invalid", issues)
}
