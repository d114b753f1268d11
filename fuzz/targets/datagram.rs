//! Datagrams from anywhere while a call runs: nothing panics, and the call goes on.

#![no_main]

#[path = "../../crates/media/tests/harness/mod.rs"]
mod harness;

use std::cell::RefCell;

use bianque_media::{Remote, Source};
use harness::{Stage, stage};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static CALL: RefCell<Option<(Stage, u32)>> = const { RefCell::new(None) };
}

/// After so many inputs it is a new call, so that what was found can be repeated.
const INPUTS_PER_CALL: u32 = 2_000;

fuzz_target!(|data: &[u8]| {
    CALL.with_borrow_mut(|call| {
        let (stage, inputs) = call.get_or_insert_with(|| (connected(), 0));
        *inputs += 1;
        let known = stage.clients[0].address;
        let unknown = "203.0.113.50:5".parse().expect("an address");
        // One byte of length before each; its last bit says from whom.
        let mut rest = data;
        while let Some((length, after)) = rest.split_first() {
            let (datagram, after) = after.split_at(usize::from(length >> 1).min(after.len()));
            rest = after;
            let from = if length & 1 == 0 { known } else { unknown };
            stage.core.handle_datagram(stage.now, Remote::udp(from), datagram);
            while stage.core.poll_output().is_some() {}
        }
        if *inputs % 200 == 0 {
            goes_on(stage);
        }
        if *inputs >= INPUTS_PER_CALL {
            *call = None;
        }
    });
});

fn connected() -> Stage {
    let mut stage = stage();
    stage.join("patient");
    stage.join("doctor");
    goes_on(&mut stage);
    stage
}

fn goes_on(stage: &mut Stage) {
    for client in &mut stage.clients {
        client.arrived.clear();
    }
    let flows = |s: &Stage, index: usize, from: &str| s.clients[index].arrived_from(from, Source::Camera) > 1;
    stage.run_until(4_000, "media", |s| flows(s, 0, "doctor") && flows(s, 1, "patient"));
    assert_eq!(stage.core.counters().failures, 0);
}
