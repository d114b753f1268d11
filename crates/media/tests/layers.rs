//! Layers of pictures, as stories: who shows what, what the network carries, and what therefore arrives.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod harness;

use std::time::Duration;

use bianque_media::{Command, Shown, Source};
use harness::client::{Arrived, Equipment};
use harness::{Narrow, Stage, stage, stage_for};
use str0m::media::MediaKind;

use Source::{Camera, Microphone, Screen};

const BROWSER: Equipment = Equipment { simulcast: true, redundancy: true };

/// Two people whose browsers send their cameras in three sizes.
fn two() -> (Stage, usize, usize) {
    let mut stage = stage();
    let patient = stage.join_equipped("patient", BROWSER);
    let doctor = stage.join_equipped("doctor", BROWSER);
    (stage, patient, doctor)
}

/// The sizes of what arrived of a picture, one after the other, by their shorter side.
fn sizes(stage: &Stage, to: usize, from: &str, source: Source) -> Vec<u16> {
    let mid = stage.clients[to].mid_of(from, source);
    let packets = stage.clients[to].arrived.iter().filter(|a| Some(&a.mid) == mid.as_ref());
    let mut sizes: Vec<u16> = packets.map(Arrived::side).collect();
    sizes.dedup();
    sizes
}

/// The size of what arrives at present.
fn size(stage: &Stage, to: usize, from: &str) -> Option<u16> {
    let mid = stage.clients[to].mid_of(from, Camera)?;
    let last = stage.clients[to].arrived.iter().rfind(|a| a.mid == mid)?;
    (stage.now - last.at < Duration::from_millis(300)).then(|| last.side())
}

fn shows(stage: &mut Stage, who: usize, pictures: &[(&str, Source, u32)]) {
    let client = &stage.clients[who];
    let shown = pictures
        .iter()
        .map(|(from, source, side)| Shown { mid: client.mid_of(from, *source).unwrap(), side: *side })
        .collect();
    let session = client.session;
    stage.command(Command::View { session, shown });
}

/// To a decoder every picture is whole: each size begins with a keyframe, and nothing is missing between.
fn assert_decodable(stage: &Stage, to: usize, from: &str) {
    let mid = stage.clients[to].mid_of(from, Camera).unwrap();
    let mut packets: Vec<&Arrived> = stage.clients[to].arrived.iter().filter(|a| a.mid == mid).collect();
    packets.sort_by_key(|packet| packet.sequence);
    for pair in packets.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1);
        assert!(pair[1].side() == pair[0].side() || pair[1].starts_keyframe(), "{}", pair[1].sequence);
        let picture = |a: &Arrived| u16::from_be_bytes([a.payload[2], a.payload[3]]) & 0x7fff;
        let step = picture(pair[1]).wrapping_sub(picture(pair[0])) & 0x7fff;
        assert!(step <= 1, "pictures {} and {}", picture(pair[0]), picture(pair[1]));
        assert!(pair[1].timestamp.wrapping_sub(pair[0].timestamp) < 90_000);
    }
}

/// Part of the sound that a player would have had to make up: what is lost, and what it waits for. It plays on as late as
/// its latest packet of some seconds, and catches up by a tenth; that is how browsers do it.
fn concealed(stage: &Stage, to: usize, from: &str) -> f64 {
    let mid = stage.clients[to].mid_of(from, Microphone).unwrap();
    let mut packets: Vec<&Arrived> = stage.clients[to].arrived.iter().filter(|a| a.mid == mid).collect();
    packets.sort_by_key(|a| a.sequence);
    let recorded = |a: &Arrived| f64::from(a.timestamp.wrapping_sub(packets[0].timestamp)) / 48.0;
    let delay = |a: &Arrived| (a.at - stage.start).as_secs_f64() * 1000.0 - recorded(a);
    let least = packets.iter().map(|a| delay(a)).fold(f64::MAX, f64::min);
    let (mut behind_ms, mut concealed_ms) = (40.0, 0.0);
    let mut recent = std::collections::VecDeque::new();
    for pair in packets.windows(2) {
        let missing = pair[1].sequence - pair[0].sequence - 1;
        let repeated = u64::from(pair[1].redundant).min(missing);
        concealed_ms += (missing - repeated) as f64 * 20.0;
        let late = delay(pair[1]) - least;
        concealed_ms += (late - behind_ms).max(0.0);
        recent.push_back(late);
        if recent.len() > 400 {
            recent.pop_front();
        }
        let held = recent.iter().copied().fold(40.0, f64::max);
        behind_ms = (behind_ms - 2.0).max(held);
    }
    concealed_ms / (recorded(packets.last().unwrap()) + 20.0)
}

