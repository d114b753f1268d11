//! Statistics of one session, cut into windows.
//!
//! A window ends after five seconds, or earlier when the connection is lost or found, so that each is wholly connected
//! or wholly not. The windows of a session follow each other without a gap.

use std::time::{Duration, Instant};

use bianque_model::Timestamp;
use serde::{Deserialize, Serialize};
use str0m::media::MediaKind;
use str0m::stats::{MediaEgressStats, MediaIngressStats, PeerStats};

use crate::remote::Remote;
use crate::rung::Rung;

/// A session that sends less than this part of what it might is limited by its sources, not by the network. The same
/// bound as the application limited region of Google's congestion control.
const APPLICATION_LIMIT: f64 = 0.65;
/// RFC 7587: the timestamps of Opus run at 48 kHz, whatever it samples at.
const OPUS_TICKS_PER_MS: f64 = 48.0;

/// What was measured on the server's side of one session. "Up" is from the participant to the server, "down" the other
/// way. `None` is "not measured".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatsWindow {
    /// Begin.
    pub from: Timestamp,
    /// End.
    pub to: Timestamp,
    /// Whether media could flow, from begin to end.
    pub connected: bool,
    /// Mean round trip time, ms.
    pub rtt_ms: Option<f64>,
    /// Lost part of the packets up, 0 to 1, before repair.
    pub loss_up: Option<f64>,
    /// Lost part of the packets down, 0 to 1, before repair.
    pub loss_down: Option<f64>,
    /// Interarrival jitter up (RFC 3550, section 6.4.1), the worst sound track, ms. That of pictures tells little: their
    /// packets leave the sender in bursts.
    pub jitter_up_ms: Option<f64>,
    /// The same down, as the participant reports it.
    pub jitter_down_ms: Option<f64>,
    /// Estimated rate that is available down to the participant.
    pub estimate_down: Option<Estimate>,
    /// Whether less than 65 % of the estimate was used: the estimate then is a lower bound that probes keep up, and the
    /// network was not what limited the call.
    pub application_limited: bool,
    /// Payload received from the participant, bit/s, without repairs and padding.
    pub goodput_up_bps: u64,
    /// Payload sent to the participant, bit/s, without repairs and padding.
    pub goodput_down_bps: u64,
    /// Media packets up.
    pub packets_up: u64,
    /// Media packets down.
    pub packets_down: u64,
    /// What carried the session at the end of the window; `None` before it was connected for the first time.
    #[serde(default)]
    pub transport: Option<Rung>,
}

/// An estimated rate and where it comes from; rates of different sources are not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Bit/s, mean over the window.
    pub bps: u64,
    /// How it was found.
    pub source: EstimateSource,
}

/// How a rate was estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EstimateSource {
    /// By the server, from transport-wide feedback of the participant.
    ServerTwcc,
    /// By the participant, who reports it (REMB).
    ParticipantRemb,
}

/// Turns monotonic instants into wall time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WallClock {
    pub(crate) instant: Instant,
    pub(crate) wall: Timestamp,
}

