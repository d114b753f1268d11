//! The quality of a visit, from what its sockets tell to what the record keeps.

use bianque_media::StatsWindow;
use bianque_model::{Context, ResourceId, Timestamp};
use bianque_quality::RatingConstants;
use bianque_quality::rating::{mos, transmission_rating};
use serde_json::{Value, json};

use crate::instant;
use crate::testing::{Clinic, Doctor};
use crate::visits::book::{self, Booking};
use crate::visits::presence::Participant;
use crate::visits::{admit, arrive, call, consent, end, intake, quality, rungs, view, windows};

mod stories;

/// A walk-in who was admitted `WAIT_S` after arrival.
const WAIT_S: i64 = 40;

struct Visit {
    clinic: Clinic,
    doctor: Doctor,
    patient: ResourceId,
    id: ResourceId,
}

async fn admitted() -> Visit {
    Visit::booked(None).await.waits().await.begins_after(WAIT_S).await
}

impl Visit {
    /// A visit that begins in so many seconds; without them now, without an appointment.
    async fn booked(appointed_in_s: Option<i64>) -> Self {
        let clinic = Clinic::open();
        let home = clinic.organization("Home").await;
        let doctor = clinic.clinician("li.na", &home).await;
        let patient = clinic.patient("张伟", &home).await;
        clinic.price("video").await;
        let start = appointed_in_s.map(|seconds| instant::text(clinic.app.clock.now().plus_seconds(seconds)));
        let booking = Booking {
            patient_id: patient.clone(),
            practitioner_id: None,
            start,
            visit_type: "video".into(),
            reason: "cough".into(),
        };
        let id = book::book(&clinic.app, &doctor.context, booking).await.unwrap().visit;
        Self { clinic, doctor, patient, id }
    }

    /// The patient has done what comes before the waiting room, and is in it.
    async fn waits(self) -> Self {
        let (app, as_patient) = (&self.clinic.app, self.as_patient());
        let agreement = json!({"version": consent::VERSION, "language": "en", "agreed": true, "by": "patient", "name": "Z"});
        consent::give(app, &as_patient, &self.id, serde_json::from_value(agreement).unwrap()).await.unwrap();
        let told = json!({"reason": "cough", "duration": {"value": 3, "unit": "d"},
            "location": {"text": "home", "city": "Xi'an"}, "callback_number": "13800000000",
            "emergency_contact": {"name": "W", "phone": "13900000000", "relation": ""}});
        intake::record(app, &as_patient, &self.id, serde_json::from_value(told).unwrap()).await.unwrap();
        arrive::arrive(app, &as_patient, &self.id).await.unwrap();
        self
    }

    async fn begins_after(self, seconds: i64) -> Self {
        self.clinic.clock.pass(seconds);
        let confirmed = serde_json::from_value(json!({"identifiers": ["name", "birth_date"]})).unwrap();
        admit::admit(&self.clinic.app, &self.as_doctor(), &self.id, confirmed).await.unwrap();
        self
    }

    fn as_patient(&self) -> Context {
        self.clinic.patient_of(&self.id, &self.patient)
    }

    fn as_doctor(&self) -> Context {
        Context { now: self.clinic.app.clock.now(), ..self.doctor.context.clone() }
    }

    async fn enters(&self, context: &Context) -> Participant {
        let access = crate::visits::access::load(&self.clinic.app, context, &self.id).await.unwrap();
        let me = view::participant(&self.clinic.app, context, &access).await.unwrap();
        self.clinic.app.presence.enter(context.tenant, &self.id, me.clone());
        me
    }

    /// Five seconds pass, of which a browser tells its round trip and what was heard.
    async fn browser_tells(&self, who: &Participant, rtt_ms: f64) {
        let context = self.as_doctor();
        let stats = json!({
            "from": instant::text(context.now.plus_seconds(-5)), "to": instant::text(context.now), "rtt_ms": rtt_ms,
            "available_out_bps": 2e6, "bytes_up": 1e6, "bytes_down": 1e6,
            "audio": {"concealed": 0, "total": 240_000, "jitter_buffer_ms": 60},
        });
        let stats = serde_json::from_value(stats).unwrap();
        windows::from_browser(&self.clinic.app, &context, &self.id, &who.id, who.role, &stats).await.unwrap();
    }