fn forget(stage: &mut Stage) {
    for client in &mut stage.clients {
        client.arrived.clear();
    }
}

#[test]
fn a_picture_begins_small_and_is_large_within_seconds() {
    let (mut stage, patient, doctor) = two();
    stage.run_until(1500, "a picture", |s| size(s, doctor, "patient") == Some(180));
    let took = stage.run_until(5000, "the largest", |s| {
        size(s, doctor, "patient") == Some(720) && size(s, patient, "doctor") == Some(720)
    });
    assert!(took < Duration::from_secs(4), "{took:?}");
    stage.run_ms(5000);
    assert_eq!(sizes(&stage, doctor, "patient", Camera).last(), Some(&720));
    assert_decodable(&stage, doctor, "patient");
    assert_decodable(&stage, patient, "doctor");
    assert!(stage.clients[doctor].arrived.iter().all(|a| a.extensions_are_ours));
}

#[test]
fn nothing_is_sent_that_is_larger_than_what_is_shown() {
    let (mut stage, _, doctor) = two();
    stage.run_until(6000, "the largest", |s| size(s, doctor, "patient") == Some(720));
    shows(&mut stage, doctor, &[("patient", Camera, 350)]);
    stage.run_until(500, "the middle", |s| size(s, doctor, "patient") == Some(360));
    shows(&mut stage, doctor, &[("patient", Camera, 1)]);
    stage.run_until(500, "the smallest", |s| size(s, doctor, "patient") == Some(180));
    shows(&mut stage, doctor, &[("patient", Camera, 900)]);
    stage.run_until(1500, "the largest again", |s| size(s, doctor, "patient") == Some(720));
    assert_decodable(&stage, doctor, "patient");
}

#[test]
fn a_page_that_is_hidden_gets_sound_alone_and_is_not_told_of_a_pause() {
    let (mut stage, patient, doctor) = two();
    stage.run_until(6000, "the largest", |s| size(s, doctor, "patient") == Some(720));
    shows(&mut stage, doctor, &[]);
    stage.run_ms(200);
    forget(&mut stage);
    let asked = stage.clients[patient].keyframes_asked;
    stage.run_ms(3000);
    assert_eq!(stage.clients[doctor].arrived_from("patient", Camera), 0);
    assert!(stage.clients[doctor].arrived_from("patient", Microphone) > 140);
    assert!(stage.clients[doctor].paused.is_empty());
    assert_eq!(stage.clients[patient].keyframes_asked, asked);
    shows(&mut stage, doctor, &[("patient", Camera, 720)]);
    stage.run_until(1000, "a picture", |s| size(s, doctor, "patient").is_some());
    assert_decodable(&stage, doctor, "patient");
}

#[test]
fn an_encoding_that_the_browser_leaves_out_is_made_up_for_by_another() {
    let (mut stage, patient, doctor) = two();
    stage.run_until(6000, "the largest", |s| size(s, doctor, "patient") == Some(720));
    stage.clients[patient].left_out.insert("f");
    stage.run_until(3500, "the middle", |s| size(s, doctor, "patient") == Some(360));
    stage.clients[patient].left_out.clear();
    stage.run_until(3500, "the largest again", |s| size(s, doctor, "patient") == Some(720));
    // Also from the start, and the smallest.
    let (mut stage, patient, doctor) = two();
    stage.clients[patient].left_out.insert("q");
    stage.run_until(4000, "the middle", |s| size(s, doctor, "patient") == Some(360));
}

