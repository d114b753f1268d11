//! Applications that publish their keys: how often they are asked, what is believed, and what is not.

use std::sync::{Arc, Mutex};

use super::service::{Key, SERVICE, TOKEN_URL, jws};
use super::*;
use crate::ports::outbound::{Answer, Failure, Outbound, Request, Sending};
use crate::smart::register::{Changing, change};

const ADDRESS: &str = "https://night.example/jwks.json";

/// Where an application publishes its keys.
struct Shelf {
    /// What is answered next.
    answer: Mutex<Result<Answer, Failure>>,
    asked: Mutex<Vec<String>>,
}

impl Outbound for Shelf {
    fn send(&self, request: Request) -> Sending<'_> {
        assert!(request.answer_limit <= 64 << 10);
        self.asked.lock().unwrap().push(request.url.to_string());
        let answer = self.answer.lock().unwrap().clone();
        // Whoever comes meanwhile finds the asking under way.
        Box::pin(async move {
            tokio::task::yield_now().await;
            answer
        })
    }

    fn admits(&self, _: &url::Url) -> Result<(), Failure> {
        Ok(())
    }
}

fn answer(status: u16, max_age_s: Option<u64>, body: &Value) -> Answer {
    Answer { status, media_type: "application/json".into(), max_age_s, body: body.to_string().into() }
}

/// A town with a service that publishes its keys.
struct Served {
    town: Town,
    shelf: Arc<Shelf>,
    client: String,
    key: Key,
    signed: Mutex<u32>,
}

impl Served {
    async fn open() -> Self {
        let key = Key::curve();
        let shelf = Arc::new(Shelf {
            answer: Mutex::new(Ok(answer(200, None, &json!({"keys": [key.jwk("k1")]})))),
            asked: Mutex::default(),
        });
        let mut town = Town::open().await;
        town.clinic.app.outbound = Arc::clone(&shelf) as Arc<dyn Outbound>;
        let making = Making {
            name: "Night report".into(),
            kind: Kind::Service,
            redirect_uris: vec![],
            launch_url: None,
            scopes: SERVICE.into(),
            keys: None,
            jwks_uri: Some(ADDRESS.into()),
        };
        let made = make(&town.clinic.app, &town.root, making).await.unwrap();
        assert_eq!(made["keys_read"], json!({"ok": true, "keys": 1}));
        let client = made["application"]["id"].as_str().unwrap().to_owned();
        Self { town, shelf, client, key, signed: Mutex::new(0) }
    }

    fn answers(&self, answer: Result<Answer, Failure>) {
        *self.shelf.answer.lock().unwrap() = answer;
    }

    fn publishes(&self, keys: &Value) {
        self.answers(Ok(answer(200, None, &json!({"keys": keys}))));
    }

    fn asked(&self) -> usize {
        self.shelf.asked.lock().unwrap().len()
    }

    fn passes(&self, seconds: i64) {
        self.town.clinic.clock.pass(seconds);
    }

