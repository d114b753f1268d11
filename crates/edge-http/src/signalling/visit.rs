//! The socket of one participant in one visit: state as it changes, and the signalling of the call.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use bianque_app::live::{Changed, What};
use bianque_app::policy::Part;
use bianque_app::ports::{
    CallState, ClientSignal, Command, EndReason, Join, MediaEvent, Refused, ServerSignal, SessionId,
};
use bianque_app::visits::people::{audience, channels};
use bianque_app::visits::presence::Participant;
use bianque_app::visits::{access, call, chat, rungs, view, windows};
use bianque_app::{App, Error, ErrorKind};
use bianque_model::{Actor, Context, ResourceId};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::frames::{self, Frame};
use crate::caller::Stay;
use crate::{Caller, Edge, Problem};

/// A frame is a session description at most.
const FRAME_LIMIT: usize = 256 * 1024;
const PING_EVERY: Duration = Duration::from_secs(20);
/// A client that answers no ping for this long is gone.
const SILENT_FOR: Duration = Duration::from_secs(50);
/// How often a client is given new credentials of the servers by which it reaches the call.
const ICE_SERVERS_EVERY: Duration = Duration::from_hours(1);
/// Steps of one socket that are kept in a minute, and languages that are chosen.
const MOST_STEPS: u32 = 60;
const STEPS_IN: Duration = Duration::from_mins(1);
/// How soon a visit that could not be read now is read again.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// `GET /api/visits/{visit}/socket`
pub(crate) async fn open(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let access = access::load_present(&edge.app, &caller.context, &visit).await?;
    let me = view::participant(&edge.app, &caller.context, &access).await?;
    edge.app
        .audit_read(&caller.context, "visit.socket", &access.visit.value.patient, &access.entity())
        .await?;
    let session = Session::new(edge.app.clone(), caller, visit, me);
    Ok(upgrade.max_message_size(FRAME_LIMIT).on_upgrade(move |socket| session.run(socket)))
}

/// Why a socket ends.
struct Gone;

struct Session {
    app: App,
    caller: Caller,
    context: Context,
    visit: ResourceId,
    me: Participant,
    call: Option<SessionId>,
    events: mpsc::UnboundedSender<MediaEvent>,
    incoming: Option<mpsc::UnboundedReceiver<MediaEvent>>,
    /// Steps on the ladder since then.
    steps: u32,
    steps_from: Instant,
    /// When the visit is read again, after a reading that failed in passing.
    read_again: Option<Instant>,
}

impl Session {
    fn new(app: App, caller: Caller, visit: ResourceId, me: Participant) -> Self {
        let (events, incoming) = mpsc::unbounded_channel();
        let context = caller.context.clone();
        Self {
            app,
            caller,
            context,
            visit,
            me,
            call: None,
            events,
            incoming: Some(incoming),
            steps: 0,
            steps_from: Instant::now(),
            read_again: None,
        }
    }

    async fn run(mut self, mut socket: WebSocket) {
        let Some(incoming) = self.incoming.take() else { return };
        // Watching begins before the first answer is built, so that no change falls between.
        let watch = self.app.live.watch();
        self.app.presence.enter(self.context.tenant, &self.visit, self.me.clone());
        self.announce().await;
        let _ = self.talk(&mut socket, watch, incoming).await;
        if self.app.presence.leave(self.context.tenant, &self.visit, &self.me.id) {
            self.announce().await;
        }
        let _ = socket.send(Message::Close(None)).await;
    }

