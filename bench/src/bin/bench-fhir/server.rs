//! A FHIR server that is measured: ours, started here, or a peer's that runs already.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bianque_bench::Process;
use serde_json::Value;
use ureq::Agent;

const PATIENCE: Duration = Duration::from_mins(1);
const FHIR_JSON: &str = "application/fhir+json";

/// One request.
#[derive(Debug)]
pub(crate) struct Request {
    path: String,
    body: Option<Vec<u8>>,
}

impl Request {
    pub(crate) fn get(path: String) -> Self {
        Self { path, body: None }
    }

    pub(crate) fn post(path: &str, body: &Value) -> Self {
        Self { path: path.to_owned(), body: Some(body.to_string().into_bytes()) }
    }

    pub(crate) fn search(resource_type: &str, pairs: &[(&str, String)]) -> Self {
        let encoded = |text: &str| text.replace('|', "%7C").replace('/', "%2F").replace(':', "%3A");
        let pairs: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        Self::get(format!("/{resource_type}?{}", pairs.join("&")))
    }
}

/// Where a server is, and which process it is.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    base: String,
    bearer: Option<String>,
    process: Option<Process>,
}

impl Served {
    /// `base` is that of FHIR, without a slash at its end. Without a process its CPU and memory are not told.
    pub(crate) fn new(base: &str, bearer: Option<String>, pid: Option<u32>) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), bearer, process: pid.map(Process) }
    }

    /// CPU seconds of the process until now, of the system's part too.
    pub(crate) fn cpu_s(&self) -> Result<Option<f64>> {
        self.process.map(Process::cpu_s).transpose()
    }

    /// The most memory that it held, 10^6 bytes (`VmHWM`).
    pub(crate) fn most_memory_mb(&self) -> Result<Option<f64>> {
        self.process.map(Process::most_memory_mb).transpose()
    }

    fn authorization(&self) -> Option<String> {
        self.bearer.as_ref().map(|token| format!("Bearer {token}"))
    }

    /// A connection of its own that stays open.
    pub(crate) fn connect(&self) -> Connection {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .max_idle_connections_per_host(1);
        Connection { served: self.clone(), agent: config.build().into() }
    }
}

/// A connection to a server.
#[derive(Debug)]
pub(crate) struct Connection {
    served: Served,
    agent: Agent,
}

impl Connection {
    /// The body of the answer, read to its end. Any status but one of success is an error.
    pub(crate) fn send(&self, request: Request) -> Result<Vec<u8>> {
        let url = format!("{}{}", self.served.base, request.path);
        let headers =
            [("accept", Some(FHIR_JSON.to_owned())), ("authorization", self.served.authorization())];
        let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut answer = if let Some(body) = request.body {
            let post = self.agent.post(&url).header("content-type", FHIR_JSON);
            headers.fold(post, |post, (name, value)| post.header(name, value)).send(&body[..])?
        } else {
            headers.fold(self.agent.get(&url), |get, (name, value)| get.header(name, value)).call()?
        };
        let body = answer.body_mut().read_to_vec().with_context(|| format!("reading what {url} answered"))?;
        let status = answer.status();
        ensure!(status.is_success(), "{url}: {status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}