    /// Asks for a token, signed by a key under an id; the reason when there is none.
    async fn signs(&self, key: &Key, kid: &str) -> Result<(), String> {
        let number = {
            let mut signed = self.signed.lock().unwrap();
            *signed += 1;
            *signed
        };
        let now = self.town.clinic.app.clock.now().0 / 1_000_000;
        let claims = json!({
            "iss": self.client, "sub": self.client, "aud": TOKEN_URL, "exp": now + 240, "jti": format!("n{number}"),
        });
        let assertion = jws(&json!({"alg": "ES384", "kid": kid}), &claims, |text| key.sign(text));
        let pairs = [
            ("grant_type", "client_credentials"),
            ("scope", SERVICE),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        self.town.exchanged(&pairs, None).await.map(drop).map_err(|error| {
            assert_eq!(error.code, "oauth.invalid_client");
            error.message
        })
    }
}

#[tokio::test]
async fn a_service_shows_who_it_is_by_a_key_that_it_publishes_which_is_kept_for_a_while() {
    let served = Served::open().await;
    for _ in 0..5 {
        served.signs(&served.key, "k1").await.unwrap();
    }
    assert_eq!(*served.shelf.asked.lock().unwrap(), [ADDRESS], "once, when it was registered");
    served.passes(15 * 60);
    served.signs(&served.key, "k1").await.unwrap();
    assert_eq!(served.asked(), 2);
    // An answer that may be kept for long is kept for an hour; one that may not be kept at all for ten seconds.
    for (max_age_s, kept_s) in [(1_000_000, 3600), (120, 120), (0, 10)] {
        served.answers(Ok(answer(200, Some(max_age_s), &json!({"keys": [served.key.jwk("k1")]}))));
        served.passes(3600);
        served.signs(&served.key, "k1").await.unwrap();
        let before = served.asked();
        served.passes(kept_s - 1);
        served.signs(&served.key, "k1").await.unwrap();
        assert_eq!(served.asked(), before, "{max_age_s}");
        served.passes(1);
        served.signs(&served.key, "k1").await.unwrap();
        assert_eq!(served.asked(), before + 1, "{max_age_s}");
    }
}

#[tokio::test]
async fn a_new_key_is_read_at_once_and_guessing_names_asks_nobody() {
    let served = Served::open().await;
    let new = Key::curve();
    served.passes(60);
    served.publishes(&json!([served.key.jwk("k1"), new.jwk("k2")]));
    served.signs(&new, "k2").await.unwrap();
    assert_eq!(served.asked(), 2);
    for guess in 0..20 {
        let why = served.signs(&new, &format!("guess-{guess}")).await.unwrap_err();
        assert!(why.contains("no key with the kid"), "{why}");
    }
    assert_eq!(served.asked(), 2);
    served.passes(30);
    for guess in 0..20 {
        served.signs(&new, &format!("guess-{guess}")).await.unwrap_err();
    }
    assert_eq!(served.asked(), 3, "once in thirty seconds");
    // A key that is taken back is good for nothing once the old answer is over.
    served.publishes(&json!([new.jwk("k2")]));
    served.passes(15 * 60);
    served.signs(&served.key, "k1").await.unwrap_err();
    served.signs(&new, "k2").await.unwrap();
}

#[tokio::test]
async fn many_who_come_at_once_have_the_address_asked_once() {
    let served = Served::open().await;
    served.passes(3600);
    let before = served.asked();
    let all = tokio::join!(
        served.signs(&served.key, "k1"),
        served.signs(&served.key, "k1"),
        served.signs(&served.key, "k1"),
    );
    assert_eq!(all, (Ok(()), Ok(()), Ok(())));
    assert_eq!(served.asked(), before + 1);
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_no_keys_and_the_reason_is_told() {
    let served = Served::open().await;
    let mut private = served.key.jwk("k1");
    private["d"] = json!("AAAA");
    let crowd: Vec<Value> = (0..51).map(|number| served.key.jwk(&format!("k{number}"))).collect();
    let keys = |keys: Value| Ok(answer(200, None, &json!({"keys": keys})));
    let garbage = Answer { body: "<html>".into(), ..answer(200, None, &Value::Null) };
    for (wrong, why) in [
        (Err(Failure::Unreachable), "nothing answers"),
        (Err(Failure::TooLong), "too long"),
        (Err(Failure::TooSlow), "too long"),
        (Err(Failure::Certificate), "not trusted"),
        (Ok(answer(302, None, &json!({"keys": [served.key.jwk("k1")]}))), "status 302"),
        (Ok(answer(404, None, &json!({}))), "status 404"),
        (Ok(garbage), "JSON"),
        (Ok(answer(200, None, &json!([served.key.jwk("k1")]))), "JWK Set"),
        (keys(json!([private])), "private key"),
        (keys(json!(crowd)), "too many keys"),
    ] {
        served.passes(3600);
        served.answers(wrong);
        let told = served.signs(&served.key, "k1").await.unwrap_err();
        assert!(told.contains("jwks_uri cannot be read") && told.contains(why), "{why}: {told}");
        // The same again asks nobody for ten seconds; then what is good again is taken.
        let before = served.asked();
        served.publishes(&json!([served.key.jwk("k1")]));
        assert_eq!(served.signs(&served.key, "k1").await.unwrap_err(), told);
        assert_eq!(served.asked(), before);
        served.passes(10);
        served.signs(&served.key, "k1").await.unwrap();
    }
    // What was good before stands for nothing while its address is down.
    served.answers(Err(Failure::Unreachable));
    served.passes(15 * 60);
    assert!(served.signs(&served.key, "k1").await.is_err());
}

#[tokio::test]
async fn among_keys_of_other_kinds_ours_are_found_and_forged_signatures_are_not_taken() {
    let served = Served::open().await;
    served.passes(3600);
    let other = json!({"kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": "AAAA"});
    served.publishes(&json!([{"kty": "quantum"}, other, served.key.jwk("k1")]));
    served.signs(&served.key, "k1").await.unwrap();
    assert!(served.signs(&Key::curve(), "k1").await.is_err(), "another's key under its name");
}

#[tokio::test]
async fn an_administrator_moves_between_keys_and_an_address_and_is_told_what_is_wrong() {
    let served = Served::open().await;
    let (app, root, id) = (&served.town.clinic.app, &served.town.root, served.client.parse().unwrap());
    let pasted = Changing { keys: Some(json!({"keys": [served.key.jwk("pasted")]})), ..Changing::default() };
    let answer = change(app, root, &id, pasted).await.unwrap();
    assert_eq!((&answer["application"]["jwks_uri"], &answer["keys_read"]), (&Value::Null, &Value::Null));
    let before = served.asked();
    served.signs(&served.key, "pasted").await.unwrap();
    served.signs(&served.key, "k1").await.unwrap_err();
    assert_eq!(served.asked(), before);
    served.answers(Err(Failure::Forbidden));
    let inside = Changing { jwks_uri: Some("https://10.0.0.7/keys".into()), ..Changing::default() };
    let answer = change(app, root, &id, inside).await.unwrap();
    assert_eq!((&answer["application"]["keys"], &answer["keys_read"]["ok"]), (&Value::Null, &json!(false)));
    assert_eq!(answer["keys_read"]["reason"], "forbidden");
    // Renaming alone leaves the address.
    let renamed = Changing { name: Some("Evening report".into()), ..Changing::default() };
    let answer = change(app, root, &id, renamed).await.unwrap();
    assert_eq!(answer["application"]["jwks_uri"], "https://10.0.0.7/keys");
    let both = Changing {
        keys: Some(json!({"keys": [served.key.jwk("k1")]})),
        jwks_uri: Some(ADDRESS.into()),
        ..Changing::default()
    };
    assert_eq!(change(app, root, &id, both).await.unwrap_err().code, "keys.invalid");
}
