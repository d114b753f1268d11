//! Try messages again, once what was in the way is gone: a mapping, a patient's record, a setting.

use bianque_hl7v2::{Charset, Message};
use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::desk::line;
use super::kept::KeptMessage;
use super::receive::{in_its_characters, take};
use super::senders::{Line, Sender};
use crate::{App, Change, Error, policy};

/// Messages that are tried in one request.
const MOST: usize = 200;

/// Which messages.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replaying {
    /// These, in the order in which they came.
    pub messages: Vec<ResourceId>,
}

/// Tries messages that could not be applied again, oldest first, and says what became of each.
pub async fn replay(app: &App, context: &Context, replaying: Replaying) -> Result<Value, Error> {
    policy::administrator(context)?;
    if replaying.messages.len() > MOST {
        return Err(Error::field("field.long", "messages", "there are too many messages"));
    }
    let mut messages = replaying.messages;
    // Ids are in the order in which messages came.
    messages.sort();
    messages.dedup();
    let mut shown = Vec::with_capacity(messages.len());
    for id in messages {
        let found = app.load::<KeptMessage>(context.tenant, id.as_str()).await?;
        let Some(found) = found.map(|found| found.value) else { continue };
        if !found.is_applied() {
            again(app, context, &found).await?;
        }
        let now = app.load::<KeptMessage>(context.tenant, id.as_str()).await?;
        shown.extend(now.map(|now| line(&now.value)));
    }
    Ok(json!({"messages": shown}))
}

async fn again(app: &App, context: &Context, kept: &KeptMessage) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    change.audit(AuditAction::E, "message.replay", None, &format!("Message/{}", kept.id));
    change.commit().await?;
    // Without its sender nobody knows how to read it: it stays as it is, and others go on.
    let Some(sender) = app.load::<Sender>(context.tenant, kept.sender.as_str()).await? else { return Ok(()) };
    let message = Message::parse(kept.raw(), Charset::UTF_8).map_err(Error::internal)?;
    let message = in_its_characters(message, &sender.value);
    let address = context.address.parse().unwrap_or(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
    let line = Line { address, secure: true, certificate: None };
    // What its sender is told is nobody's here to hear: what became of it stands with the message.
    match take(app, &sender.value.context(app, context.tenant, &line), &sender.value, &message).await {
        Err(refusal) if refusal.again => Err(Error::conflict("message.failed", refusal.fault.text)),
        _ => Ok(()),
    }
}
