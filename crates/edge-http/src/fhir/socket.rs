//! The socket of subscriptions (FHIR R4, Subscription 2.46.7.2): a client says `bind ID` and hears `bound ID`, then
//! `ping ID` whenever something matches, and `unbound ID` when it will hear no more.
//!
//! Who asks is known by the token of the request that opens the socket, as everywhere below `/fhir`; an address carries
//! none.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use bianque_app::policy::{self, Action};
use bianque_app::records::subscriptions::{self, Ear, Heard};
use bianque_app::{App, Error, ErrorKind};
use bianque_model::{Context, ResourceId};
use tokio::time::Instant;

use super::Refusal;
use crate::caller::Stay;
use crate::{Caller, Edge};

/// Longest word of a client, bytes.
const WORD: usize = 256;
/// Subscriptions that one socket is bound to.
const MOST: usize = 64;
/// Words of a client in one interval.
const WORDS: u32 = 200;
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// A client that answers no ping for this long is gone.
const SILENT_FOR: Duration = Duration::from_secs(50);

/// `GET /fhir/ws`
pub(crate) async fn open(
    State(edge): State<Edge>,
    caller: Caller,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    policy::records(&caller.context, "Subscription", Action::Read)?;
    Ok(upgrade.max_message_size(WORD).on_upgrade(move |socket| async move {
        let bound = BTreeSet::new();
        Listener { app: edge.app.clone(), caller, ear: Arc::default(), bound, words: 0 }.run(socket).await;
    }))
}

/// The socket is to be closed.
struct Gone;

struct Listener {
    app: App,
    caller: Caller,
    ear: Arc<Ear>,
    bound: BTreeSet<ResourceId>,
    words: u32,
}

impl Listener {
    async fn run(mut self, mut socket: WebSocket) {
        let _ = self.talk(&mut socket).await;
        let _ = socket.send(Message::Close(None)).await;
    }

    async fn talk(&mut self, socket: &mut WebSocket) -> Result<(), Gone> {
        let mut look = tokio::time::interval(LOOK_EVERY);
        let mut from_client = Instant::now();
        let ear = Arc::clone(&self.ear);
        loop {
            tokio::select! {
                frame = socket.recv() => {
                    from_client = Instant::now();
                    match frame {
                        Some(Ok(Message::Text(text))) => self.hear(socket, &text).await?,
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Gone),
                        Some(Ok(_)) => {}
                    }
                }
                heard = ear.heard() => {
                    for (id, heard) in heard {
                        self.tell(socket, id, heard).await?;
                    }
                }
                _ = look.tick() => {
                    if from_client.elapsed() > SILENT_FOR {
                        return Err(Gone);
                    }
                    self.look(socket).await?;
                }
            }
        }
    }

    /// A word of the client.
    async fn hear(&mut self, socket: &mut WebSocket, text: &str) -> Result<(), Gone> {
        self.words += 1;
        if self.words > WORDS {
            return Err(Gone);
        }
        let Some(id) = text.trim().strip_prefix("bind ").map(str::trim) else {
            return say(socket, "refused: say bind and the id of a subscription".to_owned()).await;
        };
        let shown: String = id.chars().filter(char::is_ascii_graphic).take(64).collect();
        match self.bind(id).await {
            Ok(id) => say(socket, format!("bound {id}")).await,
            Err(error) => say(socket, format!("refused {shown}: {}", error.message)).await,
        }
    }

    async fn bind(&mut self, id: &str) -> Result<ResourceId, Error> {
        if self.bound.len() >= MOST {
            let words = format!("a socket is bound to {MOST} subscriptions at most");
            return Err(Error::new(ErrorKind::Refused, "subscription.sockets", words));
        }
        let context = self.now().await?;
        let id = subscriptions::bind(&self.app, &context, id).await?;
        self.app.subscriptions.listen(context.tenant, &id, &self.ear);
        self.bound.insert(id.clone());
        Ok(id)
    }

    async fn tell(&mut self, socket: &mut WebSocket, id: ResourceId, heard: Heard) -> Result<(), Gone> {
        if !self.bound.contains(&id) {
            return Ok(());
        }
        for _ in 0..heard.pings {
            say(socket, format!("ping {id}")).await?;
        }
        if heard.over {
            say(socket, format!("unbound {id}")).await?;
            self.bound.remove(&id);
        }
        Ok(())
    }

    /// Whether the caller still is who they were, and may hear what they hear.
    async fn look(&mut self, socket: &mut WebSocket) -> Result<(), Gone> {
        self.words = 0;
        let context = self.now().await.map_err(|_| Gone)?;
        for id in self.bound.clone() {
            if subscriptions::may_bind(&self.app, &context, &id).await.is_err() {
                self.tell(socket, id, Heard { pings: 0, over: true }).await?;
            }
        }
        socket.send(Message::Ping(Vec::new().into())).await.map_err(|_| Gone)
    }

    async fn now(&self) -> Result<Context, Error> {
        self.caller.renewed(&self.app, Stay::Watching).await
    }
}

async fn say(socket: &mut WebSocket, text: String) -> Result<(), Gone> {
    socket.send(Message::Text(text.into())).await.map_err(|_| Gone)
}
