//! A room: the sessions of one call, and who receives whom.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use str0m::bwe::BweKind;
use str0m::media::Mid;
use str0m::net::{DatagramRecv, Receive};
use str0m::rtp::RtpPacket;
use str0m::{Event, IceConnectionState, Input};

use crate::audience::{Audiences, is_among};
use crate::control::Join;
use crate::core::{Counters, Output};
use crate::forward::Arrival;
use crate::id::{ParticipantId, RoomId, SessionId};
use crate::link::Change;
use crate::negotiation::Rejection;
use crate::pace::{Beat, is_arrival_report, is_media, is_of_media};
use crate::peer::{Outbound, Peer, Setup};
use crate::remote::{Remote, Transport};
use crate::signal::{CallState, EndReason, MediaEvent, RejectCode, ServerSignal, Source, TrackKind};
use crate::sound::{SoundSession, Voice};
use crate::tap::Tap;
use crate::window::WallClock;

/// What a room works with while it is driven.
pub(crate) struct Turn<'a> {
    pub(crate) now: Instant,
    pub(crate) clock: WallClock,
    pub(crate) beat: Beat,
    pub(crate) setup: &'a Setup,
    pub(crate) outputs: &'a mut VecDeque<Output>,
    pub(crate) counters: &'a mut Counters,
}

impl Turn<'_> {
    pub(crate) fn signal(&mut self, session: SessionId, signal: ServerSignal) {
        self.outputs.push_back(Output::Event(session, MediaEvent::Signal(signal)));
    }

    pub(crate) fn reject(&mut self, session: SessionId, code: RejectCode, message: String) {
        self.signal(session, ServerSignal::State(CallState::Rejected { code, message }));
    }
}

pub(crate) struct Room {
    pub(crate) id: RoomId,
    pub(crate) peers: Vec<Peer>,
    /// Sound sessions, of people with and without a peer.
    pub(crate) sounds: Vec<SoundSession>,
    /// How loud everybody is, while somebody listens by sound.
    pub(crate) voices: Vec<Voice>,
    /// By whom voices are heard that are not heard by all.
    pub(crate) audiences: Audiences,
    /// Takes a copy of what passes.
    pub(crate) tap: Option<Tap>,
    /// Everybody who is here has agreed to that.
    pub(crate) tap_is_open: bool,
}

impl Room {
    pub(crate) fn new(id: RoomId, tap: Option<Tap>) -> Self {
        Self {
            id,
            peers: Vec::new(),
            sounds: Vec::new(),
            voices: Vec::new(),
            audiences: Audiences::default(),
            tap,
            tap_is_open: false,
        }
    }

    /// Lets a participant in. Answers the ICE user fragment of the new session, or `None` if it was refused.
    pub(crate) fn join(&mut self, turn: &mut Turn<'_>, session: SessionId, join: Join) -> Option<String> {
        if !self.has_place_for(turn, session, &join.participant) {
            return None;
        }
        let former = self.peers.iter().position(|peer| peer.participant == join.participant);
        let mut peer = Peer::new(turn.now, turn.setup, session, join.participant);
        let sdp = match peer.accept_offer(&join.sdp, join.sources) {
            Ok(sdp) => sdp,
            Err(Rejection { code, message }) => {
                turn.reject(session, code, message);
                return None;
            }
        };
        // In this order, so that a client that joins again over the same socket can tell the two sessions apart.
        if let Some(index) = former {
            self.end(turn, index, CallState::Replaced);
        }
        turn.signal(session, ServerSignal::Answer { sdp });
        let fragment = peer.fragment();
        self.peers.push(peer);
        self.route(turn);
        Some(fragment)
    }

    /// Takes an offer of a client. Answers the ICE user fragment that holds from now on.
    pub(crate) fn offer(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        sdp: &str,
        sources: std::collections::BTreeMap<String, Source>,
    ) -> String {
        let peer = &mut self.peers[index];
        match peer.accept_offer(sdp, sources) {
            Ok(sdp) => turn.signal(peer.session, ServerSignal::Answer { sdp }),
            Err(Rejection { code, message }) => turn.reject(peer.session, code, message),
        }
        let fragment = peer.fragment();
        self.want_keyframes_of_new_lines(index);
        self.route(turn);
        fragment
    }

