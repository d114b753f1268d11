//! The port of calls: UDP sockets, threads and a clock around [`bianque_media::Core`], and the streams that stand in
//! where UDP does not pass.
//!
//! [`start`] binds the port and starts threads outside of any runtime, one for each core of the machine unless it is told
//! otherwise. A room is in one thread for as long as it is open. A thread that has rooms has a socket of its own at the one
//! port, and the kernel deals out what comes; a datagram that is for another thread crosses over by a bounded channel.
//! Use cases reach the threads through [`Handle::control`]; commands cross a bounded channel and wake the thread by an
//! eventfd. On its way through, a media packet touches no lock and no database.

mod addresses;
mod admission;
mod control;
mod directory;
mod meter;
mod placing;
mod shards;
mod socket;
mod streams;
mod wake;
mod worker;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{JoinHandle, available_parallelism};
use std::time::{Duration, Instant};

use bianque_media::{Config, MediaControl};

use crate::admission::Limits;
use crate::control::Port;
use crate::meter::Shared;
use crate::placing::MOST_SHARDS;
use crate::shards::{Door, Shards};
use crate::shards::{WAITING_ARRIVALS, WAITING_COMMANDS, WAITING_CROSSINGS, WAITING_SOUNDS};
use crate::wake::Waker;
use crate::worker::{Inlets, Worker};

pub use crate::meter::Metrics;
pub use crate::streams::Streams;

/// Rooms with calls in them, unless it is said otherwise: more than a machine of today can carry, so that it is the
/// machine that decides.
const MOST_ROOMS: usize = 10_000;
/// A thread that is half busy has room for what comes in bursts.
const HALF: u64 = 500;
/// How often a port that waits for its calls to end looks whether they have.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long calls that are ended may take to end.
const ENDING: Duration = Duration::from_secs(1);

/// How the port is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to bind; port 0 picks a free one.
    pub bind: SocketAddr,
    /// Addresses that browsers are told, where it is not the bound one: one of each IP version at most. Port 0 means the
    /// bound port.
    pub public: Vec<SocketAddr>,
    /// Where browsers find TURN; none: there is none.
    pub relay: Option<Relay>,
    /// Threads; none: one for each core.
    pub threads: Option<NonZeroUsize>,
    /// How much of a thread's time is taken before rooms go to the next, in thousandths.
    pub fill_permille: u64,
    /// Rooms in which there may be calls at a time.
    pub max_rooms: usize,
    /// How late a thread may be for its timers before no more rooms are opened in it.
    pub late: Duration,
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
        Self {
            bind,
            public: Vec::new(),
            relay: None,
            threads: None,
            fill_permille: HALF,
            max_rooms: MOST_ROOMS,
            late: admission::LATE,
            max_participants: 8,
            estimate_bandwidth: true,
        }
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

/// Opens the port and starts the threads.
///
/// # Errors
/// [`StartError`]; nothing is left running then.
pub fn start(options: &Options) -> Result<Handle, StartError> {
    let bind = options.bind;
    let failed = |source| StartError::Bind { bind, source };
    let (socket, listener) = addresses::open(bind).map_err(failed)?;
    let local = socket.local_addr().map_err(failed)?;
    let candidates = addresses::candidates(local, &options.public);
    let candidates = candidates.ok_or(StartError::NoPublicAddress { bind: local })?;
    let mut config = Config::new(candidates.clone());
    if listener.is_some() {
        config.tcp_candidates.clone_from(&candidates);
    }
    config.max_participants = options.max_participants;
    config.estimate_bandwidth = options.estimate_bandwidth;
    let opened: Result<Vec<(Door, Inlets)>, StartError> =
        (0..threads(options.threads)).map(|_| door()).collect();
    let (doors, inlets): (Vec<Door>, Vec<Inlets>) = opened?.into_iter().unzip();
    let limits =
        Limits { rooms: options.max_rooms, fill_permille: options.fill_permille, late: options.late };
    let shards = Arc::new(Shards::new(doors, limits));
    let streams = Streams::new(Arc::clone(&shards), secret()?, candidates.clone());
    let port = Arc::new(Port::new(Arc::clone(&shards), streams.clone(), options.relay));
    let mut handle = Handle { local, candidates, port, shards, streams, listener, threads: Vec::new() };
    if !handle.shards.is_one() {
        socket.share().map_err(failed)?;
    }
    for (index, inlets) in inlets.into_iter().enumerate() {
        let socket = socket.try_clone().map_err(failed)?;
        let (shards, config) = (Arc::clone(&handle.shards), config.clone());
        // Made in its thread: a certificate for DTLS takes longer than the rest of the start, and joins can wait for it.
        let work = move || Worker::new(index, socket, inlets, shards, config).run();
        // A handle that is dropped stops those that run.
        let thread = std::thread::Builder::new().name(format!("media-{index}")).spawn(work);
        handle.threads.push(thread.map_err(StartError::Thread)?);
    }
    Ok(handle)
}

