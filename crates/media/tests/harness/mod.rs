//! Calls in one process: clients that we drive through str0m, a core, and a network with a clock of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

pub mod client;
mod sound;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bianque_media::{
    CallState, Claim, Command, Config, Core, Join, Key, MediaEvent, Output, Remote, ServerSignal, SessionId,
    Source, StatsWindow,
};
use bianque_model::Timestamp;

pub use client::Client;
use client::Equipment;
pub use sound::SoundClient;

pub const SERVER: &str = "192.0.2.1:10000";
pub const WALL: Timestamp = Timestamp(1_800_000_000_000_000);

/// A datagram on its way.
pub struct Flight {
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub bytes: Vec<u8>,
}

/// A link that carries so much, and holds so much back before it drops what comes.
#[derive(Debug)]
pub struct Narrow {
    pub bps: u64,
    pub queue_bytes: u64,
    busy_until: Option<Instant>,
}

/// Headers of IP and UDP.
const UNDER_RTP: u64 = 28;

impl Narrow {
    pub fn new(bps: u64, queue_bytes: u64) -> Self {
        Self { bps, queue_bytes, busy_until: None }
    }

    /// When a datagram that is sent now comes out; `None` if it is dropped.
    fn passes(&mut self, now: Instant, bytes: usize) -> Option<Instant> {
        let begins = self.busy_until.map_or(now, |until| until.max(now));
        let waits_us = u64::try_from((begins - now).as_micros()).unwrap();
        let waiting = waits_us * self.bps / 8_000_000;
        if waiting > self.queue_bytes {
            return None;
        }
        let takes = Duration::from_micros((bytes as u64 + UNDER_RTP) * 8_000_000 / self.bps);
        self.busy_until = Some(begins + takes);
        self.busy_until
    }
}

/// A network, a core and its clients.
pub struct Stage {
    pub now: Instant,
    pub start: Instant,
    pub core: Core,
    pub clients: Vec<Client>,
    pub sounds: Vec<SoundClient>,
    pub delay: Duration,
    /// Answers whether a datagram is lost.
    pub loss: Box<dyn FnMut(&Flight) -> bool>,
    /// What the core holds of the port.
    pub claims: BTreeSet<Key>,
    /// The links down to clients that do not carry everything.
    pub narrow: BTreeMap<SocketAddr, Narrow>,
    flights: BTreeMap<(Instant, u64), Flight>,
    sent: u64,
    pub sessions: u64,
}

pub fn stage() -> Stage {
    stage_for(4)
}

/// A stage for so many in a room.
pub fn stage_for(max_participants: usize) -> Stage {
    let now = Instant::now();
    let mut config = Config::new(vec![SERVER.parse().unwrap()]);
    config.max_participants = max_participants;
    Stage {
        now,
        start: now,
        core: Core::new(now, WALL, config),
        clients: Vec::new(),
        sounds: Vec::new(),
        delay: Duration::from_millis(10),
        loss: Box::new(|_| false),
        claims: BTreeSet::new(),
        narrow: BTreeMap::new(),
        flights: BTreeMap::new(),
        sent: 0,
        sessions: 0,
    }
}

impl Stage {
    /// A client with microphone and camera joins; the answer is its index.
    pub fn join(&mut self, who: &str) -> usize {
        self.join_equipped(who, Equipment::default())
    }

    pub fn join_equipped(&mut self, who: &str, equipment: Equipment) -> usize {
        let index = self.clients.len();
        let port = 20_000 + u16::try_from(index).unwrap();
        let address = SocketAddr::from(([198, 51, 100, 7], port));
        let mut client = Client::equipped(self.now, address, who, equipment);
        let (sdp, sources) = client.offer_microphone_and_camera();
        self.clients.push(client);
        self.join_with(index, sdp, sources);
        index
    }

    pub fn join_with(&mut self, index: usize, sdp: String, sources: BTreeMap<String, Source>) {
        self.sessions += 1;
        let session = SessionId(self.sessions);
        self.clients[index].session = session;
        let participant = self.clients[index].who.as_str().into();
        let join = Join { room: "room".into(), participant, sdp, sources };
        self.core.handle_join(self.now, session, join);
        self.drain();
    }

    pub fn command(&mut self, command: Command) {
        self.core.handle_command(self.now, command);
        self.drain();
    }

    pub fn leave(&mut self, index: usize) {
        let session = self.clients[index].session;
        self.command(Command::Leave { session });
    }

    /// The client vanishes without a word.
    pub fn vanish(&mut self, index: usize) {
        self.clients[index].gone = true;
    }

    /// The client sends an offer, which may be a restart of ICE.
    pub fn offer(&mut self, index: usize, sdp: String) {
        let client = &self.clients[index];
        let (session, sources) = (client.session, client.sources.clone());
        self.command(Command::Offer { session, sdp, sources });
    }

