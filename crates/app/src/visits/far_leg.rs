//! What lies between the server and whoever a participant hears, found in the windows of the others.

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

/// Fills `far_rtt_ms` of every window that says what was heard. The browser's readings of a leg go before the server's,
/// because the near leg is the browser's reading too.
pub(super) fn fill(windows: &mut [Window]) {
    let legs = legs(windows);
    for window in windows {
        let (from, to) = (window.rate.from, window.rate.to);
        if let Some(media) = &mut window.media {
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
