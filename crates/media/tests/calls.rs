//! Calls as stories: who joins, what happens, who sees and hears whom.

mod harness;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bianque_media::{CallState, Command, EndReason, Key, RejectCode, Remote, Source};
use harness::{Stage, WALL, stage};
use str0m::media::MediaKind;

use Source::{Camera, Microphone, Screen};

/// Everyone sees and hears everyone.
fn all_flow(stage: &Stage, who: &[usize]) -> bool {
    who.iter().all(|a| {
        who.iter().filter(|b| *b != a).all(|b| {
            let sender = &stage.clients[*b].who;
            stage.clients[*a].arrived_from(sender, Camera) > 5
                && stage.clients[*a].arrived_from(sender, Microphone) > 5
        })
    })
}

fn forget_arrivals(stage: &mut Stage) {
    for client in &mut stage.clients {
        client.arrived.clear();
    }
}

fn rejected(stage: &Stage, index: usize) -> Option<RejectCode> {
    match stage.states(index).last() {
        Some(CallState::Rejected { code, .. }) => Some(*code),
        _ => None,
    }
}

#[test]
fn two_people_see_and_hear_each_other() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    let took = stage.run_until(2000, "media both ways", |s| all_flow(s, &[patient, doctor]));
    assert!(took.as_millis() < 1000, "{took:?}");
    assert_eq!(stage.states(patient), [CallState::Connected]);
    for client in &stage.clients {
        let other = if client.who == "patient" { "doctor" } else { "patient" };
        let camera = client.mid_of(other, Camera).unwrap();
        let video: Vec<_> = client.arrived.iter().filter(|a| a.mid == camera).collect();
        assert!(begins_keyframe(&video[0].payload), "the first picture is a keyframe");
        assert!(client.arrived.iter().all(|a| a.extensions_are_ours));
    }
}

fn begins_keyframe(payload: &[u8]) -> bool {
    payload[4] & 1 == 0
}

#[test]
fn two_way_media_begins_when_both_are_received_and_not_when_both_are_connected() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.clients[doctor].silent = true;
    stage.run_until(2000, "one way", |s| s.clients[doctor].arrived_from("patient", Microphone) > 20);
    assert_eq!((stage.states(patient).len(), stage.states(doctor).len()), (1, 1), "both are connected");
    assert!(stage.clients.iter().all(|client| client.two_way.is_empty()));
    // Sound alone is media.
    (stage.clients[doctor].silent, stage.clients[doctor].camera_off) = (false, true);
    let before = stage.now;
    let took = stage.run_until(1000, "both ways", |s| s.clients.iter().all(|c| !c.two_way.is_empty()));
    stage.run_ms(3000);
    let at = WALL.0 + i64::try_from((before + took - stage.start).as_micros()).unwrap();
    for (told, with) in [(patient, "doctor"), (doctor, "patient")] {
        let [(who, when)] = &stage.clients[told].two_way[..] else { panic!("told once") };
        assert_eq!(who, with);
        assert!((at - when.0).abs() < 50_000, "{} against {at}", when.0);
    }
    // Who comes again is another session.
    stage.vanish(patient);
    let again = stage.join("patient");
    stage.run_until(2000, "both ways again", |s| s.clients[again].two_way.len() == 1);
    assert_eq!(stage.clients[doctor].two_way.len(), 2);
}

#[test]
fn four_fit_and_a_fifth_is_refused() {
    let mut stage = stage();
    let all: Vec<usize> = ["a", "b", "c", "d"].iter().map(|who| stage.join(who)).collect();
    stage.run_until(3000, "all flows", |s| all_flow(s, &all));
    let fifth = stage.join("e");
    assert_eq!(rejected(&stage, fifth), Some(RejectCode::RoomFull));
    assert!(stage.clients[fifth].ended);
    forget_arrivals(&mut stage);
    stage.run_until(2000, "all still flows", |s| all_flow(s, &all));
    // One of the four may come again all the same.
    stage.vanish(all[0]);
    let again = stage.join("a");
    stage.run_until(2000, "a is back", |s| all_flow(s, &[again, all[1], all[2], all[3]]));
}

