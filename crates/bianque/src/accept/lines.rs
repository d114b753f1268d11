//! Lines of HL7 v2 on a port of their own: plain or over TLS, told apart by their first byte. Which sender may come plain is
//! the sender's rule.

use std::net::SocketAddr;
use std::time::Duration;

use bianque_edge_mllp::{Line, Lines};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::server::TlsStream;

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
        let Some(first) = first(&stream, &mut stop).await else { return };
        match opened(stream, first, self.tls.as_ref(), self.handshake).await {
            Some(Opened::Secure(stream, certificate)) => {
                let line = Line { address, secure: true, certificate };
                self.lines.serve(stream, line, stop).await;
            }
            Some(Opened::Plain(stream)) => {
                let line = Line { address, secure: false, certificate: None };
                self.lines.serve(stream, line, stop).await;
            }
            None => tracing::warn!(%address, "a line of HL7 v2 did not agree on TLS"),
        }
    }
}

/// A line between systems, plain or over TLS.
pub(super) enum Opened {
    /// As it came.
    Plain(TcpStream),
    /// Over TLS, with the certificate that was shown.
    Secure(Box<TlsStream<TcpStream>>, Option<String>),
}

/// The first byte of a line, which stays where it is; none: the line is closed, or the server stops.
pub(super) async fn first(stream: &TcpStream, stop: &mut watch::Receiver<bool>) -> Option<u8> {
    let mut first = [0];
    let opened = tokio::select! {
        read = stream.peek(&mut first) => read.is_ok_and(|read| read > 0),
        _ = stop.wait_for(|stopped| *stopped) => false,
    };
    opened.then_some(first[0])
}

/// Opens a line by its first byte; none: the other side did not agree on TLS in time.
pub(super) async fn opened(
    stream: TcpStream,
    first: u8,
    tls: Option<&Tls>,
    handshake: Duration,
) -> Option<Opened> {
    let Some(tls) = tls.filter(|_| first == HANDSHAKE) else { return Some(Opened::Plain(stream)) };
    let stream = tokio::time::timeout(handshake, tls.accept_line(stream)).await.ok()??;
    let certificate = crate::tls::shown(&stream);
    Some(Opened::Secure(Box::new(stream), certificate))
}
