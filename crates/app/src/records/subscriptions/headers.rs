//! `Subscription.channel.header`: what the other side knows us by. The values are secrets: they are sealed beside the
//! resource, which says [`MASK`] in their place, to everybody and in every version.

use bianque_fhir::{Issue, IssueCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{App, Error};

/// What stands where a value is not shown. Sent back it means the value that is kept.
pub(super) const MASK: &str = "********";
/// Headers of one subscription.
const MOST: usize = 20;
/// Longest value, bytes.
const LONGEST: usize = 4_096;
/// What belongs to the connection or the request itself (RFC 9110, 7.6.1), and is not for a subscriber to say.
const OURS: [&str; 15] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// A header.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// Its name as it was written.
    pub(super) name: String,
    /// Its value.
    pub(super) value: String,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Header").field(&self.name).finish()
    }
}

/// Reads the headers of a channel.
pub(super) fn read(channel: &Value) -> Result<Vec<Header>, Issue> {
    let lines = channel["header"].as_array().map_or(&[][..], Vec::as_slice);
    if lines.len() > MOST {
        return Err(fault(IssueCode::TooLong, &format!("a subscription has at most {MOST} headers")));
    }
    let mut headers: Vec<Header> = Vec::with_capacity(lines.len());
    for line in lines {
        let header = one(line.as_str().unwrap_or_default())?;
        if headers.iter().any(|other| other.name.eq_ignore_ascii_case(&header.name)) {
            return Err(fault(IssueCode::Duplicate, &format!("{} stands twice", header.name)));
        }
        headers.push(header);
    }
    Ok(headers)
}

/// The headers with what was kept of them where they say [`MASK`].
pub(super) fn filled(given: Vec<Header>, kept: &[Header]) -> Result<Vec<Header>, Issue> {
    let fill = |header: Header| {
        if header.value != MASK {
            return Ok(header);
        }
        let known = kept.iter().find(|known| known.name.eq_ignore_ascii_case(&header.name));
        known.map(|known| Header { value: known.value.clone(), ..header.clone() }).ok_or_else(|| {
            let words =
                format!("the value of {} has to be given: none is kept for this endpoint", header.name);
            fault(IssueCode::Required, &words)
        })
    };
    given.into_iter().map(fill).collect()
}

/// Takes the values out of a resource.
pub(super) fn mask(resource: &mut Value) {
    let Some(lines) = resource.pointer_mut("/channel/header").and_then(Value::as_array_mut) else { return };
    for line in lines {
        let name =
            line.as_str().and_then(|line| line.split_once(':')).map(|(name, _)| name.trim().to_owned());
        *line = format!("{}: {MASK}", name.unwrap_or_default()).into();
    }
}

/// Seals headers of a subscription.
pub(super) fn seal(app: &App, id: &str, headers: &[Header]) -> Result<Option<String>, Error> {
    if headers.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_vec(headers).map_err(Error::internal)?;
    app.secrets.seal(&about(id), &text).map(Some)
}

/// Opens what was sealed.
pub(super) fn unseal(app: &App, id: &str, sealed: Option<&str>) -> Result<Vec<Header>, Error> {
    let Some(sealed) = sealed else { return Ok(Vec::new()) };
    serde_json::from_slice(&app.secrets.unseal(&about(id), sealed)?).map_err(Error::internal)
}

fn about(id: &str) -> String {
    format!("subscription|{id}")
}

fn one(line: &str) -> Result<Header, Issue> {
    let Some((name, value)) = line.split_once(':') else {
        return Err(fault(IssueCode::Value, "expected lines such as Authorization: Bearer abc"));
    };
    let (name, value) = (name.trim(), value.trim());
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_token) {
        return Err(fault(IssueCode::Value, "a header's name has letters, digits and hyphens"));
    }
    if value.len() > LONGEST || !value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
        return Err(fault(
            IssueCode::Value,
            &format!("the value of {name} is not one that a header carries"),
        ));
    }
    if OURS.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return Err(fault(IssueCode::Invalid, &format!("{name} is set by the server itself")));
    }
    Ok(Header { name: name.to_owned(), value: value.to_owned() })
}

fn fault(code: IssueCode, words: &str) -> Issue {
    Issue::error(code, format!("header: {words}")).at("Subscription.channel.header")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(lines: &[&str]) -> Result<Vec<Header>, Issue> {
        read(&json!({"header": lines}))
    }

    #[test]
    fn what_belongs_to_the_connection_is_not_for_a_subscriber_to_say() {
        for name in ["Host", "connection", "Transfer-Encoding", "Content-Length", "TE", "Proxy-Authorization"]
        {
            assert_eq!(of(&[&format!("{name}: x")]).unwrap_err().code, IssueCode::Invalid, "{name}");
        }
        for line in ["no colon", ": x", "a b: x", "x: a\r\nHost: b", "x: é", "x\u{0}: a"] {
            assert_eq!(of(&[line]).unwrap_err().code, IssueCode::Value, "{line:?}");
        }
        assert_eq!(of(&["X: 1", "x: 2"]).unwrap_err().code, IssueCode::Duplicate);
        assert_eq!(of(&["Authorization: Basic a:b"]).unwrap()[0].value, "Basic a:b");
    }

    #[test]
    fn a_masked_value_is_the_one_that_is_kept() {
        let kept = of(&["Authorization: Bearer secret"]).unwrap();
        let mut resource = json!({"channel": {"header": ["Authorization: Bearer secret"]}});
        mask(&mut resource);
        assert_eq!(resource, json!({"channel": {"header": [format!("Authorization: {MASK}")]}}));
        let back = read(&resource["channel"]).unwrap();
        assert_eq!(filled(back.clone(), &kept).unwrap(), kept);
        assert_eq!(filled(back, &[]).unwrap_err().code, IssueCode::Required);
        assert!(!format!("{kept:?}").contains("secret"));
    }
}
