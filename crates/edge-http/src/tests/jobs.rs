//! What takes long over HTTP: asked for, looked after by an address, fetched in parts, and removed.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use bianque_app::identity::tokens;
use bianque_app::jobs;
use bianque_app::testing::Clinic;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Answer, Server, bare, with_json};

/// A server and a program with a token.
struct Story {
    server: Server,
    token: String,
}

async fn story(scope: &str) -> Story {
    let (clinic, ..) = Clinic::with_visit().await;
    let token = tokens::create(&clinic.app, clinic.tenant, scope, 3600).await.unwrap();
    Story { server: Server::start(clinic), token }
}

impl Story {
    fn signed(&self, mut request: Request<Body>) -> Request<Body> {
        let value = format!("Bearer {}", self.token).parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
        request
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        self.server.ask(self.signed(request)).await
    }

    /// Asks for what takes long; where it is looked after.
    async fn begin(&self, request: Request<Body>) -> String {
        let answer = self.ask(later(request)).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
        path(answer.headers[header::CONTENT_LOCATION].to_str().unwrap())
    }

    /// Does it.
    async fn done(&self, place: &str) {
        let (app, tenant) = (&self.server.clinic.app, self.server.clinic.tenant);
        jobs::work(app, tenant, &place.rsplit('/').next().unwrap().parse().unwrap()).await.unwrap();
    }

    async fn bytes(&self, path: &str, range: Option<&str>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = self.signed(bare(Method::GET, path));
        if let Some(range) = range {
            request.headers_mut().insert(header::RANGE, range.parse().unwrap());
        }
        let (parts, body) = self.server.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts.status, parts.headers, to_bytes(body, 8 << 20).await.unwrap().to_vec())
    }
}

fn later(mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert("prefer", "respond-async".parse().unwrap());
    request
}

/// The path of an address at the clinic.
fn path(url: &str) -> String {
    url.strip_prefix("https://clinic.example").unwrap().to_owned()
}

#[tokio::test]
async fn an_export_is_asked_for_looked_after_and_fetched_in_parts() {
    let story = story("system/*.rs").await;
    let impatient = story.ask(bare(Method::GET, "/fhir/$export")).await;
    assert_eq!(impatient.status, StatusCode::BAD_REQUEST);
    assert!(impatient.body["issue"][0]["diagnostics"].as_str().unwrap().contains("respond-async"));

    let place = story.begin(bare(Method::GET, "/fhir/%24export?_type=Patient,Encounter")).await;
    let waiting = story.ask(bare(Method::GET, &place)).await;
    assert_eq!(waiting.status, StatusCode::ACCEPTED);
    assert_eq!(waiting.headers[header::RETRY_AFTER], "1");
    assert!(waiting.headers["x-progress"].to_str().unwrap().starts_with("0 of 2 types"));

    story.done(&place).await;
    let done = story.ask(bare(Method::GET, &place)).await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(done.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(done.headers[header::EXPIRES], "Tue, 06 Jan 2026 08:00:00 GMT");
    let output = done.body["output"].as_array().unwrap();
    let types: Vec<&Value> = output.iter().map(|file| &file["type"]).collect();
    assert_eq!(types, ["Encounter", "Patient"]);
    assert_eq!(done.body["request"], "https://clinic.example/fhir/$export?_type=Patient,Encounter");

    let file = path(output[1]["url"].as_str().unwrap());
    let (status, headers, whole) = story.bytes(&file, None).await;
    assert_eq!(
        (status, &headers[header::CONTENT_TYPE]),
        (StatusCode::OK, &"application/fhir+ndjson".parse().unwrap())
    );
    assert_eq!(headers[header::ACCEPT_RANGES], "bytes");
    assert!(whole.ends_with(b"}\n"));
    let (status, headers, rest) = story.bytes(&file, Some("bytes=10-")).await;
    assert_eq!((status, &rest[..]), (StatusCode::PARTIAL_CONTENT, &whole[10..]));
    assert_eq!(
        headers[header::CONTENT_RANGE],
        format!("bytes 10-{}/{}", whole.len() - 1, whole.len()).as_str()
    );
    assert_eq!(story.bytes(&file, Some("bytes=999999-")).await.0, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(story.server.ask(bare(Method::GET, &file)).await.status, StatusCode::UNAUTHORIZED);

    assert_eq!(story.ask(bare(Method::DELETE, &place)).await.status, StatusCode::ACCEPTED);
    for gone in [&place, &file] {
        let answer = story.ask(bare(Method::GET, gone)).await;
        assert_eq!(
            (answer.status, &answer.body["resourceType"]),
            (StatusCode::NOT_FOUND, &json!("OperationOutcome"))
        );
    }
}

#[tokio::test]
async fn parameters_say_what_an_address_says() {
    let story = story("system/*.rs").await;
    let parameters = json!({"resourceType": "Parameters", "parameter": [
        {"name": "_type", "valueString": "Patient"},
        {"name": "_since", "valueInstant": "2020-01-01T00:00:00Z"},
        {"name": "patient", "valueReference": {"reference": "Patient/nobody"}},
    ]});
    let place = story.begin(with_json(Method::POST, "/fhir/Patient/$export", &parameters)).await;
    story.done(&place).await;
    assert_eq!(story.ask(bare(Method::GET, &place)).await.body["output"], json!([]));
    for wrong in ["/fhir/$export?_count=3", "/fhir/Patient/$export?_type=Organization"] {
        let refused = story.ask(later(bare(Method::GET, wrong))).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}: {}", refused.body);
    }
    let nobody = story.ask(later(bare(Method::GET, "/fhir/Group/nobody/$export"))).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    for place in ["/fhir/$jobs/nobody", "/fhir/$jobs/nobody/Patient-1.ndjson", "/fhir/$jobs/%20"] {
        assert_eq!(story.ask(bare(Method::GET, place)).await.status, StatusCode::NOT_FOUND, "{place}");
    }
}

#[tokio::test]
async fn as_many_as_may_be_are_under_way_and_then_others_wait() {
    let story = story("system/*.rs").await;
    for _ in 0..4 {
        story.begin(bare(Method::GET, "/fhir/$export")).await;
    }
    let refused = story.ask(later(bare(Method::GET, "/fhir/$export"))).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers[header::RETRY_AFTER], "60");
    assert_eq!(refused.body["issue"][0]["code"], "throttled");
}

