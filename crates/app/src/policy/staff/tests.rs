//! A day at a clinic, seen by those who hold no visits.

use bianque_model::{Actor, Context, ResourceId, Role};
use serde_json::{Value, json};

use crate::directory::{chart, patients, practitioners};
use crate::error::ErrorKind;
use crate::quality::over_visits::{Range, over_visits};
use crate::testing::{Clinic, Doctor};
use crate::visits::book::{self, Booking};
use crate::visits::consent::{self, Agreement};
use crate::visits::join::{self, Confirmation, Proxy};
use crate::visits::{access, chat, consults, end, invite, link, list, note, opinion, view, visit};
use crate::{Error, emergency};

const DAY: &str = "2026-01-05";

struct House {
    clinic: Clinic,
    doctor: Doctor,
    home: ResourceId,
    ana: ResourceId,
    visit: ResourceId,
}

impl House {
    async fn open() -> Self {
        let (clinic, doctor, ana, visit) = Clinic::with_visit().await;
        let home = doctor.account.organization.clone();
        Self { clinic, doctor, home, ana, visit }
    }

    async fn staff(&self, role: Role) -> Context {
        self.clinic.staff("somebody", role, &self.home).await.context
    }

    async fn ask(&self, asked: &Doctor) -> Value {
        let inviting =
            json!({"practitioner_id": asked.account.practitioner, "question": "Is it a melanoma?"});
        let inviting = serde_json::from_value(inviting).unwrap();
        invite::invite(&self.clinic.app, &self.doctor.context, &self.visit, inviting).await.unwrap()
    }
}

fn booking(patient: &ResourceId, practitioner: Option<&ResourceId>) -> Booking {
    Booking {
        patient_id: patient.clone(),
        practitioner_id: practitioner.cloned(),
        start: Some("2026-01-05T10:00:00Z".into()),
        visit_type: "video".into(),
        reason: "rash".into(),
    }
}

fn is_refused<T>(answer: Result<T, Error>) {
    assert_eq!(answer.err().map(|error| error.kind), Some(ErrorKind::Forbidden));
}

fn is_not_there<T>(answer: Result<T, Error>) {
    assert_eq!(answer.err().map(|error| error.kind), Some(ErrorKind::NotFound));
}

#[tokio::test]
async fn the_front_desk_books_and_lets_in_and_is_told_nothing_of_why() {
    let house = House::open().await;
    let (app, desk) = (&house.clinic.app, house.staff(Role::FrontDesk).await);
    let found = patients::search(app, &desk, "Ana", None).await.unwrap();
    assert_eq!(found["patients"][0]["id"], json!(house.ana));
    let doctor = house.doctor.account.practitioner.as_ref();
    let without = book::book(app, &desk, booking(&house.ana, None)).await.unwrap_err();
    assert_eq!(without.field, Some("practitioner_id"));
    let own = book::book(app, &desk, booking(&house.ana, house_practitioner(&desk))).await.unwrap_err();
    assert_eq!(own.code, "practitioner.unknown", "the front desk holds no visits");
    let booked = book::book(app, &desk, booking(&house.ana, doctor)).await.unwrap().visit;
    let day = list::day(app, &desk, DAY, "UTC").await.unwrap();
    assert_eq!(day.len(), 2);
    assert!(day.iter().all(|line| line["reason"] == "" && line["red_flags"] == json!([])), "{day:?}");
    assert!(day.iter().all(|line| line["join"]["state"] == "unused"), "{day:?}");
    let desk_sees = access::find(app, &desk, &booked).await.unwrap();
    let shown = view::show(app, &desk, &desk_sees).await.unwrap();
    assert!(shown["join"]["state"] == "unused" && shown.get("intake").is_none(), "{shown}");
    join::renew(app, &desk, &booked).await.unwrap();
    end::cancel(app, &desk, &booked).await.unwrap();
    is_refused(chart::load(app, &desk, &house.ana).await);
    is_refused(access::load(app, &desk, &house.visit).await);
    is_refused(chat::list(app, &desk, &house.visit).await);
    is_refused(note::read(app, &desk, &house.visit).await);
}

