//! When a receiver may have more than it has: finding out without hurting what it has.
//!
//! The estimate of a link that is not filled tells little of what more it would carry. While there is a step up, str0m is
//! asked to probe towards it with short bursts of padding; how high they go is bounded by what they would do to the sound
//! on a link that carries no more. A link that let us down before is tried with padding for a second before a picture
//! takes its place: padding stops the moment the link is full, a picture only at a keyframe.

use std::time::{Duration, Instant};

/// Between two rounds of probes. A round ends early where they fail, and goes on by itself where they succeed.
const PROBE_EVERY: Duration = Duration::from_secs(4);
/// So much is looked for even where less is sent: whether there is room for redundancy is known from it.
const LEAST_SOUGHT_BPS: u64 = 400_000;
/// After a fall the network empties its queues: no probe is added to them.
const QUIET: Duration = Duration::from_secs(2);
/// An estimate moves with every report; one that has not moved for so long will not.
const STUCK: Duration = Duration::from_secs(2);
/// The estimate has to be high enough for so long.
const STEADY: Duration = Duration::from_millis(500);
/// How long a step is tried with padding.
const TRIAL: Duration = Duration::from_millis(1200);
/// A step is left alone for so long after it was tried in vain, and for twice that when it is so again.
const BACK_OFF: Duration = Duration::from_secs(4);
const MOST_BACK_OFF: Duration = Duration::from_secs(8);
/// A fall so soon after a rise is the rise's doing.
const RISE_IS_YOUNG: Duration = Duration::from_secs(8);
/// After so long without a fall a link counts as good.
const FORGIVEN: Duration = Duration::from_mins(1);

/// What a receiver has and might have, bit/s with sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "they carry their unit")]
pub(super) struct Prospect {
    /// What is estimated.
    pub(super) estimate_bps: u64,
    /// What is sent now.
    pub(super) now_bps: u64,
    /// What would be sent one step up; `None` at the top.
    pub(super) next_bps: Option<u64>,
    /// What would be sent at the top.
    pub(super) ideal_bps: u64,
}

/// What to ask of the estimator, and whether to rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Course {
    /// Padding fills up to this, bit/s.
    pub(super) minimum_bps: u64,
    /// Probes look for this, bit/s.
    pub(super) desired_bps: u64,
    /// Estimation begins anew where it stands: it has got stuck.
    pub(super) restart: bool,
    /// The next step may be taken now.
    pub(super) rise: bool,
}

#[derive(Debug, Default)]
pub(super) struct Climb {
    fell: Option<Instant>,
    rose: Option<Instant>,
    steady_since: Option<Instant>,
    probed: Option<Instant>,
    trial_ends: Option<Instant>,
    back_off: Duration,
    rests_until: Option<Instant>,
    /// The estimate, and since when it is that.
    standing: Option<(u64, Instant)>,
}

impl Climb {
    /// Looks at what there is, several times a second.
    pub(super) fn look(&mut self, now: Instant, prospect: Prospect) -> Course {
        if self.standing.is_none_or(|(estimate, _)| estimate != prospect.estimate_bps) {
            self.standing = Some((prospect.estimate_bps, now));
        }
        let Some(next) = prospect.next_bps else {
            self.rest();
            let desired_bps = prospect.ideal_bps.max(LEAST_SOUGHT_BPS);
            return Course { minimum_bps: 0, desired_bps, restart: false, rise: false };
        };
        let enough = prospect.estimate_bps >= with_margin(next);
        if !enough {
            self.steady_since = None;
        }
        let steady = enough && now.saturating_duration_since(*self.steady_since.get_or_insert(now)) >= STEADY;
        if !self.is_wary(now) {
            let desired_bps = with_margin(prospect.ideal_bps);
            return Course { minimum_bps: 0, desired_bps, restart: false, rise: steady };
        }
        let rise = self.try_out(now, prospect.estimate_bps >= next, steady);
        let minimum_bps = if self.trial_ends.is_some() { next } else { 0 };
        let (desired_bps, restart) = self.desired(now, next, prospect);
        Course { minimum_bps, desired_bps, restart, rise }
    }

    /// A step up was taken.
    pub(super) fn rose(&mut self, now: Instant) {
        self.rose = Some(now);
        self.rest();
    }

    /// What was sent did not fit.
    pub(super) fn fell(&mut self, now: Instant) {
        if self.rose.take().is_some_and(|rose| now.saturating_duration_since(rose) < RISE_IS_YOUNG) {
            self.failed(now);
        }
        self.fell = Some(now);
        self.rest();
    }

    /// The link has shown that it does not carry everything.
    pub(super) fn is_wary(&self, now: Instant) -> bool {
        self.fell.is_some_and(|fell| now.saturating_duration_since(fell) < FORGIVEN)
    }

    fn rest(&mut self) {
        self.steady_since = None;
        self.trial_ends = None;
    }

    fn failed(&mut self, now: Instant) {
        self.back_off = (self.back_off * 2).clamp(BACK_OFF, MOST_BACK_OFF);
        self.rests_until = Some(now + self.back_off);
        self.rest();
    }

