//! A client: what a browser would do, through str0m.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bianque_media::{CallState, SessionId, Source, StatsWindow, Track};
use bianque_model::Timestamp;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Simulcast, SimulcastLayer};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::{ExtensionValues, RedEncoder, RedundantBlock, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};

const AUDIO_EVERY: Duration = Duration::from_millis(20);
const VIDEO_EVERY: Duration = Duration::from_millis(33);

const FIRST_SEQUENCE: u64 = 100;
/// An encoding of a picture: name, shorter side in px, packets of a frame, and bytes of each.
type Encoding = (&'static str, u16, usize, usize);
/// 218 kb/s.
const ALONE: Encoding = ("", 0, 1, 900);
/// 121 kb/s, 461 kb/s and 1.5 Mb/s.
const SIMULCAST: [Encoding; 3] = [("q", 180, 1, 500), ("h", 360, 2, 950), ("f", 720, 6, 1040)];

/// What a client can do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Equipment {
    /// It sends its camera in three sizes.
    pub simulcast: bool,
    /// It speaks Opus with redundancy.
    pub redundancy: bool,
}

/// A packet that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    pub mid: String,
    pub sequence: u64,
    pub timestamp: u32,
    pub payload: Vec<u8>,
    pub at: Instant,
    /// It is Opus with redundancy.
    pub redundant: bool,
    /// Audio level, dBov, where it was told.
    pub level: Option<i8>,
    pub extensions_are_ours: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "what a test looks at")]
pub struct Client {
    pub who: String,
    pub address: SocketAddr,
    pub session: SessionId,
    pub sources: BTreeMap<String, Source>,
    pub tracks: Vec<Track>,
    pub states: Vec<CallState>,
    /// The server has said that it will be restarted.
    pub restart_within_s: Option<u64>,
    /// Lines whose pictures it was last told are paused.
    pub paused: Vec<String>,
    pub windows: Vec<StatsWindow>,
    /// With whom media first flowed both ways, and when.
    pub two_way: Vec<(String, Timestamp)>,
    pub arrived: Vec<Arrived>,
    pub offers: usize,
    pub answers: usize,
    pub keyframes_asked: usize,
    pub keyframes_sent: usize,
    /// Sends no picture, as with a camera that is off.
    pub camera_off: bool,
    /// Encodings that it leaves out, as a browser does when it cannot afford them.
    pub left_out: BTreeSet<&'static str>,
    /// Sends nothing at all, though it is connected.
    pub silent: bool,
    /// How loud its microphone is, dBov.
    pub level: i8,
    pub gone: bool,
    pub ended: bool,
    pub rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    sending: Vec<Sending>,
    connected: bool,
    deadline: Instant,
    /// Encodings of which a keyframe is due.
    keys_wanted: BTreeSet<&'static str>,
    equipment: Equipment,
    outbox: Vec<Vec<u8>>,
}

struct Sending {
    mid: Mid,
    kind: MediaKind,
    encoding: Encoding,
    next: Instant,
    sequence: u64,
    timestamp: u32,
    picture: u16,
    /// The packet before.
    before: Vec<u8>,
}

impl Client {
    pub fn new(now: Instant, address: SocketAddr, who: &str) -> Self {
        Self::equipped(now, address, who, Equipment::default())
    }

