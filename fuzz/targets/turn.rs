//! Messages on a stream of TURN, of one who knows the credentials and of one who does not: nothing panics, and nothing is
//! relayed but to our own peers.

#![no_main]

use std::sync::Arc;
use std::time::Instant;

use bianque_media::{Cut, Framing, Step, Turn, TurnSecret, TurnServer};
use libfuzzer_sys::fuzz_target;

const NOW_S: u64 = 1_800_000_000;

fuzz_target!(|data: &[u8]| {
    let now = Instant::now();
    let peers = vec!["192.0.2.1:10000".parse().expect("an address"), "[2001:db8::1]:10000".parse().expect("an address")];
    let server = Arc::new(TurnServer::new(TurnSecret::new([7; 32]), peers));
    let mut turn = Turn::new(server, "198.51.100.7:4000".parse().expect("an address"), 5, "n0nce".to_owned());
    let mut rest = data;
    while let Cut::Frame { begin, end, next } = Framing::Turn.cut(rest) {
        let Some(message) = rest.get(begin..end) else { return };
        rest = rest.get(next..).unwrap_or_default();
        match turn.handle(now, NOW_S, message, &mut |_| true) {
            Ok(Step::Datagram(datagram)) => {
                assert!(turn.remote().is_some(), "nothing is relayed before an allocation");
                assert!(message.len() > datagram.len(), "more is relayed than came");
            }
            Ok(_) => {}
            Err(_) => return,
        }
    }
});
