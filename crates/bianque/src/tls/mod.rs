//! Certificates: from files that may change, from an authority by ACME, or made at start. TLS 1.2 and 1.3, no older.

mod acme;
pub(crate) mod files;
mod own;
mod shown;

use std::net::IpAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::ResolvesServerCert;
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub(crate) use shown::shown;

use crate::config::{Certificate, Config};

/// The TLS side of a listener.
#[derive(Clone)]
pub(crate) struct Tls {
    web: TlsAcceptor,
    lines: TlsAcceptor,
}

impl Tls {
    /// The TLS side of a listener on `address`. Within a runtime: what follows the certificate runs on it.
    pub(crate) fn open(config: &Config, address: IpAddr) -> anyhow::Result<Self> {
        let (resolver, proof): (Arc<dyn ResolvesServerCert>, _) = match &config.certificate {
            Certificate::Files { certificate, key } => {
                let files = Arc::new(files::Files::open(certificate, key)?);
                tokio::spawn(Arc::clone(&files).follow());
                (files, None)
            }
            Certificate::Acme(acme) => {
                let ordered = acme::Ordered::open(acme, &config.data.join("tls/acme"))?;
                let resolver = ordered.resolver();
                tokio::spawn(ordered.follow());
                (resolver, Some(acme::PROOF.to_vec()))
            }
            Certificate::Own => {
                let (certificate, key) = own::make(&config.data.join("tls"), address)?;
                (Arc::new(files::Files::open(&certificate, &key)?), None)
            }
        };
        let mut server = ServerConfig::builder_with_protocol_versions(&[&TLS13, &TLS12])
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&resolver));
        server.alpn_protocols = [b"h2".to_vec(), b"http/1.1".to_vec()].into_iter().chain(proof).collect();
        let lines = ServerConfig::builder_with_protocol_versions(&[&TLS13, &TLS12]);
        let any = shown::Any(Arc::clone(lines.crypto_provider()));
        let lines = lines.with_client_cert_verifier(Arc::new(any)).with_cert_resolver(resolver);
        Ok(Self { web: TlsAcceptor::from(Arc::new(server)), lines: TlsAcceptor::from(Arc::new(lines)) })
    }

    /// The handshake of a line between systems, which may show a certificate of its own; none: it failed.
    pub(crate) async fn accept_line<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
    ) -> Option<TlsStream<S>> {
        self.lines.accept(stream).await.ok()
    }

    /// The handshake; none: it failed, or was an authority that came for its proof and has it now.
    pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> Option<TlsStream<S>> {
        let mut stream = self.web.accept(stream).await.ok()?;
        if stream.get_ref().1.alpn_protocol() == Some(acme::PROOF) {
            // Whether it is closed in order is the authority's business.
            let _ = stream.shutdown().await;
            return None;
        }
        Some(stream)
    }
}
