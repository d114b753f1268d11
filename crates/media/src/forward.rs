//! The path of a media packet: from the session that sent it to the lines that carry it.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use str0m::format::{Codec, CodecSpec, PayloadParams, detect_h264_keyframe};
use str0m::media::{MediaKind, Mid, Pt};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Vp8Descriptor};

use crate::id::SessionId;
use crate::layers::{Admission, LayerId};
use crate::peer::{Outbound, Peer};
use crate::rebase::Numbers;
use crate::red;
use crate::signal::{Source, TrackKind};

/// A packet, with what every line needs to know of it, whatever brought it.
pub(crate) struct Arrival {
    pub(crate) origin: (SessionId, Mid),
    pub(crate) source: Source,
    /// The encoding of the track that it belongs to.
    pub(crate) layer: LayerId,
    pub(crate) payload_type: Pt,
    pub(crate) spec: CodecSpec,
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) extensions: ExtensionValues,
    pub(crate) payload: Arc<[u8]>,
    pub(crate) vp8: Option<Vp8Descriptor>,
    pub(crate) starts_keyframe: bool,
    /// The last sender report: a timestamp, and the time of the sender's clock at it.
    pub(crate) report: Option<(u32, SystemTime)>,
    pub(crate) red: Redundancy,
}

/// Whether a packet of sound carries others in it.
#[derive(Debug, Default)]
pub(crate) struct Redundancy {
    /// The payload type of what is inside; `None` for a packet that carries nothing but itself.
    inner: Option<Pt>,
    /// What is inside, for those who do not take it as it is; made for the first of them.
    primary: OnceCell<Option<Arc<[u8]>>>,
    /// The packet did not come: it was taken from the one after it. Who takes that as it is does so too.
    recovered: bool,
}

impl Arrival {
    /// The packet as one of its codec alone; `None` if it is malformed.
    pub(crate) fn alone(&self) -> Option<&Arc<[u8]>> {
        if self.red.inner.is_none() {
            return Some(&self.payload);
        }
        let primary = || red::split(&self.payload).map(|blocks| Arc::from(blocks.primary));
        self.red.primary.get_or_init(primary).as_ref()
    }
}

impl Peer {
    /// Takes a packet that the client sent. `None` if it is on no line that we forward.
    pub(crate) fn arrive(&mut self, now: Instant, packet: RtpPacket) -> Option<Arrival> {
        let (mid, layer) = {
            let mut api = self.rtc.direct_api();
            let stream = api.stream_rx(&packet.header.ssrc)?;
            (stream.mid(), LayerId(stream.rid()))
        };
        let track = self.inbound.iter_mut().find(|track| track.mid == mid)?;
        let payload_type = packet.header.payload_type;
        let named =
            |params: &PayloadParams| params.pt() == payload_type || params.red() == Some(payload_type);
        let params = self.rtc.codec_config().find(named)?;
        let spec = params.spec();
        let mut red = Redundancy::default();
        if params.red() == Some(payload_type) {
            red.inner = Some(red::split(&packet.payload)?.inner);
        }
        let vp8 = (spec.codec == Codec::Vp8).then(|| Vp8Descriptor::parse(&packet.payload).ok()).flatten();
        let starts_keyframe = match spec.codec {
            Codec::Vp8 => vp8.is_some_and(|descriptor| descriptor.starts_keyframe(&packet.payload)),
            Codec::H264 => detect_h264_keyframe(&packet.payload),
            _ => true,
        };
        if track.kind == TrackKind::Video {
            let encoding = track.layers.iter_mut().find(|known| known.id == layer)?;
            let side = vp8.filter(|_| starts_keyframe).and_then(|_| shorter_side(&packet.payload));
            encoding.arrived(now, packet.payload.len(), side);
            if starts_keyframe {
                encoding.keyframe.answered();
            }
        } else if track.heard.takes(*packet.seq_no) {
            // It was taken from the one after it, and no number may be sent twice.
            return None;
        }
        self.meter.packet_up(packet.payload.len());
        Some(Arrival {
            origin: (self.session, mid),
            source: track.source,
            layer,
            payload_type,
            spec,
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            marker: packet.header.marker,
            extensions: forwarded_extensions(&packet.header.ext_vals),
            payload: packet.payload,
            vp8,
            starts_keyframe,
            report: packet.last_sender_info.map(|said| (lower_half(said.rtp_time.numer()), said.ntp_time)),
            red,
        })
    }

    /// The packet before this one, if it is missing and this one repeats it.
    pub(crate) fn recover(&mut self, arrival: &Arrival) -> Option<Arrival> {
        arrival.red.inner?;
        let track = self.inbound.iter_mut().find(|track| track.mid == arrival.origin.1)?;
        let sequence = arrival.sequence.checked_sub(1)?;
        if !track.heard.misses(sequence) {
            return None;
        }
        let blocks = red::split(&arrival.payload)?;
        let (payload, offset) = blocks.before?;
        track.heard.takes(sequence);
        Some(Arrival {
            payload_type: blocks.inner,
            sequence,
            timestamp: arrival.timestamp.wrapping_sub(offset),
            marker: false,
            payload: payload.into(),
            extensions: arrival.extensions.clone(),
            red: Redundancy { recovered: true, ..Redundancy::default() },
            ..*arrival
        })
    }

    /// Sends the packet to the client if one of its lines carries it. Answers whether it did.
    pub(crate) fn send(&mut self, now: Instant, arrival: &Arrival) -> bool {
        let carries = |line: &Outbound| {
            line.open && line.origin == Some(arrival.origin) && line.flow.concerns(arrival.layer)
        };
        let Some(index) = self.outbound.iter().position(carries) else { return false };
        let Some((write, size)) = self.prepare(now, index, arrival) else { return false };
        let line = &self.outbound[index];
        let (kind, Some(mid)) = (line.kind, line.mid) else { return false };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else { return false };
        stream.write_rtp(write);
        self.meter.packet_down(size);
        if kind == TrackKind::Audio {
            self.receiver.heard(now, size);
        }
        self.written += 1;
        true
    }