#[test]
fn a_layer_is_asked_for_again_until_its_keyframe_comes() {
    let (mut stage, patient, doctor) = two();
    stage.run_until(6000, "the largest", |s| size(s, doctor, "patient") == Some(720));
    shows(&mut stage, doctor, &[("patient", Camera, 180)]);
    stage.run_until(500, "the smallest", |s| size(s, doctor, "patient") == Some(180));
    // The patient hears nothing of the request for two seconds.
    let address = stage.clients[patient].address;
    stage.loss = Box::new(move |flight| flight.to == address);
    shows(&mut stage, doctor, &[("patient", Camera, 720)]);
    stage.run_ms(2000);
    assert_eq!(size(&stage, doctor, "patient"), Some(180), "it goes on meanwhile");
    stage.loss = Box::new(|_| false);
    stage.run_until(1500, "the largest", |s| size(s, doctor, "patient") == Some(720));
    assert_decodable(&stage, doctor, "patient");
}

#[test]
fn squeezed_to_400_kbps_the_picture_gets_small_the_sound_goes_on_and_all_comes_back() {
    let (mut stage, patient, doctor) = two();
    stage.run_until(6000, "the largest", |s| size(s, doctor, "patient") == Some(720));
    stage.run_ms(2000);
    forget(&mut stage);
    let address = stage.clients[doctor].address;
    stage.narrow.insert(address, Narrow::new(400_000, 20_000));
    stage.run_ms(30_000);
    let lost = concealed(&stage, doctor, "patient");
    assert!(lost < 0.03, "{lost}");
    assert!(matches!(size(&stage, doctor, "patient"), Some(180)), "{:?}", size(&stage, doctor, "patient"));
    assert!(stage.clients[doctor].paused.is_empty());
    assert_eq!(size(&stage, patient, "doctor"), Some(720), "it is the doctor's link alone");
    stage.narrow.clear();
    let took = stage.run_until(15_000, "the largest again", |s| size(s, doctor, "patient") == Some(720));
    eprintln!("400 kb/s: {:.1} % of the sound made up; the top {took:?} after release", lost * 100.0);
}

#[test]
fn squeezed_to_100_kbps_the_picture_is_paused_in_words_the_sound_goes_on_and_all_comes_back() {
    let (mut stage, _, doctor) = two();
    stage.run_until(6000, "the largest", |s| size(s, doctor, "patient") == Some(720));
    stage.run_ms(2000);
    forget(&mut stage);
    let address = stage.clients[doctor].address;
    stage.narrow.insert(address, Narrow::new(100_000, 5_000));
    stage.run_ms(30_000);
    let lost = concealed(&stage, doctor, "patient");
    assert!(lost < 0.03, "{lost}");
    assert_eq!(size(&stage, doctor, "patient"), None);
    let line = stage.clients[doctor].mid_of("patient", Camera).unwrap();
    assert_eq!(stage.clients[doctor].paused, [line]);
    stage.narrow.clear();
    let took = stage.run_until(15_000, "the largest again", |s| size(s, doctor, "patient") == Some(720));
    assert!(stage.clients[doctor].paused.is_empty());
    eprintln!("100 kb/s: {:.1} % of the sound made up; the top {took:?} after release", lost * 100.0);
}

/// The longest that nothing came of a picture, from the first of it to now.
fn longest_gap(stage: &Stage, to: usize, from: &str) -> Duration {
    let mid = stage.clients[to].mid_of(from, Camera).unwrap();
    let came = stage.clients[to].arrived.iter().filter(|a| a.mid == mid).map(|a| a.at);
    let came: Vec<_> = came.chain([stage.now]).collect();
    came.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
}