fn house_practitioner(context: &Context) -> Option<&ResourceId> {
    match &context.actor {
        Actor::Staff { practitioner, .. } => Some(practitioner),
        _ => None,
    }
}

#[tokio::test]
async fn a_specialist_sees_those_they_were_asked_about_and_signs_an_opinion() {
    let house = House::open().await;
    let app = &house.clinic.app;
    let specialist = house.clinic.staff("skin", Role::Specialist, &house.home).await;
    let who = &specialist.context;
    is_not_there(chart::load(app, who, &house.ana).await);
    is_not_there(access::find(app, who, &house.visit).await);
    assert_eq!(consults::list(app, who).await.unwrap(), json!({"consults": []}));
    let to_ask = practitioners::to_ask(app, &house.doctor.context).await.unwrap();
    assert_eq!(to_ask["practitioners"][0]["id"], json!(specialist.account.practitioner));

    let asked = house.ask(&specialist).await;
    assert_eq!(asked["url"], Value::Null, "who has an account needs no link");
    let consults = consults::list(app, who).await.unwrap();
    assert_eq!(consults["consults"][0]["invitation"]["question"], "Is it a melanoma?");
    assert_eq!(consults["consults"][0]["visit"]["id"], json!(house.visit));
    chart::load(app, who, &house.ana).await.unwrap();
    let save = opinion::Save { text: "Excise it.".into(), version: 0 };
    opinion::save(app, who, &house.visit, save).await.unwrap();
    let (name, registration) = (specialist.account.name.clone(), specialist.account.registration.clone());
    let signing = opinion::Signing { name, registration };
    let signed = opinion::sign(app, who, &house.visit, signing).await.unwrap();
    assert!(signed["opinion"]["signed_at"].is_string());
    // The Task is done: what was shown for its sake is shown no longer, and the visit is closed to them.
    is_not_there(chart::load(app, who, &house.ana).await);
    is_not_there(access::find(app, who, &house.visit).await);
    let consults = consults::list(app, who).await.unwrap();
    assert_eq!(consults["consults"][0]["invitation"]["state"], "signed");
    house.ask(&specialist).await;
    chart::of_visit(app, who, &house.visit).await.unwrap();
}

#[tokio::test]
async fn a_question_that_was_taken_back_is_closed() {
    let house = House::open().await;
    let app = &house.clinic.app;
    let specialist = house.clinic.staff("skin", Role::Specialist, &house.home).await;
    let asked = house.ask(&specialist).await;
    let invitation = asked["invitation"]["id"].as_str().unwrap().parse().unwrap();
    invite::revoke(app, &house.doctor.context, &house.visit, &invitation).await.unwrap();
    is_not_there(access::find(app, &specialist.context, &house.visit).await);
    is_not_there(chart::load(app, &specialist.context, &house.ana).await);
}

#[tokio::test]
async fn a_reporter_reads_what_a_report_needs() {
    let house = House::open().await;
    let app = &house.clinic.app;
    let about = json!({"reference": format!("Patient/{}", house.ana)});
    let allergy =
        json!({"resourceType": "AllergyIntolerance", "patient": about, "code": {"text": "contrast"}});
    house.clinic.create(allergy).await;
    let medication = json!({
        "resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": about,
        "medicationCodeableConcept": {"text": "sertraline"},
    });
    house.clinic.create(medication).await;
    let reporter = house.staff(Role::Reporter).await;
    let chart = chart::load(app, &reporter, &house.ana).await.unwrap();
    assert_eq!(chart["allergies"][0]["text"], "contrast");
    assert_eq!(chart["medications"], json!([]), "no report needs it");
    is_refused(access::find(app, &reporter, &house.visit).await);
    is_refused(list::day(app, &reporter, DAY, "UTC").await);
}

