//! Stories of a hospital's system that is told of visits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bianque_hl7v2::{Charset, Frames, Message, framed};
use bianque_model::{Actor, Context, ResourceId, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::deliver::{Delivery, Talk, deliver};
use super::destinations::{self, Pausing, Rules};
use super::follow::Follower;
use super::made::OutgoingMessage;
use super::{desk, resend};
use crate::aggregate::Loaded;
use crate::ports::lines::{Awaited, End, Lines, OpenLine};
use crate::ports::outbound::Failure;
use crate::testing::{Clinic, Doctor, PASSWORD};
use crate::visits::book::{self, Booking};
use crate::visits::{addendum, admit, arrive, consent, end, intake, note, sign};
use crate::{App, Change, Error, directory, instant};

/// A receiver: what came, and how it answers.
#[derive(Default)]
struct Hospital {
    came: Mutex<Vec<Message>>,
    /// How it answers next: a code, or nothing. When there is none left it takes everything.
    answers: Mutex<VecDeque<Option<&'static str>>>,
    /// The ends of the lines that were opened.
    ends: Mutex<Vec<String>>,
    /// It closes a line after every answer.
    closes: Mutex<bool>,
}

impl Lines for Arc<Hospital> {
    fn open<'a>(&'a self, end: &'a End) -> Awaited<'a, Box<dyn OpenLine>> {
        self.ends.lock().unwrap().push(end.host.to_string());
        let line = Line {
            hospital: Self::clone(self),
            frames: Frames::new(1 << 20),
            answers: Vec::new(),
            closed: false,
        };
        Box::pin(std::future::ready(Ok(Box::new(line) as Box<dyn OpenLine>)))
    }
}

struct Line {
    hospital: Arc<Hospital>,
    frames: Frames,
    answers: Vec<u8>,
    closed: bool,
}

impl OpenLine for Line {
    fn write<'a>(&'a mut self, bytes: &'a [u8]) -> Awaited<'a, ()> {
        // What is written into a line that the other side has closed is gone.
        if self.closed {
            return Box::pin(std::future::ready(Ok(())));
        }
        self.frames.push(bytes);
        while let Some(frame) = self.frames.next_frame().unwrap() {
            let message = Message::parse(frame, Charset::UTF_8).unwrap();
            let answer = self.hospital.answers.lock().unwrap().pop_front().unwrap_or(Some("AA"));
            if let Some(code) = answer {
                // What was said of another message comes first.
                for control in ["late", &message.text("MSH-10")] {
                    let words = if code == "AA" { "" } else { "no such ward" };
                    let text = format!("MSH|^~\\&|HIS||||||ACK|1|P|2.5\rMSA|{code}|{control}|{words}\r");
                    self.answers.extend(framed(text.as_bytes()));
                }
            }
            self.hospital.came.lock().unwrap().push(message);
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn read(&mut self) -> Awaited<'_, Vec<u8>> {
        let answers = std::mem::take(&mut self.answers);
        let read = match (answers.is_empty(), self.closed) {
            (true, true) => Err(Failure::Broken),
            (true, false) => Err(Failure::TooSlow),
            (false, _) => Ok(answers),
        };
        self.closed |= *self.hospital.closes.lock().unwrap();
        Box::pin(std::future::ready(read))
    }
}

struct Story {
    clinic: Clinic,
    hospital: Arc<Hospital>,
    doctor: Doctor,
    patient: ResourceId,
    follower: Follower,
    talk: Option<Talk>,
}

fn rules() -> Rules {
    serde_json::from_value(json!({
        "name": "县医院 the county's HIS", "host": "his.example", "port": 2575, "application": "HIS",
        "own_application": "BIANQUE", "events": ["SIU", "ADT", "MDM", "ORU", "REF"], "zone": "Asia/Shanghai",
    }))
    .unwrap()
}

impl Story {
    async fn begin(rules: Rules) -> Self {
        let mut clinic = Clinic::open();
        let hospital = Arc::new(Hospital::default());
        clinic.app.lines = Arc::new(Arc::clone(&hospital));
        let home = clinic.organization("Home").await;
        let doctor = clinic.clinician("li.na", &home).await;
        let patient = clinic.patient("Ana", &home).await;
        clinic.price("video").await;
        let administrator = administrator(&clinic);
        destinations::make(&clinic.app, &administrator, rules).await.unwrap();
        let follower = Follower::begin(&clinic.app).await.unwrap();
        Self { clinic, hospital, doctor, patient, follower, talk: None }
    }

    fn app(&self) -> &App {
        &self.clinic.app
    }

    fn administrator(&self) -> Context {
        administrator(&self.clinic)
    }

    fn as_doctor(&self) -> Context {
        Context { now: self.app().clock.now(), ..self.doctor.context.clone() }
    }

    async fn destination(&self) -> destinations::Destination {
        destinations::of(self.app(), self.clinic.tenant).await.unwrap().remove(0).value
    }

    async fn books(&self, in_s: i64) -> ResourceId {
        let start = instant::text(self.app().clock.now().plus_seconds(in_s));
        let booking = Booking {
            patient_id: self.patient.clone(),
            practitioner_id: None,
            start: Some(start),
            visit_type: "video".into(),
            reason: "cough".into(),
        };
        book::book(self.app(), &self.as_doctor(), booking).await.unwrap().visit
    }

    async fn holds(&self, visit: &ResourceId) {
        let (app, patient) = (self.app(), self.clinic.patient_of(visit, &self.patient));
        let agreement = json!({"version": consent::VERSION, "language": "en", "agreed": true, "by": "patient", "name": "A"});
        consent::give(app, &patient, visit, serde_json::from_value(agreement).unwrap()).await.unwrap();
        let told = json!({"reason": "cough", "duration": {"value": 3, "unit": "d"},
            "location": {"text": "home", "city": "Xi'an"}, "callback_number": "13800000000",
            "emergency_contact": {"name": "W", "phone": "13900000000", "relation": ""}});
        intake::record(app, &patient, visit, serde_json::from_value(told).unwrap()).await.unwrap();
        arrive::arrive(app, &patient, visit).await.unwrap();
        let confirmed = serde_json::from_value(json!({"identifiers": ["name", "birth_date"]})).unwrap();
        admit::admit(app, &self.as_doctor(), visit, confirmed).await.unwrap();
        end::end(app, &self.as_doctor(), visit, end::Ending { reason: "done".into() }).await.unwrap();
    }

    async fn signs(&self, visit: &ResourceId, disposition: &str) {
        let content = serde_json::from_value(json!({
            "subjective": "cough & fever", "assessment": "bronchitis", "plan": "rest", "disposition": disposition,
            "go_to_hospital_if": "worse",
            "diagnoses": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "J20.9", "display": "Acute bronchitis",
                "verification": "confirmed"}],
        }))
        .unwrap();
        let (app, doctor) = (self.app(), self.as_doctor());
        note::save(app, &doctor, visit, note::Save { version: 0, content }).await.unwrap();
        let signing = sign::Signing {
            password: Some(PASSWORD.into()),
            passkey: None,
            provider: None,
            chart_version: directory::chart::version(app, &doctor, &self.patient).await.unwrap().to_string(),
            note_version: 1,
        };
        sign::sign(app, &doctor, visit, signing).await.unwrap();
    }

    /// Makes what is to be told.
    async fn tells(&mut self) {
        while self.follower.round(&self.clinic.app).await.unwrap() {}
    }

    /// Sends one message that waits; none: none does.
    async fn sends(&mut self) -> Option<Delivery> {
        let destination = self.destination().await;
        let waiting = super::deliver::next(self.app(), self.clinic.tenant, &destination.id).await.unwrap()?;
        let (app, talk) = (self.clinic.app.clone(), &mut self.talk);
        Some(deliver(&app, self.clinic.tenant, &destination, waiting, talk).await.unwrap())
    }

    async fn sends_all(&mut self) {
        self.tells().await;
        while let Some(delivery) = self.sends().await {
            assert_eq!(delivery, Delivery::Over);
        }
    }

    /// The kinds that came.
    fn kinds(&self) -> Vec<String> {
        let came = self.hospital.came.lock().unwrap();
        came.iter()
            .map(|message| message.text("MSH-9.1").into_owned() + "^" + &message.text("MSH-9.2"))
            .collect()
    }

    fn came(&self, kind: &str) -> Message {
        let came = self.hospital.came.lock().unwrap();
        let [one, event] = <[&str; 2]>::try_from(kind.split('^').collect::<Vec<_>>()).unwrap();
        let is = |message: &&Message| message.text("MSH-9.1") == one && message.text("MSH-9.2") == event;
        came.iter().rfind(is).unwrap_or_else(|| panic!("no {kind}")).clone()
    }

    async fn made(&self) -> Vec<OutgoingMessage> {
        let all = self.app().list::<OutgoingMessage>(self.clinic.tenant, "at", "".."~", 100).await.unwrap();
        all.into_iter().map(|Loaded { value, .. }| value).collect()
    }

    async fn state(&self) -> Value {
        let list = destinations::list(self.app(), &self.administrator()).await.unwrap();
        list["destinations"][0]["state"].clone()
    }
}

