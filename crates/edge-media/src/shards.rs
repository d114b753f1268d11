//! The media threads, as whoever brings them something sees them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use bianque_media::{Command, Refused, Remote, RoomId, SessionId};

use crate::admission::{self, Limits};
use crate::control::{Heard, Message};
use crate::directory::{Directory, Shard};
use crate::meter::{Metrics, Pulse, Shared};
use crate::placing::{Kind, Placed, Placing};
use crate::streams::Arrival;
use crate::wake::Waker;

/// Commands that may wait for a thread. More means that it is overloaded: then a join is refused rather than every call
/// disturbed.
pub(crate) const WAITING_COMMANDS: usize = 1024;
/// Datagrams of streams that may wait for a thread: a tenth of a second of what it can forward.
pub(crate) const WAITING_ARRIVALS: usize = 4096;
/// The same of datagrams that came to another thread.
pub(crate) const WAITING_CROSSINGS: usize = 4096;
/// Frames of sound sessions that may wait. More than that are late, and lost.
pub(crate) const WAITING_SOUNDS: usize = 2048;

/// A datagram that came to another thread.
pub(crate) type Crossing = (Remote, Vec<u8>);

/// Where one thread takes what is brought to it.
pub(crate) struct Door {
    pub(crate) messages: SyncSender<Message>,
    pub(crate) sounds: SyncSender<Heard>,
    pub(crate) arrivals: SyncSender<Arrival>,
    pub(crate) crossings: SyncSender<Crossing>,
    pub(crate) waker: Arc<Waker>,
    pub(crate) shared: Arc<Shared>,
}

/// All threads.
pub(crate) struct Shards {
    doors: Vec<Door>,
    pub(crate) directory: Directory,
    pub(crate) placing: Placing,
    limits: Limits,
    restarting: AtomicBool,
    stopped: AtomicBool,
    refused_rooms: AtomicU64,
    stream_losses: AtomicU64,
    stream_strays: AtomicU64,
}

impl Shards {
    pub(crate) fn new(doors: Vec<Door>, limits: Limits) -> Self {
        Self {
            doors,
            directory: Directory::default(),
            placing: Placing::default(),
            limits,
            restarting: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            refused_rooms: AtomicU64::new(0),
            stream_losses: AtomicU64::new(0),
            stream_strays: AtomicU64::new(0),
        }
    }

    /// Whether there is one thread alone, to which everything goes.
    pub(crate) fn is_one(&self) -> bool {
        self.doors.len() == 1
    }

    pub(crate) fn door(&self, shard: usize) -> Option<&Door> {
        self.doors.get(shard)
    }

    /// Gives a session a number and a thread.
    ///
    /// # Errors
    /// Why a room that is new cannot begin.
    pub(crate) fn place(&self, room: &RoomId, kind: Kind) -> Result<Placed, Refused> {
        self.is_running()?;
        let placed = self.placing.place(room, kind, |crowd| {
            if self.restarting.load(Ordering::Relaxed) {
                return Err(Refused::Restarting);
            }
            let now = Instant::now();
            let pulses: Vec<Pulse> = self.doors.iter().map(|door| door.shared.pulse(now)).collect();
            admission::choose(kind, crowd, &pulses, &self.limits)
        });
        if let Err(refused) = placed {
            self.refused_rooms.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(%room, %refused, "a call was refused");
        }
        placed
    }

    /// From now on no room begins, and everybody in those that are open is told.
    pub(crate) fn announce_restart(&self, within: Duration) {
        self.restarting.store(true, Ordering::Relaxed);
        for door in &self.doors {
            let _ = door.send(Message::Restart { within });
        }
    }

    /// Ends every call; the threads go on.
    pub(crate) fn end_calls(&self) {
        for door in &self.doors {
            let _ = door.send(Message::End);
        }
    }

    /// The thread that a datagram of a stream is for.
    pub(crate) fn find(&self, from: Remote, datagram: &[u8]) -> Option<Shard> {
        if self.is_one() {
            return Some(0);
        }
        let found = self.directory.find(from, datagram);
        if found.is_none() {
            self.stream_strays.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    /// Hands something of a stream to a thread.
    pub(crate) fn tell(&self, shard: Shard, arrival: Arrival) -> Told {
        let Some(door) = self.door(usize::from(shard)) else { return Told::Gone };
        match door.arrivals.try_send(arrival) {
            Ok(()) => {
                door.waker.wake();
                Told::Taken
            }
            Err(TrySendError::Full(_)) => {
                self.stream_losses.fetch_add(1, Ordering::Relaxed);
                Told::Behind
            }
            Err(TrySendError::Disconnected(_)) => Told::Gone,
        }
    }

    /// Hands a datagram to the thread that it is for. Answers whether it was taken.
    pub(crate) fn cross(&self, shard: Shard, crossing: Crossing) -> bool {
        let Some(door) = self.door(usize::from(shard)) else { return false };
        let taken = door.crossings.try_send(crossing).is_ok();
        if taken {
            door.waker.wake();
        }
        taken
    }

    /// The figures of all threads.
    pub(crate) fn metrics(&self) -> Metrics {
        let mut all = Metrics::default();
        for door in &self.doors {
            door.shared.add_to(&mut all);
        }
        let strays = self.stream_strays.load(Ordering::Relaxed);
        all.datagrams_in += strays;
        all.dropped += strays;
        all.crossing_losses += self.stream_losses.load(Ordering::Relaxed);
        all.refused_rooms = self.refused_rooms.load(Ordering::Relaxed);
        all
    }

    /// Whether commands are taken.
    pub(crate) fn is_running(&self) -> Result<(), Refused> {
        if self.stopped.load(Ordering::Relaxed) { Err(Refused::Stopped) } else { Ok(()) }
    }

    /// Hands a command to every thread.
    pub(crate) fn tell_all(&self, command: &Command) -> Result<(), Refused> {
        self.doors.iter().try_for_each(|door| door.send(Message::Command(command.clone())))
    }

    /// Ends every call, and the threads. Waits for room in their channels.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        for door in &self.doors {
            let _ = door.messages.send(Message::Stop);
            door.waker.wake();
        }
    }

    /// A session could not be handed over.
    pub(crate) fn forget(&self, session: SessionId) {
        self.placing.ended(session);
    }
}

/// What became of something that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Taken,
    /// The thread is behind; it is lost.
    Behind,
    /// The thread has ended.
    Gone,
}

impl Door {
    pub(crate) fn send(&self, message: Message) -> Result<(), Refused> {
        self.messages.try_send(message).map_err(|error| refused(&error))?;
        self.waker.wake();
        Ok(())
    }

    pub(crate) fn hear(&self, heard: Heard) -> Result<(), Refused> {
        self.sounds.try_send(heard).map_err(|error| refused(&error))?;
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
