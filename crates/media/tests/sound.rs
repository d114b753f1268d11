//! Calls in which some have sound alone, as stories.

mod harness;

use bianque_media::{
    CallState, Command, Dropped, EndReason, Rung, SoundFrame, SoundGate, SoundInput, Source,
};
use harness::{Stage, stage, stage_for};
use proptest::prelude::*;

use Source::{Camera, Microphone};

fn hears(stage: &Stage, client: usize, who: &str) -> bool {
    stage.clients[client].arrived_from(who, Microphone) > 5
}

fn forget(stage: &mut Stage) {
    for client in &mut stage.clients {
        client.arrived.clear();
    }
    for sound in &mut stage.sounds {
        sound.heard.clear();
    }
}

/// Two on WebRTC and one on sound, who all hear each other.
fn mixed() -> (Stage, usize, usize, usize) {
    let mut stage = stage();
    let (doctor, nurse) = (stage.join("doctor"), stage.join("nurse"));
    let patient = stage.join_sound("patient");
    stage.run_until(3000, "all hear all", |s| {
        [doctor, nurse].iter().all(|c| hears(s, *c, "patient"))
            && ["doctor", "nurse"].iter().all(|who| s.sounds[patient].heard_of(who) > 5)
            && hears(s, doctor, "nurse")
            && hears(s, nurse, "doctor")
    });
    (stage, doctor, nurse, patient)
}

#[test]
fn two_with_pictures_and_one_with_sound_all_hear_all() {
    let (mut stage, doctor, nurse, patient) = mixed();
    assert_eq!(stage.sounds[patient].states, [CallState::Connected]);
    // The Opus of a frame is that of the packet, in both directions.
    assert!(stage.sounds[patient].heard.iter().all(|frame| frame.opus.len() == 60 && frame.opus[0] == 0xfc));
    let line = stage.clients[doctor].mid_of("patient", Microphone).unwrap();
    let words = stage.sounds[patient].words();
    let packets: Vec<_> = stage.clients[doctor].arrived.iter().filter(|a| a.mid == line).collect();
    assert!(packets.iter().all(|p| p.payload == words && p.level == Some(-30) && p.extensions_are_ours));
    // No picture is sent to who hears alone, and the pictures of the others go on.
    stage.run_ms(500);
    assert!(stage.clients[nurse].arrived_from("doctor", Camera) > 5);
    assert!(stage.clients[doctor].mid_of("patient", Camera).is_none());
    let mut two_way = stage.sounds[patient].two_way.clone();
    two_way.sort();
    assert_eq!(two_way, ["doctor", "nurse"]);
    for client in [doctor, nurse] {
        assert_eq!(stage.clients[client].two_way.iter().filter(|(who, _)| who == "patient").count(), 1);
    }
}

#[test]
fn sound_alone_is_a_call() {
    let mut stage = stage();
    let (a, b) = (stage.join_sound("a"), stage.join_sound("b"));
    stage.run_ms(500);
    assert!(stage.sounds[a].heard_of("b") > 20 && stage.sounds[b].heard_of("a") > 20);
    assert_eq!(stage.sounds[a].two_way, ["b"]);
    // Numbered without a gap, in time.
    let heard = &stage.sounds[a].heard;
    assert!(heard.windows(2).all(|w| w[1].sequence == w[0].sequence + 1));
    assert!(heard.windows(2).all(|w| w[1].timestamp == w[0].timestamp + 960));
    stage.leave_sound(a);
    assert!(stage.sounds[a].ended);
    stage.command(Command::CloseRoom { room: "room".into() });
    let CallState::Disconnected { code, .. } = stage.sounds[b].states.last().unwrap() else {
        panic!("the end")
    };
    assert_eq!(*code, EndReason::RoomClosed);
    assert_eq!(stage.core.population(), (0, 0));
}

