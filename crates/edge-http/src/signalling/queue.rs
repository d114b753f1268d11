//! The socket of a clinician's day: the queue at once and on every change.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::Response;
use bianque_app::visits::list;
use bianque_app::{App, Error, ErrorKind, instant, policy};
use bianque_model::{Context, ResourceId};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::visit::deliver;
use crate::caller::Stay;
use crate::{Caller, Edge, Problem};

/// Changes that come together are told together.
const GATHER: Duration = Duration::from_millis(150);
const PING_EVERY: Duration = Duration::from_secs(20);

/// The day that is watched; none: today.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Watched {
    day: Option<String>,
    #[serde(default = "utc")]
    zone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// `GET /api/queue/socket`
pub(crate) async fn open(
    State(edge): State<Edge>,
    caller: Caller,
    Query(watched): Query<Watched>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let organization = policy::desk(&caller.context)?.organization.clone();
    Ok(upgrade.max_message_size(1024).on_upgrade(move |socket| async move {
        let queue = Queue { app: edge.app.clone(), caller, organization, watched };
        queue.run(socket).await;
    }))
}

struct Queue {
    app: App,
    caller: Caller,
    organization: ResourceId,
    watched: Watched,
}

impl Queue {
    async fn run(self, mut socket: WebSocket) {
        let mut watch = self.app.live.watch();
        let mut ended = self.app.live.watch_ended();
        if self.tell(&mut socket).await.is_err() {
            return;
        }
        let mut ping = tokio::time::interval(PING_EVERY);
        loop {
            let changed = tokio::select! {
                frame = socket.recv() => match frame {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    // All that a client says here is a ping.
                    Some(Ok(Message::Text(_))) => {
                        if deliver(&mut socket, &json!({"t": "pong"})).await.is_err() {
                            return;
                        }
                        false
                    }
                    Some(Ok(_)) => false,
                },
                changed = watch.recv() => match changed {
                    Ok(changed) => changed.organization == self.organization && changed.tenant == self.caller.context.tenant,
                    Err(RecvError::Lagged(_)) => true,
                    Err(RecvError::Closed) => return,
                },
                () = self.caller.may_have_ended(&mut ended) => {
                    if self.over(&mut socket).await {
                        return;
                    }
                    false
                }
                _ = ping.tick() => {
                    if self.over(&mut socket).await {
                        return;
                    }
                    if socket.send(Message::Ping(Vec::new().into())).await.is_err() {
                        return;
                    }
                    false
                }
            };
            if changed {
                tokio::time::sleep(GATHER).await;
                while !matches!(watch.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
                if self.tell(&mut socket).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Whether the session has ended; the page is told.
    async fn over(&self, socket: &mut WebSocket) -> bool {
        let renewed = self.caller.renewed(&self.app, Stay::Watching).await;
        let over = renewed.is_err_and(|error| error.kind == ErrorKind::SignIn);
        if over {
            let _ = deliver(socket, &json!({"t": "over", "code": "session.ended"})).await;
        }
        over
    }

    async fn tell(&self, socket: &mut WebSocket) -> Result<(), ()> {
        let visits = self.visits().await.map_err(|error| tracing::warn!(%error, "queue"))?;
        deliver(socket, &json!({"t": "queue", "visits": visits})).await
    }

    async fn visits(&self) -> Result<Vec<serde_json::Value>, Error> {
        let now = self.app.clock.now();
        let context = Context { now, ..self.caller.context.clone() };
        let day = match &self.watched.day {
            Some(day) => day.clone(),
            None => instant::day_of(now, &self.watched.zone)
                .ok_or_else(|| Error::field("field.zone", "zone", "the zone is not known"))?,
        };
        list::day(&self.app, &context, &day, &self.watched.zone).await
    }
}