impl WallClock {
    pub(crate) fn at(self, instant: Instant) -> Timestamp {
        let micros = |d: Duration| i64::try_from(d.as_micros()).unwrap_or(i64::MAX);
        let ahead = micros(instant.saturating_duration_since(self.instant));
        let behind = micros(self.instant.saturating_duration_since(instant));
        Timestamp(self.wall.0.saturating_add(ahead).saturating_sub(behind))
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.sum += value;
            self.count += 1;
        }
    }

    fn get(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

#[derive(Debug, Default)]
struct Counts {
    rtt_ms: Mean,
    loss_up: Mean,
    loss_down: Mean,
    track_loss_up: Mean,
    track_loss_down: Mean,
    jitter_up_ms: Option<f64>,
    jitter_down_ms: Option<f64>,
    twcc_bps: Mean,
    remb_bps: Mean,
    bytes_up: u64,
    bytes_down: u64,
    packets_up: u64,
    packets_down: u64,
    missing_up: u64,
}

impl Counts {
    /// Lost part of a participant's own numbers, where they are all that is known.
    fn missing_part(&self) -> Option<f64> {
        let sent = self.missing_up + self.packets_up;
        (self.missing_up > 0 && sent > 0).then(|| self.missing_up as f64 / sent as f64)
    }
}

/// Gathers the windows of one session.
#[derive(Debug)]
pub(crate) struct Meter {
    from: Instant,
    /// End of the window before, on the wall clock, which may have been set since.
    from_wall: Option<Timestamp>,
    length: Duration,
    connected: bool,
    rung: Option<Rung>,
    counts: Counts,
}

impl Meter {
    pub(crate) fn new(now: Instant, length: Duration) -> Self {
        let (rung, counts) = (None, Counts::default());
        Self { from: now, from_wall: None, length, connected: false, rung, counts }
    }

    /// The same for a session on this rung.
    pub(crate) fn on(self, rung: Rung) -> Self {
        Self { rung: Some(rung), ..self }
    }

    pub(crate) fn packet_up(&mut self, payload_bytes: usize) {
        self.counts.bytes_up += payload_bytes as u64;
        self.counts.packets_up += 1;
    }

    pub(crate) fn packet_down(&mut self, payload_bytes: usize) {
        self.counts.bytes_down += payload_bytes as u64;
        self.counts.packets_down += 1;
    }

    /// Once a second.
    pub(crate) fn peer(&mut self, stats: &PeerStats) {
        self.counts.rtt_ms.add(stats.rtt.map(|d| d.as_secs_f64() * 1e3));
        if let Some(pair) = &stats.selected_candidate_pair {
            self.rung = Some(Remote::of(pair.protocol, pair.remote.addr).transport.into());
        }
        self.counts.loss_up.add(stats.ingress_loss_fraction.map(f64::from));
        self.counts.loss_down.add(stats.egress_loss_fraction.map(f64::from));
        // Without feedback the estimate is only the value that it was started with.
        if stats.egress_loss_fraction.is_some() {
            self.counts.twcc_bps.add(stats.bwe_tx.map(|b| b.as_f64()));
        }
    }

    /// Once a second and track.
    pub(crate) fn ingress(&mut self, stats: &MediaIngressStats, kind: Option<MediaKind>) {
        self.counts.track_loss_up.add(stats.loss.map(f64::from));
        if kind == Some(MediaKind::Audio) {
            worst(&mut self.counts.jitter_up_ms, f64::from(stats.jitter));
        }
    }

    /// Once a second and track.
    pub(crate) fn egress(&mut self, stats: &MediaEgressStats, kind: Option<MediaKind>) {
        self.counts.track_loss_down.add(stats.loss.map(f64::from));
        if let (Some(remote), Some(MediaKind::Audio)) = (&stats.remote, kind) {
            worst(&mut self.counts.jitter_down_ms, f64::from(remote.jitter));
        }
        if self.counts.rtt_ms.count == 0 {
            self.counts.rtt_ms.add(stats.rtt.map(|d| d.as_secs_f64() * 1e3));
        }
    }

    /// A round trip that was measured outside of RTP.
    pub(crate) fn rtt(&mut self, ms: f64) {
        self.counts.rtt_ms.add(Some(ms));
    }

    /// So many packets are missing in what the participant numbered.
    pub(crate) fn missing_up(&mut self, packets: u16) {
        self.counts.missing_up += u64::from(packets);
    }

    /// Jitter of packets that are no RTP, in ticks of 48 kHz.
    pub(crate) fn jitter_up(&mut self, ticks: f64) {
        worst(&mut self.counts.jitter_up_ms, ticks);
    }

    pub(crate) fn remb(&mut self, bps: f64) {
        self.counts.remb_bps.add(Some(bps));
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.from + self.length
    }

    /// Ends the window at `at`, and begins the next, which is connected or not. `None` if no time has passed.
    pub(crate) fn cut(&mut self, at: Instant, connected: bool, clock: WallClock) -> Option<StatsWindow> {
        let at = at.max(self.from);
        let window = (at > self.from).then(|| self.close(at, clock));
        if let Some(window) = &window {
            self.from_wall = Some(window.to);
        }
        self.from = at;
        self.connected = connected;
        window
    }

    fn close(&mut self, at: Instant, clock: WallClock) -> StatsWindow {
        let counts = std::mem::take(&mut self.counts);
        let seconds = at.duration_since(self.from).as_secs_f64();
        let rate = |bytes: u64| round_bps(bytes as f64 * 8.0 / seconds);
        let estimate = |mean: Mean, source| mean.get().map(|bps| Estimate { bps: round_bps(bps), source });
        let estimate_down = estimate(counts.twcc_bps, EstimateSource::ServerTwcc)
            .or_else(|| estimate(counts.remb_bps, EstimateSource::ParticipantRemb));
        let goodput_down_bps = rate(counts.bytes_down);
        let from = self.from_wall.unwrap_or(clock.at(self.from));
        StatsWindow {
            from,
            to: clock.at(at).max(from),
            connected: self.connected,
            transport: self.rung,
            rtt_ms: counts.rtt_ms.get(),
            loss_up: counts.loss_up.get().or(counts.track_loss_up.get()).or(counts.missing_part()),
            loss_down: counts.loss_down.get().or(counts.track_loss_down.get()),
            jitter_up_ms: counts.jitter_up_ms,
            jitter_down_ms: counts.jitter_down_ms,
            application_limited: estimate_down
                .is_some_and(|e| (goodput_down_bps as f64) < e.bps as f64 * APPLICATION_LIMIT),
            estimate_down,
            goodput_up_bps: rate(counts.bytes_up),
            goodput_down_bps,
            packets_up: counts.packets_up,
            packets_down: counts.packets_down,
        }
    }
}

fn worst(jitter_ms: &mut Option<f64>, ticks: f64) {
    let ms = ticks / OPUS_TICKS_PER_MS;
    *jitter_ms = Some(jitter_ms.map_or(ms, |worst| worst.max(ms)));
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is positive and below 2^53"
)]
fn round_bps(bps: f64) -> u64 {
    bps.max(0.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK_AT: Timestamp = Timestamp(1_700_000_000_000_000);

    #[test]
    fn windows_follow_each_other_and_are_wholly_connected_or_not() {
        let start = Instant::now();
        let clock = WallClock { instant: start, wall: CLOCK_AT };
        let at = |ms| start + Duration::from_millis(ms);
        let mut meter = Meter::new(start, Duration::from_secs(5));
        let first = meter.cut(at(800), true, clock).unwrap();
        assert!(!first.connected);
        meter.packet_up(1000);
        let second = meter.cut(meter.deadline(), true, clock).unwrap();
        assert!(second.connected);
        assert_eq!((first.from, first.to), (CLOCK_AT, Timestamp(CLOCK_AT.0 + 800_000)));
        assert_eq!((second.from, second.to), (first.to, Timestamp(first.to.0 + 5_000_000)));
        assert_eq!((second.goodput_up_bps, second.packets_up), (1600, 1));
        assert_eq!(meter.cut(at(5800), false, clock), None);
        // The loss is noticed late and dated back, but never before the window began.
        assert_eq!(meter.cut(at(100), true, clock), None);
    }

    #[test]
    fn an_estimate_without_feedback_is_no_measurement() {
        let start = Instant::now();
        let mut stats = PeerStats {
            peer_bytes_rx: 0,
            peer_bytes_tx: 0,
            bytes_rx: 0,
            bytes_tx: 0,
            timestamp: start,
            bwe_tx: Some(str0m::bwe::Bitrate::kbps(800)),
            egress_loss_fraction: None,
            ingress_loss_fraction: None,
            rtt: None,
            selected_candidate_pair: None,
        };
        let clock = WallClock { instant: start, wall: CLOCK_AT };
        let mut meter = Meter::new(start, Duration::from_secs(5));
        meter.peer(&stats);
        assert_eq!(meter.cut(meter.deadline(), true, clock).unwrap().estimate_down, None);
        stats.egress_loss_fraction = Some(0.0);
        meter.peer(&stats);
        let window = meter.cut(meter.deadline(), true, clock).unwrap();
        assert_eq!(window.estimate_down, Some(Estimate { bps: 800_000, source: EstimateSource::ServerTwcc }));
        assert!(window.application_limited);
    }
}
