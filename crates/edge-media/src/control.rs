//! The port of use cases to the threads.

use std::sync::Arc;
use std::time::Duration;

use bianque_media::{
    Command, EventSink, IceServer, Join, JoinSound, MediaControl, Refused, RoomId, SessionId, SoundInput,
};

use crate::placing::{Kind, Placed, shard_of};
use crate::shards::Shards;
use crate::{Relay, Streams};

pub(crate) enum Message {
    Join(SessionId, Join, Arc<dyn EventSink>),
    JoinSound(SessionId, JoinSound, Arc<dyn EventSink>),
    Command(Command),
    /// The process will end within this time.
    Restart {
        within: Duration,
    },
    /// Ends every call.
    End,
    Stop,
}

/// What came from the socket of a sound session. It has a channel of its own, so that no amount of sound keeps a join out.
pub(crate) type Heard = (SessionId, SoundInput);

pub(crate) struct Port {
    shards: Arc<Shards>,
    streams: Streams,
    relay: Option<Relay>,
}

impl Port {
    pub(crate) fn new(shards: Arc<Shards>, streams: Streams, relay: Option<Relay>) -> Self {
        Self { shards, streams, relay }
    }

    /// Hands a join to the thread of its room, which is chosen now if the room is new.
    fn enter(
        &self,
        room: &RoomId,
        kind: Kind,
        message: impl FnOnce(SessionId) -> Message,
    ) -> Result<SessionId, Refused> {
        let Placed { session, shard } = self.shards.place(room, kind)?;
        let sent = self.send(usize::from(shard), message(session));
        if sent.is_err() {
            self.shards.forget(session);
        }
        sent.map(|()| session)
    }

    fn send(&self, shard: usize, message: Message) -> Result<(), Refused> {
        // A number that is no session of ours is one that is over.
        self.shards.door(shard).map_or(Ok(()), |door| door.send(message))
    }
}

impl MediaControl for Port {
    fn join(&self, join: Join, sink: Arc<dyn EventSink>) -> Result<SessionId, Refused> {
        let room = join.room.clone();
        self.enter(&room, Kind::Call, |session| Message::Join(session, join, sink))
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
        let room = join.room.clone();
        self.enter(&room, Kind::Sound, |session| Message::JoinSound(session, join, sink))
    }

    fn sound(&self, session: SessionId, input: SoundInput) -> Result<(), Refused> {
        self.shards.door(shard_of(session)).map_or(Ok(()), |door| door.hear((session, input)))
    }

    fn command(&self, command: Command) -> Result<(), Refused> {
        let shard = match &command {
            Command::Offer { session, .. }
            | Command::Answer { session, .. }
            | Command::View { session, .. }
            | Command::Leave { session } => shard_of(*session),
            Command::CloseRoom { room } | Command::Dismiss { room, .. } | Command::LetHear { room, .. } => {
                match self.shards.placing.of_room(room) {
                    Some(shard) => usize::from(shard),
                    None => return self.shards.is_running(),
                }
            }
            // It holds for the room wherever it begins anew.
            Command::Tap { .. } => return self.shards.tell_all(&command),
        };
        self.send(shard, Message::Command(command))
    }
}
