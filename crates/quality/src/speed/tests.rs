//! Examples computed by hand, and properties.

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp(1_767_348_000_000_000);

fn at(seconds: i64) -> Timestamp {
    START.plus_seconds(seconds)
}

fn estimate(source: Source, from: i64, to: i64, up: f64, down: f64) -> RateWindow {
    RateWindow {
        from: at(from),
        to: at(to),
        connected: true,
        available_up_bps: Some(up),
        available_down_bps: Some(down),
        source,
        application_limited: false,
    }
}

fn probe(from: i64, up: f64, down: f64) -> RateWindow {
    RateWindow { connected: false, ..estimate(Source::Probe, from, from + 3, up, down) }
}

fn limited(window: RateWindow) -> RateWindow {
    RateWindow { application_limited: true, ..window }
}

fn gone(from: i64, to: i64) -> RateWindow {
    RateWindow {
        connected: false,
        available_up_bps: None,
        available_down_bps: None,
        ..estimate(Source::ServerEstimate, from, to, 0.0, 0.0)
    }
}

fn of(windows: &[RateWindow], seconds: i64) -> Result<Speed, Reason> {
    speed(windows, START, at(seconds))
}

use Source::{BrowserEstimate as Browser, ServerEstimate as Server};

#[test]
fn the_lower_direction_counts() {
    let windows = [estimate(Server, 0, 60, 0.7e6, 4e6), estimate(Server, 60, 100, 3e6, 2e6)];
    // Up: 0.7 for 60 s, 3 for 40 s. Down: 4 for 60 s, 2 for 40 s.
    let speed = of(&windows, 100).unwrap();
    assert_eq!((speed.mbps, speed.direction), (0.7, Direction::Up));
    assert_eq!((speed.down.mbps, speed.lower().windows), (4.0, 2));
}

#[test]
fn disconnected_time_counts_as_zero() {
    let call = |until: i64| [estimate(Server, 0, until, 2e6, 2e6), gone(until, 100)];
    assert_eq!(of(&call(51), 100).unwrap().mbps, 2.0);
    assert_eq!(of(&call(50), 100).unwrap().mbps, 0.0, "half of the time at zero");
    // Nobody says anything about the last 60 s: nobody was connected.
    assert_eq!(of(&[estimate(Server, 0, 40, 2e6, 2e6)], 100).unwrap().mbps, 0.0);
    // The server saw the patient go; a window of the browser that says otherwise does not count.
    let contradicted = [estimate(Browser, 0, 100, 2e6, 2e6), gone(40, 100)];
    assert_eq!(of(&contradicted, 100).unwrap().mbps, 0.0);
}

#[test]
fn an_application_limited_estimate_leaves_the_probe_standing() {
    let mostly_limited = [
        probe(-60, 5e6, 20e6),
        limited(estimate(Server, 0, 60, 0.4e6, 0.4e6)),
        estimate(Server, 60, 100, 1e6, 1e6),
    ];
    let speed = of(&mostly_limited, 100).unwrap();
    assert_eq!((speed.mbps, speed.lower().source), (5.0, Source::Probe));
    let refreshed = [
        probe(-60, 5e6, 20e6),
        limited(estimate(Server, 0, 50, 0.4e6, 0.4e6)),
        estimate(Server, 50, 100, 1e6, 1e6),
    ];
    let speed = of(&refreshed, 100).unwrap();
    assert_eq!((speed.mbps, speed.lower().source), (1.0, Server), "it covers half, and holds backwards");
}

#[test]
fn sources_are_never_mixed_in_one_series() {
    // The browser knows the way up, the server the way down.
    let up = RateWindow { available_down_bps: None, ..estimate(Browser, 0, 100, 3e6, 0.0) };
    let down = RateWindow { available_up_bps: None, ..estimate(Server, 0, 100, 0.0, 2e6) };
    let speed = of(&[up, down, probe(-9, 1e6, 1e6)], 100).unwrap();
    assert_eq!((speed.up.source, speed.down.source, speed.mbps), (Browser, Server, 2.0));
    // Where both know a direction the server's is taken whole.
    let both = [estimate(Server, 0, 60, 4e6, 4e6), estimate(Browser, 0, 100, 1e6, 1e6)];
    assert_eq!(of(&both, 100).unwrap().mbps, 4.0);
    // Firefox: no browser estimate, so the way up is the probe.
    let firefox = [down, probe(-9, 1e6, 9e6)];
    let speed = of(&firefox, 100).unwrap();
    assert_eq!((speed.mbps, speed.up.source, speed.down.source), (1.0, Source::Probe, Server));
}

