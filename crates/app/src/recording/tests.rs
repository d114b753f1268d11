//! Stories of recordings: nobody is recorded who has not agreed, and what was said with consent is kept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bianque_media::{RoomId, Source, Tap, TapCodec, TapPacket};
use bianque_model::{Context, ResourceId, TenantId};
use bianque_recording::{Frame, TrackLog};
use bianque_store::AuditQuery;
use serde_json::Value;

use super::answer::{Answering, answer};
use super::ask::{Asking, ask};
use super::end::stop;
use super::play::{play, take_away};
use super::record::{Recording, State};
use super::{keeper, resume, retention, text, view};
use crate::records::retention::hold::{self, Placing};
use crate::testing::{Clinic, Doctor};
use crate::visits::encounter::status;
use crate::visits::presence::Participant;
use crate::visits::{access, call, end, view as visit_view};
use crate::{Change, Error, ErrorKind};

struct Story {
    clinic: Clinic,
    doctor: Doctor,
    patient_id: ResourceId,
    visit: ResourceId,
    patient: Context,
}

async fn admitted() -> Story {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let patient_id = clinic.patient("Ana", &home).await;
    let visit = clinic.visit(&doctor, &patient_id).await;
    let patient = clinic.patient_of(&visit, &patient_id);
    let found = access::load(&clinic.app, &doctor.context, &visit).await.unwrap();
    let mut change = Change::new(&clinic.app, &doctor.context);
    found.move_to(&mut change, &doctor.context, status::IN_PROGRESS).unwrap();
    change.commit().await.unwrap();
    let story = Story { clinic, doctor, patient_id, visit, patient };
    story.enters(&story.doctor.context).await;
    story.enters(&story.patient).await;
    story
}

impl Story {
    /// Their socket opens, and everybody hears of it.
    async fn enters(&self, who: &Context) -> Participant {
        let found = access::load(&self.clinic.app, who, &self.visit).await.unwrap();
        let participant = visit_view::participant(&self.clinic.app, who, &found).await.unwrap();
        self.clinic.app.presence.enter(TenantId::FIRST, &self.visit, participant.clone());
        keeper::reconsider(&self.clinic.app, who, &self.visit).await.unwrap();
        participant
    }