    pub fn run_ms(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while self.now < end {
            let next = self.next_event().min(end);
            self.now = next.max(self.now + Duration::from_micros(100));
            self.deliver();
            if self.core.next_timeout().is_some_and(|at| at <= self.now) {
                self.core.handle_timeout(self.now);
            }
            for index in 0..self.clients.len() {
                self.clients[index].tick(self.now);
            }
            self.speak();
            self.drain();
        }
    }

    /// Runs until `done`, and answers how long it took; panics after `limit_ms`.
    pub fn run_until(&mut self, limit_ms: u64, what: &str, done: impl Fn(&Self) -> bool) -> Duration {
        let begun = self.now;
        while !done(self) {
            assert!(self.now - begun < Duration::from_millis(limit_ms), "not in time: {what}");
            self.run_ms(5);
        }
        self.now - begun
    }

    pub fn states(&self, index: usize) -> &[CallState] {
        &self.clients[index].states
    }

    pub fn windows(&self, index: usize) -> &[StatsWindow] {
        &self.clients[index].windows
    }

    fn next_event(&self) -> Instant {
        let flights = self.flights.keys().next().map(|(at, _)| *at);
        let clients = self.clients.iter().filter(|c| !c.gone).map(Client::deadline);
        let core = self.core.next_timeout().into_iter().chain(self.next_word());
        clients.chain(flights).chain(core).min().unwrap_or(self.now + Duration::from_secs(1))
    }

    fn deliver(&mut self) {
        while let Some(entry) = self.flights.first_entry() {
            if entry.key().0 > self.now {
                break;
            }
            let flight = entry.remove();
            if flight.to == SERVER.parse().unwrap() {
                self.core.handle_datagram(self.now, Remote::udp(flight.from), &flight.bytes);
            } else if let Some(client) = self.clients.iter_mut().find(|c| c.address == flight.to && !c.gone) {
                client.receive(self.now, SERVER.parse().unwrap(), &flight.bytes);
            }
        }
    }

    pub fn drain(&mut self) {
        loop {
            let mut busy = false;
            while let Some(output) = self.core.poll_output() {
                busy = true;
                match output {
                    Output::Transmit { to, bytes } => self.send(SERVER.parse().unwrap(), to.address, bytes),
                    Output::Event(session, event) => self.event(session, event),
                    Output::Claim(claim) => self.claim(claim),
                    Output::Ended(session) => {
                        if let Some(client) = self.clients.iter_mut().find(|c| c.session == session) {
                            client.ended = true;
                        }
                        if let Some(sound) = self.sounds.iter_mut().find(|s| s.session == session) {
                            sound.ended = true;
                        }
                    }
                }
            }
            for index in 0..self.clients.len() {
                let from = self.clients[index].address;
                for bytes in self.clients[index].drain(self.now) {
                    busy = true;
                    self.send(from, SERVER.parse().unwrap(), bytes);
                }
            }
            if !busy {
                return;
            }
        }
    }

    fn send(&mut self, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        let flight = Flight { from, to, bytes };
        if (self.loss)(&flight) {
            return;
        }
        self.sent += 1;
        let mut at = self.now;
        if let Some(narrow) = self.narrow.get_mut(&to) {
            let Some(out) = narrow.passes(at, flight.bytes.len()) else { return };
            at = out;
        }
        self.flights.insert((at + self.delay, self.sent), flight);
    }

    fn claim(&mut self, claim: Claim) {
        match claim {
            Claim::Held(key) => assert!(self.claims.insert(key), "claimed once"),
            Claim::Given(key) => assert!(self.claims.remove(&key), "given back once"),
        }
    }

    fn event(&mut self, session: SessionId, event: MediaEvent) {
        if let Some(sound) = self.sounds.iter_mut().find(|sound| sound.session == session) {
            return sound.take(event);
        }
        let Some(client) = self.clients.iter_mut().find(|c| c.session == session) else { return };
        let signal = match event {
            MediaEvent::Window(window) => return client.windows.push(window),
            MediaEvent::TwoWay { with, at } => return client.two_way.push((with.to_string(), at)),
            MediaEvent::Signal(signal) => signal,
            MediaEvent::Sound(_) => panic!("sound goes to sound sessions alone"),
        };
        match signal {
            ServerSignal::Answer { sdp } => client.take_answer(&sdp),
            ServerSignal::Tracks { tracks } => client.tracks = tracks,
            ServerSignal::State(state) => client.states.push(state),
            ServerSignal::Restart { within_s } => client.restart_within_s = Some(within_s),
            ServerSignal::Paused { mids } => client.paused = mids,
            ServerSignal::Speakers { .. } => panic!("speakers are told to sound sessions alone"),
            ServerSignal::Offer { sdp } => {
                client.offers += 1;
                if let Some(sdp) = client.take_offer(&sdp) {
                    self.core.handle_command(self.now, Command::Answer { session, sdp });
                }
            }
        }
    }
}

impl Stage {
    /// The wall time that the core is told.
    pub fn core_time(&self) -> Timestamp {
        Timestamp(WALL.0 + i64::try_from((self.now - self.start).as_micros()).unwrap())
    }
}
