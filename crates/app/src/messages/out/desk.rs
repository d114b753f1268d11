//! The desk of messages that go out: what was made, what became of it, and what the other side said.

use bianque_hl7v2::{Charset, Message};
use bianque_model::{Context, ResourceId};
use bianque_store::{AuditAction, CommitError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::destinations;
use super::made::{OutgoingMessage, State};
use crate::change::audit_row;
use crate::messages::desk::segments;
use crate::messages::pages;
use crate::visits::access::required;
use crate::{App, Change, Error, policy};

/// Which messages.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// `waiting`, `sent`, `refused`, `unmade` or `dropped`; `unsettled`: refused and unmade; empty: all.
    pub state: String,
    /// For this destination; empty: for all.
    pub destination: String,
    /// Kinds that begin so, for example `ADT` or `ORU^R01`.
    pub kind: String,
    /// The MSH-10, or words that stand in the message.
    pub text: String,
    /// The `next` of the page before.
    pub before: String,
}

/// A page of messages, the newest first.
pub async fn list(app: &App, context: &Context, asked: Asked) -> Result<Value, Error> {
    policy::administrator(context)?;
    let wanted = asked.text.trim().to_lowercase();
    let asks = |message: &OutgoingMessage| is_asked(&asked, &wanted, message);
    let (page, next) = pages::page(app, context.tenant, "at", &asked.before, asks).await?;
    let shown: Vec<Value> = page.iter().map(OutgoingMessage::line).collect();
    let row = audit_row(context, AuditAction::R, "outgoing.list", None, "OutgoingMessage");
    app.store.audit_read(context.tenant, row).await?;
    let mut answer = counted(app, context).await?;
    answer["messages"] = json!(shown);
    answer["next"] = json!(next);
    Ok(answer)
}

/// How messages flow out.
pub async fn flow(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut shown = app.out.flow.shown(context.tenant, context.now);
    let counted = counted(app, context).await?;
    shown["waiting"] = counted["waiting"].clone();
    shown["refused"] = counted["refused"].clone();
    if let Some(members) = shown.as_object_mut() {
        // Nobody knocks here.
        members.remove("strangers");
    }
    Ok(shown)
}

/// A message as it goes out, and the answer to it. The reading is audited as one of the patient's.
pub async fn show(app: &App, context: &Context, id: &ResourceId) -> Result<Value, Error> {
    policy::administrator(context)?;
    let found = app.load::<OutgoingMessage>(context.tenant, id.as_str()).await?;
    let message = found.ok_or_else(Error::not_found)?.value;
    let entity = format!("OutgoingMessage/{id}");
    let row = audit_row(context, AuditAction::R, "outgoing.read", Some(&message.patient), &entity);
    app.store.audit_read(context.tenant, row).await?;
    let mut shown = message.line();
    shown["patient_id"] = json!(message.patient);
    let read = |raw: Vec<u8>| Message::parse(raw, Charset::UTF_8).ok().map(|message| segments(&message));
    shown["segments"] = read(message.raw()).unwrap_or_else(|| json!([]));
    shown["answer_segments"] = message.answer().and_then(read).unwrap_or_default();
    Ok(shown)
}

/// Why a message does not go out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dropping {
    /// Why.
    pub reason: String,
}

/// Drops a message: it does not go out, or nobody has to look after it any longer.
pub async fn drop(app: &App, context: &Context, id: &ResourceId, dropping: Dropping) -> Result<(), Error> {
    policy::administrator(context)?;
    let reason = required("reason", &dropping.reason, 500)?;
    loop {
        let found = app.load::<OutgoingMessage>(context.tenant, id.as_str()).await?;
        let mut found = found.ok_or_else(Error::not_found)?;
        if matches!(found.value.state, State::Sent { .. }) {
            return Err(Error::conflict("message.sent", "this message is out"));
        }
        found.value.state = State::Dropped { reason: reason.clone() };
        let mut change = Change::new(app, context);
        change.update(&found)?;
        change.audit(AuditAction::U, "outgoing.drop", None, &format!("OutgoingMessage/{id}"));
        match change.try_commit().await {
            Ok(_) => {
                app.out.wake(context.tenant, &found.value.destination);
                return Ok(());
            }
            // It was tried meanwhile.
            Err(CommitError::Version { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// How many wait, and how many nobody has settled.
async fn counted(app: &App, context: &Context) -> Result<Value, Error> {
    let (mut waiting, mut refused) = (0, 0);
    for one in destinations::of(app, context.tenant).await? {
        let counts = OutgoingMessage::counts(app, context.tenant, &one.value.id).await?;
        waiting += counts["waiting"].as_u64().unwrap_or_default();
        refused += counts["refused"].as_u64().unwrap_or_default();
    }
    Ok(json!({"waiting": waiting, "refused": refused}))
}

fn is_asked(asked: &Asked, wanted: &str, message: &OutgoingMessage) -> bool {
    let unsettled = matches!(message.state, State::Refused { .. } | State::Unmade { .. });
    (asked.state.is_empty() || asked.state == message.word() || asked.state == "unsettled" && unsettled)
        && (asked.destination.is_empty() || asked.destination == message.destination.as_str())
        && message.kind.starts_with(&asked.kind)
        && (wanted.is_empty()
            || message.control.to_lowercase() == wanted
            || pages::says(message.raw(), wanted))
}
