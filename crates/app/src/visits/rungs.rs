//! The ladder of a call: each step that a participant's connection takes, with its cause, kept beside the windows of the
//! visit.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::StateKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aggregate::{Aggregate, Loaded, shared};
use crate::{App, Change, Error, instant};

/// Steps of one visit that are read back.
const MOST: u32 = 2_000;

/// On what a participant takes part, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// WebRTC over UDP.
    Udp,
    /// WebRTC over TCP.
    Tcp,
    /// WebRTC through TURN.
    Relay,
    /// Sound alone, over a WebSocket.
    Sound,
    /// Nothing flows.
    None,
}

/// Why a step was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// WebRTC connected for the first time.
    Joined,
    /// WebRTC did not connect in time.
    NotConnected,
    /// WebRTC was lost and not back in time.
    Lost,
    /// WebRTC is back.
    Restored,
    /// The socket of the sound was lost too.
    SocketLost,
}

/// A step, as a participant's page tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Where they were.
    pub from: Standing,
    /// Where they are.
    pub to: Standing,
    /// Why.
    pub cause: Cause,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    visit: ResourceId,
    participant: String,
    role: String,
    from: Standing,
    to: Standing,
    cause: Cause,
    at: Timestamp,
}

impl Aggregate for Kept {
    const KIND: &'static str = "rung";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        format!("{}|{}|{}", self.visit, self.participant, self.at.0)
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("visit", self.visit.as_str())]
    }
}

/// Keeps a step of a participant, at the server's time.
pub async fn keep(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    participant: &str,
    role: &str,
    step: Step,
) -> Result<(), Error> {
    let Step { from, to, cause } = step;
    let kept = Kept {
        visit: visit.clone(),
        participant: participant.to_owned(),
        role: role.to_owned(),
        from,
        to,
        cause,
        at: context.now,
    };
    let mut change = Change::new(app, context).bulk();
    change.save(&kept)?;
    change.commit().await.map(drop)
}

/// All steps of a visit, in the order of time.
pub(super) async fn of_visit(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let key = visit.as_str();
    let mut steps = app.list::<Kept>(context.tenant, "visit", key..=key, MOST).await?;
    steps.sort_by_key(|step| step.value.at);
    let line = |Loaded { value, .. }: Loaded<Kept>| {
        json!({
            "participant": value.participant,
            "role": value.role,
            "from": value.from,
            "to": value.to,
            "cause": value.cause,
            "at": instant::text(value.at),
        })
    };
    Ok(steps.into_iter().map(line).collect())
}
