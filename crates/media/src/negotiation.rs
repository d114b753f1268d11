//! Offers and answers of one session (RFC 8829, and the rule for glare at the top of this crate).

use std::collections::BTreeMap;

use str0m::change::{SdpAnswer, SdpOffer};
use str0m::media::{Direction, Media, MediaKind, Mid};

use crate::layers::{Layer, LayerId};
use crate::peer::{Inbound, Outbound, Peer};
use crate::rebase::Rebase;
use crate::signal::{RejectCode, Source, Track, TrackKind};

/// A call of two has descriptions of some 15 kB, one of eight of some 60 kB.
const MAX_SDP_BYTES: usize = 128 * 1024;
/// Three lines of its own and three of each of seven others; idle lines are used again.
const MAX_MEDIA_LINES: usize = 32;
/// Encodings of one track; more are not looked at.
const MAX_LAYERS: usize = 4;

/// Why a description was refused; the reason is for a log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) code: RejectCode,
    pub(crate) message: String,
}

impl Rejection {
    fn new(code: RejectCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl Peer {
    /// Takes an offer of the client; the answer is to be sent to it. An offer of ours that is open is dropped.
    pub(crate) fn accept_offer(
        &mut self,
        sdp: &str,
        sources: BTreeMap<String, Source>,
    ) -> Result<String, Rejection> {
        let lines = media_lines(sdp)?;
        check_sources(&lines, &sources)?;
        let offer = SdpOffer::from_sdp_string(sdp).map_err(malformed)?;
        self.pending = None;
        self.dirty = true;
        let answer = self.rtc.sdp_api().accept_offer(offer).map_err(malformed);
        if answer.is_ok() {
            self.sources = sources;
            self.read_lines(&lines);
        }
        // Also when it was refused: what our own offer would have added went with that.
        self.confirm_lines(false);
        Ok(answer?.to_sdp_string())
    }

    /// Takes the client's answer to our open offer.
    pub(crate) fn accept_answer(&mut self, sdp: &str) -> Result<(), Rejection> {
        let lines = media_lines(sdp)?;
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(malformed)?;
        let Some(pending) = self.pending.take() else {
            return Err(Rejection::new(RejectCode::UnexpectedAnswer, "no offer is open"));
        };
        self.dirty = true;
        let accepted = self.rtc.sdp_api().accept_answer(pending, answer).map_err(malformed);
        if accepted.is_ok() {
            self.read_lines(&lines);
        }
        self.confirm_lines(true);
        accepted
    }

    /// Makes an offer if the lines are not as they should be and no offer is open.
    pub(crate) fn make_offer(&mut self) -> Option<String> {
        if self.pending.is_some() {
            return None;
        }
        let wanted: Vec<(usize, Option<Mid>, Direction)> = self
            .outbound
            .iter()
            .enumerate()
            .filter_map(|(index, line)| {
                self.wanted_change(line).map(|direction| (index, line.mid, direction))
            })
            .collect();
        if wanted.is_empty() {
            return None;
        }
        for (index, mid, direction) in &wanted {
            if let (Some(mid), Direction::SendOnly) = (mid, direction) {
                self.open_stream(*index, *mid);
            }
        }
        let mut changes = self.rtc.sdp_api();
        for (index, mid, direction) in wanted {
            let line = &mut self.outbound[index];
            line.asked = Some(direction);
            match (mid, &line.track) {
                (Some(mid), _) => changes.set_direction(mid, direction),
                (None, Some((participant, source))) => {
                    let stream = Some(participant.as_str().to_owned());
                    let track = Some(source.as_str().to_owned());
                    let kind = str0m_kind(line.kind);
                    line.mid = Some(changes.add_media(kind, Direction::SendOnly, stream, track, None));
                }
                (None, None) => {}
            }
        }
        self.dirty = true;
        let (offer, pending) = changes.apply()?;
        self.pending = Some(pending);
        Some(offer.to_sdp_string())
    }

    /// A line that is taken up again sends under a new name, which counts from new numbers.
    fn open_stream(&mut self, index: usize, mid: Mid) {
        let mut api = self.rtc.direct_api();
        if api.stream_tx_by_mid(mid, None).is_some() {
            return;
        }
        let line = &mut self.outbound[index];
        let repairs = (line.kind == TrackKind::Video).then(|| api.new_ssrc());
        let main = api.new_ssrc();
        api.declare_stream_tx(main, repairs, mid, None);
        line.rebase = Rebase::default();
        line.flow.restart();
    }

    /// The tracks on this client's lines, if they are not what it was last told.
    pub(crate) fn tracks_to_tell(&mut self) -> Option<Vec<Track>> {
        let tracks: Vec<Track> = self
            .outbound
            .iter()
            .filter_map(|line| {
                let (participant, source) = line.track.clone()?;
                let mid = line.mid?.to_string();
                Some(Track { mid, participant, kind: line.kind, source })
            })
            .collect();
        (tracks != self.told).then(|| {
            self.told.clone_from(&tracks);
            tracks
        })
    }

    fn wanted_change(&self, line: &Outbound) -> Option<Direction> {
        let direction = line.mid.and_then(|mid| self.rtc.media(mid)).map(Media::direction);
        match (&line.track, direction) {
            (Some(_), None) if !line.declined => Some(Direction::SendOnly),
            (Some(_), Some(direction)) if !direction.is_sending() && !line.declined && !line.parked => {
                Some(Direction::SendOnly)
            }
            (Some(_), Some(direction)) if direction.is_sending() && line.parked => Some(Direction::Inactive),
            (None, Some(direction)) if direction.is_sending() => Some(Direction::Inactive),
            _ => None,
        }
    }

    /// Brings what the client sends up to date with the session.
    fn read_lines(&mut self, lines: &[MediaLine]) {
        let mut former = std::mem::take(&mut self.inbound);
        for line in lines {
            let mid = Mid::from(line.mid.as_str());
            let receiving =
                self.rtc.media(mid).is_some_and(|m| m.direction().is_receiving() && !m.disabled());
            let source = self.sources.get(&line.mid).copied().or_else(|| self.default_source(line.kind));
            let (true, Some(source)) = (receiving, source) else { continue };
            let (mut known, heard, copied) =
                former.iter_mut().find(|track| track.mid == mid).map_or_else(Default::default, |track| {
                    let (heard, copied) = (&mut track.heard, &mut track.copied);
                    (std::mem::take(&mut track.layers), std::mem::take(heard), std::mem::take(copied))
                });
            let layers =
                line.layers().into_iter().map(|id| match known.iter().position(|layer| layer.id == id) {
                    Some(index) => known.swap_remove(index),
                    None => Layer::new(id),
                });
            let layers = layers.collect();
            self.inbound.push(Inbound { mid, kind: line.kind, source, layers, heard, copied });
        }
    }

    /// A line that is not named is what its kind suggests, unless another line is that already.
    fn default_source(&self, kind: TrackKind) -> Option<Source> {
        let source = match kind {
            TrackKind::Audio => Source::Microphone,
            TrackKind::Video => Source::Camera,
        };
        let taken = self.sources.values().any(|named| *named == source)
            || self.inbound.iter().any(|track| track.source == source);
        (!taken).then_some(source)
    }

    /// Finds out which of the lines that we offered the client takes.
    fn confirm_lines(&mut self, answered: bool) {
        for line in &mut self.outbound {
            let Some(mid) = line.mid else { continue };
            let Some(media) = self.rtc.media(mid) else {
                // It was part of an offer that was dropped, or whose answer was no good: that one is not made again.
                line.mid = None;
                line.open = false;
                line.declined = answered;
                continue;
            };
            let sending = media.direction().is_sending() && !media.disabled();
            match line.asked.take() {
                Some(Direction::SendOnly) if answered => line.declined = line.track.is_some() && !sending,
                _ if !answered => line.declined = false,
                _ => {}
            }
            line.payload_types.clear();
            let mut api = self.rtc.direct_api();
            let stream = api.stream_tx_by_mid(mid, None).map(|stream| {
                stream.set_unpaced(!self.paced || line.kind == TrackKind::Audio);
                stream.ssrc()
            });
            // Else it would be sent padding for as long as the call lasts.
            if let Some(name) = stream.filter(|_| line.parked && !sending) {
                api.remove_stream_tx(name);
            }
            if line.open != sending {
                line.open = sending;
                line.flow.restart();
            }
        }
    }
}

#[derive(Debug)]
struct MediaLine {
    kind: TrackKind,
    mid: String,
    /// The encodings that the client sends on it, as it stated them.
    rids: Vec<String>,
}

impl MediaLine {
    fn layers(&self) -> Vec<LayerId> {
        if self.rids.is_empty() {
            return vec![LayerId::ONLY];
        }
        self.rids.iter().map(|rid| LayerId(Some(rid.as_str().into()))).collect()
    }
}

/// The audio and video lines of a description. Only what must be known before str0m reads it in full.
fn media_lines(sdp: &str) -> Result<Vec<MediaLine>, Rejection> {
    if sdp.len() > MAX_SDP_BYTES {
        return Err(Rejection::new(RejectCode::SdpTooLarge, format!("{} bytes", sdp.len())));
    }
    let mut lines = Vec::new();
    let sections = sdp.split("\nm=").skip(usize::from(!sdp.starts_with("m=")));
    let mut count = 0;
    for section in sections {
        count += 1;
        let kind = match section.trim_start_matches("m=").split(' ').next() {
            Some("audio") => TrackKind::Audio,
            Some("video") => TrackKind::Video,
            _ => continue,
        };
        let attribute = |name: &str| section.lines().find_map(|line| line.strip_prefix(name));
        let Some(mid) = attribute("a=mid:") else { continue };
        let rids = attribute("a=simulcast:").map(sent_rids).unwrap_or_default();
        lines.push(MediaLine { kind, mid: mid.trim().to_owned(), rids });
    }
    if count > MAX_MEDIA_LINES {
        return Err(Rejection::new(RejectCode::SdpTooLarge, format!("{count} media lines")));
    }
    Ok(lines)
}

/// The encodings that are sent, of `send q;h;f recv a` (RFC 8853, section 5.1): of alternatives the first, and those too
/// that are paused at first.
fn sent_rids(simulcast: &str) -> Vec<String> {
    let mut words = simulcast.split_whitespace();
    let send = words.by_ref().find(|word| *word == "send").and_then(|_| words.next()).unwrap_or("");
    let first = |layer: &str| layer.split(',').next().unwrap_or("").trim_start_matches('~').to_owned();
    send.split(';').map(first).filter(|rid| !rid.is_empty()).take(MAX_LAYERS).collect()
}

fn check_sources(lines: &[MediaLine], sources: &BTreeMap<String, Source>) -> Result<(), Rejection> {
    let mut seen = Vec::new();
    for (mid, source) in sources {
        let bad =
            |what: &str| Err(Rejection::new(RejectCode::BadSources, format!("{what}: {}", source.as_str())));
        match lines.iter().find(|line| line.mid == *mid) {
            None => return bad("no such media line"),
            Some(line) if line.kind != source.kind() => return bad("the media line has another kind"),
            Some(_) if seen.contains(source) => return bad("stated twice"),
            Some(_) => seen.push(*source),
        }
    }
    Ok(())
}

fn malformed(error: impl std::fmt::Display) -> Rejection {
    let message: String = error.to_string().chars().take(200).collect();
    Rejection::new(RejectCode::MalformedSdp, message)
}

fn str0m_kind(kind: TrackKind) -> MediaKind {
    match kind {
        TrackKind::Audio => MediaKind::Audio,
        TrackKind::Video => MediaKind::Video,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDP: &str =
        "v=0\r\nm=audio 9 x 1\r\na=mid:0\r\nm=video 9 x 2\r\na=mid:1\r\nm=video 9 x 2\r\na=mid:2\r\n";

    fn check(sources: &[(&str, Source)]) -> Result<(), RejectCode> {
        let sources = sources.iter().map(|(mid, source)| ((*mid).to_owned(), *source)).collect();
        let lines = media_lines(SDP).map_err(|r| r.code)?;
        check_sources(&lines, &sources).map_err(|r| r.code)
    }

    #[test]
    fn sources_must_fit_the_lines() {
        use Source::{Camera, Microphone, Screen};
        assert_eq!(check(&[("0", Microphone), ("1", Camera), ("2", Screen)]), Ok(()));
        assert_eq!(check(&[]), Ok(()));
        for bad in [&[("3", Camera)][..], &[("0", Camera)], &[("1", Camera), ("2", Camera)]] {
            assert_eq!(check(bad), Err(RejectCode::BadSources), "{bad:?}");
        }
    }

    #[test]
    fn encodings_are_read_as_they_are_stated() {
        let sdp = format!("{SDP}a=simulcast:recv x send q;~h,g;f\r\nm=video 9 x 2\r\na=mid:3\r\n");
        let lines = media_lines(&sdp).unwrap();
        let rids: Vec<&[String]> = lines.iter().map(|line| &line.rids[..]).collect();
        assert_eq!(rids, [&[][..], &[], &["q".to_owned(), "h".to_owned(), "f".to_owned()], &[]]);
        assert_eq!(lines[0].layers(), [LayerId::ONLY]);
        assert_eq!(lines[2].layers().len(), 3);
        assert!(sent_rids("recv a;b").is_empty());
        assert_eq!(sent_rids(&format!("send {}", "a;".repeat(100))).len(), MAX_LAYERS);
    }

    #[test]
    fn a_description_is_bounded() {
        let many = "m=audio 9 x 1\r\n".repeat(MAX_MEDIA_LINES + 1);
        assert_eq!(media_lines(&many).err().map(|r| r.code), Some(RejectCode::SdpTooLarge));
        let large = "a=x\r\n".repeat(MAX_SDP_BYTES);
        assert_eq!(media_lines(&large).err().map(|r| r.code), Some(RejectCode::SdpTooLarge));
    }
}
