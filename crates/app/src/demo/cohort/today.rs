//! Today's visits, around now: the first one is about to begin, some patients wait already, the rest comes later.

use bianque_model::Timestamp;
use serde_json::{Value, json};

use super::coding::{instant, made_up, reference};
use super::dice::Dice;
use super::patients::{Patient, Tongue};
use super::practitioners::Practitioner;
use super::stories::story;

const QUARTER_S: i64 = 900;
const VISIT_TYPE_SYSTEM: &str = "https://bianque.example/fhir/CodeSystem/visit-type";

/// A visit of today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Its Appointment.
    pub id: String,
    /// Its patient's id.
    pub patient: String,
    /// The language its patient speaks.
    pub tongue: Tongue,
    /// Its practitioner's id.
    pub practitioner: String,
    /// Its institution's id.
    pub organization: &'static str,
    /// Code of its type.
    pub visit_type: &'static str,
    /// Appointed start.
    pub start: Timestamp,
    /// Appointed end.
    pub end: Timestamp,
    /// When it was booked.
    pub booked_at: Timestamp,
    /// Why.
    pub reason: &'static str,
    /// The patient who waits already.
    pub arrival: Option<Arrival>,
}

/// A patient in the waiting room, with what they told on the way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When they came.
    pub at: Timestamp,
    /// Codes of symptoms.
    pub symptoms: &'static [&'static str],
    /// For how many days.
    pub days: u32,
    /// Codes of red flags.
    pub red_flags: &'static [&'static str],
    /// Where they are.
    pub city: &'static str,
    /// Where to call back.
    pub callback_number: String,
}

/// Patient and practitioner by number, quarters of an hour from now, type.
type Row = (usize, usize, i64, &'static str);

const DAY: [Row; 18] = [
    (0, 0, 1, "general"),
    (2, 0, 3, "general"),
    (7, 0, -1, "general"),
    (10, 0, 5, "follow-up"),
    (14, 0, 8, "follow-up"),
    (1, 2, 2, "general"),
    (4, 2, -1, "general"),
    (9, 2, 6, "follow-up"),
    (17, 2, 9, "general"),
    (5, 1, 2, "specialist"),
    (8, 1, 6, "specialist"),
    (12, 1, 10, "specialist"),
    (18, 3, 4, "general"),
    (19, 4, 1, "general"),
    (21, 4, 3, "follow-up"),
    (20, 5, 2, "nurse"),
    (26, 6, 4, "specialist"),
    (29, 7, 6, "specialist"),
];

pub(super) fn bookings(
    now: Timestamp,
    staff: &[Practitioner],
    patients: &[Patient],
    dice: &mut Dice,
) -> Vec<Booking> {
    let quarter = Timestamp(now.0.div_euclid(QUARTER_S * 1_000_000) * QUARTER_S * 1_000_000);
    let mut bookings = Vec::new();
    for ((patient, practitioner, quarters, visit_type), number) in DAY.iter().zip(1..) {
        let (Some(patient), Some(practitioner)) = (patients.get(*patient), staff.get(*practitioner)) else {
            continue;
        };
        let start = quarter.plus_seconds(quarters * QUARTER_S);
        let minutes = if *visit_type == "specialist" { 30 } else { 15 };
        let icd = patient.conditions.first().copied().unwrap_or("J06.9");
        bookings.push(Booking {
            id: format!("demo-appointment-{number:02}"),
            patient: patient.id.clone(),
            tongue: patient.tongue,
            practitioner: practitioner.id.clone(),
            organization: practitioner.organization,
            visit_type,
            start,
            end: start.plus_seconds(minutes * 60),
            booked_at: now.plus_seconds(-3600 * dice.between(20, 200)),
            reason: story(icd).map_or("", |story| story.reason.in_tongue(patient.tongue)),
            arrival: (*quarters < 0).then(|| arrival(patient, now, dice)),
        });
    }
    bookings
}

fn arrival(patient: &Patient, now: Timestamp, dice: &mut Dice) -> Arrival {
    let failing = patient.conditions.contains(&"I50.9");
    Arrival {
        at: now.plus_seconds(-60 * dice.between(4, 14)),
        symptoms: if failing { &["fatigue", "dizziness"] } else { &["back-pain"] },
        days: u32::try_from(dice.between(1, 6)).unwrap_or(1),
        red_flags: if failing { &["breathing"] } else { &[] },
        city: match patient.tongue {
            Tongue::English => "Demo County",
            Tongue::Chinese => "演示县",
        },
        callback_number: patient.phone.clone(),
    }
}

impl Booking {
    /// The Slot, taken. Free slots follow from weekly hours and are no resources.
    pub fn slot(&self) -> Value {
        json!({
            "resourceType": "Slot",
            "id": self.slot_id(),
            "schedule": reference("Schedule", &self.practitioner),
            "status": "busy",
            "start": instant(self.start),
            "end": instant(self.end),
        })
    }

    /// The Appointment.
    pub fn appointment(&self) -> Value {
        let participant = |resource_type: &str, id: &str| json!({"actor": reference(resource_type, id), "status": "accepted"});
        json!({
            "resourceType": "Appointment",
            "id": self.id,
            "meta": made_up(),
            "status": "booked",
            "serviceType": [{"coding": [{"system": VISIT_TYPE_SYSTEM, "code": self.visit_type}]}],
            "reasonCode": [{"text": self.reason}],
            "start": instant(self.start),
            "end": instant(self.end),
            "slot": [reference("Slot", &self.slot_id())],
            "created": instant(self.booked_at),
            "participant": [
                participant("Patient", &self.patient),
                participant("Practitioner", &self.practitioner),
            ],
        })
    }

    fn slot_id(&self) -> String {
        self.id.replace("appointment", "slot")
    }
}