    /// The same five seconds as the server saw them.
    async fn server_saw(&self, who: &Participant, rtt_ms: f64) {
        let context = self.as_doctor();
        let stats = server_window(context.now, rtt_ms);
        windows::from_server(&self.clinic.app, &context, &self.id, &who.id, who.role, &stats).await.unwrap();
    }

    async fn quality(&self) -> Value {
        quality::show(&self.clinic.app, &self.as_doctor(), &self.id).await.unwrap()
    }

    async fn flows(&self, between: [&str; 2], at: Timestamp) {
        call::media_flows(&self.clinic.app, &self.as_doctor(), &self.id, between, at).await.unwrap();
    }
}

fn server_window(to: Timestamp, rtt_ms: f64) -> StatsWindow {
    StatsWindow {
        from: to.plus_seconds(-5),
        to,
        connected: true,
        rtt_ms: Some(rtt_ms),
        loss_up: None,
        loss_down: None,
        jitter_up_ms: None,
        jitter_down_ms: None,
        estimate_down: None,
        application_limited: true,
        goodput_up_bps: 0,
        goodput_down_bps: 0,
        packets_up: 0,
        packets_down: 0,
        transport: None,
    }
}

/// MOS of a path with these round trips, the jitter buffer of the tests, and nothing invented.
fn heard(round_trips_ms: f64, constants: &RatingConstants) -> f64 {
    mos(transmission_rating(round_trips_ms / 2.0 + 60.0 + constants.codec_ms, 0.0, constants))
}

#[tokio::test]
async fn mos_counts_the_legs_of_both_sides() {
    let visit = admitted().await;
    let (patient, doctor) = (visit.enters(&visit.as_patient()).await, visit.enters(&visit.as_doctor()).await);
    visit.clinic.clock.pass(5);
    visit.browser_tells(&patient, 40.0).await;
    let constants = RatingConstants::default();
    let own_leg = visit.quality().await["mos"]["value"].as_f64().unwrap();
    assert!((own_leg - heard(40.0, &constants)).abs() < 1e-12, "nobody else was measured");
    // The server's reading of the clinician's leg stands until their browser tells its own.
    visit.server_saw(&doctor, 300.0).await;
    let both = visit.quality().await["mos"]["value"].as_f64().unwrap();
    assert!((both - heard(340.0, &constants)).abs() < 1e-12 && both < own_leg - 0.05, "{both} {own_leg}");
    visit.browser_tells(&doctor, 200.0).await;
    let answer = visit.quality().await;
    let expected = heard(240.0, &constants);
    assert!((answer["mos"]["value"].as_f64().unwrap() - expected).abs() < 1e-12);
    let of_windows: Vec<f64> =
        answer["windows"].as_array().unwrap().iter().filter_map(|window| window["mos"].as_f64()).collect();
    assert_eq!(of_windows.len(), 2, "the server's window says nothing of what was heard");
    assert!(of_windows.iter().all(|mos| (mos - expected).abs() < 1e-12), "{of_windows:?}");
}

#[tokio::test]
async fn steps_of_a_connection_are_told_in_order_with_their_causes() {
    let visit = admitted().await;
    let patient = visit.enters(&visit.as_patient()).await;
    assert_eq!(visit.quality().await["steps"], json!([]));
    for (from, to, cause) in [("none", "sound", "not-connected"), ("sound", "udp", "restored")] {
        visit.clinic.clock.pass(7);
        let step = serde_json::from_value(json!({"from": from, "to": to, "cause": cause})).unwrap();
        let context = visit.as_doctor();
        rungs::keep(&visit.clinic.app, &context, &visit.id, &patient.id, patient.role, step).await.unwrap();
    }
    let steps = visit.quality().await["steps"].clone();
    let told = |n: usize| ["participant", "role", "from", "to", "cause"].map(|name| steps[n][name].clone());
    assert_eq!(told(0), ["patient", "patient", "none", "sound", "not-connected"].map(Value::from));
    assert_eq!(told(1), ["patient", "patient", "sound", "udp", "restored"].map(Value::from));
    let of_others = json!({"from": "udp", "to": "moon", "cause": "lost"});
    assert!(serde_json::from_value::<rungs::Step>(of_others).is_err());
}

