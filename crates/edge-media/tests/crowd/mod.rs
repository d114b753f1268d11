//! People in rooms, over real sockets: clients that are str0m, all driven by the calling thread.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

#[path = "../../../media/tests/harness/client.rs"]
mod client;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bianque_edge_media::{Handle, Options, start};
use bianque_media::{Command, Join, MediaEvent, Refused, ServerSignal, SessionId, Source};

use client::Client;

const STEP: Duration = Duration::from_millis(2);

pub struct Crowd {
    pub port: Handle,
    pub people: Vec<Person>,
}

pub struct Person {
    pub room: String,
    pub client: Client,
    socket: UdpSocket,
    /// Where the port is to them.
    server: SocketAddr,
    events: Receiver<MediaEvent>,
    session: SessionId,
}

/// A port with so many threads, changed by `change`.
pub fn crowd(threads: usize, change: impl FnOnce(&mut Options)) -> Crowd {
    let mut options = Options::new("127.0.0.1:0".parse().unwrap());
    options.threads = threads.try_into().ok();
    change(&mut options);
    Crowd { port: start(&options).unwrap(), people: Vec::new() }
}

impl Crowd {
    /// Somebody joins with microphone and camera; the answer is their index.
    pub fn join(&mut self, room: &str, who: &str) -> Result<usize, Refused> {
        self.join_with(socket_at(Ipv4Addr::LOCALHOST.into()), room, who)
    }

    /// The same from this address of this machine.
    pub fn join_at(&mut self, at: IpAddr, room: &str, who: &str) -> Result<usize, Refused> {
        self.join_with(socket_at(at), room, who)
    }

    /// Somebody comes into another network, where they have this address and no longer the one before; they restart ICE, as
    /// browsers do.
    pub fn move_to(&mut self, index: usize, at: IpAddr) {
        let server = self.seen_from(at);
        let person = &mut self.people[index];
        (person.socket, person.server) = (socket_at(at), server);
        person.client.move_to(person.socket.local_addr().unwrap());
        let (session, sdp) = (person.session, person.client.offer_ice_restart());
        let sources = person.client.sources.clone();
        self.port.control().command(Command::Offer { session, sdp, sources }).unwrap();
    }

    /// The port as somebody at this address of the machine reaches it.
    fn seen_from(&self, at: IpAddr) -> SocketAddr {
        SocketAddr::new(at, self.port.local_addr().port())
    }

    /// Somebody joins from the address of another, who says nothing more.
    pub fn join_from_where(&mut self, index: usize, room: &str, who: &str) -> Result<usize, Refused> {
        let former = &mut self.people[index];
        former.client.gone = true;
        let socket = former.socket.try_clone().unwrap();
        self.join_with(socket, room, who)
    }

    fn join_with(&mut self, socket: UdpSocket, room: &str, who: &str) -> Result<usize, Refused> {
        let local = socket.local_addr().unwrap();
        let server = self.seen_from(local.ip());
        let mut client = Client::new(Instant::now(), local, who);
        let (sdp, sources) = client.offer_microphone_and_camera();
        let (sender, events) = channel();
        let sender = Mutex::new(sender);
        let sink = move |event: MediaEvent| drop(sender.lock().unwrap().send(event));
        let join = Join { room: room.into(), participant: who.into(), sdp, sources };
        let session = self.port.control().join(join, Arc::new(sink))?;
        self.people.push(Person { room: room.to_owned(), client, socket, server, events, session });
        Ok(self.people.len() - 1)
    }

    pub fn leave(&mut self, index: usize) {
        let person = &mut self.people[index];
        person.client.gone = true;
        self.port.control().command(Command::Leave { session: person.session }).unwrap();
    }

    pub fn run(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            for person in &mut self.people {
                person.step(&self.port);
            }
            std::thread::sleep(STEP);
        }
    }

    /// Runs until `done`; panics when that takes longer than `within`.
    pub fn run_until(&mut self, within: Duration, what: &str, done: impl Fn(&Self) -> bool) -> Duration {
        let begun = Instant::now();
        while !done(self) {
            assert!(begun.elapsed() < within, "not in time: {what}: {:?}", self.port.metrics());
            self.run(Duration::from_millis(20));
        }
        begun.elapsed()
    }

    /// Everybody sees and hears everybody in their room, and has received so much of each.
    pub fn all_flow(&self, packets: usize) -> bool {
        let here = || self.people.iter().filter(|person| !person.client.gone);
        here().all(|one| {
            here().filter(|other| other.room == one.room && other.client.who != one.client.who).all(|other| {
                let from = |source| one.client.arrived_from(&other.client.who, source);
                from(Source::Microphone) >= packets && from(Source::Camera) >= packets
            })
        })
    }

    pub fn forget_arrivals(&mut self) {
        for person in &mut self.people {
            person.client.arrived.clear();
        }
    }

    /// The part of what was sent since then that has not arrived.
    pub fn loss(&self) -> f64 {
        let (mut sent, mut arrived) = (0, 0);
        for person in &self.people {
            let mut by_line: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
            for packet in &person.client.arrived {
                by_line.entry(&packet.mid).or_default().insert(packet.sequence);
            }
            for numbers in by_line.values() {
                sent += numbers.last().unwrap() - numbers.first().unwrap() + 1;
                arrived += numbers.len() as u64;
            }
        }
        assert!(sent > 0, "nothing arrived");
        1.0 - arrived as f64 / sent as f64
    }
}

impl Person {
    fn step(&mut self, port: &Handle) {
        let mut buffer = [0; 2048];
        while !self.client.gone
            && let Ok((length, from)) = self.socket.recv_from(&mut buffer)
        {
            self.client.receive(Instant::now(), from, &buffer[..length]);
        }
        while let Ok(event) = self.events.try_recv() {
            self.take(event, port);
        }
        self.client.tick(Instant::now());
        for bytes in self.client.drain(Instant::now()) {
            self.socket.send_to(&bytes, self.server).unwrap();
        }
    }

    fn take(&mut self, event: MediaEvent, port: &Handle) {
        let MediaEvent::Signal(signal) = event else { return };
        match signal {
            ServerSignal::Answer { sdp } => self.client.take_answer(&sdp),
            ServerSignal::Tracks { tracks } => self.client.tracks = tracks,
            ServerSignal::State(state) => self.client.states.push(state),
            ServerSignal::Restart { within_s } => self.client.restart_within_s = Some(within_s),
            ServerSignal::Offer { sdp } => {
                if let Some(sdp) = self.client.take_offer(&sdp) {
                    let session = self.session;
                    let _ = port.control().command(Command::Answer { session, sdp });
                }
            }
            // The machine is starved, and so may be the links.
            ServerSignal::Paused { .. } => {}
            ServerSignal::Speakers { .. } => panic!("speakers are told to sound sessions alone"),
        }
    }
}

fn socket_at(at: IpAddr) -> UdpSocket {
    let socket = UdpSocket::bind((at, 0)).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}
