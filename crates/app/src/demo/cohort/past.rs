//! Visits of the last months, with the quality that the method computes from their windows.
//!
//! Nothing of T, C, D and R is made up directly: rates, times and costs are, and `bianque_quality` does the rest. A few
//! visits failed, were abandoned or were measured in one direction only, and one week had a bad line, so that charts
//! have something to show.

use bianque_model::Timestamp;
use bianque_quality::assess::Outcome;
use bianque_quality::call::VideoConstants;
use bianque_quality::cost::CostInput;
use bianque_quality::delay::DelayInput;
use bianque_quality::rating::RatingConstants;
use bianque_quality::{Assessment, MediaWindow, Quality, RateWindow, Source, VideoSample, assess};
use serde_json::{Value, json};

use super::coding::{instant, made_up, reference};
use super::dice::Dice;
use super::patients::Patient;
use super::practitioners::Practitioner;
use super::prices::Price;
use super::stories::story;

const DAY_S: i64 = 86_400;
const VISITS: i64 = 60;
/// Days back to the first of them.
const DAYS: i64 = 84;
/// What is booked, by its place in the catalogue: general practice most, counselling and nurse advice seldom.
const USUAL: [usize; 10] = [0, 0, 0, 0, 1, 1, 1, 2, 3, 4];
const VISIT_TYPE_SYSTEM: &str = "https://bianque.example/fhir/CodeSystem/visit-type";

/// A visit that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct PastVisit {
    /// Its Encounter.
    pub id: String,
    /// Its patient's id.
    pub patient: String,
    /// Its practitioner's id.
    pub practitioner: String,
    /// Its institution's id.
    pub organization: &'static str,
    /// Code of its type.
    pub visit_type: &'static str,
    /// The name of its type in English.
    pub visit_type_name: &'static str,
    /// Why, in the patient's language.
    pub reason: &'static str,
    /// Appointed start.
    pub start: Timestamp,
    /// When the patient came.
    pub arrived: Timestamp,
    /// When the patient was admitted.
    pub admitted: Timestamp,
    /// When media first flowed both ways.
    pub first_media_at: Option<Timestamp>,
    /// When it ended.
    pub ended: Timestamp,
    /// `done`, `technical` or `abandoned`.
    pub ended_reason: &'static str,
    /// Its quality.
    pub quality: Quality,
}

pub(super) fn visits(
    now: Timestamp,
    staff: &[Practitioner],
    patients: &[Patient],
    prices: &[Price],
    dice: &mut Dice,
) -> Vec<PastVisit> {
    let first = now.plus_seconds(-DAYS * DAY_S);
    (0..VISITS)
        .filter_map(|number| {
            let start = first.plus_seconds(number * DAYS * DAY_S / VISITS + 900 * dice.between(0, 16));
            let patient = dice.pick(patients);
            let colleagues: Vec<&Practitioner> =
                staff.iter().filter(|person| person.organization == patient.organization).collect();
            let practitioner =
                colleagues.get(usize::try_from(dice.next() % 4).unwrap_or(0)).or(colleagues.first())?;
            let price = prices.get(*dice.pick(&USUAL))?;
            Some(Course { number, start, patient, practitioner, price }.visit(dice))
        })
        .collect()
}

/// How one visit went.
struct Course<'a> {
    number: i64,
    start: Timestamp,
    patient: &'a Patient,
    practitioner: &'a Practitioner,
    price: &'a Price,
}

