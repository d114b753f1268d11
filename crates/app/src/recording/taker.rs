//! The thread that writes a recording: packets in from the media thread, sealed pieces out.
//!
//! Between the two is a bounded channel. When the disk is too slow it fills; what finds no place is missing in the
//! recording, and the call goes on as if nothing were.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bianque_blobs::{BlobError, Blobs, Stage};
use bianque_media::{SessionId, Source, TapCodec, TapPacket, TapSink};
use bianque_model::TenantId;
use bianque_recording::{Codec, Packet, Report, SenderClock, TrackRecorder};
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

use super::record::Track;

/// Packets that may wait for the disk: several seconds of a call of eight.
const WAITING: usize = 8_192;
/// What was written is on the disk this often: no more than this, and what a cluster holds, is lost with the machine.
const DURABLE_EVERY: Duration = Duration::from_secs(4);
/// Tracks of one recording.
const MOST_TRACKS: usize = 32;
/// Places in which key frames are wanted; two tracks that share one ask for each other, which costs a key frame.
const PLACES: usize = 64;

/// For whom and where it writes.
pub(super) struct Writing {
    pub(super) blobs: Arc<Blobs>,
    pub(super) tenant: TenantId,
    pub(super) subject: String,
    pub(super) told: UnboundedSender<Track>,
}

/// Where packets go in.
pub(super) struct Inlet {
    packets: SyncSender<TapPacket>,
    wanted: Arc<[AtomicBool; PLACES]>,
    missed: Arc<AtomicU64>,
    failed: Arc<AtomicBool>,
}

