//! What somebody with an account was asked: their questions, newest visit first.

use bianque_model::{Context, Role};
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::Visit;
use super::encounter;
use super::lines::Lines;
use super::view::invitation;
use super::visit::schedule_key;
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::{App, Error, policy};

/// Questions of one list.
const MOST: u32 = 200;
/// How long before now a visit may have been appointed and still be listed.
const BEHIND_S: i64 = 60 * 24 * 3600;
/// How far ahead it may be.
const AHEAD_S: i64 = 366 * 24 * 3600;

/// The questions that name who asks, each with its visit and whether that can still be opened.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    let own = policy::member(context, &[Role::Clinician, Role::Specialist])?;
    let low = schedule_key(own.practitioner, context.now.plus_seconds(-BEHIND_S));
    let high = schedule_key(own.practitioner, context.now.plus_seconds(AHEAD_S));
    let mut visits = app.list::<Visit>(context.tenant, "asked", low.as_str()..high.as_str(), MOST).await?;
    visits.reverse();
    let named = visits.iter().map(|visit| ("Encounter", &visit.value.id));
    let read = app.read_many(context.tenant, named).await?;
    let mut asked = Vec::with_capacity(visits.len());
    for Loaded { value: visit, .. } in &visits {
        asked.push((visit, read.get("Encounter", &visit.id)?));
    }
    let lines = Lines::read(app, context, &asked).await?;
    let mut shown = Vec::with_capacity(asked.len());
    for (visit, encounter) in asked {
        let questions = visit.invitations.iter().rev();
        let mut questions = questions.filter(|one| one.practitioner == *own.practitioner && !one.revoked);
        let Some(question) = questions.next() else { continue };
        shown.push(json!({
            "visit": lines.of(app, context, visit, encounter)?,
            "invitation": invitation(visit, question),
            "open": encounter::is_open(encounter),
        }));
    }
    let mut row = audit_row(context, AuditAction::R, "consult.list", None, "Encounter");
    row.patients = visits.iter().map(|visit| visit.value.patient.clone()).collect();
    row.patients.sort();
    row.patients.dedup();
    app.store.audit_read(context.tenant, row).await?;
    Ok(json!({"consults": shown}))
}
