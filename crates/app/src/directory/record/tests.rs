//! Stories of keeping a record.

use bianque_model::{Context, ResourceId, Role, Timestamp};
use bianque_store::AuditQuery;
use serde_json::{Value, json};

use super::allergy::{self, Allergy};
use super::medication::{self, Medication, Order};
use super::problem::{self, Problem};
use super::{Target, history};
use crate::directory::chart;
use crate::testing::{Clinic, Doctor};
use crate::{App, ErrorKind};

struct House {
    clinic: Clinic,
    doctor: Doctor,
    home: ResourceId,
    ana: ResourceId,
}

impl House {
    async fn open() -> Self {
        let clinic = Clinic::open();
        let home = clinic.organization("Riverside").await;
        let doctor = clinic.clinician("li.na", &home).await;
        let ana = clinic.patient("Ana", &home).await;
        Self { clinic, doctor, home, ana }
    }

    fn app(&self) -> &App {
        &self.clinic.app
    }

    /// The doctor, a minute later.
    fn later(&self) -> Context {
        self.clinic.clock.pass(60);
        Context { now: self.clinic.server().now, ..self.doctor.context.clone() }
    }

    async fn chart(&self) -> Value {
        chart::load(self.app(), &self.doctor.context, &self.ana).await.unwrap()
    }

    fn about(&self) -> Value {
        json!({"reference": format!("Patient/{}", self.ana)})
    }
}

fn hypertension() -> Problem {
    Problem {
        text: "Hypertension".into(),
        code: Some(super::Code {
            system: "http://hl7.org/fhir/sid/icd-10".into(),
            code: "I10".into(),
            display: "Essential (primary) hypertension".into(),
        }),
        clinical: "active".into(),
        verification: "confirmed".into(),
        onset: "2019-05".into(),
        abatement: String::new(),
        note: String::new(),
    }
}

fn penicillin() -> Allergy {
    Allergy {
        text: "Penicillin".into(),
        code: None,
        clinical: "active".into(),
        verification: "confirmed".into(),
        criticality: "high".into(),
        category: "medication".into(),
        reaction: "Hives".into(),
        severity: "moderate".into(),
        note: String::new(),
    }
}

fn aspirin() -> Medication {
    Medication {
        text: "Aspirin 100 mg".into(),
        code: None,
        status: "active".into(),
        dosage: "one a day".into(),
        from: "2024-01".into(),
        to: String::new(),
        reason: String::new(),
        note: String::new(),
    }
}

fn at(answer: &Value) -> Target {
    let entry = &answer["entry"];
    let id = entry["id"].as_str().unwrap().parse().unwrap();
    Target::Standing { id, version: entry["version"].as_u64().unwrap() }
}

