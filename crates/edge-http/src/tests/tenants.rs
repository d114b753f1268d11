//! Stories of two tenants on one server: what was given at one host is not there at the other's.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use bianque_app::identity::tokens;
use bianque_app::tenants::close;
use bianque_app::testing::{Clinic, Doctor};
use bianque_app::visits::{Visit, call, link};
use bianque_model::{ResourceId, TenantId};
use serde_json::{Value, json};

use super::{Answer, Bare, Browser, Server, at, bare, with_json};
use crate::caller::{Caller, Stay};
use crate::router::routes;
use crate::{Edge, ForwardedHeader, Proxies, Trust, router};

const OURS: &str = "clinic.example";
const THEIRS: &str = "hillside.example";

/// Two clinics at work on one server.
struct Two {
    server: Server,
    hillside: Clinic,
    doctor: Doctor,
    ana: ResourceId,
    visit: ResourceId,
    their_visit: ResourceId,
}

impl Two {
    async fn open() -> Self {
        let (clinic, doctor, ana, visit) = Clinic::with_visit().await;
        clinic.administrator("root", &doctor.account.organization).await;
        let hillside = clinic.beside(THEIRS).await;
        let (_, _, their_visit) = hillside.at_work().await;
        Self { server: Server::start(clinic), hillside, doctor, ana, visit, their_visit }
    }

    async fn ask(&self, host: &str, request: Request<Body>) -> Answer {
        self.server.ask(at(host, request)).await
    }

