//! The legs of the path from mouth to ear: what lies between the server and a participant, and between it and whoever they
//! hear, which the windows of the others tell.

use std::collections::BTreeMap;

use bianque_quality::Source;
use bianque_quality::far::{RoundTrip, RoundTrips, far_rtt_ms};

use super::windows::Window;

/// The legs of one participant, by reporter.
#[derive(Default)]
struct Legs {
    browser: RoundTrips,
    server: RoundTrips,
}

/// Fills the legs of every window that says what was heard. A browser's readings of a leg go before the server's, which stand
/// in where it has none: Firefox tells a round trip of what it sends alone.
pub(super) fn fill(windows: &mut [Window]) {
    let legs = legs(windows);
    for window in windows {
        let (from, to) = (window.rate.from, window.rate.to);
        if let Some(media) = &mut window.media {
            let own = legs.get(&window.participant);
            media.rtt_ms = media.rtt_ms.or_else(|| own?.server.mean_ms(from, to));
            let others = legs.iter().filter(|(participant, _)| **participant != window.participant);
            media.far_rtt_ms =
                far_rtt_ms(others.map(|(_, legs)| {
                    legs.browser.mean_ms(from, to).or_else(|| legs.server.mean_ms(from, to))
                }));
        }
    }
}

fn legs(windows: &[Window]) -> BTreeMap<String, Legs> {
    let mut by_reporter: BTreeMap<(&str, Source), Vec<RoundTrip>> = BTreeMap::new();
    for window in windows.iter().filter(|window| window.rate.connected) {
        if let Some(ms) = window.rtt_ms {
            let reading = RoundTrip { from: window.rate.from, to: window.rate.to, ms };
            by_reporter.entry((&window.participant, window.rate.source)).or_default().push(reading);
        }
    }
    let mut legs: BTreeMap<String, Legs> = BTreeMap::new();
    for ((participant, source), readings) in by_reporter {
        let of = legs.entry(participant.to_owned()).or_default();
        match source {
            Source::BrowserEstimate => of.browser = RoundTrips::new(readings),
            Source::ServerEstimate => of.server = RoundTrips::new(readings),
            Source::Probe => {}
        }
    }
    legs
}