    fn prepare(&mut self, now: Instant, index: usize, arrival: &Arrival) -> Option<(RtpWrite, usize)> {
        let (payload_type, payload) = self.form(index, arrival)?;
        let line = &mut self.outbound[index];
        match line.flow.admit(arrival.layer, arrival.starts_keyframe) {
            Admission::Held => return None,
            Admission::Begins => line.rebase.switch(),
            Admission::Follows => {}
        }
        let rebased = line.rebase.map(
            now,
            Numbers {
                sequence: arrival.sequence,
                timestamp: arrival.timestamp,
                clock_rate_hz: arrival.spec.clock_rate.get(),
                vp8: arrival.vp8,
            },
        )?;
        let size = payload.len();
        let write = RtpWrite::new(payload_type, rebased.sequence.into(), rebased.timestamp, now, payload)
            .marker(arrival.marker)
            .ext_vals(arrival.extensions.clone())
            .nackable(line.kind == TrackKind::Video);
        let write = match rebased.patch {
            Some(patch) => write.vp8_patch(patch),
            None => write,
        };
        Some((write, size))
    }

    /// As what the client takes the packet: with redundancy where it has agreed to that and has room for it, else alone.
    fn form(&mut self, index: usize, arrival: &Arrival) -> Option<(Pt, Arc<[u8]>)> {
        let Some(inner) = arrival.red.inner else {
            if arrival.red.recovered && self.takes_redundancy(index, arrival.payload_type) {
                return None;
            }
            let payload_type = self.payload_type(index, arrival.payload_type, arrival)?;
            return Some((payload_type, arrival.payload.clone()));
        };
        let as_it_is = self.payload_type(index, arrival.payload_type, arrival);
        if let Some(payload_type) = as_it_is.filter(|_| !self.receiver.wants_slim_sound()) {
            return Some((payload_type, arrival.payload.clone()));
        }
        let payload = arrival.alone()?.clone();
        Some((self.payload_type(index, inner, arrival)?, payload))
    }

    /// Whether packets with redundancy, of which this is the payload type inside, go to this line as they are.
    fn takes_redundancy(&self, index: usize, inner: Pt) -> bool {
        let Some(media) = self.outbound[index].mid.and_then(|mid| self.rtc.media(mid)) else { return false };
        let known = |params: &&PayloadParams| params.pt() == inner && params.red().is_some();
        let same = self.rtc.codec_config().params().iter().any(|params| known(&params));
        same && media.remote_pts().contains(&inner) && !self.receiver.wants_slim_sound()
    }

    /// The payload type that this client gave to the sender's codec: the same profile, else the same codec.
    fn payload_type(&mut self, index: usize, theirs: Pt, arrival: &Arrival) -> Option<Pt> {
        let line = &self.outbound[index];
        if let Some((_, ours)) = line.payload_types.iter().find(|(pt, _)| *pt == theirs) {
            return *ours;
        }
        let ours = self.find_payload_type(line, theirs, arrival);
        self.outbound[index].payload_types.push((theirs, ours));
        ours
    }

    fn find_payload_type(&self, line: &Outbound, theirs: Pt, arrival: &Arrival) -> Option<Pt> {
        let spec = &arrival.spec;
        let agreed = self.rtc.media(line.mid?)?.remote_pts();
        let mut usable =
            self.rtc.codec_config().params().iter().filter(|params| agreed.contains(&params.pt()));
        let same_codec = || usable.clone().find(|params| params.spec().codec == spec.codec);
        let fallback = same_codec();
        let params = usable.find(|params| params.spec() == *spec).or(fallback)?;
        if arrival.red.inner.is_some_and(|inner| inner != theirs) {
            // What is inside is named by the sender's numbers: they have to be the client's too.
            return params.red().filter(|_| arrival.red.inner == Some(params.pt()));
        }
        Some(params.pt())
    }

    pub(crate) fn kind(&self, mid: Mid) -> Option<MediaKind> {
        self.rtc.media(mid).map(str0m::media::Media::kind)
    }
}

/// What of an extended timestamp stands in packets.
#[expect(clippy::cast_possible_truncation, reason = "RTP timestamps wrap at 32 bits")]
fn lower_half(timestamp: u64) -> u32 {
    timestamp as u32
}

/// The shorter side of the picture whose keyframe of VP8 begins here, px (RFC 6386, section 9.1: start code, then width and
/// height in 14 bits each, little-endian). Pictures that are held upright are sent lying and turned by the receiver.
fn shorter_side(payload: &[u8]) -> Option<u16> {
    // Behind the descriptor, of at most six bytes, and the frame tag of three.
    let from = payload.get(..16)?.windows(3).position(|bytes| bytes == [0x9d, 0x01, 0x2a])? + 3;
    let [w0, w1, h0, h1] = *payload.get(from..from + 4)? else { return None };
    let side = |low, high| u16::from_le_bytes([low, high]) & 0x3fff;
    Some(side(w0, w1).min(side(h0, h1)))
}

/// What of the header extensions has a meaning beyond the hop: stream names, transport-wide sequence numbers and send
/// times belong to the connection that they came on, and this side writes its own.
fn forwarded_extensions(received: &ExtensionValues) -> ExtensionValues {
    ExtensionValues {
        audio_level: received.audio_level,
        voice_activity: received.voice_activity,
        video_orientation: received.video_orientation,
        ..ExtensionValues::default()
    }
}
