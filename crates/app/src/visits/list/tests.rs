//! A full day of an institution, in the order and with the places that a clinician sees.

use std::time::Instant;

use bianque_model::{Context, ResourceId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::day;
use crate::testing::{Clinic, Doctor};
use crate::visits::encounter::{self, status};
use crate::visits::intake::{Duration, EmergencyContact, Intake, Location};
use crate::visits::{Visit, view};
use crate::{Change, instant};

const DOCTORS: i64 = 4;
const VISITS: i64 = 200;
/// Of each clinician's visits this many wait.
const WAITING: i64 = 20;

struct Day {
    clinic: Clinic,
    doctors: Vec<Doctor>,
}

/// Each clinician has fifty visits, a minute apart; the first twenty wait, having come in the reverse order of their
/// appointments. The one who came last has a red flag.
async fn full_day() -> Day {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let mut doctors = Vec::new();
    for name in ["li.na", "wang.fang", "chen.jie", "zhao.min"] {
        doctors.push(clinic.clinician(name, &home).await);
    }
    clinic.price("video").await;
    for (doctor, number) in doctors.iter().zip(0..) {
        let mut patients = Vec::new();
        for place in 0..VISITS / DOCTORS {
            patients.push(clinic.patient(&format!("P{number}-{place}"), &home).await);
        }
        let context = Context { now: clinic.app.clock.now(), ..doctor.context.clone() };
        let mut change = Change::new(&clinic.app, &context);
        for (patient, place) in patients.into_iter().zip(0..) {
            let visit = booked(doctor, &home, patient, &context, place);
            let mut resource = encounter::planned(&visit, "Video", &context);
            if place < WAITING {
                encounter::move_to(&mut resource, status::ARRIVED, context.now.plus_seconds(-60 * place));
            }
            change.create(&resource).unwrap();
            change.insert(&visit).unwrap();
        }
        change.commit().await.unwrap();
    }
    Day { clinic, doctors }
}

fn booked(doctor: &Doctor, home: &ResourceId, patient: ResourceId, context: &Context, place: i64) -> Visit {
    let start = context.now.plus_seconds(60 * place);
    Visit {
        id: Uuid::now_v7().into(),
        patient,
        organization: home.clone(),
        practitioner: doctor.account.practitioner.clone().unwrap(),
        visit_type: "video".into(),
        start,
        end: start.plus_seconds(900),
        intake: (place == 0).then(red_flag),
        ..Visit::blank()
    }
}

fn red_flag() -> Intake {
    Intake {
        reason: "chest".into(),
        symptoms: Vec::new(),
        duration: Duration { value: 1.0, unit: "h".into() },
        location: Location { text: "home".into(), city: "Xi'an".into() },
        callback_number: "1".into(),
        emergency_contact: EmergencyContact { name: "W".into(), phone: "2".into(), relation: String::new() },
        red_flags: vec!["chest-pain".into()],
        notes: String::new(),
    }
}

#[tokio::test]
async fn a_full_day_is_listed_in_order_with_everybodys_place() {
    let Day { clinic, doctors } = full_day().await;
    let context = Context { now: clinic.app.clock.now(), ..doctors[0].context.clone() };
    let today = instant::day_of(context.now, "UTC").unwrap();
    let begun = Instant::now();
    let rows = day(&clinic.app, &context, &today, "UTC").await.unwrap();
    eprintln!("{} visits listed in {:.0} ms", rows.len(), begun.elapsed().as_secs_f64() * 1e3);

    assert_eq!(rows.len(), 200);
    let red = |row: &Value| row["red_flags"] == json!(["chest-pain"]);
    assert!(rows[..4].iter().all(red) && !rows[4..].iter().any(red), "red flags first");
    for doctor in &doctors {
        let theirs: Vec<&Value> = rows
            .iter()
            .filter(|row| row["practitioner"]["id"] == json!(doctor.account.practitioner))
            .collect();
        let places: Vec<Option<u64>> = theirs.iter().map(|row| row["queue_place"].as_u64()).collect();
        let expected: Vec<Option<u64>> = (1..=20).map(Some).chain(vec![None; 30]).collect();
        assert_eq!(places, expected);
        // Behind the red flag, who came first is seen first: those of the last appointments.
        assert!(theirs[1..20].windows(2).all(|two| two[0]["start"].as_str() > two[1]["start"].as_str()));
        assert_eq!(theirs[0]["practitioner"]["name"], json!(doctor.account.name));
    }
    // One visit alone says the same of itself as the list does.
    let row = &rows[10];
    let id: ResourceId = row["id"].as_str().unwrap().parse().unwrap();
    let visit = clinic.app.load::<Visit>(context.tenant, id.as_str()).await.unwrap().unwrap().value;
    let encounter = clinic.app.resource(context.tenant, "Encounter", &id).await.unwrap().value;
    assert_eq!(*row, view::summary(&clinic.app, &context, &visit, &encounter).await.unwrap());
}
