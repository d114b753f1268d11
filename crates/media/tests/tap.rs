//! A room that is recorded: only while everybody agrees, and without the call noticing.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod harness;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bianque_media::{Audience, Command, Source, Tap, TapCodec, TapPacket, TapSink};
use harness::{Stage, stage};

use Source::{Camera, Microphone};

/// Keeps what it is given.
#[derive(Default)]
struct Notebook {
    taken: Mutex<Vec<TapPacket>>,
    wants_keyframe: AtomicBool,
}

impl TapSink for Notebook {
    fn take(&self, packet: TapPacket) -> bool {
        self.taken.lock().unwrap().push(packet);
        self.wants_keyframe.swap(false, Ordering::SeqCst)
    }
}

impl Notebook {
    fn count(&self) -> BTreeMap<(String, Source), usize> {
        let mut count = BTreeMap::new();
        for packet in self.taken.lock().unwrap().iter() {
            *count.entry((packet.participant.to_string(), packet.source)).or_insert(0) += 1;
        }
        count
    }

    fn forget(&self) {
        self.taken.lock().unwrap().clear();
    }

    fn keyframes_of(&self, who: &str) -> usize {
        let taken = self.taken.lock().unwrap();
        let of_camera = taken.iter().filter(|one| one.participant.as_str() == who && one.source == Camera);
        of_camera.filter(|packet| packet.payload[4] & 1 == 0).count()
    }
}

fn tap(stage: &mut Stage, agreed: &[&str]) -> Arc<Notebook> {
    let notebook = Arc::new(Notebook::default());
    let agreed = agreed.iter().map(|who| (*who).into()).collect();
    let tap = Some(Tap { agreed, sink: Arc::clone(&notebook) as Arc<dyn TapSink> });
    stage.command(Command::Tap { room: "room".into(), tap });
    notebook
}

#[test]
fn every_track_is_copied_while_everybody_agrees() {
    let mut stage = stage();
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_ms(1_500);
    let notebook = tap(&mut stage, &["patient", "doctor"]);
    stage.run_ms(1_000);
    let count = notebook.count();
    assert_eq!(count.len(), 4, "{count:?}");
    assert!(count.values().all(|packets| *packets > 5), "{count:?}");
    assert!(notebook.keyframes_of("patient") > 0, "a recording begins with a key frame");
    for packet in notebook.taken.lock().unwrap().iter() {
        let codec = if packet.source == Microphone { TapCodec::Opus } else { TapCodec::Vp8 };
        assert_eq!(packet.codec, codec);
    }
    // The call does not notice.
    for index in [patient, doctor] {
        assert_eq!(stage.states(index).len(), 1);
    }
    stage.command(Command::Tap { room: "room".into(), tap: None });
    notebook.forget();
    stage.run_ms(500);
    assert!(notebook.count().is_empty());
}

#[test]
fn whoever_comes_in_without_having_agreed_stops_the_copy_with_their_first_step() {
    let mut stage = stage();
    stage.join("patient");
    stage.join("doctor");
    stage.run_ms(1_000);
    let notebook = tap(&mut stage, &["patient", "doctor"]);
    stage.run_ms(500);
    assert!(!notebook.count().is_empty());
    notebook.forget();
    let aunt = stage.join("aunt");
    stage.run_ms(2_000);
    assert!(notebook.count().is_empty(), "{:?}", notebook.count());
    // They agree: it goes on, with them.
    let notebook = tap(&mut stage, &["patient", "doctor", "aunt"]);
    stage.run_ms(1_000);
    assert_eq!(notebook.count().len(), 6);
    stage.leave(aunt);
    notebook.forget();
    stage.run_ms(500);
    assert_eq!(notebook.count().len(), 4, "who stays has agreed");
}

#[test]
fn whoever_hears_by_sound_alone_is_asked_too() {
    let mut stage = stage();
    stage.join("patient");
    stage.join("doctor");
    stage.run_ms(1_000);
    let notebook = tap(&mut stage, &["patient", "doctor"]);
    let interpreter = stage.join_sound("interpreter");
    stage.run_ms(500);
    assert!(notebook.count().is_empty());
    stage.leave_sound(interpreter);
    stage.run_ms(500);
    assert!(!notebook.count().is_empty());
}

#[test]
fn a_room_that_was_empty_in_between_is_still_tapped() {
    let mut stage = stage();
    let notebook = tap(&mut stage, &["patient", "doctor"]);
    let (patient, doctor) = (stage.join("patient"), stage.join("doctor"));
    stage.run_ms(1_000);
    stage.leave(patient);
    stage.leave(doctor);
    stage.run_ms(100);
    notebook.forget();
    stage.join("patient");
    stage.join("doctor");
    stage.run_ms(1_500);
    assert_eq!(notebook.count().len(), 4);
}

#[test]
fn the_recorder_gets_a_key_frame_when_it_wants_one() {
    let mut stage = stage();
    stage.join("patient");
    stage.join("doctor");
    stage.run_ms(1_000);
    let notebook = tap(&mut stage, &["patient", "doctor"]);
    stage.run_ms(1_000);
    let before = notebook.keyframes_of("patient") + notebook.keyframes_of("doctor");
    notebook.wants_keyframe.store(true, Ordering::SeqCst);
    stage.run_ms(100);
    notebook.wants_keyframe.store(true, Ordering::SeqCst);
    stage.run_ms(1_000);
    assert!(notebook.keyframes_of("patient") + notebook.keyframes_of("doctor") > before);
}

#[test]
fn a_voice_that_nobody_hears_is_not_copied() {
    let mut stage = stage();
    stage.join("patient");
    stage.join("doctor");
    stage.run_ms(1_500);
    let notebook = tap(&mut stage, &["patient", "doctor"]);
    let mute = |heard_by| Command::LetHear { room: "room".into(), speaker: "patient".into(), heard_by };
    stage.command(mute(Audience::Only(Vec::new())));
    notebook.forget();
    stage.run_ms(1_000);
    let count = notebook.count();
    assert_eq!(count.get(&("patient".to_owned(), Microphone)), None);
    assert!(count[&("patient".to_owned(), Camera)] > 10 && count[&("doctor".to_owned(), Microphone)] > 30);
    stage.command(mute(Audience::All));
    stage.run_ms(1_000);
    assert!(notebook.count()[&("patient".to_owned(), Microphone)] > 30);
}
