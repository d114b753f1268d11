//! Whether a client can be heard.
//!
//! ICE alone is slow to notice a loss: as the lite side we send no checks, and wait 15 s for one of the client's. But a
//! client that is there sends something at least every 2.5 s (its consent checks, RFC 7675), so silence tells sooner.

use std::time::{Duration, Instant};

/// A link that is silent for so long is down: two checks in a row were lost, and nothing else came.
const SILENCE: Duration = Duration::from_secs(6);
/// A session whose link is down for so long is over. Long enough for an ICE restart on a bad network.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same when the client closed its connection and did not say that it leaves: a page that is loaded again is back
/// within seconds.
const PATIENCE_CLOSED: Duration = Duration::from_secs(10);

/// A client that shows or sends pictures sends packets of sound and says of pictures that they came many times a second.
/// When nothing of it came for so long, what is lost of pictures is more than is sent again.
const BREAK: Duration = Duration::from_millis(700);

#[derive(Debug)]
pub(crate) struct Link {
    security: Security,
    reachable: bool,
    heard: Instant,
    /// The last packet of media, or report on it.
    flowed: Option<Instant>,
    up: bool,
    down_since: Instant,
}

/// How far DTLS is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    Shaking,
    Done,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Up(Instant),
    /// Down, and since when.
    Down(Instant),
    Over,
}

impl Link {
    pub(crate) fn new(now: Instant) -> Self {
        let (security, reachable, flowed) = (Security::Shaking, true, None);
        Self { security, reachable, heard: now, flowed, up: false, down_since: now }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.up
    }

    pub(crate) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// For how long nothing was heard.
    pub(crate) fn silence(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.heard)
    }

    /// Media came, or a report on it: the client sends by the path that it has chosen. Answers whether that is so again,
    /// after a break.
    pub(crate) fn flows(&mut self, now: Instant) -> bool {
        let before = self.flowed.replace(now);
        before.is_some_and(|before| now.saturating_duration_since(before) >= BREAK)
    }

    /// DTLS is done.
    pub(crate) fn secured(&mut self) {
        if self.security == Security::Shaking {
            self.security = Security::Done;
        }
    }

    pub(crate) fn reachable(&mut self, reachable: bool) {
        self.reachable = reachable;
    }

    /// The client closed the connection.
    pub(crate) fn closed(&mut self) {
        self.security = Security::Closed;
    }

    /// What has changed since it was last asked.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<Change> {
        let silent = now.saturating_duration_since(self.heard) >= SILENCE;
        let up = self.security == Security::Done && self.reachable && !silent;
        if up == self.up {
            return (!up && now >= self.down_since + self.patience()).then_some(Change::Over);
        }
        self.up = up;
        if up {
            return Some(Change::Up(now));
        }
        self.down_since = if silent { self.heard } else { now };
        Some(Change::Down(self.down_since))
    }

    pub(crate) fn deadline(&self) -> Instant {
        if self.up { self.heard + SILENCE } else { self.down_since + self.patience() }
    }

    fn patience(&self) -> Duration {
        if self.security == Security::Closed { PATIENCE_CLOSED } else { PATIENCE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_takes_a_link_down_and_a_packet_brings_it_back() {
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        let mut link = Link::new(start);
        assert_eq!(link.poll(at(1)), None);
        link.secured();
        assert_eq!(link.poll(at(1)), Some(Change::Up(at(1))));
        link.heard(at(2));
        assert_eq!(link.deadline(), at(8));
        assert_eq!(link.poll(at(8)), Some(Change::Down(at(2))));
        link.heard(at(9));
        assert_eq!(link.poll(at(9)), Some(Change::Up(at(9))));
        assert_eq!(link.poll(at(15)), Some(Change::Down(at(9))));
        assert_eq!(link.poll(at(38)), None);
        assert_eq!(link.poll(at(39)), Some(Change::Over));
    }

    #[test]
    fn media_that_comes_again_after_a_break_is_told_once() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut link = Link::new(start);
        let told: Vec<bool> =
            [100, 120, 800, 1500, 1520, 3000].map(|ms| link.flows(at(ms))).into_iter().collect();
        assert_eq!(told, [false, false, false, true, false, true]);
    }

    #[test]
    fn a_session_that_never_connects_ends() {
        let start = Instant::now();
        let mut link = Link::new(start);
        assert_eq!(link.deadline(), start + PATIENCE);
        assert_eq!(link.poll(start + PATIENCE), Some(Change::Over));
    }
}
