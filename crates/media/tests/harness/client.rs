//! A client: what a browser would do, through str0m.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bianque_media::{CallState, SessionId, Source, StatsWindow, Track};
use bianque_model::Timestamp;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};

const AUDIO_EVERY: Duration = Duration::from_millis(20);
const VIDEO_EVERY: Duration = Duration::from_millis(33);

const FIRST_SEQUENCE: u64 = 100;

/// A packet that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    pub mid: String,
    pub sequence: u64,
    pub timestamp: u32,
    pub payload: Vec<u8>,
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
    key_wanted: bool,
    outbox: Vec<Vec<u8>>,
}

struct Sending {
    mid: Mid,
    kind: MediaKind,
    next: Instant,
    sequence: u64,
    timestamp: u32,
    picture: u16,
}

impl Client {
    pub fn new(now: Instant, address: SocketAddr, who: &str) -> Self {
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, false)
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
            key_wanted: true,
            outbox: Vec::new(),
        }
    }

    pub fn offer_microphone_and_camera(&mut self) -> (String, BTreeMap<String, Source>) {
        self.offer_lines(&[(MediaKind::Audio, Source::Microphone), (MediaKind::Video, Source::Camera)])
    }

    pub fn offer_lines(&mut self, lines: &[(MediaKind, Source)]) -> (String, BTreeMap<String, Source>) {
        let mut changes = self.rtc.sdp_api();
        for (kind, source) in lines {
            let mid = changes.add_media(*kind, Direction::SendOnly, None, None, None);
            self.sources.insert(mid.to_string(), *source);
            self.sending.push(Sending {
                mid,
                kind: *kind,
                next: self.deadline,
                sequence: FIRST_SEQUENCE,
                timestamp: 7,
                picture: 40,
            });
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
                Output::Transmit(transmit) => self.outbox.push(transmit.contents.into()),
                Output::Event(event) => self.event(event),
                Output::Timeout(at) if at <= now => self.rtc.handle_input(Input::Timeout(now)).unwrap(),
                Output::Timeout(at) => {
                    self.deadline = at;
                    return;
                }
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::KeyframeRequest(_) => {
                self.keyframes_asked += 1;
                self.key_wanted = true;
            }
            Event::RtpPacket(packet) => {
                let mid = self.rtc.direct_api().stream_rx(&packet.header.ssrc).unwrap().mid().to_string();
                let extensions = &packet.header.ext_vals;
                self.arrived.push(Arrived {
                    extensions_are_ours: extensions.mid.is_none_or(|m| m.to_string() == mid),
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
        if self.silent || video && self.camera_off {
            return;
        }
        let Some(media) = self.rtc.media(track.mid) else { return };
        let codec = if video { Codec::Vp8 } else { Codec::Opus };
        let agreed = media.remote_pts();
        let usable = |p: &&str0m::format::PayloadParams| p.spec().codec == codec && agreed.contains(&p.pt());
        let Some(params) = self.rtc.codec_config().params().iter().find(usable) else { return };
        let pt = params.pt();
        let key = video && std::mem::take(&mut self.key_wanted);
        self.keyframes_sent += usize::from(key);
        track.picture = (track.picture + 1) & 0x7fff;
        let payload = if video { picture(track.picture, key) } else { vec![0xfc; 80] };
        let audio_level = (!video).then_some(self.level);
        let voice_activity = audio_level.map(|level| level > -65);
        let extensions = ExtensionValues { audio_level, voice_activity, ..ExtensionValues::default() };
        let write =
            RtpWrite::new(pt, track.sequence.into(), track.timestamp, now, payload).ext_vals(extensions);
        track.sequence += 1;
        let (mid, marked) = (track.mid, write.marker(video).nackable(video));
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            stream.write_rtp(marked);
        }
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
    }
}

/// One packet of VP8 (RFC 7741): descriptor with a picture number of 15 bits, then a frame of which only the bit that
/// tells a keyframe matters.
fn picture(number: u16, key: bool) -> Vec<u8> {
    let [high, low] = (number | 0x8000).to_be_bytes();
    let mut bytes = vec![0x90, 0x80, high, low, u8::from(!key)];
    bytes.resize(900, 0x55);
    bytes
}
