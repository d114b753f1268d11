//! Opus with redundancy, as stories: who speaks it, who does not, and what is lost on the way.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod harness;

use bianque_media::Source::Microphone;
use harness::client::Equipment;
use harness::{Narrow, Stage, stage};

const WITH: Equipment = Equipment { simulcast: false, redundancy: true };
const WITHOUT: Equipment = Equipment { simulcast: false, redundancy: false };

/// The numbers of the voice's packets that are in what arrived from `from`: those that came, and those in others.
fn heard(stage: &Stage, to: usize, from: &str) -> Vec<u8> {
    let mid = stage.clients[to].mid_of(from, Microphone).unwrap();
    let packets = stage.clients[to].arrived.iter().filter(|a| a.mid == mid);
    let number = |opus: &[u8]| opus[1];
    let mut numbers: Vec<(u64, u8)> = Vec::new();
    for packet in packets {
        if packet.redundant {
            let blocks = str0m::rtp::RedDecoder::decode(&packet.payload).unwrap();
            numbers.extend(
                blocks.iter().filter(|b| !b.is_primary).map(|b| (packet.sequence - 1, number(b.payload))),
            );
            numbers.push((packet.sequence, number(blocks.last().unwrap().payload)));
        } else {
            numbers.push((packet.sequence, number(&packet.payload)));
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers.into_iter().map(|(_, number)| number).collect()
}

/// Part of the voice's packets that are missing in what was heard.
fn missing(numbers: &[u8]) -> f64 {
    let gaps: u32 = numbers.windows(2).map(|w| (u32::from(w[1]) + 251 - u32::from(w[0]) - 1) % 251).sum();
    f64::from(gaps) / (f64::from(gaps) + numbers.len() as f64)
}

/// Loses every twentieth packet of media that goes from or to this client, and now and then two in a row.
fn lose_5_percent(stage: &mut Stage, index: usize) {
    let address = stage.clients[index].address;
    let mut random = 12_345u64;
    stage.loss = Box::new(move |flight| {
        let media = (flight.from == address || flight.to == address) && flight.bytes[0] & 0xc0 == 0x80;
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        media && (random >> 33) % 100 < 5
    });
}

fn call(of: Equipment, with: Equipment) -> (Stage, usize, usize) {
    let mut stage = stage();
    let patient = stage.join_equipped("patient", of);
    let doctor = stage.join_equipped("doctor", with);
    stage.run_until(2000, "sound", |s| s.clients[doctor].arrived_from("patient", Microphone) > 20);
    stage.clients[doctor].arrived.clear();
    (stage, patient, doctor)
}

#[test]
fn between_two_who_speak_it_redundancy_passes_as_it_is() {
    let (mut stage, _, doctor) = call(WITH, WITH);
    lose_5_percent(&mut stage, doctor);
    stage.run_ms(30_000);
    assert!(stage.clients[doctor].arrived_from("patient", Microphone) > 1300);
    let mid = stage.clients[doctor].mid_of("patient", Microphone).unwrap();
    assert!(stage.clients[doctor].arrived.iter().filter(|a| a.mid == mid).all(|a| a.redundant));
    let with = missing(&heard(&stage, doctor, "patient"));
    let (mut stage, _, doctor) = call(WITHOUT, WITHOUT);
    lose_5_percent(&mut stage, doctor);
    stage.run_ms(30_000);
    let without = missing(&heard(&stage, doctor, "patient"));
    eprintln!("5 % loss: {:.2} % missing without redundancy, {:.2} % with", without * 100.0, with * 100.0);
    assert!(without > 0.035 && with < 0.008, "{without} and {with}");
}

#[test]
fn who_does_not_speak_it_gets_what_is_inside_and_what_was_lost_on_the_way_to_us() {
    let (mut stage, patient, doctor) = call(WITH, WITHOUT);
    lose_5_percent(&mut stage, patient);
    stage.run_ms(30_000);
    let mid = stage.clients[doctor].mid_of("patient", Microphone).unwrap();
    let packets: Vec<_> = stage.clients[doctor].arrived.iter().filter(|a| a.mid == mid).collect();
    assert!(packets.iter().all(|a| !a.redundant && a.payload.len() == 60));
    let mut sequences: Vec<u64> = packets.iter().map(|a| a.sequence).collect();
    let count = sequences.len();
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), count, "no number twice");
    let lost = missing(&heard(&stage, doctor, "patient"));
    assert!(lost < 0.008, "{lost}");
}

#[test]
fn a_listener_by_sound_hears_it_too() {
    let mut stage = stage();
    stage.join_equipped("patient", WITH);
    let listener = stage.join_sound("doctor");
    stage.run_ms(3000);
    let frames = &stage.sounds[listener].heard;
    assert!(frames.len() > 100, "{}", frames.len());
    assert!(frames.iter().all(|frame| frame.opus.len() == 60 && frame.opus[0] == 0xfc));
}

#[test]
fn on_a_narrow_link_redundancy_gives_way() {
    let (mut stage, _, doctor) = call(WITH, WITH);
    let address = stage.clients[doctor].address;
    stage.narrow.insert(address, Narrow::new(100_000, 5_000));
    stage.run_ms(15_000);
    stage.clients[doctor].arrived.clear();
    stage.run_ms(2000);
    let mid = stage.clients[doctor].mid_of("patient", Microphone).unwrap();
    let slim = stage.clients[doctor].arrived.iter().filter(|a| a.mid == mid && !a.redundant).count();
    assert!(slim > 90, "{slim}");
}
