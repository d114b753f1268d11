//! What goes to one client: signals first and all of them, sound only while it is fresh.
//!
//! The kernel and every proxy on the way would take sound by the minute and deliver it when nobody waits for it any
//! more. So the way there is measured: a ping goes out each second, and while one of them is unanswered for longer than
//! a voice may be late, nothing but signals is added to what stands in the queue that nobody sees.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use bianque_app::ports::SoundReport;
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use serde_json::Value;

/// Frames that wait to be written; the oldest goes when one more comes. Half a second of one speaker.
const WAITING_FRAMES: usize = 25;
/// A ping that is unanswered for this long has a queue before it.
const STALLED_AFTER: Duration = Duration::from_millis(1500);
/// Pings that may be under way.
const MOST_PINGS: usize = 64;
/// How long the last messages may take.
const GOODBYE: Duration = Duration::from_secs(2);

pub(super) struct Downward {
    out: SplitSink<WebSocket, Message>,
    signals: VecDeque<Message>,
    frames: VecDeque<Bytes>,
    /// Something was handed to the socket and is not on its way yet.
    flushing: bool,
    pings: VecDeque<(u32, Instant)>,
    last_ping: u32,
    rtt: Duration,
}

/// The socket takes nothing any more.
pub(super) struct Gone;

impl Downward {
    pub(super) fn new(out: SplitSink<WebSocket, Message>) -> Self {
        Self {
            out,
            signals: VecDeque::new(),
            frames: VecDeque::new(),
            flushing: false,
            pings: VecDeque::new(),
            last_ping: 0,
            rtt: Duration::ZERO,
        }
    }

    pub(super) fn signal(&mut self, value: &Value) {
        self.signals.push_back(Message::Text(value.to_string().into()));
    }

    pub(super) fn sound(&mut self, frame: Bytes) {
        self.frames.push_back(frame);
        if self.frames.len() > WAITING_FRAMES {
            self.frames.pop_front();
            metrics::counter!("bianque_sound_frames_late_total").increment(1);
        }
    }

    /// Measures the way, and tells the client how it is heard.
    pub(super) fn ping(&mut self, now: Instant, lost: u8, sequence: Option<u16>) {
        if self.pings.len() >= MOST_PINGS {
            return;
        }
        self.last_ping = self.last_ping.wrapping_add(1);
        self.pings.push_back((self.last_ping, now));
        self.signals.push_back(Message::Ping(self.last_ping.to_be_bytes().to_vec().into()));
        if let Some(sequence) = sequence {
            let rtt_ms = u32::try_from(self.rtt.as_millis()).unwrap_or(u32::MAX);
            let report = SoundReport { lost, sequence, rtt_ms };
            self.signals.push_back(Message::Binary(report.to_bytes().to_vec().into()));
        }
    }

    /// A ping was answered; the round trip, if it is one of ours.
    pub(super) fn answered(&mut self, now: Instant, number: &[u8]) -> Option<Duration> {
        let number = u32::from_be_bytes(number.try_into().ok()?);
        let at = self.pings.iter().position(|(sent, _)| *sent == number)?;
        let (_, sent) = self.pings.drain(..=at).next_back()?;
        self.rtt = now.saturating_duration_since(sent);
        Some(self.rtt)
    }

    /// Brings the next message out, or waits for ever when there is none. May be dropped at any moment.
    pub(super) async fn write(&mut self, now: Instant) -> Result<(), Gone> {
        if !self.flushing {
            poll_fn(|context| self.out.poll_ready_unpin(context)).await.map_err(|_| Gone)?;
            let Some(message) = self.next(now) else { return std::future::pending().await };
            self.out.start_send_unpin(message).map_err(|_| Gone)?;
            self.flushing = true;
        }
        self.out.flush().await.map_err(|_| Gone)?;
        self.flushing = false;
        Ok(())
    }

    fn next(&mut self, now: Instant) -> Option<Message> {
        if let Some(signal) = self.signals.pop_front() {
            return Some(signal);
        }
        let stalled =
            self.pings.front().is_some_and(|(_, sent)| now.saturating_duration_since(*sent) > STALLED_AFTER);
        if stalled { None } else { self.frames.pop_front().map(Message::Binary) }
    }

    /// Says one last thing.
    pub(super) async fn close(mut self, last: &Value) {
        self.signal(last);
        self.finish().await;
    }

    /// Signals that wait go out, sound does not.
    pub(super) async fn finish(mut self) {
        self.frames.clear();
        self.signals.push_back(Message::Close(None));
        let rest = async {
            while !self.signals.is_empty() || self.flushing {
                self.write(Instant::now()).await?;
            }
            Ok::<(), Gone>(())
        };
        let _ = tokio::time::timeout(GOODBYE, rest).await;
    }
}
