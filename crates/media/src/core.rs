//! The machine that holds all rooms. Its contract is at the top of this crate.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bianque_model::Timestamp;

use crate::control::{Command, Join, JoinSound};
use crate::demux::{Claim, Demux, Route};
use crate::id::{RoomId, SessionId};
use crate::pace::Beat;
use crate::peer::Setup;
use crate::remote::Remote;
use crate::room::{Room, Turn};
use crate::signal::{CallState, EndReason, MediaEvent, ServerSignal};
use crate::sound::SoundInput;
use crate::tap::Tap;
use crate::window::WallClock;

/// How calls are set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Addresses that clients are told to send to, one of each IP version at most. None of them unspecified (`0.0.0.0`).
    pub candidates: Vec<SocketAddr>,
    /// Addresses at which clients may open TCP connections instead, where UDP does not pass, one of each IP version at
    /// most; may be empty.
    pub tcp_candidates: Vec<SocketAddr>,
    /// People in one room.
    pub max_participants: usize,
    /// Whether to estimate the rate that is available to each participant. It sends some padding and probes.
    pub estimate_bandwidth: bool,
    /// Length of a statistics window.
    pub window: Duration,
}

impl Config {
    /// Eight people, windows of five seconds, with estimates.
    pub fn new(candidates: Vec<SocketAddr>) -> Self {
        Self {
            candidates,
            tcp_candidates: Vec::new(),
            max_participants: 8,
            estimate_bandwidth: true,
            window: Duration::from_secs(5),
        }
    }
}

/// What the shell is to do.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// Send a datagram.
    Transmit {
        /// Where to.
        to: Remote,
        /// What.
        bytes: Vec<u8>,
    },
    /// Give an event to whoever listens for the session.
    Event(SessionId, MediaEvent),
    /// The session is over; no event of it follows.
    Ended(SessionId),
    /// Where several cores share a port: which datagrams are for this one.
    Claim(Claim),
}

/// Running totals.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams taken in.
    pub datagrams_in: u64,
    /// Datagrams of those that belonged to no session, or made no sense to theirs.
    pub dropped: u64,
    /// Datagrams handed out.
    pub datagrams_out: u64,
    /// Media packets handed to receivers: one that three people receive counts three times.
    pub forwarded: u64,
    /// Rooms ended because of a defect of ours.
    pub failures: u64,
    /// Frames of sound sessions that came late or twice.
    pub sound_out_of_order: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RoomKey(pub(crate) u64);

struct Slot {
    room: Room,
    /// Under which it stands in `Core::due`.
    due: Option<Instant>,
    /// It stands in `Core::touched`: its sessions may have output.
    touched: bool,
}

/// All calls of one thread.
pub struct Core {
    setup: Setup,
    clock: WallClock,
    epoch: Instant,
    now: Instant,
    rooms: HashMap<RoomKey, Slot>,
    by_name: HashMap<RoomId, RoomKey>,
    by_session: HashMap<SessionId, RoomKey>,
    taps: HashMap<RoomId, Tap>,
    demux: Demux,
    due: BTreeSet<(Instant, RoomKey)>,
    touched: Vec<RoomKey>,
    outputs: VecDeque<Output>,
    counters: Counters,
    next_key: u64,
}

impl Core {
    /// A machine without rooms. `wall` is the wall time at `now`.
    pub fn new(now: Instant, wall: Timestamp, config: Config) -> Self {
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        // One certificate for all sessions of this process: making one for each costs more than all else of a join.
        let certificate = crypto.dtls_provider.generate_certificate();
        let setup = Setup {
            candidates: config.candidates,
            tcp_candidates: config.tcp_candidates,
            crypto,
            certificate,
            estimate_bandwidth: config.estimate_bandwidth,
            max_participants: config.max_participants,
            window: config.window,
        };
        Self {
            setup,
            clock: WallClock { instant: now, wall },
            epoch: now,
            now,
            rooms: HashMap::new(),
            by_name: HashMap::new(),
            by_session: HashMap::new(),
            taps: HashMap::new(),
            demux: Demux::default(),
            due: BTreeSet::new(),
            touched: Vec::new(),
            outputs: VecDeque::new(),
            counters: Counters::default(),
            next_key: 0,
        }
    }

    /// Sets the wall clock that windows are stamped with. Call it now and then: wall clocks are corrected.
    pub fn handle_wall_clock(&mut self, now: Instant, wall: Timestamp) {
        self.clock = WallClock { instant: now, wall };
    }

