//! Backend services: who they are by what they sign, and what is signed wrong.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA384, RsaKeyPair,
};

use super::*;
use crate::smart::register::{Changing, change};
use crate::testing::over_fhir;

pub(super) const TOKEN_URL: &str = "https://clinic.example/oauth2/token";
pub(super) const SERVICE: &str = "system/Patient.rs system/Observation.rs";

/// A key of a service.
pub(super) enum Key {
    Curve(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    pub(super) fn curve() -> Self {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self::Curve(EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, document.as_ref()).unwrap())
    }

    fn rsa(size: KeySize) -> Self {
        Self::Rsa(RsaKeyPair::generate(size).unwrap())
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Curve(_) => "ES384",
            Self::Rsa(_) => "RS384",
        }
    }

    pub(super) fn jwk(&self, id: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Curve(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-384", "kid": id, "x": text(&point[1..49]), "y": text(&point[49..97])})
            }
            Self::Rsa(pair) => {
                // RSAPublicKey: a sequence of the modulus, which begins with a zero here, and 65537.
                let der = pair.public_key().as_ref();
                json!({"kty": "RSA", "kid": id, "alg": "RS384", "n": text(&der[9..der.len() - 5]), "e": "AQAB"})
            }
        }
    }

    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Curve(pair) => pair.sign(&SystemRandom::new(), text).unwrap().as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA384, &SystemRandom::new(), text, &mut signature).unwrap();
                signature
            }
        }
    }
}

pub(super) fn jws(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(text.as_bytes()));
    format!("{text}.{signature}")
}

/// A town with a service.
struct Served {
    town: Town,
    client: String,
    key: Key,
}

impl Served {
    async fn with(key: Key) -> Self {
        let town = Town::open().await;
        let client = register(&town, &key).await.unwrap();
        Self { town, client, key }
    }

    fn now(&self) -> i64 {
        self.town.clinic.app.clock.now().0 / 1_000_000
    }

    fn claims(&self, jti: &str) -> Value {
        json!({"iss": self.client, "sub": self.client, "aud": TOKEN_URL, "exp": self.now() + 240, "jti": jti})
    }

    fn header(&self) -> Value {
        json!({"alg": self.key.algorithm(), "kid": "k1", "typ": "JWT"})
    }

    fn assertion(&self, claims: &Value) -> String {
        jws(&self.header(), claims, |text| self.key.sign(text))
    }

    async fn asks(&self, assertion: &str, scope: &str) -> Result<Value, Error> {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        self.town.exchanged(&pairs, None).await
    }

    async fn is_refused(&self, assertion: &str, why: &str) {
        match self.asks(assertion, SERVICE).await {
            Ok(answer) => panic!("{why}: {answer}"),
            Err(error) => assert_eq!(error.code, "oauth.invalid_client", "{why}"),
        }
    }
}

