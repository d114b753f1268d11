//! One session: its transport, what it sends, and the lines on which it receives.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;
use str0m::change::SdpPendingOffer;
use str0m::config::{CryptoProvider, DtlsCert};
use str0m::media::{KeyframeRequestKind, Mid, Pt};
use str0m::net::TcpType;
use str0m::{Candidate, Rtc};

use crate::id::{ParticipantId, SessionId};
use crate::keyframe::KeyframeRequest;
use crate::link::Link;
use crate::rebase::Rebase;
use crate::signal::{Source, Track, TrackKind};
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
            .set_stats_interval(Some(Duration::from_secs(1)))
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .enable_h264(true);
        if let Some(certificate) = &self.certificate {
            config = config.set_dtls_cert(certificate.clone());
        }
        if self.estimate_bandwidth {
            config = config.enable_bwe(Some(FIRST_ESTIMATE));
        }
        let mut rtc = config.build(now);
        if self.estimate_bandwidth {
            rtc.bwe().set_bitrate(Bitrate::ZERO, SOUGHT_RATE);
        }
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
/// Up to this rate the estimator probes: three cameras at what a browser gives one.
const SOUGHT_RATE: Bitrate = Bitrate::kbps(5_000);

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
    pub(crate) keyframe: KeyframeRequest,
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
    /// Nothing can be decoded before the next keyframe.
    pub(crate) awaits_keyframe: bool,
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
            awaits_keyframe: true,
            rebase: Rebase::default(),
            payload_types: Vec::new(),
        }
    }

    /// Puts a track, or the same track from another session, on the line.
    pub(crate) fn bind(&mut self, track: (ParticipantId, Source), origin: (SessionId, Mid)) {
        self.track = Some(track);
        self.origin = Some(origin);
        self.declined = false;
        self.awaits_keyframe = true;
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
        for track in &mut self.inbound {
            if track.keyframe.deadline(now).is_none_or(|at| at > now) {
                continue;
            }
            let mut api = self.rtc.direct_api();
            // Before its first packet a track has no stream to ask on; the request stays wanted.
            let Some(stream) = api.stream_rx_by_mid(track.mid, None) else { continue };
            if track.keyframe.poll(now) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }

    pub(crate) fn deadline(&self, now: Instant) -> Instant {
        let transport = self.transport_deadline.min(self.meter.deadline()).min(self.link.deadline());
        let keyframes = self.inbound.iter().filter_map(|track| track.keyframe.deadline(now));
        // A track without a stream stays due; look again soon, not at once.
        keyframes.map(|at| at.max(now + KEYFRAME_POLL)).fold(transport, Instant::min)
    }
}

const KEYFRAME_POLL: Duration = Duration::from_millis(20);
