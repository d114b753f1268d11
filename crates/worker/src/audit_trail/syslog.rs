//! The audit to a syslog server over TLS: RFC 5424 messages in the frames of RFC 5425.
//!
//! The message of a row is its AuditEvent; tenant, chain, sequence and link stand in structured data. Syslog over TLS has no
//! acknowledgement: what was written to a connection that then broke is sent again on the next one.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bianque_app::audit::export::Entry;
use bianque_model::Timestamp;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Sink;

/// Facility 10 (security and authorisation), severity 5 (notice).
const PRIORITY: u8 = 10 * 8 + 5;
/// The enterprise number that documentation uses (RFC 5612), until the project has one.
const DATA_ID: &str = "bianque@32473";
const PATIENCE: Duration = Duration::from_secs(20);

/// A server and what it must show.
#[derive(Debug, Clone)]
pub struct SyslogServer {
    /// Its name, which its certificate must carry.
    pub host: String,
    /// Its port; 6514 is registered.
    pub port: u16,
    /// What its certificate is held against.
    pub tls: Arc<ClientConfig>,
}

impl SyslogServer {
    pub(super) fn name(&self) -> String {
        format!("syslog+tls://{}:{}", self.host, self.port)
    }
}

/// The connection, made when it is needed.
pub(super) struct Connection {
    server: SyslogServer,
    stream: Option<TlsStream<TcpStream>>,
}

impl Connection {
    pub(super) fn new(server: SyslogServer) -> Self {
        Self { server, stream: None }
    }

    async fn connect(&self) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(self.server.host.clone()).map_err(io::Error::other)?;
        let stream = TcpStream::connect((self.server.host.as_str(), self.server.port)).await?;
        TlsConnector::from(Arc::clone(&self.server.tls)).connect(name, stream).await
    }

    async fn write(&mut self, entries: &[Entry]) -> io::Result<()> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect().await?,
        };
        let mut bytes = Vec::new();
        for entry in entries {
            let message = message(entry);
            bytes.extend(format!("{} ", message.len()).bytes());
            bytes.extend(message.bytes());
        }
        stream.write_all(&bytes).await?;
        stream.flush().await?;
        self.stream = Some(stream);
        Ok(())
    }
}

impl Sink for Connection {
    fn send<'a>(
        &'a mut self,
        entries: &'a [Entry],
    ) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>> {
        Box::pin(async move {
            tokio::time::timeout(PATIENCE, self.write(entries))
                .await
                .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "the syslog server takes too long"))?
        })
    }
}

/// One message (RFC 5424, 6). The byte order mark says that it is UTF-8.
fn message(entry: &Entry) -> String {
    let (at, kind, data, text) = match entry {
        Entry::Row { tenant, chain, sequence, link, at, event } => {
            let data = format!(
                "[{DATA_ID} tenant=\"{tenant}\" chain=\"{}\" sequence=\"{sequence}\" link=\"{link}\"]",
                chain.name()
            );
            (at, "AuditEvent", data, event.to_string())
        }
        Entry::Checkpoint { at, line } => (at, "checkpoint", "-".to_owned(), line.clone()),
    };
    format!("<{PRIORITY}>1 {} - bianque {} {kind} {data} \u{feff}{text}", time(*at), std::process::id())
}

fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| "-".to_owned(), |at| format!("{at:.6}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bianque_model::TenantId;

    #[test]
    fn a_message_has_the_parts_of_its_standard_in_order() {
        let entry = Entry::Row {
            tenant: TenantId::FIRST,
            chain: bianque_app::audit::export::Chain::Reads,
            sequence: 7,
            link: "ab".into(),
            at: Timestamp(1_800_000_000_000_001),
            event: serde_json::json!({"resourceType": "AuditEvent"}),
        };
        let pid = std::process::id();
        assert_eq!(
            message(&entry),
            format!(
                "<85>1 2027-01-15T08:00:00.000001Z - bianque {pid} AuditEvent \
                 [bianque@32473 tenant=\"1\" chain=\"reads\" sequence=\"7\" link=\"ab\"] \u{feff}{{\"resourceType\":\"AuditEvent\"}}"
            )
        );
    }
}
