//! Stories of applications: what they are let do, and everything that they are not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::{Context, ResourceId, TenantId};
use bianque_store::{AuditQuery, AuditRow};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::consent::{Deciding, Looking, decide, look};
use super::exchange::exchange;
use super::register::{Making, make};
use super::{Kind, Presented};
use crate::identity::device::Browser;
use crate::identity::sign_in::{self, Credentials, Outcome};
use crate::identity::{sessions, tokens};
use crate::testing::{Clinic, Doctor, PASSWORD};
use crate::{Error, records};

mod codes;
mod consent;
mod encounter;
mod ends;
mod own;
mod published;
mod refreshing;
mod registration;
mod scoped;
mod service;

const CALLBACK: &str = "https://growth.example/cb";
const BASE: &str = "https://clinic.example/fhir";
const VERIFIER: &str = "a-verifier-of-more-than-forty-three-characters-0";
const STANDALONE: &str = "launch/patient patient/*.rs openid fhirUser offline_access";

/// A clinic with a clinician at work, an administrator, and two patients.
struct Town {
    clinic: Clinic,
    doctor: Doctor,
    root: Context,
    ana: ResourceId,
    bo: ResourceId,
    /// The clinician's session.
    cookie: String,
}

impl Town {
    async fn open() -> Self {
        let clinic = Clinic::open();
        let home = clinic.organization("Riverside").await;
        let doctor = clinic.clinician("li.na", &home).await;
        let root = clinic.administrator("root", &home).await;
        let (ana, bo) = (clinic.patient("Ana", &home).await, clinic.patient("Bo", &home).await);
        let cookie = sign_in(&clinic, "li.na").await;
        Self { clinic, doctor, root, ana, bo, cookie }
    }

    /// Registers an application for users.
    async fn application(&self, kind: Kind, scopes: &str) -> (String, Option<Presented>) {
        let making = Making {
            name: "Growth chart".into(),
            kind,
            redirect_uris: vec![CALLBACK.into()],
            launch_url: Some("https://growth.example/launch".into()),
            scopes: scopes.into(),
            keys: None,
            jwks_uri: None,
        };
        let made = make(&self.clinic.app, &self.now(&self.root), making).await.unwrap();
        let id = made["application"]["id"].as_str().unwrap().to_owned();
        let secret = made["client_secret"].as_str().map(str::to_owned);
        let presented = secret.map(|secret| Presented { id: id.clone(), secret });
        (id, presented)
    }

    /// The same context, now.
    fn now(&self, context: &Context) -> Context {
        Context { now: self.clinic.app.clock.now(), ..context.clone() }
    }

    /// The clinician lets an application, choosing a patient; the address the browser goes to.
    async fn allowed(&self, query: &str, patient: Option<&ResourceId>) -> Result<String, Error> {
        let deciding = Deciding { query: query.into(), allow: true, patient_id: patient.cloned() };
        let context = self.now(&self.doctor.context);
        let answer = decide(&self.clinic.app, &context, &self.cookie, deciding).await?;
        Ok(answer["redirect"].as_str().unwrap().to_owned())
    }

    /// A code for an application.
    async fn code(&self, client: &str, scopes: &str) -> String {
        let address = self.allowed(&query(client, scopes), Some(&self.ana)).await.unwrap();
        param(&address, "code").unwrap()
    }

    async fn looked(&self, query: &str) -> Result<Value, Error> {
        let context = self.now(&self.doctor.context);
        look(&self.clinic.app, &context, &Looking { query: query.into() }).await
    }

    async fn exchanged(&self, pairs: &[(&str, &str)], basic: Option<&Presented>) -> Result<Value, Error> {
        exchange(&self.clinic.app, &self.clinic.nobody(), &owned(pairs), basic).await
    }

    /// A code for tokens, as it should be done.
    async fn redeemed(&self, client: &str, code: &str) -> Result<Value, Error> {
        self.exchanged(&redeeming(client, code), None).await
    }

    /// Everything from the register to the tokens, for a public application.
    async fn launched(&self, scopes: &str) -> (String, Value) {
        let (client, _) = self.application(Kind::Public, scopes).await;
        let code = self.code(&client, scopes).await;
        let answer = self.redeemed(&client, &code).await.unwrap();
        (client, answer)
    }

    /// Whom a token speaks for.
    async fn caller(&self, token: &str) -> Result<Context, Error> {
        tokens::authenticate(&self.clinic.app, self.clinic.nobody(), token).await
    }

    async fn is_good(&self, token: &Value) -> bool {
        match self.caller(token.as_str().unwrap()).await {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.code, "token.unknown");
                false
            }
        }
    }

    /// Reads over FHIR with a token.
    async fn reads(&self, token: &Value, resource_type: &str, id: &ResourceId) -> Result<(), &'static str> {
        let context = self.caller(token.as_str().unwrap()).await.map_err(|error| error.code)?;
        let read = records::read::read(&self.clinic.app, &context, resource_type, id).await;
        read.map(drop).map_err(|error| error.code)
    }

    async fn refreshed(&self, client: &str, token: &Value) -> Result<Value, Error> {
        let token = token.as_str().unwrap();
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", client)];
        self.exchanged(&pairs, None).await
    }

    async fn audited(&self, operation: &str) -> Vec<AuditRow> {
        let query = AuditQuery { limit: 500, ..AuditQuery::default() };
        let rows = self.clinic.app.store.audit(TenantId::FIRST, query).await.unwrap();
        rows.into_iter().map(|(_, row)| row).filter(|row| row.operation == operation).collect()
    }

    async fn of_session(&self) -> Context {
        sessions::authenticate(&self.clinic.app, self.clinic.nobody(), &self.cookie).await.unwrap().context
    }
}

async fn sign_in(clinic: &Clinic, login: &str) -> String {
    let credentials = Credentials { login: login.into(), password: PASSWORD.into() };
    match sign_in::sign_in(&clinic.app, &clinic.nobody(), &Browser::default(), credentials).await.unwrap() {
        Outcome::In(begun) => begun.cookie,
        Outcome::Asked(asked) => panic!("a second step is asked for: {}", asked.shown),
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER.as_bytes()))
}

/// What an application asks, as it should be asked.
fn asking(client: &str, scopes: &str) -> Vec<(String, String)> {
    owned(&[
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("scope", scopes),
        ("state", "s1"),
        ("aud", BASE),
        ("code_challenge", &challenge()),
        ("code_challenge_method", "S256"),
    ])
}

fn written(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn query(client: &str, scopes: &str) -> String {
    written(&asking(client, scopes))
}

fn redeeming<'t>(client: &'t str, code: &'t str) -> [(&'t str, &'t str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", client),
        ("code_verifier", VERIFIER),
    ]
}

/// A parameter of an address.
fn param(address: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(address).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The claims of a token whose signature a story does not look at.
fn claims_of(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A vital sign of a patient.
async fn observation(town: &Town, patient: &ResourceId) -> ResourceId {
    let resource = json!({
        "resourceType": "Observation", "status": "final", "code": {"text": "pulse"},
        "subject": {"reference": format!("Patient/{patient}")},
    });
    town.clinic.create(resource).await
}
