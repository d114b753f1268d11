//! Visits as they go, and what they come to: every figure worked out by hand beside it.

use bianque_media::{Estimate, EstimateSource, Rung};
use bianque_model::Role;
use bianque_quality::cost::Money;

use super::*;
use crate::Change;
use crate::admin::prices::PriceItem;
use crate::quality::over_visits::{Range, over_visits};
use crate::visits::device_check;

/// The price of the test clinic's visits, CNY: C, unless a story sets another.
const C: f64 = 80.0;
/// A browser's window is not longer than a minute.
const BROWSER_WINDOW_S: i64 = 20;

/// A visit in progress, with moments counted from admission, s.
struct Told {
    visit: Visit,
    admitted: Timestamp,
    patient: Participant,
    doctor: Participant,
}

impl Told {
    async fn of(visit: Visit) -> Self {
        let patient = visit.enters(&visit.as_patient()).await;
        let doctor = visit.enters(&visit.as_doctor()).await;
        Self { admitted: visit.as_doctor().now, visit, patient, doctor }
    }

    /// A walk-in who waited for 40 s.
    async fn walk_in() -> Self {
        Self::of(admitted().await).await
    }

    fn at(&self, seconds: i64) -> Timestamp {
        self.admitted.plus_seconds(seconds)
    }

    /// Patient and clinician receive each other.
    async fn media_flows_at(&self, at: Timestamp) {
        self.visit.flows([&self.patient.id, &self.doctor.id], at).await;
    }

    /// The device check before the visit measured these rates.
    async fn device_check(&self, up_mbps: f64, down_mbps: f64) {
        let report = json!({"camera": "ok", "microphone": "ok", "speaker": true, "up_mbps": up_mbps,
            "down_mbps": down_mbps, "rtt_ms": 30, "jitter_ms": 2});
        let (app, report) = (&self.visit.clinic.app, serde_json::from_value(report).unwrap());
        device_check::record(app, &self.visit.as_patient(), &self.visit.id, report).await.unwrap();
    }

    /// What the visit type costs changes.
    async fn costs(&self, change_price: impl FnOnce(&mut PriceItem)) {
        let (app, server) = (&self.visit.clinic.app, self.visit.clinic.server());
        let mut price = PriceItem::find(app, &server, "video").await.unwrap().unwrap();
        change_price(&mut price);
        let mut change = Change::new(app, &server);
        change.save(&price).unwrap();
        change.commit().await.unwrap();
    }

    /// The server's window of the patient's connection.
    async fn server(&self, from: i64, to: i64, change: impl FnOnce(&mut StatsWindow)) {
        let (app, context) = (&self.visit.clinic.app, self.visit.as_doctor());
        let mut stats = server_window(self.at(to), 80.0);
        (stats.from, stats.application_limited) = (self.at(from), false);
        change(&mut stats);
        let Participant { id, role, .. } = &self.patient;
        windows::from_server(app, &context, &self.visit.id, id, role, &stats).await.unwrap();
    }

    /// WebRTC, over which the server could send so much.
    async fn connected(&self, from: i64, to: i64, down_mbps: u64) {
        let estimate = Estimate { bps: down_mbps * 1_000_000, source: EstimateSource::ServerTwcc };
        self.server(from, to, |stats| stats.estimate_down = Some(estimate)).await;
    }

    async fn disconnected(&self, from: i64, to: i64) {
        self.server(from, to, |stats| stats.connected = false).await;
    }

    async fn by_sound(&self, from: i64, to: i64) {
        self.server(from, to, |stats| stats.transport = Some(Rung::Sound)).await;
    }

    /// The patient's browser, in windows of its own; `told` is what it tells in each.
    async fn browser(&self, from: i64, to: i64, told: Value) {
        let mut begin = from;
        while begin < to {
            let end = to.min(begin + BROWSER_WINDOW_S);
            let mut stats = json!({
                "from": instant::text(self.at(begin)), "to": instant::text(self.at(end)), "rtt_ms": null,
                "available_out_bps": null, "bytes_up": 0, "bytes_down": 0,
                "audio": {"concealed": 0, "total": 48_000 * (end - begin), "jitter_buffer_ms": 60},
            });
            stats.as_object_mut().unwrap().extend(told.as_object().unwrap().clone());
            let context = Context { now: self.at(end), ..self.visit.as_doctor() };
            let Participant { id, role, .. } = &self.patient;
            let (app, stats) = (&self.visit.clinic.app, serde_json::from_value(stats).unwrap());
            windows::from_browser(app, &context, &self.visit.id, id, role, &stats).await.unwrap();
            begin = end;
        }
    }

