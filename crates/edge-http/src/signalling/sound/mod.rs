//! The socket by which a participant takes part with sound alone.
//!
//! It is a socket of its own and not the visit's: on one connection a session description of 15 kB would hold sound up
//! for seconds on the lines that this is for, and sound would hold up signalling. A frame touches no database: what is
//! kept, and whether whoever opened the socket may still be here, is the matter of [`watch::Watch`], a task beside it.

mod downward;
mod watch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use bianque_app::App;
use bianque_app::ports::{
    Command, Dropped, JoinSound, MediaEvent, SessionId, SoundFrame, SoundGate, SoundInput,
};
use bianque_app::visits::people::audience;
use bianque_app::visits::presence::Participant;
use bianque_app::visits::{Visit, access, call, view};
use bianque_model::ResourceId;
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use self::downward::Downward;
use self::watch::Watch;
use super::visit::unavailable;
use crate::{Caller, Edge, Problem};

/// What is longer than a frame is counted and dropped; what is longer than this ends the socket.
const MESSAGE_LIMIT: usize = 16 * 1024;
/// How often the way there and back is measured, and the client told how it is heard.
const PING_EVERY: Duration = Duration::from_secs(1);
/// How long the last windows of a session may take to come.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// `GET /api/visits/{visit}/sound`
pub(crate) async fn open(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let access = access::load_present(&edge.app, &caller.context, &visit).await?;
    call::may_call(&access)?;
    let me = view::participant(&edge.app, &caller.context, &access).await?;
    edge.app
        .audit_read(&caller.context, "visit.sound", &access.visit.value.patient, &access.entity())
        .await?;
    // Frames go out as they come: what waits here is late.
    let upgrade = upgrade.max_message_size(MESSAGE_LIMIT).write_buffer_size(0);
    let visit = access.visit.value;
    Ok(upgrade.on_upgrade(move |socket| take_part(edge.app.clone(), caller, visit, me, socket)))
}

async fn take_part(app: App, caller: Caller, visit: Visit, me: Participant, socket: WebSocket) {
    let (events, incoming) = mpsc::unbounded_channel();
    let sink = Arc::new(move |event| {
        // The socket may be gone already.
        let _ = events.send(event);
    });
    let room = call::room(&caller.context, &visit.id);
    let participant = me.id.as_str().into();
    let (out, frames) = socket.split();
    let down = Downward::new(out);
    let session = match app.media.join_sound(JoinSound { room, participant }, sink) {
        Ok(session) => session,
        Err(refused) => {
            let error = unavailable(refused);
            let told =
                json!({"t": "call.state", "state": "rejected", "code": error.code, "message": error.message});
            return down.close(&told).await;
        }
    };
    audience::apply(&app, &caller.context, &visit);
    let (notes, heard) = mpsc::unbounded_channel();
    let watch = Watch::new(app.clone(), caller, visit.id, me);
    let (over, told) = oneshot::channel();
    let watch = tokio::spawn(watch.run(heard, over));
    let gate = SoundGate::new(Instant::now());
    let talk = Talk { app, session, gate, down, notes, heard: Heard::default(), flooded: false };
    talk.run(frames, incoming, told).await;
    // Presence and windows are kept before the socket's task is gone.
    let _ = watch.await;
}

/// How the client is heard, since it was last told.
#[derive(Debug, Default)]
struct Heard {
    sequence: Option<u16>,
    lost: u64,
}

impl Heard {
    fn take(&mut self, frame: &SoundFrame) {
        let step = self.sequence.map_or(1, |last| frame.sequence.wrapping_sub(last));
        // Late ones are the core's matter; a jump of half the circle is one.
        if step != 0 && step < 0x8000 {
            self.lost += u64::from(step - 1);
            self.sequence = Some(frame.sequence);
        }
    }
}

struct Talk {
    app: App,
    session: SessionId,
    gate: SoundGate,
    down: Downward,
    notes: mpsc::UnboundedSender<MediaEvent>,
    heard: Heard,
    flooded: bool,
}