fn administrator(clinic: &Clinic) -> Context {
    clinic.context(Actor::Administrator { user: UserId(Uuid::now_v7()) })
}

#[tokio::test]
async fn a_visit_that_is_booked_held_and_signed_is_told_in_order() {
    let mut story = Story::begin(rules()).await;
    let visit = story.books(600).await;
    story.holds(&visit).await;
    story.signs(&visit, "hospital").await;
    story.sends_all().await;
    assert_eq!(story.kinds(), ["SIU^S12", "ADT^A04", "ADT^A03", "MDM^T02", "REF^I12"]);
    let booked = story.came("SIU^S12");
    assert_eq!(booked.text("SCH-11.4"), "20260105161000+0800");
    assert_eq!(booked.text("PID-5.1"), "Ana");
    let document = story.came("MDM^T02");
    assert_eq!(document.text("OBX[1]-5"), "cough & fever");
    assert!(
        document.named("OBX").any(|segment| segment.field(5).text().contains("Acute bronchitis (J20.9)"))
    );
    assert_eq!(document.text("PV1-19.1"), visit.as_str());
    let referral = story.came("REF^I12");
    assert_eq!((referral.text("RF1-2"), referral.text("DG1-3.1")), ("A".into(), "J20.9".into()));
    assert_eq!(referral.text("RF1-10.2"), "Referral to hospital");
    let told = json!({"text": "call me", "password": PASSWORD});
    addendum::add(story.app(), &story.as_doctor(), &visit, serde_json::from_value(told).unwrap())
        .await
        .unwrap();
    story.sends_all().await;
    let added = story.came("MDM^T06");
    assert_eq!((added.text("OBX-5"), added.text("TXA-13.1")), ("call me".into(), document.text("TXA-12.1")));
    assert_eq!(story.hospital.ends.lock().unwrap().len(), 1, "one line serves them all");
    let read = desk::list(story.app(), &story.administrator(), desk::Asked::default()).await.unwrap();
    let newest = &read["messages"][0];
    assert_eq!(
        (&newest["kind"], &newest["state"], &newest["answer"]),
        (&json!("MDM^T06"), &json!("sent"), &json!("AA"))
    );
    let id: ResourceId = newest["id"].as_str().unwrap().parse().unwrap();
    let shown = desk::show(story.app(), &story.administrator(), &id).await.unwrap();
    assert_eq!(shown["segments"][0]["name"], "MSH");
    assert_eq!(shown["answer_segments"][1]["fields"][0], "AA");
}

