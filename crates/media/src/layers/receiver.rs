//! What one receiver shows, what its link carries, and what it therefore gets.

use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;
use str0m::media::Mid;

use super::allocate::{Share, Wish, current, ideal, one_step_up, raise, share_out, total};
use super::climb::{Climb, Prospect, with_margin};
use super::fall::{Fall, Falls};
use super::layer::LayerRate;
use crate::signal::Shown;

/// An estimate says little before so much feedback has come.
const YOUNG: Duration = Duration::from_millis(2500);
/// A client that has sent no feedback for so long does not send any, and is given everything.
const NO_FEEDBACK: Duration = Duration::from_secs(4);
/// Redundant sound is twice the sound: not on a link that has no room for it.
const SLIM_BELOW_BPS: u64 = 250_000;
const SLIM_UNTIL_BPS: u64 = 350_000;
/// Lines of which nothing is sent for so long are parked.
const PARKED_AFTER: Duration = Duration::from_secs(2);
const PARKED_WHEN_WARY_AFTER: Duration = Duration::from_secs(1);
/// After a break of the path it takes so long until all that was lost in it has been reported.
const MOURNS: Duration = Duration::from_millis(700);
/// A pause that is over sooner is not told.
const TOLD_AFTER: Duration = Duration::from_millis(1500);

#[derive(Debug)]
pub(crate) struct Receiver {
    /// `None`: the client said nothing, and is taken to show everything at its largest.
    shown: Option<Vec<(Mid, u32)>>,
    begun: Instant,
    fed_since: Option<Instant>,
    estimate_bps: Option<u64>,
    /// The path was broken: until when what is reported is of the break.
    mourns_until: Option<Instant>,
    measured: bool,
    sound: LayerRate,
    climb: Climb,
    falls: Falls,
    slim_sound: bool,
    at_top: bool,
    paused: Vec<(Mid, Instant)>,
    told: Vec<Mid>,
    pictureless_since: Option<Instant>,
}

/// What a receiver gets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) share: Share,
    /// What does not belong to the share harms, and stops now.
    pub(super) at_once: bool,
    pub(super) sought: Option<Sought>,
}

/// What to ask of the estimator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "they carry their unit")]
pub(crate) struct Sought {
    /// What padding keeps up, bit/s.
    pub(super) minimum_bps: u64,
    /// What probes look for, bit/s.
    pub(super) desired_bps: u64,
    /// From which estimate it is to begin anew, bit/s.
    pub(super) restart_bps: Option<u64>,
}

