//! Stories of applications over HTTP: what they are told, what they reach, and what a browser lets their pages do.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use bianque_app::testing::Clinic;
use bianque_model::ResourceId;
use serde_json::{Value, json};

use super::{Answer, Browser, Server, at, bare, filled, with_json};
use crate::router::routes;

const CALLBACK: &str = "https://growth.example/cb";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A server with an application, a clinician at their desk and two patients.
struct Desk {
    server: Server,
    browser: Browser,
    client: String,
    ana: ResourceId,
    visit: ResourceId,
}

impl Desk {
    async fn open(scopes: &str) -> Self {
        let (clinic, doctor, ana, visit) = Clinic::with_visit().await;
        clinic.administrator("root", &doctor.account.organization).await;
        let server = Server::start(clinic);
        let (browser, root) = (server.sign_in("li.na").await, server.sign_in("root").await);
        let making =
            json!({"name": "Growth", "kind": "public", "redirect_uris": [CALLBACK], "scopes": scopes});
        let made = server.ask(root.send(with_json(Method::POST, "/api/admin/applications", &making))).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let client = made.body["application"]["id"].as_str().unwrap().to_owned();
        Self { server, browser, client, ana, visit }
    }

    fn query(&self, scopes: &str) -> String {
        format!(
            "response_type=code&client_id={}&redirect_uri=https%3A%2F%2Fgrowth.example%2Fcb&scope={}&state=s\
             &aud=https%3A%2F%2Fclinic.example%2Ffhir&code_challenge={CHALLENGE}&code_challenge_method=S256",
            self.client,
            scopes.replace(' ', "+").replace('/', "%2F"),
        )
    }

    /// The code that a user's consent gives an application.
    async fn code(&self, scopes: &str) -> String {
        let deciding = json!({"query": self.query(scopes), "allow": true, "patient_id": self.ana});
        let request = self.browser.send(with_json(Method::POST, "/api/authorizations", &deciding));
        let decided = self.server.ask(request).await;
        assert_eq!(decided.status, StatusCode::OK, "{}", decided.body);
        let address = decided.body["redirect"].as_str().unwrap();
        address.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned()
    }

    /// The request that makes tokens of a code.
    fn exchange(&self, code: &str) -> Request<Body> {
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&client_id={}&code_verifier={VERIFIER}",
            self.client
        );
        with_form("/oauth2/token", &form)
    }

    /// Tokens, as an application gets them.
    async fn tokens(&self, scopes: &str) -> Value {
        let code = self.code(scopes).await;
        let answer = self.server.ask(self.exchange(&code)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        answer.body
    }

    async fn with_token(&self, token: &Value, mut request: Request<Body>) -> Answer {
        let value = format!("Bearer {}", token.as_str().unwrap());
        request.headers_mut().insert(header::AUTHORIZATION, value.parse().unwrap());
        self.server.ask(request).await
    }
}

fn with_form(path: &str, form: &str) -> Request<Body> {
    let mut request = bare(Method::POST, path);
    let kind = "application/x-www-form-urlencoded";
    request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
    *request.body_mut() = Body::from(form.to_owned());
    request
}

fn location(headers: &HeaderMap) -> &str {
    headers[header::LOCATION].to_str().unwrap()
}

