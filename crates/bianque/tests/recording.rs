//! The server is killed in the middle of a recording: what was sealed is composed at the next start, and plays.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::io::Cursor;
use std::thread::sleep;
use std::time::{Duration, Instant};

use bianque_testkit::{Answer, Browser, Server, Setup, Socket};
use jiff::Timestamp;
use matroska_demuxer::{Frame, MatroskaFile, TrackType};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);
const FRAME_MS: u16 = 20;
/// The clock of a track is set by the packet that took least, and may move until that has come.
const OFF_MS: u64 = 80;
/// What may be lost: four seconds that were not sealed, and a cluster of two that was not whole.
const MOST_LOST_MS: u64 = 6_000;

/// Patient and clinician in a visit of the demo.
struct Visit {
    server: Server,
    clinician: Browser,
    patient: Browser,
    at: String,
}

impl Visit {
    fn begun() -> Self {
        let server = Setup::demo(env!("CARGO_BIN_EXE_bianque")).start().unwrap();
        let mut clinician = server.browser();
        let people = done(&clinician.get("/api/demo/people"));
        let mut people = people["people"].as_array().unwrap().iter();
        let treating = people.find(|person| person["role"] == "clinician").unwrap();
        done(&clinician.post("/api/demo/sign-in", &json!({"key": treating["key"]})));
        let newcomer = json!({"name": "Ye Ting", "birth_date": "1979-02-11", "phone": "13700000088",
            "sex": "female", "language": "en"});
        let taken = done(&clinician.post("/api/patients", &newcomer));
        let wanted = json!({"patient_id": taken["patient"]["id"], "visit_type": "general", "reason": ""});
        let booked = done(&clinician.post("/api/visits", &wanted));
        let at = format!("/api/visits/{}", booked["visit"]["id"].as_str().unwrap());
        let token = booked["join_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let mut patient = server.browser().as_visit();
        comes_in(&mut patient, &at, &token);
        let seen = json!({"identifiers": ["name", "birth_date"]});
        done(&clinician.post(&format!("{at}/admit"), &seen));
        Self { server, clinician, patient, at }
    }

    /// Both are in the visit, and agree that it is recorded.
    fn agrees(&mut self) -> [Socket; 2] {
        let here = [&self.clinician, &self.patient].map(|who| {
            let mut socket = who.socket(&format!("{}/socket", self.at)).unwrap();
            socket.wait_for("hello", PATIENCE).unwrap();
            socket
        });
        let recordings = format!("{}/recordings", self.at);
        let version = done(&self.clinician.get(&recordings))["text"]["version"].clone();
        let asking = json!({"version": version, "language": "en"});
        let asked = done(&self.clinician.post(&recordings, &asking));
        let id = asked["recordings"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
        let yes = json!({"agreed": true, "version": version, "language": "en", "by": "self"});
        done(&self.patient.post(&format!("{recordings}/{id}/answer"), &yes));
        self.becomes("running");
        here
    }

    /// Both speak by sound alone.
    fn speaks(&mut self, time: Duration) -> Duration {
        let mut speakers = [(&self.clinician, 1), (&self.patient, 2)].map(|(who, mark)| {
            let mut socket = who.socket(&format!("{}/sound", self.at)).unwrap();
            socket.wait_for("call.state", PATIENCE).unwrap();
            Speaker { socket, mark, said: 0, began: Instant::now() }
        });
        let began = speakers[1].began;
        while began.elapsed() < time {
            speakers.iter_mut().for_each(Speaker::speak);
        }
        began.elapsed()
    }

    fn is_killed_and_started(&mut self) {
        self.server.kill().unwrap();
        self.server.restart().unwrap();
        for browser in [&mut self.clinician, &mut self.patient] {
            browser.moves_to(self.server.base());
        }
    }

    /// The last recording, as the clinician sees it.
    fn newest(&mut self) -> Value {
        let all = done(&self.clinician.get(&format!("{}/recordings", self.at)));
        all["recordings"].as_array().unwrap().last().unwrap().clone()
    }

    fn becomes(&mut self, state: &str) -> Value {
        let begun = Instant::now();
        loop {
            let newest = self.newest();
            if newest["state"] == state {
                return newest;
            }
            assert!(begun.elapsed() < PATIENCE, "not {state}: {newest:#}");
            sleep(Duration::from_millis(100));
        }
    }

    fn play(&mut self, file: &Value) -> Vec<u8> {
        let range = [("range", "bytes=0-")];
        self.clinician.send("GET", file["url"].as_str().unwrap(), &range, None).expect(206).body
    }
}

/// What was answered to something that was done.
#[track_caller]
fn done(answer: &Answer) -> Value {
    assert!((200..300).contains(&answer.status), "{}: {} {}", answer.request, answer.status, answer.text());
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// The patient's steps up to the waiting room.
fn comes_in(patient: &mut Browser, at: &str, token: &str) {
    let known = json!({"token": token, "birth_date": "1979-02-11"});
    done(&patient.post(&format!("{at}/confirm"), &known));
    let version = done(&patient.get("/api/consents/visit"))["version"].clone();
    let agreed =
        json!({"version": version, "language": "en", "agreed": true, "by": "patient", "name": "Ye Ting"});
    done(&patient.post(&format!("{at}/consent"), &agreed));
    let told = json!({"reason": "cough", "symptoms": ["cough"], "duration": {"value": 3, "unit": "d"},
        "location": {"text": "12 River Road", "city": "Suzhou"}, "callback_number": "+86 138 0000 0000",
        "emergency_contact": {"name": "Ye Lin", "phone": "+86 139 0000 0000", "relation": ""}, "red_flags": []});
    done(&patient.put(&format!("{at}/intake"), &told));
    done(&patient.send("POST", &format!("{at}/arrive"), &[], None));
}

/// Somebody whose packets say who they are and which one they are.
struct Speaker {
    socket: Socket,
    mark: u8,
    said: u16,
    began: Instant,
}

impl Speaker {
    /// Says what is due, and hears something.
    fn speak(&mut self) {
        while self.began.elapsed() >= Duration::from_millis(u64::from(self.said) * u64::from(FRAME_MS)) {
            let number = self.said.to_be_bytes();
            let timestamp = (u32::from(self.said) * 960).to_be_bytes();
            let frame = [&[0x11, 20][..], &number, &timestamp, &packet(self.mark, self.said)].concat();
            self.socket.send_bytes(&frame).unwrap();
            self.said += 1;
        }
        self.socket.next_within(Duration::ZERO).unwrap();
    }
}

/// One frame of 20 ms (RFC 6716, section 3.1): what is in it is only told apart here, and not decoded.
fn packet(mark: u8, number: u16) -> [u8; 4] {
    let [high, low] = number.to_be_bytes();
    [0xf8, mark, high, low]
}

#[test]
fn what_was_sealed_before_the_server_was_killed_plays_afterwards() {
    let mut visit = Visit::begun();
    let here = visit.agrees();
    let spoken = visit.speaks(Duration::from_secs(10));
    let killed = Timestamp::now();
    visit.is_killed_and_started();
    drop(here);

    let recording = visit.becomes("ready");
    assert_eq!(recording["ended"]["why"], "interrupted");
    let recorded_to: Timestamp = recording["spans"][0]["to"].as_str().unwrap().parse().unwrap();
    assert!(recorded_to <= killed, "nothing was recorded while nobody ran: {recording:#}");
    let spoken_ms = u64::try_from(spoken.as_millis()).unwrap();
    let files = recording["files"].as_array().unwrap().clone();
    let roles: Vec<&str> = files.iter().map(|file| file["role"].as_str().unwrap()).collect();
    assert!(roles.len() == 2 && roles.contains(&"patient") && roles.contains(&"clinician"), "{roles:?}");
    for file in &files {
        let length_ms = file["length_ms"].as_u64().unwrap();
        let mark = if file["role"] == "patient" { 2 } else { 1 };
        let left_ms = plays(visit.play(file), length_ms, mark);
        assert!(left_ms + MOST_LOST_MS >= spoken_ms, "{left_ms} ms of {spoken_ms} are left");
    }

    // Whoever opens the visit reads that it is over, and that it was cut off.
    for browser in [&mut visit.clinician, &mut visit.patient] {
        let seen = done(&browser.get(&visit.at))["visit"]["recording"].clone();
        assert_eq!((&seen["state"], &seen["ended"]["why"]), (&json!("ready"), &json!("interrupted")));
    }
    assert_eq!(staged(&visit), 0, "what is in the files lies nowhere else");
}

#[test]
fn a_recording_that_was_killed_before_anything_was_sealed_is_empty_and_over() {
    let mut visit = Visit::begun();
    let here = visit.agrees();
    visit.speaks(Duration::from_millis(1500));
    visit.is_killed_and_started();
    drop(here);
    let recording = visit.becomes("empty");
    assert_eq!(recording["ended"]["why"], "interrupted");
    assert_eq!(recording["files"], json!([]));
    // And it stands in nobody's way: they can be asked again, agree, and are recorded.
    let _here = visit.agrees();
    visit.speaks(Duration::from_secs(1));
    let id = visit.newest()["id"].as_str().unwrap().to_owned();
    let stop = format!("{}/recordings/{id}/stop", visit.at);
    done(&visit.clinician.send("POST", &stop, &[], None));
    let recording = visit.becomes("ready");
    assert_eq!(recording["ended"]["why"], "stopped");
    for file in recording["files"].as_array().unwrap().clone() {
        let mark = if file["role"] == "patient" { 2 } else { 1 };
        plays(visit.play(&file), file["length_ms"].as_u64().unwrap(), mark);
    }
}

/// A reader that others wrote finds one voice, with every packet of this speaker in its place. Answers how much they say,
/// ms.
#[track_caller]
fn plays(bytes: Vec<u8>, length_ms: u64, mark: u8) -> u64 {
    let mut file = MatroskaFile::open(Cursor::new(bytes)).unwrap();
    let [track] = file.tracks() else { panic!("one track and not {}", file.tracks().len()) };
    assert_eq!((track.track_type(), track.codec_id()), (TrackType::Audio, "A_OPUS"));
    let scale_ms = file.info().timestamp_scale().get() as f64 / 1e6;
    let told_ms = file.info().duration().unwrap() * scale_ms;
    assert!((told_ms - length_ms as f64).abs() < 1.0, "{told_ms} and {length_ms}");
    let (mut frame, mut frames) = (Frame::default(), Vec::new());
    while file.next_frame(&mut frame).unwrap() {
        frames.push((frame.timestamp, frame.data.clone()));
    }
    // Files of a recording begin together: there is silence until somebody says something.
    let silence = frames.iter().take_while(|(_, data)| data.len() != packet(mark, 0).len()).count();
    frames.drain(..silence);
    assert!(frames.len() > 10, "{} frames", frames.len());
    let first = u16::from_be_bytes([frames[0].1[2], frames[0].1[3]]);
    for (place, (at, data)) in (0u16..).zip(&frames) {
        assert_eq!(data[..], packet(mark, first + place), "the {place}th packet");
        let expected = frames[0].0 + u64::from(place) * u64::from(FRAME_MS);
        assert!(at.abs_diff(expected) <= OFF_MS, "the {place}th packet is at {at} and not {expected}");
    }
    let last = frames.last().unwrap().0;
    assert!(length_ms.abs_diff(last) <= 3 * u64::from(FRAME_MS), "{last} of {length_ms}");
    frames.len() as u64 * u64::from(FRAME_MS)
}

/// Tracks that wait to be composed.
fn staged(visit: &Visit) -> usize {
    std::fs::read_dir(visit.server.data().join("blobs/staged")).unwrap().count()
}