    /// A path with every parameter filled by something that the first clinic has.
    fn filled(&self, path: &str) -> String {
        let account = &self.doctor.account;
        let segments = path.split('/').map(|segment| match segment {
            "{visit}" => self.visit.to_string(),
            "{type}" => "Patient".to_owned(),
            "{patient}" | "{id}" => self.ana.to_string(),
            "{user}" => account.id.to_string(),
            "{organization}" => account.organization.to_string(),
            "{practitioner}" => account.practitioner.as_ref().unwrap().to_string(),
            "{code}" => "video".to_owned(),
            "{version}" => "1".to_owned(),
            _ if segment.starts_with('{') => "0190a000-0000-7000-8000-000000000000".to_owned(),
            _ => segment.to_owned(),
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// Every route that the description names.
    async fn routes(&self) -> Vec<(Method, String)> {
        let described = self.ask(THEIRS, bare(Method::GET, "/api/openapi.json")).await.body;
        let paths = described["paths"].as_object().unwrap().iter();
        let routes = paths.flat_map(|(path, methods)| {
            let method = |name: &String| Method::from_bytes(name.to_ascii_uppercase().as_bytes()).unwrap();
            methods.as_object().unwrap().keys().map(move |name| (method(name), self.filled(path)))
        });
        routes.collect()
    }

    /// The patient's token into our visit.
    async fn join_token(&self) -> String {
        let app = &self.server.clinic.app;
        let visit = app.load::<Visit>(TenantId::FIRST, self.visit.as_str()).await.unwrap().unwrap().value;
        link::patient_url(app, TenantId::FIRST, &visit).rsplit('/').next().unwrap().to_owned()
    }

    /// A browser that was let into our visit.
    async fn patient(&self) -> Browser {
        let confirmation = json!({"token": self.join_token().await, "birth_date": "1984-03-17"});
        let path = format!("/api/visits/{}/confirm", self.visit);
        let answer = self.ask(OURS, with_json(Method::POST, &path, &confirmation)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let line = answer.headers[header::SET_COOKIE].to_str().unwrap();
        let cookie = line.split(';').next().unwrap().to_owned();
        Browser { cookie, csrf: answer.body["csrf"].as_str().unwrap().to_owned() }
    }
}

fn bearer(token: &str, mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    request
}

fn code(answer: &Answer) -> &Value {
    &answer.body["error"]["code"]
}

/// What was said, but for challenges, which are drawn anew for everybody.
fn said(answer: &Answer) -> (StatusCode, Value) {
    let mut body = answer.body.clone();
    if body["challenge_id"].is_string() {
        body["challenge_id"] = Value::Null;
        body["options"]["challenge"] = Value::Null;
    }
    (answer.status, body)
}

#[tokio::test]
async fn every_route_answers_another_tenants_session_as_it_answers_a_stranger() {
    let two = Two::open().await;
    let (root, doctor) = (two.server.sign_in("root").await, two.server.sign_in("li.na").await);
    let patient = two.patient().await;
    let described = two.routes().await;
    assert_eq!(described.len(), routes(&two.server.edge).len());
    for (method, path) in &described {
        for ending in ["", "?as=visit"] {
            let request = || with_json(method.clone(), &format!("{path}{ending}"), &json!({"a": 1}));
            let stranger = said(&two.ask(THEIRS, request()).await);
            for (who, browser) in [("root", &root), ("doctor", &doctor), ("patient", &patient)] {
                let answer = two.ask(THEIRS, browser.send(request())).await;
                assert_eq!(said(&answer), stranger, "{who}: {method} {path}{ending}");
            }
        }
    }
    // And all of this was theirs to use at home.
    let users = two.ask(OURS, root.send(bare(Method::GET, "/api/admin/users"))).await;
    assert_eq!(users.status, StatusCode::OK, "the session has not ended by that");
    let chart = format!("/api/patients/{}/chart", two.ana);
    assert_eq!(two.ask(OURS, doctor.send(bare(Method::GET, &chart))).await.status, StatusCode::OK);
    let me = format!("/api/visits/{}/me?as=visit", two.visit);
    assert_eq!(two.ask(OURS, patient.send(bare(Method::GET, &me))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn somebody_of_one_tenant_finds_nothing_of_the_other() {
    let two = Two::open().await;
    let theirs = two.server.sign_in_at(THEIRS, "li.na").await;
    let found = two.ask(THEIRS, theirs.send(bare(Method::GET, "/api/patients?query=ana"))).await;
    assert_eq!(found.body["patients"].as_array().unwrap().len(), 1, "their own Ana and no other");
    for path in [
        format!("/api/patients/{}/chart", two.ana),
        format!("/api/visits/{}", two.visit),
        format!("/api/visits/{}/photos", two.visit),
        format!("/fhir/Patient/{}", two.ana),
        format!("/fhir/Patient/{}/_history", two.ana),
        format!("/fhir/Encounter/{}", two.visit),
    ] {
        let answer = two.ask(THEIRS, theirs.send(bare(Method::GET, &path))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let bundle = two.ask(THEIRS, theirs.send(bare(Method::GET, "/fhir/Patient?_total=accurate"))).await.body;
    assert_eq!((&bundle["total"], bundle["entry"].as_array().unwrap().len()), (&json!(1), 1));
}

#[tokio::test]
async fn a_session_is_none_at_another_tenants_host() {
    let two = Two::open().await;
    let ours = two.server.sign_in("li.na").await;
    let told = two.ask(THEIRS, ours.send(bare(Method::GET, "/api/session"))).await.body;
    assert_eq!((&told["session"], &told["setup_needed"]), (&Value::Null, &json!(false)));
    let out = two.ask(THEIRS, ours.send(bare(Method::DELETE, "/api/session"))).await;
    assert_eq!(out.status, StatusCode::UNAUTHORIZED);
    let told = two.ask(OURS, ours.send(bare(Method::GET, "/api/session"))).await.body;
    assert_eq!(
        (&told["session"]["user"]["login"], &told["session"]["first_tenant"]),
        (&json!("li.na"), &json!(true))
    );
    // The login is not one of theirs, though they have the same.
    let wrong = json!({"login": "root", "password": bianque_app::testing::PASSWORD});
    let answer = two.ask(THEIRS, with_json(Method::POST, "/api/session", &wrong)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
}

#[tokio::test]
async fn a_visits_cookie_is_none_at_another_tenants_host() {
    let two = Two::open().await;
    let patient = two.patient().await;
    for visit in [&two.visit, &two.their_visit] {
        let me = bare(Method::GET, &format!("/api/visits/{visit}/me?as=visit"));
        assert_eq!(two.ask(THEIRS, patient.send(me)).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_token_is_unknown_at_another_tenants_host() {
    let two = Two::open().await;
    let token = tokens::create(&two.server.clinic.app, TenantId::FIRST, "system/*.cruds", 60).await.unwrap();
    let read = || bearer(&token, bare(Method::GET, &format!("/fhir/Patient/{}", two.ana)));
    assert_eq!(two.ask(OURS, read()).await.status, StatusCode::OK);
    let refused = two.ask(THEIRS, read()).await;
    let unknown = two.ask(THEIRS, bearer("bqt_nobodys", bare(Method::GET, "/fhir/Patient/x"))).await;
    assert_eq!((refused.status, &refused.body), (StatusCode::UNAUTHORIZED, &unknown.body));
    // Metrics are of the whole server, and of no other tenant's business.
    let theirs = tokens::create(&two.hillside.app, two.hillside.tenant, "system/*.cruds", 60).await.unwrap();
    let metrics = two.ask(THEIRS, bearer(&theirs, bare(Method::GET, "/metrics"))).await;
    assert_eq!(metrics.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_join_link_is_unknown_at_another_tenants_host() {
    let two = Two::open().await;
    let token = two.join_token().await;
    let look = || bare(Method::GET, &format!("/api/join/{token}"));
    assert_eq!(two.ask(OURS, look()).await.status, StatusCode::OK);
    let refused = two.ask(THEIRS, look()).await;
    assert_eq!((refused.status, code(&refused)), (StatusCode::NOT_FOUND, &json!("join.unknown")));
    for visit in [&two.visit, &two.their_visit] {
        let confirmation = json!({"token": token, "birth_date": "1984-03-17"});
        let path = format!("/api/visits/{visit}/confirm");
        let refused = two.ask(THEIRS, with_json(Method::POST, &path, &confirmation)).await;
        assert_eq!((refused.status, code(&refused)), (StatusCode::NOT_FOUND, &json!("join.unknown")));
    }
}

#[tokio::test]
async fn an_upload_is_not_there_at_another_tenants_host() {
    let two = Two::open().await;
    let (ours, theirs) = (two.server.sign_in("li.na").await, two.server.sign_in_at(THEIRS, "li.na").await);
    let announced = json!({
        "size": 4, "sha256": "0".repeat(64), "content_type": "image/jpeg", "body_site": "face", "side": "none",
    });
    let mut begin = with_json(Method::POST, &format!("/api/visits/{}/uploads", two.visit), &announced);
    begin.headers_mut().insert("idempotency-key", "first-of-the-day".parse().unwrap());
    let begun = two.ask(OURS, ours.send(begin)).await;
    assert!(begun.status.is_success(), "{} {}", begun.status, begun.body);
    let upload = begun.body["upload"]["id"].as_str().unwrap();
    for visit in [&two.visit, &two.their_visit] {
        let path = format!("/api/visits/{visit}/uploads/{upload}");
        let stands = two.ask(THEIRS, theirs.send(bare(Method::HEAD, &path))).await;
        assert_eq!(stands.status, StatusCode::NOT_FOUND, "{path}");
        let mut piece = bare(Method::PATCH, &path);
        piece.headers_mut().insert("upload-offset", "0".parse().unwrap());
        piece.headers_mut().insert(header::CONTENT_TYPE, "application/offset+octet-stream".parse().unwrap());
        *piece.body_mut() = Body::from("abcd");
        let refused = two.ask(THEIRS, theirs.send(piece)).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{path}: {}", refused.body);
    }
    let path = format!("/api/visits/{}/uploads/{upload}", two.visit);
    assert_eq!(two.ask(OURS, ours.send(bare(Method::HEAD, &path))).await.headers["upload-offset"], "0");
}

#[tokio::test]
async fn a_socket_does_not_open_at_another_tenants_host() {
    let two = Two::open().await;
    let ours = two.server.sign_in("li.na").await;
    let of_visit = ["socket", "sound"].map(|name| format!("/api/visits/{}/{name}", two.visit));
    for path in of_visit.into_iter().chain(["/api/queue/socket".to_owned()]) {
        let mut opening = ours.send(bare(Method::GET, &format!("{path}?csrf={}", ours.csrf)));
        opening.headers_mut().insert(header::UPGRADE, "websocket".parse().unwrap());
        assert_eq!(two.ask(THEIRS, opening).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn a_room_and_who_is_in_it_are_one_tenants() {
    let two = Two::open().await;
    let (ours, theirs) = (two.server.clinic.nobody(), two.hillside.nobody());
    assert_ne!(call::room(&ours, &two.visit), call::room(&theirs, &two.visit));
    for (context, host) in [(&ours, OURS), (&theirs, THEIRS)] {
        let servers = call::ice_servers(&two.server.clinic.app, context, &two.visit);
        assert_eq!(servers[0].urls, [format!("turns:{host}:443?transport=tcp")]);
    }
    let someone = bianque_app::visits::presence::Participant::new(
        "patient".into(),
        "Ana".into(),
        "patient",
        String::new(),
    );
    let presence = &two.server.clinic.app.presence;
    presence.enter(ours.tenant, &two.visit, someone);
    assert!(presence.patient_present(ours.tenant, &two.visit));
    assert!(!presence.patient_present(theirs.tenant, &two.visit));
}

#[tokio::test]
async fn an_unknown_host_gets_nothing_of_anybody() {
    let two = Two::open().await;
    let ours = two.server.sign_in("root").await;
    for host in
        ["elsewhere.example", "127.0.0.1:8080", "[::1]:8080", "localhost", "hillside.example.evil.example"]
    {
        for path in
            ["/", "/api/session", "/api/admin/users", "/fhir/metadata", "/api/openapi.json", "/assets/x.js"]
        {
            let answer = two.ask(host, ours.send(bare(Method::GET, path))).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
            assert!(answer.headers.contains_key(header::CONTENT_SECURITY_POLICY));
        }
        for path in ["/healthz", "/readyz"] {
            assert_eq!(two.ask(host, bare(Method::GET, path)).await.status, StatusCode::OK, "{host} {path}");
        }
    }
    let mut nameless = bare(Method::GET, "/api/session");
    nameless.headers_mut().remove(header::HOST);
    assert_eq!(two.server.ask(nameless).await.status, StatusCode::MISDIRECTED_REQUEST);
    let mut twice = bare(Method::GET, "/api/session");
    twice.headers_mut().append(header::HOST, THEIRS.parse().unwrap());
    assert_eq!(two.server.ask(twice).await.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_clinic_alone_is_served_whatever_it_is_called() {
    let server = Server::start(Clinic::open());
    for host in ["clinic.example", "127.0.0.1:8080", "whatever.example"] {
        let answer = server.ask(at(host, bare(Method::GET, "/api/session"))).await;
        assert_eq!((answer.status, &answer.body["setup_needed"]), (StatusCode::OK, &json!(true)), "{host}");
    }
}

#[tokio::test]
async fn the_host_that_a_proxy_names_counts_where_the_proxy_is_trusted() {
    let two = Two::open().await;
    let proxies = Proxies::new(&["10.0.0.0/8".into()], ForwardedHeader::XForwardedFor).unwrap();
    let trust = Trust { secure_cookies: true, proxies };
    let edge = Edge::new(two.server.clinic.app.clone(), trust, std::sync::Arc::new(Bare));
    let ours = two.server.sign_in("root").await;
    let server = Server { clinic: Clinic::open(), router: router(edge.clone()), edge };
    let ask = async |from: &str, host: &str, forwarded: &str| {
        let mut request = ours.send(at(host, bare(Method::GET, "/api/admin/users")));
        request.headers_mut().insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
        request.headers_mut().insert("x-forwarded-host", forwarded.parse().unwrap());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(from.parse().unwrap(), 1)));
        server.ask(request).await.status
    };
    assert_eq!(ask("10.0.0.1", "inner.example", OURS).await, StatusCode::OK);
    assert_eq!(ask("10.0.0.1", OURS, THEIRS).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask("198.51.100.1", "inner.example", OURS).await, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(ask("198.51.100.1", OURS, THEIRS).await, StatusCode::OK, "who is not trusted says nothing");
}

#[tokio::test]
async fn pages_of_one_tenant_change_nothing_at_another() {
    let two = Two::open().await;
    let theirs = two.server.sign_in_at(THEIRS, "li.na").await;
    let cancel = |origin: &str| {
        let mut request = theirs.send(bare(Method::POST, &format!("/api/visits/{}/cancel", two.their_visit)));
        request.headers_mut().insert(header::ORIGIN, origin.parse().unwrap());
        request
    };
    let refused = two.ask(THEIRS, cancel("https://clinic.example")).await;
    assert_eq!((refused.status, code(&refused)), (StatusCode::FORBIDDEN, &json!("origin.other")));
    let done = two.ask(THEIRS, cancel("https://hillside.example")).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
}

#[tokio::test]
async fn what_carries_an_address_carries_the_tenants_own() {
    let two = Two::open().await;
    let theirs = two.server.sign_in_at(THEIRS, "li.na").await;
    for path in [
        "/.well-known/smart-configuration",
        "/fhir/.well-known/smart-configuration",
        "/.well-known/openid-configuration",
    ] {
        for (host, issuer) in [(OURS, "https://clinic.example"), (THEIRS, "https://hillside.example")] {
            let told = two.ask(host, bare(Method::GET, path)).await.body;
            assert_eq!(told["issuer"], issuer, "{path}");
            assert_eq!(told["token_endpoint"], format!("{issuer}/oauth2/token"), "{path}");
        }
    }
    let statement = two.ask(THEIRS, bare(Method::GET, "/fhir/metadata")).await.body.to_string();
    assert!(statement.contains("https://hillside.example/fhir") && !statement.contains(OURS), "{statement}");
    let bundle = two.ask(THEIRS, theirs.send(bare(Method::GET, "/fhir/Patient"))).await.body;
    assert!(bundle["entry"][0]["fullUrl"].as_str().unwrap().starts_with("https://hillside.example/fhir/"));
    let link = format!("/api/visits/{}/link", two.their_visit);
    let made = two.ask(THEIRS, theirs.send(bare(Method::POST, &link))).await.body;
    assert!(made.to_string().contains("https://hillside.example/j/"), "{made}");
    for (host, party) in [(OURS, "clinic.example"), (THEIRS, "hillside.example")] {
        let told = two.ask(host, bare(Method::GET, "/api/session")).await.body;
        assert_eq!(told["passkey_address"], format!("https://{party}"));
        let challenge = two.ask(host, bare(Method::POST, "/api/session/passkey/challenge")).await.body;
        assert!(challenge.to_string().contains(&format!("\"rpId\":\"{party}\"")), "{challenge}");
    }
}

#[tokio::test]
async fn the_machine_is_shown_to_the_first_tenants_administrators_alone() {
    let two = Two::open().await;
    let home = two.hillside.organization("Hillside").await;
    two.hillside.administrator("root", &home).await;
    let (ours, theirs) = (two.server.sign_in("root").await, two.server.sign_in_at(THEIRS, "root").await);
    for path in ["/api/admin/health", "/api/admin/health/summary"] {
        assert_eq!(two.ask(OURS, ours.send(bare(Method::GET, path))).await.status, StatusCode::OK);
        assert_eq!(two.ask(THEIRS, theirs.send(bare(Method::GET, path))).await.status, StatusCode::NOT_FOUND);
    }
    let told = two.ask(THEIRS, theirs.send(bare(Method::GET, "/api/session"))).await.body;
    assert_eq!(told["session"]["first_tenant"], json!(false));
}

#[tokio::test]
async fn a_closed_tenant_is_nobodys_host_and_ends_what_is_open() {
    let two = Two::open().await;
    let theirs = two.server.sign_in_at(THEIRS, "li.na").await;
    let app = &two.hillside.app;
    let open = Caller::admitted(two.hillside.server(), String::new());
    assert!(open.renewed(app, Stay::Watching).await.is_ok());
    close::close(app, two.hillside.tenant).await.unwrap();
    let answer = two.ask(THEIRS, theirs.send(bare(Method::GET, "/api/session"))).await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(open.renewed(app, Stay::Watching).await.unwrap_err().code, "sign-in");
    close::reopen(app, two.hillside.tenant).await.unwrap();
    let told = two.ask(THEIRS, theirs.send(bare(Method::GET, "/api/session"))).await.body;
    assert_eq!(told["session"]["user"]["login"], "li.na");
}