    async fn talk(
        &mut self,
        socket: &mut WebSocket,
        mut watch: tokio::sync::broadcast::Receiver<Changed>,
        mut incoming: mpsc::UnboundedReceiver<MediaEvent>,
    ) -> Result<(), Gone> {
        let mut ended = self.app.live.watch_ended();
        let hello = self.hello().await.map_err(|error| self.log(&error))?;
        send(socket, &hello).await?;
        let mut ping = tokio::time::interval(PING_EVERY);
        let mut ice = tokio::time::interval_at(Instant::now() + ICE_SERVERS_EVERY, ICE_SERVERS_EVERY);
        let mut heard = Instant::now();
        loop {
            let again = self.read_again;
            tokio::select! {
                frame = socket.recv() => {
                    heard = Instant::now();
                    match frame {
                        Some(Ok(Message::Text(text))) => self.hear(socket, &text).await?,
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Gone),
                        Some(Ok(_)) => {}
                    }
                }
                changed = watch.recv() => match changed {
                    Ok(changed) if changed.visit == self.visit && changed.tenant == self.context.tenant => {
                        self.tell(socket, changed.what).await?;
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => self.tell(socket, What::Visit).await?,
                    Err(RecvError::Closed) => return Err(Gone),
                },
                Some(event) = incoming.recv() => self.media(socket, event).await?,
                () = self.caller.may_have_ended(&mut ended) => self.renew(socket).await?,
                () = sleep_until(again.unwrap_or(heard)), if again.is_some() => {
                    self.tell(socket, What::Visit).await?;
                }
                _ = ice.tick() => {
                    let servers = call::ice_servers(&self.app, &self.context, &self.visit);
                    send(socket, &json!({"t": "call.ice", "servers": servers})).await?;
                }
                _ = ping.tick() => {
                    if heard.elapsed() > SILENT_FOR {
                        return Err(Gone);
                    }
                    self.renew(socket).await?;
                    socket.send(Message::Ping(Vec::new().into())).await.map_err(|_| Gone)?;
                }
            }
        }
    }

    /// A socket does not outlive what it was opened by; a call keeps the session of its clinician alive.
    async fn renew(&mut self, socket: &mut WebSocket) -> Result<(), Gone> {
        let stay = if self.call.is_some() { Stay::Busy } else { Stay::Watching };
        match self.caller.renewed(&self.app, stay).await {
            Ok(context) => {
                self.context = context;
                Ok(())
            }
            Err(error) if error.kind == ErrorKind::SignIn => self.end(socket, "session.ended").await,
            // The store does not answer now: asked again with the next ping.
            Err(error) => {
                self.log(&error);
                Ok(())
            }
        }
    }

    async fn hello(&self) -> Result<Value, Error> {
        let context = self.now();
        let access = access::load_present(&self.app, &context, &self.visit).await?;
        let visit = view::build(&self.app, &context, &access).await?;
        // What is written in a visit is not for its guests.
        let chat = if access.part == Part::Guest {
            json!({"messages": []})
        } else {
            chat::of_visit(&self.app, &context, &self.visit).await?
        };
        let servers = call::ice_servers(&self.app, &context, &self.visit);
        Ok(json!({
            "t": "hello",
            "you": self.me.id,
            "visit": visit,
            "chat": chat["messages"],
            "ice_servers": servers,
        }))
    }

    /// What a client said. Nonsense is answered, not punished.
    async fn hear(&mut self, socket: &mut WebSocket, text: &str) -> Result<(), Gone> {
        match frames::read(text) {
            Ok(Frame::Call(signal)) => {
                if let Err(error) = self.signal(signal).await {
                    send(socket, &refused(&error)).await?;
                }
            }
            Ok(Frame::Stats(stats)) => {
                let context = self.now();
                let kept = windows::from_browser(
                    &self.app,
                    &context,
                    &self.visit,
                    &self.me.id,
                    self.me.role,
                    &stats,
                );
                if let Err(error) = kept.await {
                    self.log(&error);
                }
            }
            Ok(Frame::Step(step)) => self.step(step).await,
            Ok(Frame::Ping) => send(socket, &json!({"t": "pong"})).await?,
            Ok(Frame::Channel(choice)) => {
                if let Err(error) = self.choose(choice).await {
                    let told = json!({"t": "error", "code": error.code, "message": error.message});
                    send(socket, &told).await?;
                }
            }
            Ok(Frame::Devices(devices)) => {
                self.app.presence.update(self.context.tenant, &self.visit, &self.me.id, |me| {
                    devices.camera.as_str().clone_into(&mut me.camera);
                    devices.microphone.as_str().clone_into(&mut me.microphone);
                });
                self.announce().await;
            }
            Err(message) => {
                send(socket, &json!({"t": "error", "code": "frame.invalid", "message": message})).await?;
            }
        }
        Ok(())
    }

