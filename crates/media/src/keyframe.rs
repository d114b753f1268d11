//! Asking a sender for a keyframe until it comes.
//!
//! A request can be lost, and so can the keyframe. One that was asked for too early after another is not dropped but
//! kept until it may be sent.

use std::time::{Duration, Instant};

/// The least time between two requests for one track.
const INTERVAL: Duration = Duration::from_millis(300);
/// After this many requests without a keyframe the sender has probably paused its track; ask less often.
const EAGER_REQUESTS: u32 = 6;
const PATIENT_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct KeyframeRequest {
    wanted: bool,
    last_sent: Option<Instant>,
    unanswered: u32,
}

impl KeyframeRequest {
    /// Somebody cannot decode without a keyframe.
    pub(crate) fn want(&mut self) {
        if !self.wanted {
            self.wanted = true;
            self.unanswered = 0;
        }
    }

    /// A keyframe began.
    pub(crate) fn answered(&mut self) {
        self.wanted = false;
    }

    /// Nobody is left who wants one.
    pub(crate) fn cancel(&mut self) {
        self.wanted = false;
    }

    /// Whether a request is to be sent now.
    pub(crate) fn poll(&mut self, now: Instant) -> bool {
        let due = self.next().is_some_and(|at| at.is_none_or(|at| at <= now));
        if due {
            self.last_sent = Some(now);
            self.unanswered = self.unanswered.saturating_add(1);
        }
        due
    }

    /// When to poll, if at all.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        self.next().map(|at| at.unwrap_or(now))
    }

    /// `Some(None)` is "at once".
    #[expect(clippy::option_option, reason = "not at all, at once, and at a time are three things")]
    fn next(&self) -> Option<Option<Instant>> {
        let interval = if self.unanswered < EAGER_REQUESTS { INTERVAL } else { PATIENT_INTERVAL };
        self.wanted.then(|| self.last_sent.map(|last| last + interval))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_repeated_until_the_keyframe_comes() {
        let start = Instant::now();
        let mut request = KeyframeRequest::default();
        assert!(!request.poll(start));
        request.want();
        let sent: Vec<u64> =
            (0..2000).filter(|ms| request.poll(start + Duration::from_millis(*ms))).collect();
        assert_eq!(sent, [0, 300, 600, 900, 1200, 1500]);
        request.answered();
        assert!(!request.poll(start + Duration::from_mins(1)));
        assert_eq!(request.deadline(start), None);
    }

    #[test]
    fn a_request_right_after_another_is_kept_and_sent_later() {
        let start = Instant::now();
        let mut request = KeyframeRequest::default();
        request.want();
        assert!(request.poll(start));
        request.answered();
        request.want();
        assert!(!request.poll(start + Duration::from_millis(10)));
        assert_eq!(request.deadline(start), Some(start + INTERVAL));
        assert!(request.poll(start + INTERVAL));
    }
}
