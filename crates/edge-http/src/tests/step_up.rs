//! Stories of sessions that have something yet to show: a second factor, or a proof that is fresh.

use axum::http::{HeaderValue, Method, StatusCode, header};
use bianque_app::identity::device::Browser as Device;
use bianque_app::identity::one_click;
use bianque_app::testing::{Clinic, PASSWORD};
use serde_json::json;

use super::{Browser, Server, bare, filled, with_json};
use crate::router::routes;

/// Longer than a proof is fresh, shorter than a session may idle.
const A_WHILE_S: i64 = 11 * 60;

async fn code_of(server: &Server, browser: &Browser, method: Method, path: &str) -> (StatusCode, String) {
    let answer = server.ask(browser.send(with_json(method, path, &json!({"a": 1})))).await;
    (answer.status, answer.body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn every_change_of_administration_asks_for_a_proof_that_is_fresh() {
    let (clinic, doctor, _, visit) = Clinic::with_visit().await;
    clinic.administrator("root", &doctor.account.organization).await;
    let server = Server::start(clinic);
    let browser = server.sign_in("root").await;
    server.clinic.clock.pass(A_WHILE_S);
    let needed = (StatusCode::FORBIDDEN, "step-up.needed".to_owned());
    let administration =
        routes(&server.edge).into_iter().filter(|route| route.path.starts_with("/api/admin/"));
    let changes: Vec<_> = administration.filter(|route| route.method != Method::GET).collect();
    assert!(changes.len() >= 10, "{}", changes.len());
    for route in &changes {
        let path = filled(route.path, &visit);
        assert_eq!(code_of(&server, &browser, route.method.clone(), &path).await, needed, "{path}");
    }
    // Looking asks for nothing.
    let looked = server.ask(browser.send(bare(Method::GET, "/api/admin/users"))).await;
    assert_eq!(looked.status, StatusCode::OK);
    // The password again, and the same request goes through to the use case.
    let proof = browser.send(with_json(Method::POST, "/api/session/proof", &json!({"password": PASSWORD})));
    assert_eq!(server.ask(proof).await.status, StatusCode::NO_CONTENT);
    for route in &changes {
        let path = filled(route.path, &visit);
        assert_ne!(code_of(&server, &browser, route.method.clone(), &path).await, needed, "{path}");
    }
}

#[tokio::test]
async fn what_somebody_is_known_by_is_changed_with_a_fresh_proof_only() {
    let (clinic, ..) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    let browser = server.sign_in("li.na").await;
    server.clinic.clock.pass(A_WHILE_S);
    for (method, path) in [
        (Method::POST, "/api/session/totp"),
        (Method::DELETE, "/api/session/totp"),
        (Method::POST, "/api/session/recovery-codes"),
        (Method::POST, "/api/session/passkeys/challenge"),
        (Method::DELETE, "/api/session/passkeys/none"),
    ] {
        let (status, code) = code_of(&server, &browser, method, path).await;
        assert_eq!((status, code.as_str()), (StatusCode::FORBIDDEN, "step-up.needed"), "{path}");
    }
    // A proof that is wrong proves nothing.
    let proof =
        browser.send(with_json(Method::POST, "/api/session/proof", &json!({"password": "a wrong guess"})));
    let answer = server.ask(proof).await;
    assert_eq!(
        (answer.status, &answer.body["error"]["code"]),
        (StatusCode::UNAUTHORIZED, &json!("password.wrong"))
    );
    let (_, code) = code_of(&server, &browser, Method::POST, "/api/session/totp").await;
    assert_eq!(code, "step-up.needed");
}

#[tokio::test]
async fn who_has_to_set_up_a_second_factor_does_nothing_else_before() {
    let demo = Clinic::with(|settings| settings.demo = true);
    let home = demo.organization("Riverside").await;
    demo.clinician("li.na", &home).await;
    let root = demo.administrator("root", &home).await;
    let rules = bianque_app::identity::rules::Rules { second_factor: vec![bianque_model::Role::Clinician] };
    bianque_app::identity::rules::set(&demo.app, &root, rules).await.unwrap();
    let server = Server::start(demo);
    let browser = server.sign_in("li.na").await;
    let needed = (StatusCode::FORBIDDEN, "factor.needed".to_owned());
    let mut allowed = 0;
    for route in routes(&server.edge).iter().filter(|route| !route.open) {
        // A visit's own cookie has nothing to do with accounts; an account below a visit has.
        let path = filled(route.path, &"0190a000-0000-7000-8000-000000000000".parse().unwrap());
        if route.asks.no_factor {
            allowed += 1;
            assert!(path.starts_with("/api/session"), "{path}");
        } else if path.starts_with("/fhir") {
            // An OperationOutcome has no code of ours.
            assert_eq!(code_of(&server, &browser, route.method.clone(), &path).await.0, needed.0, "{path}");
        } else if route.method != Method::HEAD {
            assert_eq!(code_of(&server, &browser, route.method.clone(), &path).await, needed, "{path}");
        }
    }
    assert_eq!(allowed, 20, "a way round the second factor is opened on purpose");
    let factors = server.ask(browser.send(bare(Method::GET, "/api/session/factors"))).await;
    assert_eq!((factors.status, &factors.body["required"]), (StatusCode::OK, &json!(true)));
    // The demo's one click is exempt: nobody could try it out otherwise.
    let clicked =
        one_click::be(&server.clinic.app, &server.clinic.nobody(), &Device::default(), "li.na").await;
    let clicked = clicked.unwrap();
    let mut request = bare(Method::GET, "/api/patients?query=a");
    let cookie = format!("bianque_session={}", clicked.cookie);
    request.headers_mut().insert(header::COOKIE, HeaderValue::from_str(&cookie).unwrap());
    assert_eq!(server.ask(request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_browser_that_signed_in_is_known_by_a_cookie_of_its_own() {
    let (clinic, ..) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    let mut request =
        with_json(Method::POST, "/api/session", &json!({"login": "li.na", "password": PASSWORD}));
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static(agent));
    let answer = server.ask(request).await;
    let cookies: Vec<&str> =
        answer.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap()).collect();
    let known = cookies.iter().find(|line| line.starts_with("bianque_browser=")).unwrap();
    assert!(
        known.contains("HttpOnly") && known.contains("SameSite=Strict") && known.contains("Secure"),
        "{known}"
    );
    let session = cookies.iter().find(|line| line.starts_with("bianque_session=")).unwrap();
    let browser = Browser {
        cookie: session.split(';').next().unwrap().to_owned(),
        csrf: answer.body["session"]["csrf"].as_str().unwrap().to_owned(),
    };
    let listed = server.ask(browser.send(bare(Method::GET, "/api/sessions"))).await.body;
    assert_eq!(listed["sessions"][0]["browser"], "Firefox");
    assert_eq!(listed["sessions"][0]["system"], "Linux");
    assert_eq!(listed["sessions"][0]["this"], true);
}

#[tokio::test]
async fn what_a_page_asks_by_itself_keeps_no_desk_signed_in_that_was_left() {
    let (clinic, ..) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    let browser = server.sign_in("li.na").await;
    let asked = async |path: &str| {
        server.clinic.clock.pass(A_WHILE_S);
        server.ask(browser.send(bare(Method::GET, path))).await.status
    };
    assert_eq!(asked("/api/visit-types").await, StatusCode::OK);
    for path in ["/api/corrections/count", "/api/consults"] {
        assert_eq!(asked(path).await, StatusCode::OK, "{path}");
    }
    assert_eq!(
        asked("/api/corrections/count").await,
        StatusCode::UNAUTHORIZED,
        "half an hour after it was used"
    );
}
