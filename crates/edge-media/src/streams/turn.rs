//! TURN: the rung for networks that let nothing pass but TLS. What it may do is decided in [`bianque_media::Turn`].

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bianque_media::{Framing, Step, Turn};
use tokio::io::{AsyncRead, AsyncWrite, split};
use tokio::sync::mpsc::{Sender, channel};

use crate::socket::canonical;

use super::lane::Lane;
use super::limits::{Bucket, Visit};
use super::outbox::{Inbox, outbox};
use super::pump::{self, Frames};
use super::{OPENING, Streams};

/// Answers that wait to be written. A client waits for one before it asks for the next.
const WAITING_ANSWERS: usize = 16;
const NONCE_BYTES: usize = 16;

impl Streams {
    /// Serves a connection whose first byte is that of a STUN message, until either side has enough.
    pub async fn turn(&self, stream: impl AsyncRead + AsyncWrite, peer: SocketAddr) {
        let Some(nonce) = nonce() else { return };
        let number = self.allocations.fetch_add(1, Ordering::Relaxed);
        let turn = Mutex::new(Turn::new(Arc::clone(&self.turn), canonical(peer), number, nonce));
        let (answers, mut answered) = channel(WAITING_ANSWERS);
        let (outbox, mut inbox) = outbox();
        let (reader, mut writer) = split(stream);
        let mut client = Client {
            streams: self,
            turn: &turn,
            answers,
            lane: Lane::new(&self.shards, outbox),
            allocated: false,
            bucket: Bucket::of_stream(),
            visit: None,
        };
        let writing = async {
            loop {
                let bytes = tokio::select! {
                    answer = answered.recv() => answer,
                    bytes = wrapped(&mut inbox, &turn) => bytes,
                };
                let Some(bytes) = bytes else { return Ok(()) };
                pump::write(&mut writer, &bytes).await?;
            }
        };
        let ended = tokio::select! {
            ended = pump::read(Box::pin(reader), Framing::Turn, &mut client) => ended,
            ended = writing => ended,
        };
        // A refusal is worth being heard.
        while let Ok(bytes) = answered.try_recv() {
            if pump::write(&mut writer, &bytes).await.is_err() {
                break;
            }
        }
        if let Err(error) = ended {
            tracing::debug!(%error, "call over TURN");
        }
    }
}

struct Client<'a> {
    streams: &'a Streams,
    turn: &'a Mutex<Turn>,
    answers: Sender<Vec<u8>>,
    lane: Lane<'a>,
    allocated: bool,
    bucket: Bucket,
    visit: Option<Arc<Visit>>,
}

impl Frames for Client<'_> {
    fn take(&mut self, frame: &[u8]) -> bool {
        let (streams, visit) = (self.streams, &mut self.visit);
        let mut admit = |scope: &str| {
            *visit = streams.visits.enter(scope);
            visit.is_some()
        };
        let mut turn = lock(self.turn);
        let step = turn.handle(Instant::now(), unix_s(), frame, &mut admit);
        let remote = turn.remote();
        drop(turn);
        match step {
            Ok(Step::Nothing) => true,
            Ok(Step::Datagram(bytes)) => remote.is_none_or(|remote| self.lane.carry(remote, bytes)),
            // A client that does not take its answers has no use for the rest either.
            Ok(Step::Reply(bytes)) => self.answers.try_send(bytes).is_ok() && self.goes_on(remote.is_some()),
            Ok(Step::Refuse(bytes)) => {
                let _ = self.answers.try_send(bytes);
                false
            }
            Err(_) => false,
        }
    }

    fn pause(&mut self, bytes: usize, now: Instant) -> Duration {
        let of_visit = self.visit.as_ref().map_or(Duration::ZERO, |visit| visit.take(bytes, now));
        self.bucket.take(bytes, now).max(of_visit)
    }

    fn patience(&self, now: Instant) -> Duration {
        lock(self.turn).ends().map_or(OPENING, |ends| ends.saturating_duration_since(now))
    }
}

impl Client<'_> {
    /// Whether the stream goes on: one whose allocation is given back ends.
    fn goes_on(&mut self, allocated: bool) -> bool {
        let given_back = self.allocated && !allocated;
        self.allocated = allocated;
        !given_back
    }
}

/// The datagrams that wait for the client, as it takes them.
async fn wrapped(inbox: &mut Inbox, turn: &Mutex<Turn>) -> Option<Vec<u8>> {
    let datagrams = inbox.take().await?;
    let turn = lock(turn);
    Some(datagrams.iter().filter_map(|datagram| turn.wrap(datagram)).flatten().collect())
}

fn lock(turn: &Mutex<Turn>) -> MutexGuard<'_, Turn> {
    turn.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// `None` when the system has no randomness, without which nothing is safe.
fn nonce() -> Option<String> {
    let mut bytes = [0; NONCE_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(u128::from_be_bytes(bytes).to_string())
}
