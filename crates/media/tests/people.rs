//! Who is heard by whom, who is put out, and a room of eight in which people come and go.

mod harness;

use bianque_media::{Audience, CallState, Command, EndReason, Source};
use harness::{Stage, stage, stage_for};

use Source::{Camera, Microphone};

fn let_hear(stage: &mut Stage, speaker: &str, heard_by: Audience) {
    stage.command(Command::LetHear { room: "room".into(), speaker: speaker.into(), heard_by });
}

fn only(who: &[&str]) -> Audience {
    Audience::Only(who.iter().map(|&one| one.into()).collect())
}

fn forget(stage: &mut Stage) {
    for client in &mut stage.clients {
        client.arrived.clear();
    }
    for sound in &mut stage.sounds {
        sound.heard.clear();
    }
}

/// What comes from somebody in the next second: sounds, pictures.
fn a_second_of(stage: &mut Stage, listener: usize, who: &str) -> (usize, usize) {
    // What is on its way arrives.
    stage.run_ms(100);
    forget(stage);
    stage.run_ms(1000);
    let client = &stage.clients[listener];
    (client.arrived_from(who, Microphone), client.arrived_from(who, Camera))
}

fn all_see_and_hear(stage: &Stage, who: &[usize]) -> bool {
    who.iter().all(|a| {
        who.iter().filter(|b| *b != a).all(|b| {
            let sender = &stage.clients[*b].who;
            stage.clients[*a].arrived_from(sender, Camera) > 0
                && stage.clients[*a].arrived_from(sender, Microphone) > 0
        })
    })
}

#[test]
fn who_is_muted_is_seen_and_not_heard_and_is_heard_again_without_a_gap() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    let aunt = stage.join("aunt");
    stage.run_until(3000, "media", |s| all_see_and_hear(s, &[patient, doctor, aunt]));
    let_hear(&mut stage, "aunt", only(&[]));
    for listener in [patient, doctor] {
        let (sounds, pictures) = a_second_of(&mut stage, listener, "aunt");
        assert_eq!(sounds, 0);
        assert!(pictures > 10, "{pictures}");
    }
    // It is hers alone that is not forwarded.
    assert!(a_second_of(&mut stage, doctor, "patient").0 > 30);
    let line = stage.clients[doctor].mid_of("aunt", Microphone).unwrap();
    forget(&mut stage);
    let_hear(&mut stage, "aunt", Audience::All);
    stage.run_ms(500);
    let heard: Vec<u64> =
        stage.clients[doctor].arrived.iter().filter(|a| a.mid == line).map(|a| a.sequence).collect();
    assert!(heard.len() > 10);
    assert!(heard.windows(2).all(|two| two[1] == two[0] + 1));
}

#[test]
fn the_numbers_of_a_line_go_on_where_it_fell_silent() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_until(3000, "media", |s| all_see_and_hear(s, &[patient, doctor]));
    let_hear(&mut stage, "patient", only(&[]));
    stage.run_ms(100);
    let line = stage.clients[doctor].mid_of("patient", Microphone).unwrap();
    let of_line = |stage: &Stage| -> Vec<(u64, u32)> {
        let arrived = stage.clients[doctor].arrived.iter().filter(|a| a.mid == line);
        arrived.map(|a| (a.sequence, a.timestamp)).collect()
    };
    let last = *of_line(&stage).last().unwrap();
    forget(&mut stage);
    stage.run_ms(3000);
    let_hear(&mut stage, "patient", Audience::All);
    stage.run_ms(500);
    let first = of_line(&stage)[0];
    assert_eq!(first.0, last.0 + 1);
    let passed_ms = first.1.wrapping_sub(last.1) / 48;
    assert!((2900..3400).contains(&passed_ms), "{passed_ms} ms");
}

#[test]
fn mute_outlives_a_reload() {
    let mut stage = stage();
    let (aunt, doctor) = (stage.join("aunt"), stage.join("doctor"));
    stage.run_until(3000, "media", |s| all_see_and_hear(s, &[aunt, doctor]));
    let_hear(&mut stage, "aunt", only(&[]));
    stage.vanish(aunt);
    stage.join("aunt");
    stage.run_until(3000, "her picture", |s| s.clients[doctor].arrived_from("aunt", Camera) > 60);
    assert_eq!(a_second_of(&mut stage, doctor, "aunt").0, 0);
}

