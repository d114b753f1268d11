//! The media thread.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bianque_media::{Config, Core, EventSink, MAX_DATAGRAM, Output, Remote, SessionId, Transport};
use bianque_model::Timestamp;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::control::{Heard, Message};
use crate::meter::{Meter, Shared};
use crate::socket::MediaSocket;
use crate::streams::{Arrival, Outbox, Put};
use crate::wake::Waker;

/// Datagrams that are taken in before their results go out. Larger saves work, smaller saves delay.
const BATCH: usize = 8;
/// The same of those that came over streams.
const STREAM_BATCH: usize = 32;
/// Frames of sound sessions that are taken in before packets are looked at again.
const SOUNDS_AT_ONCE: usize = 64;
const PUBLISH_EVERY: Duration = Duration::from_secs(1);
/// Above everybody else in the process, where the system allows it: a packet that waits is a packet that is late.
const NICE: i32 = -10;

/// By which everything but datagrams of the socket comes to the thread.
pub(crate) struct Inlets {
    pub(crate) messages: Receiver<Message>,
    pub(crate) sounds: Receiver<Heard>,
    pub(crate) arrivals: Receiver<Arrival>,
}

pub(crate) struct Worker {
    socket: MediaSocket,
    inlets: Inlets,
    waker: Arc<Waker>,
    shared: Arc<Shared>,
    core: Core,
    streams: HashMap<Remote, Outbox>,
    sinks: HashMap<SessionId, Arc<dyn EventSink>>,
    meter: Meter,
    publish_at: Instant,
    stopping: bool,
}

impl Worker {
    pub(crate) fn new(
        socket: MediaSocket,
        inlets: Inlets,
        waker: Arc<Waker>,
        shared: Arc<Shared>,
        config: Config,
    ) -> Self {
        let now = Instant::now();
        Self {
            socket,
            inlets,
            waker,
            shared,
            streams: HashMap::new(),
            core: Core::new(now, wall_time(), config),
            sinks: HashMap::new(),
            meter: Meter::default(),
            publish_at: now,
            stopping: false,
        }
    }

    pub(crate) fn run(mut self) {
        raise_priority();
        let mut buffer = vec![0; MAX_DATAGRAM];
        while !self.stopping {
            self.take_messages();
            let more = self.take_sounds();
            self.keep_time();
            let mut full = self.receive_batch(&mut buffer) || more;
            full |= self.receive_from_streams();
            self.carry_out();
            if !full && !self.stopping {
                self.wait();
            }
        }
        self.meter.publish(&self.core, &self.shared);
    }

    fn take_messages(&mut self) {
        while let Ok(message) = self.inlets.messages.try_recv() {
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
                Message::Stop => {
                    self.core.handle_shutdown(now);
                    self.stopping = true;
                }
            }
        }
    }

    /// Answers whether more may be waiting: packets get their turn between.
    fn take_sounds(&mut self) -> bool {
        for _ in 0..SOUNDS_AT_ONCE {
            let Ok((session, input)) = self.inlets.sounds.try_recv() else { return false };
            self.core.handle_sound(Instant::now(), session, input);
        }
        true
    }

    fn keep_time(&mut self) {
        let now = Instant::now();
        if let Some(due) = self.core.next_timeout()
            && due <= now
        {
            self.meter.late_by(now - due);
            self.core.handle_timeout(now);
        }
        if self.publish_at <= now {
            self.publish_at = now + PUBLISH_EVERY;
            self.core.handle_wall_clock(now, wall_time());
            self.streams.retain(|_, outbox| !outbox.is_gone());
            self.meter.publish(&self.core, &self.shared);
        }
    }

    /// Answers whether more may be waiting.
    fn receive_batch(&mut self, buffer: &mut [u8]) -> bool {
        for _ in 0..BATCH {
            let Some((length, from)) = self.socket.receive(buffer) else { return false };
            self.core.handle_datagram(Instant::now(), Remote::udp(from), &buffer[..length]);
        }
        true
    }

    /// The same of the streams.
    fn receive_from_streams(&mut self) -> bool {
        for _ in 0..STREAM_BATCH {
            match self.inlets.arrivals.try_recv() {
                Ok(Arrival::Open(remote, outbox)) => {
                    self.streams.insert(remote, outbox);
                }
                Ok(Arrival::Datagram(from, bytes)) => {
                    self.core.handle_datagram(Instant::now(), from, &bytes);
                }
                Err(_) => return false,
            }
        }
        true
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
                }
            }
        }
    }

    /// Answers whether the datagram is under way.
    fn send(&mut self, to: Remote, bytes: Vec<u8>) -> bool {
        if to.transport == Transport::Udp {
            return self.socket.send(to.address, &bytes);
        }
        let put = self.streams.get(&to).map_or(Put::Gone, |outbox| outbox.put(bytes));
        if put == Put::Gone {
            self.streams.remove(&to);
        }
        put == Put::Taken
    }

    fn wait(&self) {
        let until = self.core.next_timeout().map_or(self.publish_at, |due| due.min(self.publish_at));
        let left = until.saturating_duration_since(Instant::now());
        let Ok(timeout) = Timespec::try_from(left) else { return };
        let mut fds = [PollFd::new(&self.socket, PollFlags::IN), PollFd::new(&*self.waker, PollFlags::IN)];
        // An interrupted wait is a short one.
        let _ = poll(&mut fds, Some(&timeout));
        if !fds[1].revents().is_empty() {
            self.waker.clear();
        }
    }
}

/// On Linux this is the priority of the calling thread alone. Most systems refuse it to ordinary users.
fn raise_priority() {
    let raised = match rustix::process::getpriority_process(None) {
        Ok(present) if present <= NICE => return,
        _ => rustix::process::setpriority_process(None, NICE),
    };
    if raised.is_err() {
        tracing::debug!("the media thread runs at ordinary priority");
    }
}

fn wall_time() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