impl Receiver {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            shown: None,
            begun: now,
            fed_since: None,
            estimate_bps: None,
            mourns_until: None,
            measured: false,
            sound: LayerRate::default(),
            climb: Climb::default(),
            falls: Falls::default(),
            slim_sound: false,
            at_top: true,
            paused: Vec::new(),
            told: Vec::new(),
            pictureless_since: None,
        }
    }

    /// The client says what it shows.
    pub(crate) fn show(&mut self, shown: &[Shown]) {
        self.shown = Some(shown.iter().map(|shown| (Mid::from(shown.mid.as_str()), shown.side)).collect());
    }

    /// The shorter side, px, at which a line's picture is shown; `None` if it is not.
    pub(super) fn side_of(&self, mid: Option<Mid>) -> Option<u32> {
        let Some(shown) = &self.shown else { return Some(u32::MAX) };
        shown.iter().find(|(line, _)| Some(*line) == mid).map(|(_, side)| *side)
    }

    /// What str0m estimates, and the part that is lost of what was sent; `None` while no feedback of the client tells.
    pub(crate) fn estimated(&mut self, now: Instant, estimate: Option<Bitrate>, lost: Option<f32>, up: bool) {
        self.measured = true;
        if self.mourns_until.is_some() {
            return;
        }
        self.estimate_bps = estimate.map(|rate| rate.as_u64());
        if let (Some(estimate_bps), Some(lost)) = (self.estimate_bps, lost) {
            self.falls.measured(estimate_bps, lost);
        }
        if !up && self.fed_since.is_none() {
            self.begun = now;
        }
        if lost.is_some() {
            self.fed_since.get_or_insert(now);
        }
    }

    /// The path carries again, after it carried nothing for a while. What was sent meanwhile is lost, and to the estimator all
    /// of it speaks of a link that is too thin: estimation begins anew where it stood, once that has been reported.
    pub(crate) fn path_is_back(&mut self, now: Instant) {
        self.mourns_until = Some(now + MOURNS);
    }

    /// Whether the link was measured since this was last asked: it is time to decide again.
    pub(crate) fn was_measured(&mut self) -> bool {
        std::mem::take(&mut self.measured)
    }

    /// How long a packet, and what is said of it, take at present.
    pub(crate) fn took(&mut self, round_trip: Duration) {
        self.falls.took(round_trip);
    }

    /// Sound was sent to the client.
    pub(crate) fn heard(&mut self, now: Instant, payload_bytes: usize) {
        self.sound.add(now, payload_bytes);
    }

    /// The link has no room for redundant sound.
    pub(crate) fn wants_slim_sound(&self) -> bool {
        self.slim_sound
    }

    /// Packets of pictures are to be spread out, so that none keeps the sound behind it waiting. Where there is room they
    /// are not: the sender's browser has spread them already, and a second time would only delay them.
    pub(crate) fn is_paced(&self, now: Instant) -> bool {
        !self.at_top && self.climb.is_wary(now)
    }

    /// Decides, in the order of importance. `anew` is that what is shown or sent has changed.
    pub(super) fn decide(&mut self, now: Instant, wishes: &[Wish], anew: bool) -> Verdict {
        let best = ideal(wishes);
        let Some(estimate) = self.estimate(now) else {
            return Verdict { share: best, at_once: false, sought: None };
        };
        let over = self.mourns_until.take_if(|until| now >= *until).is_some();
        let sound = self.sound.bps().unwrap_or(0);
        let mut at_once = false;
        let mut share = current(wishes);
        if anew {
            share = self.afresh(now, estimate.saturating_sub(sound), wishes);
        } else if let Some(fallen) = self.fallen(now, estimate, sound, wishes) {
            (share, at_once) = (fallen, true);
        } else if self.falls.has_drained(now) {
            share = share_out(estimate.saturating_sub(sound), wishes, |wish| wish.rates.first().map(|_| 0));
        }
        let step = one_step_up(wishes, &share);
        self.at_top = step.is_none();
        let drained = self.climb.is_wary(now) && !wishes.is_empty() && share.iter().all(Option::is_none);
        let bound = if self.slim_sound { SLIM_UNTIL_BPS } else { SLIM_BELOW_BPS };
        self.slim_sound = drained || self.falls.is_recent(now) || estimate < bound;
        let next_bps = step.as_ref().map(|step| sound + total(wishes, step));
        let now_bps = sound + total(wishes, &share);
        let ideal_bps = sound + total(wishes, &best);
        let course = self.climb.look(now, Prospect { estimate_bps: estimate, now_bps, next_bps, ideal_bps });
        if let Some(step) = step.filter(|_| course.rise && !at_once) {
            share = self.risen(now, estimate.saturating_sub(with_margin(sound)), step, wishes);
        }
        let sought = Sought {
            minimum_bps: course.minimum_bps,
            desired_bps: course.desired_bps,
            restart_bps: (course.restart || over).then_some(estimate),
        };
        Verdict { share, at_once, sought: Some(sought) }
    }

    /// The lines that are paused for want of room, if the client is to be told.
    pub(super) fn paused_to_tell(&mut self, now: Instant, paused: &[Mid]) -> Option<Vec<Mid>> {
        self.paused.retain(|(mid, _)| paused.contains(mid));
        for mid in paused {
            if !self.paused.iter().any(|(known, _)| known == mid) {
                self.paused.push((*mid, now));
            }
        }
        let lasting = |since: Instant| now.saturating_duration_since(since) >= TOLD_AFTER;
        let tell: Vec<Mid> =
            self.paused.iter().filter(|(_, since)| lasting(*since)).map(|(mid, _)| *mid).collect();
        (tell != self.told).then(|| {
            self.told.clone_from(&tell);
            tell
        })
    }

    /// Whether lines of pictures are to be given up for a while, when of none of them anything is sent.
    pub(super) fn parks(&mut self, now: Instant, pictured: bool) -> bool {
        if pictured {
            self.pictureless_since = None;
            return false;
        }
        let since = *self.pictureless_since.get_or_insert(now);
        let after = if self.climb.is_wary(now) { PARKED_WHEN_WARY_AFTER } else { PARKED_AFTER };
        now.saturating_duration_since(since) >= after
    }

    /// What the link carries, bit/s; `None` is unknown, and nothing is held back for it.
    fn estimate(&self, now: Instant) -> Option<u64> {
        let may_come = now.saturating_duration_since(self.begun) < NO_FEEDBACK;
        self.estimate_bps.filter(|_| may_come || self.fed_since.is_some())
    }

    fn is_young(&self, now: Instant) -> bool {
        self.fed_since.is_none_or(|since| now.saturating_duration_since(since) < YOUNG)
    }

    /// Nothing has shown yet that there is something that the link does not carry: nothing is paused for its estimate.
    fn is_unproven(&self, now: Instant) -> bool {
        self.is_young(now) || !self.falls.has_bound()
    }

    /// A share for what has changed. Before the link is known, and where it has failed before, nothing begins larger than
    /// its smallest layer, and nothing at all right after that; while no bound of it is known, nothing is paused either.
    fn afresh(&self, now: Instant, left_bps: u64, wishes: &[Wish]) -> Share {
        let careful = self.is_young(now) || self.climb.is_wary(now);
        let unproven = self.is_unproven(now);
        let settles = self.falls.is_recent(now);
        let limit = |wish: &Wish| {
            let top = wish.rates.len().checked_sub(1);
            if settles {
                wish.current
            } else if careful {
                top.map(|_| wish.current.unwrap_or(0))
            } else {
                top
            }
        };
        let mut share = share_out(left_bps, wishes, limit);
        for (layer, wish) in share.iter_mut().zip(wishes).filter(|(layer, _)| unproven && layer.is_none()) {
            *layer = wish.current.or(wish.rates.first().map(|_| 0));
        }
        share
    }

    /// What is left of the present share when the link does not carry it; `None` if it does.
    fn fallen(&mut self, now: Instant, estimate: u64, sound: u64, wishes: &[Wish]) -> Option<Share> {
        let have = current(wishes);
        if self.is_unproven(now) || self.mourns_until.is_some() || total(wishes, &have) == 0 {
            return None;
        }
        let fall = self.falls.look(now, estimate, sound + total(wishes, &have))?;
        self.climb.fell(now);
        let fits = |budget: u64, limit: fn(&Wish) -> Option<usize>| {
            share_out(budget.saturating_sub(sound), wishes, limit)
        };
        Some(match fall {
            Fall::All => vec![None; wishes.len()],
            Fall::Excess => fits(estimate, |wish| wish.current),
            Fall::Half => {
                let least = fits(estimate, |wish| wish.current.map(|_| 0));
                let half = fits(estimate / 2, |wish| wish.current);
                half.into_iter().zip(least).map(|(half, least)| half.or(least)).collect()
            }
        })
    }

    /// At least the step, and on a link that has not failed as far as the estimate reaches.
    fn risen(&mut self, now: Instant, left_bps: u64, step: Share, wishes: &[Wish]) -> Share {
        let mut share = step;
        if !self.climb.is_wary(now) {
            let spare = left_bps.saturating_sub(with_margin(total(wishes, &share)));
            raise(spare, wishes, &mut share, |wish| wish.rates.len().checked_sub(1));
        }
        self.climb.rose(now);
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = Duration::from_millis(250);

    /// One picture, on a link whose estimate the test states.
    struct Link {
        now: Instant,
        receiver: Receiver,
        wish: Wish,
        lost: f32,
    }

    impl Link {
        fn with(rates: &[u64]) -> Self {
            let now = Instant::now();
            let wish = Wish { line: 0, rates: rates.to_vec(), current: None };
            let mut link = Self { now, receiver: Receiver::new(now), wish, lost: 0.0 };
            link.decide(300_000, true);
            link
        }

        fn decide(&mut self, estimate_bps: u64, anew: bool) -> Verdict {
            self.receiver.estimated(self.now, Some(Bitrate::bps(estimate_bps)), Some(self.lost), true);
            let verdict = self.receiver.decide(self.now, std::slice::from_ref(&self.wish), anew);
            self.wish.current = verdict.share[0];
            verdict
        }

        /// Looks on for a while; which layer it has then.
        fn goes_on(&mut self, ms: u64, estimate_bps: u64) -> Option<usize> {
            for _ in 0..ms / 250 {
                self.now += LOOK;
                self.decide(estimate_bps, false);
            }
            self.wish.current
        }
    }

    const CAMERA: &[u64] = &[120_000, 450_000, 1_500_000];

    #[test]
    fn it_begins_small_and_rises_as_far_as_the_link_is_known_to_carry() {
        let mut link = Link::with(CAMERA);
        assert_eq!(link.wish.current, Some(0));
        assert_eq!(link.goes_on(1000, 2_000_000), Some(2), "with no step between");
        let mut link = Link::with(CAMERA);
        assert_eq!(link.goes_on(20_000, 600_000), Some(1));
    }

    #[test]
    fn a_young_estimate_pauses_nothing() {
        let mut link = Link::with(&[900_000]);
        link.lost = 0.3;
        assert_eq!(link.goes_on(2250, 300_000), Some(0));
        assert_eq!(link.goes_on(1000, 300_000), None);
    }

    #[test]
    fn a_first_estimate_pauses_nothing_while_all_that_is_sent_arrives() {
        let mut link = Link::with(&[900_000]);
        assert_eq!(link.goes_on(10_000, 300_000), Some(0));
        link.decide(300_000, true);
        assert_eq!(link.goes_on(10_000, 400_000), Some(0), "nor when somebody comes");
        assert_eq!(link.goes_on(250, 350_000), None, "a link that is overused");
    }

    #[test]
    fn what_a_break_of_the_path_has_lost_says_nothing_of_the_link() {
        let mut link = Link::with(&[900_000]);
        assert_eq!(link.goes_on(5000, 1_200_000), Some(0));
        link.receiver.path_is_back(link.now);
        link.lost = 1.0;
        assert_eq!(link.goes_on(500, 300_000), Some(0));
        link.now += LOOK;
        let verdict = link.decide(150_000, false);
        assert_eq!(verdict.share, [Some(0)]);
        assert_eq!(verdict.sought.and_then(|sought| sought.restart_bps), Some(1_200_000));
        assert_eq!(link.goes_on(250, 300_000), None, "what is found after that counts");
    }

    #[test]
    fn it_falls_at_once_when_the_link_is_squeezed_and_after_a_while_when_it_is_in_doubt() {
        let mut link = Link::with(CAMERA);
        assert_eq!(link.goes_on(5000, 3_000_000), Some(2));
        link.now += LOOK;
        let verdict = link.decide(400_000, false);
        assert_eq!((verdict.share[0], verdict.at_once), (Some(0), true));
        let mut link = Link::with(CAMERA);
        link.goes_on(5000, 3_000_000);
        assert_eq!(link.goes_on(250, 1_200_000), Some(2), "a doubt");
        assert_eq!(link.goes_on(250, 1_450_000), Some(2), "that passed");
        assert_eq!(link.goes_on(750, 1_200_000), Some(1));
    }

    #[test]
    fn on_a_link_that_does_not_carry_the_smallest_it_is_paused_and_the_client_told() {
        let mut link = Link::with(CAMERA);
        link.goes_on(5000, 3_000_000);
        assert_eq!(link.goes_on(5000, 90_000), None);
        let mid = Mid::from("v");
        assert_eq!(link.receiver.paused_to_tell(link.now, &[mid]), None, "not yet");
        link.now += TOLD_AFTER;
        assert_eq!(link.receiver.paused_to_tell(link.now, &[mid]), Some(vec![mid]));
        assert_eq!(link.receiver.paused_to_tell(link.now, &[mid]), None, "once");
        assert_eq!(link.receiver.paused_to_tell(link.now, &[]), Some(vec![]));
    }

    #[test]
    fn after_a_squeeze_it_is_back_at_the_top_within_fifteen_seconds() {
        let mut link = Link::with(CAMERA);
        link.goes_on(5000, 3_000_000);
        assert_eq!(link.goes_on(30_000, 80_000), None);
        // The estimate grows as probes find out: to twice what it was with each step.
        let mut estimate = 80_000;
        let mut waited = 0;
        while link.wish.current != Some(2) {
            estimate = (estimate + estimate / 8).min(3_000_000);
            link.goes_on(250, estimate);
            waited += 250;
            assert!(waited < 15_000, "at {:?}", link.wish.current);
        }
    }

    #[test]
    fn sound_is_taken_from_the_estimate_first_and_slim_on_a_narrow_link() {
        let mut link = Link::with(CAMERA);
        for _ in 0..400 {
            link.now += Duration::from_millis(20);
            link.receiver.heard(link.now, 160);
            if link.now.duration_since(link.receiver.begun).as_millis() % 250 < 20 {
                link.decide(150_000, false);
            }
        }
        // 64 kb/s of 150.
        assert_eq!(link.goes_on(250, 150_000), None);
        assert!(link.receiver.wants_slim_sound());
        link.goes_on(250, 300_000);
        assert!(link.receiver.wants_slim_sound());
        link.goes_on(8000, 360_000);
        assert_eq!(link.wish.current, Some(0));
        assert!(!link.receiver.wants_slim_sound());
    }

    #[test]
    fn without_feedback_nothing_is_held_back() {
        let now = Instant::now();
        let mut receiver = Receiver::new(now);
        let wish = Wish { line: 0, rates: CAMERA.to_vec(), current: None };
        receiver.estimated(now, Some(Bitrate::bps(300_000)), None, true);
        let first = receiver.decide(now, std::slice::from_ref(&wish), true);
        assert_eq!(first.share, [Some(0)]);
        let later = receiver.decide(now + NO_FEEDBACK, &[wish], false);
        assert_eq!((later.share, later.sought), (vec![Some(2)], None));
    }
}