#[tokio::test]
async fn who_has_sound_alone_is_seen_to_have_it_and_no_more_once_there_is_a_picture() {
    let visit = admitted().await;
    let patient = visit.enters(&visit.as_patient()).await;
    let (app, context) = (&visit.clinic.app, visit.as_doctor());
    let media = || app.presence.of(context.tenant, &visit.id)[0].media;
    call::sound_changed(app, &context, &visit.id, &patient.id, true).await.unwrap();
    assert_eq!(media(), "sound");
    call::media_connected(app, &context, &visit.id, &patient.id).await.unwrap();
    assert_eq!(media(), "connected");
    call::media_stopped(app, &context, &visit.id, &patient.id).await.unwrap();
    assert_eq!(media(), "sound");
    call::sound_changed(app, &context, &visit.id, &patient.id, false).await.unwrap();
    assert_eq!(media(), "none");
}

#[tokio::test]
async fn d_ends_when_the_patient_and_a_clinician_receive_each_other() {
    let visit = admitted().await;
    let (patient, doctor) = (visit.enters(&visit.as_patient()).await, visit.enters(&visit.as_doctor()).await);
    let app = &visit.clinic.app;
    for who in [&patient, &doctor] {
        call::media_connected(app, &visit.as_doctor(), &visit.id, &who.id).await.unwrap();
    }
    let reasons = visit.quality().await["not_computed"].clone();
    assert!(reasons.as_array().unwrap().contains(&json!("no-media")), "connected is not media: {reasons}");
    // Two clinicians who see each other are no visit of the patient's.
    let colleague = Participant { id: "colleague".into(), ..doctor.clone() };
    app.presence.enter(visit.doctor.context.tenant, &visit.id, colleague);
    visit.flows([&doctor.id, "colleague"], visit.as_doctor().now).await;
    assert_eq!(visit.quality().await["d"], Value::Null);
    let at = visit.as_doctor().now.plus_seconds(7);
    visit.clinic.clock.pass(9);
    visit.flows([&patient.id, &doctor.id], at).await;
    // The other side tells the same, and a rejoin tells it again: the first time counts.
    visit.flows([&doctor.id, &patient.id], at.plus_seconds(1)).await;
    let d = visit.quality().await["d"]["value"].as_f64().unwrap();
    assert!((d - (WAIT_S + 7) as f64).abs() < 1e-9, "{d}");
}

#[tokio::test]
async fn what_was_shown_at_the_end_is_what_the_record_keeps() {
    let visit = admitted().await;
    let (patient, doctor) = (visit.enters(&visit.as_patient()).await, visit.enters(&visit.as_doctor()).await);
    visit.flows([&patient.id, &doctor.id], visit.as_doctor().now).await;
    for _ in 0..3 {
        visit.clinic.clock.pass(5);
        visit.browser_tells(&patient, 40.0).await;
        visit.browser_tells(&doctor, 60.0).await;
    }
    let ending = serde_json::from_value(json!({"reason": "done"})).unwrap();
    end::end(&visit.clinic.app, &visit.as_doctor(), &visit.id, ending).await.unwrap();
    let shown = visit.quality().await;
    let kept = visit
        .clinic
        .app
        .referring(&visit.clinic.server(), "Observation", "encounter", ("Encounter", &visit.id))
        .await
        .unwrap();
    let value = |code: &str| {
        let of_code = |found: &&crate::resources::Versioned| found.value["code"]["coding"][0]["code"] == code;
        kept.iter().find(of_code).unwrap().value["valueQuantity"]["value"].clone()
    };
    assert_eq!(kept.len(), 5);
    for (code, figure) in [("T", "t"), ("C", "c"), ("D", "d"), ("R", "r"), ("R_ref", "r_ref")] {
        assert_eq!(value(code), shown[figure]["value"], "{code}");
    }
    assert_eq!(shown["c"]["value"], 80.0);
    assert_eq!(value("R_ref"), Value::Null, "the visit type has no reference cost");
}