#[tokio::test]
async fn a_supervisor_sees_quality_and_emergencies_of_their_institution_and_no_patient() {
    let house = House::open().await;
    let app = &house.clinic.app;
    let supervisor = house.staff(Role::Supervisor).await;
    let elsewhere = house.clinic.organization("Hilltop").await;
    let stranger = house.clinic.staff("far", Role::Supervisor, &elsewhere).await.context;
    end::cancel(app, &house.doctor.context, &house.visit).await.unwrap();
    let range = Range {
        from: supervisor.now.plus_seconds(-86_400),
        to: supervisor.now.plus_seconds(86_400),
        practitioner: None,
    };
    over_visits(app, &supervisor, &range).await.unwrap();
    let clinicians = practitioners::list(app, &supervisor).await.unwrap();
    assert_eq!(clinicians["practitioners"][0]["id"], json!(house.doctor.account.practitioner));
    visit_quality(app, &supervisor, &house.visit).await.unwrap();
    is_not_there(visit_quality(app, &stranger, &house.visit).await);
    let secret = json!({
        "resourceType": "Patient", "birthDate": "1990-01-01",
        "identifier": [{"system": "urn:id", "value": "7"}],
        "managingOrganization": {"reference": format!("Organization/{elsewhere}")},
    });
    house.clinic.create(secret).await;
    let opening =
        json!({"identifier": "7", "birth_date": "1990-01-01", "reason": "found unconscious at home"});
    emergency::open::open(app, &house.doctor.context, serde_json::from_value(opening).unwrap())
        .await
        .unwrap();
    let seen = |list: Value| list["emergencies"].as_array().map(Vec::len);
    assert_eq!(seen(emergency::list::list(app, &supervisor).await.unwrap()), Some(1));
    assert_eq!(seen(emergency::list::list(app, &stranger).await.unwrap()), Some(0));
    is_refused(patients::search(app, &supervisor, "Ana", None).await);
    is_refused(chart::load(app, &supervisor, &house.ana).await);
    is_refused(access::load(app, &supervisor, &house.visit).await);
}

async fn visit_quality(app: &crate::App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    crate::visits::quality::show(app, context, visit).await
}

#[tokio::test]
async fn a_parent_joins_for_a_child_and_consents_in_their_own_name() {
    let house = House::open().await;
    let (app, nobody) = (&house.clinic.app, house.clinic.nobody());
    let stored = app.load::<visit::Visit>(nobody.tenant, house.visit.as_str()).await.unwrap().unwrap().value;
    let token = link::patient_url(app, nobody.tenant, &stored).rsplit('/').next().unwrap().to_owned();
    let confirmation = |relationship: &str| Confirmation {
        token: token.clone(),
        birth_date: Some("1984-03-17".into()),
        proxy: Some(Proxy { name: "Bea".into(), relationship: relationship.into() }),
        ..Confirmation::default()
    };
    let unknown = join::confirm(app, &nobody, &house.visit, None, &confirmation("BOSS")).await.unwrap_err();
    assert_eq!(unknown.field, Some("relationship"));
    let admitted = join::confirm(app, &nobody, &house.visit, None, &confirmation("PRN")).await.unwrap();
    let Actor::VisitProxy { person, .. } = &admitted.context.actor else { panic!("{:?}", admitted.context) };
    let agreement = Agreement {
        version: consent::VERSION.into(),
        language: "en".into(),
        agreed: true,
        by: "guardian".into(),
        name: "Bea".into(),
    };
    consent::give(app, &admitted.context, &house.visit, agreement).await.unwrap();
    let given = app.load::<visit::Visit>(nobody.tenant, house.visit.as_str()).await.unwrap().unwrap();
    let id = given.value.consent.unwrap().id;
    let consent = app.resource(nobody.tenant, "Consent", &id).await.unwrap().value;
    assert_eq!(consent["performer"][0]["reference"], json!(format!("RelatedPerson/{person}")));
    let person = app.resource(nobody.tenant, "RelatedPerson", person).await.unwrap().value;
    assert_eq!(person["relationship"][0]["coding"][0]["code"], "PRN");
    for who in [&admitted.context, &house.doctor.context] {
        let access = access::load(app, who, &house.visit).await.unwrap();
        let shown = view::show(app, who, &access).await.unwrap();
        assert_eq!(shown["proxy"], json!({"name": "Bea", "relationship": "PRN"}));
    }
}