#[test]
fn who_reloads_replaces_themselves_and_the_others_lines_go_on() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| all_flow(s, &[patient, doctor]));
    let (offers, tracks) = (stage.clients[doctor].offers, stage.clients[doctor].tracks.clone());
    let before = stage.clients[doctor].arrived.clone();
    stage.vanish(patient);
    stage.run_ms(500);
    let again = stage.join("patient");
    assert_eq!(stage.states(patient).last(), Some(&CallState::Replaced));
    forget_arrivals(&mut stage);
    stage.run_until(1500, "media again", |s| all_flow(s, &[again, doctor]));
    assert_eq!(stage.clients[doctor].offers, offers, "no new negotiation");
    assert_eq!(stage.clients[doctor].tracks, tracks);
    // The same lines, numbered on: to the receiver nothing was replaced.
    for track in &tracks {
        let last = before.iter().rfind(|a| a.mid == track.mid).unwrap();
        let next = stage.clients[doctor].arrived.iter().find(|a| a.mid == track.mid).unwrap();
        assert!(next.sequence - last.sequence < 40, "{} then {}", last.sequence, next.sequence);
        assert!(next.timestamp.wrapping_sub(last.timestamp) < 90_000);
    }
}

#[test]
fn lines_of_who_left_are_used_again() {
    let mut stage = stage();
    let (a, b) = (stage.join("a"), stage.join("b"));
    stage.run_until(2000, "media", |s| all_flow(s, &[a, b]));
    for round in 0..5 {
        let who = format!("guest{round}");
        let guest = stage.join(&who);
        stage.run_until(2000, "guest in", |s| all_flow(s, &[a, b, guest]));
        stage.leave(guest);
        assert!(stage.clients[guest].ended);
        stage.vanish(guest);
        stage.run_until(1000, "guest gone", |s| s.clients[a].mid_of(&who, Camera).is_none());
        stage.run_ms(300);
    }
    let lines = stage.clients[a].tracks.len();
    assert_eq!(lines, 2);
    let sdp = stage.clients[a].offer_ice_restart();
    let count = sdp.lines().filter(|line| line.starts_with("m=")).count();
    assert_eq!(count, 6, "two of its own, two of b, two of whoever else is there");
}

#[test]
fn a_screen_is_added_and_taken_away_during_the_call() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| all_flow(s, &[patient, doctor]));
    let (sdp, _) = stage.clients[doctor].offer_lines(&[(MediaKind::Video, Screen)]);
    stage.offer(doctor, sdp);
    stage.run_until(2000, "screen", |s| s.clients[patient].arrived_from("doctor", Screen) > 5);
    assert!(all_flow(&stage, &[patient, doctor]));
}

#[test]
fn when_both_offer_at_once_the_client_wins_and_nothing_is_lost() {
    let mut stage = stage();
    let (a, b) = (stage.join("a"), stage.join("b"));
    stage.run_until(2000, "media", |s| all_flow(s, &[a, b]));
    // `a` has an offer open when a third person makes the server offer too.
    let (sdp, _) = stage.clients[a].offer_lines(&[(MediaKind::Video, Screen)]);
    let ignored = stage.clients[a].offers;
    let c = stage.join("c");
    assert_eq!(stage.clients[a].offers, ignored + 1);
    stage.offer(a, sdp);
    stage.run_until(3000, "all flows", |s| {
        all_flow(s, &[a, b, c])
            && s.clients[b].arrived_from("a", Screen) > 5
            && s.clients[c].arrived_from("a", Screen) > 5
    });
}

