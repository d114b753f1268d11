//! IPv4 and IPv6 at one port: whoever has either is in the same call.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod crowd;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crowd::{Crowd, crowd};

const PATIENCE: Duration = Duration::from_secs(20);
const FOUR: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SIX: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// A port whose one socket takes both, each told by its own address.
fn of_both(threads: usize) -> Crowd {
    crowd(threads, |options| {
        options.bind = "[::]:0".parse().unwrap();
        options.public = vec!["127.0.0.1:0".parse().unwrap(), "[::1]:0".parse().unwrap()];
        options.fill_permille = 0;
    })
}

#[test]
fn people_with_ipv4_and_with_ipv6_see_and_hear_each_other() {
    // Two threads: sockets that share the port share both versions of it.
    let mut crowd = of_both(2);
    for room in ["a", "b"] {
        for (at, who) in [(FOUR, "patient"), (SIX, "doctor"), (FOUR, "aunt"), (SIX, "interpreter")] {
            crowd.join_at(at, room, who).unwrap();
        }
    }
    crowd.run_until(PATIENCE, "media between all of a room", |c| c.all_flow(50));
    assert_eq!(crowd.port.metrics().failures, 0);
    assert!(crowd.loss() < 0.01, "{}", crowd.loss());
}

#[test]
fn a_phone_that_moves_from_ipv4_to_ipv6_and_back_stays_in_its_call() {
    let mut crowd = of_both(1);
    let phone = crowd.join_at(FOUR, "a", "patient").unwrap();
    crowd.join_at(SIX, "a", "doctor").unwrap();
    crowd.run_until(PATIENCE, "media", |c| c.all_flow(20));
    for at in [SIX, FOUR] {
        crowd.move_to(phone, at);
        crowd.forget_arrivals();
        crowd.run_until(PATIENCE, "media again", |c| c.all_flow(50));
    }
    let connections = crowd.people[phone].client.states.len();
    assert_eq!(connections, 1, "it was never lost: {:?}", crowd.people[phone].client.states);
}
