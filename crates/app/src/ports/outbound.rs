//! Requests that the server itself sends: to identity providers, to where clients publish their keys, to subscribers.
//!
//! Whoever implements this decides where such a request may go; addresses come from configuration and from others'
//! answers, and are believed by nobody.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

/// Longest answer that is read unless the asker says otherwise, bytes.
const ANSWER_LIMIT: usize = 256 << 10;
/// How long a request may take from name to last byte, unless the asker says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// The way out.
pub trait Outbound: Send + Sync {
    /// Sends a request and reads its answer whole. An answer of any status is an answer; a redirect is not followed.
    ///
    /// # Errors
    /// Why there is no answer.
    fn send(&self, request: Request) -> Sending<'_>;

    /// Whether an address could be asked at all, as far as it tells by itself: nothing is sent, and no name is looked up.
    ///
    /// # Errors
    /// Why it will never be asked.
    fn admits(&self, url: &Url) -> Result<(), Failure>;
}

/// An answer that is awaited.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send + 'a>>;

/// A request.
#[derive(Clone)]
pub struct Request {
    /// What it is.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers besides those that the way out sets itself.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// What is sent.
    pub body: Bytes,
    /// Longest answer that is read, bytes.
    pub answer_limit: usize,
    /// How long it may take from name to last byte.
    pub patience: Duration,
}

/// What a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Sends.
    Post,
    /// Writes what is there.
    Put,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type, without its parameters, in lower case; empty when there is none.
    pub media_type: String,
    /// For how long it says that it may be kept (RFC 9111, section 5.2.2), seconds; 0: not at all; none: it does not say.
    pub max_age_s: Option<u64>,
    /// The whole body.
    pub body: Bytes,
}

/// Why there is no answer. None of them tells what an address inside a network said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Not HTTPS, and not an address that configuration allows without it.
    #[error("the address is not https")]
    NotHttps,
    /// An address with a user name, without a host, or otherwise not one to ask.
    #[error("the address cannot be asked")]
    BadAddress,
    /// The name leads to an address inside a network or to none at all, and configuration does not allow it.
    #[error("the address lies inside a network and is not allowed by configuration")]
    Forbidden,
    /// The name is not known.
    #[error("the name is not known")]
    UnknownName,
    /// Nothing answers there.
    #[error("nothing answers there")]
    Unreachable,
    /// The certificate is not one to trust for this name.
    #[error("the certificate is not trusted")]
    Certificate,
    /// It took too long.
    #[error("it took too long")]
    TooSlow,
    /// The answer is longer than was asked for.
    #[error("the answer is too long")]
    TooLong,
    /// What answers does not speak HTTP, or stopped in the middle.
    #[error("the answer is broken")]
    Broken,
}

impl Failure {
    /// A stable word for programs and screens.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotHttps => "not-https",
            Self::BadAddress => "bad-address",
            Self::Forbidden => "forbidden",
            Self::UnknownName => "unknown-name",
            Self::Unreachable => "unreachable",
            Self::Certificate => "certificate",
            Self::TooSlow => "too-slow",
            Self::TooLong => "too-long",
            Self::Broken => "broken",
        }
    }
}

impl Request {
    /// Reads JSON.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::Get,
            url,
            headers: vec![("accept".into(), "application/json".to_owned())],
            body: Bytes::new(),
            answer_limit: ANSWER_LIMIT,
            patience: PATIENCE,
        }
    }

    /// Sends a form, and reads JSON.
    pub fn form(url: Url, fields: &[(&str, &str)]) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        let request = Self { method: Method::Post, body: body.into(), ..Self::get(url) };
        request.with("content-type", "application/x-www-form-urlencoded")
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// No way out: nothing can be asked.
#[derive(Debug, Clone, Copy)]
pub struct Closed;

impl Outbound for Closed {
    fn send(&self, _: Request) -> Sending<'_> {
        Box::pin(std::future::ready(Err(Failure::Unreachable)))
    }

    fn admits(&self, _: &Url) -> Result<(), Failure> {
        Err(Failure::Unreachable)
    }
}