    /// Chromium, which could send so much and did; nothing froze.
    async fn chromium(&self, from: i64, to: i64, up_mbps: f64) {
        let bytes_up = up_mbps * 1e6 / 8.0 * BROWSER_WINDOW_S as f64;
        let video = json!({"frames_decoded": 500, "freezes": 0, "freeze_seconds": 0, "fps": 25, "width": 640,
            "height": 480});
        let told =
            json!({"available_out_bps": up_mbps * 1e6, "bytes_up": bytes_up, "rtt_ms": 80, "video": video});
        self.browser(from, to, told).await;
    }

    /// The visit is done; what it came to.
    async fn ends_at(&self, seconds: i64) -> Value {
        let clock = &self.visit.clinic.clock;
        clock.pass((self.at(seconds).0 - self.visit.as_doctor().now.0) / 1_000_000);
        let done = serde_json::from_value(json!({"reason": "done"})).unwrap();
        end::end(&self.visit.clinic.app, &self.visit.as_doctor(), &self.visit.id, done).await.unwrap();
        self.visit.quality().await
    }
}

fn yuan(amount: f64) -> Money {
    serde_json::from_value(json!({"amount": amount, "currency": "CNY"})).unwrap()
}

/// T, D and R are these, and C is the price.
#[track_caller]
fn comes_to(answer: &Value, t: f64, d: f64, r: f64) {
    for (name, expected) in [("t", t), ("c", C), ("d", d), ("r", r)] {
        let found = answer[name]["value"].as_f64();
        let close = found.is_some_and(|found| (found - expected).abs() < 1e-9 * expected);
        assert!(close, "{name} is {found:?} and not {expected}: {answer:#}");
    }
}

#[tokio::test]
async fn a_patient_who_is_lost_and_comes_back_had_nothing_meanwhile() {
    let told = Told::walk_in().await;
    told.media_flows_at(told.at(5)).await;
    told.connected(0, 100, 8).await;
    told.chromium(0, 100, 4.0).await;
    // The network was lost for 20 s, and then the server was started again, of which nobody tells anything.
    told.disconnected(100, 120).await;
    told.connected(145, 205, 6).await;
    told.chromium(145, 205, 2.0).await;
    told.media_flows_at(told.at(147)).await;
    let answer = told.ends_at(205).await;
    // Up: nothing for 45 s, 2 for 60 s, 4 for 100 s; half of 205 s is 102.5, and 45 + 60 are more: 2. Without the outage
    // it would be 4. Down, alike, 6. D: 40 s until admission and 5 until media; that it came again is no second wait.
    // R = 2 x 80 / 45.
    comes_to(&answer, 2.0, 45.0, 160.0 / 45.0);
    assert_eq!((answer["t"]["up"].as_f64(), answer["t"]["down"].as_f64()), (Some(2.0), Some(6.0)));
    assert_eq!(answer["t"]["source"], "browser-estimate");
}

#[tokio::test]
async fn a_visit_by_sound_alone_has_the_speed_of_its_device_check_and_no_picture() {
    let by_sound = async |checked: bool| {
        let told = Told::walk_in().await;
        if checked {
            told.device_check(6.0, 20.0).await;
        }
        told.by_sound(0, 120).await;
        // As pages on sound tell it.
        let video = json!({"frames_decoded": 0, "freezes": null, "freeze_seconds": null, "fps": null,
            "width": null, "height": null});
        told.browser(0, 120, json!({"rtt_ms": 60, "bytes_up": 5e4, "bytes_down": 5e4, "video": video})).await;
        told.media_flows_at(told.at(8)).await;
        told.ends_at(120).await
    };
    let answer = by_sound(true).await;
    // Nothing estimates what the line of a WebSocket carries, so the probe stands: 6 up, 20 down. R = 6 x 80 / 48.
    comes_to(&answer, 6.0, 48.0, 10.0);
    assert_eq!((&answer["t"]["source"], &answer["freeze_ratio"]), (&json!("probe"), &Value::Null));
    let mos = heard(60.0, &RatingConstants::default());
    assert!((answer["mos"]["value"].as_f64().unwrap() - mos).abs() < 1e-12, "{answer:#}");

    let answer = by_sound(false).await;
    assert_eq!((&answer["t"], &answer["r"]), (&Value::Null, &Value::Null));
    assert_eq!((&answer["d"]["value"], &answer["not_computed"]), (&json!(48.0), &json!(["no-speed"])));
}

