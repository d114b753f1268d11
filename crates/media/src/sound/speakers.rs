//! What one sound listener hears: speakers with numbers, each with a count of its own that goes on from source to source.

use std::time::Instant;

use str0m::media::Mid;

use super::frame::SpokenFrame;
use crate::forward::Arrival;
use crate::id::{ParticipantId, SessionId};
use crate::rebase::{Numbers, Rebase};
use crate::signal::Speaker;

#[derive(Debug, Default)]
pub(super) struct Speakers {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    number: u8,
    participant: ParticipantId,
    origin: Option<(SessionId, Mid)>,
    /// Nothing was held back since the last frame.
    flows: bool,
    rebase: Rebase,
}

impl Speakers {
    /// Gives the speaker a number where there is none. Answers whether the client has to be told.
    pub(super) fn introduce(&mut self, participant: &ParticipantId) -> bool {
        if self.lines.iter().any(|line| line.participant == *participant) {
            return false;
        }
        let Some(number) = (1..=u8::MAX).find(|n| self.lines.iter().all(|line| line.number != *n)) else {
            return false;
        };
        let participant = participant.clone();
        self.lines.push(Line { number, participant, origin: None, flows: false, rebase: Rebase::default() });
        true
    }

    /// Whose number is which.
    pub(super) fn told(&self) -> Vec<Speaker> {
        let speaker = |line: &Line| Speaker { number: line.number, participant: line.participant.clone() };
        self.lines.iter().map(speaker).collect()
    }

    /// The packet of a speaker as a frame; `None` for one that comes too late.
    pub(super) fn frame(
        &mut self,
        now: Instant,
        who: &ParticipantId,
        arrival: &Arrival,
    ) -> Option<SpokenFrame> {
        let line = self.lines.iter_mut().find(|line| line.participant == *who)?;
        let opus = arrival.alone()?.clone();
        if line.origin != Some(arrival.origin) || !line.flows {
            line.rebase.switch();
            line.origin = Some(arrival.origin);
            line.flows = true;
        }
        let (sequence, timestamp) = (arrival.sequence, arrival.timestamp);
        let rebased =
            line.rebase.map(now, Numbers { sequence, timestamp, clock_rate_hz: 48_000, vp8: None })?;
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
        let sequence = rebased.sequence as u16;
        Some(SpokenFrame { speaker: line.number, sequence, timestamp: rebased.timestamp, opus })
    }

    /// A packet of this speaker was held back: what follows counts on as if there had been none.
    pub(super) fn hold_back(&mut self, who: &ParticipantId) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.participant == *who) {
            line.flows = false;
        }
    }

    /// Somebody has left.
    pub(super) fn forget(&mut self, who: &ParticipantId) {
        self.lines.retain(|line| line.participant != *who);
    }
}
