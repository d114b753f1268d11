//! The server that is asked.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use bianque_fhir::document;
use bianque_testkit::{Answer, Browser, Setup};
use serde_json::Value;

use crate::asks::Ask;
use crate::corpus::Example;

const JSON: (&str, &str) = ("content-type", "application/fhir+json");
/// Without it, a Binary is answered as its bytes.
const AS_JSON: (&str, &str) = ("accept", "application/fhir+json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
/// Bytes of a body that the server takes.
const BODY: usize = 16 << 20;
/// Values that are asked for at once. A search has at most 64 parameters; three are taken by what goes with them.
const AT_ONCE: usize = 60;

/// A running server, and a program with a token for everything.
pub(crate) struct Server {
    running: bianque_testkit::Server,
    program: Browser,
    /// The kind of each search parameter, by type, as its capability statement says.
    kinds: HashMap<String, HashMap<String, String>>,
    requests: usize,
}

/// What came of storing a resource.
pub(crate) enum Stored {
    /// It is there, and read back like this.
    As(Value),
    /// Why it is not.
    Refused(String),
}

impl Server {
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let running = Setup::serve(program).start()?;
        let create = ["token", "create", "--scope", "system/*.cruds", "--ttl", "1d", "--data"];
        let made = Command::new(program).args(create).arg(running.data()).output()?;
        ensure!(made.status.success(), "no token: {}", String::from_utf8_lossy(&made.stderr));
        let token = String::from_utf8(made.stdout)?;
        let mut program = running.browser().with_bearer(token.trim());
        let kinds = kinds(&program.get("/fhir/metadata").expect(200).json());
        Ok(Self { running, program, kinds, requests: 0 })
    }

    /// Where its FHIR API is.
    pub(crate) fn base(&self) -> String {
        format!("{}/fhir", self.running.base())
    }

    /// The kind of a search parameter; empty where it has none of this name.
    pub(crate) fn kind(&self, resource_type: &str, code: &str) -> &str {
        self.kinds.get(resource_type).and_then(|of_type| of_type.get(code)).map_or("", String::as_str)
    }

    /// How many searches were asked.
    pub(crate) fn requests(&self) -> usize {
        self.requests
    }

    /// Stores it, and reads it again.
    pub(crate) fn put(&mut self, example: &Example, bytes: &[u8]) -> Stored {
        let path = format!("/fhir/{}/{}", example.resource_type, example.id);
        let answer = match self.program.try_send("PUT", &path, &[JSON], Some(bytes)) {
            Ok(answer) => answer,
            // A body that announces itself as too large is refused before it is read to its end.
            Err(_) if bytes.len() > BODY => return Stored::Refused("more than 16 MiB".into()),
            Err(error) => return Stored::Refused(error.to_string()),
        };
        if !matches!(answer.status, 200 | 201) {
            return Stored::Refused(refusal(&answer));
        }
        let answer = self.program.send("GET", &path, &[AS_JSON], None);
        match document::parse(&answer.body) {
            Ok(resource) if answer.status == 200 => Stored::As(resource),
            _ => Stored::Refused(format!("stored, and then not read: {}", answer.status)),
        }
    }

    /// The values by which a resource is not found, with the reason. Many are asked at once; halves of a search that finds
    /// nothing tell which of them it was.
    pub(crate) fn misses(&mut self, example: &Example, asks: &[Ask]) -> Vec<String> {
        let mut missed = Vec::new();
        for some in asks.chunks(AT_ONCE) {
            self.halve(example, some, &mut missed);
        }
        missed
    }

    /// Whether a resource is found in a compartment.
    pub(crate) fn finds_below(&mut self, path: &str, example: &Example) -> Result<(), String> {
        self.requests += 1;
        let answer = self.program.get(&format!("/fhir/{path}?_id={}&_total=none", example.id));
        only(&answer, &example.id)
    }

    /// The ids of everything that a search finds, over all its pages.
    pub(crate) fn all(&mut self, resource_type: &str, ask: &Ask) -> Result<Vec<String>, String> {
        let mut path = format!(
            "/fhir/{resource_type}?{}={}&_count=500&_elements=id&_total=none",
            encoded(&ask.name),
            encoded(&ask.value)
        );
        let mut found = Vec::new();
        loop {
            self.requests += 1;
            let answer = self.program.get(&path);
            found.extend(ids(&answer)?);
            let links = answer.json();
            let mut links = links["link"].as_array().into_iter().flatten();
            let next = links.find(|link| link["relation"] == "next").and_then(|link| link["url"].as_str());
            match next.and_then(|url| url.strip_prefix(self.running.base())) {
                Some(next) => next.clone_into(&mut path),
                None => return Ok(found),
            }
        }
    }

    fn halve(&mut self, example: &Example, asks: &[Ask], missed: &mut Vec<String>) {
        let (Err(reason), [first, rest @ ..]) = (self.finds(example, asks), asks) else { return };
        if rest.is_empty() {
            missed.push(format!("{}={}: {reason}", first.name, first.value));
            return;
        }
        let (left, right) = asks.split_at(asks.len() / 2);
        self.halve(example, left, missed);
        self.halve(example, right, missed);
    }

    fn finds(&mut self, example: &Example, asks: &[Ask]) -> Result<(), String> {
        self.requests += 1;
        let mut form = format!("_id={}&_elements=id&_total=none", example.id);
        for Ask { name, value } in asks {
            form.extend(["&", &encoded(name), "=", &encoded(value)]);
        }
        let path = format!("/fhir/{}/_search", example.resource_type);
        let answer = self.program.send("POST", &path, &[FORM], Some(form.as_bytes()));
        only(&answer, &example.id)
    }
}

/// Whether a searchset holds this resource and no other.
fn only(answer: &Answer, id: &str) -> Result<(), String> {
    match ids(answer)?.as_slice() {
        [one] if one == id => Ok(()),
        [] => Err("not found".into()),
        others => Err(format!("found {others:?}")),
    }
}

fn ids(answer: &Answer) -> Result<Vec<String>, String> {
    if answer.status != 200 {
        return Err(refusal(answer));
    }
    let bundle = answer.json();
    let entries = bundle["entry"].as_array().into_iter().flatten();
    Ok(entries.filter_map(|entry| entry["resource"]["id"].as_str().map(str::to_owned)).collect())
}

/// The status of a refusal and what its outcome says, without what differs from one resource to the next.
fn refusal(answer: &Answer) -> String {
    let outcome: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let issues = outcome["issue"].as_array().into_iter().flatten().map(|issue| {
        let place = issue["expression"][0].as_str().unwrap_or_default();
        let place: String = place.chars().filter(|c| !c.is_ascii_digit()).collect();
        format!(
            "{place} {}",
            issue["diagnostics"].as_str().or(issue["details"]["text"].as_str()).unwrap_or_default()
        )
    });
    let issues: std::collections::BTreeSet<String> = issues.collect();
    format!("{}: {}", answer.status, issues.into_iter().collect::<Vec<_>>().join("; "))
}

fn kinds(statement: &Value) -> HashMap<String, HashMap<String, String>> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of_type = |resource: &Value| {
        let params = list(&resource["searchParam"]);
        params.iter().map(|param| (text(&param["name"]), text(&param["type"]))).collect()
    };
    let resources = list(&statement["rest"][0]["resource"]);
    resources.iter().map(|resource| (text(&resource["type"]), of_type(resource))).collect()
}

/// Percent-encoded (RFC 3986, 2.3).
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
