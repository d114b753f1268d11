//! By whom voices are heard: one that is muted by nobody, an interpreter's by those who chose their language.

use crate::control::Audience;
use crate::forward::Arrival;
use crate::id::ParticipantId;
use crate::room::{Room, Turn};
use crate::signal::{CallState, EndReason, Source};

/// The voices of a room that are not heard by all: a few at most.
#[derive(Debug, Default)]
pub(crate) struct Audiences(Vec<(ParticipantId, Vec<ParticipantId>)>);

impl Audiences {
    /// Who hears this packet; none: everybody.
    pub(crate) fn of(&self, who: &ParticipantId, arrival: &Arrival) -> Option<&[ParticipantId]> {
        if self.0.is_empty() || arrival.source != Source::Microphone {
            return None;
        }
        self.hearing(who)
    }

    fn hearing(&self, who: &ParticipantId) -> Option<&[ParticipantId]> {
        self.0.iter().find(|(speaker, _)| speaker == who).map(|(_, heard_by)| heard_by.as_slice())
    }
}

/// Whether somebody is among those who hear.
pub(crate) fn is_among(audience: Option<&[ParticipantId]>, who: &ParticipantId) -> bool {
    audience.is_none_or(|heard_by| heard_by.contains(who))
}

impl Room {
    /// From now on the speaker is heard by these.
    pub(crate) fn let_hear(&mut self, speaker: ParticipantId, heard_by: Audience) {
        let before = self.audiences.hearing(&speaker);
        let heard = |who: &ParticipantId, now: &Audience| match now {
            Audience::All => true,
            Audience::Only(heard_by) => heard_by.contains(who),
        };
        for peer in &mut self.peers {
            if is_among(before, &peer.participant) || !heard(&peer.participant, &heard_by) {
                continue;
            }
            // What was kept back is no loss: the line is numbered on from where it fell silent.
            let of_speaker =
                |track: &(ParticipantId, Source)| *track == (speaker.clone(), Source::Microphone);
            for line in peer.outbound.iter_mut().filter(|line| line.track.as_ref().is_some_and(of_speaker)) {
                line.rebase.switch();
            }
        }
        self.audiences.0.retain(|(other, _)| *other != speaker);
        if let Audience::Only(heard_by) = heard_by {
            self.audiences.0.push((speaker, heard_by));
        }
    }

    /// Puts a participant out, by whatever sessions they are here.
    pub(crate) fn dismiss(&mut self, turn: &mut Turn<'_>, who: &ParticipantId) {
        let reason = EndReason::Dismissed;
        while let Some(index) = self.sounds.iter().position(|sound| sound.participant == *who) {
            self.end_sound(turn, index, CallState::Disconnected { code: reason, message: reason.message() });
        }
        while let Some(index) = self.peers.iter().position(|peer| peer.participant == *who) {
            self.leave(turn, index, reason);
        }
        self.audiences.0.retain(|(speaker, _)| speaker != who);
        self.route(turn);
    }
}