impl Course<'_> {
    fn visit(&self, dice: &mut Dice) -> PastVisit {
        let (outcome, ended_reason) = match self.number {
            13 | 41 => (Outcome::Failed, "technical"),
            27 => (Outcome::Abandoned, "abandoned"),
            _ => (Outcome::Held, "done"),
        };
        let arrived = self.start.plus_seconds(-dice.between(60, 600));
        let wait_ms = if self.in_bad_week() { 900_000 } else { 20_000 }
            + dice.between(0, 120_000)
            + dice.between(0, 120_000);
        let media = Timestamp(self.start.0 + wait_ms * 1000);
        let admitted = media.plus_seconds(-dice.between(3, 9));
        let ended = admitted.plus_seconds(60 * dice.between(5, 16));
        let first_media_at = (outcome == Outcome::Held).then_some(media);
        let quality = self.quality(outcome, arrived, admitted, first_media_at, ended, dice);
        let icd = self.patient.conditions.first().copied().unwrap_or("J06.9");
        PastVisit {
            id: format!("demo-visit-{:02}", self.number + 1),
            patient: self.patient.id.clone(),
            practitioner: self.practitioner.id.clone(),
            organization: self.practitioner.organization,
            visit_type: self.price.code,
            visit_type_name: self.price.en,
            reason: story(icd).map_or("", |story| story.reason.in_tongue(self.patient.tongue)),
            start: self.start,
            arrived,
            admitted,
            first_media_at,
            ended,
            ended_reason,
            quality,
        }
    }

    /// A week in which the line was bad and people waited.
    const fn in_bad_week(&self) -> bool {
        matches!(self.number, 47..=49)
    }

    fn quality(
        &self,
        outcome: Outcome,
        arrived: Timestamp,
        admitted: Timestamp,
        first_media_at: Option<Timestamp>,
        ended: Timestamp,
        dice: &mut Dice,
    ) -> Quality {
        let (rates, media) = self.windows(admitted, ended, dice);
        assess(&Assessment {
            outcome,
            admitted: Some(admitted),
            ended: Some(ended),
            delay: DelayInput::Call {
                arrived: Some(arrived),
                appointed: Some(self.start),
                two_way_media: first_media_at,
            },
            cost: CostInput {
                configured: self.price.cost,
                charges: Vec::new(),
                catalogue: Some(self.price.price),
            },
            reference_cost: self.price.reference_cost,
            rates: &rates,
            patient: &media,
            clinician: &media,
            rating: RatingConstants::default(),
            video: VideoConstants::default(),
        })
    }

    /// A window a minute: rates of both directions, and what was heard and seen.
    fn windows(
        &self,
        admitted: Timestamp,
        ended: Timestamp,
        dice: &mut Dice,
    ) -> (Vec<RateWindow>, Vec<MediaWindow>) {
        let usual_kbps = if self.in_bad_week() { 260 } else { dice.around(2600, 1500) };
        let one_way_only = self.number == 33;
        let (mut rates, mut media) = (Vec::new(), Vec::new());
        let mut from = admitted;
        while from < ended {
            let to = from.plus_seconds(60).min(ended);
            let up_kbps = dice.around(usual_kbps, usual_kbps / 4);
            let down_kbps = up_kbps * 2 + dice.between(0, 900);
            rates.push(RateWindow {
                from,
                to,
                connected: true,
                available_up_bps: (!one_way_only).then_some((up_kbps * 1000) as f64),
                available_down_bps: Some((down_kbps * 1000) as f64),
                source: Source::BrowserEstimate,
                application_limited: false,
            });
            media.push(heard_and_seen(from, to, up_kbps, dice));
            from = to;
        }
        (rates, media)
    }
}

fn heard_and_seen(from: Timestamp, to: Timestamp, kbps: i64, dice: &mut Dice) -> MediaWindow {
    let poor = kbps < 500;
    let seconds = to.0.saturating_sub(from.0) / 1_000_000;
    let count = |value: i64| u64::try_from(value).unwrap_or(0);
    MediaWindow {
        from,
        to,
        connected: true,
        rtt_ms: Some(dice.around(if poor { 260 } else { 70 }, 40) as f64),
        far_rtt_ms: None,
        jitter_buffer_ms: Some(dice.around(if poor { 140 } else { 60 }, 20) as f64),
        concealed_samples: count(48 * seconds * dice.between(0, if poor { 60 } else { 6 })),
        total_samples: count(48_000 * seconds),
        bytes_up: count(seconds * kbps.min(900) * 90),
        bytes_down: count(seconds * kbps.min(900) * 100),
        video: Some(VideoSample {
            frames_decoded: count(seconds * if poor { 9 } else { 24 }),
            freezes: Some(count(dice.between(0, if poor { 4 } else { 2 }))),
            freeze_seconds: Some(if poor { dice.between(0, 8) as f64 } else { 0.0 }),
            fps: if poor { 9.0 } else { 24.0 },
            width: if poor { 320 } else { 1280 },
            height: if poor { 180 } else { 720 },
        }),
    }
}

impl PastVisit {
    /// The Encounter, with every state it went through.
    pub fn encounter(&self) -> Value {
        let state = |status: &str, from: Timestamp, to: Timestamp| json!({"status": status, "period": {"start": instant(from), "end": instant(to)}});
        json!({
            "resourceType": "Encounter",
            "id": self.id,
            "meta": made_up(),
            "status": "finished",
            "statusHistory": [
                state("planned", self.start.plus_seconds(-3 * DAY_S), self.arrived),
                state("arrived", self.arrived, self.admitted),
                state("in-progress", self.admitted, self.ended),
                {"status": "finished", "period": {"start": instant(self.ended)}},
            ],
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR", "display": "virtual"},
            "type": [{"coding": [{
                "system": VISIT_TYPE_SYSTEM, "code": self.visit_type, "display": self.visit_type_name,
            }]}],
            "subject": reference("Patient", &self.patient),
            "participant": [{
                "type": [{"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "PPRF",
                    "display": "primary performer",
                }]}],
                "individual": reference("Practitioner", &self.practitioner),
            }],
            "period": {"start": instant(self.admitted), "end": instant(self.ended)},
            "reasonCode": [{"text": self.reason}],
            "serviceProvider": reference("Organization", self.organization),
        })
    }
}