#[tokio::test]
async fn a_visit_that_is_cancelled_or_missed_is_told() {
    let mut story = Story::begin(rules()).await;
    let (one, other) = (story.books(600).await, story.books(6000).await);
    end::cancel(story.app(), &story.as_doctor(), &one).await.unwrap();
    story.clinic.clock.pass(9000);
    end::no_show(story.app(), &story.as_doctor(), &other).await.unwrap();
    story.sends_all().await;
    assert_eq!(story.kinds(), ["SIU^S12", "SIU^S12", "SIU^S15", "SIU^S26"]);
}

#[tokio::test]
async fn a_destination_is_told_what_it_wants_as_it_wants_it() {
    let told = Rules { events: vec!["ORU".into()], notes: "result".into(), ..rules() };
    let mut story = Story::begin(told).await;
    let visit = story.books(600).await;
    story.holds(&visit).await;
    story.signs(&visit, "self-care").await;
    story.sends_all().await;
    assert_eq!(story.kinds(), ["ORU^R01"]);
    assert_eq!(story.came("ORU^R01").text("OBR-4.1"), "34131-3");
    let elsewhere = Rules { organization_id: "another".into(), ..rules() };
    let mut story = Story::begin(elsewhere).await;
    story.books(600).await;
    story.sends_all().await;
    assert!(story.made().await.is_empty());
}

