//! Frames of sound: what is admitted is written back as it came, and the gate counts every one.

#![no_main]

use std::time::{Duration, Instant};

use bianque_media::{SoundFrame, SoundGate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut now = Instant::now();
    let mut gate = SoundGate::new(now);
    let mut rest = data;
    while let Some(([pause, length], after)) = rest.split_first_chunk::<2>() {
        let (message, after) = after.split_at((usize::from(*length) * 4).min(after.len()));
        rest = after;
        now += Duration::from_millis(u64::from(*pause));
        let parsed = SoundFrame::parse(message);
        let admitted = gate.admit(now, message);
        if let Ok(frame) = &admitted {
            assert_eq!(frame.to_bytes(), message, "a frame is written as it was read");
            assert!(frame.ticks() <= 5_760, "a frame is longer than Opus allows");
        }
        assert!(parsed.is_ok() || admitted.is_err(), "what cannot be read is not admitted");
    }
});