async fn register(town: &Town, key: &Key) -> Result<String, Error> {
    let making = Making {
        name: "Night report".into(),
        kind: Kind::Service,
        redirect_uris: vec![],
        launch_url: None,
        scopes: SERVICE.into(),
        keys: Some(json!({"keys": [key.jwk("k1")]})),
        jwks_uri: None,
    };
    let made = make(&town.clinic.app, &town.root, making).await?;
    Ok(made["application"]["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_service_signs_and_reads_for_five_minutes_what_it_was_given() {
    for key in [Key::curve(), Key::rsa(KeySize::Rsa2048)] {
        let served = Served::with(key).await;
        let answer = served.asks(&served.assertion(&served.claims("one")), "system/*.cruds").await.unwrap();
        assert_eq!(
            (&answer["expires_in"], &answer["scope"]),
            (&json!(300), &json!("system/Observation.rs system/Patient.rs"))
        );
        assert_eq!(answer["refresh_token"], Value::Null);
        let (town, token) = (&served.town, &answer["access_token"]);
        assert_eq!(town.reads(token, "Patient", &town.bo).await, Ok(()));
        let organization = &town.doctor.account.organization;
        assert_eq!(town.reads(token, "Organization", organization).await, Err("forbidden"));
        let context = town.caller(token.as_str().unwrap()).await.unwrap();
        let body = br#"{"resourceType":"Patient"}"#;
        let written = over_fhir::create(&town.clinic.app, &context, "Patient", body, None).await;
        assert_eq!(written.unwrap_err().code, "forbidden");
        assert_eq!(town.audited("fhir.read").await[0].agent, format!("Application/{}", served.client));
        town.clinic.clock.pass(300);
        assert!(!town.is_good(token).await);
    }
}

#[tokio::test]
async fn who_may_only_create_does_not_learn_what_there_is() {
    let served = Served::with(Key::curve()).await;
    let changing = Changing { scopes: Some("system/Patient.c".into()), ..Changing::default() };
    let (app, id) = (&served.town.clinic.app, served.client.parse().unwrap());
    change(app, &served.town.root, &id, changing).await.unwrap();
    let answer = served.asks(&served.assertion(&served.claims("one")), "system/Patient.c").await.unwrap();
    let context = served.town.caller(answer["access_token"].as_str().unwrap()).await.unwrap();
    let body = br#"{"resourceType":"Patient"}"#;
    let probe = owned(&[("name", "Ana")]);
    let probed = over_fhir::create(app, &context, "Patient", body, Some(&probe)).await;
    assert_eq!(probed.unwrap_err().code, "forbidden");
    over_fhir::create(app, &context, "Patient", body, None).await.unwrap();
}

#[tokio::test]
async fn an_assertion_is_good_once() {
    let served = Served::with(Key::curve()).await;
    let assertion = served.assertion(&served.claims("one"));
    served.asks(&assertion, SERVICE).await.unwrap();
    served.is_refused(&assertion, "the same again").await;
    served.is_refused(&served.assertion(&served.claims("one")), "signed again under one jti").await;
    let (one, other) = {
        let assertion = served.assertion(&served.claims("two"));
        tokio::join!(served.asks(&assertion, SERVICE), served.asks(&assertion, SERVICE))
    };
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
}

#[tokio::test]
async fn an_assertion_says_exactly_who_for_whom_and_until_when() {
    let served = Served::with(Key::curve()).await;
    let other = register(&served.town, &Key::curve()).await.unwrap();
    let now = served.now();
    for (number, (name, value)) in [
        ("iss", json!(other)),
        ("iss", json!("nobody")),
        ("sub", json!(other)),
        ("aud", json!("https://clinic.example/oauth2/token/")),
        ("aud", json!("https://clinic.example/fhir")),
        ("aud", json!("https://elsewhere.example/oauth2/token")),
        ("aud", json!([TOKEN_URL, "https://elsewhere.example/oauth2/token"])),
        ("aud", json!(null)),
        ("exp", json!(now - 31)),
        ("exp", json!(now + 331)),
        ("exp", json!("soon")),
        ("nbf", json!(now + 60)),
        ("iat", json!(now + 60)),
        ("jti", json!("")),
        ("jti", json!("x".repeat(257))),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = served.claims(&format!("wrong-{number}"));
        claims[name] = value.clone();
        served.is_refused(&served.assertion(&claims), &format!("{name}={value}")).await;
    }
    for left_out in ["iss", "sub", "aud", "exp", "jti"] {
        let mut claims = served.claims("left-out");
        claims.as_object_mut().unwrap().remove(left_out);
        served.is_refused(&served.assertion(&claims), left_out).await;
    }
    let mut listed = served.claims("listed");
    listed["aud"] = json!([TOKEN_URL]);
    served.asks(&served.assertion(&listed), SERVICE).await.unwrap();
}

#[tokio::test]
async fn only_the_registered_key_and_its_own_algorithm_count() {
    let served = Served::with(Key::rsa(KeySize::Rsa2048)).await;
    let claims = served.claims("forged");
    let none = json!({"alg": "none", "kid": "k1"});
    served.is_refused(&jws(&none, &claims, |_| Vec::new()), "no signature").await;
    // The public key is public: it must not be taken for a shared secret.
    let jwk = served.key.jwk("k1");
    let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    for secret in [modulus, jwk.to_string().into_bytes()] {
        let with_public = |text: &[u8]| {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
            aws_lc_rs::hmac::sign(&key, text).as_ref().to_vec()
        };
        served.is_refused(&jws(&json!({"alg": "HS256", "kid": "k1"}), &claims, with_public), "HS256").await;
    }
    let weaker = json!({"alg": "RS256", "kid": "k1"});
    served.is_refused(&jws(&weaker, &claims, |text| served.key.sign(text)), "RS256").await;
    let elsewhere = Key::rsa(KeySize::Rsa2048);
    served.is_refused(&jws(&served.header(), &claims, |text| elsewhere.sign(text)), "another's key").await;
    let brought =
        json!({"alg": "RS384", "kid": "k1", "jwk": elsewhere.jwk("k1"), "jku": "https://evil.example/jwks"});
    served.is_refused(&jws(&brought, &claims, |text| elsewhere.sign(text)), "a key that it brings").await;
    for header in [json!({"alg": "RS384"}), json!({"alg": "RS384", "kid": "k2"})] {
        served.is_refused(&jws(&header, &claims, |text| served.key.sign(text)), "no such kid").await;
    }
    let good = served.assertion(&claims);
    let changed = good.replacen('.', ".e30", 1);
    served.is_refused(&changed, "claims that were not signed").await;
    served.is_refused("a.b.c", "not a token").await;
    served.asks(&good, SERVICE).await.unwrap();
}

#[tokio::test]
async fn each_kind_of_application_has_its_own_way() {
    let served = Served::with(Key::curve()).await;
    let town = &served.town;
    let (public, _) = town.application(Kind::Public, "patient/*.rs").await;
    let pairs = [("grant_type", "client_credentials"), ("scope", "patient/*.rs"), ("client_id", &public)];
    assert_eq!(town.exchanged(&pairs, None).await.unwrap_err().code, "oauth.unauthorized_client");
    let (secret, presented) = town.application(Kind::ConfidentialSecret, "patient/*.rs").await;
    let pairs = [("grant_type", "client_credentials"), ("scope", "patient/*.rs"), ("client_id", &secret)];
    assert_eq!(
        town.exchanged(&pairs, presented.as_ref()).await.unwrap_err().code,
        "oauth.unauthorized_client"
    );
    let named = [("grant_type", "client_credentials"), ("scope", SERVICE), ("client_id", &served.client)];
    assert_eq!(
        town.exchanged(&named, None).await.unwrap_err().code,
        "oauth.invalid_client",
        "a name is no proof"
    );
    for scope in ["patient/*.rs", "system/Condition.rs", "system/Patient.cud", "openid"] {
        let error = served.asks(&served.assertion(&served.claims(scope)), scope).await.unwrap_err();
        assert_eq!(error.code, "oauth.invalid_scope", "{scope}");
    }
    let password = [("grant_type", "password"), ("client_id", &public)];
    assert_eq!(town.exchanged(&password, None).await.unwrap_err().code, "oauth.unsupported_grant_type");
    let mut asked = asking(&served.client, "patient/*.rs");
    asked.retain(|(name, _)| name != "redirect_uri");
    assert!(town.looked(&written(&asked)).await.is_err());
}

#[tokio::test]
async fn short_and_private_keys_are_not_registered() {
    let town = Town::open().await;
    let key = Key::curve();
    let with = async |jwk: Value| {
        let making = Making {
            name: "x".into(),
            kind: Kind::Service,
            redirect_uris: vec![],
            launch_url: None,
            scopes: SERVICE.into(),
            keys: Some(json!({"keys": jwk})),
            jwks_uri: None,
        };
        make(&town.clinic.app, &town.root, making).await.map_err(|error| error.code)
    };
    let jwk = key.jwk("k1");
    let changed = |name: &str, value: Value| {
        let mut changed = jwk.clone();
        changed[name] = value;
        json!([changed])
    };
    for wrong in [
        json!([]),
        json!([jwk, jwk]),
        changed("d", json!("AAAA")),
        changed("crv", json!("P-256")),
        changed("alg", json!("HS256")),
        changed("use", json!("enc")),
        changed("kid", json!("")),
        changed("x", json!("AAAA")),
        json!([{"kty": "RSA", "kid": "1", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([1; 128])}]),
        json!("keys"),
    ] {
        assert_eq!(with(wrong.clone()).await.unwrap_err(), "keys.invalid", "{wrong}");
    }
    with(json!([jwk])).await.unwrap();
}
