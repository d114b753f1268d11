//! A WebSocket that speaks JSON and sends bytes, with a deadline on every wait.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Error, Message, WebSocket};

/// How often a wait looks at its deadline.
const TICK: Duration = Duration::from_millis(50);

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    inner: WebSocket<TcpStream>,
}

impl Socket {
    /// Opens `ws://…` as a page of `origin` would, with these cookies.
    pub fn open(url: &str, origin: &str, cookies: Option<&str>) -> Result<Self> {
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("origin", HeaderValue::from_str(origin)?);
        if let Some(cookies) = cookies {
            request.headers_mut().insert("cookie", HeaderValue::from_str(cookies)?);
        }
        let authority = request.uri().authority().context("a socket's address has no host")?.to_string();
        let stream = TcpStream::connect(&authority).with_context(|| format!("connecting to {authority}"))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let (inner, _) = tungstenite::client(request, stream).map_err(|error| anyhow::anyhow!("{error}"))?;
        inner.get_ref().set_read_timeout(Some(TICK))?;
        Ok(Self { inner })
    }

    /// Sends one message.
    pub fn send(&mut self, message: &Value) -> Result<()> {
        Ok(self.inner.send(Message::text(message.to_string()))?)
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.inner.send(Message::binary(bytes.to_vec()))?)
    }

    /// The next message, or none when the deadline passes or the server has closed.
    pub fn next_within(&mut self, wait: Duration) -> Result<Option<Value>> {
        let deadline = Instant::now() + wait;
        loop {
            match self.inner.read() {
                Ok(Message::Text(text)) => return Ok(Some(serde_json::from_str(&text)?)),
                Ok(Message::Close(_)) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => {
                    return Ok(None);
                }
                Ok(_) => {}
                Err(Error::Io(error)) if is_tick(&error) => {}
                Err(error) => return Err(error.into()),
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
        }
    }

    /// The next message whose `t` is this one; others are passed over.
    pub fn wait_for(&mut self, kind: &str, wait: Duration) -> Result<Value> {
        let deadline = Instant::now() + wait;
        let mut passed = Vec::new();
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            let Some(message) = self.next_within(left)? else { break };
            if message["t"] == kind {
                return Ok(message);
            }
            passed.push(message["t"].to_string());
        }
        bail!("no {kind:?} came within {wait:?}; instead {}", passed.join(", "))
    }
}

fn is_tick(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}