#[test]
fn who_listens_by_sound_hears_the_two_loudest_of_four() {
    let mut stage = stage_for(5);
    let people = ["a", "b"].map(|who| stage.join(who));
    let voices = ["c", "d"].map(|who| stage.join_sound(who));
    for (client, level) in people.iter().zip([-20, -50]) {
        stage.clients[*client].level = level;
    }
    for (sound, level) in voices.iter().zip([45, 25]) {
        stage.sounds[*sound].level = Some(level);
    }
    let listener = stage.join_sound("listener");
    stage.sounds[listener].level = None;
    stage.run_ms(3000);
    forget(&mut stage);
    stage.run_ms(1000);
    let heard = |s: &Stage, who: &str| s.sounds[listener].heard_of(who);
    assert!(heard(&stage, "a") > 40 && heard(&stage, "d") > 40);
    assert_eq!((heard(&stage, "b"), heard(&stage, "c")), (0, 0));
    // The quiet one becomes the loudest and takes the place of the quieter of the two.
    stage.clients[people[1]].level = -10;
    stage.run_ms(1500);
    forget(&mut stage);
    stage.run_ms(1000);
    let counts = ["a", "b", "c", "d"].map(|who| heard(&stage, who));
    assert!(counts[0] > 40 && counts[1] > 40, "{counts:?}");
    assert_eq!((heard(&stage, "c"), heard(&stage, "d")), (0, 0));
    // Silence is not sent.
    for client in people {
        stage.clients[client].level = -90;
    }
    for sound in voices {
        stage.sounds[sound].level = None;
    }
    stage.run_ms(1000);
    forget(&mut stage);
    stage.run_ms(1000);
    assert!(stage.sounds[listener].heard.is_empty());
}

#[test]
fn sound_stands_in_for_webrtc_without_a_second_voice_and_the_lines_go_on() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| hears(s, doctor, "patient") && hears(s, patient, "doctor"));
    let (offers, line) = (stage.clients[doctor].offers, stage.clients[doctor].mid_of("patient", Microphone));
    let address = stage.clients[patient].address;
    // The patient's UDP dies; after some seconds their page goes down to sound.
    stage.loss = Box::new(move |flight| flight.from == address || flight.to == address);
    stage.run_ms(4000);
    forget(&mut stage);
    let overlay = stage.join_sound("patient");
    stage.run_until(500, "the voice by sound", |s| hears(s, doctor, "patient"));
    assert_eq!(stage.clients[doctor].mid_of("patient", Microphone), line, "on the same line");
    assert_eq!(stage.clients[doctor].offers, offers, "with no negotiation");
    let words = stage.sounds[overlay].words();
    stage.run_ms(4000);
    // UDP is back while the sound goes on: one voice at a time.
    forget(&mut stage);
    stage.loss = Box::new(|_| false);
    stage.run_ms(1500);
    let mid = line.unwrap();
    let voice: Vec<_> = stage.clients[doctor].arrived.iter().filter(|a| a.mid == mid).collect();
    let changed = voice.iter().position(|packet| packet.payload != words).expect("WebRTC again");
    assert!(voice[changed..].iter().all(|packet| packet.payload != words), "and no word by sound after it");
    assert!(voice.len() < 90, "{} packets in 1.5 s are one voice", voice.len());
    assert!(voice.windows(2).all(|w| w[1].sequence > w[0].sequence && w[1].sequence - w[0].sequence < 20));
    stage.leave_sound(overlay);
    forget(&mut stage);
    stage
        .run_until(500, "the call as before", |s| hears(s, doctor, "patient") && hears(s, patient, "doctor"));
    assert_eq!(stage.clients[doctor].offers, offers);
}

#[test]
fn time_on_sound_is_no_outage() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(2000, "media", |s| hears(s, doctor, "patient"));
    let address = stage.clients[patient].address;
    stage.loss = Box::new(move |flight| flight.from == address || flight.to == address);
    stage.run_ms(4000);
    let overlay = stage.join_sound("patient");
    let from = stage.core_time();
    stage.run_ms(26_000);
    let windows = &stage.sounds[overlay].windows;
    assert!(windows.len() >= 5 && windows.iter().all(|w| w.connected && w.transport == Some(Rung::Sound)));
    let out = stage.windows(patient).iter().filter(|w| !w.connected && w.to.0 > from.0 + 3_000_000).count();
    assert_eq!(out, 0, "{:?}", stage.windows(patient));
    let window = windows.last().unwrap();
    assert!((79.0..81.0).contains(&window.rtt_ms.unwrap()), "{window:?}");
    assert!((245..=255).contains(&window.packets_up) && window.packets_down > 200, "{window:?}");
    assert_eq!(window.loss_up, None);
    assert!(window.jitter_up_ms.is_some_and(|jitter| jitter < 2.0), "{window:?}");
}

