//! Answers of several resources: searchset and history (FHIR R4, Bundle).
//!
//! Resources go in as the bytes they are served as; nothing is read again.

use bianque_model::Timestamp;
use serde_json::{Value, json};

use crate::meta::{instant, to_served};
use crate::outcome::{Issue, operation_outcome};

/// The extension that says in a word how well a patient fits.
const MATCH_GRADE: &str = "http://hl7.org/fhir/StructureDefinition/match-grade";

/// What a search answers.
#[derive(Debug)]
pub struct Searchset<'a> {
    /// The FHIR base of this server, without a `/` at its end.
    pub base: &'a str,
    /// The request as it was understood.
    pub own_link: String,
    /// The next page.
    pub next_link: Option<String>,
    /// How many match in all, when that was counted.
    pub total: Option<u64>,
    /// What was left out of the search; told in an outcome entry.
    pub notes: &'a [Issue],
}

/// What a history of one resource answers.
#[derive(Debug)]
pub struct History<'a> {
    /// The FHIR base of this server, without a `/` at its end.
    pub base: &'a str,
    /// The request as it was understood.
    pub own_link: String,
    /// The next page.
    pub next_link: Option<String>,
    /// How many versions there are in all, when that is known.
    pub total: Option<u64>,
}

/// What became of an entry of a batch or transaction.
#[derive(Debug, Default)]
pub struct Answered {
    /// The HTTP status, as a number.
    pub status: u16,
    /// Where the resource is: `Type/id/_history/version`.
    pub location: Option<String>,
    /// Its version.
    pub version: Option<u64>,
    /// When that was written.
    pub last_modified: Option<Timestamp>,
    /// The resource, JSON.
    pub resource: Option<Vec<u8>>,
    /// What was wrong.
    pub outcome: Option<Value>,
}

/// The Bundle that answers a batch (`batch-response`) or a transaction (`transaction-response`), as bytes.
pub fn responses(kind: &str, now: Timestamp, answers: impl Iterator<Item = Answered>) -> Vec<u8> {
    let mut out = Writer::new(kind, now, None, &Value::Null);
    for answered in answers {
        out.entry();
        if let Some(resource) = &answered.resource {
            out.member("resource", resource);
        }
        let mut response = json!({"status": answered.status.to_string()});
        if let Some(location) = answered.location {
            response["location"] = location.into();
        }
        if let Some(version) = answered.version {
            response["etag"] = format!("W/\"{version}\"").into();
        }
        if let Some(at) = answered.last_modified {
            response["lastModified"] = instant(at).into();
        }
        if let Some(outcome) = answered.outcome {
            response["outcome"] = outcome;
        }
        out.member("response", response.to_string().as_bytes());
    }
    out.end()
}

/// One version of a resource, as it goes into an answer.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a> {
    /// Its type.
    pub resource_type: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Its version.
    pub version: u64,
    /// When that was written.
    pub last_updated: Timestamp,
    /// The stored document; none: this version is a deletion.
    pub document: Option<&'a [u8]>,
}

/// Who may be the one that was asked for (FHIR R4, Patient `$match`).
#[derive(Debug, Clone, Copy)]
pub struct Scored<'v> {
    /// The resource.
    pub version: Version<'v>,
    /// How well it fits, from 0 to 1.
    pub score: f64,
    /// The same in a word: a code of `match-grade`.
    pub grade: &'static str,
}

/// The searchset Bundle of such resources, the best first, as bytes.
pub fn scored<'v>(base: &str, now: Timestamp, found: impl ExactSizeIterator<Item = Scored<'v>>) -> Vec<u8> {
    let links = links(&format!("{base}/Patient/$match"), None);
    let mut out = Writer::new("searchset", now, u64::try_from(found.len()).ok(), &links);
    for Scored { version, score, grade } in found {
        let Some(document) = version.document else { continue };
        out.entry();
        out.full_url(base, version);
        out.member("resource", &to_served(document, version.version, version.last_updated));
        let grade = json!([{"url": MATCH_GRADE, "valueCode": grade}]);
        let search = json!({"extension": grade, "mode": "match", "score": score});
        out.member("search", search.to_string().as_bytes());
    }
    out.end()
}

