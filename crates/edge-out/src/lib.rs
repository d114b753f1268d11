//! The server's way out: HTTPS to where it is allowed to ask, and nowhere else.
//!
//! A name is resolved once; every address that it leads to is looked at; the connection is made to one of those that
//! were looked at, and to no other. So a name that leads somewhere else a moment later leads nowhere. Redirects are
//! answers. Every answer is bounded in bytes and in time, from the name to the last byte.

mod allowed;
mod connect;
mod lines;
mod reach;
#[cfg(test)]
mod tests;
mod trust;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bianque_app::ports::outbound::{Answer, Failure, Method, Outbound, Request, Sending};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::client::ResolvesClientCert;
use url::Url;

pub use allowed::Allowed;
use allowed::Leave;
pub use lines::ByteStream;
pub use trust::roots;

/// Names itself to whom it asks.
const USER_AGENT: &str = concat!("bianque/", env!("CARGO_PKG_VERSION"));
/// Longest head of an answer, bytes.
const HEAD_LIMIT: usize = 64 << 10;

/// Where names lead.
pub(crate) trait Names: Send + Sync {
    /// The addresses of a name.
    fn look_up<'a>(&'a self, host: &'a str, port: u16) -> Looking<'a>;
}

pub(crate) type Looking<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// The resolver of this machine.
struct SystemNames;

impl Names for SystemNames {
    fn look_up<'a>(&'a self, host: &'a str, port: u16) -> Looking<'a> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

/// The way out.
pub struct Client {
    allowed: Allowed,
    tls: Arc<ClientConfig>,
    /// For lines of HL7 v2, where the other side may ask who we are.
    lines: Arc<ClientConfig>,
    names: Arc<dyn Names>,
}

impl Client {
    /// A way out to public hosts and to those that are allowed by name; servers are known by `tls`, see [`roots`].
    pub fn new(allowed: Allowed, tls: ClientConfig) -> Self {
        let tls = Arc::new(tls);
        Self { allowed, lines: Arc::clone(&tls), tls, names: Arc::new(SystemNames) }
    }

    /// The same, with a certificate that is shown on lines of HL7 v2 to who asks for one.
    #[must_use]
    pub fn showing(mut self, certificate: Arc<dyn ResolvesClientCert>) -> Self {
        let mut config = ClientConfig::clone(&self.tls);
        config.client_auth_cert_resolver = certificate;
        self.lines = Arc::new(config);
        self
    }

    /// What an address is allowed, when it is one that may be asked.
    fn leave(&self, url: &Url) -> Result<Leave, Failure> {
        let leave = self.allowed.leave(url);
        if !(url.scheme() == "https" || url.scheme() == "http" && leave.plain) {
            return Err(Failure::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Failure::BadAddress);
        }
        Ok(leave)
    }

    async fn ask(&self, request: Request) -> Result<Answer, Failure> {
        let Request { url, answer_limit, .. } = &request;
        let leave = self.leave(url)?;
        let stream = connect::to(&*self.names, url, leave.inside).await?;
        let answer = if url.scheme() == "http" {
            exchange(TokioIo::new(stream), &request).await?
        } else {
            let stream = connect::tls(&self.tls, url, stream).await?;
            exchange(TokioIo::new(stream), &request).await?
        };
        read(answer, *answer_limit).await
    }
}

impl Outbound for Client {
    fn send(&self, request: Request) -> Sending<'_> {
        let patience = request.patience;
        Box::pin(async move {
            tokio::time::timeout(patience, self.ask(request)).await.unwrap_or(Err(Failure::TooSlow))
        })
    }

    fn admits(&self, url: &Url) -> Result<(), Failure> {
        connect::admits(url, self.leave(url)?.inside)
    }
}

/// One request on one connection, which goes with it.
async fn exchange<S>(stream: TokioIo<S>, request: &Request) -> Result<hyper::Response<Incoming>, Failure>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let broken = |_| Failure::Broken;
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.max_buf_size(HEAD_LIMIT);
    let (mut sender, connection) = builder.handshake(stream).await.map_err(broken)?;
    let answer = sender.send_request(message(request)?);
    // Driven here until the head is read; afterwards beside the reader of the body, who drops it by going away.
    let driven = tokio::spawn(connection);
    let answer = answer.await.map_err(broken);
    if answer.is_err() {
        driven.abort();
    }
    answer
}

fn message(request: &Request) -> Result<hyper::Request<Full<Bytes>>, Failure> {
    let method = match request.method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
        Method::Put => hyper::Method::PUT,
    };
    let bad = |_| Failure::BadAddress;
    let mut message = hyper::Request::builder()
        .method(method)
        .uri(&request.url[url::Position::BeforePath..url::Position::AfterQuery])
        .body(Full::new(request.body.clone()))
        .map_err(|_| Failure::BadAddress)?;
    let headers = message.headers_mut();
    headers.insert(header::HOST, HeaderValue::from_str(&authority(&request.url)).map_err(bad)?);
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Failure::BadAddress)?;
        headers.insert(name, HeaderValue::from_str(value).map_err(bad)?);
    }
    Ok(message)
}

fn authority(url: &Url) -> String {
    url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
}

/// Reads an answer whole, up to its limit; what is announced as longer is not begun.
async fn read(answer: hyper::Response<Incoming>, limit: usize) -> Result<Answer, Failure> {
    let (head, body) = answer.into_parts();
    let announced =
        head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| usize::try_from(length).map_or(true, |length| length > limit)) {
        return Err(Failure::TooLong);
    }
    let media_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    let max_age_s = max_age_s(&head.headers);
    let body = Limited::new(body, limit)
        .collect()
        .await
        .map_err(|error| if error.is::<LengthLimitError>() { Failure::TooLong } else { Failure::Broken })?;
    Ok(Answer {
        status: head.status.as_u16(),
        media_type: media_type.trim().to_ascii_lowercase(),
        max_age_s,
        body: body.to_bytes(),
    })
}

/// For how long an answer says that it may be kept, the shortest of what it says (RFC 9111, section 4.2.1).
fn max_age_s(headers: &HeaderMap) -> Option<u64> {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    let directives = lines.flat_map(|line| line.split(',')).map(|part| part.trim().to_ascii_lowercase());
    let seconds = directives.filter_map(|directive| match directive.split_once('=') {
        // What cannot be read is over (section 4.2.1).
        Some(("max-age", seconds)) => Some(seconds.trim_matches('"').parse().unwrap_or(0)),
        Some(("no-cache", _)) => Some(0),
        None if matches!(directive.as_str(), "no-store" | "no-cache") => Some(0),
        _ => None,
    });
    seconds.min()
}