fn threads(wanted: Option<NonZeroUsize>) -> usize {
    let count = wanted.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    count.min(MOST_SHARDS)
}

/// The way into a thread, and its other end.
fn door() -> Result<(Door, Inlets), StartError> {
    let waker = Arc::new(Waker::new().map_err(StartError::Thread)?);
    let shared = Arc::new(Shared::new(Instant::now()));
    let (messages, told) = sync_channel(WAITING_COMMANDS);
    let (sounds, heard) = sync_channel(WAITING_SOUNDS);
    let (arrivals, arrived) = sync_channel(WAITING_ARRIVALS);
    let (crossings, crossed) = sync_channel(WAITING_CROSSINGS);
    let inlets = Inlets {
        messages: told,
        sounds: heard,
        arrivals: arrived,
        crossings: crossed,
        waker: Arc::clone(&waker),
        shared: Arc::clone(&shared),
    };
    Ok((Door { messages, sounds, arrivals, crossings, waker, shared }, inlets))
}

/// The running port. Dropping it stops the threads.
pub struct Handle {
    local: SocketAddr,
    candidates: Vec<SocketAddr>,
    port: Arc<Port>,
    shards: Arc<Shards>,
    streams: Streams,
    listener: Option<TcpListener>,
    threads: Vec<JoinHandle<()>>,
}

impl Handle {
    /// The bound address.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The addresses that browsers are told: one of each IP version at most.
    pub fn candidates(&self) -> &[SocketAddr] {
        &self.candidates
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

    /// What the threads have done so far; renewed every second.
    pub fn metrics(&self) -> Metrics {
        self.shards.metrics()
    }

    /// Whether no room is open.
    pub fn is_quiet(&self) -> bool {
        self.shards.placing.is_empty()
    }

    /// Lets no room begin any more, tells everybody in those that are open, and waits until they have ended, but no longer
    /// than this. Answers whether they have.
    pub async fn drain(&self, within: Duration) -> bool {
        self.shards.announce_restart(within);
        self.quiet_within(within).await
    }

    /// Ends all calls, and waits until everybody has been told: a moment, unless a thread does not run.
    pub async fn end_calls(&self) {
        self.shards.end_calls();
        self.quiet_within(ENDING).await;
    }

    async fn quiet_within(&self, within: Duration) -> bool {
        let until = tokio::time::Instant::now() + within;
        while !self.is_quiet() && tokio::time::Instant::now() < until {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.is_quiet()
    }

    /// Ends all calls, delivers their last events and stops the threads.
    pub fn shutdown(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        if self.threads.is_empty() {
            return;
        }
        self.shards.stop();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a media thread had panicked");
            }
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
    // The system's own: the first random number of aws-lc takes 30 ms, which is half of a start.
    getrandom::fill(&mut secret).map_err(|_| StartError::Randomness)?;
    Ok(secret)
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
            options.public = vec!["203.0.113.5:0".parse().unwrap()];
            let handle = start(&options).unwrap();
            assert_eq!(
                handle.candidates(),
                [SocketAddr::new([203, 0, 113, 5].into(), handle.local_addr().port())]
            );
            options.public.push("[::]:9".parse().unwrap());
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
