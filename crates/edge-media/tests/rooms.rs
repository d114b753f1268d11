//! Many rooms: over threads, up to a limit, and until the server stops.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod crowd;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bianque_media::{CallState, EndReason, JoinSound, MediaEvent, Refused, SoundInput};
use crowd::crowd;

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn rooms_in_several_threads_share_one_port_and_hear_their_own() {
    let mut crowd = crowd(3, |options| options.fill_permille = 0);
    for room in ["a", "b", "c", "d"] {
        for who in ["patient", "doctor", "aunt"] {
            crowd.join(room, &format!("{who} of {room}")).unwrap();
        }
    }
    crowd.run_until(PATIENCE, "media in all rooms", |c| c.all_flow(20));
    for person in &crowd.people {
        let others = person.client.tracks.iter().map(|track| track.participant.as_str());
        assert!(
            others.clone().all(|other| other.ends_with(&person.room)),
            "{:?}",
            others.collect::<Vec<_>>()
        );
    }
    crowd.run(Duration::from_millis(1200));
    let metrics = crowd.port.metrics();
    assert_eq!((metrics.threads, metrics.rooms, metrics.sessions), (3, 4, 12), "{metrics:?}");
    assert!(metrics.crossed > 0, "the kernel knows no rooms: {metrics:?}");
    assert_eq!((metrics.crossing_losses, metrics.failures), (0, 0), "{metrics:?}");
    assert!(crowd.loss() < 0.01, "{}", crowd.loss());
    for index in 0..12 {
        crowd.leave(index);
    }
    crowd.run_until(PATIENCE, "the end of all rooms", |c| c.port.is_quiet());
}

#[test]
fn a_client_that_comes_to_another_room_from_the_same_address_is_found_there() {
    let mut crowd = crowd(4, |options| options.fill_permille = 0);
    crowd.join("0", "patient").unwrap();
    for round in 0..6 {
        // The one before stays where they were, as far as the server knows.
        let last = crowd.people.len() - 1;
        crowd.join_from_where(last, &round.to_string(), "doctor").unwrap();
        crowd.join(&round.to_string(), "patient").unwrap();
        crowd.run_until(PATIENCE, "media", |c| c.all_flow(3));
    }
    assert_eq!(crowd.port.metrics().failures, 0);
}

#[test]
fn datagrams_have_their_turn_whatever_else_is_brought() {
    let mut crowd = crowd(1, |_| {});
    let control = crowd.port.control();
    let sound = JoinSound { room: "loud".into(), participant: "device".into() };
    let session = control.join_sound(sound, Arc::new(|_: MediaEvent| {})).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let bringer = std::thread::spawn({
        let over = Arc::clone(&over);
        move || {
            while !over.load(Ordering::Relaxed) {
                let _ = control.sound(session, SoundInput::Heard { rtt: Duration::ZERO });
            }
        }
    });
    for who in ["patient", "doctor"] {
        crowd.join("a", who).unwrap();
    }
    crowd.run_until(PATIENCE, "media", |c| c.all_flow(20));
    over.store(true, Ordering::Relaxed);
    bringer.join().unwrap();
}

#[test]
fn there_are_no_more_calls_than_may_be_and_whoever_is_expected_comes_in() {
    let mut crowd = crowd(2, |options| options.max_rooms = 1);
    let first = crowd.join("a", "patient").unwrap();
    assert_eq!(crowd.join("b", "patient"), Err(Refused::Full));
    let second = crowd.join("a", "doctor").unwrap();
    crowd.run_until(PATIENCE, "the call that is open goes on", |c| c.all_flow(5));
    // The rung below costs next to nothing and is there for whoever has none of the others.
    let control = crowd.port.control();
    let sound = JoinSound { room: "b".into(), participant: "patient".into() };
    control.join_sound(sound, Arc::new(|_: MediaEvent| {})).unwrap();
    assert_eq!(crowd.join("b", "doctor"), Err(Refused::Full), "its room is still new to calls");
    assert_eq!(crowd.port.metrics().refused_rooms, 2);
    crowd.leave(first);
    crowd.leave(second);
    crowd.run_until(PATIENCE, "the end", |c| c.port.metrics().rooms == 1);
    crowd.join("b", "patient").unwrap();
}

#[test]
fn a_server_that_is_to_stop_says_so_lets_nobody_begin_and_waits_for_those_who_talk() {
    let mut crowd = crowd(2, |_| {});
    let (patient, doctor) = (crowd.join("a", "patient").unwrap(), crowd.join("a", "doctor").unwrap());
    crowd.run_until(PATIENCE, "media", |c| c.all_flow(5));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(!runtime.block_on(crowd.port.drain(Duration::from_secs(1))), "they still talk");
    crowd.run(Duration::from_millis(300));
    for index in [patient, doctor] {
        assert_eq!(crowd.people[index].client.restart_within_s, Some(1));
    }
    assert_eq!(crowd.join("b", "patient"), Err(Refused::Restarting));
    crowd.join("a", "aunt").unwrap();
    crowd.run_until(PATIENCE, "whoever is expected comes in", |c| c.all_flow(5));
    crowd.leave(patient);
    runtime.block_on(crowd.port.end_calls());
    assert!(runtime.block_on(crowd.port.drain(PATIENCE)), "nobody is waited for any longer");
    let end = |states: &[CallState]| match states.last() {
        Some(CallState::Disconnected { code, .. }) => Some(*code),
        _ => None,
    };
    crowd.run(Duration::from_millis(100));
    assert_eq!(end(&crowd.people[patient].client.states), Some(EndReason::Left));
    assert_eq!(end(&crowd.people[doctor].client.states), Some(EndReason::Restarting));
}