#[tokio::test]
async fn indexing_anew_is_looked_after_by_the_same_address() {
    let story = story("system/*.cruds").await;
    let place = story.begin(bare(Method::POST, "/fhir/Patient/$reindex")).await;
    assert!(story.ask(bare(Method::GET, &place)).await.headers.contains_key("x-progress"));
    story.done(&place).await;
    let done = story.ask(bare(Method::GET, &place)).await;
    assert_eq!((done.status, &done.body["resourceType"]), (StatusCode::OK, &json!("Parameters")));
    assert_eq!(done.body["parameter"][0], json!({"name": "resources", "valueInteger": 1}));
    story.begin(bare(Method::POST, "/fhir/$reindex")).await;

    let found = story.ask(bare(Method::GET, "/fhir/Patient")).await;
    let id = found.body["entry"][0]["resource"]["id"].as_str().unwrap();
    let one = story.ask(bare(Method::POST, &format!("/fhir/Patient/{id}/$reindex"))).await;
    assert_eq!(one.status, StatusCode::OK, "{}", one.body);
    let reader = self::story("system/*.rs").await;
    let refused = reader.ask(later(bare(Method::POST, "/fhir/$reindex"))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_capability_statement_names_what_can_be_asked_and_not_where_it_is_fetched() {
    let story = story("system/*.rs").await;
    let statement = story.ask(bare(Method::GET, "/fhir/metadata")).await.body;
    let rest = &statement["rest"][0];
    let named = |operations: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let all = operations.as_array().unwrap().iter();
        all.map(|one| (text(&one["name"]), text(&one["definition"]))).collect()
    };
    let bulk = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition";
    let system = named(&rest["operation"]);
    assert!(system.contains(&("export".into(), format!("{bulk}/export"))), "{system:?}");
    assert!(system.iter().all(|(name, _)| !name.contains("jobs")), "{system:?}");
    for (of, definition) in [("Patient", "patient-export"), ("Group", "group-export")] {
        let resources = rest["resource"].as_array().unwrap();
        let found = resources.iter().find(|one| one["type"] == of).unwrap();
        assert!(named(&found["operation"]).contains(&("export".into(), format!("{bulk}/{definition}"))));
    }
}