#[test]
fn frames_that_are_missing_are_a_loss_and_those_that_are_late_are_dropped() {
    let mut stage = stage();
    let (a, b) = (stage.join_sound("a"), stage.join_sound("b"));
    stage.sounds[a].level = None;
    stage.run_ms(100);
    stage.sounds[b].heard.clear();
    let frame = |sequence: u16| {
        let opus = [0b0100_1000, 1].into();
        SoundInput::Frame(SoundFrame { level: 20, sequence, timestamp: u32::from(sequence) * 960, opus })
    };
    for sequence in [10, 11, 14, 14, 12, 15] {
        stage.sound(a, frame(sequence));
        stage.drain();
    }
    assert_eq!(stage.core.counters().sound_out_of_order, 2);
    let heard: Vec<u16> = stage.sounds[b].heard.iter().map(|f| f.sequence).collect();
    assert_eq!(heard.iter().map(|s| s - heard[0]).collect::<Vec<_>>(), [0, 1, 4, 5], "a loss stays visible");
    stage.run_ms(5000);
    let loss = stage.sounds[a].windows.iter().find_map(|w| w.loss_up).unwrap();
    assert!(loss > 0.0 && loss < 0.5, "{loss}");
}

#[test]
fn a_flood_ends_its_own_session_with_a_reason_and_nobody_elses() {
    let (mut stage, doctor, nurse, patient) = mixed();
    let mut gate = SoundGate::new(stage.now);
    let mut reached = 0;
    for number in 0..u16::MAX {
        let message =
            SoundFrame { level: 0, sequence: number, timestamp: 0, opus: [0x48; 600].into() }.to_bytes();
        match gate.admit(stage.now, &message) {
            Ok(frame) => {
                reached += 1;
                stage.sound(patient, SoundInput::Frame(frame));
            }
            Err(Dropped::Flood) => {
                stage.sound(patient, SoundInput::Flooded);
                break;
            }
            Err(_) => {}
        }
    }
    stage.drain();
    assert!(reached < 40, "{reached}");
    let CallState::Disconnected { code, .. } = stage.sounds[patient].states.last().unwrap() else {
        panic!("the end")
    };
    assert_eq!(*code, EndReason::Flooding);
    assert!(stage.sounds[patient].ended);
    forget(&mut stage);
    stage.run_until(1000, "the others", |s| hears(s, doctor, "nurse") && hears(s, nurse, "doctor"));
    assert!(stage.clients[doctor].mid_of("patient", Microphone).is_none());
    assert_eq!(stage.core.counters().failures, 0);
}

#[test]
fn who_is_there_twice_takes_one_place_and_a_room_has_no_more_than_it_has() {
    let mut stage = stage();
    for who in ["a", "b", "c", "d"] {
        stage.join(who);
    }
    let overlay = stage.join_sound("a");
    stage.run_ms(100);
    assert_eq!(stage.sounds[overlay].states, [CallState::Connected]);
    let fifth = stage.join_sound("e");
    assert!(stage.sounds[fifth].ended);
    assert!(matches!(stage.sounds[fifth].states[..], [CallState::Rejected { .. }]));
    // Who opens a second socket takes over from the first.
    let again = stage.join_sound("a");
    assert_eq!(stage.sounds[overlay].states.last(), Some(&CallState::Replaced));
    stage.run_ms(100);
    assert_eq!(stage.sounds[again].states, [CallState::Connected]);
}

#[test]
fn a_listener_of_whom_nothing_comes_is_dropped_in_the_end() {
    let mut stage = stage();
    let (a, b) = (stage.join_sound("a"), stage.join_sound("b"));
    stage.sounds[b].level = None;
    stage.run_ms(40_000);
    assert_eq!(stage.sounds[b].states, [CallState::Connected], "who only listens stays");
    stage.sounds[b].gone = true;
    stage.run_until(40_000, "dropped", |s| s.sounds[b].ended);
    assert!(!stage.sounds[a].ended);
}

/// What a socket may hand over, in any order.
fn input() -> impl Strategy<Value = SoundInput> {
    let frame = (0u8..128, any::<u16>(), any::<u32>(), prop::collection::vec(any::<u8>(), 1..40));
    let frame = frame.prop_map(|(level, sequence, timestamp, opus)| {
        SoundInput::Frame(SoundFrame { level, sequence, timestamp, opus: opus.into() })
    });
    let heard =
        any::<u32>().prop_map(|ms| SoundInput::Heard { rtt: std::time::Duration::from_millis(ms.into()) });
    prop_oneof![8 => frame, 1 => heard]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_sound_session_sends_the_others_go_on(inputs in prop::collection::vec(input(), 1..300)) {
        let (mut stage, doctor, nurse, patient) = mixed();
        stage.sounds[patient].level = None;
        for input in inputs {
            stage.sound(patient, input);
            stage.run_ms(1);
        }
        forget(&mut stage);
        stage.run_until(2000, "the others", |s| hears(s, doctor, "nurse") && hears(s, nurse, "doctor"));
        assert_eq!(stage.core.counters().failures, 0);
    }
}
