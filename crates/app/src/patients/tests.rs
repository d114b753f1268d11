//! Stories of records that are one person's.

mod finding;
mod merging;
mod races;
mod undoing;

use bianque_model::{Actor, Context, ResourceId, Role};
use serde_json::{Value, json};

use crate::patients::merge::{Merged, Merging, merge};
use crate::patients::undo::{Undoing, undo};
use crate::records::operations::everything::{Whole, everything};
use crate::records::{Asked, search};
use crate::testing::{Clinic, Doctor};
use crate::{Error, ErrorKind};

/// A clinic with a front desk, and two records of what turns out to be one person.
struct Story {
    clinic: Clinic,
    home: ResourceId,
    desk: Doctor,
    doctor: Doctor,
    ana: ResourceId,
    anna: ResourceId,
}

impl Story {
    async fn begin() -> Self {
        let clinic = Clinic::open();
        let home = clinic.organization("Riverside").await;
        let desk = clinic.staff("mei", Role::FrontDesk, &home).await;
        let doctor = clinic.clinician("li.na", &home).await;
        let ana = clinic.patient("Ana Reyes", &home).await;
        let anna = clinic.patient("Anna Reyes", &home).await;
        let story = Self { clinic, home, desk, doctor, ana, anna };
        story.measured(&story.ana, "old").await;
        story.measured(&story.anna, "new").await;
        story
    }

    /// Puts a measurement with a text into a record.
    async fn measured(&self, patient: &ResourceId, text: &str) -> ResourceId {
        let observation = json!({
            "resourceType": "Observation", "status": "final", "code": {"text": text},
            "subject": {"reference": format!("Patient/{patient}")}, "valueString": text,
        });
        self.clinic.create(observation).await
    }

    async fn merge(&self, merged: &ResourceId, into: &ResourceId) -> Result<Merged, Error> {
        let merging = Merging { into: into.clone(), reason: "one passport".into() };
        merge(&self.clinic.app, &self.desk.context, merged, merging).await
    }

    async fn undo(&self, merged: &Merged) -> Result<Merged, Error> {
        let undoing = Undoing { reason: "two sisters".into() };
        undo(&self.clinic.app, &self.desk.context, &merged.merge_id, undoing).await
    }

    fn program(&self) -> Context {
        let scopes = vec!["system/*.cruds".to_owned()];
        self.clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes })
    }

    /// The ids that a search over FHIR finds, for somebody.
    async fn found(&self, context: &Context, kind: &str, pairs: &[(&str, &str)]) -> Vec<String> {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let bundle = search::search(&self.clinic.app, context, kind, &pairs, false).await.unwrap();
        ids(&serde_json::from_slice(&bundle).unwrap())
    }

    /// The ids of measurements of a patient, for a program.
    async fn measurements(&self, patient: &ResourceId) -> Vec<String> {
        self.found(&self.program(), "Observation", &[("patient", patient.as_str())]).await
    }

    /// The ids of a whole record, for somebody.
    async fn everything(&self, context: &Context, patient: &ResourceId) -> Vec<String> {
        let asked = Asked::default();
        let whole = everything(&self.clinic.app, context, Whole::Patient, patient, &asked).await.unwrap();
        ids(&serde_json::from_slice(&whole).unwrap())
    }

    /// A patient's document.
    async fn patient(&self, id: &ResourceId) -> Value {
        self.clinic.app.resource(self.clinic.tenant, "Patient", id).await.unwrap().value
    }
}

fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().into_iter().flatten();
    let mut ids: Vec<String> =
        entries.map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn refused(result: Result<impl Sized, Error>) -> (ErrorKind, &'static str) {
    match result {
        Ok(_) => panic!("it was allowed"),
        Err(error) => (error.kind, error.code),
    }
}