#[test]
fn ice_restart_from_a_new_address_brings_media_back() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| all_flow(s, &[patient, doctor]));
    // The old network is dead: nothing from or to its address arrives.
    let old = stage.clients[patient].address;
    stage.loss = Box::new(move |flight| flight.from == old || flight.to == old);
    stage.run_ms(6500);
    let silent =
        CallState::Disconnected { code: EndReason::Silent, message: "nothing is heard from the client" };
    assert_eq!(stage.states(patient).last(), Some(&silent));
    stage.clients[patient].move_to(SocketAddr::from(([203, 0, 113, 9], 4444)));
    let sdp = stage.clients[patient].offer_ice_restart();
    stage.offer(patient, sdp);
    forget_arrivals(&mut stage);
    let took = stage.run_until(3000, "media again", |s| all_flow(s, &[patient, doctor]));
    assert!(took.as_millis() < 1500, "{took:?}");
    assert_eq!(stage.states(patient).last(), Some(&CallState::Connected));
    let windows = stage.windows(patient);
    assert!(windows.iter().any(|w| !w.connected), "the outage is in the windows");
    assert!(windows.windows(2).all(|w| w[0].to == w[1].from), "and they have no gap");
}

#[test]
fn malformed_descriptions_harm_nobody() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| all_flow(s, &[patient, doctor]));
    let session = stage.clients[patient].session;
    for sdp in ["", "hello", "v=0\r\n", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"] {
        stage.command(Command::Offer { session, sdp: sdp.into(), sources: BTreeMap::new() });
        assert_eq!(rejected(&stage, patient), Some(RejectCode::MalformedSdp), "{sdp:?}");
        stage.command(Command::Answer { session, sdp: sdp.into() });
        assert!(rejected(&stage, patient).is_some());
    }
    let mallory = stage.clients.len();
    let client = harness::Client::new(stage.now, "198.51.100.66:1".parse().unwrap(), "mallory");
    stage.clients.push(client);
    stage.join_with(mallory, "nonsense".into(), BTreeMap::new());
    assert_eq!(rejected(&stage, mallory), Some(RejectCode::MalformedSdp));
    assert!(stage.clients[mallory].ended);
    forget_arrivals(&mut stage);
    stage.run_until(1000, "media goes on", |s| all_flow(s, &[patient, doctor]));
}

#[test]
fn a_keyframe_request_is_repeated_until_it_is_answered() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| all_flow(s, &[patient, doctor]));
    stage.run_ms(1000);
    let mid = stage.clients[doctor].mid_of("patient", Camera).unwrap();
    let (asked, sent) = (stage.clients[patient].keyframes_asked, stage.clients[patient].keyframes_sent);
    // For a second nothing but media gets through to the patient: the requests are lost.
    let address = stage.clients[patient].address;
    stage.loss = Box::new(move |flight| flight.to == address);
    stage.clients[doctor].ask_for_keyframe(&mid);
    stage.run_ms(1000);
    assert_eq!(stage.clients[patient].keyframes_asked, asked);
    stage.loss = Box::new(|_| false);
    stage.run_until(800, "the keyframe", |s| s.clients[patient].keyframes_sent > sent);
    let asked = stage.clients[patient].keyframes_asked;
    stage.run_ms(2000);
    assert!(stage.clients[patient].keyframes_asked <= asked + 1, "once answered it is not asked again");
}

#[test]
fn a_camera_that_is_off_costs_little_and_comes_back() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| all_flow(s, &[patient, doctor]));
    stage.clients[patient].camera_off = true;
    stage.run_ms(3000);
    forget_arrivals(&mut stage);
    stage.run_ms(1000);
    assert_eq!(stage.clients[doctor].arrived_from("patient", Camera), 0);
    assert!(stage.clients[doctor].arrived_from("patient", Microphone) > 20);
    stage.clients[patient].camera_off = false;
    stage.run_until(1000, "picture", |s| s.clients[doctor].arrived_from("patient", Camera) > 5);
}

#[test]
fn who_vanishes_is_dropped_in_the_end_and_the_room_goes_with_the_last() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| all_flow(s, &[patient, doctor]));
    stage.vanish(patient);
    stage.run_until(40_000, "dropped", |s| s.clients[patient].ended);
    assert!(stage.clients[doctor].tracks.is_empty());
    assert_eq!(stage.core.population(), (1, 1));
    stage.command(Command::CloseRoom { room: "room".into() });
    assert!(stage.clients[doctor].ended);
    assert_eq!(stage.core.population(), (0, 0));
    assert_eq!(stage.core.next_timeout(), None);
}