#[test]
fn a_picture_on_a_perfect_link_is_not_paused_when_the_first_probes_come_to_nothing() {
    // Seven pictures are five times what estimation begins with. After the first of it what one reports is lost for three
    // seconds, and with it what the probes found: nothing shows what the link carries.
    let mut stage = stage_for(8);
    let all: Vec<usize> =
        ["a", "b", "c", "d", "e", "f", "g", "h"].iter().map(|who| stage.join(who)).collect();
    let reporter = stage.clients[all[0]].address;
    let mut reports = 0;
    stage.loss = Box::new(move |flight| {
        // Feedback on the transport (RFC 4585, section 6.2), by RTCP of version 2.
        let [first, 205, ..] = flight.bytes[..] else { return false };
        reports += u32::from(flight.from == reporter && first >> 6 == 2);
        flight.from == reporter && first >> 6 == 2 && reports > 1
    });
    stage.run_ms(3000);
    stage.loss = Box::new(|_| false);
    stage.run_ms(8000);
    for from in ["b", "c", "d", "e", "f", "g", "h"] {
        let gap = longest_gap(&stage, all[0], from);
        assert!(gap < Duration::from_millis(300), "nothing of {from} for {gap:?}");
    }
}

#[test]
fn a_link_that_is_thin_from_the_beginning_is_found_to_be_within_seconds() {
    for (bps, queue_bytes) in [(100_000, 5_000), (100_000, 40_000), (250_000, 12_000), (250_000, 60_000)] {
        let mut stage = stage();
        let doctor = stage.join("doctor");
        let address = stage.clients[doctor].address;
        stage.narrow.insert(address, Narrow::new(bps, queue_bytes));
        stage.join("patient");
        stage.join("aunt");
        stage.run_until(2000, "a picture", |s| s.clients[doctor].arrived_from("patient", Camera) > 0);
        let took = stage.run_until(6000, "a pause", |s| !s.clients[doctor].paused.is_empty());
        stage.run_ms(5000);
        forget(&mut stage);
        stage.run_ms(10_000);
        let lost = concealed(&stage, doctor, "patient");
        eprintln!(
            "{bps} b/s from the beginning, {queue_bytes} bytes of queue: paused in words after {took:?}, then {:.1} % of the \
             sound made up",
            lost * 100.0
        );
    }
}

#[test]
fn after_an_outage_the_picture_is_back_at_once_and_large_within_seconds() {
    let (mut stage, patient, doctor) = two();
    stage.run_until(6000, "the largest", |s| size(s, doctor, "patient") == Some(720));
    stage.run_ms(2000);
    let address = stage.clients[doctor].address;
    stage.loss = Box::new(move |flight| flight.to == address || flight.from == address);
    stage.run_ms(1500);
    stage.loss = Box::new(|_| false);
    let back = stage.run_until(1500, "a picture", |s| size(s, doctor, "patient").is_some());
    let large = stage.run_until(6000, "the largest again", |s| size(s, doctor, "patient") == Some(720));
    assert_eq!(size(&stage, patient, "doctor"), Some(720));
    assert!(stage.clients[doctor].paused.is_empty());
    eprintln!("an outage of 1.5 s: a picture {back:?} after it, the largest {large:?} after that");
}

#[test]
fn after_an_outage_every_picture_begins_anew_without_being_asked_for() {
    let (mut stage, patient, doctor) = two();
    stage.run_until(6000, "the largest", |s| size(s, doctor, "patient") == Some(720));
    stage.run_ms(2000);
    let keyframe = |stage: &Stage, to: usize, from: &str| {
        let mid = stage.clients[to].mid_of(from, Camera).unwrap();
        stage.clients[to].arrived.iter().any(|a| a.mid == mid && a.starts_keyframe())
    };
    for outage_ms in [1000, 1500, 4000] {
        let address = stage.clients[patient].address;
        stage.loss = Box::new(move |flight| flight.to == address || flight.from == address);
        stage.run_ms(outage_ms);
        stage.loss = Box::new(|_| false);
        let asked = stage.clients[doctor].keyframes_asked;
        forget(&mut stage);
        // Nobody's decoder asks here: the clients only count.
        let took = stage.run_until(1000, "keyframes", |s| {
            keyframe(s, doctor, "patient") && keyframe(s, patient, "doctor")
        });
        stage.run_ms(5000);
        let asked = stage.clients[doctor].keyframes_asked - asked;
        eprintln!(
            "an outage of {outage_ms} ms: pictures begin anew {took:?} after it, asked for {asked} times"
        );
        assert!(asked <= 4, "{asked}");
    }
}

