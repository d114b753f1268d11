//! RTP of one who is in the call and sends what they like, with keys that are right: nothing panics, and the others are heard.

#![no_main]

#[path = "../../crates/media/tests/harness/mod.rs"]
mod harness;

use std::cell::RefCell;

use bianque_media::Source;
use harness::{Stage, stage};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static CALL: RefCell<Option<(Stage, u32)>> = const { RefCell::new(None) };
}

const INPUTS_PER_CALL: u32 = 500;

fuzz_target!(|data: &[u8]| {
    CALL.with_borrow_mut(|call| {
        let (stage, inputs) = call.get_or_insert_with(|| (connected(), 0));
        *inputs += 1;
        // Per packet: which line, a jump of the sequence number, a jump of the timestamp, the length of the payload.
        let mut rest = data;
        while let Some(([line, sequence, timestamp, length], after)) = rest.split_first_chunk::<4>() {
            let (payload, after) = after.split_at(usize::from(*length).min(after.len()));
            rest = after;
            stage.clients[0].say(stage.now, usize::from(*line), *sequence, *timestamp, payload.to_vec());
            stage.run_ms(1);
        }
        if *inputs % 50 == 0 {
            others_are_heard(stage);
        }
        if *inputs >= INPUTS_PER_CALL {
            *call = None;
        }
    });
});

fn connected() -> Stage {
    let mut stage = stage();
    for who in ["stranger", "patient", "doctor"] {
        stage.join(who);
    }
    others_are_heard(&mut stage);
    stage
}

fn others_are_heard(stage: &mut Stage) {
    for client in &mut stage.clients {
        client.arrived.clear();
    }
    let flows = |s: &Stage, index: usize, from: &str| s.clients[index].arrived_from(from, Source::Camera) > 1;
    stage.run_until(4_000, "media", |s| flows(s, 1, "doctor") && flows(s, 2, "patient"));
    assert_eq!(stage.core.counters().failures, 0);
}
