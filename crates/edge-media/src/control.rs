//! The port of use cases to the thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};

use bianque_media::{
    Command, EventSink, IceServer, Join, JoinSound, MediaControl, Refused, RoomId, SessionId, SoundInput,
};

use crate::{Relay, Streams};

use crate::wake::Waker;

pub(crate) enum Message {
    Join(SessionId, Join, Arc<dyn EventSink>),
    JoinSound(SessionId, JoinSound, Arc<dyn EventSink>),
    Command(Command),
    Stop,
}

/// What came from the socket of a sound session. It has a channel of its own, so that no amount of sound keeps a join out.
pub(crate) type Heard = (SessionId, SoundInput);

pub(crate) struct Port {
    sender: SyncSender<Message>,
    sounds: SyncSender<Heard>,
    waker: Arc<Waker>,
    last_session: AtomicU64,
    streams: Streams,
    relay: Option<Relay>,
}

impl Port {
    pub(crate) fn new(
        sender: SyncSender<Message>,
        sounds: SyncSender<Heard>,
        waker: Arc<Waker>,
        streams: Streams,
        relay: Option<Relay>,
    ) -> Self {
        Self { sender, sounds, waker, last_session: AtomicU64::new(0), streams, relay }
    }

    fn new_session(&self) -> SessionId {
        SessionId(self.last_session.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Waits for room in the channel; for the end only.
    pub(crate) fn send_blocking(&self, message: Message) {
        let _ = self.sender.send(message);
        self.waker.wake();
    }

    fn send(&self, message: Message) -> Result<(), Refused> {
        self.sender.try_send(message).map_err(|error| refused(&error))?;
        self.waker.wake();
        Ok(())
    }
}

fn refused<T>(error: &TrySendError<T>) -> Refused {
    match error {
        TrySendError::Full(_) => Refused::Overloaded,
        TrySendError::Disconnected(_) => Refused::Stopped,
    }
}

impl MediaControl for Port {
    fn join(&self, join: Join, sink: Arc<dyn EventSink>) -> Result<SessionId, Refused> {
        let session = self.new_session();
        self.send(Message::Join(session, join, sink))?;
        Ok(session)
    }

    fn ice_servers(&self, room: &RoomId, host: &str, port: u16, ends_unix_s: u64) -> Vec<IceServer> {
        let Some(relay) = self.relay else { return Vec::new() };
        let credential = self.streams.credential(room.as_str(), ends_unix_s);
        vec![IceServer {
            urls: vec![relay.url(host, port)],
            username: credential.username,
            credential: credential.password,
        }]
    }

    fn join_sound(&self, join: JoinSound, sink: Arc<dyn EventSink>) -> Result<SessionId, Refused> {
        let session = self.new_session();
        self.send(Message::JoinSound(session, join, sink))?;
        Ok(session)
    }

    fn sound(&self, session: SessionId, input: SoundInput) -> Result<(), Refused> {
        self.sounds.try_send((session, input)).map_err(|error| refused(&error))?;
        self.waker.wake();
        Ok(())
    }

    fn command(&self, command: Command) -> Result<(), Refused> {
        self.send(Message::Command(command))
    }
}