#[tokio::test]
async fn a_stretch_by_sound_is_connected_at_the_rate_that_was_known_before() {
    let told = Told::walk_in().await;
    told.media_flows_at(told.at(5)).await;
    told.connected(0, 60, 3).await;
    told.chromium(0, 60, 1.0).await;
    // It took 9 s until the sound was there, and WebRTC came back at the moment at which a window of the sound began.
    told.disconnected(60, 69).await;
    told.by_sound(69, 120).await;
    told.connected(120, 300, 2).await;
    told.chromium(120, 300, 0.8).await;
    told.by_sound(120, 123).await;
    let answer = told.ends_at(300).await;
    // Estimates cover 240 s of the 291 that were connected. Up: nothing for 9 s, 0.8 for 180 s, 1 for 60 s and the 51 of
    // sound after them; 9 + 180 are more than half of 300: 0.8. Down, alike, 2. R = 0.8 x 80 / 45.
    comes_to(&answer, 0.8, 45.0, 64.0 / 45.0);
    assert_eq!((&answer["t"]["down"], &answer["t"]["down_source"]), (&json!(2.0), &json!("server-estimate")));
    assert_eq!(answer["freeze_ratio"], 0.0, "of the time with a picture");
    let of_server = |rung: Value| {
        let windows = answer["windows"].as_array().unwrap().iter();
        windows.filter(|window| window["source"] == "server-estimate" && window["transport"] == rung).count()
    };
    assert_eq!((of_server(json!("sound")), of_server(Value::Null)), (2, 3), "none took another's place");
}

#[tokio::test]
async fn firefox_tells_neither_rate_nor_round_trip_nor_freezes() {
    let with_firefox = async |checked: bool| {
        let told = Told::walk_in().await;
        if checked {
            told.device_check(3.0, 10.0).await;
        }
        told.connected(0, 120, 4).await;
        let video = json!({"frames_decoded": 500, "freezes": null, "freeze_seconds": null, "fps": 25,
            "width": 640, "height": 480});
        told.browser(0, 120, json!({"bytes_up": 1e6, "bytes_down": 1e6, "video": video})).await;
        told.media_flows_at(told.at(5)).await;
        told.ends_at(120).await
    };
    // The server's reading of the round trip, 80 ms.
    let mos = heard(80.0, &RatingConstants::default());
    let answer = with_firefox(true).await;
    // The way up is the probe's, 3; the way down the server's, 4, and not the probe's 10. R = 3 x 80 / 45.
    comes_to(&answer, 3.0, 45.0, 240.0 / 45.0);
    let sources = (&answer["t"]["up_source"], &answer["t"]["down_source"]);
    assert_eq!(sources, (&json!("probe"), &json!("server-estimate")));
    assert_eq!((&answer["t"]["down"], &answer["freeze_ratio"]), (&json!(4.0), &Value::Null));
    assert!((answer["mos"]["value"].as_f64().unwrap() - mos).abs() < 1e-12, "{answer:#}");

    let answer = with_firefox(false).await;
    assert_eq!((&answer["t"], &answer["r"]), (&Value::Null, &Value::Null));
    assert_eq!((&answer["d"]["value"], &answer["not_computed"]), (&json!(45.0), &json!(["one-direction"])));
}

#[tokio::test]
async fn a_patient_who_comes_early_waits_from_the_appointed_time_on() {
    // Appointed in ten minutes, let in a minute before.
    let early = async |media_at_s: i64| {
        let told = Told::of(Visit::booked(Some(600)).await.waits().await.begins_after(540).await).await;
        told.media_flows_at(told.at(media_at_s)).await;
        told.connected(0, 100, 2).await;
        told.chromium(0, 100, 2.0).await;
        told.ends_at(100).await
    };
    // Media 15 s after admission is 45 s before the appointed time: no wait, and D is its least. R = 2 x 80 / 1.
    comes_to(&early(15).await, 2.0, 1.0, 160.0);
    // Media 80 s after admission is 20 s after the appointed time, whatever was waited before it. R = 2 x 80 / 20.
    comes_to(&early(80).await, 2.0, 20.0, 8.0);
}

