//! One track of a call on its way into its log.

use std::sync::Arc;

use crate::clock::TrackClock;
pub use crate::clock::{Report, SenderClock};
use crate::reorder::{Ordered, Reorder};
use crate::track::{Cluster, Codec, Frame, TrackHead, head};
use crate::vp8::Picture;
use crate::{Millis, opus, vp8};

/// What is written at once: this much may be lost when the machine is.
const CLUSTER: Millis = 2_000;
/// A player that jumps begins at a key frame, so there is one this often, µs.
const KEY_EVERY_US: u64 = 20_000_000;
/// A missing key frame is asked for this often, µs.
const ASK_EVERY_US: u64 = 500_000;
/// Sound that is missing for longer is filled with silence, µs. Less is a clock that was set right.
const HOLE_US: u64 = 40_000;

/// A packet as it came.
#[derive(Debug, Clone)]
pub struct Packet {
    /// Its number, which never wraps.
    pub sequence: u64,
    /// Its timestamp: 48 kHz for sound, 90 kHz for pictures.
    pub timestamp: u32,
    /// When it came, µs since the recording began.
    pub at_us: u64,
    /// The last of a picture.
    pub marker: bool,
    /// What it carries.
    pub payload: Arc<[u8]>,
    /// What its sender told last of the track's clock.
    pub report: Option<Report>,
}

/// Makes a log of one track.
#[derive(Debug)]
pub struct TrackRecorder {
    codec: Codec,
    name: String,
    order: Reorder<Packet>,
    clock: TrackClock,
    picture: Picture,
    /// Pictures are dropped until the next key frame.
    waits_for_key: bool,
    key_at_us: u64,
    asked_at_us: Option<u64>,
    /// The next sound belongs here if nothing is missing, µs.
    sound_to_us: u64,
    last: Option<Millis>,
    begun: bool,
    cluster: Option<Cluster>,
    done: Vec<u8>,
    gaps: u64,
}

impl TrackRecorder {
    /// Of a track that nothing came of yet.
    pub fn new(codec: Codec, name: String) -> Self {
        Self {
            codec,
            name,
            order: Reorder::default(),
            clock: clock(codec),
            picture: Picture::default(),
            waits_for_key: true,
            key_at_us: 0,
            asked_at_us: None,
            sound_to_us: 0,
            last: None,
            begun: false,
            cluster: None,
            done: Vec::new(),
            gaps: 0,
        }
    }

    /// The track goes on from another session: numbers and timestamps begin anew.
    pub fn restart(&mut self, sender: &SenderClock) {
        self.drain(u64::MAX, sender);
        self.order = Reorder::default();
        self.clock = clock(self.codec);
        self.picture = Picture::default();
        self.waits_for_key = true;
    }

    /// Takes a packet.
    pub fn push(&mut self, packet: Packet, sender: &mut SenderClock) {
        let now_us = packet.at_us;
        self.clock.hear(now_us, packet.timestamp, packet.report, sender);
        self.order.push(packet.sequence, now_us, packet);
        self.drain(now_us, sender);
    }

    /// Packets are missing that nobody will send again.
    pub fn lose(&mut self) {
        self.gap();
    }

    /// What is to be appended to the log: whole clusters.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.done)
    }

    /// The same at the end of the track: all that is left.
    pub fn finish(&mut self, sender: &SenderClock) -> Vec<u8> {
        self.drain(u64::MAX, sender);
        self.close();
        self.take()
    }

    /// Whether to ask the sender for a key frame now. Asked often it answers so only now and then.
    pub fn wants_key_frame(&mut self, now_us: u64) -> bool {
        let wants = self.codec == Codec::Vp8
            && (self.waits_for_key || now_us.saturating_sub(self.key_at_us) >= KEY_EVERY_US)
            && self.asked_at_us.is_none_or(|asked| now_us.saturating_sub(asked) >= ASK_EVERY_US);
        if wants {
            self.asked_at_us = Some(now_us);
        }
        wants
    }

    /// How often packets were missing.
    pub fn gaps(&self) -> u64 {
        self.gaps
    }

    fn drain(&mut self, now_us: u64, sender: &SenderClock) {
        while let Some(next) = self.order.pop(now_us) {
            match next {
                Ordered::Gap => self.gap(),
                Ordered::Packet(packet) => match self.codec {
                    Codec::Opus => self.sound(&packet, sender),
                    Codec::Vp8 => self.picture(&packet, sender),
                },
            }
        }
    }

    fn gap(&mut self) {
        self.gaps += 1;
        self.picture.gap();
        self.waits_for_key = true;
    }

    fn sound(&mut self, packet: &Packet, sender: &SenderClock) {
        let data = &*packet.payload;
        let Some(long) = opus::length_us(data) else { return };
        let placed = self.clock.place(packet.timestamp, packet.report, sender);
        if placed >= self.sound_to_us + HOLE_US {
            while self.sound_to_us + opus::SILENCE_US <= placed {
                self.write(self.sound_to_us, true, opus::SILENCE.to_vec());
                self.sound_to_us += opus::SILENCE_US;
            }
        }
        self.write(placed, true, data.to_vec());
        self.sound_to_us = placed + long;
    }

    fn picture(&mut self, packet: &Packet, sender: &SenderClock) {
        let Some(picture) = self.picture.push(&packet.payload, packet.timestamp, packet.marker) else {
            return;
        };
        let Ok(picture) = picture else {
            self.waits_for_key = true;
            return;
        };
        let key = vp8::key_frame(&picture);
        if let Some(size) = key {
            (self.waits_for_key, self.key_at_us) = (false, packet.at_us);
            self.begin(size);
        }
        if !self.waits_for_key {
            let placed = self.clock.place(packet.timestamp, packet.report, sender);
            self.write(placed, key.is_some(), picture);
        }
    }

    fn begin(&mut self, size: (u16, u16)) {
        if !self.begun {
            self.begun = true;
            let own = TrackHead { codec: self.codec, name: self.name.clone(), size };
            self.done.extend_from_slice(&head(&[&own], None));
        }
    }

    fn write(&mut self, placed_us: u64, key: bool, data: Vec<u8>) {
        self.begin((0, 0));
        // Times of a track never step back, whatever its clock learned meanwhile.
        let at = (placed_us / 1_000).max(self.last.unwrap_or_default());
        self.last = Some(at);
        if self.cluster.as_ref().is_some_and(|open| !open.reaches(at) || at - open.at >= CLUSTER) {
            self.close();
        }
        let frame = Frame { at, key, data };
        self.cluster.get_or_insert_with(|| Cluster::new(at)).push(1, &frame);
    }

    fn close(&mut self) {
        if let Some(cluster) = self.cluster.take() {
            self.done.extend_from_slice(&cluster.into_bytes());
        }
    }
}

fn clock(codec: Codec) -> TrackClock {
    TrackClock::new(match codec {
        Codec::Opus => 48_000,
        Codec::Vp8 => 90_000,
    })
}