#[test]
fn an_interpreter_is_heard_by_who_chose_their_language() {
    let mut stage = stage_for(5);
    let names = ["patient", "doctor", "interpreter", "aunt"];
    let all: Vec<usize> = names.iter().map(|who| stage.join(who)).collect();
    let far = stage.join_sound("far");
    stage.run_until(4000, "media", |s| all_see_and_hear(s, &all) && s.sounds[far].heard_of("doctor") > 5);
    let_hear(&mut stage, "interpreter", only(&["patient", "far"]));
    assert!(a_second_of(&mut stage, all[0], "interpreter").0 > 30);
    for other in [all[1], all[3]] {
        let (sounds, pictures) = a_second_of(&mut stage, other, "interpreter");
        assert_eq!(sounds, 0);
        assert!(pictures > 10);
        assert!(a_second_of(&mut stage, other, "patient").0 > 30, "the original is for all");
    }
    // Also of those who hear by sound; the others are silent, so that the floor is free.
    for client in &mut stage.clients {
        client.silent = client.who != "interpreter";
    }
    stage.run_ms(1000);
    forget(&mut stage);
    stage.run_ms(1000);
    assert!(stage.sounds[far].heard_of("interpreter") > 30);
    let_hear(&mut stage, "interpreter", only(&["patient"]));
    stage.run_ms(100);
    forget(&mut stage);
    stage.run_ms(1000);
    assert_eq!(stage.sounds[far].heard_of("interpreter"), 0);
}

#[test]
fn who_speaks_by_sound_is_muted_as_well() {
    let mut stage = stage();
    let doctor = stage.join("doctor");
    let far = stage.join_sound("far");
    stage.run_until(3000, "sound", |s| {
        s.clients[doctor].arrived_from("far", Microphone) > 5 && s.sounds[far].heard_of("doctor") > 5
    });
    let_hear(&mut stage, "far", only(&[]));
    assert_eq!(a_second_of(&mut stage, doctor, "far").0, 0);
    assert!(stage.sounds[far].heard_of("doctor") > 30, "who is muted hears");
    let_hear(&mut stage, "far", Audience::All);
    assert!(a_second_of(&mut stage, doctor, "far").0 > 30);
}

#[test]
fn who_is_put_out_is_gone_by_all_their_sessions() {
    let mut stage = stage();
    let (patient, aunt) = (stage.join("patient"), stage.join("aunt"));
    let sound = stage.join_sound("aunt");
    stage.run_until(3000, "media", |s| all_see_and_hear(s, &[patient, aunt]));
    stage.command(Command::Dismiss { room: "room".into(), participant: "aunt".into() });
    let is_dismissed = |state: Option<&CallState>| {
        matches!(state, Some(CallState::Disconnected { code: EndReason::Dismissed, .. }))
    };
    assert!(is_dismissed(stage.states(aunt).last()) && is_dismissed(stage.sounds[sound].states.last()));
    assert!(stage.clients[aunt].ended && stage.sounds[sound].ended);
    assert_eq!(a_second_of(&mut stage, patient, "aunt"), (0, 0));
    assert!(stage.clients[patient].mid_of("aunt", Camera).is_none());
    // Of a room that is not there, and of somebody who is not in it, it is nothing.
    stage.command(Command::Dismiss { room: "elsewhere".into(), participant: "aunt".into() });
    stage.command(Command::Dismiss { room: "room".into(), participant: "nobody".into() });
    assert_eq!(stage.core.population(), (1, 1));
}

/// Of eight, each in turn leaves and comes again, fifty times in all: some hang up, some vanish and come back, some are
/// put out. Nothing is left of who is gone.
#[test]
fn eight_come_and_go_fifty_times_and_leave_nothing_behind() {
    let mut stage = stage_for(8);
    let names: Vec<String> = (0..8).map(|number| format!("person{number}")).collect();
    let mut now: Vec<usize> = names.iter().map(|who| stage.join(who)).collect();
    stage.run_until(6000, "all see and hear all", |s| all_see_and_hear(s, &now));
    for round in 0..50 {
        let seat = round % 8;
        let who = &names[seat];
        match round % 3 {
            0 => stage.leave(now[seat]),
            1 => {}
            _ => stage.command(Command::Dismiss { room: "room".into(), participant: who.as_str().into() }),
        }
        stage.vanish(now[seat]);
        now[seat] = stage.join(who);
        forget(&mut stage);
        let neighbour = now[(seat + 1) % 8];
        stage.run_until(4000, "who came again sees and is seen", |s| {
            let new = &s.clients[now[seat]];
            s.clients[neighbour].arrived_from(who, Camera) > 0
                && s.clients[neighbour].arrived_from(who, Microphone) > 0
                && names
                    .iter()
                    .filter(|other| *other != who)
                    .all(|other| new.arrived_from(other, Microphone) > 0)
        });
        assert_eq!(stage.core.population(), (1, 8), "round {round}");
    }
    forget(&mut stage);
    stage.run_until(4000, "all see and hear all", |s| all_see_and_hear(s, &now));
    for &index in &now {
        let client = &mut stage.clients[index];
        assert_eq!(client.tracks.len(), 14, "two of each of seven others");
        let sdp = client.offer_ice_restart();
        let lines = sdp.lines().filter(|line| line.starts_with("m=")).count();
        assert!(lines <= 16, "{} of {} are idle lines that nobody used again", lines - 16, client.who);
    }
    for index in now {
        stage.leave(index);
    }
    assert_eq!(stage.core.population(), (0, 0));
    assert!(stage.core.next_timeout().is_none());
    assert_eq!(stage.core.counters().failures, 0);
}