#[tokio::test]
async fn a_patient_who_comes_late_waits_from_arrival_on() {
    let visit = Visit::booked(Some(60)).await;
    visit.clinic.clock.pass(300);
    let told = Told::of(visit.waits().await.begins_after(30).await).await;
    told.media_flows_at(told.at(2)).await;
    told.connected(0, 100, 2).await;
    told.chromium(0, 100, 2.0).await;
    // Arrived 240 s after the appointed time, admitted 30 s later, media after 2 s more. R = 2 x 80 / 32.
    comes_to(&told.ends_at(100).await, 2.0, 32.0, 5.0);
}

#[tokio::test]
async fn a_patient_who_never_comes_is_counted_and_has_no_figures() {
    let visit = Visit::booked(Some(600)).await;
    let (app, from) = (&visit.clinic.app, visit.as_doctor().now);
    let off = visit.clinic.visit(&visit.doctor, &visit.patient).await;
    end::cancel(app, &visit.as_doctor(), &off).await.unwrap();
    visit.clinic.clock.pass(1500);
    end::no_show(app, &visit.as_doctor(), &visit.id).await.unwrap();

    let answer = visit.quality().await;
    for figure in ["t", "d", "r", "r_ref", "mos", "freeze_ratio"] {
        assert_eq!(answer[figure], Value::Null, "{figure}");
    }
    assert_eq!(answer["not_computed"], json!(["not-admitted", "no-media"]));
    let server = visit.clinic.server();
    let kept = app.referring(&server, "Observation", "encounter", ("Encounter", &visit.id)).await.unwrap();
    assert_eq!(kept.len(), 0);

    let range = Range { from, to: visit.as_doctor().now.plus_seconds(1), practitioner: None };
    let home = visit.doctor.account.organization.clone();
    let supervisor = visit.clinic.staff("qiu", Role::Supervisor, &home).await;
    let answer = over_visits(app, &supervisor.context, &range).await.unwrap();
    let counted = ["failed", "abandoned", "no_shows"].map(|name| answer[name].clone());
    assert_eq!(counted, [0, 0, 1].map(Value::from));
    // What was called off beforehand is no visit.
    assert_eq!(answer["not_computed"], json!({"count": 1, "reasons": {"not-admitted": 1}}));
    assert_eq!(answer["points"].as_array().unwrap().len(), 1);
    let point = &answer["points"][0];
    assert_eq!((&point["visit_id"], &point["r"]), (&json!(visit.id), &Value::Null));
}

#[tokio::test]
async fn care_that_costs_nothing_has_no_r_and_not_zero() {
    let told = Told::walk_in().await;
    told.costs(|price| (price.cost, price.reference_cost) = (Some(yuan(0.0)), Some(yuan(50.0)))).await;
    told.media_flows_at(told.at(10)).await;
    told.connected(0, 100, 2).await;
    told.chromium(0, 100, 2.0).await;
    let answer = told.ends_at(100).await;
    assert_eq!((&answer["c"], &answer["r"]), (&Value::Null, &Value::Null), "and the price is not borrowed");
    assert_eq!(answer["not_computed"], json!(["zero-cost"]));
    // T and D stand, and so does what the reference cost makes of them: 2 x 50 / 50.
    assert_eq!((&answer["t"]["value"], &answer["d"]["value"]), (&json!(2.0), &json!(50.0)));
    assert_eq!(answer["r_ref"]["value"], 2.0);
}

#[tokio::test]
async fn a_visit_that_is_over_keeps_the_cost_that_it_had() {
    let told = Told::walk_in().await;
    told.media_flows_at(told.at(5)).await;
    told.connected(0, 100, 2).await;
    told.chromium(0, 100, 2.0).await;
    // R = 2 x 80 / 45, today and when care has become ten times as dear.
    comes_to(&told.ends_at(100).await, 2.0, 45.0, 160.0 / 45.0);
    told.costs(|price| price.price = yuan(800.0)).await;
    comes_to(&told.visit.quality().await, 2.0, 45.0, 160.0 / 45.0);
}

#[tokio::test]
async fn a_call_that_starts_at_once_has_a_delay_of_one_second() {
    for media_after_us in [0, 300_000, 999_999] {
        let told = Told::of(Visit::booked(None).await.waits().await.begins_after(0).await).await;
        told.media_flows_at(Timestamp(told.admitted.0 + media_after_us)).await;
        told.connected(0, 100, 2).await;
        told.chromium(0, 100, 2.0).await;
        // R = 2 x 80 / 1.
        comes_to(&told.ends_at(100).await, 2.0, 1.0, 160.0);
    }
}
