//! The port of calls: a UDP socket, a thread and a clock around [`bianque_media::Core`], and the streams that stand in
//! where UDP does not pass.
//!
//! [`start`] binds the port and starts one thread outside of any runtime. Use cases reach it through
//! [`Handle::control`]; commands cross a bounded channel and wake the thread by an eventfd. On its way through, a media
//! packet touches no lock, no channel and no database.

mod control;
mod meter;
mod socket;
mod streams;
mod wake;
mod worker;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;

use bianque_media::{Config, MediaControl};

use crate::control::{Message, Port};
use crate::meter::Shared;
use crate::socket::MediaSocket;
use crate::wake::Waker;

pub use crate::meter::Metrics;
pub use crate::streams::Streams;

/// Commands that may wait for the thread. More means that it is overloaded: then a join is refused rather than every
/// call disturbed.
const WAITING_COMMANDS: usize = 1024;
/// Datagrams of streams that may wait for the thread: a tenth of a second of what it can forward.
const WAITING_ARRIVALS: usize = 4096;

/// Frames of sound sessions that may wait. More than that are late, and lost.
const WAITING_SOUNDS: usize = 2048;

/// How the port is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to bind; port 0 picks a free one.
    pub bind: SocketAddr,
    /// Address that browsers are told, where it is not the bound one; port 0 means the bound port.
    pub public: Option<SocketAddr>,
    /// Where browsers find TURN; none: there is none.
    pub relay: Option<Relay>,
    /// People in one room.
    pub max_participants: usize,
    /// Whether to estimate the rate that is available to each participant.
    pub estimate_bandwidth: bool,
}

/// Where browsers find TURN, at the host by which they reach the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relay {
    /// Whether it speaks TLS.
    pub tls: bool,
    /// Its port; none: that of the pages.
    pub port: Option<u16>,
}

impl Relay {
    /// Its address for browsers that reach the pages at this host and port: `turns:HOST:PORT?transport=tcp`.
    pub fn url(self, host: &str, port: u16) -> String {
        let scheme = if self.tls { "turns" } else { "turn" };
        format!("{scheme}:{host}:{}?transport=tcp", self.port.unwrap_or(port))
    }
}

impl Options {
    /// The usual settings on an address.
    pub fn new(bind: SocketAddr) -> Self {
        Self { bind, public: None, relay: None, max_participants: 8, estimate_bandwidth: true }
    }
}