    /// A step on the ladder is kept; who takes them faster than a network changes is not believed.
    async fn step(&mut self, step: rungs::Step) {
        if !self.takes_a_step() {
            return;
        }
        let context = self.now();
        self.app.presence.update(context.tenant, &self.visit, &self.me.id, |me| me.way = Some(step.to));
        let kept = rungs::keep(&self.app, &context, &self.visit, &self.me.id, self.me.role, step);
        if let Err(error) = kept.await {
            self.log(&error);
        }
    }

    /// Which language is heard; not changed faster than somebody can press.
    async fn choose(&mut self, choice: channels::Choice) -> Result<(), Error> {
        if !self.takes_a_step() {
            return Err(Error::conflict("channel.too-fast", "the language was changed too often"));
        }
        channels::choose(&self.app, &self.now(), &self.visit, choice).await
    }

    fn takes_a_step(&mut self) -> bool {
        let now = Instant::now();
        if self.steps_from.elapsed() > STEPS_IN {
            (self.steps_from, self.steps) = (now, 0);
        }
        self.steps += 1;
        self.steps <= MOST_STEPS
    }

    async fn signal(&mut self, signal: ClientSignal) -> Result<(), Error> {
        let command = match (signal, self.call) {
            (ClientSignal::Join { sdp, sources }, _) => {
                let access = access::load_present(&self.app, &self.now(), &self.visit).await?;
                call::may_call(&access)?;
                let events = self.events.clone();
                let sink = Arc::new(move |event| {
                    // The socket may be gone already; the session then ends by itself.
                    let _ = events.send(event);
                });
                let room = call::room(&self.context, &self.visit);
                let join = Join { room, participant: self.me.id.as_str().into(), sdp, sources };
                self.call = Some(self.app.media.join(join, sink).map_err(unavailable)?);
                audience::apply(&self.app, &self.context, &access.visit.value);
                self.app
                    .presence
                    .update(self.context.tenant, &self.visit, &self.me.id, |me| me.media = "connecting");
                return Ok(());
            }
            (_, None) => return Err(Error::conflict("call.none", "join the call first")),
            (signal, Some(session)) => {
                if matches!(signal, ClientSignal::Leave) {
                    self.call = None;
                }
                signal.within(session)
            }
        };
        command.map_or(Ok(()), |command| self.app.media.command(command).map_err(unavailable))
    }

    /// What the call says: to the client, to the others, to the record.
    async fn media(&mut self, socket: &mut WebSocket, event: MediaEvent) -> Result<(), Gone> {
        let context = self.now();
        let (app, visit, id) = (&self.app, &self.visit, &self.me.id);
        let noted = match &event {
            MediaEvent::Window(stats) => {
                windows::from_server(app, &context, visit, id, self.me.role, stats).await
            }
            MediaEvent::Signal(ServerSignal::State(CallState::Connected)) => {
                call::media_connected(app, &context, visit, id).await
            }
            MediaEvent::Signal(ServerSignal::State(CallState::Disconnected { code, .. })) => {
                if *code != EndReason::Silent {
                    self.call = None;
                }
                call::media_stopped(app, &context, visit, id).await
            }
            MediaEvent::TwoWay { with, at } => {
                call::media_flows(app, &context, visit, [id.as_str(), with.as_str()], *at).await
            }
            MediaEvent::Signal(_) | MediaEvent::Sound(_) => Ok(()),
        };
        if let Err(error) = noted {
            self.log(&error);
        }
        match event {
            MediaEvent::Signal(signal) => send(socket, &json!(signal)).await,
            MediaEvent::Window(_) | MediaEvent::TwoWay { .. } | MediaEvent::Sound(_) => Ok(()),
        }
    }