#[tokio::test]
async fn a_token_of_an_application_opens_records_and_no_other_door() {
    let desk = Desk::open("user/*.cruds").await;
    let answer = desk.tokens("user/*.cruds").await;
    let token = &answer["access_token"];
    for route in routes(&desk.server.edge).iter().filter(|route| !route.open) {
        let path = filled(route.path, &desk.visit);
        let answer = desk.with_token(token, with_json(route.method.clone(), &path, &json!({"a": 1}))).await;
        let silent = route.method == Method::HEAD && answer.status == StatusCode::FORBIDDEN;
        let refused = silent || answer.body["error"]["code"] == "application.fhir-only";
        let of_records = route.path == "/fhir" || route.path.starts_with("/fhir/");
        assert_eq!(refused, !of_records, "{} {path}: {}", route.method, answer.body);
        let mut socket = bare(route.method.clone(), &path);
        socket.headers_mut().insert(header::UPGRADE, "websocket".parse().unwrap());
        let answer = desk.with_token(token, socket).await;
        assert!(of_records || answer.status == StatusCode::FORBIDDEN, "socket {path}");
    }
    let read = desk.with_token(token, bare(Method::GET, &format!("/fhir/Patient/{}", desk.ana))).await;
    assert_eq!((read.status, &read.body["id"]), (StatusCode::OK, &json!(desk.ana)));
    let metrics = desk.with_token(token, bare(Method::GET, "/metrics")).await;
    assert!(metrics.status.is_client_error(), "{}", metrics.status);
    // A cookie beside the token does not help it out.
    let request = desk.browser.send(bare(Method::GET, "/api/patients?query=ana"));
    assert_eq!(desk.with_token(token, request).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_browser_is_sent_on_to_the_page_that_asks_or_back_with_the_reason() {
    let desk = Desk::open("patient/*.rs").await;
    let query = desk.query("patient/*.rs");
    let asked = desk.server.ask(bare(Method::GET, &format!("/oauth2/authorize?{query}"))).await;
    assert_eq!(
        (asked.status, location(&asked.headers)),
        (StatusCode::SEE_OTHER, format!("/authorize?{query}").as_str())
    );
    assert!(
        asked.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("frame-ancestors 'none'")
    );
    let plain = query.replace("S256", "plain");
    let refused = desk.server.ask(bare(Method::GET, &format!("/oauth2/authorize?{plain}"))).await;
    assert!(location(&refused.headers).starts_with("https://growth.example/cb?error=invalid_request"));
    for wrong in [
        query.replace("growth.example", "evil.example"),
        query.replace("%2Fcb", "%2Fcb%2F..%2Fopen"),
        query.replace(&desk.client, "nobody"),
        String::new(),
    ] {
        let kept = desk.server.ask(bare(Method::GET, &format!("/oauth2/authorize?{wrong}"))).await;
        assert!(location(&kept.headers).starts_with("/authorize?"), "{}", location(&kept.headers));
        let looking = json!({"query": wrong});
        let request = desk.browser.send(with_json(Method::POST, "/api/authorizations/look", &looking));
        assert_eq!(desk.server.ask(request).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn consent_is_given_from_our_own_page_alone() {
    let desk = Desk::open("patient/*.rs").await;
    let deciding = json!({"query": desk.query("patient/*.rs"), "allow": true, "patient_id": desk.ana});
    let mut forged = with_json(Method::POST, "/api/authorizations", &deciding);
    forged.headers_mut().insert(header::COOKIE, desk.browser.cookie.parse().unwrap());
    assert_eq!(desk.server.ask(forged).await.body["error"]["code"], "csrf.invalid");
    let mut elsewhere = desk.browser.send(with_json(Method::POST, "/api/authorizations", &deciding));
    elsewhere.headers_mut().insert(header::ORIGIN, "https://growth.example".parse().unwrap());
    assert_eq!(desk.server.ask(elsewhere).await.body["error"]["code"], "origin.other");
}

#[tokio::test]
async fn the_token_endpoint_refuses_in_the_words_of_the_protocol() {
    let server = Server::start(Clinic::open());
    let basic = |text: &str| {
        let mut request = with_form("/oauth2/token", "grant_type=client_credentials&scope=system%2F*.rs");
        request.headers_mut().insert(header::AUTHORIZATION, text.parse().unwrap());
        request
    };
    let twice = "grant_type=refresh_token&grant_type=password";
    for (request, status, error) in [
        (with_form("/oauth2/token", ""), 400, "invalid_request"),
        (with_form("/oauth2/token", twice), 400, "invalid_request"),
        (with_form("/oauth2/token", "grant_type=refresh_token"), 401, "invalid_client"),
        (with_form("/oauth2/token", "grant_type=refresh_token&client_id=x"), 401, "invalid_client"),
        (with_json(Method::POST, "/oauth2/token", &json!({})), 400, "invalid_request"),
        (basic("Basic !"), 401, "invalid_client"),
        (basic("Basic eDp5"), 401, "invalid_client"),
        (basic("Bearer x"), 401, "invalid_client"),
        (with_form("/oauth2/introspect", "token=x"), 401, "invalid_client"),
        (with_form("/oauth2/revoke", "token=x"), 401, "invalid_client"),
    ] {
        let answer = server.ask(request).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["error"]),
            (status, &json!(error)),
            "{}",
            answer.body
        );
        assert!(answer.body["error_description"].is_string());
        assert_eq!(answer.headers.contains_key(header::WWW_AUTHENTICATE), status == 401);
    }
}

#[tokio::test]
async fn pages_of_other_sites_reach_what_goes_by_token_and_nothing_that_goes_by_cookie() {
    let desk = Desk::open("patient/*.rs").await;
    let answer = desk.tokens("patient/*.rs").await;
    let from_elsewhere = |mut request: Request<Body>| {
        request.headers_mut().insert(header::ORIGIN, "https://growth.example".parse().unwrap());
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        request
    };
    let path = format!("/fhir/Patient/{}", desk.ana);
    let read = desk.with_token(&answer["access_token"], from_elsewhere(bare(Method::GET, &path))).await;
    assert_eq!(read.status, StatusCode::OK);
    assert_eq!(read.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(!read.headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    assert_eq!(read.headers["cross-origin-resource-policy"], "cross-origin");
    let search = with_form("/fhir/Observation/_search", "code=1");
    let searched = desk.with_token(&answer["access_token"], from_elsewhere(search)).await;
    assert_eq!(searched.status, StatusCode::OK, "{}", searched.body);
    let token = desk.server.ask(from_elsewhere(with_form("/oauth2/token", ""))).await;
    assert_eq!((token.status, &token.body["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));

    let mut question = from_elsewhere(bare(Method::OPTIONS, &path));
    question.headers_mut().insert("access-control-request-method", "GET".parse().unwrap());
    question.headers_mut().insert("access-control-request-headers", "authorization".parse().unwrap());
    let answered = desk.server.ask(question).await;
    assert_eq!(answered.status, StatusCode::OK);
    assert!(answered.headers["access-control-allow-headers"].to_str().unwrap().contains("authorization"));

    let cookie =
        desk.server.ask(from_elsewhere(desk.browser.send(with_form("/fhir/Observation/_search", "")))).await;
    assert_eq!(cookie.status, StatusCode::FORBIDDEN, "a session is never lent to another site's page");
    for path in ["/api/session", "/oauth2/authorize"] {
        let answer = desk.server.ask(from_elsewhere(bare(Method::GET, path))).await;
        assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{path}");
    }
}

#[tokio::test]
async fn where_everything_is_stands_in_both_places_and_in_the_statement() {
    let server = Server::start(Clinic::open());
    let own = server.ask(bare(Method::GET, "/fhir/.well-known/smart-configuration")).await.body;
    let root = server.ask(bare(Method::GET, "/.well-known/smart-configuration")).await.body;
    assert_eq!(own, root);
    assert_eq!(own["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(own["token_endpoint"], "https://clinic.example/oauth2/token");
    let openid = server.ask(bare(Method::GET, "/.well-known/openid-configuration")).await.body;
    assert_eq!(openid["issuer"], own["issuer"]);
    let keys = server.ask(bare(Method::GET, "/oauth2/jwks")).await.body;
    assert_eq!((&keys["keys"][0]["crv"], &keys["keys"][0]["d"]), (&json!("P-256"), &Value::Null));
    let statement = server.ask(bare(Method::GET, "/fhir/metadata")).await.body;
    let uris = &statement["rest"][0]["security"]["extension"][0]["extension"];
    assert_eq!(uris[1]["valueUri"], own["token_endpoint"]);
    assert_eq!(server.ask(bare(Method::GET, "/.well-known/nothing")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_application_its_codes_and_its_tokens_are_unknown_at_another_tenants_host() {
    const THEIRS: &str = "hillside.example";
    let desk = Desk::open("user/*.rs").await;
    let hillside = desk.server.clinic.beside(THEIRS).await;
    hillside.at_work().await;
    let code = desk.code("user/*.rs").await;
    let refused = desk.server.ask(at(THEIRS, desk.exchange(&code))).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (StatusCode::UNAUTHORIZED, &json!("invalid_client"))
    );
    let answer = desk.server.ask(desk.exchange(&code)).await;
    assert_eq!(answer.status, StatusCode::OK, "the code was not used up there: {}", answer.body);
    let token = &answer.body["access_token"];
    let read = || bare(Method::GET, &format!("/fhir/Patient/{}", desk.ana));
    assert_eq!(desk.with_token(token, read()).await.status, StatusCode::OK);
    let unknown = desk.with_token(&json!("nobodys"), at(THEIRS, read())).await;
    let refused = desk.with_token(token, at(THEIRS, read())).await;
    assert_eq!((refused.status, &refused.body), (StatusCode::UNAUTHORIZED, &unknown.body));
    let theirs = desk.server.sign_in_at(THEIRS, "li.na").await;
    let looking = json!({"query": desk.query("user/*.rs")});
    let look = at(THEIRS, theirs.send(with_json(Method::POST, "/api/authorizations/look", &looking)));
    assert_eq!(desk.server.ask(look).await.body["error"]["code"], "authorize.application");
    let asked = bare(Method::GET, &format!("/oauth2/authorize?{}", desk.query("user/*.rs")));
    let kept = desk.server.ask(at(THEIRS, asked)).await;
    assert!(
        location(&kept.headers).starts_with("/authorize?"),
        "nobody is sent on to an unknown application"
    );
}
