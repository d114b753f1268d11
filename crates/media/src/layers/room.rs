//! Layers in their room: from what senders send and receivers show to what each line carries.

use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;
use str0m::media::Mid;
use str0m::rtp::Extension;

use super::allocate::Wish;
use super::layer::LayerId;
use super::receiver::Sought;
use crate::id::SessionId;
use crate::peer::{Inbound, Outbound};
use crate::room::{Room, Turn};
use crate::signal::{ServerSignal, Shown, Source, TrackKind};

/// Packets that are kept to be sent again, for how long, and the part of what is sent that they may be; the defaults of
/// str0m.
const RTX_PACKETS: usize = 2000;
const RTX_FOR: Duration = Duration::from_secs(3);
const RTX_MOST: Option<f32> = Some(0.15);

/// A wish, and which layers its rates are those of.
struct Named {
    wish: Wish,
    layers: Vec<LayerId>,
    screen: bool,
    side: u32,
}

impl Room {
    /// The client of `index` says what it shows.
    pub(crate) fn show(&mut self, turn: &mut Turn<'_>, index: usize, shown: &[Shown]) {
        self.peers[index].receiver.show(shown);
        self.choose_layers(turn, index, true);
    }

    /// Decides which layers the client of `index` gets. `anew` is that what is shown or sent has changed; else it is time
    /// to look at the link again.
    pub(crate) fn choose_layers(&mut self, turn: &mut Turn<'_>, index: usize, anew: bool) {
        let (named, vanished) = self.wishes(turn.now, index);
        let wishes: Vec<Wish> = named.iter().map(|named| named.wish.clone()).collect();
        let peer = &mut self.peers[index];
        let verdict = peer.receiver.decide(turn.now, &wishes, anew || vanished);
        let (mut paused, mut stale) = (Vec::new(), Vec::new());
        for (named, chosen) in named.iter().zip(&verdict.share) {
            let line = &mut peer.outbound[named.wish.line];
            let wanted = chosen.and_then(|layer| named.layers.get(layer)).copied();
            if verdict.at_once && wanted != line.flow.wanted() {
                stale.extend(line.mid);
            }
            line.flow.want(wanted, verdict.at_once);
            if chosen.is_none() {
                paused.extend(line.mid);
            }
        }
        for mid in stale {
            peer.forget_sent(mid);
        }
        if let Some(mids) = peer.receiver.paused_to_tell(turn.now, &paused) {
            let mids = mids.iter().map(Mid::to_string).collect();
            turn.signal(peer.session, ServerSignal::Paused { mids });
        }
        if let Some(sought) = verdict.sought {
            peer.seek(turn.now, sought);
        }
        if peer.park(turn.now) {
            self.negotiate(turn, index);
        }
        self.want_keyframes_of_new_lines(index);
        self.cancel_unheard_requests();
    }

    /// What the client of `index` would like, the most important first, and whether a layer that it has is no longer sent.
    /// What is not shown is stopped; of what is not sent at present the smallest layer is waited for.
    fn wishes(&mut self, now: Instant, index: usize) -> (Vec<Named>, bool) {
        let mut named = Vec::new();
        let mut vanished = false;
        for line in 0..self.peers[index].outbound.len() {
            let outbound = &self.peers[index].outbound[line];
            let Some(origin) = outbound.origin.filter(|_| outbound.kind == TrackKind::Video) else {
                continue;
            };
            let side = self.peers[index].receiver.side_of(outbound.mid);
            let Some(track) = self.inbound(origin) else { continue };
            let wanted = match side {
                None => None,
                Some(side) => match wish(now, line, outbound, track, side) {
                    Some(found) => {
                        vanished |= outbound.flow.wanted().is_some() && found.wish.current.is_none();
                        named.push(found);
                        continue;
                    }
                    None => track.layers.first().map(|layer| layer.id),
                },
            };
            self.peers[index].outbound[line].flow.want(wanted, false);
        }
        named.sort_by_key(|named| std::cmp::Reverse((named.screen, named.side)));
        (named, vanished)
    }

    /// Keyframes of layers that no line waits for are not asked for any more, unless for a recording.
    fn cancel_unheard_requests(&mut self) {
        if self.tap_is_open {
            return;
        }
        let lines = self.peers.iter().flat_map(|peer| &peer.outbound);
        let heard: Vec<((SessionId, Mid), LayerId)> =
            lines.filter_map(|line| line.origin.zip(line.flow.wanted())).collect();
        for peer in &mut self.peers {
            for track in &mut peer.inbound {
                let origin = (peer.session, track.mid);
                for layer in track.layers.iter_mut().filter(|layer| !heard.contains(&(origin, layer.id))) {
                    layer.keyframe.cancel();
                }
            }
        }
    }

