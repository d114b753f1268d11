//! How the application steers calls: commands in, events out.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::id::{ParticipantId, RoomId, SessionId};
use crate::signal::{MediaEvent, Shown, Source};
use crate::sound::SoundInput;
use crate::tap::Tap;

/// A participant enters a room. Whoever sends this has authorised it.
#[derive(Debug, Clone)]
pub struct Join {
    /// The room; it begins with its first participant.
    pub room: RoomId,
    /// Who enters. If they are in the room already, their earlier session is replaced.
    pub participant: ParticipantId,
    /// The client's offer.
    pub sdp: String,
    /// Source of each media line that the client sends, by `mid`. A line that is not named is a microphone or a camera
    /// by its kind.
    pub sources: BTreeMap<String, Source>,
}

/// A participant enters a room with sound alone, over a WebSocket. Whoever sends this has authorised it.
#[derive(Debug, Clone)]
pub struct JoinSound {
    /// The room; it begins with its first participant.
    pub room: RoomId,
    /// Who enters. Their earlier sound session is replaced; a WebRTC session of theirs goes on.
    pub participant: ParticipantId,
}

/// What can be asked of calls that are under way.
#[derive(Debug, Clone)]
pub enum Command {
    /// The client changes what it sends, or restarts ICE.
    Offer {
        /// Whose.
        session: SessionId,
        /// The offer.
        sdp: String,
        /// As in [`Join`].
        sources: BTreeMap<String, Source>,
    },
    /// The client answers the server's last offer.
    Answer {
        /// Whose.
        session: SessionId,
        /// The answer.
        sdp: String,
    },
    /// The client shows something else, or in another size.
    View {
        /// Whose.
        session: SessionId,
        /// The pictures on its screen, all of them.
        shown: Vec<Shown>,
    },
    /// The client hangs up. When only its signalling socket is lost send nothing: the client may be reloading, and
    /// the session ends by itself when nothing is heard of it.
    Leave {
        /// Whose.
        session: SessionId,
    },
    /// Ends a call for one person, by whatever sessions they are in it. Whoever sends this lets them in no more.
    Dismiss {
        /// The room.
        room: RoomId,
        /// Who.
        participant: ParticipantId,
    },
    /// Says by whom the voice of a participant is heard, in this session and in later ones while the room lasts.
    LetHear {
        /// The room.
        room: RoomId,
        /// Whose voice.
        speaker: ParticipantId,
        /// By whom.
        heard_by: Audience,
    },
    /// Copies what passes through a room, or no longer. It holds for the room of that name until the next such command,
    /// also when everybody leaves it and somebody comes again.
    Tap {
        /// Which.
        room: RoomId,
        /// Who agreed and who takes the copy; none: nothing is copied any longer.
        tap: Option<Tap>,
    },
    /// Ends a call for all.
    CloseRoom {
        /// Which.
        room: RoomId,
    },
}

/// By whom a voice is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// By all others.
    All,
    /// By these; by nobody: muted.
    Only(Vec<ParticipantId>),
}

/// Takes the events of one session.
///
/// It is called on the media thread: it must not block and must not take long. Putting the event into an unbounded or
/// roomy channel is right. It is dropped after the session's last event.
pub trait EventSink: Send + Sync {
    /// Takes one event.
    fn deliver(&self, event: MediaEvent);
}

impl<F: Fn(MediaEvent) + Send + Sync> EventSink for F {
    fn deliver(&self, event: MediaEvent) {
        self(event);
    }
}

/// A server that a browser may reach calls by, as `RTCPeerConnection` takes it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct IceServer {
    /// `turns:HOST:PORT?transport=tcp`.
    pub urls: Vec<String>,
    /// The name to give there.
    pub username: String,
    /// The password of that name.
    pub credential: String,
}

impl fmt::Debug for IceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceServer").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// The port through which use cases reach calls. Commands are carried out in the order in which they were sent.
pub trait MediaControl: Send + Sync {
    /// Lets a participant into a room. Whether the offer was any good is told to `sink`.
    ///
    /// A client that joins again over the same socket has two sessions for a moment. From the join on, only the signals
    /// of the new one are for it: those of the old one, its end among them, are still on their way to `sink` and must
    /// not be taken for the new one's. All of them come before the first signal of the new session.
    ///
    /// # Errors
    /// [`Refused`] when the command could not be handed over; nothing has happened then.
    fn join(&self, join: Join, sink: Arc<dyn EventSink>) -> Result<SessionId, Refused>;

    /// The servers by which clients of a room reach it where neither UDP nor TCP to the media port passes, with
    /// credentials that are good until `ends_unix_s`. None where there is no such way. `host` and `port` are those by which
    /// the clients reach this server's pages.
    fn ice_servers(&self, room: &RoomId, host: &str, port: u16, ends_unix_s: u64) -> Vec<IceServer>;

    /// Lets a participant into a room with sound alone. Whether there was room is told to `sink`, and so are the frames
    /// that are for it.
    ///
    /// # Errors
    /// [`Refused`] when the command could not be handed over; nothing has happened then.
    fn join_sound(&self, join: JoinSound, sink: Arc<dyn EventSink>) -> Result<SessionId, Refused>;

    /// Hands over what came from the socket of a sound session. A session that is over hears nothing.
    ///
    /// # Errors
    /// [`Refused`] when it could not be handed over; it is lost then, and sound that is late is worth nothing.
    fn sound(&self, session: SessionId, input: SoundInput) -> Result<(), Refused>;

    /// Hands over a command.
    ///
    /// # Errors
    /// [`Refused`] when the command could not be handed over; nothing has happened then.
    fn command(&self, command: Command) -> Result<(), Refused>;
}

/// A command that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// More commands are waiting than the media thread can take; try again.
    #[error("the media service is overloaded")]
    Overloaded,
    /// A call of its own would get worse service than a call needs, and so would those that are open.
    #[error("the server has no room for another call just now")]
    Starved,
    /// There are as many calls as there may be.
    #[error("the server has as many calls as it may have")]
    Full,
    /// No new calls begin: the server is about to stop.
    #[error("the server is about to be stopped")]
    Restarting,
    /// The media service has stopped.
    #[error("the media service has stopped")]
    Stopped,
}