/// How long it takes from the end of an outage until there is a small picture or none, on a link that then carries so much.
fn falls_after_an_outage(bps: u64, queue_bytes: u64) -> Duration {
    let (mut stage, _, doctor) = two();
    stage.run_until(6000, "the largest", |s| size(s, doctor, "patient") == Some(720));
    stage.run_ms(2000);
    let address = stage.clients[doctor].address;
    stage.loss = Box::new(move |flight| flight.to == address || flight.from == address);
    stage.run_ms(1500);
    stage.loss = Box::new(|_| false);
    stage.narrow.insert(address, Narrow::new(bps, queue_bytes));
    stage.run_ms(100);
    stage.run_until(6000, "a small picture", |s| size(s, doctor, "patient") < Some(720))
}

#[test]
fn an_outage_pauses_no_picture_where_the_link_carries_it_and_makes_it_small_at_once_where_it_does_not() {
    for (bps, outage_ms) in [(300_000, 1000), (300_000, 1500), (400_000, 1500), (400_000, 2500)] {
        let mut stage = stage();
        let (_, doctor) = (stage.join("patient"), stage.join("doctor"));
        let address = stage.clients[doctor].address;
        // With its sound and headers the picture takes 280 kb/s.
        stage.narrow.insert(address, Narrow::new(bps, bps / 20));
        stage.run_ms(12_000);
        stage.loss = Box::new(move |flight| flight.to == address || flight.from == address);
        stage.run_ms(outage_ms);
        stage.loss = Box::new(|_| false);
        forget(&mut stage);
        stage.run_until(1000, "a picture", |s| s.clients[doctor].arrived_from("patient", Camera) > 0);
        stage.run_ms(10_000);
        let gap = longest_gap(&stage, doctor, "patient");
        eprintln!(
            "an outage of {outage_ms} ms on a link of {bps} b/s: no picture for {gap:?} at the most after it"
        );
        assert!(gap < Duration::from_millis(500), "{gap:?}");
    }
    let took = falls_after_an_outage(400_000, 20_000);
    eprintln!("an outage, and 400 kb/s after it: small after {took:?}");
    assert!(took < Duration::from_millis(2500), "{took:?}");
}

#[test]
fn a_screen_is_sharp_before_faces_are_large() {
    let (mut stage, patient, doctor) = two();
    let (sdp, _) = stage.clients[doctor].offer_lines(&[(MediaKind::Video, Screen)]);
    stage.offer(doctor, sdp);
    stage.run_until(8000, "the largest", |s| size(s, patient, "doctor") == Some(720));
    let address = stage.clients[patient].address;
    stage.narrow.insert(address, Narrow::new(600_000, 30_000));
    stage.run_ms(5000);
    stage.run_until(35_000, "a face beside it", |s| size(s, patient, "doctor") == Some(180));
    forget(&mut stage);
    stage.run_ms(2000);
    // 218 kb/s of screen and 32 of sound leave room for the smallest of the camera, and for no more.
    assert!(stage.clients[patient].arrived_from("doctor", Screen) > 55);
    assert_eq!(size(&stage, patient, "doctor"), Some(180));
}

#[test]
fn who_is_shown_largest_is_seen_largest() {
    let mut stage = stage();
    let all: Vec<usize> = ["a", "b", "c"].iter().map(|who| stage.join_equipped(who, BROWSER)).collect();
    stage.run_until(8000, "all", |s| size(s, all[0], "b").is_some() && size(s, all[0], "c").is_some());
    shows(&mut stage, all[0], &[("b", Camera, 180), ("c", Camera, 1080)]);
    stage.run_until(3000, "c large", |s| {
        size(s, all[0], "c") == Some(720) && size(s, all[0], "b") == Some(180)
    });
    // On a link that carries one in the middle size and one small, it is the one that is shown larger.
    let address = stage.clients[all[0]].address;
    shows(&mut stage, all[0], &[("b", Camera, 360), ("c", Camera, 1080)]);
    stage.narrow.insert(address, Narrow::new(800_000, 40_000));
    stage.run_ms(15_000);
    assert!(size(&stage, all[0], "c") >= size(&stage, all[0], "b"));
    assert!(size(&stage, all[0], "b").is_some(), "nobody is paused for another to be large");
}
