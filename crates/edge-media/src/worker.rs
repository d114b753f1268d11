//! A media thread.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bianque_media::{Config, Core, EventSink, MAX_DATAGRAM, Output, Remote, SessionId, Transport};
use bianque_model::Timestamp;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::control::{Heard, Message};
use crate::directory::Shard;
use crate::meter::{BEAT, Meter, Shared};
use crate::shards::{Crossing, Shards};
use crate::socket::MediaSocket;
use crate::streams::{Arrival, Outbox, Put};
use crate::wake::Waker;

/// Datagrams that are taken in before their results go out. Larger saves work, smaller saves delay.
const BATCH: usize = 8;
/// The same of those that came over streams, and of those that came to other threads.
const STREAM_BATCH: usize = 32;
/// Frames of sound sessions that are taken in before packets are looked at again.
const SOUNDS_AT_ONCE: usize = 64;
const PUBLISH_EVERY: Duration = Duration::from_secs(1);
/// How long a thread whose rooms have ended keeps its socket.
const LINGER: Duration = Duration::from_secs(10);
/// Above everybody else in the process, where the system allows it: a packet that waits is a packet that is late.
const NICE: i32 = -10;

/// By which everything but datagrams of the socket comes to the thread.
pub(crate) struct Inlets {
    pub(crate) messages: Receiver<Message>,
    pub(crate) sounds: Receiver<Heard>,
    pub(crate) arrivals: Receiver<Arrival>,
    pub(crate) crossings: Receiver<Crossing>,
    pub(crate) waker: Arc<Waker>,
    pub(crate) shared: Arc<Shared>,
}

/// What was found at the inlets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Nothing,
    Something,
    /// More may be waiting.
    Much,
}

impl Found {
    fn of(count: usize, most: usize) -> Self {
        match count {
            0 => Self::Nothing,
            count if count < most => Self::Something,
            _ => Self::Much,
        }
    }
}

pub(crate) struct Worker {
    index: usize,
    /// That of the port, by which whoever has none of their own sends.
    port: MediaSocket,
    /// Where it receives. The first thread has that of the port; others one of their own, while they have rooms.
    own: Option<MediaSocket>,
    /// When one that has no rooms closes its own.
    close_at: Option<Instant>,
    inlets: Inlets,
    shards: Arc<Shards>,
    core: Core,
    streams: HashMap<Remote, Outbox>,
    sinks: HashMap<SessionId, Arc<dyn EventSink>>,
    meter: Meter,
    beat_at: Instant,
    publish_at: Instant,
    stopping: bool,
}

impl Worker {
    pub(crate) fn new(
        index: usize,
        socket: MediaSocket,
        inlets: Inlets,
        shards: Arc<Shards>,
        config: Config,
    ) -> Self {
        let now = Instant::now();
        Self {
            index,
            port: socket,
            own: None,
            close_at: None,
            inlets,
            shards,
            streams: HashMap::new(),
            core: Core::new(now, wall_time(), config),
            sinks: HashMap::new(),
            meter: Meter::new(now),
            beat_at: now,
            publish_at: now,
            stopping: false,
        }
    }

    pub(crate) fn run(mut self) {
        raise_priority(self.index);
        self.beat_at = Instant::now();
        if self.index == 0 {
            self.own = self.port.try_clone().ok();
        }
        let mut buffer = vec![0; MAX_DATAGRAM];
        let mut readable = true;
        while !self.stopping {
            let found = self.take_all();
            self.keep_time();
            let more = readable && self.receive_batch(&mut buffer);
            self.carry_out();
            // Unless it waited, which tells, there may be datagrams, whatever else there is.
            readable = true;
            if more || found == Found::Much || self.stopping {
                continue;
            }
            self.inlets.waker.arm();
            // What came before the waker was armed wakes nobody.
            if self.take_all() == Found::Nothing {
                readable = self.wait();
            }
            self.inlets.waker.disarm();
        }
        self.carry_out();
        self.meter.publish(Instant::now(), &self.core, &self.inlets.shared);
    }

    fn take_all(&mut self) -> Found {
        self.take_messages().max(self.take_sounds()).max(self.take_from_streams()).max(self.take_crossings())
    }

    fn take_messages(&mut self) -> Found {
        let mut count = 0;
        while let Ok(message) = self.inlets.messages.try_recv() {
            count += 1;
            let now = Instant::now();
            match message {
                Message::Join(session, join, sink) => {
                    self.sinks.insert(session, sink);
                    self.core.handle_join(now, session, join);
                }
                Message::JoinSound(session, join, sink) => {
                    self.sinks.insert(session, sink);
                    self.core.handle_join_sound(now, session, &join);
                }
                Message::Command(command) => self.core.handle_command(now, command),
                Message::Restart { within } => self.core.handle_notice(now, within),
                Message::End => self.core.handle_shutdown(now),
                Message::Stop => {
                    self.core.handle_shutdown(now);
                    self.stopping = true;
                }
            }
        }
        Found::of(count, usize::MAX)
    }

    fn take_sounds(&mut self) -> Found {
        let mut count = 0;
        while count < SOUNDS_AT_ONCE
            && let Ok((session, input)) = self.inlets.sounds.try_recv()
        {
            count += 1;
            self.core.handle_sound(Instant::now(), session, input);
        }
        Found::of(count, SOUNDS_AT_ONCE)
    }

    fn take_from_streams(&mut self) -> Found {
        let mut count = 0;
        while count < STREAM_BATCH
            && let Ok(arrival) = self.inlets.arrivals.try_recv()
        {
            count += 1;
            match arrival {
                Arrival::Open(remote, outbox) => drop(self.streams.insert(remote, outbox)),
                Arrival::Datagram(from, bytes) => self.core.handle_datagram(Instant::now(), from, &bytes),
            }
        }
        Found::of(count, STREAM_BATCH)
    }

