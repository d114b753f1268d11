//! Stories of an emergency: somebody in front of a patient whom policy does not show them.

use bianque_model::{Context, Purpose, ResourceId};
use bianque_store::AuditQuery;
use serde_json::json;

use super::open::{Emergency, open};
use super::reason_of;
use super::{access, list};
use crate::ErrorKind;
use crate::directory::chart;
use crate::testing::{Clinic, Doctor};

struct Story {
    clinic: Clinic,
    stranger: Doctor,
    ana: ResourceId,
}

async fn ana_is_brought_to_another_hospital() -> Story {
    let clinic = Clinic::open();
    let (home, other) = (clinic.organization("Riverside").await, clinic.organization("Hillside").await);
    let stranger = clinic.clinician("he.jun", &other).await;
    let ana = clinic
        .create(json!({
            "resourceType": "Patient", "name": [{"text": "Ana"}], "birthDate": "1980-02-03",
            "identifier": [{"system": "urn:mrn", "value": "A-17"}],
            "managingOrganization": {"reference": format!("Organization/{home}")},
        }))
        .await;
    Story { clinic, stranger, ana }
}

fn emergency(birth_date: &str) -> Emergency {
    Emergency {
        identifier: "A-17".into(),
        birth_date: birth_date.into(),
        reason: "Unconscious, allergies must be known".into(),
    }
}

impl Story {
    /// The stranger's context as the edge establishes it now.
    async fn now(&self) -> Context {
        let context = Context { now: self.clinic.server().now, ..self.stranger.context.clone() };
        let emergencies = access::active(&self.clinic.app, &context).await.unwrap();
        Context { emergencies, ..context }
    }

    async fn reads(&self) -> bool {
        chart::load(&self.clinic.app, &self.now().await, &self.ana).await.is_ok()
    }
}

#[tokio::test]
async fn a_record_is_open_for_an_hour_and_the_patient_is_told() {
    let story = ana_is_brought_to_another_hospital().await;
    let app = &story.clinic.app;
    assert!(!story.reads().await);
    let opened = open(app, &story.now().await, emergency("1980-02-03")).await.unwrap();
    assert_eq!(opened["patient_id"], story.ana.as_str());
    assert!(story.reads().await);

    let server = story.clinic.server();
    let notices =
        app.referring(&server, "Communication", "recipient", ("Patient", &story.ana)).await.unwrap();
    let text = notices[0].value["payload"][0]["contentString"].as_str().unwrap();
    assert!(text.contains("Hillside") && text.contains("Unconscious"), "{text}");

    let query = AuditQuery { patient: Some(story.ana.clone()), limit: 10, ..AuditQuery::default() };
    let rows = app.store.audit(story.stranger.context.tenant, query).await.unwrap();
    let read = rows.iter().find(|(_, row)| row.operation == "chart.read").unwrap();
    assert_eq!(read.1.purpose, Purpose::Btg.code(), "what is read in an emergency says so");

    let opening = rows.iter().find(|(_, row)| row.operation == "emergency.open").unwrap();
    assert!(!opening.1.detail.contains("Unconscious"), "the audit outlives the record, the reason does not");
    let told = reason_of(app, &story.clinic.server(), &opening.1).await.unwrap();
    assert_eq!(told.as_deref(), Some("Unconscious, allergies must be known"));
    assert_eq!(reason_of(app, &story.clinic.server(), &read.1).await.unwrap(), None);

    story.clinic.clock.pass(3601);
    assert!(!story.reads().await, "it ends by itself");
}

#[tokio::test]
async fn it_takes_both_the_number_and_the_birth_date_and_a_reason() {
    let story = ana_is_brought_to_another_hospital().await;
    let app = &story.clinic.app;
    let refused = open(app, &story.now().await, emergency("1980-02-04")).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::NotFound);
    let unknown = Emergency { identifier: "A-18".into(), ..emergency("1980-02-03") };
    assert_eq!(open(app, &story.now().await, unknown).await.unwrap_err().kind, ErrorKind::NotFound);
    let silent = Emergency { reason: "urgent".into(), ..emergency("1980-02-03") };
    assert_eq!(open(app, &story.now().await, silent).await.unwrap_err().code, "reason.short");
    assert!(!story.reads().await);
    let tries = AuditQuery { limit: 10, ..AuditQuery::default() };
    let rows = app.store.audit(story.stranger.context.tenant, tries).await.unwrap();
    let failed = rows.iter().filter(|(_, row)| row.operation == "emergency.open" && !row.success);
    assert_eq!(failed.count(), 2, "who guesses leaves a trace");
}

#[tokio::test]
async fn supervision_sees_who_and_why_and_nothing_of_the_record() {
    let story = ana_is_brought_to_another_hospital().await;
    let app = &story.clinic.app;
    open(app, &story.now().await, emergency("1980-02-03")).await.unwrap();
    let administrator = story.clinic.administrator("root", &story.stranger.account.organization).await;
    let shown = list::list(app, &administrator).await.unwrap();
    assert_eq!(shown["emergencies"][0]["patient_id"], story.ana.as_str());
    assert!(shown["emergencies"][0]["reason"].as_str().unwrap().starts_with("Unconscious"));
    assert!(!shown.to_string().contains("1980-02-03"));
    let context = story.now().await;
    assert_eq!(list::list(app, &context).await.unwrap_err().kind, ErrorKind::Forbidden);
    let refused = open(app, &administrator, emergency("1980-02-03")).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
}
