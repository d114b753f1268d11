//! What a Subscription asks for, read from the resource.

use bianque_fhir::{Issue, IssueCode};
use bianque_model::Timestamp;
use serde_json::Value;
use url::Url;

use super::criteria::{self, Criteria};
use super::headers::{self, Header};
use crate::instant;

/// The one payload besides none.
pub(super) const PAYLOAD: &str = "application/fhir+json";
/// Longest address of an endpoint, bytes.
const LONGEST: usize = 2_048;

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) criteria: Criteria,
    pub(super) channel: Channel,
    /// When it ends by itself.
    pub(super) end: Option<Timestamp>,
}

/// How it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Channel {
    /// A request to an endpoint.
    RestHook {
        /// Where.
        endpoint: Url,
        /// Whether the resource is sent; else only that there is one.
        payload: bool,
        /// What is sent with it, as it was given.
        headers: Vec<Header>,
    },
    /// A word on every socket that is bound to it.
    WebSocket,
}

impl Asked {
    /// Reads a resource that is valid by R4.
    pub(super) fn read(resource: &Value) -> Result<Self, Vec<Issue>> {
        let mut issues = Vec::new();
        let criteria = resource["criteria"].as_str();
        let criteria = criteria.ok_or_else(|| criteria::fault(IssueCode::Required, "there is none"));
        let criteria = criteria.and_then(Criteria::read).map_err(|issue| issues.push(issue));
        let channel = channel(&resource["channel"]).map_err(|issue| issues.push(issue));
        let end = resource["end"].as_str().and_then(instant::parse);
        match (criteria, channel) {
            (Ok(criteria), Ok(channel)) => Ok(Self { criteria, channel, end }),
            _ => Err(issues),
        }
    }
}

fn channel(channel: &Value) -> Result<Channel, Issue> {
    let kind = channel["type"].as_str().unwrap_or_default();
    let (endpoint, payload) = (channel["endpoint"].as_str(), channel["payload"].as_str());
    match kind {
        "rest-hook" => Ok(Channel::RestHook {
            endpoint: address(endpoint)?,
            payload: match payload {
                None => false,
                Some(PAYLOAD) => true,
                Some(_) => {
                    let words = "the payload is application/fhir+json, or there is none";
                    return Err(
                        Issue::error(IssueCode::NotSupported, words).at("Subscription.channel.payload")
                    );
                }
            },
            headers: headers::read(channel)?,
        }),
        "websocket" => match ["endpoint", "payload", "header"].iter().find(|name| !channel[**name].is_null())
        {
            None => Ok(Channel::WebSocket),
            Some(name) => {
                let words = format!("a channel of type websocket has no {name}");
                Err(Issue::error(IssueCode::Invalid, words).at(format!("Subscription.channel.{name}")))
            }
        },
        _ => {
            let words =
                "channels are rest-hook and websocket; this server sends no e-mail, no SMS and no messages";
            Err(Issue::error(IssueCode::NotSupported, words).at("Subscription.channel.type"))
        }
    }
}

fn address(endpoint: Option<&str>) -> Result<Url, Issue> {
    let wrong = |words: &str| Issue::error(IssueCode::Value, words).at("Subscription.channel.endpoint");
    let text = endpoint.ok_or_else(|| wrong("a rest-hook has an endpoint"))?;
    if text.len() > LONGEST {
        return Err(wrong("the endpoint is too long"));
    }
    let url = Url::parse(text).map_err(|_| wrong("the endpoint is no URL"))?;
    if url.fragment().is_some() || url.cannot_be_a_base() {
        return Err(wrong("the endpoint is an address of a server, without a fragment"));
    }
    Ok(url)
}
