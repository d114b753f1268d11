//! The socket of one end of a test call: signalling as on a visit's socket, and pings that are answered.
//!
//! Nothing of it is kept: what it found comes with the device check.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use bianque_app::App;
use bianque_app::ports::{ClientSignal, Command, Join, MediaEvent, SessionId};
use bianque_app::visits::test_call::{TestCall, Way};
use bianque_app::visits::{access, test_call};
use bianque_app::{Error, ErrorKind};
use bianque_model::ResourceId;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::frames::{self, Frame};
use super::visit::{deliver, refused, unavailable};
use crate::{Caller, Edge, Problem};

/// A frame is a session description at most.
const FRAME_LIMIT: usize = 256 * 1024;
/// A test takes a few seconds per way; what lasts longer is something else.
const LASTS_AT_MOST: Duration = Duration::from_mins(1);
/// Frames of one test: some offers and answers, and some pings per second.
const MOST_FRAMES: u32 = 500;

/// Which end of the call the socket is for.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    /// It sends.
    Near,
    /// It receives.
    Far,
}

/// What the address of the socket says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    end: End,
    way: Way,
    #[serde(rename = "as")]
    _as: Option<String>,
    #[serde(rename = "csrf")]
    _csrf: Option<String>,
}

/// `GET /api/visits/{visit}/test-call?end=near|far&way=udp|tcp|relay`
pub(crate) async fn open(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Query(asked): Query<Asked>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let access = access::load(&edge.app, &caller.context, &visit).await?;
    let call = test_call::open(&edge.app, &caller.context, &access, asked.way)?;
    let test = Test::new(edge.app.clone(), call, asked.end);
    Ok(upgrade.max_message_size(FRAME_LIMIT).on_upgrade(move |socket| test.run(socket)))
}

struct Test {
    app: App,
    call: TestCall,
    end: End,
    session: Option<SessionId>,
    events: mpsc::UnboundedSender<MediaEvent>,
    incoming: mpsc::UnboundedReceiver<MediaEvent>,
}

impl Test {
    fn new(app: App, call: TestCall, end: End) -> Self {
        let (events, incoming) = mpsc::unbounded_channel();
        Self { app, call, end, session: None, events, incoming }
    }

    async fn run(mut self, mut socket: WebSocket) {
        // Why it ended nobody asks: the client has its figures, or says that it has none.
        let _ = self.talk(&mut socket).await;
        if let Some(session) = self.session {
            let _ = self.app.media.command(Command::Leave { session });
        }
        let _ = socket.send(Message::Close(None)).await;
    }

    async fn talk(&mut self, socket: &mut WebSocket) -> Result<(), ()> {
        deliver(socket, &json!({"t": "hello", "ice_servers": self.call.ice_servers})).await?;
        let over = Instant::now() + LASTS_AT_MOST;
        let mut frames = 0;
        loop {
            tokio::select! {
                frame = socket.recv() => match frame {
                    Some(Ok(Message::Text(text))) if frames < MOST_FRAMES => {
                        frames += 1;
                        self.hear(socket, &text).await?;
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => return Err(()),
                },
                Some(event) = self.incoming.recv() => if let MediaEvent::Signal(signal) = event {
                    deliver(socket, &json!(signal)).await?;
                },
                () = sleep_until(over) => return deliver(socket, &json!({"t": "over", "code": "test.over"})).await,
            }
        }
    }

    async fn hear(&mut self, socket: &mut WebSocket, text: &str) -> Result<(), ()> {
        if let Some(ping) = ping(text) {
            return deliver(socket, &json!({"t": "pong", "n": ping})).await;
        }
        let taken = match frames::read(text) {
            Ok(Frame::Call(signal)) => self.signal(signal),
            Ok(_) => {
                Err(Error::new(ErrorKind::Malformed, "frame.invalid", "a test call has signalling and pings"))
            }
            Err(message) => Err(Error::new(ErrorKind::Malformed, "frame.invalid", message)),
        };
        match taken {
            Ok(()) => Ok(()),
            Err(error) => deliver(socket, &refused(&error)).await,
        }
    }

    fn signal(&mut self, signal: ClientSignal) -> Result<(), Error> {
        let command = match (signal, self.session) {
            (ClientSignal::Join { sdp, sources }, _) => {
                let events = self.events.clone();
                let sink = Arc::new(move |event| {
                    // The socket may be gone already.
                    let _ = events.send(event);
                });
                let participant = match self.end {
                    End::Near => "near".into(),
                    End::Far => "far".into(),
                };
                let join = Join { room: self.call.room.clone(), participant, sdp, sources };
                self.session = Some(self.app.media.join(join, sink).map_err(unavailable)?);
                return Ok(());
            }
            (_, None) => return Err(Error::conflict("call.none", "join the call first")),
            (signal, Some(session)) => {
                if matches!(signal, ClientSignal::Leave) {
                    self.session = None;
                }
                signal.within(session)
            }
        };
        command.map_or(Ok(()), |command| self.app.media.command(command).map_err(unavailable))
    }
}

/// The number of a ping, which comes back with its answer.
fn ping(text: &str) -> Option<u64> {
    let value: Value = serde_json::from_str(text).ok()?;
    (value["t"] == "ping").then(|| value["n"].as_u64()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_has_a_number_and_nothing_else_is_one() {
        assert_eq!(ping(r#"{"t":"ping","n":7}"#), Some(7));
        for other in ["", "7", r#"{"t":"ping"}"#, r#"{"t":"ping","n":-1}"#, r#"{"t":"call.leave","n":7}"#] {
            assert_eq!(ping(other), None, "{other}");
        }
    }
}