    async fn tell(&mut self, socket: &mut WebSocket, what: What) -> Result<(), Gone> {
        match what {
            What::Visit => {
                self.read_again = None;
                match self.shown().await {
                    Ok(visit) => send(socket, &json!({"t": "visit", "visit": visit})).await,
                    Err(error) => self.unread(socket, &error).await,
                }
            }
            What::Message(_) if matches!(self.context.actor, Actor::Guest { .. }) => Ok(()),
            What::Message(message) => send(socket, &message).await,
            What::Over { participant, code } => {
                if participant.is_some_and(|participant| participant != self.me.id) {
                    return Ok(());
                }
                self.end(socket, code).await
            }
        }
    }

    /// The visit could not be read: for good, or only now.
    async fn unread(&mut self, socket: &mut WebSocket, error: &Error) -> Result<(), Gone> {
        self.log(error);
        if let Some(code) = over(error.kind) {
            return self.end(socket, code).await;
        }
        self.read_again = Some(Instant::now() + READ_AGAIN_AFTER);
        Ok(())
    }

    /// Ends the socket for good, and the call with it: who is shut out neither sees nor hears any longer.
    async fn end(&mut self, socket: &mut WebSocket, code: &str) -> Result<(), Gone> {
        if let Some(session) = self.call.take() {
            let _ = self.app.media.command(Command::Leave { session });
        }
        send(socket, &json!({"t": "over", "code": code})).await?;
        Err(Gone)
    }

    async fn shown(&self) -> Result<Value, Error> {
        let context = self.now();
        let access = access::load_present(&self.app, &context, &self.visit).await?;
        view::build(&self.app, &context, &access).await
    }

    async fn announce(&self) {
        let context = self.now();
        match access::load_present(&self.app, &context, &self.visit).await {
            Ok(access) => access.tell(&self.app, &context, What::Visit),
            Err(error) => drop(self.log(&error)),
        }
    }

    /// The context of the socket, now.
    fn now(&self) -> Context {
        Context { now: self.app.clock.now(), ..self.context.clone() }
    }

    fn log(&self, error: &Error) -> Gone {
        tracing::warn!(visit = %self.visit, participant = %self.me.id, %error, "socket of a visit");
        Gone
    }
}

/// As what a socket ends whose visit cannot be read; none when the next reading may succeed.
pub(super) const fn over(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        // No longer ours: an invitation taken back, a visit that closed to consultants.
        ErrorKind::NotFound | ErrorKind::Forbidden | ErrorKind::Over => Some("visit.ended"),
        ErrorKind::SignIn => Some("session.ended"),
        _ => None,
    }
}

pub(super) fn refused(error: &Error) -> Value {
    json!({"t": "call.state", "state": "rejected", "code": error.code, "message": error.message})
}

/// Why a call cannot be had now. It is worth trying again, and the page says why in words.
pub(super) fn unavailable(refused: Refused) -> Error {
    let code = match refused {
        Refused::Overloaded | Refused::Starved | Refused::Full => "call.busy",
        Refused::Restarting | Refused::Stopped => "call.restarting",
    };
    Error::new(ErrorKind::Unavailable, code, refused.to_string())
}

pub(super) async fn deliver(socket: &mut WebSocket, value: &Value) -> Result<(), ()> {
    socket.send(Message::Text(value.to_string().into())).await.map_err(|_| ())
}

async fn send(socket: &mut WebSocket, value: &Value) -> Result<(), Gone> {
    deliver(socket, value).await.map_err(|()| Gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_visit_that_is_no_longer_ours_is_over() {
        for kind in [ErrorKind::NotFound, ErrorKind::Forbidden, ErrorKind::Over] {
            assert_eq!(over(kind), Some("visit.ended"));
        }
        assert_eq!(over(ErrorKind::SignIn), Some("session.ended"));
        for kind in [ErrorKind::Unavailable, ErrorKind::Internal, ErrorKind::Conflict] {
            assert_eq!(over(kind), None, "{kind:?} passes");
        }
    }
}