#[test]
fn the_last_probe_before_admission_counts_and_later_ones_follow() {
    let connected = limited(estimate(Server, 0, 100, 0.1e6, 0.1e6));
    let probes = [connected, probe(-300, 9e6, 9e6), probe(-60, 2e6, 2e6), probe(70, 7e6, 7e6)];
    let speed = of(&probes, 100).unwrap();
    assert_eq!((speed.mbps, speed.lower().windows), (2.0, 2), "2 for 70 s, 7 for 30 s");
}

#[test]
fn what_is_not_known_is_a_reason() {
    assert_eq!(of(&[], 0), Err(Reason::NotAdmitted));
    assert_eq!(of(&[], 100), Err(Reason::NoSpeed));
    assert_eq!(of(&[probe(-9, 1e6, 1e6)], 100), Err(Reason::NoSpeed), "nothing says who was connected");
    let down = RateWindow { available_up_bps: None, ..estimate(Server, 0, 100, 0.0, 2e6) };
    assert_eq!(of(&[down], 100), Err(Reason::OneDirection));
    let nonsense = estimate(Server, 0, 100, f64::NAN, -1.0);
    assert_eq!(of(&[nonsense], 100), Err(Reason::NoSpeed));
}

fn any_window() -> impl Strategy<Value = RateWindow> {
    let rate = || proptest::option::of(0.0..50e6_f64);
    let source = prop_oneof![Just(Server), Just(Browser), Just(Source::Probe)];
    (-100..400_i64, 0..60_i64, rate(), rate(), source, any::<bool>(), any::<bool>()).prop_map(
        |(from, length, up, down, source, connected, application_limited)| RateWindow {
            from: at(from),
            to: at(from + length),
            connected,
            available_up_bps: up,
            available_down_bps: down,
            source,
            application_limited,
        },
    )
}

/// The rules again, second by second and without cleverness.
fn by_hand(windows: &[RateWindow], seconds: i64, up: bool) -> Option<f64> {
    let estimate = |w: &&RateWindow| w.source != Source::Probe;
    let covers = |w: &RateWindow, s: i64| w.from <= at(s) && at(s) < w.to;
    let said =
        |s: i64, yes: bool| windows.iter().filter(estimate).any(|w| covers(w, s) && w.connected == yes);
    let connected: Vec<bool> = (0..seconds).map(|s| said(s, true) && !said(s, false)).collect();
    let rate = |w: &RateWindow| if up { w.available_up_bps } else { w.available_down_bps };
    let usable = |source: Source| {
        let mut list: Vec<&RateWindow> = windows
            .iter()
            .filter(|w| w.source == source && !w.application_limited && rate(w).is_some())
            .filter(|w| w.from < w.to && w.from < at(seconds))
            .filter(|w| source == Source::Probe || (w.connected && w.to > START))
            .collect();
        list.sort_by_key(|w| w.from);
        list
    };
    let cover = |source: Source| {
        (0..seconds)
            .filter(|s| {
                connected[usize::try_from(*s).unwrap()] && usable(source).iter().any(|w| covers(w, *s))
            })
            .count()
    };
    let total = connected.iter().filter(|c| **c).count();
    let (server, browser) = (cover(Server), cover(Browser));
    let source = if server > 0 && server * 2 >= total {
        Server
    } else if browser > 0 && browser * 2 >= total {
        Browser
    } else if !usable(Source::Probe).is_empty() {
        Source::Probe
    } else if server.max(browser) == 0 {
        return None;
    } else if server >= browser {
        Server
    } else {
        Browser
    };
    let list = usable(source);
    let value = |s: i64| list.iter().rev().find(|w| w.from <= at(s)).or(list.first()).and_then(|w| rate(w));
    let mut values: Vec<f64> = (0..seconds)
        .map(|s| if connected[usize::try_from(s).unwrap()] { value(s).unwrap() } else { 0.0 })
        .collect();
    values.sort_by(f64::total_cmp);
    Some(values[(values.len() - 1) / 2] / 1e6)
}

proptest! {
    #[test]
    fn it_is_what_the_rules_say(windows in proptest::collection::vec(any_window(), 1..40), seconds in 1..300_i64) {
        let (up, down) = (by_hand(&windows, seconds, true), by_hand(&windows, seconds, false));
        let visited = windows.iter().any(|w| {
            w.source != Source::Probe && w.from < w.to && w.to > START && w.from < at(seconds)
        });
        match of(&windows, seconds) {
            Ok(speed) => {
                prop_assert_eq!(Some(speed.up.mbps), up);
                prop_assert_eq!(Some(speed.down.mbps), down);
                prop_assert_eq!(speed.mbps, speed.up.mbps.min(speed.down.mbps));
            }
            Err(Reason::OneDirection) => prop_assert!(up.is_some() != down.is_some()),
            Err(_) => prop_assert!(!visited || (up.is_none() && down.is_none())),
        }
    }
}
