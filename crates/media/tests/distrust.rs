//! Whatever comes from the network, nothing panics and nobody's call ends.

mod harness;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use bianque_media::{Command, Remote, Source};
use harness::{Flight, SERVER, Stage, stage};
use proptest::prelude::*;

fn call() -> Stage {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| flows(s, patient, "doctor") && flows(s, doctor, "patient"));
    stage
}

fn flows(stage: &Stage, index: usize, from: &str) -> bool {
    stage.clients[index].arrived_from(from, Source::Camera) > 3
}

fn assert_call_goes_on(stage: &mut Stage) {
    for client in &mut stage.clients {
        client.arrived.clear();
    }
    stage.run_until(2000, "media goes on", |s| flows(s, 0, "doctor") && flows(s, 1, "patient"));
    assert_eq!(stage.core.counters().failures, 0);
}

/// First bytes that lead into every parser: STUN, DTLS, RTP and RTCP (RFC 7983).
fn datagram() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        Just(vec![0u8, 1]),
        Just(vec![1, 1]),
        Just(vec![22, 254, 253]),
        Just(vec![23, 254, 253]),
        Just(vec![0x80, 96]),
        Just(vec![0x90, 111]),
        Just(vec![0x80, 200]),
        Just(vec![0x81, 206]),
        Just(vec![]),
    ];
    (first, prop::collection::vec(any::<u8>(), 0..200)).prop_map(|(mut first, rest)| {
        first.extend(rest);
        first
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn garbage_from_anywhere_is_dropped(
        datagrams in prop::collection::vec((any::<bool>(), datagram()), 1..200)
    ) {
        let mut stage = call();
        let known = stage.clients[0].address;
        let unknown = "203.0.113.50:5".parse().unwrap();
        for (from_known, bytes) in &datagrams {
            let from = if *from_known { known } else { unknown };
            stage.core.handle_datagram(stage.now, Remote::udp(from), bytes);
            while stage.core.poll_output().is_some() {}
        }
        assert_call_goes_on(&mut stage);
    }

    #[test]
    fn damaged_descriptions_are_refused_or_understood(
        edits in prop::collection::vec((any::<prop::sample::Index>(), "\\PC{0,12}", any::<bool>()), 1..6)
    ) {
        let mut stage = call();
        let mut stranger = harness::Client::new(stage.now, "203.0.113.50:5".parse().unwrap(), "stranger");
        let (good, _) = stranger.offer_microphone_and_camera();
        let mut lines: Vec<String> = good.lines().map(str::to_owned).collect();
        for (index, text, replace) in &edits {
            let at = index.index(lines.len());
            if *replace {
                lines[at].push_str(text);
            } else {
                lines.remove(at);
            }
        }
        let sdp = lines.join("\r\n") + "\r\n";
        stranger.gone = true;
        stage.clients.push(stranger);
        stage.join_with(2, sdp.clone(), BTreeMap::new());
        let session = stage.clients[2].session;
        stage.core.handle_command(stage.now, Command::Answer { session, sdp: sdp.clone() });
        stage.core.handle_command(stage.now, Command::Offer { session, sdp, sources: BTreeMap::new() });
        while stage.core.poll_output().is_some() {}
        assert_call_goes_on(&mut stage);
    }
}

#[test]
fn an_offer_that_is_refused_while_ours_is_open_leaves_the_call_as_it_was() {
    let mut stage = call();
    let third = harness::Client::new(stage.now, "203.0.113.50:5".parse().unwrap(), "third");
    stage.clients.push(third);
    let (sdp, sources) = stage.clients[2].offer_microphone_and_camera();
    let restart = stage.clients[0].offer_ice_restart();
    // The first client is offered the tracks of the third, and says something else before it has read that.
    stage.clients[2].gone = true;
    stage.join_with(2, sdp, sources);
    let without_camera = restart.split("m=video").next().unwrap().to_owned();
    let session = stage.clients[0].session;
    for sdp in [without_camera.replace("setup:actpass", "setup:nonsense"), without_camera] {
        stage.core.handle_command(stage.now, Command::Offer { session, sdp, sources: BTreeMap::new() });
        while stage.core.poll_output().is_some() {}
    }
    assert_eq!(stage.core.counters().failures, 0, "nothing panicked");
}

/// What clients of a call send for a while, sealed as it goes over the network.
fn overheard(stage: &mut Stage) -> Vec<Vec<u8>> {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let ear = Rc::clone(&heard);
    stage.loss = Box::new(move |flight: &Flight| {
        let media = flight.bytes.first().is_some_and(|first| (128..192).contains(first));
        if flight.to.to_string() == SERVER && media {
            ear.borrow_mut().push(flight.bytes.clone());
        }
        false
    });
    stage.run_ms(500);
    stage.loss = Box::new(|_| false);
    // Until the last of them have come.
    stage.run_ms(50);
    heard.take()
}

#[test]
fn packets_of_another_room_are_dropped_whoever_sends_them() {
    let mut elsewhere = call();
    let packets = overheard(&mut elsewhere);
    assert!(packets.len() > 50, "{}", packets.len());
    let mut stage = call();
    let (known, dropped) = (stage.clients[0].address, stage.core.counters().dropped);
    for from in [known, "203.0.113.50:5".parse().unwrap()] {
        for packet in &packets {
            stage.core.handle_datagram(stage.now, Remote::udp(from), packet);
        }
    }
    let forwarded = stage.core.counters().forwarded;
    stage.drain();
    assert_eq!(stage.core.counters().forwarded, forwarded, "nobody is sent what is not of the room");
    assert!(stage.core.counters().dropped - dropped >= packets.len() as u64, "{:?}", stage.core.counters());
    assert_call_goes_on(&mut stage);
}

#[test]
fn packets_that_were_overheard_and_are_sent_again_reach_nobody_twice() {
    let mut stage = call();
    stage.clients[1].arrived.clear();
    let packets = overheard(&mut stage);
    let (known, forwarded) = (stage.clients[0].address, stage.core.counters().forwarded);
    for packet in &packets {
        stage.core.handle_datagram(stage.now, Remote::udp(known), packet);
    }
    stage.drain();
    assert_eq!(stage.core.counters().forwarded, forwarded);
    let all: Vec<(String, u64)> =
        stage.clients[1].arrived.iter().map(|packet| (packet.mid.clone(), packet.sequence)).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    assert_call_goes_on(&mut stage);
}
