//! The newest observations of each kind.

use bianque_model::ResourceId;
use serde_json::{Value, json};

use super::{answer, kind, names, program};
use crate::records::operations::last_n::last_n;
use crate::testing::Clinic;
use crate::{Error, ErrorKind};

fn observation(patient: &ResourceId, codings: &[(&str, &str)], date: Option<&str>) -> Value {
    let codings = codings.iter().map(|(system, code)| json!({"system": system, "code": code}));
    let mut observation = json!({
        "resourceType": "Observation", "status": "final", "subject": {"reference": format!("Patient/{patient}")},
        "code": {"coding": codings.collect::<Vec<_>>()},
    });
    if let Some(date) = date {
        observation["effectiveDateTime"] = json!(date);
    }
    observation
}

async fn asked(clinic: &Clinic, pairs: &[(&str, &str)]) -> Result<Vec<u8>, Error> {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    last_n(&clinic.app, &program(clinic, &["system/*.rs"]), &pairs).await
}

#[tokio::test]
async fn the_newest_of_each_code_come_the_newest_kind_first() {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let (patient, other) = (clinic.patient("张伟", &home).await, clinic.patient("王芳", &home).await);
    let pulse = [("http://loinc.org", "8867-4")];
    let both = [("http://loinc.org", "8867-4"), ("urn:local", "HR")];
    let local = [("urn:local", "HR")];
    let weight = [("http://loinc.org", "29463-7")];
    let mut made = Vec::new();
    for (codes, date) in [
        (&pulse[..], Some("2020-01-01")),
        (&both[..], Some("2024-01-03")),
        (&local[..], Some("2024-01-02")),
        (&weight[..], Some("2025-06-01")),
        (&weight[..], None),
    ] {
        let id = clinic.create(observation(&patient, codes, date)).await;
        made.push(format!("Observation/{id}"));
    }
    clinic.create(observation(&other, &weight, Some("2026-01-01"))).await;
    let whose = ("patient", patient.as_str());
    let one = answer(asked(&clinic, &[whose]).await);
    assert_eq!(names(&one, "match"), [made[3].clone(), made[1].clone()]);
    assert_eq!(one["total"], 2);
    let two = answer(asked(&clinic, &[whose, ("max", "2")]).await);
    let expected = [3, 4, 1, 2].map(|at: usize| made[at].clone());
    assert_eq!(
        names(&two, "match"),
        expected,
        "codes that stood together are one kind; what has no date is last"
    );
    let narrowed = answer(asked(&clinic, &[whose, ("max", "9"), ("code", "http://loinc.org|8867-4")]).await);
    assert_eq!(names(&narrowed, "match"), [made[1].clone(), made[0].clone()]);
}

#[tokio::test]
async fn a_question_without_a_patient_or_with_more_than_is_taken_is_refused() {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let patient = clinic.patient("张伟", &home).await;
    let whose = ("subject", patient.as_str());
    for pairs in [
        &[("code", "x")][..],
        &[whose, ("max", "0")],
        &[whose, ("max", "101")],
        &[whose, ("max", "1"), ("max", "2")],
        &[whose, ("_sort", "date")],
        &[whose, ("_include", "Observation:subject")],
        &[whose, ("surprise", "1")],
        &[("patient:missing", "true")],
    ] {
        assert_eq!(kind(asked(&clinic, pairs).await), ErrorKind::Malformed, "{pairs:?}");
    }
    let pairs = [("patient".to_owned(), patient.to_string())];
    let none = last_n(&clinic.app, &program(&clinic, &["system/Patient.rs"]), &pairs).await;
    assert_eq!(kind(none), ErrorKind::Forbidden);
    let away = clinic.organization("Away").await;
    let stranger = clinic.clinician("wu.ming", &away).await;
    clinic.create(observation(&patient, &[("urn:a", "b")], None)).await;
    assert_eq!(answer(last_n(&clinic.app, &stranger.context, &pairs).await)["total"], 0);
}
