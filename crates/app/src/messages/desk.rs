//! The message desk: what came, what became of it, and the message itself beside what was made of it.

use bianque_hl7v2::{Charset, Message};
use bianque_mapping::to_fhir;
use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::kept::{KeptMessage, Left, Outcome};
use super::pages;
use super::senders::Sender;
use crate::change::audit_row;
use crate::visits::access::required;
use crate::{App, Change, Error, instant, policy};

/// Messages that are counted at most.
const COUNTED: u32 = 200;

/// Which messages.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// `applied`, `failed` or `settled`; empty: all.
    pub state: String,
    /// Of this sender; empty: of all.
    pub sender: String,
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
    let key = if asked.state == "failed" { "failed" } else { "at" };
    let wanted = asked.text.trim().to_lowercase();
    let asks = |message: &KeptMessage| is_asked(&asked, &wanted, message);
    let (page, next) = pages::page(app, context.tenant, key, &asked.before, asks).await?;
    let shown: Vec<Value> = page.iter().map(line).collect();
    let row = audit_row(context, AuditAction::R, "message.list", None, "Message");
    app.store.audit_read(context.tenant, row).await?;
    Ok(json!({"messages": shown, "next": next, "failed": failed(app, context).await?}))
}

/// How messages flow.
pub async fn flow(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut shown = app.flow.shown(context.tenant, context.now);
    shown["failed"] = json!(failed(app, context).await?);
    Ok(shown)
}

/// A message, as it came and as it is mapped now. The reading is audited as one of the patient's.
pub async fn show(app: &App, context: &Context, id: &ResourceId) -> Result<Value, Error> {
    policy::administrator(context)?;
    let found = app.load::<KeptMessage>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    let message = found.value;
    let sender = app.load::<Sender>(context.tenant, message.sender.as_str()).await?.map(|it| it.value);
    let charset = sender.as_ref().map_or(Charset::UTF_8, Sender::charset);
    let parsed = Message::parse(message.raw(), charset).map_err(Error::internal)?;
    let mapped = sender.as_ref().map(|sender| to_fhir(&parsed, &sender.mapping()));
    let (resources, unmapped) = match mapped {
        Some(Ok(mapped)) => (mapped.entries, None),
        Some(Err(error)) => (Vec::new(), Some(error.to_string())),
        None => (Vec::new(), Some("its sender was removed".to_owned())),
    };
    let patient = match &message.outcome {
        Outcome::Applied { patient, .. } => Some(patient),
        Outcome::Failed { .. } => None,
    };
    let row = audit_row(context, AuditAction::R, "message.read", patient, &format!("Message/{id}"));
    app.store.audit_read(context.tenant, row).await?;
    let mut shown = line(&message);
    shown["segments"] = segments(&parsed);
    shown["resources"] =
        resources.iter().map(|entry| json!({"name": entry.name, "resource": entry.resource})).collect();
    shown["unmapped"] = json!(unmapped);
    if let Outcome::Applied { wrote, left, .. } = &message.outcome {
        shown["wrote"] = json!(wrote);
        shown["left"] = left.iter().map(told).collect();
    }
    Ok(shown)
}

/// Why a message is left as it is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settling {
    /// Why it need not be applied.
    pub reason: String,
}

/// Settles a message that could not be applied: somebody has looked at it, and it stays as it is.
pub async fn settle(app: &App, context: &Context, id: &ResourceId, settling: Settling) -> Result<(), Error> {
    policy::administrator(context)?;
    let reason = required("reason", &settling.reason, 500)?;
    let mut found =
        app.load::<KeptMessage>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    if found.value.is_applied() {
        return Err(Error::conflict("message.applied", "this message was applied"));
    }
    found.value.settled = Some(reason);
    let mut change = Change::new(app, context);
    change.update(&found)?;
    change.audit(AuditAction::U, "message.settle", None, &format!("Message/{id}"));
    change.commit().await?;
    Ok(())
}

/// How many wait for somebody; `many` stands for more than are counted.
async fn failed(app: &App, context: &Context) -> Result<usize, Error> {
    Ok(app.list::<KeptMessage>(context.tenant, "failed", "".."~", COUNTED).await?.len())
}

fn is_asked(asked: &Asked, wanted: &str, message: &KeptMessage) -> bool {
    (asked.state.is_empty() || asked.state == message.state())
        && (asked.sender.is_empty() || asked.sender == message.sender.as_str())
        && message.kind.starts_with(&asked.kind)
        && (wanted.is_empty()
            || message.control.to_lowercase() == wanted
            || pages::says(message.raw(), wanted))
}

/// A message in a list. It says nothing of the patient.
pub(super) fn line(message: &KeptMessage) -> Value {
    let mut line = json!({
        "id": message.id,
        "at": instant::text(message.at),
        "sender_id": message.sender,
        "kind": message.kind,
        "control": message.control,
        "state": message.state(),
        "reused_control": message.reused_control,
        "tries": message.tries,
    });
    match &message.outcome {
        Outcome::Applied { left, .. } => line["left_count"] = json!(left.len()),
        Outcome::Failed { fault } => line["fault"] = told(fault),
    }
    if let Some(reason) = &message.settled {
        line["settled"] = json!(reason);
    }
    line
}

fn told(left: &Left) -> Value {
    json!({"at": left.at, "code": left.code, "text": left.text})
}

/// A message by its segments and their fields.
pub(super) fn segments(message: &Message) -> Value {
    let segments = message.segments().map(|segment| {
        let fields: Vec<_> = (1..=segment.last()).map(|number| raw(message, segment.field(number))).collect();
        json!({"name": segment.name(), "fields": fields})
    });
    segments.collect()
}

/// A field as it stands in the message, in its characters and with its separators.
fn raw(message: &Message, value: bianque_hl7v2::Value<'_>) -> String {
    message.charset().decode(value.bytes()).into_owned()
}
