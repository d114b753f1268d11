//! The headers of FHIR's RESTful API: media types, versions, preferences.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use bianque_app::records::Record;
use bianque_app::{Error, ErrorKind};
use bianque_model::Timestamp;

/// What a client prefers of an answer (RFC 7240).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word that stands in the header or does not")]
pub(super) struct Preferences {
    /// No body where none is needed.
    pub(super) minimal: bool,
    /// What was written, also where it would not be answered.
    pub(super) representation: bool,
    /// Unknown parameters are left out.
    pub(super) lenient: bool,
    /// What takes long is answered by an address to ask at.
    pub(super) asynchronous: bool,
}

impl Preferences {
    /// From `Prefer`, which may stand several times.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        let mut preferences = Self::default();
        for part in values.flat_map(|value| value.split([',', ';'])) {
            match part.trim() {
                "return=minimal" => preferences.minimal = true,
                "return=representation" => preferences.representation = true,
                "handling=lenient" => preferences.lenient = true,
                "respond-async" => preferences.asynchronous = true,
                _ => {}
            }
        }
        preferences
    }
}

/// Refuses a body of another media type than JSON.
pub(super) fn must_be_json(headers: &HeaderMap) -> Result<(), Error> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    if value.to_str().is_ok_and(is_json) {
        return Ok(());
    }
    let message = "the body must be application/fhir+json";
    Err(Error::new(ErrorKind::WrongType, "body.type", message))
}

/// Refuses a body of another media type than this one.
pub(super) fn must_be(headers: &HeaderMap, wanted: &str) -> Result<(), Error> {
    let stated = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if stated.is_some_and(|kind| bare(kind) == wanted) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::WrongType, "body.type", format!("the body must be {wanted}")))
}

/// Whether what was changed at this instant is newer than what the client says it has (`If-Modified-Since`, RFC 9110,
/// 13.1.3: in whole seconds).
pub(super) fn modified_since(headers: &HeaderMap, changed: Timestamp) -> bool {
    let text = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let known =
        text.and_then(|text| jiff::fmt::rfc2822::parse(text).ok()).map(|at| at.timestamp().as_second());
    known.is_none_or(|known| changed.0.div_euclid(1_000_000) > known)
}

/// Whether the client takes JSON.
pub(super) fn takes_json(headers: &HeaderMap) -> bool {
    let mut accepted = accepted(headers).peekable();
    accepted.peek().is_none()
        || accepted.any(|kind| is_json(kind) || matches!(bare(kind), "*/*" | "application/*"))
}

/// Whether the client asks for JSON by name.
pub(super) fn names_json(headers: &HeaderMap) -> bool {
    accepted(headers).any(is_json)
}

/// The version in an entity tag header such as `W/"3"`; none without the header.
pub(crate) fn version_in(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, Error> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    let tag =
        text.strip_prefix("W/").unwrap_or(text).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let version = tag.and_then(|tag| tag.parse().ok());
    version.map(Some).ok_or_else(|| {
        Error::new(ErrorKind::Malformed, "fhir.etag", format!("{name} must be a version such as W/\"3\""))
    })
}

/// The headers that every single resource is answered with.
pub(super) fn of_record(record: &Record) -> [(HeaderName, HeaderValue); 2] {
    let text = |text: String| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("invalid"));
    [
        (header::ETAG, text(format!("W/\"{}\"", record.version))),
        (header::LAST_MODIFIED, text(http_date(record.last_updated))),
    ]
}

fn accepted(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

fn is_json(kind: &str) -> bool {
    matches!(bare(kind), "application/fhir+json" | "application/json" | "application/json+fhir" | "text/json")
}

fn bare(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}

/// RFC 9110, 5.6.7.
pub(super) fn http_date(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))])
    }

    #[test]
    fn media_types_are_negotiated() {
        for good in
            ["application/fhir+json", "application/json; charset=utf-8", "*/*", "text/html, */*;q=0.8"]
        {
            assert!(takes_json(&headers("accept", good)), "{good}");
        }
        assert!(!takes_json(&headers("accept", "application/fhir+xml")));
        assert!(takes_json(&HeaderMap::new()) && !names_json(&HeaderMap::new()));
        assert!(must_be_json(&headers("content-type", "application/fhir+json; fhirVersion=4.0")).is_ok());
        assert!(must_be_json(&headers("content-type", "application/xml")).is_err());
    }

    #[test]
    fn versions_and_preferences_are_read() {
        let version = |value| version_in(&headers("if-match", value), &header::IF_MATCH);
        assert_eq!(version("W/\"3\"").unwrap(), Some(3));
        assert_eq!(version("\"3\"").unwrap(), Some(3));
        assert!(version("3").is_err() && version("*").is_err());
        assert_eq!(version_in(&HeaderMap::new(), &header::IF_MATCH).unwrap(), None);
        let both = Preferences::of(&headers("prefer", "return=minimal, handling=lenient"));
        assert!(Preferences::of(&headers("prefer", "wait=10, respond-async")).asynchronous);
        assert_eq!(both, Preferences { minimal: true, lenient: true, ..Preferences::default() });
        let since = |text: &'static str| {
            modified_since(&headers("if-modified-since", text), Timestamp(784_111_777_500_000))
        };
        assert!(!since("Sun, 06 Nov 1994 08:49:37 GMT") && since("Sun, 06 Nov 1994 08:49:36 GMT"));
        assert!(since("yesterday") && modified_since(&HeaderMap::new(), Timestamp(0)));
        assert!(
            must_be(
                &headers("content-type", "application/json-patch+json; charset=utf-8"),
                "application/json-patch+json"
            )
            .is_ok()
        );
        assert!(must_be(&HeaderMap::new(), "application/json-patch+json").is_err());
        assert_eq!(http_date(Timestamp(784_111_777_000_000)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
