//! One session: its transport, what it sends, and the lines on which it receives.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;
use str0m::change::SdpPendingOffer;
use str0m::config::{CryptoProvider, DtlsCert};
use str0m::media::{Direction, KeyframeRequestKind, Mid, Pt};
use str0m::net::TcpType;
use str0m::{Candidate, Rtc};

use crate::id::{ParticipantId, SessionId};
use crate::layers::{Flow, Layer, Receiver, Sought};
use crate::link::Link;
use crate::rebase::Rebase;
use crate::red::Heard;
use crate::signal::{Source, Track, TrackKind};
use crate::tap::Copied;
use crate::window::Meter;

/// What every session is made with.
pub(crate) struct Setup {
    pub(crate) candidates: Vec<SocketAddr>,
    pub(crate) tcp_candidates: Vec<SocketAddr>,
    pub(crate) crypto: Arc<CryptoProvider>,
    pub(crate) certificate: Option<DtlsCert>,
    pub(crate) estimate_bandwidth: bool,
    pub(crate) max_participants: usize,
    pub(crate) window: Duration,
}

impl Setup {
    fn rtc(&self, now: Instant) -> Rtc {
        let mut config = Rtc::builder()
            .set_crypto_provider(Arc::clone(&self.crypto))
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .set_stats_interval(Some(LOOK_EVERY))
            .clear_codecs()
            .enable_opus(true, true)
            .enable_vp8(true)
            .enable_h264(true);
        if let Some(certificate) = &self.certificate {
            config = config.set_dtls_cert(certificate.clone());
        }
        if self.estimate_bandwidth {
            config = config.enable_bwe(Some(FIRST_ESTIMATE));
        }
        let mut rtc = config.build(now);
        let udp = self.candidates.iter().map(|address| Candidate::host(*address, "udp"));
        let tcp = self.tcp_candidates.iter().map(|address| {
            // We listen and never connect: browsers do not (RFC 6544, section 5.2).
            Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build()
        });
        for candidate in udp.chain(tcp).flatten() {
            rtc.add_local_candidate(candidate);
        }
        rtc
    }
}

/// Where estimation starts; the same as in browsers.
const FIRST_ESTIMATE: Bitrate = Bitrate::kbps(300);
/// How often the link of a client is looked at, and what it gets decided again.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub(crate) struct Peer {
    pub(crate) session: SessionId,
    pub(crate) participant: ParticipantId,
    pub(crate) rtc: Rtc,
    /// Lines on which the client sends, and may send again.
    pub(crate) inbound: Vec<Inbound>,
    /// Lines on which it receives others, in use and idle.
    pub(crate) outbound: Vec<Outbound>,
    /// An offer of ours that is not answered yet.
    pub(crate) pending: Option<SdpPendingOffer>,
    /// Sources by `mid`, as the client last stated them.
    pub(crate) sources: BTreeMap<String, Source>,
    /// The tracks that the client was last told.
    pub(crate) told: Vec<Track>,
    /// Sessions whose media was passed on to the client; a few at most.
    pub(crate) reached_by: Vec<SessionId>,
    pub(crate) link: Link,
    /// What it shows, and what its link carries.
    pub(crate) receiver: Receiver,
    /// What was last asked of the estimator.
    pub(crate) sought: Option<Sought>,
    /// Packets of pictures are spread out.
    pub(crate) paced: bool,
    pub(crate) meter: Meter,
    /// When str0m wants to be called.
    pub(crate) transport_deadline: Instant,
    /// The last moment that the transport was told.
    pub(crate) called: Instant,
    /// There may be output.
    pub(crate) dirty: bool,
    /// Media packets that were written since it was last called.
    pub(crate) written: u32,
    /// What it has to say besides media is asked for later.
    pub(crate) put_off: bool,
}

pub(crate) struct Inbound {
    pub(crate) mid: Mid,
    pub(crate) kind: TrackKind,
    pub(crate) source: Source,
    /// The encodings that the client stated, smallest first; one where it stated none.
    pub(crate) layers: Vec<Layer>,
    /// Which packets of a microphone have come.
    pub(crate) heard: Heard,
    /// Which of the encodings is recorded.
    pub(crate) copied: Copied,
}