    fn inbound(&self, (session, mid): (SessionId, Mid)) -> Option<&Inbound> {
        let sender = self.peers.iter().find(|peer| peer.session == session)?;
        sender.inbound.iter().find(|track| track.mid == mid)
    }
}

impl crate::peer::Peer {
    /// Gives up the lines of pictures while nothing is sent on any of them, and takes them up again. A line that is open
    /// costs 50 kb/s of padding, which on the links in question is half of what there is. Answers whether it changed.
    fn park(&mut self, now: Instant) -> bool {
        let pictured = self.pictures().any(|line| line.track.is_some() && line.flow.wanted().is_some());
        let parked = self.receiver.parks(now, pictured) && self.is_probed_by_sound();
        let mut changed = false;
        for line in self.outbound.iter_mut().filter(|line| line.kind == TrackKind::Video) {
            changed |= line.parked != parked && line.track.is_some();
            line.parked = parked;
        }
        changed
    }

    /// Whether a line of sound is enough to find out what the link carries: not all browsers send feedback on sound.
    fn is_probed_by_sound(&self) -> bool {
        let mut sounds = self.outbound.iter().filter(|line| line.kind == TrackKind::Audio && line.open);
        sounds.any(|line| {
            let media = line.mid.and_then(|mid| self.rtc.media(mid));
            media.is_some_and(|m| m.remote_extmap().id_of(Extension::TransportSequenceNumber).is_some())
        })
    }

    fn pictures(&self) -> impl Iterator<Item = &Outbound> {
        self.outbound.iter().filter(|line| line.kind == TrackKind::Video)
    }

    /// What was sent on a line is not sent again: it is of a layer that stopped because the link does not carry it.
    fn forget_sent(&mut self, mid: Mid) {
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            stream.set_rtx_cache(RTX_PACKETS, RTX_FOR, RTX_MOST);
        }
    }

    /// Asks the estimator to keep up and to look for so much, and paces pictures or does not.
    fn seek(&mut self, now: Instant, sought: Sought) {
        if self.sought != Some(sought) {
            self.sought = Some(sought);
            self.rtc.bwe().set_bitrate(Bitrate::bps(sought.minimum_bps), Bitrate::bps(sought.desired_bps));
            if let Some(estimate) = sought.restart_bps {
                self.rtc.bwe().reset(Bitrate::bps(estimate));
            }
            self.dirty = true;
        }
        let paced = self.receiver.is_paced(now);
        if paced == self.paced {
            return;
        }
        self.paced = paced;
        let mut api = self.rtc.direct_api();
        for mid in
            self.outbound.iter().filter(|line| line.kind == TrackKind::Video).filter_map(|line| line.mid)
        {
            if let Some(stream) = api.stream_tx_by_mid(mid, None) {
                stream.set_unpaced(!paced);
            }
        }
    }
}

/// What a line may carry of a track that is shown with this shorter side, px; `None` if nothing of it is sent at present.
fn wish(now: Instant, line: usize, outbound: &Outbound, track: &Inbound, side: u32) -> Option<Named> {
    let count = track.layers.len();
    let mut layers = Vec::with_capacity(count);
    let mut rates: Vec<u64> = Vec::with_capacity(count);
    for (rank, layer) in track.layers.iter().enumerate().filter(|(_, layer)| layer.is_live(now)) {
        let least = rates.last().copied().unwrap_or(0);
        layers.push(layer.id);
        rates.push(layer.need_bps(rank, count).max(least));
        // Large enough for what is shown of it.
        if layer.side().is_some_and(|px| u32::from(px) >= side) {
            break;
        }
    }
    let largest = layers.len().checked_sub(1)?;
    let wanted = outbound.flow.wanted();
    let place = |id: LayerId| layers.iter().position(|layer| *layer == id);
    let is_larger = |id: LayerId| track.layers.iter().any(|layer| layer.id == id && layer.is_live(now));
    // A larger layer than is shown now counts as the largest that is.
    let current = wanted.and_then(|id| place(id).or_else(|| is_larger(id).then_some(largest)));
    let screen = track.source == Source::Screen;
    Some(Named { wish: Wish { line, rates, current }, layers, screen, side })
}