    /// A participant enters. `session` is new.
    pub fn handle_join(&mut self, now: Instant, session: SessionId, join: Join) {
        self.now = now;
        let key = self.room_named(&join.room);
        let fragment = self.drive(key, |room, turn| room.join(turn, session, join)).flatten();
        match fragment {
            Some(fragment) => {
                self.by_session.insert(session, key);
                self.demux.learn_fragment(fragment, Route { room: key, session });
            }
            None => self.outputs.push_back(Output::Ended(session)),
        }
        self.touch(key);
    }

    /// A participant enters with sound alone. `session` is new.
    pub fn handle_join_sound(&mut self, now: Instant, session: SessionId, join: &JoinSound) {
        self.now = now;
        let key = self.room_named(&join.room);
        let joined = self.drive(key, |room, turn| room.join_sound(turn, session, &join.participant));
        if joined == Some(true) {
            self.by_session.insert(session, key);
        } else {
            self.outputs.push_back(Output::Ended(session));
        }
        self.touch(key);
    }

    /// Something came from the socket of a sound session. Of one that is over it does nothing.
    pub fn handle_sound(&mut self, now: Instant, session: SessionId, input: SoundInput) {
        self.now = now;
        let Some(key) = self.by_session.get(&session).copied() else { return };
        self.drive(key, |room, turn| {
            if let Some(index) = room.sound_position(session) {
                room.hear(turn, index, input);
            }
        });
        self.touch(key);
    }

    /// A command about a call. One that names a session or room that is over does nothing.
    pub fn handle_command(&mut self, now: Instant, command: Command) {
        self.now = now;
        match command {
            Command::Offer { session, sdp, sources } => {
                let fragment =
                    self.drive_session(session, |room, turn, i| room.offer(turn, i, &sdp, sources));
                if let (Some(fragment), Some(room)) = (fragment, self.by_session.get(&session).copied()) {
                    self.demux.learn_fragment(fragment, Route { room, session });
                }
            }
            Command::Answer { session, sdp } => {
                self.drive_session(session, |room, turn, i| room.answer(turn, i, &sdp));
            }
            Command::View { session, shown } => {
                self.drive_session(session, |room, turn, i| room.show(turn, i, &shown));
            }
            Command::Leave { session } => {
                if self.drive_session(session, |room, turn, i| room.leave(turn, i, EndReason::Left)).is_none()
                {
                    self.leave_sound(session);
                }
            }
            Command::Dismiss { room, participant } => {
                self.drive_room(&room, |room, turn| room.dismiss(turn, &participant));
            }
            Command::LetHear { room, speaker, heard_by } => {
                self.drive_room(&room, |room, _| room.let_hear(speaker, heard_by));
            }
            Command::Tap { room, tap } => self.tap(&room, tap),
            Command::CloseRoom { room } => {
                self.drive_room(&room, |room, turn| room.close(turn, EndReason::RoomClosed));
            }
        }
    }

    /// A datagram came from `from`.
    pub fn handle_datagram(&mut self, now: Instant, from: Remote, datagram: &[u8]) {
        self.now = now;
        self.counters.datagrams_in += 1;
        let route = if from.is_sound() { self.demux.find(from, datagram) } else { None };
        let accepted = route.is_some_and(|route| {
            let taken = self.drive(route.room, |room, turn| {
                room.position(route.session).is_some_and(|index| room.receive(turn, index, from, datagram))
            });
            self.touch(route.room);
            let accepted = taken.unwrap_or(false);
            if accepted {
                self.demux.learn_address(from, route);
            }
            accepted
        });
        if !accepted {
            self.counters.dropped += 1;
        }
    }

