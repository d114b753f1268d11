//! What somebody is told of, until they say that they have seen it.

use bianque_model::{Context, ResourceId, Role};
use bianque_query::{Predicate, Reference, Scope, Test};
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::settle::MOST;
use super::{CODE, SYSTEM};
use crate::change::audit_row;
use crate::people::{display_name, referenced_id};
use crate::resources::Versioned;
use crate::{App, Change, Error, instant, policy};

/// Corrections of one list.
const LISTED: u32 = 100;
/// Who is told.
const TOLD: [Role; 3] = [Role::Clinician, Role::Specialist, Role::Reporter];

/// The corrections that the asker has not acknowledged, newest first. Whoever believed a value is told, also when they may
/// not open the record any longer.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    let own = policy::member(context, &TOLD)?;
    let tasks = open(app, context, own.practitioner).await?;
    let mut shown = Vec::with_capacity(tasks.len());
    let mut row = audit_row(context, AuditAction::R, "correction.list", None, "Task");
    for task in &tasks {
        let Ok(patient) = referenced_id(&task.value["for"]).parse::<ResourceId>() else { continue };
        let person = app.shown_patient(context.tenant, &patient).await?.value;
        shown.push(correction(&task.value, &person));
        row.patients.push(patient);
    }
    if !shown.is_empty() {
        row.patients.sort();
        row.patients.dedup();
        app.store.audit_read(context.tenant, row).await?;
    }
    Ok(json!({"corrections": shown}))
}

/// How many those are; nobody is named.
pub async fn count(app: &App, context: &Context) -> Result<Value, Error> {
    let own = policy::member(context, &TOLD)?;
    Ok(json!({"count": open(app, context, own.practitioner).await?.len()}))
}

async fn open(app: &App, context: &Context, practitioner: &ResourceId) -> Result<Vec<Versioned>, Error> {
    let param = |param: &str, test: Test| Predicate::Param { param: param.to_owned(), test };
    let owner = Reference { resource_type: "Practitioner".into(), id: practitioner.clone() };
    let filter = Predicate::And(vec![
        param("owner", Test::Refers(owner)),
        param("code", Test::Token { system: Some(SYSTEM.into()), code: Some(CODE.into()) }),
        param("status", Test::Token { system: None, code: Some("requested".into()) }),
    ]);
    app.newest_of(context.tenant, "Task", filter, Scope::All, LISTED).await
}

fn correction(task: &Value, patient: &Value) -> Value {
    let inputs = || task["input"].as_array().into_iter().flatten();
    let of = |code: &'static str| inputs().filter(move |input| input["type"]["coding"][0]["code"] == code);
    let changes = of("was").take(MOST).map(|was| {
        let what = &was["type"]["text"];
        let now = of("now").find(|now| now["type"]["text"] == *what);
        let value = |input: &Value| {
            if input["valueString"] == "-" { Value::Null } else { input["valueString"].clone() }
        };
        json!({"what": what, "was": value(was), "now": now.map(value)})
    });
    json!({
        "id": task["id"],
        "patient": {"id": patient["id"], "name": display_name(patient), "birth_date": patient["birthDate"]},
        "about": task["description"],
        "changes": changes.collect::<Vec<_>>(),
        "seen_at": of("seen").next().map(|seen| seen["valueDateTime"].clone()),
        "corrected_at": task["authoredOn"],
    })
}

/// The asker has seen what was corrected.
///
/// # Errors
/// It is not theirs.
pub async fn acknowledge(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    let own = policy::member(context, &TOLD)?;
    let mut task = app.resource(context.tenant, "Task", id).await?;
    let owner = format!("Practitioner/{}", own.practitioner);
    let is_theirs =
        task.value["owner"]["reference"] == owner && task.value["code"]["coding"][0]["code"] == CODE;
    if !is_theirs {
        return Err(Error::not_found());
    }
    if task.value["status"] == "completed" {
        return Ok(());
    }
    task.value["status"] = json!("completed");
    task.value["lastModified"] = json!(instant::text(context.now));
    let patient = referenced_id(&task.value["for"]).parse().map_err(Error::internal)?;
    let mut change = Change::new(app, context);
    change.replace(&task.value, task.version)?;
    change.audit(AuditAction::U, "correction.acknowledge", Some(&patient), &format!("Task/{id}"));
    change.commit().await?;
    Ok(())
}