    async fn asks(&self) -> ResourceId {
        let asking = Asking { version: text::VERSION.into(), language: "en".into() };
        let shown = ask(&self.clinic.app, &self.doctor.context, &self.visit, asking).await.unwrap();
        shown["recordings"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().parse().unwrap()
    }

    async fn answers(&self, who: &Context, id: &ResourceId, agreed: bool) -> Result<Value, Error> {
        let by = "self".into();
        let answering = Answering { agreed, version: text::VERSION.into(), language: "zh-CN".into(), by };
        answer(&self.clinic.app, who, &self.visit, id, answering).await
    }

    /// A recording that runs.
    async fn runs(&self) -> ResourceId {
        let id = self.asks().await;
        self.answers(&self.patient, &id, true).await.unwrap();
        assert!(self.tap().is_some());
        id
    }

    fn room(&self) -> RoomId {
        call::room(&self.doctor.context, &self.visit)
    }

    fn tap(&self) -> Option<Tap> {
        self.clinic.calls.tap(&self.room())
    }

    async fn recording(&self, id: &ResourceId) -> Recording {
        self.clinic.app.load::<Recording>(TenantId::FIRST, id.as_str()).await.unwrap().unwrap().value
    }

    /// The recording, when it is in a state.
    async fn becomes(&self, id: &ResourceId, state: State) -> Recording {
        for _ in 0..200 {
            let recording = self.recording(id).await;
            if recording.state == state {
                return recording;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("it is {:?} and does not become {state:?}", self.recording(id).await.state);
    }

    /// Twelve seconds of a call go through the room, with a flash and a beep of everybody once a second.
    fn flows(&self, began: Instant) {
        let tap = self.tap().unwrap();
        for who in &tap.agreed {
            for ms in (0..12_000u32).step_by(20) {
                let on = u8::from(ms % 1_000 < 40);
                let at = began + Duration::from_millis(u64::from(ms) + 20);
                let packet = |source, sequence: u32, timestamp, payload: &[u8]| TapPacket {
                    participant: who.clone(),
                    session: bianque_media::SessionId(who.as_str().len() as u64),
                    source,
                    codec: if source == Source::Camera { TapCodec::Vp8 } else { TapCodec::Opus },
                    sequence: sequence.into(),
                    timestamp,
                    at,
                    marker: true,
                    payload: payload.into(),
                    report: None,
                };
                tap.sink.take(packet(Source::Microphone, ms / 20, 7 + ms * 48, &[0xf8, 0, on]));
                if ms % 40 == 0 {
                    let key = [0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01, on];
                    let delta = [0x10, 0x11, 0, 0, on];
                    let picture: &[u8] = if ms % 4_000 == 0 { &key } else { &delta };
                    let late = packet(Source::Camera, ms / 40, 9 + ms * 90, picture);
                    tap.sink.take(TapPacket { at: at + Duration::from_millis(30), ..late });
                }
            }
        }
    }

    async fn whole(&self, id: &ResourceId, number: usize) -> Vec<u8> {
        let playing = play(&self.clinic.app, &self.doctor.context, &self.visit, id, number).await.unwrap();
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < playing.size {
            bytes.extend(playing.read(bytes.len() as u64, 100_000).await.unwrap());
        }
        bytes
    }

    async fn audited(&self, operation: &str) -> usize {
        let query = AuditQuery { limit: 500, ..AuditQuery::default() };
        let rows = self.clinic.app.store.audit(TenantId::FIRST, query).await.unwrap();
        rows.iter().filter(|(_, row)| row.operation == operation).count()
    }
}

fn onsets(file: &[u8], track: u8) -> Vec<u64> {
    let mut log = TrackLog::open_track(file, track).unwrap();
    let frames: Vec<Frame> = std::iter::from_fn(|| log.frame().unwrap()).collect();
    let on = |frame: &Frame| frame.data.last() == Some(&1);
    let begins = frames.windows(2).filter(|pair| !on(&pair[0]) && on(&pair[1])).map(|pair| pair[1].at);
    // The first may be there from the first frame on.
    begins.filter(|at| *at > 500).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_recorded_before_all_have_agreed() {
    let story = admitted().await;
    assert!(story.tap().is_none());
    let id = story.asks().await;
    assert!(story.tap().is_none(), "the patient was only asked");
    let shown = view::newest(&story.clinic.app, &story.patient, &story.visit).await.unwrap();
    assert_eq!((&shown["state"], &shown["files"]), (&"asked".into(), &Value::Null));
    story.answers(&story.patient, &id, true).await.unwrap();
    let agreed: Vec<String> = story.tap().unwrap().agreed.iter().map(ToString::to_string).collect();
    assert_eq!(agreed.len(), 2);
    assert!(agreed.contains(&"patient".to_owned()));
    let recording = story.recording(&id).await;
    assert_eq!((recording.state, recording.spans.len()), (State::Running, 1));
    // Who agreed to what, when, is in the record.
    for given in &recording.answers {
        let consent = given.consent.clone().unwrap();
        let kept = story.clinic.app.resource(TenantId::FIRST, "Consent", &consent).await.unwrap().value;
        assert_eq!((&kept["status"], &kept["provision"]["type"]), (&"active".into(), &"permit".into()));
        assert_eq!(kept["sourceAttachment"]["title"], text::VERSION);
    }
    assert_eq!((story.audited("recording.ask").await, story.audited("recording.agree").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_before_it_begins_leaves_nothing() {
    let story = admitted().await;
    let id = story.asks().await;
    story.answers(&story.patient, &id, false).await.unwrap();
    let recording = story.recording(&id).await;
    assert_eq!((recording.state, recording.ended.unwrap().why.as_str()), (State::Declined, "declined"));
    assert!(story.tap().is_none());
    // They may be asked again, and say yes.
    assert_ne!(story.runs().await, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_pauses_it_until_they_agree() {
    let story = admitted().await;
    let home = story.doctor.account.organization.clone();
    let colleague = story.clinic.clinician("he.jun", &home).await;
    let id = story.runs().await;
    story.enters(&colleague.context).await;
    assert!(story.tap().is_none());
    assert_eq!(story.recording(&id).await.state, State::Paused);
    story.answers(&colleague.context, &id, true).await.unwrap();
    assert_eq!(story.tap().unwrap().agreed.len(), 3);
    let recording = story.recording(&id).await;
    assert_eq!((recording.state, recording.spans.len()), (State::Running, 2));
    assert!(recording.spans[0].to.is_some() && recording.spans[1].to.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_who_says_nothing_and_goes_lets_it_go_on() {
    let story = admitted().await;
    let home = story.doctor.account.organization.clone();
    let colleague = story.clinic.clinician("he.jun", &home).await;
    let id = story.runs().await;
    let who = story.enters(&colleague.context).await;
    assert!(story.tap().is_none());
    story.clinic.app.presence.leave(TenantId::FIRST, &story.visit, &who.id);
    keeper::reconsider(&story.clinic.app, &colleague.context, &story.visit).await.unwrap();
    assert_eq!(story.recording(&id).await.state, State::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keeper_sees_who_comes_by_itself() {
    let story = admitted().await;
    let home = story.doctor.account.organization.clone();
    let colleague = story.clinic.clinician("he.jun", &home).await;
    let id = story.runs().await;
    let found = access::load(&story.clinic.app, &colleague.context, &story.visit).await.unwrap();
    let who = visit_view::participant(&story.clinic.app, &colleague.context, &found).await.unwrap();
    story.clinic.app.presence.enter(TenantId::FIRST, &story.visit, who);
    // As a socket does when it opens.
    found.tell(&story.clinic.app, &colleague.context, crate::live::What::Visit);
    story.becomes(&id, State::Paused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_that_is_taken_back_stops_it_at_once_and_what_was_said_before_is_kept() {
    let story = admitted().await;
    let id = story.runs().await;
    story.flows(Instant::now());
    story.answers(&story.patient, &id, false).await.unwrap();
    assert!(story.tap().is_none());
    let recording = story.becomes(&id, State::Ready).await;
    let ended = recording.ended.clone().unwrap();
    assert_eq!((ended.why.as_str(), ended.by.as_deref()), ("withdrawn", Some("patient")));
    let given = recording.answers.iter().find(|one| one.role == "patient" && one.agreed).unwrap();
    let consent = given.consent.clone().unwrap();
    let kept = story.clinic.app.resource(TenantId::FIRST, "Consent", &consent).await.unwrap().value;
    assert_eq!(kept["status"], "inactive");
    assert_eq!(recording.files.len(), 2);
    assert!(recording.tracks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_played_has_flash_and_beep_within_80_ms() {
    let story = admitted().await;
    let id = story.runs().await;
    story.flows(Instant::now());
    stop(&story.clinic.app, &story.doctor.context, &story.visit, &id).await.unwrap();
    let recording = story.becomes(&id, State::Ready).await;
    for (number, file) in recording.files.iter().enumerate() {
        assert!(file.pictures && file.length_ms.abs_diff(12_000) < 200, "{file:?}");
        let bytes = story.whole(&id, number).await;
        assert_eq!(bytes.len() as u64, file.size);
        let (beeps, flashes) = (onsets(&bytes, 1), onsets(&bytes, 2));
        assert_eq!((beeps.len(), flashes.len()), (11, 11));
        for (beep, flash) in beeps.iter().zip(&flashes) {
            assert!(beep.abs_diff(*flash) < 80, "{beep} and {flash}");
        }
    }
    let document = story.clinic.app.resource(TenantId::FIRST, "DocumentReference", &id).await.unwrap().value;
    assert_eq!(document["content"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn playing_is_audited_once_for_a_look_and_is_for_clinicians_of_the_visit() {
    let story = admitted().await;
    let id = story.runs().await;
    story.flows(Instant::now());
    stop(&story.clinic.app, &story.doctor.context, &story.visit, &id).await.unwrap();
    story.becomes(&id, State::Ready).await;
    for _ in 0..3 {
        story.whole(&id, 0).await;
    }
    assert_eq!(story.audited("recording.play").await, 1);
    let later = Context { now: story.doctor.context.now.plus_seconds(301), ..story.doctor.context.clone() };
    play(&story.clinic.app, &later, &story.visit, &id, 0).await.unwrap();
    assert_eq!(story.audited("recording.play").await, 2);

    let app = &story.clinic.app;
    let kind = |error: Option<Error>| error.map(|error| error.kind);
    let heard = play(app, &story.patient, &story.visit, &id, 0).await.err();
    assert_eq!(kind(heard), Some(ErrorKind::Forbidden));
    let elsewhere = story.clinic.organization("Hillside").await;
    let stranger = story.clinic.clinician("she.yan", &elsewhere).await;
    let ben = story.clinic.patient("Ben", &elsewhere).await;
    let other = story.clinic.visit(&stranger, &ben).await;
    for visit in [&story.visit, &other] {
        assert_eq!(kind(play(app, &stranger.context, visit, &id, 0).await.err()), Some(ErrorKind::NotFound));
        let taken = take_away(app, &stranger.context, visit, &id).await.err();
        assert_eq!(kind(taken), Some(ErrorKind::NotFound));
    }
    assert_eq!(
        kind(play(app, &story.doctor.context, &story.visit, &id, 9).await.err()),
        Some(ErrorKind::NotFound)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_deleted_when_its_time_is_over_and_nothing_holds_it() {
    let story = admitted().await;
    let id = story.runs().await;
    story.flows(Instant::now());
    stop(&story.clinic.app, &story.doctor.context, &story.visit, &id).await.unwrap();
    let kept = story.becomes(&id, State::Ready).await;
    let app = &story.clinic.app;
    let home = story.doctor.account.organization.clone();
    let administrator = story.clinic.administrator("wang.fang", &home).await;
    let after = |years: i64| Context {
        now: administrator.now.plus_seconds(years * 31_557_600 + 60),
        ..administrator.clone()
    };
    assert_eq!(retention::list(app, &story.doctor.context).await.unwrap_err().kind, ErrorKind::Forbidden);
    let shown = retention::list(app, &administrator).await.unwrap();
    let one = &shown["recordings"][0];
    assert_eq!((&shown["years"], &one["over"], &one["held"]), (&3.into(), &false.into(), &false.into()));
    assert!(one["size"].as_u64().unwrap() > 1_000 && one["organization"] == "Riverside", "{one}");
    let early = retention::delete(app, &after(2), &id, "space").await.unwrap_err();
    assert_eq!(early.code, "recording.kept");
    let placing = Placing { patient_id: story.patient_id.clone(), reason: "case 7".into() };
    hold::place(app, &administrator, placing).await.unwrap();
    assert_eq!(retention::delete(app, &after(4), &id, "space").await.unwrap_err().code, "recording.hold");
    hold::lift(app, &administrator, &story.patient_id, "closed").await.unwrap();
    assert_eq!(retention::delete(app, &after(4), &id, " ").await.unwrap_err().code, "field.required");
    let shown = retention::delete(app, &after(4), &id, "its time is over").await.unwrap();
    assert!(shown["recordings"].as_array().unwrap().is_empty());
    let gone = story.recording(&id).await;
    assert_eq!((gone.state, gone.files.len(), gone.answers.len()), (State::Deleted, 0, 2));
    for file in kept.files {
        assert!(app.blobs.open_blob(TenantId::FIRST, &gone.subject(), file.blob).is_err());
    }
    let document = app.resource(TenantId::FIRST, "DocumentReference", &id).await;
    assert_eq!(document.unwrap_err().kind, ErrorKind::NotFound);
    let played = play(app, &story.doctor.context, &story.visit, &id, 0).await.err();
    assert_eq!(played.map(|error| error.kind), Some(ErrorKind::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_taken_away_as_one_file_with_every_track() {
    let story = admitted().await;
    let id = story.runs().await;
    story.flows(Instant::now());
    stop(&story.clinic.app, &story.doctor.context, &story.visit, &id).await.unwrap();
    story.becomes(&id, State::Ready).await;
    let mut pieces = take_away(&story.clinic.app, &story.doctor.context, &story.visit, &id).await.unwrap();
    let mut file = Vec::new();
    while let Some(piece) = pieces.recv().await {
        file.extend(piece.unwrap());
    }
    for track in 1..=4 {
        assert_eq!(onsets(&file, track).len(), 11, "track {track}");
    }
    assert_eq!(story.audited("recording.download").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_visit_ends_it() {
    let story = admitted().await;
    let id = story.runs().await;
    story.flows(Instant::now());
    let ending = serde_json::from_value(serde_json::json!({"reason": "done"})).unwrap();
    end::end(&story.clinic.app, &story.doctor.context, &story.visit, ending).await.unwrap();
    assert!(story.tap().is_none());
    let recording = story.becomes(&id, State::Ready).await;
    assert_eq!(recording.ended.unwrap().why, "visit-ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_that_ended_had_written_is_composed_by_the_next() {
    let story = admitted().await;
    let id = story.runs().await;
    story.flows(Instant::now());
    // The tracks are known before anything is composed.
    tokio::time::sleep(Duration::from_millis(300)).await;
    keeper::reconsider(&story.clinic.app, &story.patient, &story.visit).await.unwrap();
    assert_eq!(story.recording(&id).await.tracks.len(), 4);
    // Its thread ends as with the process: nobody notes that anything is over.
    keeper::untap(&story.clinic.app, &story.doctor.context, &story.visit);
    let (thread, _) = story.clinic.app.recorders.close(TenantId::FIRST, &story.visit).unwrap();
    tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
    assert_eq!(story.recording(&id).await.state, State::Running);
    resume::resume(&story.clinic.app).await.unwrap();
    let recording = story.becomes(&id, State::Ready).await;
    assert_eq!(recording.ended.unwrap().why, "interrupted");
    assert_eq!(recording.files.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_answers_at_once_is_counted_right() {
    let story = Arc::new(admitted().await);
    let home = story.doctor.account.organization.clone();
    let mut others = Vec::new();
    for login in ["a.one", "b.two", "c.three"] {
        let doctor = story.clinic.clinician(login, &home).await;
        story.enters(&doctor.context).await;
        others.push(doctor.context);
    }
    others.push(story.patient.clone());
    let id = story.asks().await;
    let answers: Vec<_> = others
        .into_iter()
        .map(|who| {
            let (story, id) = (Arc::clone(&story), id.clone());
            tokio::spawn(async move { story.answers(&who, &id, true).await.map(drop) })
        })
        .collect();
    for one in answers {
        one.await.unwrap().unwrap();
    }
    assert_eq!(story.tap().unwrap().agreed.len(), 5);
    assert_eq!(story.recording(&id).await.state, State::Running);
    let second = Asking { version: text::VERSION.into(), language: "en".into() };
    let error = ask(&story.clinic.app, &story.doctor.context, &story.visit, second).await.unwrap_err();
    assert_eq!(error.code, "recording.under-way");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_clinician_asks_and_only_about_this_text() {
    let story = admitted().await;
    let asking = || Asking { version: text::VERSION.into(), language: "en".into() };
    let app = &story.clinic.app;
    let error = ask(app, &story.patient, &story.visit, asking()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
    let old = Asking { version: "recording-2020-01".into(), ..asking() };
    let error = ask(app, &story.doctor.context, &story.visit, old).await.unwrap_err();
    assert_eq!(error.code, "consent.version");
    let planned = story.clinic.visit(&story.doctor, &story.patient_id).await;
    let error = ask(app, &story.doctor.context, &planned, asking()).await.unwrap_err();
    assert_eq!(error.code, "call.not-admitted");
}