    pub(crate) fn answer(&mut self, turn: &mut Turn<'_>, index: usize, sdp: &str) {
        let peer = &mut self.peers[index];
        if let Err(Rejection { code, message }) = peer.accept_answer(sdp) {
            turn.reject(peer.session, code, message);
        }
        self.want_keyframes_of_new_lines(index);
        self.route(turn);
    }

    pub(crate) fn leave(&mut self, turn: &mut Turn<'_>, index: usize, reason: EndReason) {
        self.end(turn, index, CallState::Disconnected { code: reason, message: reason.message() });
        self.route(turn);
    }

    pub(crate) fn close(&mut self, turn: &mut Turn<'_>, reason: EndReason) {
        while !self.peers.is_empty() {
            self.end(turn, 0, CallState::Disconnected { code: reason, message: reason.message() });
        }
        while !self.sounds.is_empty() {
            self.end_sound(turn, 0, CallState::Disconnected { code: reason, message: reason.message() });
        }
    }

    /// Takes a datagram for a session. Answers whether it passed the session's checks.
    pub(crate) fn receive(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        from: Remote,
        datagram: &[u8],
    ) -> bool {
        let Ok(contents) = DatagramRecv::try_from(datagram) else { return false };
        let candidates = match from.transport {
            Transport::Udp | Transport::Relay => &turn.setup.candidates,
            Transport::Tcp => &turn.setup.tcp_candidates,
        };
        let (proto, source) = (from.protocol(), from.address);
        let destination = local_candidate(candidates, source);
        let input = Input::Receive(turn.now, Receive { proto, source, destination, contents });
        let peer = &mut self.peers[index];
        if !peer.rtc.accepts(&input) {
            return false;
        }
        // What cannot be read is not from the client, who is not to suffer for it.
        if peer.rtc.handle_input(input).is_err() {
            return false;
        }
        peer.link.heard(turn.now);
        if is_of_media(datagram) && peer.link.flows(turn.now) {
            peer.receiver.path_is_back(turn.now);
            self.begin_pictures_anew(index);
        }
        match datagram {
            [first, second, ..] if is_media(*first, *second) => self.take_packet(turn, index),
            [first, second, ..] if is_arrival_report(*first, *second) => self.take_report(turn, index),
            _ => self.drain(turn, index),
        }
        true
    }

    /// Does what is due.
    pub(crate) fn advance(&mut self, turn: &mut Turn<'_>) {
        for index in 0..self.peers.len() {
            let peer = &mut self.peers[index];
            if peer.deadline(turn.now) <= turn.now {
                peer.call(turn.now);
                peer.dirty = true;
            }
        }
        self.settle(turn);
    }

