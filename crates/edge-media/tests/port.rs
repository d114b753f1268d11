//! The port as use cases see it: commands in, events out, over a real socket and thread.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bianque_edge_media::{Handle, Options, start};
use bianque_media::{
    CallState, Command, EndReason, Join, MediaControl, MediaEvent, Refused, RejectCode, ServerSignal,
    SessionId,
};
use str0m::Rtc;
use str0m::media::{Direction, MediaKind};

fn port() -> Handle {
    start(&Options::new("127.0.0.1:0".parse().unwrap())).unwrap()
}

fn offer() -> String {
    let mut rtc = Rtc::new(Instant::now());
    let mut changes = rtc.sdp_api();
    changes.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
    changes.apply().unwrap().0.to_sdp_string()
}

fn join(control: &dyn MediaControl, who: &str, sdp: &str) -> (SessionId, Receiver<MediaEvent>) {
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    let sink = move |event: MediaEvent| sender.lock().unwrap().send(event).unwrap_or(());
    let join = Join { room: "r".into(), participant: who.into(), sdp: sdp.into(), sources: BTreeMap::new() };
    (control.join(join, Arc::new(sink)).unwrap(), receiver)
}

fn next(events: &Receiver<MediaEvent>) -> MediaEvent {
    events.recv_timeout(Duration::from_secs(5)).expect("an event")
}

#[test]
fn a_good_offer_is_answered_with_the_address_to_send_to() {
    let port = port();
    let (_, events) = join(&*port.control(), "patient", &offer());
    let MediaEvent::Signal(ServerSignal::Answer { sdp }) = next(&events) else { panic!("an answer") };
    let address = port.local_addr();
    assert!(sdp.contains("a=ice-lite"));
    assert!(sdp.contains(&format!("{} {} typ host", address.ip(), address.port())), "{sdp}");
}

#[test]
fn a_bad_offer_is_refused_and_the_sink_let_go() {
    let port = port();
    let (session, events) = join(&*port.control(), "patient", "v=0");
    let MediaEvent::Signal(ServerSignal::State(CallState::Rejected { code, .. })) = next(&events) else {
        panic!("a refusal")
    };
    assert_eq!(code, RejectCode::MalformedSdp);
    assert!(events.recv_timeout(Duration::from_secs(5)).is_err(), "the sink is gone");
    port.control().command(Command::Leave { session }).unwrap();
}

#[test]
fn the_end_of_the_process_ends_calls_with_their_last_window() {
    let port = port();
    let control = port.control();
    let (_, events) = join(&*control, "patient", &offer());
    assert!(matches!(next(&events), MediaEvent::Signal(ServerSignal::Answer { .. })));
    port.shutdown();
    let MediaEvent::Window(window) = next(&events) else { panic!("the last window") };
    assert!(window.to > window.from && !window.connected);
    let MediaEvent::Signal(ServerSignal::State(CallState::Disconnected { code, .. })) = next(&events) else {
        panic!("the end")
    };
    assert_eq!(code, EndReason::Restarting);
    let refused = control.command(Command::CloseRoom { room: "r".into() });
    assert_eq!(refused, Err(Refused::Stopped));
}

#[test]
fn garbage_is_counted_and_harms_nobody() {
    let port = port();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for length in [0, 1, 20, 100, 3000] {
        socket.send_to(&vec![0; length], port.local_addr()).unwrap();
    }
    let begun = Instant::now();
    while port.metrics().dropped < 5 {
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", port.metrics());
        std::thread::sleep(Duration::from_millis(20));
    }
    let (_, events) = join(&*port.control(), "patient", &offer());
    assert!(matches!(next(&events), MediaEvent::Signal(ServerSignal::Answer { .. })));
}
