//! A hospital's provider, as honest or as broken as a test wants it, and a clinic that knows it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::{Context, ResourceId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::Error;
use crate::identity::device::Browser;
use crate::identity::provider::settings::{self, Settings, Writing};
use crate::identity::provider::{Begun, Choice, Finished, Returned, begin_sign_in, finish};
use crate::ports::outbound::{Answer, Failure, Method, Outbound, Request, Sending};
use crate::testing::Clinic;

pub(super) const ISSUER: &str = "https://login.hospital.example/realm";
pub(super) const CLIENT: &str = "bianque";
const SECRET: &str = "a secret: with signs";

/// The provider.
pub(super) struct Hospital {
    /// What it says of the person, changed by a test; the rest of a token is honest.
    pub(super) claims: Mutex<Value>,
    /// What it publishes, changed by a test.
    pub(super) metadata: Mutex<Value>,
    /// How a token is signed.
    pub(super) signing: Mutex<Signing>,
    pub(super) down: Mutex<Option<Failure>>,
    /// How often its keys were read.
    pub(super) keys_read: Mutex<u32>,
    pub(super) userinfo: Mutex<Value>,
    published: Mutex<Vec<Value>>,
    nonce: Mutex<String>,
    challenge: Mutex<String>,
}

pub(super) struct Signing {
    pub(super) header: Header,
    key: Vec<u8>,
    /// The token as it is, whatever the key.
    pub(super) instead: Option<fn(&Value) -> String>,
}

fn new_key(kid: &str) -> (Vec<u8>, Value) {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
    let point = pair.public_key().as_ref().to_vec();
    let half = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
    let public =
        json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": half(1..33), "y": half(33..65)});
    (document.as_ref().to_vec(), public)
}

impl Hospital {
    fn open() -> Arc<Self> {
        let (key, public) = new_key("first");
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("first".into());
        let unknown_kind = json!({"kty": "quantum", "kid": "future"});
        Arc::new(Self {
            claims: Mutex::new(
                json!({"sub": "u-1", "preferred_username": "li.na", "name": "Li Na", "groups": ["doctors"]}),
            ),
            metadata: Mutex::new(json!({
                "issuer": ISSUER,
                "authorization_endpoint": format!("{ISSUER}/authorize"),
                "token_endpoint": format!("{ISSUER}/token"),
                "jwks_uri": format!("{ISSUER}/keys"),
                "end_session_endpoint": format!("{ISSUER}/logout?theme=ward"),
                "code_challenge_methods_supported": ["plain", "S256"],
            })),
            signing: Mutex::new(Signing { header, key, instead: None }),
            down: Mutex::new(None),
            keys_read: Mutex::new(0),
            userinfo: Mutex::new(Value::Null),
            published: Mutex::new(vec![unknown_kind, public]),
            nonce: Mutex::default(),
            challenge: Mutex::default(),
        })
    }

    /// Says something else of the person.
    pub(super) fn says(&self, name: &str, value: Value) {
        self.claims.lock().unwrap()[name] = value;
    }

    /// Signs with a new key from now on, and publishes it when `published`.
    pub(super) fn changes_its_key(&self, kid: &str, published: bool) {
        let (key, public) = new_key(kid);
        let mut signing = self.signing.lock().unwrap();
        signing.key = key;
        signing.header.kid = Some(kid.into());
        if published {
            *self.published.lock().unwrap() = vec![public];
        }
    }

    fn token(&self, now: i64) -> String {
        let nonce = self.nonce.lock().unwrap().clone();
        let mut claims = json!({
            "iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300, "auth_time": now, "nonce": nonce,
        });
        for (name, value) in self.claims.lock().unwrap().as_object().unwrap() {
            claims[name] = value.clone();
        }
        let signing = self.signing.lock().unwrap();
        if let Some(instead) = signing.instead {
            return instead(&claims);
        }
        jsonwebtoken::encode(&signing.header, &claims, &EncodingKey::from_ec_der(&signing.key)).unwrap()
    }