    /// Drains every session that may have output, and looks after links and windows.
    pub(crate) fn settle(&mut self, turn: &mut Turn<'_>) {
        loop {
            while let Some(index) = self.peers.iter().position(Peer::has_output) {
                if self.peers[index].dirty {
                    self.drain(turn, index);
                } else {
                    self.send_written(turn, index);
                }
            }
            let mut index = 0;
            while index < self.peers.len() {
                match self.look_after(turn, index) {
                    Some(reason) => self.leave(turn, index, reason),
                    None => index += 1,
                }
            }
            self.look_after_sounds(turn);
            // Whoever left gave the others something to send.
            if !self.peers.iter().any(Peer::has_output) {
                return;
            }
        }
    }

    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        let peers = self.peers.iter().map(|peer| peer.deadline(now));
        peers.chain(self.sounds.iter().map(SoundSession::deadline)).min()
    }

    pub(crate) fn position(&self, session: SessionId) -> Option<usize> {
        self.peers.iter().position(|peer| peer.session == session)
    }

    /// Windows and the state of the link; a reason if the session is over.
    fn look_after(&mut self, turn: &mut Turn<'_>, index: usize) -> Option<EndReason> {
        if self.peers[index].receiver.was_measured() {
            self.choose_layers(turn, index, false);
        }
        let peer = &mut self.peers[index];
        if !peer.rtc.is_alive() {
            peer.link.closed();
        }
        let mut windows = [None, None];
        if turn.now >= peer.meter.deadline() {
            let up = peer.link.is_up();
            windows[0] = peer.meter.cut(peer.meter.deadline(), up, turn.clock);
        }
        let change = peer.link.poll(turn.now);
        let state = match change {
            Some(Change::Up(at)) => {
                windows[1] = peer.meter.cut(at, true, turn.clock);
                Some(CallState::Connected)
            }
            Some(Change::Down(since)) => {
                windows[1] = peer.meter.cut(since, false, turn.clock);
                let code = EndReason::Silent;
                Some(CallState::Disconnected { code, message: code.message() })
            }
            Some(Change::Over) => return Some(EndReason::TimedOut),
            None => None,
        };
        let session = peer.session;
        let carried = self.is_carried_by_sound(&self.peers[index].participant);
        // Time without WebRTC is in the windows of the sound session, if there is one.
        for window in windows.into_iter().flatten().filter(|window| window.connected || !carried) {
            turn.outputs.push_back(Output::Event(session, MediaEvent::Window(window)));
        }
        if let Some(state) = state {
            turn.signal(session, ServerSignal::State(state));
        }
        None
    }

    pub(crate) fn take_event(&mut self, index: usize, event: Event) {
        let peer = &mut self.peers[index];
        match event {
            Event::Connected => peer.link.secured(),
            Event::IceConnectionStateChange(state) => {
                peer.link.reachable(state != IceConnectionState::Disconnected);
            }
            Event::Closed => peer.link.closed(),
            Event::KeyframeRequest(request) => self.want_keyframe(index, request.mid),
            Event::PeerStats(stats) => {
                peer.meter.peer(&stats);
                let up = peer.link.is_up();
                peer.receiver.estimated(stats.timestamp, stats.bwe_tx, stats.egress_loss_fraction, up);
                if let Some(round_trip) = stats.rtt {
                    peer.receiver.took(round_trip);
                }
            }
            Event::MediaIngressStats(stats) => {
                let kind = peer.kind(stats.mid);
                peer.meter.ingress(&stats, kind);
            }
            Event::MediaEgressStats(stats) => {
                let kind = peer.kind(stats.mid);
                peer.meter.egress(&stats, kind);
            }
            Event::EgressBitrateEstimate(BweKind::Remb { estimate, .. }) => {
                peer.meter.remb(estimate.as_f64());
            }
            _ => {}
        }
    }

    pub(crate) fn forward(&mut self, turn: &mut Turn<'_>, index: usize, packet: RtpPacket) {
        let Some(arrival) = self.peers[index].arrive(turn.now, packet) else { return };
        self.prefer_rtc(turn, index, &arrival);
        let who = self.peers[index].participant.clone();
        if let Some(lost) = self.peers[index].recover(&arrival) {
            self.pass_on(turn, &who, &lost);
        }
        self.pass_on(turn, &who, &arrival);
    }

    /// Hands a packet of a participant to the lines that carry it, and to whoever hears by sound.
    pub(crate) fn pass_on(&mut self, turn: &mut Turn<'_>, who: &ParticipantId, arrival: &Arrival) {
        let sender = arrival.origin.0;
        let mut first = Vec::new();
        let audience = self.audiences.of(who, arrival);
        let listening = |peer: &&mut Peer| peer.session != sender && is_among(audience, &peer.participant);
        for peer in self.peers.iter_mut().filter(listening) {
            if peer.send(turn.now, arrival) {
                turn.counters.forwarded += 1;
                if peer.link.is_up() && !peer.reached_by.contains(&sender) {
                    peer.reached_by.push(sender);
                    first.push(peer.session);
                }
            }
        }
        for other in first {
            self.tell_two_way(turn, sender, other);
        }
        self.tell_listeners(turn, who, arrival);
        self.copy_to_tap(turn, who, arrival);
    }

    /// The client of `index` cannot decode what comes on `mid`: ask whoever sends it.
    fn want_keyframe(&mut self, index: usize, mid: Mid) {
        let line = self.peers[index].outbound.iter().find(|line| line.mid == Some(mid));
        let Some((session, track)) = line.and_then(|line| line.origin) else { return };
        let Some(layer) = line.and_then(|line| line.flow.wanted()) else { return };
        let Some(sender) = self.peers.iter_mut().find(|peer| peer.session == session) else { return };
        let track = sender.inbound.iter_mut().find(|inbound| inbound.mid == track);
        if let Some(layer) = track.and_then(|track| track.layers.iter_mut().find(|known| known.id == layer)) {
            layer.keyframe.want();
            sender.dirty = true;
        }
    }

    /// What the client of `index` sent and was sent during a break of its path is lost. To wait until each receiver finds out
    /// takes browsers three seconds: they try to have it repaired first.
    fn begin_pictures_anew(&mut self, index: usize) {
        let session = self.peers[index].session;
        let mut broken = Vec::new();
        for (receiver, peer) in self.peers.iter().enumerate() {
            let concerned = |line: &&Outbound| {
                receiver == index || line.origin.is_some_and(|(sender, _)| sender == session)
            };
            let pictures = peer.outbound.iter().filter(|line| line.open && line.kind == TrackKind::Video);
            broken.extend(pictures.filter(concerned).filter_map(|line| Some((receiver, line.mid?))));
        }
        for (receiver, mid) in broken {
            self.want_keyframe(receiver, mid);
        }
    }

    pub(crate) fn want_keyframes_of_new_lines(&mut self, index: usize) {
        let waiting =
            |line: &&Outbound| line.open && line.flow.awaits_keyframe() && line.kind == TrackKind::Video;
        let mids: Vec<Mid> =
            self.peers[index].outbound.iter().filter(waiting).filter_map(|l| l.mid).collect();
        for mid in mids {
            self.want_keyframe(index, mid);
        }
    }

    fn end(&mut self, turn: &mut Turn<'_>, index: usize, state: CallState) {
        let mut peer = self.peers.remove(index);
        let up = peer.link.is_up();
        if let Some(window) = peer.meter.cut(turn.now, up, turn.clock) {
            turn.outputs.push_back(Output::Event(peer.session, MediaEvent::Window(window)));
        }
        turn.signal(peer.session, ServerSignal::State(state));
        turn.outputs.push_back(Output::Ended(peer.session));
    }

    /// Puts every track on a line of everybody else, frees the lines of tracks that are gone, and tells the clients.
    pub(crate) fn route(&mut self, turn: &mut Turn<'_>) {
        self.look_at_tap();
        let tracks = self.tracks();
        for index in 0..self.peers.len() {
            let peer = &mut self.peers[index];
            for line in &mut peer.outbound {
                let gone = line.track.as_ref().is_some_and(|(who, source)| {
                    !tracks.iter().any(|(other, other_source, ..)| other == who && other_source == source)
                });
                if gone {
                    line.release();
                }
            }
            for (participant, source, kind, origin) in &tracks {
                if *participant != peer.participant {
                    assign(&mut peer.outbound, (participant.clone(), *source), *kind, *origin);
                }
            }
            self.negotiate(turn, index);
        }
        for index in 0..self.peers.len() {
            self.choose_layers(turn, index, true);
        }
        self.forget_voices();
    }

    pub(crate) fn negotiate(&mut self, turn: &mut Turn<'_>, index: usize) {
        let peer = &mut self.peers[index];
        let offer = peer.make_offer();
        if let Some(tracks) = peer.tracks_to_tell() {
            turn.signal(peer.session, ServerSignal::Tracks { tracks });
        }
        if let Some(sdp) = offer {
            turn.signal(peer.session, ServerSignal::Offer { sdp });
        }
    }
}

/// Puts a track on the line that carries it already, else on an idle one, else on a new one.
fn assign(
    lines: &mut Vec<Outbound>,
    track: (ParticipantId, Source),
    kind: TrackKind,
    origin: (SessionId, Mid),
) {
    let index = lines
        .iter()
        .position(|line| line.track.as_ref() == Some(&track))
        .or_else(|| lines.iter().position(|line| line.track.is_none() && line.kind == kind));
    let index = index.unwrap_or_else(|| {
        lines.push(Outbound::new(kind));
        lines.len() - 1
    });
    let line = &mut lines[index];
    if line.origin != Some(origin) || line.track.as_ref() != Some(&track) {
        line.bind(track, origin);
    }
}

/// The candidate that a client at `from` sent to: the first of its address family.
fn local_candidate(candidates: &[SocketAddr], from: SocketAddr) -> SocketAddr {
    let same_family = candidates.iter().find(|candidate| candidate.is_ipv4() == from.is_ipv4());
    same_family.or(candidates.first()).copied().unwrap_or(from)
}
