//! The cohort is whole, is plainly made up, and is the same every time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use bianque_quality::Reason;
use bianque_quality::chart::control_chart;
use sha2::{Digest, Sha256};

use super::*;

/// 2 January 2026, 07:10 in UTC.
const NOW: Timestamp = Timestamp(1_767_337_800_000_000);

fn text<'a>(resource: &'a Value, field: &str) -> &'a str {
    resource[field].as_str().unwrap_or_default()
}

fn name_of(resource: &Value) -> String {
    format!("{}/{}", text(resource, "resourceType"), text(resource, "id"))
}

/// Every literal reference in a document.
fn references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            into.extend(fields.get("reference").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| references(field, into));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        _ => {}
    }
}

#[test]
fn the_cohort_is_the_same_every_time() {
    let cohort = cohort(1, NOW);
    let mut seen = String::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for resource in &cohort.resources {
        *counts.entry(text(resource, "resourceType")).or_default() += 1;
    }
    writeln!(seen, "{counts:#?}").unwrap();
    for patient in &cohort.patients {
        writeln!(
            seen,
            "{} {} {} {} {}",
            patient.id, patient.name, patient.sex, patient.birth_date, patient.organization
        )
        .unwrap();
    }
    for booking in &cohort.bookings {
        let waits = booking.arrival.as_ref().map_or("", |_| "waits");
        writeln!(
            seen,
            "{} {} {} {} {waits}",
            crate::instant::text(booking.start),
            booking.practitioner,
            booking.patient,
            booking.reason
        )
        .unwrap();
    }
    for visit in &cohort.past_visits {
        let r_ref = visit.quality.r_ref.as_ref().map(|ratio| format!("{:.4}", ratio.value));
        writeln!(seen, "{} {} {} {:?}", visit.id, visit.practitioner, visit.ended_reason, r_ref).unwrap();
    }
    let mut hash = Sha256::new();
    for resource in &cohort.resources {
        hash.update(resource.to_string());
    }
    writeln!(seen, "sha256 {:x}", hash.finalize()).unwrap();
    insta::assert_snapshot!(seen);
}

#[test]
fn another_seed_is_another_cohort() {
    assert!(cohort(1, NOW).resources == cohort(1, NOW).resources);
    assert!(cohort(1, NOW).resources != cohort(2, NOW).resources);
}

#[test]
fn everybody_is_plainly_made_up() {
    let cohort = cohort(3, NOW);
    assert_eq!((cohort.patients.len(), cohort.institutions.len()), (30, 3));
    assert!(cohort.patients.iter().all(|patient| patient.name.contains("Demo")));
    assert!(cohort.practitioners.iter().all(|person| person.name.contains("Demo")));
    assert!(cohort.staff.iter().all(|person| person.name.contains("Demo")));
    assert!(cohort.patients.iter().all(|patient| patient.phone.starts_with("+86 100 0000")));
    let labelled = ["Patient", "RelatedPerson", "Condition", "Observation", "Encounter", "MedicationRequest"];
    for resource in cohort.resources.iter().filter(|one| labelled.contains(&text(one, "resourceType"))) {
        assert_eq!(resource["meta"]["security"][0]["code"], "HTEST", "{}", name_of(resource));
    }
}

#[test]
fn ages_are_what_they_say() {
    for seed in 0..20 {
        for patient in cohort(seed, NOW).patients {
            let today = coding::date(NOW);
            let had = (today.month(), today.day()) >= (patient.birth_date.month(), patient.birth_date.day());
            let age = i64::from(today.year() - patient.birth_date.year()) - i64::from(!had);
            assert_eq!(age, patient.age, "{} born {}", patient.name, patient.birth_date);
        }
    }
}

#[test]
fn names_are_unique_and_references_lead_somewhere() {
    let cohort = cohort(4, NOW);
    let names: Vec<String> = cohort.resources.iter().map(name_of).collect();
    let unique: BTreeSet<&String> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
    let mut before: BTreeSet<&String> = BTreeSet::new();
    for (resource, name) in cohort.resources.iter().zip(&names) {
        let mut targets = Vec::new();
        references(resource, &mut targets);
        for target in targets {
            assert!(before.contains(&target), "{name} refers to {target}, which does not come before it");
        }
        before.insert(name);
    }
    for id in names.iter().filter_map(|name| name.split_once('/')).map(|(_, id)| id) {
        assert!(id.parse::<bianque_model::ResourceId>().is_ok(), "{id}");
    }
}

#[test]
fn every_resource_is_valid() {
    for resource in &cohort(5, NOW).resources {
        let issues = bianque_fhir::validate(resource);
        assert!(issues.is_empty(), "{}: {issues:?}\n{resource:#}", name_of(resource));
    }
}

#[test]
fn the_day_is_around_now_and_nobody_is_in_two_places() {
    for now in [NOW, NOW.plus_seconds(14 * 60 + 59), NOW.plus_seconds(13 * 3600)] {
        let cohort = cohort(6, now);
        let first = &cohort.bookings[0];
        assert_eq!(
            (&first.patient, &first.practitioner),
            (&cohort.patients[0].id, &cohort.practitioners[0].id)
        );
        assert!(first.start > now && first.start.seconds_since(now) <= 900.0 && first.arrival.is_none());
        assert!(cohort.bookings.iter().filter(|booking| booking.arrival.is_some()).count() >= 2);
        for (at, booking) in cohort.bookings.iter().enumerate() {
            assert_eq!(booking.arrival.is_some(), booking.start <= now);
            let price = cohort.prices.iter().find(|price| price.code == booking.visit_type).unwrap();
            assert_eq!(
                booking.end,
                booking.start.plus_seconds(i64::from(price.minutes) * 60),
                "{}",
                booking.id
            );
            let patient = cohort.patients.iter().find(|patient| patient.id == booking.patient).unwrap();
            assert_eq!(patient.organization, booking.organization, "{}", booking.id);
            for other in &cohort.bookings[at + 1..] {
                let same = other.practitioner == booking.practitioner || other.patient == booking.patient;
                let apart = other.end <= booking.start || booking.end <= other.start;
                assert!(!same || apart, "{} and {}", booking.id, other.id);
            }
        }
    }
}

#[test]
fn past_visits_make_a_chart_with_something_to_see() {
    for seed in 0..20 {
        let visits = cohort(seed, NOW).past_visits;
        assert_eq!(visits.len(), 60);
        assert!(visits.windows(2).all(|pair| pair[0].start < pair[1].start));
        assert!(visits.iter().all(|visit| visit.ended < NOW));
        let charted: Vec<(&str, f64)> = visits
            .iter()
            .filter_map(|visit| Some((visit.id.as_str(), visit.quality.r_ref.as_ref().ok()?.value)))
            .collect();
        assert_eq!(charted.len(), 56, "two failed, one abandoned, one measured one way");
        let chart = control_chart(charted, None);
        let signals = chart.points.iter().filter(|point| !point.signals.is_empty()).count();
        assert!((1..20).contains(&signals), "seed {seed}: {signals} signals");
        let reasons: BTreeSet<Reason> = visits.iter().flat_map(|visit| visit.quality.reasons()).collect();
        assert!(reasons.contains(&Reason::Failed) && reasons.contains(&Reason::OneDirection));
    }
}
