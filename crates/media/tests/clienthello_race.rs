//! The `ClientHello` race: whoever gets a DTLS `ClientHello` to the media port before the participant does must neither
//! become the other end of the call nor keep the participant out (Enable Security, "A novel DoS vulnerability affecting
//! WebRTC media servers", 2024). DTLS is listened to only from addresses that proved the password of the session.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is a failed test")]

mod harness;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use bianque_media::{Remote, Source};
use harness::{Stage, stage};

/// Where a DTLS record tells the type of its handshake message (RFC 6347, sections 4.1 and 4.2.2).
const HANDSHAKE_TYPE: usize = 13;

fn is_client_hello(bytes: &[u8]) -> bool {
    bytes.first() == Some(&22) && bytes.get(HANDSHAKE_TYPE) == Some(&1)
}

/// A `ClientHello` as a real DTLS stack writes it, and the binding request that came before it.
fn captured() -> (Vec<u8>, Vec<u8>) {
    let seen = Rc::new(RefCell::new((None, None)));
    let mut stage = stage();
    let hook = Rc::clone(&seen);
    stage.loss = Box::new(move |flight| {
        let mut seen = hook.borrow_mut();
        if is_client_hello(&flight.bytes) {
            seen.0.get_or_insert_with(|| flight.bytes.clone());
        }
        if flight.to == harness::SERVER.parse().unwrap() && flight.bytes.starts_with(&[0, 1]) {
            seen.1.get_or_insert_with(|| flight.bytes.clone());
        }
        false
    });
    stage.join("somebody");
    stage.run_ms(500);
    let (hello, request) = seen.borrow().clone();
    (hello.expect("a handshake began"), request.expect("ICE was first"))
}

fn attacker() -> SocketAddr {
    "203.0.113.66:4444".parse().unwrap()
}

/// Gives the core a datagram; answers what it sends to that address.
fn inject(stage: &mut Stage, from: SocketAddr, bytes: &[u8]) -> usize {
    let before = stage.core.counters().datagrams_out;
    stage.core.handle_datagram(stage.now, Remote::udp(from), bytes);
    stage.drain();
    usize::try_from(stage.core.counters().datagrams_out - before).unwrap()
}

fn flows(stage: &Stage) -> bool {
    let heard = |index: usize, from| stage.clients[index].arrived_from(from, Source::Microphone) > 5;
    heard(0, "doctor") && heard(1, "patient")
}

#[test]
fn clienthello_race_a_stranger_who_is_first_gets_no_answer_and_keeps_nobody_out() {
    let (hello, _) = captured();
    let mut stage = stage();
    stage.join("patient");
    // Before the participant's first check has arrived.
    for _ in 0..50 {
        assert_eq!(inject(&mut stage, attacker(), &hello), 0);
    }
    stage.join("doctor");
    // In the middle of both handshakes: one every few milliseconds.
    for _ in 0..40 {
        stage.run_ms(3);
        assert_eq!(inject(&mut stage, attacker(), &hello), 0);
    }
    stage.run_until(2000, "the call goes on", flows);
    assert!(stage.core.counters().dropped >= 90);
}

#[test]
fn clienthello_race_a_check_without_the_password_opens_no_way_for_it() {
    let (hello, request) = captured();
    let mut stage = stage();
    let (requests, hook) = (Rc::new(RefCell::new(Vec::new())), harness::SERVER.parse().unwrap());
    let seen = Rc::clone(&requests);
    stage.loss = Box::new(move |flight| {
        if flight.to == hook && flight.bytes.starts_with(&[0, 1]) {
            seen.borrow_mut().push(flight.bytes.clone());
        }
        false
    });
    stage.join("patient");
    stage.join("doctor");
    stage.run_ms(15);
    // The right names of the session, as they go over the wire in the clear, under a password that is not theirs.
    let mut forged = requests.borrow().first().expect("a check is under way").clone();
    let last = forged.len() - 12;
    forged[last] ^= 1;
    for bytes in [&forged, &request, &hello] {
        assert_eq!(inject(&mut stage, attacker(), bytes), 0);
    }
    stage.run_until(2000, "the call goes on", flows);
}

#[test]
fn clienthello_race_one_in_the_name_of_the_participant_does_not_end_a_call() {
    let (hello, _) = captured();
    let mut stage = stage();
    let patient = stage.join("patient");
    stage.join("doctor");
    let address = stage.clients[patient].address;
    stage.run_until(2000, "the call", flows);
    for _ in 0..50 {
        inject(&mut stage, address, &hello);
        stage.run_ms(5);
    }
    for client in &mut stage.clients {
        client.arrived.clear();
    }
    stage.run_until(1000, "the call goes on", flows);
    assert_eq!(stage.core.counters().failures, 0);
    assert_eq!(stage.states(patient).len(), 1, "nobody was told of an interruption");
}