    pub fn equipped(now: Instant, address: SocketAddr, who: &str, equipment: Equipment) -> Self {
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, equipment.redundancy)
            .enable_vp8(true)
            .set_rtp_mode(true)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Self {
            who: who.to_owned(),
            address,
            session: SessionId(0),
            sources: BTreeMap::new(),
            tracks: Vec::new(),
            states: Vec::new(),
            restart_within_s: None,
            paused: Vec::new(),
            windows: Vec::new(),
            two_way: Vec::new(),
            arrived: Vec::new(),
            offers: 0,
            answers: 0,
            keyframes_asked: 0,
            keyframes_sent: 0,
            camera_off: false,
            silent: false,
            level: -30,
            gone: false,
            ended: false,
            rtc,
            pending: None,
            sending: Vec::new(),
            connected: false,
            deadline: now,
            keys_wanted: BTreeSet::from(["", "q", "h", "f"]),
            left_out: BTreeSet::new(),
            equipment,
            outbox: Vec::new(),
        }
    }

    pub fn offer_microphone_and_camera(&mut self) -> (String, BTreeMap<String, Source>) {
        self.offer_lines(&[(MediaKind::Audio, Source::Microphone), (MediaKind::Video, Source::Camera)])
    }

    pub fn offer_lines(&mut self, lines: &[(MediaKind, Source)]) -> (String, BTreeMap<String, Source>) {
        let mut changes = self.rtc.sdp_api();
        for (kind, source) in lines {
            let in_sizes = self.equipment.simulcast && *source == Source::Camera;
            let encodings = if in_sizes { &SIMULCAST[..] } else { &[ALONE] };
            let simulcast = in_sizes.then(|| Simulcast {
                send: SIMULCAST.iter().map(|(rid, ..)| SimulcastLayer::new(rid)).collect(),
                recv: Vec::new(),
            });
            let mid = changes.add_media(*kind, Direction::SendOnly, None, None, simulcast);
            self.sources.insert(mid.to_string(), *source);
            for (index, encoding) in (0u8..).zip(encodings) {
                // Each counts from numbers of its own.
                self.sending.push(Sending {
                    mid,
                    kind: *kind,
                    encoding: *encoding,
                    next: self.deadline,
                    sequence: FIRST_SEQUENCE + 1000 * u64::from(index),
                    timestamp: 7 + 1_000_000 * u32::from(index),
                    picture: 40 + 5000 * u16::from(index),
                    before: Vec::new(),
                });
            }
        }
        let (offer, pending) = changes.apply().unwrap();
        self.pending = Some(pending);
        (offer.to_sdp_string(), self.sources.clone())
    }

    pub fn offer_ice_restart(&mut self) -> String {
        let mut changes = self.rtc.sdp_api();
        changes.ice_restart(true);
        let (offer, pending) = changes.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    /// The network of the client changes.
    pub fn move_to(&mut self, address: SocketAddr) {
        self.rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        self.address = address;
    }

    pub fn take_answer(&mut self, sdp: &str) {
        self.answers += 1;
        if self.gone {
            return;
        }
        let pending = self.pending.take().expect("an answer without an offer");
        self.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(sdp).unwrap()).unwrap();
    }

    /// Answers an offer; ignores it while an offer of its own is open.
    pub fn take_offer(&mut self, sdp: &str) -> Option<String> {
        if self.pending.is_some() || self.gone {
            return None;
        }
        let offer = SdpOffer::from_sdp_string(sdp).unwrap();
        Some(self.rtc.sdp_api().accept_offer(offer).unwrap().to_sdp_string())
    }

    pub fn ask_for_keyframe(&mut self, mid: &str) {
        let mut api = self.rtc.direct_api();
        api.stream_rx_by_mid(Mid::from(mid), None).unwrap().request_keyframe(KeyframeRequestKind::Pli);
    }

    pub fn mid_of(&self, who: &str, source: Source) -> Option<String> {
        let track = self.tracks.iter().find(|t| t.participant.as_str() == who && t.source == source);
        track.map(|t| t.mid.clone())
    }

    pub fn arrived_from(&self, who: &str, source: Source) -> usize {
        let mid = self.mid_of(who, source);
        self.arrived.iter().filter(|a| Some(&a.mid) == mid.as_ref()).count()
    }

    /// Packets that it has sent of a source.
    pub fn sent_of(&self, source: Source) -> usize {
        let sending = self.sending.iter().find(|s| self.sources.get(&s.mid.to_string()) == Some(&source));
        sending.map_or(0, |s| usize::try_from(s.sequence - FIRST_SEQUENCE).unwrap())
    }

    pub fn receive(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        let contents = DatagramRecv::try_from(bytes).unwrap();
        let receive = Receive { proto: Protocol::Udp, source: from, destination: self.address, contents };
        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
        // What one datagram brings is drained before the next.
        self.poll(now);
    }

    pub fn deadline(&self) -> Instant {
        let media = self.sending.iter().map(|s| s.next).filter(|_| self.connected);
        media.chain([self.deadline]).min().unwrap()
    }

    pub fn tick(&mut self, now: Instant) {
        if self.gone {
            return;
        }
        if self.connected {
            for index in 0..self.sending.len() {
                if self.sending[index].next <= now {
                    self.write(now, index);
                }
            }
        }
        if self.deadline <= now {
            self.rtc.handle_input(Input::Timeout(now)).unwrap();
        }
    }

    /// What it sends now.
    pub fn drain(&mut self, now: Instant) -> Vec<Vec<u8>> {
        if self.gone {
            return Vec::new();
        }
        self.poll(now);
        std::mem::take(&mut self.outbox)
    }

    fn poll(&mut self, now: Instant) {
        loop {
            match self.rtc.poll_output().unwrap() {
                // By the other IP version it has no way.
                Output::Transmit(transmit) if transmit.destination.is_ipv4() != self.address.is_ipv4() => {}
                Output::Transmit(transmit) => self.outbox.push(transmit.contents.into()),
                Output::Event(event) => self.event(now, event),
                Output::Timeout(at) if at <= now => self.rtc.handle_input(Input::Timeout(now)).unwrap(),
                Output::Timeout(at) => {
                    self.deadline = at;
                    return;
                }
            }
        }
    }

    fn event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::KeyframeRequest(request) => {
                self.keyframes_asked += 1;
                let asked = request.rid.map_or(String::new(), |rid| rid.to_string());
                let known = SIMULCAST.iter().map(|(rid, ..)| *rid).find(|rid| *rid == asked);
                self.keys_wanted.insert(known.unwrap_or(""));
            }
            Event::RtpPacket(packet) => {
                let mid = self.rtc.direct_api().stream_rx(&packet.header.ssrc).unwrap().mid().to_string();
                let extensions = &packet.header.ext_vals;
                let pt = packet.header.payload_type;
                let redundant = self.rtc.codec_config().params().iter().any(|p| p.red() == Some(pt));
                self.arrived.push(Arrived {
                    extensions_are_ours: extensions.mid.is_none_or(|m| m.to_string() == mid)
                        && extensions.rid.is_none(),
                    at: now,
                    redundant,
                    mid,
                    sequence: *packet.seq_no,
                    timestamp: packet.header.timestamp,
                    payload: packet.payload.to_vec(),
                    level: packet.header.ext_vals.audio_level,
                });
            }
            _ => {}
        }
    }

    /// Sends a packet of its own making on one of its lines, beside what it sends by itself.
    pub fn say(&mut self, now: Instant, line: usize, sequence: u8, timestamp: u8, payload: Vec<u8>) {
        let lines = self.sending.len();
        let Some(track) = self.sending.get_mut(line % lines.max(1)) else { return };
        // Small steps are usual, large ones are a jump.
        track.sequence += u64::from(sequence) * u64::from(sequence);
        track.timestamp = track.timestamp.wrapping_add(u32::from(timestamp) << (timestamp % 24));
        let (mid, kind, sequence, timestamp) = (track.mid, track.kind, track.sequence, track.timestamp);
        let codec = if kind == MediaKind::Video { Codec::Vp8 } else { Codec::Opus };
        let Some(agreed) = self.rtc.media(mid).map(str0m::media::Media::remote_pts) else { return };
        let usable = |p: &&str0m::format::PayloadParams| p.spec().codec == codec && agreed.contains(&p.pt());
        let Some(params) = self.rtc.codec_config().params().iter().find(usable) else { return };
        let write = RtpWrite::new(params.pt(), sequence.into(), timestamp, now, payload);
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            stream.write_rtp(write);
        }
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
    }

    fn write(&mut self, now: Instant, index: usize) {
        let track = &mut self.sending[index];
        let video = track.kind == MediaKind::Video;
        track.next = now + if video { VIDEO_EVERY } else { AUDIO_EVERY };
        track.timestamp = track.timestamp.wrapping_add(if video { 2970 } else { 960 });
        let (rid, ..) = track.encoding;
        if self.silent || video && (self.camera_off || self.left_out.contains(rid)) {
            return;
        }
        let Some(media) = self.rtc.media(track.mid) else { return };
        let codec = if video { Codec::Vp8 } else { Codec::Opus };
        let agreed = media.remote_pts();
        let usable = |p: &&str0m::format::PayloadParams| p.spec().codec == codec && agreed.contains(&p.pt());
        let Some(params) = self.rtc.codec_config().params().iter().find(usable) else { return };
        let (pt, red) = (params.pt(), params.red());
        let key = video && self.keys_wanted.remove(rid);
        self.keyframes_sent += usize::from(key);
        track.picture = (track.picture + 1) & 0x7fff;
        let payloads = if video { track.picture(key) } else { vec![track.voice(*pt, red.is_some())] };
        let pt = red.unwrap_or(pt);
        let audio_level = (!video).then_some(self.level);
        let voice_activity = audio_level.map(|level| level > -65);
        let (mid, last) = (track.mid, payloads.len() - 1);
        for (place, payload) in payloads.into_iter().enumerate() {
            let track = &mut self.sending[index];
            let extensions = ExtensionValues { audio_level, voice_activity, ..ExtensionValues::default() };
            let write = RtpWrite::new(pt, track.sequence.into(), track.timestamp, now, payload)
                .ext_vals(extensions)
                .marker(video && place == last)
                .nackable(video);
            track.sequence += 1;
            let rid = (!rid.is_empty()).then(|| rid.into());
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, rid) {
                stream.write_rtp(write);
            }
        }
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
    }
}