    /// Datagrams that came to other threads.
    fn take_crossings(&mut self) -> Found {
        let mut count = 0;
        while count < STREAM_BATCH
            && let Ok((from, bytes)) = self.inlets.crossings.try_recv()
        {
            count += 1;
            self.core.handle_datagram(Instant::now(), from, &bytes);
        }
        Found::of(count, STREAM_BATCH)
    }

    fn keep_time(&mut self) {
        let now = Instant::now();
        if let Some(due) = self.core.next_timeout()
            && due <= now
        {
            self.meter.late_by(now - due);
            self.core.handle_timeout(now);
        }
        if self.beat_at <= now {
            self.meter.late_by(now - self.beat_at);
            self.inlets.shared.beat(now);
            self.beat_at = now + BEAT;
        }
        if self.publish_at <= now {
            self.publish_at = now + PUBLISH_EVERY;
            self.core.handle_wall_clock(now, wall_time());
            self.streams.retain(|_, outbox| !outbox.is_gone());
            self.mind_socket(now);
            self.meter.publish(now, &self.core, &self.inlets.shared);
        }
    }

    /// Opens a socket for the first room, and closes it some time after the last: a thread without rooms is not to be
    /// woken for those of others.
    fn mind_socket(&mut self, now: Instant) {
        if self.index == 0 || self.stopping {
            return;
        }
        if self.core.population().0 > 0 {
            self.close_at = None;
            if self.own.is_none() {
                // Without one everything comes from the others.
                let bound = MediaSocket::beside(&self.port);
                self.own = bound.inspect_err(|error| tracing::warn!(%error, "no socket for a thread")).ok();
            }
        } else if self.own.is_some() {
            let at = *self.close_at.get_or_insert(now + LINGER);
            if at <= now {
                self.own = None;
            }
        }
    }

    /// Answers whether more may be waiting.
    fn receive_batch(&mut self, buffer: &mut [u8]) -> bool {
        for _ in 0..BATCH {
            let Some((length, from)) = self.own.as_ref().and_then(|socket| socket.receive(buffer)) else {
                return false;
            };
            self.take_datagram(Remote::udp(from), &buffer[..length]);
        }
        true
    }

    fn take_datagram(&mut self, from: Remote, datagram: &[u8]) {
        if self.shards.is_one() {
            return self.core.handle_datagram(Instant::now(), from, datagram);
        }
        match self.shards.directory.find(from, datagram) {
            Some(shard) if usize::from(shard) == self.index => {
                self.core.handle_datagram(Instant::now(), from, datagram);
            }
            Some(shard) => {
                self.meter.crossed += 1;
                let taken = self.shards.cross(shard, (from, datagram.to_vec()));
                self.meter.crossing_losses += u64::from(!taken);
            }
            None => self.meter.strays += 1,
        }
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.core.poll_output() {
            match output {
                Output::Transmit { to, bytes } => {
                    let sent = self.send(to, bytes);
                    self.meter.send_failures += u64::from(!sent);
                }
                Output::Event(session, event) => {
                    if let Some(sink) = self.sinks.get(&session) {
                        sink.deliver(event);
                    }
                }
                Output::Ended(session) => {
                    self.sinks.remove(&session);
                    self.shards.placing.ended(session);
                }
                // What is for the only thread needs no finding.
                Output::Claim(_) if self.shards.is_one() => {}
                Output::Claim(claim) => {
                    if let Ok(shard) = Shard::try_from(self.index) {
                        self.shards.directory.enter(shard, claim);
                    }
                }
            }
        }
    }

    /// Answers whether the datagram is under way.
    fn send(&mut self, to: Remote, bytes: Vec<u8>) -> bool {
        if to.transport == Transport::Udp {
            return self.own.as_ref().unwrap_or(&self.port).send(to.address, &bytes);
        }
        let put = self.streams.get(&to).map_or(Put::Gone, |outbox| outbox.put(bytes));
        if put == Put::Gone {
            self.streams.remove(&to);
        }
        put == Put::Taken
    }

    /// Answers whether datagrams may have come.
    fn wait(&mut self) -> bool {
        let until = self.core.next_timeout().map_or(self.beat_at, |due| due.min(self.beat_at));
        let from = Instant::now();
        let left = until.saturating_duration_since(from);
        let Ok(timeout) = Timespec::try_from(left) else { return true };
        let waker = &*self.inlets.waker;
        let mut fds = [PollFd::new(waker, PollFlags::IN), PollFd::new(waker, PollFlags::IN)];
        let count = 1 + usize::from(self.own.is_some());
        if let Some(socket) = &self.own {
            fds[1] = PollFd::new(socket, PollFlags::IN);
        }
        // An interrupted wait is a short one.
        let _ = poll(&mut fds[..count], Some(&timeout));
        let (woken, datagrams) = (!fds[0].revents().is_empty(), !fds[1].revents().is_empty());
        if woken {
            waker.clear();
        }
        self.meter.waited(from.elapsed().min(left));
        datagrams
    }
}

/// On Linux this is the priority of the calling thread alone. Most systems refuse it to ordinary users.
fn raise_priority(index: usize) {
    let raised = match rustix::process::getpriority_process(None) {
        Ok(present) if present <= NICE => return,
        _ => rustix::process::setpriority_process(None, NICE),
    };
    if raised.is_err() && index == 0 {
        tracing::info!(
            "media threads run at ordinary priority: allow a nice value of {NICE} (LimitNICE) for more"
        );
    }
}

fn wall_time() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
