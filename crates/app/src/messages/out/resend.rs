//! Send messages again: the same bytes under the same number, or made anew where there were none.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::destinations::Destination;
use super::follow;
use super::made::{OutgoingMessage, State};
use crate::{App, Change, Error, policy};

/// Messages of one request.
const MOST: usize = 200;

/// Which messages.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resending {
    /// These, in the order in which they were made.
    pub messages: Vec<ResourceId>,
}

/// Lets messages wait again, behind those that do, and says what became of each. One whose destination is gone stays as it
/// is.
pub async fn resend(app: &App, context: &Context, resending: Resending) -> Result<Value, Error> {
    policy::administrator(context)?;
    if resending.messages.len() > MOST {
        return Err(Error::field("field.long", "messages", "there are too many messages"));
    }
    let mut messages = resending.messages;
    // Ids are in the order in which messages were made.
    messages.sort();
    messages.dedup();
    let mut shown = Vec::with_capacity(messages.len());
    for id in messages {
        let Some(mut found) = app.load::<OutgoingMessage>(context.tenant, id.as_str()).await? else {
            continue;
        };
        let to = found.value.destination.clone();
        let destination = app.load::<Destination>(context.tenant, to.as_str()).await?;
        if let (Some(destination), false) = (destination, matches!(found.value.state, State::Waiting { .. }))
        {
            (found.value.state, found.value.tries) = (State::Waiting { error: None }, 0);
            if found.value.raw().is_empty() {
                follow::again(app, context.tenant, &destination.value, &mut found.value).await?;
            }
            let behind = *app.store.newest_version().borrow();
            found.value.order = format!("{behind:020}|{}", found.value.id);
            let mut change = Change::new(app, context);
            change.update(&found)?;
            change.audit(AuditAction::E, "outgoing.resend", None, &format!("OutgoingMessage/{id}"));
            change.commit().await?;
            app.out.wake(context.tenant, &to);
        }
        shown.push(found.value.line());
    }
    Ok(json!({"messages": shown}))
}
