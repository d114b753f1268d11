//! Beside a socket of sound: what is kept of it, and whether it may go on.

use std::time::Duration;

use bianque_app::live::{Changed, What};
use bianque_app::ports::{CallState, MediaEvent, ServerSignal};
use bianque_app::visits::presence::Participant;
use bianque_app::visits::{access, call, windows};
use bianque_app::{App, Error, ErrorKind};
use bianque_model::{Context, ResourceId};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, oneshot};

use super::super::visit::over;
use crate::Caller;
use crate::caller::Stay;

const RENEW_EVERY: Duration = Duration::from_secs(20);

pub(super) struct Watch {
    app: App,
    caller: Caller,
    context: Context,
    visit: ResourceId,
    me: Participant,
}

impl Watch {
    pub(super) fn new(app: App, caller: Caller, visit: ResourceId, me: Participant) -> Self {
        let context = caller.context.clone();
        Self { app, caller, context, visit, me }
    }

    /// Runs until nothing more comes. When the socket must end before that, `over` is told as what; what is still said of
    /// the session is kept all the same.
    pub(super) async fn run(
        mut self,
        mut notes: mpsc::UnboundedReceiver<MediaEvent>,
        over: oneshot::Sender<&'static str>,
    ) {
        self.app.presence.enter(self.context.tenant, &self.visit, self.me.clone());
        if let Some(code) = self.until_over(&mut notes).await {
            // The socket may have ended by itself meanwhile.
            let _ = over.send(code);
        }
        while let Some(note) = notes.recv().await {
            self.note(note).await;
        }
        self.app.presence.leave(self.context.tenant, &self.visit, &self.me.id);
        self.sounds(false).await;
    }

    async fn until_over(&mut self, notes: &mut mpsc::UnboundedReceiver<MediaEvent>) -> Option<&'static str> {
        let mut changes = self.app.live.watch();
        let mut ended = self.app.live.watch_ended();
        let mut renew = tokio::time::interval(RENEW_EVERY);
        loop {
            let over = tokio::select! {
                note = notes.recv() => {
                    self.note(note?).await;
                    None
                }
                changed = changes.recv() => match changed {
                    Ok(changed) => self.changed(changed).await,
                    Err(RecvError::Lagged(_)) => self.look_again().await,
                    Err(RecvError::Closed) => return None,
                },
                () = self.caller.may_have_ended(&mut ended) => self.renew().await,
                _ = renew.tick() => self.renew().await,
            };
            if over.is_some() {
                return over;
            }
        }
    }

    /// What the call says of the session.
    async fn note(&self, event: MediaEvent) {
        let context = self.now();
        let (app, visit, id) = (&self.app, &self.visit, self.me.id.as_str());
        let noted = match event {
            MediaEvent::Window(stats) => {
                windows::from_server(app, &context, visit, id, self.me.role, &stats).await
            }
            MediaEvent::TwoWay { with, at } => {
                call::media_flows(app, &context, visit, [id, with.as_str()], at).await
            }
            MediaEvent::Signal(ServerSignal::State(CallState::Connected)) => {
                self.sounds(true).await;
                Ok(())
            }
            MediaEvent::Signal(ServerSignal::State(_)) => {
                self.sounds(false).await;
                Ok(())
            }
            MediaEvent::Signal(_) | MediaEvent::Sound(_) => Ok(()),
        };
        if let Err(error) = noted {
            self.log(&error);
        }
    }

    async fn sounds(&self, sounds: bool) {
        let told = call::sound_changed(&self.app, &self.now(), &self.visit, &self.me.id, sounds).await;
        if let Err(error) = told {
            self.log(&error);
        }
    }

    async fn changed(&self, changed: Changed) -> Option<&'static str> {
        if changed.visit != self.visit || changed.tenant != self.context.tenant {
            return None;
        }
        match changed.what {
            What::Visit => self.look_again().await,
            What::Message(_) => None,
            What::Over { participant, code } => {
                participant.is_none_or(|participant| participant == self.me.id).then_some(code)
            }
        }
    }

    /// Whether the visit is still theirs.
    async fn look_again(&self) -> Option<&'static str> {
        let error = access::load_present(&self.app, &self.now(), &self.visit).await.err()?;
        self.log(&error);
        over(error.kind)
    }

    /// A socket does not outlive what it was opened by; a call keeps the session of its clinician alive.
    async fn renew(&mut self) -> Option<&'static str> {
        match self.caller.renewed(&self.app, Stay::Busy).await {
            Ok(context) => {
                self.context = context;
                None
            }
            Err(error) if error.kind == ErrorKind::SignIn => Some("session.ended"),
            // The store does not answer now: asked again later.
            Err(error) => {
                self.log(&error);
                None
            }
        }
    }

    /// The context of the socket, now.
    fn now(&self) -> Context {
        Context { now: self.app.clock.now(), ..self.context.clone() }
    }

    fn log(&self, error: &Error) {
        tracing::warn!(visit = %self.visit, participant = %self.me.id, %error, "sound of a visit");
    }
}