impl Searchset<'_> {
    /// The Bundle with its matches and what comes with them, as bytes.
    pub fn bundle<'v>(
        &self,
        now: Timestamp,
        matches: impl Iterator<Item = Version<'v>>,
        included: impl Iterator<Item = Version<'v>>,
    ) -> Vec<u8> {
        let links = links(&self.own_link, self.next_link.as_deref());
        let mut out = Writer::new("searchset", now, self.total, &links);
        let matches = matches.map(|version| (version, &br#"{"mode":"match"}"#[..]));
        let included = included.map(|version| (version, &br#"{"mode":"include"}"#[..]));
        for (version, mode) in matches.chain(included) {
            let Some(document) = version.document else { continue };
            out.entry();
            out.full_url(self.base, version);
            out.member("resource", &to_served(document, version.version, version.last_updated));
            out.member("search", mode);
        }
        if !self.notes.is_empty() {
            out.entry();
            out.member("resource", operation_outcome(self.notes).to_string().as_bytes());
            out.member("search", br#"{"mode":"outcome"}"#);
        }
        out.end()
    }
}

impl History<'_> {
    /// The Bundle with these versions, newest first, as bytes.
    pub fn bundle<'v>(&self, now: Timestamp, versions: impl Iterator<Item = Version<'v>>) -> Vec<u8> {
        let links = links(&self.own_link, self.next_link.as_deref());
        let mut out = Writer::new("history", now, self.total, &links);
        for version in versions {
            out.entry();
            out.full_url(self.base, version);
            if let Some(document) = version.document {
                out.member("resource", &to_served(document, version.version, version.last_updated));
            }
            let place = format!("{}/{}", version.resource_type, version.id);
            let (method, url, status) = match (version.document, version.version) {
                (None, _) => ("DELETE", place.as_str(), "204"),
                (Some(_), 1) => ("POST", version.resource_type, "201"),
                (Some(_), _) => ("PUT", place.as_str(), "200"),
            };
            let request = json!({"method": method, "url": url});
            let response = json!({
                "status": status,
                "etag": format!("W/\"{}\"", version.version),
                "lastModified": instant(version.last_updated),
            });
            out.member("request", request.to_string().as_bytes());
            out.member("response", response.to_string().as_bytes());
        }
        out.end()
    }
}

fn links(own: &str, next: Option<&str>) -> Value {
    let mut links = vec![json!({"relation": "self", "url": own})];
    links.extend(next.iter().map(|url| json!({"relation": "next", "url": url})));
    Value::Array(links)
}

/// A Bundle under way.
struct Writer {
    out: Vec<u8>,
    entries: usize,
    members: usize,
}

impl Writer {
    fn new(kind: &str, now: Timestamp, total: Option<u64>, links: &Value) -> Self {
        let total = total.map(|total| format!(",\"total\":{total}")).unwrap_or_default();
        let links = if links.is_null() { String::new() } else { format!(",\"link\":{links}") };
        let head = format!(
            "{{\"resourceType\":\"Bundle\",\"meta\":{{\"lastUpdated\":\"{}\"}},\"type\":\"{kind}\"{total}{links}",
            instant(now)
        );
        Self { out: head.into_bytes(), entries: 0, members: 0 }
    }

    /// Begins an entry. FHIR has no empty arrays, so the list begins with its first entry.
    fn entry(&mut self) {
        self.out.extend_from_slice(if self.entries == 0 { b",\"entry\":[{" } else { b"},{" });
        (self.entries, self.members) = (self.entries + 1, 0);
    }

    fn member(&mut self, name: &str, json: &[u8]) {
        if self.members > 0 {
            self.out.push(b',');
        }
        self.out.extend_from_slice(format!("\"{name}\":").as_bytes());
        self.out.extend_from_slice(json);
        self.members += 1;
    }

    fn full_url(&mut self, base: &str, version: Version<'_>) {
        let url = format!("{base}/{}/{}", version.resource_type, version.id);
        self.member("fullUrl", Value::from(url).to_string().as_bytes());
    }

    fn end(mut self) -> Vec<u8> {
        self.out.extend_from_slice(if self.entries == 0 { b"}" } else { b"}]}" });
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{document, validate};

    fn version(document: Option<&[u8]>) -> Version<'_> {
        Version { resource_type: "Patient", id: "a", version: 2, last_updated: Timestamp(0), document }
    }

    #[test]
    fn answers_are_valid_bundles() {
        let stored = br#"{"resourceType":"Patient","id":"a","active":true}"#;
        let notes = [Issue::error(crate::IssueCode::NotSupported, "x")];
        let other = br#"{"resourceType":"Patient","id":"b","active":true}"#;
        let matches = || [version(Some(stored))].into_iter();
        let included = || [Version { id: "b", ..version(Some(other)) }].into_iter();
        for (total, notes) in [(None, &[][..]), (Some(1), &notes[..])] {
            let set = Searchset {
                base: "http://b/fhir",
                own_link: "http://b/fhir/Patient?name=\"".replace('"', "%22"),
                next_link: Some("http://b/fhir/Patient?_cursor=c".into()),
                total,
                notes,
            };
            let bundle = document::parse(&set.bundle(Timestamp(0), matches(), included())).unwrap();
            assert_eq!(validate(&bundle), []);
            assert_eq!(bundle["entry"][0]["search"]["mode"], "match");
            assert_eq!(bundle["entry"][1]["search"]["mode"], "include");
            assert_eq!(bundle["entry"][0]["resource"]["meta"]["versionId"], "2");
            assert_eq!(bundle["entry"][0]["fullUrl"], "http://b/fhir/Patient/a");
        }
        let history = History {
            base: "http://b",
            own_link: "http://b/Patient/a/_history".into(),
            next_link: None,
            total: Some(2),
        };
        let versions = [version(None), version(Some(stored))].into_iter();
        let bundle = document::parse(&history.bundle(Timestamp(0), versions)).unwrap();
        assert_eq!(validate(&bundle), []);
        assert_eq!(
            (&bundle["total"], &bundle["entry"][0]["request"]["method"]),
            (&json!(2), &json!("DELETE"))
        );
        let answered = Answered {
            status: 201,
            location: Some("Patient/a/_history/1".into()),
            version: Some(1),
            last_modified: Some(Timestamp(0)),
            resource: Some(stored.to_vec()),
            ..Answered::default()
        };
        let refused = Answered {
            status: 422,
            outcome: Some(operation_outcome(&[Issue::error(crate::IssueCode::Invalid, "x")])),
            ..Answered::default()
        };
        let bundle = responses("batch-response", Timestamp(0), [answered, refused].into_iter());
        let bundle = document::parse(&bundle).unwrap();
        assert_eq!(validate(&bundle), []);
        assert_eq!(bundle["entry"][1]["response"]["outcome"]["resourceType"], "OperationOutcome");
        let empty = history.bundle(Timestamp(0), std::iter::empty());
        assert_eq!(validate(&document::parse(&empty).unwrap()), []);
    }
}