#[tokio::test]
async fn what_is_restricted_or_told_by_others_is_not_told() {
    let mut story = Story::begin(rules()).await;
    let visit = story.books(600).await;
    let restricted = json!([{"system": crate::policy::CONFIDENTIALITY, "code": "R"}]);
    let context = story.clinic.server();
    let mut patient =
        story.app().resource(story.clinic.tenant, "Patient", &story.patient).await.unwrap().value;
    patient["meta"]["security"] = restricted;
    let mut change = Change::new(story.app(), &context);
    change.put(&patient).unwrap();
    change.commit().await.unwrap();
    story
        .clinic
        .create(json!({"resourceType": "Encounter", "status": "in-progress", "class": {"code": "AMB"},
        "subject": {"reference": format!("Patient/{}", story.patient)}}))
        .await;
    story.tells().await;
    assert!(story.made().await.is_empty(), "{visit}");
}

#[tokio::test]
async fn what_is_refused_is_tried_and_left_for_people_and_the_next_one_goes() {
    let mut story = Story::begin(rules()).await;
    story.books(600).await;
    story.books(6000).await;
    story.tells().await;
    story.hospital.answers.lock().unwrap().extend([Some("AE"); 3]);
    assert_eq!(story.sends().await, Some(Delivery::NotYet("no such ward".into())));
    assert_eq!(story.state().await["waiting"], 2);
    assert_eq!(story.sends().await, Some(Delivery::NotYet("no such ward".into())));
    assert_eq!(story.sends().await, Some(Delivery::Over));
    assert_eq!(story.sends().await, Some(Delivery::Over));
    let state = story.state().await;
    assert_eq!((&state["waiting"], &state["refused"]), (&json!(0), &json!(1)));
    let refused = story.made().await.into_iter().find(|one| one.word() == "refused").unwrap();
    let again = resend::Resending { messages: vec![refused.id.clone()] };
    resend::resend(story.app(), &story.administrator(), again).await.unwrap();
    assert_eq!(story.sends().await, Some(Delivery::Over));
    let came = story.hospital.came.lock().unwrap();
    let numbers: Vec<String> = came.iter().map(|message| message.text("MSH-10").into_owned()).collect();
    assert_eq!(numbers[0], numbers[4], "the same number again");
    assert_eq!(numbers[0], refused.control);
}

#[tokio::test]
async fn what_is_not_answered_waits_and_goes_again_as_it_was() {
    let mut story = Story::begin(rules()).await;
    story.books(600).await;
    story.tells().await;
    story.hospital.answers.lock().unwrap().push_back(None);
    assert_eq!(story.sends().await, Some(Delivery::Unheard(Failure::TooSlow)));
    assert!(story.talk.is_none(), "the line is of no use any longer");
    assert_eq!(story.sends().await, Some(Delivery::Over));
    let came = story.hospital.came.lock().unwrap();
    assert_eq!(came[0].raw(), came[1].raw());
}