    /// [`Core::next_timeout`] has come. Harmless at any other time.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        while let Some((at, key)) = self.due.first().copied() {
            if at > now {
                break;
            }
            self.due.remove(&(at, key));
            if let Some(slot) = self.rooms.get_mut(&key) {
                slot.due = None;
            }
            self.drive(key, Room::advance);
            self.finish(key);
        }
    }

    /// The process ends: closes every room. Sessions get their last windows and events.
    pub fn handle_shutdown(&mut self, now: Instant) {
        self.now = now;
        let keys: Vec<RoomKey> = self.rooms.keys().copied().collect();
        for key in keys {
            self.drive(key, |room, turn| room.close(turn, EndReason::Restarting));
            self.touch(key);
        }
    }

    /// The process will end within this time: everybody is told.
    pub fn handle_notice(&mut self, now: Instant, within: Duration) {
        self.now = now;
        let keys: Vec<RoomKey> = self.rooms.keys().copied().collect();
        for key in keys {
            self.drive(key, |room, turn| room.tell_of_restart(turn, within));
        }
    }

    /// The next thing to do, until nothing is left.
    pub fn poll_output(&mut self) -> Option<Output> {
        loop {
            // Before the answer that has the client send.
            if let Some(claim) = self.demux.poll_claim() {
                return Some(Output::Claim(claim));
            }
            if let Some(output) = self.outputs.pop_front() {
                if let Output::Ended(session) = &output {
                    self.by_session.remove(session);
                    self.demux.forget(*session);
                }
                return Some(output);
            }
            // Sessions that packets were written to are drained once for a whole batch of datagrams.
            let key = self.touched.pop()?;
            if let Some(slot) = self.rooms.get_mut(&key) {
                slot.touched = false;
            }
            self.drive(key, Room::settle);
            self.finish(key);
        }
    }

    /// When to call [`Core::handle_timeout`]; `None` while there are no rooms.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Running totals.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Rooms and sessions that are open.
    pub fn population(&self) -> (usize, usize) {
        (self.rooms.len(), self.by_session.len())
    }

    fn tap(&mut self, room: &RoomId, tap: Option<Tap>) {
        match &tap {
            Some(tap) => drop(self.taps.insert(room.clone(), tap.clone())),
            None => drop(self.taps.remove(room)),
        }
        if let Some(key) = self.by_name.get(room).copied() {
            self.drive(key, |room, turn| room.set_tap(turn, tap));
            self.touch(key);
        }
    }

    fn leave_sound(&mut self, session: SessionId) {
        let Some(key) = self.by_session.get(&session).copied() else { return };
        self.drive(key, |room, turn| {
            if let Some(index) = room.sound_position(session) {
                room.leave_sound(turn, index, EndReason::Left);
            }
        });
        self.touch(key);
    }

    fn room_named(&mut self, name: &RoomId) -> RoomKey {
        if let Some(key) = self.by_name.get(name) {
            return *key;
        }
        self.next_key += 1;
        let key = RoomKey(self.next_key);
        let room = Room::new(name.clone(), self.taps.get(name).cloned());
        let slot = Slot { room, due: None, touched: false };
        self.rooms.insert(key, slot);
        self.by_name.insert(name.clone(), key);
        key
    }

    fn drive_room(&mut self, name: &RoomId, act: impl FnOnce(&mut Room, &mut Turn<'_>)) {
        if let Some(key) = self.by_name.get(name).copied() {
            self.drive(key, act);
            self.touch(key);
        }
    }

    fn drive_session<T>(
        &mut self,
        session: SessionId,
        act: impl FnOnce(&mut Room, &mut Turn<'_>, usize) -> T,
    ) -> Option<T> {
        let key = self.by_session.get(&session).copied()?;
        let result = self.drive(key, |room, turn| {
            let index = room.position(session)?;
            Some(act(room, turn, index))
        });
        self.touch(key);
        result.flatten()
    }

    /// Lets a room act. A panic in it, which is a defect of ours or of the transport under us, ends this room and no
    /// other.
    fn drive<T>(&mut self, key: RoomKey, act: impl FnOnce(&mut Room, &mut Turn<'_>) -> T) -> Option<T> {
        let slot = self.rooms.get_mut(&key)?;
        let mut turn = Turn {
            now: self.now,
            clock: self.clock,
            beat: Beat::new(self.epoch, key),
            setup: &self.setup,
            outputs: &mut self.outputs,
            counters: &mut self.counters,
        };
        let room = &mut slot.room;
        if let Ok(result) = catch_unwind(AssertUnwindSafe(|| act(room, &mut turn))) {
            return Some(result);
        }
        tracing::error!(room = %slot.room.id, "a call was ended by a defect");
        self.counters.failures += 1;
        let sessions = slot.room.abandon();
        for session in sessions {
            let code = EndReason::Failed;
            let state = CallState::Disconnected { code, message: code.message() };
            self.outputs.push_back(Output::Event(session, MediaEvent::Signal(ServerSignal::State(state))));
            self.outputs.push_back(Output::Ended(session));
        }
        None
    }

    /// Has a room settled when output is next asked for.
    fn touch(&mut self, key: RoomKey) {
        if let Some(slot) = self.rooms.get_mut(&key)
            && !slot.touched
        {
            slot.touched = true;
            self.touched.push(key);
        }
    }

    /// Brings the tables up to date after a room has settled.
    fn finish(&mut self, key: RoomKey) {
        let Some(slot) = self.rooms.get_mut(&key) else { return };
        let due = slot.room.deadline(self.now);
        if due != slot.due {
            if let Some(former) = std::mem::replace(&mut slot.due, due) {
                self.due.remove(&(former, key));
            }
            if let Some(due) = due {
                self.due.insert((due, key));
            }
        }
        if slot.room.is_empty() {
            let name = slot.room.id.clone();
            self.rooms.remove(&key);
            self.by_name.remove(&name);
        }
    }
}