    /// Answers whether a trial has ended well. `holds` is that the link carries the step as far as is known.
    fn try_out(&mut self, now: Instant, holds: bool, steady: bool) -> bool {
        match self.trial_ends {
            Some(_) if !holds => self.failed(now),
            Some(ends) if now >= ends => {
                self.back_off = Duration::ZERO;
                return true;
            }
            None if steady && self.rests_until.is_none_or(|until| now >= until) => {
                self.trial_ends = Some(now + TRIAL);
            }
            Some(_) | None => {}
        }
        false
    }

    /// The estimator probes when what is desired grows: every few seconds it shrinks for one look. An estimate that has not
    /// moved at all is stuck: it was last changed by a doubt, and while a doubt is the last word str0m does not probe. It is
    /// told to begin anew, which begins with probes.
    fn desired(&mut self, now: Instant, next: u64, prospect: Prospect) -> (u64, bool) {
        let trying = self.trial_ends.is_some();
        if self.fell.is_some_and(|fell| now.saturating_duration_since(fell) < QUIET) {
            self.probed = Some(now);
            return (prospect.now_bps.min(prospect.estimate_bps), false);
        }
        let sought = with_margin(next).max(prospect.estimate_bps * 2);
        let sought = sought.min(with_margin(prospect.ideal_bps).max(with_margin(next)));
        let probed = self.probed.map(|probed| now.saturating_duration_since(probed));
        if !trying && probed.is_none_or(|ago| ago >= PROBE_EVERY) {
            self.probed = Some(now);
            let stuck = self.standing.is_some_and(|(_, since)| now.saturating_duration_since(since) >= STUCK);
            return if stuck { (sought, true) } else { (prospect.now_bps.min(prospect.estimate_bps), false) };
        }
        (sought, false)
    }
}

/// What has to be estimated before so much is sent: 15 % more.
pub(super) fn with_margin(bps: u64) -> u64 {
    bps + bps * 3 / 20
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = Duration::from_millis(250);

    struct Link {
        now: Instant,
        climb: Climb,
    }

    impl Link {
        fn new() -> Self {
            Self { now: Instant::now(), climb: Climb::default() }
        }

        fn prospect(estimate_bps: u64) -> Prospect {
            Prospect { estimate_bps, now_bps: 150_000, next_bps: Some(500_000), ideal_bps: 1_600_000 }
        }

        /// Looks for a while; what was said, until a rise.
        fn look(&mut self, ms: u64, estimate_bps: u64) -> Vec<Course> {
            let mut courses = Vec::new();
            for _ in 0..ms / 250 {
                self.now += LOOK;
                courses.push(self.climb.look(self.now, Self::prospect(estimate_bps)));
                if courses.last().is_some_and(|course| course.rise) {
                    break;
                }
            }
            courses
        }
    }

    #[test]
    fn a_link_that_never_failed_is_believed_when_it_is_steady() {
        let mut link = Link::new();
        assert!(link.look(3000, 570_000).iter().all(|course| !course.rise && course.minimum_bps == 0));
        let courses = link.look(3000, 600_000);
        assert_eq!(courses.len(), 3);
        assert!(courses[2].rise);
        assert_eq!(courses[2].desired_bps, with_margin(1_600_000));
    }

    #[test]
    fn a_link_that_failed_is_tried_with_padding_first() {
        let mut link = Link::new();
        link.climb.fell(link.now);
        let courses = link.look(10_000, 600_000);
        let padded = courses.iter().filter(|course| course.minimum_bps == 500_000).count();
        assert!(courses.last().unwrap().rise);
        assert!((4..=6).contains(&padded), "{courses:?}");
        assert!(courses.len() < 10);
    }

    #[test]
    fn a_trial_in_vain_is_followed_by_a_rest_that_grows_to_eight_seconds() {
        let mut link = Link::new();
        link.climb.fell(link.now);
        for rest_s in [4, 8, 8] {
            let tried = link.look(1000, 600_000);
            assert_eq!(tried.last().unwrap().minimum_bps, 500_000, "a trial begins");
            link.look(250, 450_000);
            let resting = link.look(rest_s * 1000 - 500, 600_000);
            assert!(resting.iter().all(|course| course.minimum_bps == 0 && !course.rise), "{rest_s}");
        }
        assert!(link.look(3000, 600_000).last().unwrap().rise);
    }

    #[test]
    fn probes_are_asked_for_every_four_seconds_and_are_bounded() {
        let mut link = Link::new();
        link.climb.fell(link.now);
        let courses: Vec<Course> = (0..48).flat_map(|n| link.look(250, 200_000 + n % 2)).collect();
        // Two seconds are quiet after the fall.
        let dips = courses.windows(2).filter(|w| w[0].desired_bps == 150_000 && w[1].desired_bps > 150_000);
        assert_eq!(dips.count(), 2 + 1);
        assert!(courses.iter().all(|course| course.desired_bps <= 575_000 && !course.restart), "{courses:?}");
        // One that stands still is stuck.
        let restarts = link.look(8000, 200_000).iter().filter(|course| course.restart).count();
        assert!((1..=2).contains(&restarts), "{restarts}");
    }

    #[test]
    fn a_fall_right_after_a_rise_counts_as_a_trial_in_vain() {
        let mut link = Link::new();
        link.climb.rose(link.now);
        link.now += Duration::from_secs(2);
        link.climb.fell(link.now);
        assert!(link.look(3750, 600_000).iter().all(|course| course.minimum_bps == 0));
        assert!(link.look(1000, 600_000).iter().any(|course| course.minimum_bps > 0));
    }
}
