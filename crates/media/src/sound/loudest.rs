//! Who is heard when more speak than a weak line carries: the two loudest, who keep the floor until somebody is clearly
//! louder or they fall silent.

use std::time::{Duration, Instant};

use crate::id::ParticipantId;

/// How many a listener hears at once.
pub(super) const HEARD_AT_ONCE: usize = 2;
/// Below this nobody speaks, dBov.
pub(super) const SILENT_DB: f64 = -65.0;
/// Between words somebody still speaks.
const PAUSE: Duration = Duration::from_millis(400);
/// Who wants the floor of another is louder by so much.
const CLEARLY_DB: f64 = 6.0;
/// Who has the floor keeps it so long at least.
const FLOOR: Duration = Duration::from_millis(700);
/// Part of the way to a lower level that one packet goes; to a higher one half of it.
const RELEASE: f64 = 0.06;
const ATTACK: f64 = 0.5;
/// A sender that says nothing of its level is taken for somebody who speaks.
const UNTOLD_DB: f64 = -30.0;

/// How loud one participant is.
#[derive(Debug)]
pub(crate) struct Voice {
    pub(super) participant: ParticipantId,
    level_db: f64,
    /// Until then they speak.
    speaks_until: Instant,
}

impl Voice {
    /// Somebody who just begins: what they send first is always passed on.
    pub(super) fn new(now: Instant, participant: ParticipantId) -> Self {
        Self { participant, level_db: SILENT_DB, speaks_until: now + PAUSE }
    }

    /// A packet of theirs: its level in dBov, from -127 to 0, where it is known.
    pub(super) fn hear(&mut self, now: Instant, level_db: Option<f64>) {
        let level = level_db.unwrap_or(UNTOLD_DB);
        let part = if level > self.level_db { ATTACK } else { RELEASE };
        self.level_db += (level - self.level_db) * part;
        if level > SILENT_DB {
            self.speaks_until = self.speaks_until.max(now + PAUSE);
        }
    }

    pub(super) fn speaks(&self, now: Instant) -> bool {
        now < self.speaks_until
    }
}

/// Who has the floor for one listener.
#[derive(Debug, Default)]
pub(super) struct Floor {
    holders: Vec<(ParticipantId, Instant)>,
}

impl Floor {
    /// Whether a packet of `who`, who speaks now, is heard.
    pub(super) fn admits(&mut self, now: Instant, who: &Voice, voices: &[Voice]) -> bool {
        if !who.speaks(now) {
            return false;
        }
        if self.holders.iter().any(|(holder, _)| *holder == who.participant) {
            return true;
        }
        if self.holders.len() >= HEARD_AT_ONCE {
            let Some(index) = self.loses(now, who, voices) else { return false };
            self.holders.remove(index);
        }
        self.holders.push((who.participant.clone(), now));
        true
    }

    /// Somebody has left.
    pub(super) fn forget(&mut self, participant: &ParticipantId) {
        self.holders.retain(|(holder, _)| holder != participant);
    }

    /// Which holder gives way to `who`.
    fn loses(&self, now: Instant, who: &Voice, voices: &[Voice]) -> Option<usize> {
        let voice = |holder: &ParticipantId| voices.iter().find(|voice| voice.participant == *holder);
        let silent = |(holder, _): &(ParticipantId, Instant)| voice(holder).is_none_or(|v| !v.speaks(now));
        if let Some(index) = self.holders.iter().position(silent) {
            return Some(index);
        }
        let level = |index: usize| voice(&self.holders[index].0).map_or(f64::MIN, |voice| voice.level_db);
        let quietest = (0..self.holders.len()).min_by(|a, b| level(*a).total_cmp(&level(*b)))?;
        let held = now.saturating_duration_since(self.holders[quietest].1) >= FLOOR;
        (held && who.level_db > level(quietest) + CLEARLY_DB).then_some(quietest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Talk {
        now: Instant,
        voices: Vec<Voice>,
        floor: Floor,
    }

    impl Talk {
        fn of(names: &[&str]) -> Self {
            let now = Instant::now();
            let voices = names.iter().map(|name| Voice::new(now, (*name).into())).collect();
            Self { now, voices, floor: Floor::default() }
        }

        /// Everybody sends packets of 20 ms at these levels for a while; who was heard in the last of them.
        fn goes_on(&mut self, ms: u64, levels: &[f64]) -> Vec<String> {
            let mut heard = Vec::new();
            for _ in 0..ms / 20 {
                self.now += Duration::from_millis(20);
                heard.clear();
                for (index, level) in levels.iter().enumerate() {
                    self.voices[index].hear(self.now, Some(*level));
                    if self.floor.admits(self.now, &self.voices[index], &self.voices) {
                        heard.push(self.voices[index].participant.to_string());
                    }
                }
            }
            heard
        }
    }

    #[test]
    fn the_two_loudest_of_four_are_heard() {
        let mut talk = Talk::of(&["a", "b", "c", "d"]);
        assert_eq!(talk.goes_on(3000, &[-40.0, -20.0, -50.0, -25.0]), ["b", "d"]);
    }

    #[test]
    fn who_is_little_louder_does_not_take_the_floor() {
        let mut talk = Talk::of(&["a", "b", "c"]);
        talk.goes_on(1000, &[-30.0, -30.0, -90.0]);
        assert_eq!(talk.goes_on(3000, &[-30.0, -30.0, -27.0]), ["a", "b"]);
        assert_eq!(talk.goes_on(1000, &[-30.0, -34.0, -20.0]), ["a", "c"]);
    }

    #[test]
    fn who_falls_silent_gives_way_and_silence_is_not_passed_on() {
        let mut talk = Talk::of(&["a", "b", "c"]);
        talk.goes_on(1000, &[-30.0, -30.0, -40.0]);
        assert_eq!(talk.goes_on(1000, &[-90.0, -30.0, -40.0]), ["b", "c"]);
        assert!(talk.goes_on(1000, &[-90.0, -90.0, -90.0]).is_empty());
    }

    #[test]
    fn a_pause_between_words_is_heard_through() {
        let mut talk = Talk::of(&["a"]);
        talk.goes_on(1000, &[-30.0]);
        assert_eq!(talk.goes_on(300, &[-90.0]), ["a"]);
        assert!(talk.goes_on(200, &[-90.0]).is_empty());
    }
}