impl Sending {
    /// A frame of VP8 (RFC 7741): descriptor with a picture number of 15 bits, then a frame of which only the bit that
    /// tells a keyframe, and the size in that, matter. A keyframe has four times the packets.
    fn picture(&self, key: bool) -> Vec<Vec<u8>> {
        let (_, side, packets, bytes) = self.encoding;
        let [high, low] = (self.picture | 0x8000).to_be_bytes();
        let count = if key && side > 0 { packets * 4 } else { packets };
        let packet = |place: usize| {
            let starts = if place == 0 { 0x90 } else { 0x80 };
            let mut packet = vec![starts, 0x80, high, low, u8::from(!key)];
            if key && place == 0 && side > 0 {
                let ([w0, w1], [h0, h1]) = ((side / 9 * 16).to_le_bytes(), side.to_le_bytes());
                packet.extend_from_slice(&[0, 0, 0x9d, 0x01, 0x2a, w0, w1, h0, h1]);
            }
            packet.resize(bytes, u8::try_from(side / 10).unwrap());
            packet
        };
        (0..count).map(packet).collect()
    }

    /// A packet of Opus at 24 kb/s, which tells its own number: alone, or with the one before it.
    fn voice(&mut self, pt: u8, redundant: bool) -> Vec<u8> {
        let number = u8::try_from(self.sequence % 251).unwrap();
        let mut opus = vec![number; 60];
        opus[0] = 0xfc;
        let before = std::mem::replace(&mut self.before, opus.clone());
        if !redundant {
            return opus;
        }
        let block = RedundantBlock { pt, timestamp_offset: 960, payload: before };
        let blocks = if block.payload.is_empty() { vec![] } else { vec![block] };
        RedEncoder::encode(pt, &opus, &blocks)
    }
}

impl Arrived {
    /// The shorter side of the encoding that a packet of a picture belongs to, px.
    pub fn side(&self) -> u16 {
        u16::from(*self.payload.last().unwrap()) * 10
    }

    pub fn starts_keyframe(&self) -> bool {
        self.payload[0] & 0x10 != 0 && self.payload[4] & 1 == 0
    }
}
