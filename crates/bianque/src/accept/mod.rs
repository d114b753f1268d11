//! Accept loops. That of the HTTP port is plain on loopback and TLS elsewhere; those of calls carry them where UDP does
//! not pass. Connections are bounded in number, in time and in what they may hold.

mod associations;
mod calls;
mod gate;
mod lines;
mod quiet;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use bianque_edge_media::Streams;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

pub(crate) use associations::AssociationPort;
pub(crate) use calls::{IceTcp, TurnPort};
pub(crate) use gate::Gate;
pub(crate) use lines::LinePort;
pub(crate) use quiet::Patience;
use quiet::Quiet;

use crate::tls::Tls;

/// Connections at one time.
const MOST: usize = 4096;
/// What runs at shutdown may end within this time.
const DRAIN: Duration = Duration::from_secs(8);
/// Bytes of a request's line and headers, and how many headers.
const HEADER_BYTES: usize = 64 << 10;
const HEADERS: usize = 100;
/// The first byte of a STUN message is below this (RFC 7983), and no request begins so.
const STUN_BELOW: u8 = 4;
/// Requests of one HTTP/2 connection at a time.
const STREAMS: u32 = 100;
/// Streams that a client may open and reset before anything was done for them; one more ends the connection.
const RESETS: usize = 20;
/// How often the other end of an HTTP/2 connection is asked whether it is there.
const PING: Duration = Duration::from_secs(20);

/// How one connection is served.
#[derive(Clone)]
pub(crate) struct Service {
    /// What answers.
    pub router: Router,
    /// The certificate; none: plain.
    pub tls: Option<Tls>,
    /// What takes the connections that begin as TURN does.
    pub calls: Streams,
    /// How long it may take.
    pub clocks: Clocks,
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clocks {
    /// The handshake.
    pub handshake: Duration,
    /// The line and the headers of a request, from the end of the one before.
    pub headers: Duration,
    /// Nothing moves.
    pub patience: Patience,
}

impl Default for Clocks {
    fn default() -> Self {
        let patience = Patience { opening: Duration::from_secs(15), silence: Duration::from_secs(75) };
        Self { handshake: Duration::from_secs(10), headers: Duration::from_secs(15), patience }
    }
}

/// What is done with a connection that was let in.
pub(crate) trait Serve: Clone + Send + 'static {
    /// Serves it to its end. When `stop` turns true it comes to one.
    fn serve(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        stop: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send;
}

/// Accepts until `stop` turns true, then lets what runs come to its end.
pub(crate) async fn accept(
    listener: TcpListener,
    gate: Arc<Gate>,
    service: impl Serve,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(MOST));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stopped| *stopped) => break,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of files: others must close first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Some(pass) = gate.enter(peer.ip()) else {
            metrics::counter!("bianque_http_connections_refused_total").increment(1);
            continue;
        };
        let (service, stop) = (service.clone(), stop.clone());
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            service.serve(stream, peer, stop).await;
            drop((permit, pass));
        });
    }
    let all = u32::try_from(MOST).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(DRAIN, room.acquire_many(all - 1)).await;
}

impl Serve for Service {
    async fn serve(self, stream: TcpStream, peer: SocketAddr, mut stop: watch::Receiver<bool>) {
        give_up_after(&stream, self.clocks.patience.silence);
        match &self.tls {
            None => {
                let mut first = [0];
                if self.opening(stream.peek(&mut first), &mut stop).await.is_some_and(|read| read > 0) {
                    self.begin(first[0], stream, peer, stop).await;
                }
            }
            Some(tls) => {
                let handshake = tokio::time::timeout(self.clocks.handshake, tls.accept(stream));
                let Ok(Some(mut stream)) = handshake.await else { return };
                let first = self.opening(stream.fill_buf(), &mut stop).await;
                if let Some(first) = first.and_then(|bytes| bytes.first().copied()) {
                    self.begin(first, stream, peer, stop).await;
                }
            }
        }
    }
}

impl Service {
    /// Waits for the first byte, which stays where it is. `None`: it did not come in time, or never will.
    async fn opening<T>(
        &self,
        first: impl Future<Output = io::Result<T>>,
        stop: &mut watch::Receiver<bool>,
    ) -> Option<T> {
        tokio::select! {
            first = tokio::time::timeout(self.clocks.patience.opening, first) => first.ok()?.ok(),
            _ = stop.wait_for(|stopped| *stopped) => None,
        }
    }

    /// HTTP and TURN share the port, because some networks let nothing pass but this one.
    async fn begin(
        &self,
        first: u8,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: SocketAddr,
        stop: watch::Receiver<bool>,
    ) {
        if first < STUN_BELOW {
            until_stopped(stop, self.calls.turn(stream, peer)).await;
        } else {
            self.connection(stream, peer, stop).await;
        }
    }

    async fn connection(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: SocketAddr,
        mut stop: watch::Receiver<bool>,
    ) {
        let stream = Quiet::new(stream, self.clocks.patience);
        // Told by each request: a layer of the router's would build all of its routes anew for every connection.
        let answer = self.router.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let service = TowerToHyperService::new(answer);
        let builder = self.protocol();
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            _ = stop.wait_for(|stopped| *stopped) => None,
        };
        let ended = if let Some(ended) = ended {
            ended
        } else {
            connection.as_mut().graceful_shutdown();
            connection.await
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, %error, "connection");
        }
    }

    /// HTTP/1.1 and HTTP/2, with what one connection may hold.
    fn protocol(&self) -> Builder<TokioExecutor> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.clocks.headers)
            .max_buf_size(HEADER_BYTES)
            .max_headers(HEADERS);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .max_concurrent_streams(STREAMS)
            .max_pending_accept_reset_streams(RESETS)
            .max_header_list_size(u32::try_from(HEADER_BYTES).unwrap_or(u32::MAX));
        builder
    }
}

/// A call over a stream has no last request to finish: when the server stops it ends.
async fn until_stopped(mut stop: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        _ = stop.wait_for(|stopped| *stopped) => {}
    }
}

/// What was sent and is not acknowledged within this time was sent to nobody.
fn give_up_after(stream: &TcpStream, silence: Duration) {
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(silence));
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, silence);
}
