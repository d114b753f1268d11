//! Stories of the whole surface: who gets through, and what every answer says.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use bianque_app::testing::{Clinic, PASSWORD};
use bianque_model::ResourceId;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::assets::{Asset, Assets};
use crate::router::routes;
use crate::{Edge, Proxies, Trust, router};

mod definitions;
mod identity;
mod jobs;
mod operations;
mod smart;
mod step_up;
mod tenants;
mod terminology;

/// A binary without a web application.
struct Bare;

impl Assets for Bare {
    fn get(&self, _: &str) -> Option<Asset> {
        None
    }
}

/// A server over a test clinic.
struct Server {
    clinic: Clinic,
    edge: Edge,
    router: Router,
}

/// A browser with an account's session.
struct Browser {
    cookie: String,
    csrf: String,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Server {
    fn start(clinic: Clinic) -> Self {
        let edge = Edge::new(
            clinic.app.clone(),
            Trust { secure_cookies: true, proxies: Proxies::default() },
            Arc::new(Bare),
        );
        Self { clinic, router: router(edge.clone()), edge }
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 8 << 20).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn sign_in(&self, login: &str) -> Browser {
        self.sign_in_at("clinic.example", login).await
    }

    async fn sign_in_at(&self, host: &str, login: &str) -> Browser {
        let body = json!({"login": login, "password": PASSWORD});
        let answer = self.ask(at(host, with_json(Method::POST, "/api/session", &body))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let line = answer.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(
            line.contains("HttpOnly") && line.contains("SameSite=Strict") && line.contains("Secure"),
            "{line}"
        );
        let cookie = line.split(';').next().unwrap().to_owned();
        Browser { cookie, csrf: answer.body["session"]["csrf"].as_str().unwrap().to_owned() }
    }
}

impl Browser {
    fn send(&self, mut request: Request<Body>) -> Request<Body> {
        let headers = request.headers_mut();
        headers.insert(header::COOKIE, self.cookie.parse().unwrap());
        headers.insert("x-csrf-token", self.csrf.parse().unwrap());
        request
    }
}

fn bare(method: Method, path: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "clinic.example")
        .body(Body::empty())
        .unwrap()
}

/// The same request at another host.
fn at(host: &str, mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert(header::HOST, host.parse().unwrap());
    request
}

fn with_json(method: Method, path: &str, body: &Value) -> Request<Body> {
    let mut request = bare(method, path);
    request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    *request.body_mut() = Body::from(body.to_string());
    request
}

/// A path with every parameter filled: `{visit}` by the visit, the others by an id that nothing has.
fn filled(path: &str, visit: &ResourceId) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{visit}" => visit.as_str(),
        "{type}" => "Patient",
        _ if segment.starts_with('{') => "0190a000-0000-7000-8000-000000000000",
        _ => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_route_turns_a_stranger_away_but_the_doors() {
    let (clinic, _, _, visit) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    let mut doors = Vec::new();
    for route in routes(&server.edge) {
        if route.open {
            doors.push(format!("{} {}", route.method, route.path));
            continue;
        }
        let path = filled(route.path, &visit);
        for ending in ["", "?as=visit"] {
            let request = with_json(route.method.clone(), &format!("{path}{ending}"), &json!({"a": 1}));
            let answer = server.ask(request).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {path}{ending}", route.method);
        }
    }
    let known = [
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
        "GET /api/openapi.json",
        "GET /api/session",
        "POST /api/session",
        "POST /api/session/second-step",
        "POST /api/session/passkey/challenge",
        "POST /api/session/passkey",
        "POST /api/session/provider",
        "POST /api/session/provider/finish",
        "POST /api/identity-providers/{provider}/logout",
        "POST /api/setup",
        "POST /api/password",
        "GET /api/join/{token}",
        "POST /api/visits/{visit}/confirm",
        "GET /api/consents/visit",
        "GET /fhir/metadata",
        "GET /fhir/.well-known/smart-configuration",
        "GET /oauth2/authorize",
        "GET /.well-known/smart-configuration",
        "GET /.well-known/openid-configuration",
        "GET /oauth2/jwks",
        "POST /oauth2/token",
        "POST /oauth2/introspect",
        "POST /oauth2/revoke",
    ];
    assert_eq!(doors, known, "a door is opened on purpose");
}

#[tokio::test]
async fn below_a_visit_there_is_nothing_for_another_institution_or_an_administrator() {
    let (clinic, _, _, visit) = Clinic::with_visit().await;
    let elsewhere = clinic.organization("Hillside").await;
    clinic.clinician("he.jun", &elsewhere).await;
    clinic.administrator("root", &elsewhere).await;
    let server = Server::start(clinic);
    let (stranger, administrator) = (server.sign_in("he.jun").await, server.sign_in("root").await);
    for route in routes(&server.edge).iter().filter(|route| !route.open && route.path.contains("{visit}")) {
        let path = filled(route.path, &visit);
        let ask = |browser: &Browser| {
            let request = browser.send(with_json(route.method.clone(), &path, &json!({"a": 1})));
            async { server.ask(request).await.status }
        };
        assert_eq!(ask(&stranger).await, StatusCode::NOT_FOUND, "{} {path}", route.method);
        assert_eq!(ask(&administrator).await, StatusCode::FORBIDDEN, "{} {path}", route.method);
    }
}

#[tokio::test]
async fn administration_is_for_administrators_and_patients_for_clinicians() {
    let (clinic, doctor, ana, _) = Clinic::with_visit().await;
    clinic.administrator("root", &doctor.account.organization).await;
    let server = Server::start(clinic);
    let (clinician, administrator) = (server.sign_in("li.na").await, server.sign_in("root").await);
    let status = |browser: &Browser, path: &str| {
        let request = browser.send(bare(Method::GET, path));
        async { server.ask(request).await.status }
    };
    for path in ["/api/admin/users", "/api/admin/schedules", "/api/admin/prices"] {
        assert_eq!(status(&clinician, path).await, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(status(&administrator, path).await, StatusCode::OK, "{path}");
    }
    let chart = format!("/api/patients/{ana}/chart");
    for path in ["/api/patients?query=ana", &chart, "/api/visits?day=2026-01-05", "/fhir/Patient"] {
        assert_eq!(status(&clinician, path).await, StatusCode::OK, "{path}");
        assert_eq!(status(&administrator, path).await, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let (clinic, _, _, visit) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    let browser = server.sign_in("li.na").await;
    let path = format!("/api/visits/{visit}/cancel");
    let mut forged = bare(Method::POST, &path);
    forged.headers_mut().insert(header::COOKIE, browser.cookie.parse().unwrap());
    let answer = server.ask(forged).await;
    assert_eq!(
        (answer.status, &answer.body["error"]["code"]),
        (StatusCode::FORBIDDEN, &json!("csrf.invalid"))
    );

    let mut elsewhere = browser.send(bare(Method::POST, &path));
    elsewhere.headers_mut().insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    let answer = server.ask(elsewhere).await;
    assert_eq!(
        (answer.status, &answer.body["error"]["code"]),
        (StatusCode::FORBIDDEN, &json!("origin.other"))
    );

    let mut socket = bare(Method::GET, &format!("/api/visits/{visit}/socket?csrf=wrong"));
    socket.headers_mut().insert(header::UPGRADE, "websocket".parse().unwrap());
    socket.headers_mut().insert(header::COOKIE, browser.cookie.parse().unwrap());
    assert_eq!(server.ask(socket).await.status, StatusCode::FORBIDDEN);

    let mut ours = browser.send(bare(Method::POST, &path));
    ours.headers_mut().insert(header::ORIGIN, "https://clinic.example".parse().unwrap());
    let answer = server.ask(ours).await;
    assert_eq!((answer.status, &answer.body["visit"]["state"]), (StatusCode::OK, &json!("cancelled")));
}

#[tokio::test]
async fn a_session_is_told_and_ended() {
    let (clinic, _, _, _) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    let nobody = server.ask(bare(Method::GET, "/api/session")).await;
    assert_eq!((&nobody.body["session"], &nobody.body["setup_needed"]), (&Value::Null, &json!(false)));
    let browser = server.sign_in("li.na").await;
    let told = server.ask(browser.send(bare(Method::GET, "/api/session"))).await.body;
    assert_eq!(told["session"]["user"]["login"], "li.na");
    assert_eq!(told["session"]["csrf"], browser.csrf.as_str());
    let ended = server.ask(browser.send(bare(Method::DELETE, "/api/session"))).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    let after = server.ask(browser.send(bare(Method::GET, "/api/patients"))).await;
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
    let wrong =
        with_json(Method::POST, "/api/session", &json!({"login": "li.na", "password": "x", "role": "admin"}));
    let answer = server.ask(wrong).await;
    assert_eq!(
        (answer.status, &answer.body["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!("body.invalid"))
    );
}

#[tokio::test]
async fn every_answer_guards_the_browser() {
    let server = Server::start(Clinic::open());
    for path in ["/", "/api/session", "/api/nothing", "/assets/none.js", "/healthz"] {
        let headers = server.ask(bare(Method::GET, path)).await.headers;
        let csp = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        for rule in ["script-src 'self' 'wasm-unsafe-eval';", "frame-ancestors 'none'", "object-src 'none'"] {
            assert!(csp.contains(rule), "{path}: {csp}");
        }
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer", "{path}");
        assert!(
            headers.contains_key("permissions-policy") && headers.contains_key("strict-transport-security")
        );
    }
    let api = server.ask(bare(Method::GET, "/api/session")).await;
    assert_eq!(api.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn what_the_framework_refuses_is_an_error_like_ours() {
    let (clinic, ..) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    let browser = server.sign_in("li.na").await;
    let code = |request: Request<Body>| async {
        let answer = server.ask(request).await;
        (answer.status.as_u16(), answer.body["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(code(bare(Method::GET, "/api/nothing")).await, (404, "not-found".into()));
    assert_eq!(code(bare(Method::PUT, "/api/session")).await, (405, "method.not-allowed".into()));
    let day = browser.send(bare(Method::GET, "/api/visits"));
    assert_eq!(code(day).await, (400, "request.invalid".into()));
    let path = browser.send(bare(Method::GET, "/api/visits/%3Cscript%3E"));
    assert_eq!(code(path).await, (404, "not-found".into()));
    let large = json!({"name": "x".repeat(2 << 20)});
    let large = browser.send(with_json(Method::POST, "/api/patients", &large));
    assert_eq!(code(large).await, (413, "body.too-large".into()));
}

#[tokio::test]
async fn the_list_of_routes_is_the_router() {
    let server = Server::start(Clinic::open());
    let listed = server.ask(bare(Method::GET, "/api/openapi.json")).await.body;
    let paths = listed["paths"].as_object().unwrap();
    let count: usize = paths.values().map(|methods| methods.as_object().unwrap().len()).sum();
    assert_eq!(count, routes(&server.edge).len());
    assert!(!paths.contains_key("/api/demo/people"), "the demo's routes do not exist in serve");
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
            let answer = server.ask(bare(method.clone(), &filled(path, &"none".parse().unwrap()))).await;
            assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_change_is_carried_through_when_the_client_goes_away() {
    let (clinic, doctor, ..) = Clinic::with_visit().await;
    let server = Server::start(clinic);
    let browser = server.sign_in("li.na").await;
    let patient = json!({"name": "张伟", "birth_date": "1988-02-29", "sex": "male"});
    let request = browser.send(with_json(Method::POST, "/api/patients", &patient));
    let asked = tokio::spawn(server.router.clone().oneshot(request));
    // The connection is lost as soon as the request has begun to run.
    tokio::task::yield_now().await;
    asked.abort();
    let found = || async {
        let answer =
            bianque_app::directory::patients::search(&server.clinic.app, &doctor.context, "张伟", None).await;
        answer.unwrap()["patients"].as_array().unwrap().len()
    };
    for _ in 0..200 {
        if found().await == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the patient was lost with the connection");
}

/// What a route takes is told from the types of its handler.
#[tokio::test]
async fn the_description_names_what_a_body_and_a_query_hold() {
    let server = Server::start(Clinic::open());
    let paths = server.ask(bare(Method::GET, "/api/openapi.json")).await.body["paths"].take();
    let booking = &paths["/api/visits"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(booking["properties"]["patient_id"]["pattern"], "^[A-Za-z0-9.-]{1,64}$");
    assert_eq!(booking["required"], json!(["patient_id", "visit_type"]));
    assert_eq!(booking["additionalProperties"], false);
    let day = &paths["/api/visits"]["get"]["parameters"];
    assert_eq!(
        (&day[0]["name"], &day[0]["in"], &day[0]["required"]),
        (&json!("day"), &json!("query"), &json!(true))
    );
    let admit = &paths["/api/visits/{visit}/admit"]["post"];
    assert_eq!(admit["parameters"][0]["name"], "visit");
    assert!(paths["/api/visits/{visit}"]["get"].get("requestBody").is_none());
}