#[test]
fn a_packet_goes_on_in_the_moment_in_which_it_comes() {
    let mut stage = stage();
    let people: Vec<usize> =
        ["patient", "doctor", "aunt", "uncle"].iter().map(|who| stage.join(who)).collect();
    stage.run_until(3000, "media", |s| all_flow(s, &people));
    let behind = |stage: &Stage, a: usize, b: usize, source| {
        stage.clients[b].sent_of(source) - stage.clients[a].arrived_from(&stage.clients[b].who, source)
    };
    let pairs = || people.iter().flat_map(|a| people.iter().map(|b| (*a, *b))).filter(|(a, b)| a != b);
    let before: Vec<[usize; 2]> =
        pairs().map(|(a, b)| [Camera, Microphone].map(|source| behind(&stage, a, b, source))).collect();
    for _ in 0..200 {
        stage.run_ms(50);
        // Twenty milliseconds on the way are a packet or two, and so is the moment in which is looked.
        for ((a, b), before) in pairs().zip(&before) {
            let now = [Camera, Microphone].map(|source| behind(&stage, a, b, source));
            let more = now.iter().zip(before).map(|(now, before)| now.saturating_sub(*before)).max();
            assert!(
                more <= Some(2),
                "{} waits for {}: {now:?} {before:?}",
                stage.clients[a].who,
                stage.clients[b].who
            );
        }
    }
}

#[test]
fn a_core_that_shares_its_port_says_what_is_for_it_and_gives_it_back() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| all_flow(s, &[patient, doctor]));
    let address = |index: usize| Key::Address(Remote::udp(stage.clients[index].address));
    let fragments = stage.claims.iter().filter(|key| matches!(key, Key::Fragment(_))).count();
    assert_eq!((stage.claims.len(), fragments), (4, 2));
    assert!(stage.claims.contains(&address(patient)) && stage.claims.contains(&address(doctor)));
    stage.command(Command::CloseRoom { room: "room".into() });
    assert!(stage.claims.is_empty(), "{:?}", stage.claims);
}

#[test]
fn everybody_is_told_of_a_restart_and_why_the_call_ends_with_it() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    let aunt = stage.join_sound("aunt");
    stage.run_until(2000, "media", |s| all_flow(s, &[patient, doctor]));
    stage.core.handle_notice(stage.now, Duration::from_secs(7));
    stage.drain();
    assert_eq!(stage.sounds[aunt].restart_within_s, Some(7));
    forget_arrivals(&mut stage);
    stage.run_until(2000, "media goes on", |s| all_flow(s, &[patient, doctor]));
    stage.core.handle_shutdown(stage.now);
    stage.drain();
    for index in [patient, doctor] {
        assert_eq!(stage.clients[index].restart_within_s, Some(7));
        let Some(CallState::Disconnected { code, .. }) = stage.states(index).last() else {
            panic!("the end")
        };
        assert_eq!(*code, EndReason::Restarting);
    }
}

#[test]
fn windows_tell_rate_loss_and_round_trip() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| all_flow(s, &[patient, doctor]));
    let from = stage.clients[doctor].address;
    let mut count = 0u32;
    stage.loss = Box::new(move |flight| {
        let media = flight.from == from && flight.bytes[0] & 0x80 != 0;
        count += u32::from(media);
        media && count.is_multiple_of(10)
    });
    stage.run_ms(21_000);
    let window = stage.windows(doctor).last().unwrap();
    assert!(window.connected);
    let length = window.to.0 - window.from.0;
    assert_eq!(length, 5_000_000);
    let loss = window.loss_up.unwrap();
    assert!((0.03..0.3).contains(&loss), "{window:?}");
    assert!((15.0..40.0).contains(&window.rtt_ms.unwrap()), "{window:?}");
    assert!(window.packets_up > 200 && window.packets_down > 200, "{window:?}");
    assert!(window.goodput_up_bps > 100_000 && window.goodput_up_bps < 400_000, "{window:?}");
    let window = stage.windows(patient).last().unwrap();
    let estimate = window.estimate_down.unwrap();
    assert!(estimate.bps > window.goodput_down_bps, "{window:?}");
    assert!(window.jitter_up_ms.is_some(), "{window:?}");
}