    /// The claims of a token that says that somebody signed out.
    pub(super) fn farewell(now: i64, about: &Value) -> Value {
        let mut claims = json!({
            "iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": uuid::Uuid::now_v7(),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        for (name, value) in about.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    /// Signs claims as the provider does now, as a token of this type.
    pub(super) fn sign(&self, claims: &Value, typ: Option<&str>) -> String {
        let signing = self.signing.lock().unwrap();
        let header = Header { typ: typ.map(str::to_owned), ..signing.header.clone() };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&signing.key)).unwrap()
    }

    fn answer(&self, request: &Request, now: i64) -> (u16, Value) {
        match (request.method, request.url.path()) {
            (Method::Get, "/realm/.well-known/openid-configuration") => {
                (200, self.metadata.lock().unwrap().clone())
            }
            (Method::Get, "/realm/keys") => {
                *self.keys_read.lock().unwrap() += 1;
                (200, json!({"keys": *self.published.lock().unwrap()}))
            }
            (Method::Get, "/realm/userinfo") => {
                assert!(request.headers.contains(&("authorization".into(), "Bearer an-access-token".into())));
                (200, self.userinfo.lock().unwrap().clone())
            }
            (Method::Post, "/realm/token") => {
                let form: HashMap<String, String> =
                    url::form_urlencoded::parse(&request.body).into_owned().collect();
                let header = request.headers.iter().find(|(name, _)| *name == "authorization");
                // RFC 6749, section 2.3.1: both are encoded as in a form before they go into the header.
                let basic =
                    base64::engine::general_purpose::STANDARD.encode("bianque:a+secret%3A+with+signs");
                assert_eq!(header.unwrap().1, format!("Basic {basic}"));
                let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
                if form["code"] != "a-code" || challenge != *self.challenge.lock().unwrap() {
                    return (400, json!({"error": "invalid_grant"}));
                }
                (
                    200,
                    json!({"id_token": self.token(now), "access_token": "an-access-token", "token_type": "Bearer"}),
                )
            }
            other => panic!("{other:?} is not asked of a provider"),
        }
    }
}

/// The way from a clinic to the hospital.
struct Way {
    hospital: Arc<Hospital>,
    clock: Arc<crate::testing::TestClock>,
}

impl Outbound for Way {
    fn send(&self, request: Request) -> Sending<'_> {
        let down = *self.hospital.down.lock().unwrap();
        let now = crate::Clock::now(&*self.clock).0 / 1_000_000;
        let answered = || {
            let (status, body) = self.hospital.answer(&request, now);
            let body = body.to_string().into();
            Answer { status, media_type: "application/json".into(), max_age_s: None, body }
        };
        let answer = down.map_or_else(|| Ok(answered()), Err);
        Box::pin(std::future::ready(answer))
    }

    fn admits(&self, _: &url::Url) -> Result<(), Failure> {
        Ok(())
    }
}

/// A clinic that knows the hospital's provider.
pub(super) struct Place {
    pub(super) clinic: Clinic,
    pub(super) hospital: Arc<Hospital>,
    pub(super) home: ResourceId,
    pub(super) provider: String,
    pub(super) admin: Context,
}

impl Place {
    /// Doctors are clinicians; `change` decides the rest.
    pub(super) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let hospital = Hospital::open();
        let mut clinic = Clinic::open();
        clinic.app.outbound =
            Arc::new(Way { hospital: Arc::clone(&hospital), clock: Arc::clone(&clinic.clock) });
        let home = clinic.organization("Riverside").await;
        let admin = clinic.administrator("root", &home).await;
        let settings = serde_json::from_value(json!({
            "name": {"en": "Riverside account", "zh": "河滨账号"}, "issuer": ISSUER, "client_id": CLIENT,
            "scopes": ["profile"], "role_claim": "groups",
            "roles": [{"value": "doctors", "role": "clinician", "organization_id": home}],
            "match_claim": null, "creates": true, "factor_acr": [], "factor_amr": [], "active": true,
        }));
        let mut settings: Settings = settings.unwrap();
        change(&mut settings);
        let writing = Writing { settings, secret: Some(SECRET.into()) };
        let made = settings::make(&clinic.app, &admin, writing).await.unwrap();
        let provider = made["provider"]["id"].as_str().unwrap().to_owned();
        Self { clinic, hospital, home, provider, admin }
    }

    /// Changes the settings of the provider.
    pub(super) async fn now(&self, change: impl FnOnce(&mut Settings)) {
        let listed = settings::list(&self.clinic.app, &self.admin).await.unwrap();
        let mut settings: Settings =
            serde_json::from_value(listed["providers"][0]["settings"].clone()).unwrap();
        change(&mut settings);
        let writing = Writing { settings, secret: None };
        settings::change(&self.clinic.app, &self.admin, &self.provider, writing).await.unwrap();
    }

    pub(super) async fn begin(&self) -> Result<Begun, Error> {
        let choice = Choice { provider: self.provider.clone() };
        let begun = begin_sign_in(&self.clinic.app, &self.clinic.nobody(), &choice).await?;
        self.visits(&begun);
        Ok(begun)
    }

    /// The provider sees where the browser was sent.
    pub(super) fn visits(&self, begun: &Begun) {
        *self.hospital.nonce.lock().unwrap() = parameter(&begun.url, "nonce");
        *self.hospital.challenge.lock().unwrap() = parameter(&begun.url, "code_challenge");
    }

    pub(super) async fn finish(&self, begun: &Begun, returned: Returned) -> Result<Finished, Error> {
        let nobody = self.clinic.nobody();
        finish(&self.clinic.app, &nobody, &Browser::default(), Some(&begun.cookie), returned).await
    }

    /// Signs in from beginning to end.
    pub(super) async fn sign_in(&self) -> Result<Finished, Error> {
        let begun = self.begin().await?;
        self.finish(&begun, returned(&begun)).await
    }

    /// The code and the message with which a sign-in is refused.
    pub(super) async fn refusal(&self) -> (&'static str, String) {
        let error = self.sign_in().await.unwrap_err();
        (error.code, error.message)
    }
}

/// What an honest provider sends back.
pub(super) fn returned(begun: &Begun) -> Returned {
    Returned { state: parameter(&begun.url, "state"), code: Some("a-code".into()), error: None, iss: None }
}

pub(super) fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    found.unwrap_or_default()
}