fn id_of(answer: &Value) -> ResourceId {
    answer["entry"]["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_problem_is_noted_changed_and_resolved_and_its_history_says_by_whom() {
    let house = House::open().await;
    let app = house.app();
    let noted = problem::put(app, &house.later(), &house.ana, Target::New, hypertension()).await.unwrap();
    assert_eq!(house.chart().await["conditions"][0]["text"], "Hypertension");
    let other = house.clinic.clinician("he.jun", &house.home).await;
    let now = house.later().now;
    let resolved = Problem {
        clinical: "resolved".into(),
        abatement: "2025-12-01".into(),
        note: "Diet.".into(),
        ..hypertension()
    };
    let context = Context { now, ..other.context.clone() };
    let answer = problem::put(app, &context, &house.ana, at(&noted), resolved).await.unwrap();
    let expected = json!([2, "resolved", "2025-12-01", "Diet."]);
    let entry = &answer["entry"];
    assert_eq!(json!([entry["version"], entry["status"], entry["abatement"], entry["note"]]), expected);
    let told = history::read(app, &house.later(), &house.ana, "Condition", &id_of(&noted)).await.unwrap();
    let versions = told["versions"].as_array().unwrap();
    let who: Vec<_> =
        versions.iter().map(|one| (one["version"].as_u64(), one["by"]["name"].as_str())).collect();
    assert_eq!(who, [(Some(2), Some("Dr. he.jun")), (Some(1), Some("Dr. li.na"))]);
    assert_eq!(versions[1]["resource"]["clinicalStatus"]["coding"][0]["code"], "active");
    let about = AuditQuery { patient: Some(house.ana.clone()), limit: 20, ..AuditQuery::default() };
    let rows = app.store.audit(house.clinic.tenant, about).await.unwrap();
    let count = |operation: &str| rows.iter().filter(|(_, row)| row.operation == operation).count();
    assert_eq!((count("record.problem"), count("record.history")), (2, 1));
}

#[tokio::test]
async fn of_two_who_change_one_entry_the_second_is_told_and_nothing_is_lost() {
    let house = House::open().await;
    let app = house.app();
    let noted = allergy::put(app, &house.later(), &house.ana, Target::New, penicillin()).await.unwrap();
    let mine = Allergy { criticality: "low".into(), ..penicillin() };
    let theirs = Allergy { reaction: "Anaphylaxis".into(), severity: "severe".into(), ..penicillin() };
    let (now, target) = (house.later(), at(&noted));
    let (first, second) = tokio::join!(
        allergy::put(app, &now, &house.ana, target.clone(), mine),
        allergy::put(app, &now, &house.ana, target, theirs),
    );
    let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
    assert_eq!(won.unwrap()["entry"]["version"], 2);
    let lost = lost.unwrap_err();
    assert_eq!((lost.kind, lost.code), (ErrorKind::Stale, "record.changed"));
    assert_eq!(lost.details["version"], 2);
}

#[tokio::test]
async fn what_a_form_does_not_show_stays_as_another_system_wrote_it() {
    let house = House::open().await;
    let app = house.app();
    let condition = json!({
        "resourceType": "Condition", "subject": house.about(),
        "clinicalStatus": super::hl7("condition-clinical", "active"),
        "verificationStatus": super::hl7("condition-ver-status", "confirmed"),
        "code": {"coding": [
            {"system": "http://hl7.org/fhir/sid/icd-10", "code": "I10"},
            {"system": "http://snomed.info/sct", "code": "38341003"},
        ], "text": "Hypertension"},
        "onsetAge": {"value": 40, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"},
        "bodySite": [{"text": "arteries"}],
    });
    let id = house.clinic.create(condition).await;
    let shown = house.chart().await["conditions"][0].clone();
    assert_eq!(shown["onset"], "40 years");
    let target = Target::Standing { id: id.clone(), version: 1 };
    let changed = Problem { onset: String::new(), clinical: "remission".into(), ..hypertension() };
    problem::put(app, &house.later(), &house.ana, target, changed).await.unwrap();
    let kept = app.resource(house.clinic.tenant, "Condition", &id).await.unwrap().value;
    assert_eq!(kept["code"]["coding"][1]["code"], "38341003");
    assert_eq!((&kept["onsetAge"]["value"], &kept["bodySite"][0]["text"]), (&json!(40), &json!("arteries")));
}

#[tokio::test]
async fn a_note_that_is_gone_on_with_keeps_who_wrote_what() {
    let house = House::open().await;
    let app = house.app();
    let noted = Problem { note: "Salt.".into(), ..hypertension() };
    let first = problem::put(app, &house.later(), &house.ana, Target::New, noted).await.unwrap();
    let more = Problem { note: "Salt.\nWalks now.".into(), ..hypertension() };
    let answer = problem::put(app, &house.later(), &house.ana, at(&first), more).await.unwrap();
    assert_eq!(answer["entry"]["note"], "Salt.\nWalks now.");
    let kept = app.resource(house.clinic.tenant, "Condition", &id_of(&first)).await.unwrap().value;
    assert_eq!(kept["note"].as_array().unwrap().len(), 2);
    let other = Problem { note: "Nothing.".into(), ..hypertension() };
    let answer = problem::put(app, &house.later(), &house.ana, at(&answer), other).await.unwrap();
    assert_eq!(answer["entry"]["note"], "Nothing.");
}

#[tokio::test]
async fn an_end_in_words_stays_while_the_problem_is_over_and_goes_when_it_comes_back() {
    let house = House::open().await;
    let app = house.app();
    let condition = json!({
        "resourceType": "Condition", "subject": house.about(), "code": {"text": "Hypertension"},
        "clinicalStatus": super::hl7("condition-clinical", "resolved"), "abatementString": "last spring",
    });
    let id = house.clinic.create(condition).await;
    let as_it_is = |clinical: &str| Problem {
        code: None,
        clinical: clinical.into(),
        verification: String::new(),
        onset: String::new(),
        ..hypertension()
    };
    let target = Target::Standing { id, version: 1 };
    let answer = problem::put(app, &house.later(), &house.ana, target, as_it_is("resolved")).await.unwrap();
    let entry = &answer["entry"];
    assert_eq!((&entry["abatement"], &entry["verification"]), (&json!("last spring"), &Value::Null));
    let answer =
        problem::put(app, &house.later(), &house.ana, at(&answer), as_it_is("relapse")).await.unwrap();
    assert_eq!(answer["entry"]["abatement"], Value::Null);
}

#[tokio::test]
async fn none_known_is_not_the_same_as_not_asked_and_gives_way_to_an_allergy() {
    let house = House::open().await;
    let app = house.app();
    assert_eq!(house.chart().await["allergies"], json!([]), "nobody has asked");
    allergy::none_known(app, &house.later(), &house.ana).await.unwrap();
    let asked = house.chart().await["allergies"][0].clone();
    assert_eq!((&asked["none_known"], &asked["verification"]), (&json!(true), &json!("confirmed")));
    let again = allergy::none_known(app, &house.later(), &house.ana).await.unwrap_err();
    assert_eq!(again.code, "record.allergies");
    allergy::put(app, &house.later(), &house.ana, Target::New, penicillin()).await.unwrap();
    let chart = house.chart().await;
    let all = chart["allergies"].as_array().unwrap();
    let none = all.iter().find(|one| one["none_known"] == true).unwrap();
    assert_eq!((&none["verification"], &none["clinical"]), (&json!("refuted"), &json!("inactive")));
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn what_was_entered_in_error_stays_and_has_no_state() {
    let house = House::open().await;
    let app = house.app();
    let noted = problem::put(app, &house.later(), &house.ana, Target::New, hypertension()).await.unwrap();
    let error =
        Problem { verification: "entered-in-error".into(), abatement: "2020".into(), ..hypertension() };
    problem::put(app, &house.later(), &house.ana, at(&noted), error).await.unwrap();
    let shown = house.chart().await["conditions"][0].clone();
    assert_eq!((&shown["verification"], &shown["status"]), (&json!("entered-in-error"), &Value::Null));
}

#[tokio::test]
async fn a_medicine_is_noted_and_stopped_and_an_order_is_followed_but_no_draft() {
    let house = House::open().await;
    let app = house.app();
    let noted = medication::put(app, &house.later(), &house.ana, Target::New, aspirin()).await.unwrap();
    let stopped =
        Medication { status: "stopped".into(), to: "2026-01".into(), reason: "Bleeding".into(), ..aspirin() };
    let answer = medication::put(app, &house.later(), &house.ana, at(&noted), stopped).await.unwrap();
    assert_eq!((&answer["entry"]["to"], &answer["entry"]["reason"]), (&json!("2026-01"), &json!("Bleeding")));
    let order = |status: &str| {
        json!({"resourceType": "MedicationRequest", "status": status, "intent": "order", "subject": house.about(),
               "medicationCodeableConcept": {"text": "Metformin"}})
    };
    let (active, draft) =
        (house.clinic.create(order("active")).await, house.clinic.create(order("draft")).await);
    let stop = || Order { status: "stopped".into(), reason: "Nausea".into() };
    let target = |id: &ResourceId| Target::Standing { id: id.clone(), version: 1 };
    medication::follow(app, &house.later(), &house.ana, target(&active), stop()).await.unwrap();
    let refused =
        medication::follow(app, &house.later(), &house.ana, target(&draft), stop()).await.unwrap_err();
    assert_eq!(refused.code, "record.draft");
}

#[tokio::test]
async fn bad_input_is_refused_by_field() {
    let house = House::open().await;
    let app = house.app();
    let field = |problem: Problem| {
        let context = house.later();
        let (app, ana) = (app.clone(), house.ana.clone());
        async move { problem::put(&app, &context, &ana, Target::New, problem).await.unwrap_err().field.unwrap() }
    };
    assert_eq!(field(Problem { text: " ".into(), ..hypertension() }).await, "text");
    assert_eq!(field(Problem { clinical: "gone".into(), ..hypertension() }).await, "clinical");
    assert_eq!(field(Problem { onset: "2019-13".into(), ..hypertension() }).await, "onset");
    assert_eq!(field(Problem { abatement: "2020".into(), ..hypertension() }).await, "abatement");
    let severe = Allergy { reaction: String::new(), ..penicillin() };
    let refused = allergy::put(app, &house.later(), &house.ana, Target::New, severe).await.unwrap_err();
    assert_eq!(refused.field, Some("reaction"));
    let turned = Medication { to: "2023-12".into(), ..aspirin() };
    let refused = medication::put(app, &house.later(), &house.ana, Target::New, turned).await.unwrap_err();
    assert_eq!(refused.field, Some("to"));
}

#[tokio::test]
async fn only_clinicians_who_see_the_patient_write_and_an_entry_of_another_patient_is_not_there() {
    let house = House::open().await;
    let app = house.app();
    let noted = problem::put(app, &house.later(), &house.ana, Target::New, hypertension()).await.unwrap();
    let reporter = house.clinic.staff("ray", Role::Reporter, &house.home).await.context;
    let refused = problem::put(app, &reporter, &house.ana, Target::New, hypertension()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    history::read(app, &reporter, &house.ana, "Condition", &id_of(&noted)).await.unwrap();
    let there = house.clinic.organization("Hillside").await;
    let stranger = house.clinic.clinician("far", &there).await.context;
    let gone = problem::put(app, &stranger, &house.ana, at(&noted), hypertension()).await.unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);
    let ben = house.clinic.patient("Ben", &house.home).await;
    let gone = problem::put(app, &house.later(), &ben, at(&noted), hypertension()).await.unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);
    let gone = history::read(app, &house.later(), &house.ana, "Patient", &house.ana).await.unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_chart_version_moves_when_an_entry_is_deleted() {
    let house = House::open().await;
    let app = house.app();
    let version = || async { house.chart().await["version"].as_str().unwrap().to_owned() };
    let noted = problem::put(app, &house.later(), &house.ana, Target::New, hypertension()).await.unwrap();
    allergy::put(app, &house.later(), &house.ana, Target::New, penicillin()).await.unwrap();
    let before = version().await;
    let context = house.later();
    let mut change = crate::Change::new(app, &context);
    change.delete("Condition", &id_of(&noted), 1);
    change.commit().await.unwrap();
    assert_ne!(version().await, before);
    // And a commit that rests on it is refused, though nothing is newer.
    let seen: chart::ChartVersion = before.parse().unwrap();
    assert!(seen.newest > Timestamp(0));
    let mut change = crate::Change::new(app, &context);
    seen.expectations(&house.ana).into_iter().for_each(|one| change.expect(one));
    assert!(change.try_commit().await.is_err());
}