/// Why the media port did not open.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address to tell browsers is not known.
    #[error(
        "the media port is bound to {bind}, which is no address that a browser could send to: give the address that \
         patients reach with --media-public"
    )]
    NoPublicAddress {
        /// The bound address.
        bind: SocketAddr,
    },
    /// The address could not be bound.
    #[error("the media port {bind} cannot be opened")]
    Bind {
        /// The address.
        bind: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The thread could not be started.
    #[error("the media thread cannot be started")]
    Thread(#[source] io::Error),
    /// The system gave no random bytes.
    #[error("the system has no randomness")]
    Randomness,
}

/// Opens the port and starts the thread.
///
/// # Errors
/// [`StartError`]; nothing is left running then.
pub fn start(options: &Options) -> Result<Handle, StartError> {
    let bind = options.bind;
    let socket = MediaSocket::bind(bind).map_err(|source| StartError::Bind { bind, source })?;
    let local = socket.local_addr().map_err(|source| StartError::Bind { bind, source })?;
    let candidate = candidate(local, options.public).ok_or(StartError::NoPublicAddress { bind: local })?;
    let listener = listen(local);
    let waker = Arc::new(Waker::new().map_err(StartError::Thread)?);
    let shared = Arc::new(Shared::default());
    let (sender, receiver) = sync_channel(WAITING_COMMANDS);
    let (arrivals, arrived) = sync_channel(WAITING_ARRIVALS);
    let secret = secret()?;
    let streams = Streams::new(arrivals, Arc::clone(&waker), secret, vec![candidate]);
    let (sounds, heard) = sync_channel(WAITING_SOUNDS);
    let mut config = Config::new(vec![candidate]);
    config.tcp_candidates.extend(listener.is_some().then_some(candidate));
    config.max_participants = options.max_participants;
    config.estimate_bandwidth = options.estimate_bandwidth;
    let worker = worker::Worker::new(
        socket,
        worker::Inlets { messages: receiver, sounds: heard, arrivals: arrived },
        Arc::clone(&waker),
        Arc::clone(&shared),
        config,
    );
    let thread = std::thread::Builder::new()
        .name("media".to_owned())
        .spawn(move || worker.run())
        .map_err(StartError::Thread)?;
    let port = Arc::new(Port::new(sender, sounds, waker, streams.clone(), options.relay));
    Ok(Handle { local, candidate, port, shared, streams, listener, thread: Some(thread) })
}

/// The running port. Dropping it stops the thread.
pub struct Handle {
    local: SocketAddr,
    candidate: SocketAddr,
    port: Arc<Port>,
    shared: Arc<Shared>,
    streams: Streams,
    listener: Option<TcpListener>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
    /// The bound address.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The address that browsers are told.
    pub fn candidate(&self) -> SocketAddr {
        self.candidate
    }

    /// The port for use cases. It outlives this handle and then refuses everything.
    pub fn control(&self) -> Arc<dyn MediaControl> {
        Arc::clone(&self.port) as Arc<dyn MediaControl>
    }

    /// What serves calls over streams.
    pub fn streams(&self) -> Streams {
        self.streams.clone()
    }

    /// The listener at the same address for TCP, not blocking; its connections go to [`Streams::ice_tcp`]. `None` where
    /// another program has the port: browsers are not told of it then.
    pub fn listener(&self) -> Option<io::Result<TcpListener>> {
        self.listener.as_ref().map(TcpListener::try_clone)
    }

    /// What the thread has done so far; renewed every second.
    pub fn metrics(&self) -> Metrics {
        self.shared.read()
    }

    /// Ends all calls, delivers their last events and stops the thread.
    pub fn shutdown(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.port.send_blocking(Message::Stop);
        if thread.join().is_err() {
            tracing::error!("the media thread had panicked");
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What TURN credentials of this process are made of.
fn secret() -> Result<[u8; 32], StartError> {
    let mut secret = [0; 32];
    aws_lc_rs::rand::fill(&mut secret).map_err(|_| StartError::Randomness)?;
    Ok(secret)
}

/// Calls go on without it, so that a port that is taken is no reason not to start.
fn listen(local: SocketAddr) -> Option<TcpListener> {
    let listener = TcpListener::bind(local).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.inspect_err(|error| tracing::warn!(%local, %error, "no calls over TCP: the port is taken")).ok()
}

fn candidate(local: SocketAddr, public: Option<SocketAddr>) -> Option<SocketAddr> {
    let mut candidate = public.unwrap_or(local);
    if candidate.port() == 0 {
        candidate.set_port(local.port());
    }
    (!candidate.ip().is_unspecified()).then_some(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unspecified_address_is_never_told_to_a_browser() {
        for bind in ["0.0.0.0:0", "[::]:0"] {
            let bind = bind.parse().unwrap();
            assert!(matches!(start(&Options::new(bind)), Err(StartError::NoPublicAddress { .. })));
            let mut options = Options::new(bind);
            options.public = Some("203.0.113.5:0".parse().unwrap());
            let handle = start(&options).unwrap();
            assert_eq!(
                handle.candidate(),
                SocketAddr::new([203, 0, 113, 5].into(), handle.local_addr().port())
            );
            options.public = Some("0.0.0.0:9".parse().unwrap());
            assert!(start(&options).is_err());
        }
    }

    #[test]
    fn a_port_that_is_taken_is_an_error_that_names_it() {
        let first = start(&Options::new("127.0.0.1:0".parse().unwrap())).unwrap();
        let second = start(&Options::new(first.local_addr()));
        assert!(second.err().unwrap().to_string().contains(&first.local_addr().to_string()));
    }
}
