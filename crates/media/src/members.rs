//! Who is in a room, by whatever sessions: with WebRTC, with sound alone, or for a while with both.

use std::time::Duration;

use str0m::media::Mid;

use crate::core::Output;
use crate::id::{ParticipantId, SessionId};
use crate::room::{Room, Turn};
use crate::signal::{MediaEvent, RejectCode, ServerSignal, Source, TrackKind};
use crate::sound::SoundSession;

/// Whose track, what it shows, and where it comes from.
pub(crate) type Tracked = (ParticipantId, Source, TrackKind, (SessionId, Mid));

impl Room {
    /// Whether the room takes one more, or one who is there already; if not the session is told.
    pub(crate) fn has_place_for(&self, turn: &mut Turn<'_>, session: SessionId, who: &ParticipantId) -> bool {
        let with_peer = self.peers.iter().map(|peer| &peer.participant);
        let mut here: Vec<&ParticipantId> =
            with_peer.chain(self.sounds.iter().map(|s| &s.participant)).collect();
        here.sort_unstable();
        here.dedup();
        let most = turn.setup.max_participants;
        let fits = here.len() < most || here.contains(&who);
        if !fits {
            turn.reject(session, RejectCode::RoomFull, format!("at most {most} participants"));
        }
        fits
    }

    /// Gives everything up after a defect; whose sessions these were.
    pub(crate) fn abandon(&mut self) -> Vec<SessionId> {
        let of_peers = self.peers.drain(..).map(|peer| peer.session);
        of_peers.chain(self.sounds.drain(..).map(|sound| sound.session)).collect()
    }

    /// The server will be gone for a moment: everybody in the room is told.
    pub(crate) fn tell_of_restart(&self, turn: &mut Turn<'_>, within: Duration) {
        let of_peers = self.peers.iter().map(|peer| peer.session);
        for session in of_peers.chain(self.sounds.iter().map(|sound| sound.session)) {
            turn.signal(session, ServerSignal::Restart { within_s: within.as_secs() });
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.peers.is_empty() && self.sounds.is_empty()
    }

    /// Media of `one` has reached `other` for the first time: if the way back was there already, both are told.
    pub(crate) fn tell_two_way(&self, turn: &mut Turn<'_>, one: SessionId, other: SessionId) {
        let (Some((who, reached_by)), Some((with, _))) = (self.member(one), self.member(other)) else {
            return;
        };
        if !reached_by.contains(&other) {
            return;
        }
        let at = turn.clock.at(turn.now);
        for (told, with) in [(one, with), (other, who)] {
            turn.outputs.push_back(Output::Event(told, MediaEvent::TwoWay { with: with.clone(), at }));
        }
    }

    /// Whose session it is, and whose media reached it.
    fn member(&self, session: SessionId) -> Option<(&ParticipantId, &[SessionId])> {
        let peer = self.peers.iter().find(|peer| peer.session == session);
        let sound = || self.sounds.iter().find(|sound| sound.session == session);
        peer.map(|peer| (&peer.participant, &peer.reached_by[..]))
            .or_else(|| sound().map(|sound| (&sound.participant, &sound.reached_by[..])))
    }

    /// Every track and where it comes from: a voice from the sound session that speaks for its participant, where there
    /// is one, and never from two places.
    pub(crate) fn tracks(&self) -> Vec<Tracked> {
        let by_sound = |who: &ParticipantId| self.sounds.iter().any(|s| s.speaks && s.participant == *who);
        let of_peers = self.peers.iter().flat_map(|peer| {
            let silenced = by_sound(&peer.participant);
            let kept = peer.inbound.iter().filter(move |t| !(silenced && t.source == Source::Microphone));
            kept.map(|t| (peer.participant.clone(), t.source, t.kind, (peer.session, t.mid)))
        });
        let of_sounds = self.sounds.iter().filter(|sound| sound.speaks);
        let voice =
            |s: &SoundSession| (s.participant.clone(), Source::Microphone, TrackKind::Audio, s.origin());
        of_peers.chain(of_sounds.map(voice)).collect()
    }
}
