//! An entry of a batch or transaction: a request as HTTP would carry it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bianque_fhir::{Issue, IssueCode};
use serde_json::Value;
use url::Url;

use crate::Error;
use crate::records::prepare::malformed;
use crate::records::write::{Expected, Pairs, Patch, Target, What, Write};

/// What an entry asks.
#[derive(Debug)]
pub(super) enum Entry {
    /// A write, and by what name others of the Bundle speak of its resource; empty: by none.
    Write(Write, String),
    /// A read of this address.
    Read(Address),
}

/// An address below the base.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) path: Vec<String>,
    pub(super) pairs: Pairs,
}

impl Entry {
    /// Reads an entry.
    pub(super) fn read(base: &str, entry: Value) -> Result<Self, Error> {
        let Value::Object(mut members) = entry else { return Err(fault("an entry is an object")) };
        let request = members.remove("request").unwrap_or_default();
        let text = |name: &str| request[name].as_str().unwrap_or_default();
        let address = Address::read(base, text("url"))?;
        let name = members.get("fullUrl").and_then(Value::as_str).unwrap_or_default().to_owned();
        let expected = expected(text("ifMatch"), text("ifNoneMatch"))?;
        let resource = members.remove("resource");
        let method = text("method");
        if matches!(method, "GET" | "HEAD") {
            return Ok(Self::Read(address));
        }
        let (resource_type, target) = address.target()?;
        let body = || resource.clone().ok_or_else(|| fault("this request needs a resource"));
        let what = match (method, target) {
            ("POST", None) => What::Create { resource: body()?, unless: unless(text("ifNoneExist"))? },
            ("PUT", Some(target)) => What::Update { target, resource: body()?, expected },
            ("PATCH", Some(target)) => What::Patch { target, patch: patch(&body()?)?, expected },
            ("DELETE", Some(target)) => What::Delete { target, expected },
            ("POST" | "PUT" | "PATCH" | "DELETE", _) => {
                return Err(fault("this method does not go with this address"));
            }
            _ => return Err(fault("the method is GET, POST, PUT, PATCH or DELETE")),
        };
        Ok(Self::Write(Write { resource_type, what }, name))
    }
}

impl Address {
    /// Reads an address, relative to the base or absolute below it.
    fn read(base: &str, text: &str) -> Result<Self, Error> {
        let no_address = || fault("request.url is no address below this server's base");
        let rest = text.strip_prefix(base).unwrap_or(text).trim_start_matches('/');
        if text.is_empty() || rest.contains("://") {
            return Err(no_address());
        }
        let url = Url::parse(&format!("{}/", base.trim_end_matches('/')))
            .and_then(|url| url.join(rest))
            .map_err(|_| no_address())?;
        let own = Url::parse(base).map_err(Error::internal)?;
        let below = url.path().strip_prefix(own.path()).ok_or_else(no_address)?;
        let path = below.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Ok(Self { path, pairs: url.query_pairs().into_owned().collect() })
    }

    /// The type, and which resource of it is meant; none: the type itself.
    fn target(self) -> Result<(String, Option<Target>), Error> {
        let mut path = self.path.into_iter();
        let (Some(resource_type), id, None) = (path.next(), path.next(), path.next()) else {
            return Err(fault("request.url is not Type, Type/id or Type?condition"));
        };
        let target = match id {
            Some(id) => Some(Target::Id(id.parse().map_err(|_| fault("request.url has no id"))?)),
            None if self.pairs.is_empty() => None,
            None => Some(Target::Matching(self.pairs)),
        };
        Ok((resource_type, target))
    }
}

fn unless(text: &str) -> Result<Option<Pairs>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    pairs(text).map(Some).ok_or_else(|| fault("ifNoneExist is not a search such as identifier=s|v"))
}

/// The pairs of a search, with or without what stands before its `?`.
pub(super) fn pairs(text: &str) -> Option<Pairs> {
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let pairs: Pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    (!pairs.is_empty()).then_some(pairs)
}

fn expected(if_match: &str, if_none_match: &str) -> Result<Option<Expected>, Error> {
    if if_none_match.trim() == "*" {
        return Ok(Some(Expected::Nothing));
    }
    if if_match.is_empty() {
        return Ok(None);
    }
    let bare = if_match.trim().trim_start_matches("W/").trim_matches('"');
    let version = bare.parse().map_err(|_| fault("ifMatch is a version such as W/\"3\""))?;
    Ok(Some(Expected::Version(version)))
}

/// A JSON Patch travels as the data of a Binary.
fn patch(binary: &Value) -> Result<Patch, Error> {
    let json =
        binary["contentType"].as_str().is_some_and(|kind| kind.starts_with("application/json-patch+json"));
    if binary["resourceType"] != "Binary" || !json {
        return Err(fault("a patch is a Binary of application/json-patch+json"));
    }
    let data = binary["data"].as_str().unwrap_or_default();
    Patch::read(&STANDARD.decode(data).map_err(|_| fault("the data of the patch is not base64"))?)
}

fn fault(message: &str) -> Error {
    malformed(Issue::error(IssueCode::Invalid, message))
}
