//! Stories of a program that wants to be told.

mod matches;
mod runs;
mod secrets;
mod written;

use std::sync::{Arc, Mutex};

use bianque_model::{Context, ResourceId, TenantId};
use serde_json::{Value, json};
use url::Url;

use super::*;
use crate::identity::tokens;
use crate::ports::outbound::{Answer, Failure, Method, Outbound, Request, Sending};
use crate::records::write::Written;
use crate::testing::{Clinic, over_fhir};
use crate::{App, Error};

const ENDPOINT: &str = "https://night.example/hook";

/// A subscriber: what came, and what is answered.
struct Hook {
    came: Mutex<Vec<Request>>,
    answers: Mutex<Result<u16, Failure>>,
}

impl Outbound for Hook {
    fn send(&self, request: Request) -> Sending<'_> {
        self.came.lock().unwrap().push(request);
        let answer = *self.answers.lock().unwrap();
        let answer = answer.map(|status| Answer {
            status,
            media_type: String::new(),
            max_age_s: None,
            body: bytes::Bytes::new(),
        });
        Box::pin(std::future::ready(answer))
    }

    fn admits(&self, url: &Url) -> Result<(), Failure> {
        if url.scheme() == "https" { Ok(()) } else { Err(Failure::NotHttps) }
    }
}

/// A clinic with a program.
struct Town {
    clinic: Clinic,
    hook: Arc<Hook>,
    feed: Arc<Feed>,
    program: Context,
}

impl Town {
    async fn open() -> Self {
        let mut clinic = Clinic::open();
        let hook = Arc::new(Hook { came: Mutex::default(), answers: Mutex::new(Ok(200)) });
        clinic.app.outbound = Arc::clone(&hook) as Arc<dyn Outbound>;
        let program = program(&clinic, "system/*.cruds").await;
        Self { clinic, hook, feed: Arc::default(), program }
    }

    fn app(&self) -> &App {
        &self.clinic.app
    }

    /// The program's context now.
    fn now(&self) -> Context {
        Context { now: self.app().clock.now(), ..self.program.clone() }
    }

    /// Subscribes as the program.
    async fn subscribes(&self, subscription: &Value) -> ResourceId {
        let written = self.writes(subscription).await.unwrap();
        written.record.unwrap().id
    }

    async fn writes(&self, subscription: &Value) -> Result<Written, Error> {
        over_fhir::create(self.app(), &self.now(), TYPE, subscription.to_string().as_bytes(), None).await
    }

    /// The subscription as the program reads it.
    async fn reads(&self, id: &ResourceId) -> Value {
        let record = crate::records::read::read(self.app(), &self.now(), TYPE, id).await.unwrap();
        serde_json::from_slice(&record.body).unwrap()
    }

    /// Changes some of the subscription as the program does.
    async fn changes(&self, id: &ResourceId, change: impl FnOnce(&mut Value)) -> Result<Written, Error> {
        let mut resource = self.reads(id).await;
        change(&mut resource);
        let body = resource.to_string();
        over_fhir::update(self.app(), &self.now(), TYPE, id, body.as_bytes(), None).await
    }

    async fn status(&self, id: &ResourceId) -> String {
        self.reads(id).await["status"].as_str().unwrap().to_owned()
    }

    /// Opens the subscription.
    async fn runs(&self, id: &ResourceId) -> Option<Running> {
        super::open(self.app(), TenantId::FIRST, id).await.unwrap()
    }

    /// Goes through all that is new; what was told, or how it ended.
    async fn goes_on(&self, running: &mut Running) -> Result<Vec<String>, Ended> {
        let (app, mut told) = (self.app(), Vec::new());
        let following = self.feed.follow(running.resource_type());
        loop {
            let place = running.progress.place;
            let batch = following.after(app, running.tenant, place).await.unwrap();
            for version in &batch.versions {
                let context = match consider(app, running, version).await.unwrap() {
                    Considered::Passed => continue,
                    Considered::Over(ended) => return Err(ended),
                    Considered::Matches(context) => context,
                };
                match deliver(app, &context, running, version, true).await.unwrap() {
                    Delivery::Told => {
                        running.progress.told(app.clock.now());
                        told.push(format!("{}@{}", version.stored.id, version.stored.version));
                    }
                    Delivery::Failed(why) | Delivery::Hopeless(why) => return Err(Ended::Error(why)),
                }
                running.progress.place = version.number;
            }
            running.progress.place = running.progress.place.max(batch.through);
            if batch.through <= place {
                assert!(running.save(app).await.unwrap());
                return Ok(told);
            }
        }
    }

    /// Writes a resource under an id, whatever stands.
    async fn puts(&self, mut resource: Value, id: &str) {
        resource["id"] = id.into();
        let context = self.clinic.server();
        let mut change = crate::Change::new(self.app(), &context);
        change.put(&resource).unwrap();
        change.commit().await.unwrap();
    }

    fn came(&self) -> Vec<Request> {
        std::mem::take(&mut *self.hook.came.lock().unwrap())
    }
}

/// A program with a token of these scopes, good for an hour.
async fn program(clinic: &Clinic, scope: &str) -> Context {
    let text = tokens::create(&clinic.app, TenantId::FIRST, scope, 3600).await.unwrap();
    tokens::authenticate(&clinic.app, clinic.nobody(), &text).await.unwrap()
}

fn subscription(criteria: &str) -> Value {
    json!({
        "resourceType": TYPE, "status": "requested", "reason": "Night report", "criteria": criteria,
        "channel": {"type": "rest-hook", "endpoint": ENDPOINT},
    })
}

/// The pulse of a patient.
fn pulse(patient: &str, beats: u32, status: &str) -> Value {
    json!({
        "resourceType": "Observation", "status": status,
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": format!("Patient/{patient}")},
        "effectiveDateTime": "2026-01-05T08:00:00Z",
        "valueQuantity": {"value": beats, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
    })
}

fn issue_of(error: &Error) -> (&str, String) {
    (error.code, error.details["issue"][0]["expression"][0].as_str().unwrap_or_default().to_owned())
}