impl Inlet {
    /// Whether the disk takes nothing more.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

impl TapSink for Inlet {
    fn take(&self, packet: TapPacket) -> bool {
        let place = place_of(packet.session, packet.source);
        if self.packets.try_send(packet).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
        self.wanted[place].swap(false, Ordering::Relaxed)
    }
}

/// Starts the thread. It ends when every clone of the inlet is gone, and has written everything then.
pub(super) fn start(writing: Writing) -> std::io::Result<(Arc<Inlet>, std::thread::JoinHandle<()>)> {
    let (packets, received) = sync_channel(WAITING);
    let wanted: Arc<[AtomicBool; PLACES]> = Arc::new(std::array::from_fn(|_| AtomicBool::new(false)));
    let missed = Arc::new(AtomicU64::new(0));
    let failed = Arc::new(AtomicBool::new(false));
    let (tells_wanted, tells_missed, tells_failed) =
        (Arc::clone(&wanted), Arc::clone(&missed), Arc::clone(&failed));
    let inlet = Inlet { packets, wanted: tells_wanted, missed: tells_missed, failed: tells_failed };
    let taker = Taker {
        writing,
        wanted,
        missed,
        began: Instant::now(),
        tracks: HashMap::new(),
        clocks: HashMap::new(),
        failed,
    };
    let thread = std::thread::Builder::new().name("recording".into()).spawn(move || taker.run(&received))?;
    Ok((Arc::new(inlet), thread))
}

/// A track with where it is written.
struct Written {
    recorder: TrackRecorder,
    session: SessionId,
    stage: Stage,
}

struct Taker {
    writing: Writing,
    wanted: Arc<[AtomicBool; PLACES]>,
    missed: Arc<AtomicU64>,
    began: Instant,
    tracks: HashMap<(String, Source), Written>,
    clocks: HashMap<SessionId, SenderClock>,
    failed: Arc<AtomicBool>,
}

impl Taker {
    fn run(mut self, received: &Receiver<TapPacket>) {
        let mut durable_at = Instant::now() + DURABLE_EVERY;
        loop {
            let left = durable_at.saturating_duration_since(Instant::now());
            match received.recv_timeout(left) {
                Ok(packet) => self.take(&packet),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if Instant::now() >= durable_at {
                self.write(|track, _| track.recorder.take());
                durable_at = Instant::now() + DURABLE_EVERY;
            }
        }
        self.write(|track, clocks| {
            let clock = clocks.entry(track.session).or_default();
            track.recorder.finish(clock)
        });
        let (missed, gaps) =
            (self.missed.load(Ordering::Relaxed), self.tracks.values().map(|t| t.recorder.gaps()));
        tracing::info!(
            tracks = self.tracks.len(),
            missed,
            gaps = gaps.sum::<u64>(),
            "a recording is written"
        );
    }

    fn take(&mut self, packet: &TapPacket) {
        let codec = match packet.codec {
            TapCodec::Opus => Codec::Opus,
            TapCodec::Vp8 => Codec::Vp8,
            TapCodec::Other => return,
        };
        let name = (packet.participant.to_string(), packet.source);
        if !self.tracks.contains_key(&name) && !self.begin(&name, codec, packet.session) {
            return;
        }
        let (Some(track), clock) =
            (self.tracks.get_mut(&name), self.clocks.entry(packet.session).or_default())
        else {
            return;
        };
        if track.session != packet.session {
            track.session = packet.session;
            track.recorder.restart(clock);
        }
        let at_us = micros(packet.at.saturating_duration_since(self.began));
        track.recorder.push(
            Packet {
                sequence: packet.sequence,
                timestamp: packet.timestamp,
                at_us,
                marker: packet.marker,
                payload: Arc::clone(&packet.payload),
                report: packet.report.map(|(timestamp, at)| Report { timestamp, sender_us: unix_us(at) }),
            },
            clock,
        );
        if track.recorder.wants_key_frame(at_us) {
            self.wanted[place_of(packet.session, packet.source)].store(true, Ordering::Relaxed);
        }
    }

    /// Begins a track; false: there are too many, or the disk does not take it.
    fn begin(&mut self, name: &(String, Source), codec: Codec, session: SessionId) -> bool {
        if self.has_failed() || self.tracks.len() >= MOST_TRACKS {
            return false;
        }
        let (stage, source) = (Uuid::new_v4(), word(name.1));
        let opened = self.writing.blobs.stage(self.writing.tenant, &self.writing.subject, stage);
        let Some(opened) = self.noted(opened) else { return false };
        let recorder = TrackRecorder::new(codec, format!("{} {source}", name.0));
        self.tracks.insert(name.clone(), Written { recorder, session, stage: opened });
        let track = Track { stage, participant: name.0.clone(), source: source.to_owned() };
        // Nobody listens when the recording is given up.
        let _ = self.writing.told.send(track);
        true
    }

    fn write(&mut self, bytes_of: impl Fn(&mut Written, &mut HashMap<SessionId, SenderClock>) -> Vec<u8>) {
        let (mut written, failed) = (Ok(()), self.has_failed());
        for track in self.tracks.values_mut() {
            let bytes = bytes_of(track, &mut self.clocks);
            if !bytes.is_empty() && !failed && written.is_ok() {
                written = track.stage.append(track.stage.offset(), &bytes).map(drop);
            }
        }
        self.noted(written);
    }

    fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// After the first failure nothing more is written: a log with a hole in it would not be read to its end.
    fn noted<T>(&mut self, done: Result<T, BlobError>) -> Option<T> {
        match done {
            Ok(done) => Some(done),
            Err(error) => {
                tracing::error!(%error, "a recording could not be written");
                self.failed.store(true, Ordering::Relaxed);
                None
            }
        }
    }
}

/// The word of a source, as tracks keep it.
const fn word(source: Source) -> &'static str {
    match source {
        Source::Microphone => "microphone",
        Source::Camera => "camera",
        Source::Screen => "screen",
    }
}

fn place_of(session: SessionId, source: Source) -> usize {
    let mut hasher = DefaultHasher::new();
    (session, source).hash(&mut hasher);
    usize::try_from(hasher.finish() % PLACES as u64).unwrap_or_default()
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A sender's clock may stand anywhere; only differences count.
fn unix_us(at: SystemTime) -> i64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |us| -us),
    }
}
