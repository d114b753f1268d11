//! Calls over streams: TCP connections to the media port, and TURN on a port of its own.

use std::net::SocketAddr;
use std::time::Duration;

use bianque_edge_media::Streams;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::{Serve, until_stopped};
use crate::tls::Tls;

/// The TCP side of the media port.
#[derive(Clone)]
pub(crate) struct IceTcp(pub Streams);

impl Serve for IceTcp {
    async fn serve(self, stream: TcpStream, peer: SocketAddr, stop: watch::Receiver<bool>) {
        until_stopped(stop, self.0.ice_tcp(stream, peer)).await;
    }
}

/// A port for TURN alone, where a proxy owns that of HTTPS.
#[derive(Clone)]
pub(crate) struct TurnPort {
    /// What takes the connections.
    pub streams: Streams,
    /// The certificate; none: plain, for a machine's own use or behind something that ends TLS and passes streams on.
    pub tls: Option<Tls>,
    /// How long the handshake may take.
    pub handshake: Duration,
}

impl Serve for TurnPort {
    async fn serve(self, stream: TcpStream, peer: SocketAddr, stop: watch::Receiver<bool>) {
        let serving = async {
            match &self.tls {
                None => self.streams.turn(stream, peer).await,
                Some(tls) => {
                    if let Ok(Some(stream)) = tokio::time::timeout(self.handshake, tls.accept(stream)).await {
                        self.streams.turn(stream, peer).await;
                    }
                }
            }
        };
        until_stopped(stop, serving).await;
    }
}
