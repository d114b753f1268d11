//! The path of a media packet: from the session that sent it to the lines that carry it.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use str0m::format::{Codec, CodecSpec, detect_h264_keyframe};
use str0m::media::{MediaKind, Mid, Pt};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Vp8Descriptor};

use crate::id::SessionId;
use crate::peer::{Outbound, Peer};
use crate::rebase::Numbers;
use crate::signal::{Source, TrackKind};

/// A packet, with what every line needs to know of it, whatever brought it.
pub(crate) struct Arrival {
    pub(crate) origin: (SessionId, Mid),
    pub(crate) source: Source,
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
}

impl Peer {
    /// Takes a packet that the client sent. `None` if it is on no line that we forward.
    pub(crate) fn arrive(&mut self, packet: RtpPacket) -> Option<Arrival> {
        let mid = self.rtc.direct_api().stream_rx(&packet.header.ssrc)?.mid();
        let track = self.inbound.iter_mut().find(|track| track.mid == mid)?;
        let payload_type = packet.header.payload_type;
        let spec = self.rtc.codec_config().find(|params| params.pt() == payload_type)?.spec();
        let vp8 = (spec.codec == Codec::Vp8).then(|| Vp8Descriptor::parse(&packet.payload).ok()).flatten();
        let starts_keyframe = match spec.codec {
            Codec::Vp8 => vp8.is_some_and(|descriptor| descriptor.starts_keyframe(&packet.payload)),
            Codec::H264 => detect_h264_keyframe(&packet.payload),
            _ => true,
        };
        if starts_keyframe && track.kind == TrackKind::Video {
            track.keyframe.answered();
        }
        self.meter.packet_up(packet.payload.len());
        Some(Arrival {
            origin: (self.session, mid),
            source: track.source,
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
        })
    }

    /// Sends the packet to the client if one of its lines carries the track. Answers whether it did.
    pub(crate) fn send(&mut self, now: Instant, arrival: &Arrival) -> bool {
        let Some(index) =
            self.outbound.iter().position(|line| line.open && line.origin == Some(arrival.origin))
        else {
            return false;
        };
        let Some(write) = self.prepare(now, index, arrival) else { return false };
        let Some(mid) = self.outbound[index].mid else { return false };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else { return false };
        stream.write_rtp(write);
        self.meter.packet_down(arrival.payload.len());
        self.written += 1;
        true
    }

    fn prepare(&mut self, now: Instant, index: usize, arrival: &Arrival) -> Option<RtpWrite> {
        let payload_type = self.payload_type(index, arrival.payload_type, &arrival.spec)?;
        let line = &mut self.outbound[index];
        if line.awaits_keyframe && line.kind == TrackKind::Video && !arrival.starts_keyframe {
            return None;
        }
        line.awaits_keyframe = false;
        let rebased = line.rebase.map(
            now,
            Numbers {
                sequence: arrival.sequence,
                timestamp: arrival.timestamp,
                clock_rate_hz: arrival.spec.clock_rate.get(),
                vp8: arrival.vp8,
            },
        )?;
        let payload = arrival.payload.clone();
        let write = RtpWrite::new(payload_type, rebased.sequence.into(), rebased.timestamp, now, payload)
            .marker(arrival.marker)
            .ext_vals(arrival.extensions.clone())
            .nackable(line.kind == TrackKind::Video);
        Some(match rebased.patch {
            Some(patch) => write.vp8_patch(patch),
            None => write,
        })
    }

    /// The payload type that this client gave to the sender's codec: the same profile, else the same codec.
    fn payload_type(&mut self, index: usize, theirs: Pt, spec: &CodecSpec) -> Option<Pt> {
        let line = &self.outbound[index];
        if let Some((_, ours)) = line.payload_types.iter().find(|(pt, _)| *pt == theirs) {
            return *ours;
        }
        let ours = self.find_payload_type(line, spec);
        self.outbound[index].payload_types.push((theirs, ours));
        ours
    }

    fn find_payload_type(&self, line: &Outbound, spec: &CodecSpec) -> Option<Pt> {
        let agreed = self.rtc.media(line.mid?)?.remote_pts();
        let mut usable =
            self.rtc.codec_config().params().iter().filter(|params| agreed.contains(&params.pt()));
        let same_codec = || usable.clone().find(|params| params.spec().codec == spec.codec);
        let fallback = same_codec();
        usable.find(|params| params.spec() == *spec).or(fallback).map(str0m::format::PayloadParams::pt)
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