#[tokio::test]
async fn a_receiver_that_closes_its_line_after_every_answer_is_no_failure() {
    let mut story = Story::begin(rules()).await;
    *story.hospital.closes.lock().unwrap() = true;
    for minutes in [10, 40, 70] {
        story.books(minutes * 60).await;
    }
    story.sends_all().await;
    assert_eq!(story.kinds(), ["SIU^S12"; 3]);
    assert_eq!(story.hospital.ends.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn what_waits_goes_to_where_the_destination_is_now() {
    let mut story = Story::begin(rules()).await;
    for minutes in [10, 40] {
        story.books(minutes * 60).await;
    }
    story.tells().await;
    assert_eq!(story.sends().await, Some(Delivery::Over));
    let id = story.destination().await.id;
    let moved = Rules { host: "new.example".into(), ..rules() };
    destinations::set(story.app(), &story.administrator(), &id, moved).await.unwrap();
    assert_eq!(story.sends().await, Some(Delivery::Over));
    assert_eq!(*story.hospital.ends.lock().unwrap(), ["his.example", "new.example"]);
}

#[tokio::test]
async fn nothing_is_made_twice_or_left_out_when_the_process_ends() {
    let mut story = Story::begin(rules()).await;
    story.books(600).await;
    story.tells().await;
    story.books(6000).await;
    story.follower = Follower::begin(story.app()).await.unwrap();
    story.tells().await;
    assert_eq!(story.made().await.len(), 2);
    // A process that had not written down how far it was.
    let context = story.clinic.server();
    let mut forgetting = Change::new(story.app(), &context);
    forgetting.remove::<super::follow::Place>("all");
    forgetting.commit().await.unwrap();
    story.follower = Follower::begin(story.app()).await.unwrap();
    story.tells().await;
    assert_eq!(story.made().await.len(), 2);
}

#[tokio::test]
async fn a_name_that_cannot_be_written_is_said_and_made_anew_after_a_fix() {
    let latin = Rules { charset: "8859/1".into(), ..rules() };
    let mut story = Story::begin(latin).await;
    let home = story.clinic.organization("Home").await;
    story.patient = story.clinic.patient("张伟", &home).await;
    story.doctor = story.clinic.clinician("wang", &home).await;
    story.books(600).await;
    story.tells().await;
    let made = story.made().await.remove(0);
    assert_eq!(made.word(), "unmade");
    let shown = made.line();
    assert!(shown["error"].as_str().unwrap().contains("PID-5[1].1"), "{shown}");
    let id = story.destination().await.id;
    destinations::set(story.app(), &story.administrator(), &id, rules()).await.unwrap();
    let again = resend::Resending { messages: vec![made.id.clone()] };
    resend::resend(story.app(), &story.administrator(), again).await.unwrap();
    assert_eq!(story.sends().await, Some(Delivery::Over));
    assert_eq!(story.came("SIU^S12").text("PID-5.1"), "张伟");
}

#[tokio::test]
async fn a_message_is_dropped_by_somebody_and_with_its_destination() {
    let mut story = Story::begin(rules()).await;
    story.books(600).await;
    story.books(6000).await;
    story.tells().await;
    let first = story.made().await.remove(0).id;
    let why = desk::Dropping { reason: "they know".into() };
    desk::drop(story.app(), &story.administrator(), &first, why).await.unwrap();
    let id = story.destination().await.id;
    let paused =
        destinations::pause(story.app(), &story.administrator(), &id, Pausing { paused: true }).await;
    assert_eq!(paused.unwrap()["state"]["waiting"], 1);
    destinations::remove(story.app(), &story.administrator(), &id).await.unwrap();
    assert!(story.made().await.iter().all(|message| message.word() == "dropped"));
}

#[tokio::test]
async fn rules_are_checked_and_only_administrators_say_them() {
    let story = Story::begin(rules()).await;
    let make = async |rules: Rules| -> Result<Value, Error> {
        destinations::make(story.app(), &story.administrator(), rules).await
    };
    for (rules, field) in [
        (Rules { host: "a b".into(), ..rules() }, "host"),
        (Rules { host: "https://his.example".into(), ..rules() }, "host"),
        (Rules { port: 0, ..rules() }, "port"),
        (Rules { events: Vec::new(), ..rules() }, "events"),
        (Rules { events: vec!["DFT".into()], ..rules() }, "events"),
        (Rules { version: "3".into(), ..rules() }, "version"),
        (Rules { zone: "Nowhere".into(), ..rules() }, "zone"),
        (Rules { charset: "none".into(), ..rules() }, "charset"),
        (Rules { certificate: "ab".into(), ..rules() }, "certificate"),
        (Rules { own_application: String::new(), ..rules() }, "own_application"),
    ] {
        assert_eq!(make(rules).await.unwrap_err().field, Some(field));
    }
    assert!(make(Rules { host: "::1".into(), ..rules() }).await.is_ok());
    assert!(destinations::make(story.app(), &story.as_doctor(), rules()).await.is_err());
}