/// A line that carries somebody else's track to this session.
pub(crate) struct Outbound {
    pub(crate) kind: TrackKind,
    /// Whose track it carries; `None` is idle.
    pub(crate) track: Option<(ParticipantId, Source)>,
    /// Where the packets come from.
    pub(crate) origin: Option<(SessionId, Mid)>,
    /// The line, once it was offered.
    pub(crate) mid: Option<Mid>,
    /// The client agreed to receive.
    pub(crate) open: bool,
    /// The client was offered the track and declined.
    pub(crate) declined: bool,
    /// Nothing is sent on it for a while, and the client need not keep it open.
    pub(crate) parked: bool,
    /// What our open offer asks of the client.
    pub(crate) asked: Option<Direction>,
    /// Which layer of the track is sent.
    pub(crate) flow: Flow,
    pub(crate) rebase: Rebase,
    /// The sender's payload types and what they are here.
    pub(crate) payload_types: Vec<(Pt, Option<Pt>)>,
}

impl Outbound {
    pub(crate) fn new(kind: TrackKind) -> Self {
        Self {
            kind,
            track: None,
            origin: None,
            mid: None,
            open: false,
            declined: false,
            parked: false,
            asked: None,
            flow: if kind == TrackKind::Audio { Flow::of_only_layer() } else { Flow::default() },
            rebase: Rebase::default(),
            payload_types: Vec::new(),
        }
    }

    /// Puts a track, or the same track from another session, on the line.
    pub(crate) fn bind(&mut self, track: (ParticipantId, Source), origin: (SessionId, Mid)) {
        self.track = Some(track);
        self.origin = Some(origin);
        self.declined = false;
        self.flow.restart();
        self.rebase.switch();
        self.payload_types.clear();
    }

    pub(crate) fn release(&mut self) {
        self.track = None;
        self.origin = None;
        self.declined = false;
    }
}

impl Peer {
    pub(crate) fn new(now: Instant, setup: &Setup, session: SessionId, participant: ParticipantId) -> Self {
        Self {
            session,
            participant,
            rtc: setup.rtc(now),
            inbound: Vec::new(),
            outbound: Vec::new(),
            pending: None,
            sources: BTreeMap::new(),
            told: Vec::new(),
            reached_by: Vec::new(),
            link: Link::new(now),
            receiver: Receiver::new(now),
            sought: None,
            paced: false,
            meter: Meter::new(now, setup.window),
            transport_deadline: now,
            called: now,
            dirty: true,
            written: 0,
            put_off: false,
        }
    }

    /// The user fragment by which STUN requests of the client name this session.
    pub(crate) fn fragment(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }

    /// It is to be asked before the others' turn comes.
    pub(crate) fn has_output(&self) -> bool {
        self.dirty || self.written > 0
    }

    /// Asks for the keyframes that are due.
    pub(crate) fn request_keyframes(&mut self, now: Instant) {
        let layers = self.inbound.iter_mut().flat_map(|track| {
            let mid = track.mid;
            track.layers.iter_mut().map(move |layer| (mid, layer))
        });
        for (mid, layer) in layers {
            if layer.keyframe.deadline(now).is_none_or(|at| at > now) {
                continue;
            }
            let mut api = self.rtc.direct_api();
            // Before its first packet a layer has no stream to ask on; the request stays wanted.
            let Some(stream) = api.stream_rx_by_mid(mid, layer.id.0) else { continue };
            if layer.keyframe.poll(now) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }

    pub(crate) fn deadline(&self, now: Instant) -> Instant {
        let transport = self.transport_deadline.min(self.meter.deadline()).min(self.link.deadline());
        let layers = self.inbound.iter().flat_map(|track| &track.layers);
        let keyframes = layers.filter_map(|layer| layer.keyframe.deadline(now));
        // A track without a stream stays due; look again soon, not at once.
        keyframes.map(|at| at.max(now + KEYFRAME_POLL)).fold(transport, Instant::min)
    }
}

const KEYFRAME_POLL: Duration = Duration::from_millis(20);
