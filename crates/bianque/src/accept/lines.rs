//! Lines of HL7 v2 on a port of their own: plain or over TLS, told apart by their first byte. Which sender may come plain is
//! the sender's rule.

use std::net::SocketAddr;
use std::time::Duration;

use bianque_edge_mllp::{Line, Lines};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::Serve;
use crate::tls::Tls;

/// The first byte of a TLS connection: a handshake record.
const HANDSHAKE: u8 = 0x16;
/// A line may be idle for days; one whose other end is gone is found out.
const KEEPALIVE: Duration = Duration::from_mins(2);

/// The port of HL7 v2.
#[derive(Clone)]
pub(crate) struct LinePort {
    /// What takes the messages.
    pub lines: Lines,
    /// The certificate; none: plain only.
    pub tls: Option<Tls>,
    /// How long the handshake may take.
    pub handshake: Duration,
}

impl Serve for LinePort {
    async fn serve(self, stream: TcpStream, peer: SocketAddr, mut stop: watch::Receiver<bool>) {
        let alive = socket2::TcpKeepalive::new().with_time(KEEPALIVE);
        let _ = socket2::SockRef::from(&stream).set_tcp_keepalive(&alive);
        let address = peer.ip().to_canonical();
        let mut first = [0];
        let opened = tokio::select! {
            read = stream.peek(&mut first) => read.is_ok_and(|read| read > 0),
            _ = stop.wait_for(|stopped| *stopped) => false,
        };
        if !opened {
            return;
        }
        match self.tls {
            Some(tls) if first[0] == HANDSHAKE => {
                let Ok(accepted) = tokio::time::timeout(self.handshake, tls.accept_line(stream)).await else {
                    return;
                };
                let Some(stream) = accepted else {
                    tracing::warn!(%address, "a line of HL7 v2 did not agree on TLS");
                    return;
                };
                let certificate = crate::tls::shown(&stream);
                let line = Line { address, secure: true, certificate };
                self.lines.serve(stream, line, stop).await;
            }
            _ => {
                let line = Line { address, secure: false, certificate: None };
                self.lines.serve(stream, line, stop).await;
            }
        }
    }
}
