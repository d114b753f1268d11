//! What a client says on its socket, as JSON, to a room in which it is: nothing panics, and the other one's session goes on.

#![no_main]

use std::time::Instant;

use bianque_media::{ClientSignal, Command, Config, Core, Join, MediaEvent, Output, SessionId};
use bianque_model::Timestamp;
use libfuzzer_sys::fuzz_target;

const OTHER: SessionId = SessionId(1);

fuzz_target!(|data: &[u8]| {
    let now = Instant::now();
    let mut core = Core::new(now, Timestamp(0), Config::new(vec!["192.0.2.1:10000".parse().expect("an address")]));
    core.handle_join(now, OTHER, join("other", OFFER));
    let mut session = SessionId(2);
    // One frame per line, as they would follow each other.
    for line in data.split(|byte| *byte == b'\n').take(8) {
        let Ok(signal) = serde_json::from_slice(line) else { continue };
        let command = match signal {
            ClientSignal::Join { sdp, sources } => {
                session = SessionId(session.0 + 1);
                core.handle_join(now, session, Join { sources, ..join("one", &sdp) });
                continue;
            }
            ClientSignal::Offer { sdp, sources } => Command::Offer { session, sdp, sources },
            ClientSignal::Answer { sdp } => Command::Answer { session, sdp },
            ClientSignal::View { shown } => Command::View { session, shown },
            ClientSignal::Leave => Command::Leave { session },
        };
        core.handle_command(now, command);
        core.handle_timeout(now);
    }
    while let Some(output) = core.poll_output() {
        if let Output::Event(OTHER, MediaEvent::Signal(signal)) = &output {
            let said = format!("{signal:?}");
            assert!(!said.contains("Disconnected") && !said.contains("Rejected"), "the other was told {said}");
        }
    }
});

fn join(who: &str, sdp: &str) -> Join {
    Join { room: "room".into(), participant: who.into(), sdp: sdp.to_owned(), sources: Default::default() }
}

/// A microphone and a camera, as a browser offers them.
const OFFER: &str = include_str!("../seeds/offer.sdp");