impl Talk {
    async fn run(
        mut self,
        mut frames: SplitStream<WebSocket>,
        mut incoming: mpsc::UnboundedReceiver<MediaEvent>,
        mut told: oneshot::Receiver<&'static str>,
    ) {
        let mut ping = tokio::time::interval(PING_EVERY);
        let over = loop {
            tokio::select! {
                message = frames.next() => match message {
                    Some(Ok(message)) => self.hear(&message),
                    Some(Err(_)) | None => break None,
                },
                event = incoming.recv() => match event {
                    Some(event) => self.tell(event),
                    None => break None,
                },
                code = &mut told, if !told.is_terminated() => if let Ok(code) = code { break Some(code) },
                written = self.down.write(Instant::now()) => if written.is_err() { break None },
                _ = ping.tick() => self.ping(),
            }
        };
        self.end(over, frames, incoming).await;
    }

    /// The session ends with its socket, and its last windows are kept.
    async fn end(
        mut self,
        over: Option<&'static str>,
        mut frames: SplitStream<WebSocket>,
        mut incoming: mpsc::UnboundedReceiver<MediaEvent>,
    ) {
        let _ = self.app.media.command(Command::Leave { session: self.session });
        let last = async {
            while let Some(event) = incoming.recv().await {
                self.tell(event);
            }
        };
        let _ = tokio::time::timeout(LAST_WORDS, last).await;
        if let Some(code) = over {
            self.down.signal(&json!({"t": "over", "code": code}));
        }
        let counts = self.gate.counts();
        if counts.malformed + counts.too_fast > 0 {
            tracing::info!(
                session = %self.session,
                malformed = counts.malformed,
                too_fast = counts.too_fast,
                "frames of sound refused"
            );
        }
        drop(self.notes);
        self.down.finish().await;
        // What is still coming is read and forgotten: closed upon unread bytes, a connection loses the last words too.
        let rest = async { while let Some(Ok(_)) = frames.next().await {} };
        let _ = tokio::time::timeout(LAST_WORDS, rest).await;
    }

    fn hear(&mut self, message: &Message) {
        let now = Instant::now();
        match message {
            Message::Binary(bytes) => match self.gate.admit(now, bytes) {
                Ok(frame) => {
                    self.heard.take(&frame);
                    self.hand_over(SoundInput::Frame(frame));
                }
                Err(dropped) => self.refuse(dropped),
            },
            // Nothing is said in text here; who does so is as loud as who sends nonsense.
            Message::Text(_) => {
                if let Err(dropped) = self.gate.admit(now, &[]) {
                    self.refuse(dropped);
                }
            }
            Message::Pong(number) => {
                if let Some(rtt) = self.down.answered(now, number) {
                    self.hand_over(SoundInput::Heard { rtt });
                }
            }
            Message::Ping(_) | Message::Close(_) => {}
        }
    }

    fn refuse(&mut self, dropped: Dropped) {
        let reason = match dropped {
            Dropped::Malformed(_) => "malformed",
            Dropped::TooFast | Dropped::Flood => "too-fast",
        };
        metrics::counter!("bianque_sound_frames_refused_total", "reason" => reason).increment(1);
        if dropped == Dropped::Flood && !self.flooded {
            self.flooded = true;
            self.hand_over(SoundInput::Flooded);
        }
    }

    fn hand_over(&self, input: SoundInput) {
        if self.app.media.sound(self.session, input).is_err() {
            metrics::counter!("bianque_sound_frames_refused_total", "reason" => "overloaded").increment(1);
        }
    }

    /// What the call says: frames and signals to the client, everything but frames to the watch.
    fn tell(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Sound(frame) => self.down.sound(frame.into()),
            MediaEvent::Signal(signal) => {
                self.down.signal(&json!(signal));
                let _ = self.notes.send(MediaEvent::Signal(signal));
            }
            other => {
                let _ = self.notes.send(other);
            }
        }
    }

    fn ping(&mut self) {
        let lost = std::mem::take(&mut self.heard.lost);
        self.down.ping(Instant::now(), u8::try_from(lost).unwrap_or(u8::MAX), self.heard.sequence);
    }
}
