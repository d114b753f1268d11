//! Lines on which HL7 v2 goes out: bytes over TCP, in TLS but where a destination says otherwise.

use std::sync::Arc;
use std::time::Duration;

use bianque_app::ports::lines::{Awaited, End, Lines, OpenLine};
use bianque_app::ports::outbound::Failure;
use bianque_app::secrets::hex;
use rustls::ClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use url::Url;

use crate::{Client, connect};

/// From the name to the end of the handshake.
const OPENING: Duration = Duration::from_secs(10);
/// Nothing goes, or nothing comes, for so long.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes that are read at once.
const AT_ONCE: usize = 16 << 10;

impl Lines for Client {
    fn open<'a>(&'a self, end: &'a End) -> Awaited<'a, Box<dyn OpenLine>> {
        Box::pin(async move { Ok(Box::new(Line(self.stream(end).await?)) as Box<dyn OpenLine>) })
    }
}

/// A stream of bytes to another system.
pub trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for S {}

impl Client {
    /// Opens a stream of bytes to another system, from the name to the end of the handshake.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn stream(&self, end: &End) -> Result<Box<dyn ByteStream>, Failure> {
        timeout(OPENING, self.opened(end)).await.unwrap_or(Err(Failure::TooSlow))
    }

    async fn opened(&self, end: &End) -> Result<Box<dyn ByteStream>, Failure> {
        let url = format!("https://{}:{}/", end.host, end.port);
        let url = Url::parse(&url).map_err(|_| Failure::BadAddress)?;
        let inside = end.inside || self.allowed.leave(&url).inside;
        let stream = connect::to(&*self.names, &url, inside).await?;
        // A message is one thing: what is left of it does not wait for more.
        let _ = stream.set_nodelay(true);
        if end.plain {
            return Ok(Box::new(stream));
        }
        let config = match &end.certificate {
            None => Arc::clone(&self.lines),
            Some(hash) => Arc::new(self.knowing(hash)),
        };
        Ok(Box::new(connect::tls(&config, &url, stream).await?))
    }

    /// The same with a server that is known by its certificate alone.
    fn knowing(&self, hash: &str) -> ClientConfig {
        let mut config = ClientConfig::clone(&self.lines);
        let algorithms = config.crypto_provider().signature_verification_algorithms;
        config.dangerous().set_certificate_verifier(Arc::new(Known { hash: hash.to_owned(), algorithms }));
        config
    }
}

/// A stream of bytes.
struct Line<S>(S);

impl<S: AsyncRead + AsyncWrite + Unpin + Send> OpenLine for Line<S> {
    fn write<'a>(&'a mut self, bytes: &'a [u8]) -> Awaited<'a, ()> {
        Box::pin(async move {
            let writing = async {
                self.0.write_all(bytes).await?;
                self.0.flush().await
            };
            match timeout(PATIENCE, writing).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(Failure::Broken),
                Err(_) => Err(Failure::TooSlow),
            }
        })
    }

    fn read(&mut self) -> Awaited<'_, Vec<u8>> {
        Box::pin(async move {
            let mut buffer = vec![0; AT_ONCE];
            match timeout(PATIENCE, self.0.read(&mut buffer)).await {
                Ok(Ok(0) | Err(_)) => Err(Failure::Broken),
                Ok(Ok(read)) => {
                    buffer.truncate(read);
                    Ok(buffer)
                }
                Err(_) => Err(Failure::TooSlow),
            }
        })
    }
}

/// Takes one certificate, whoever signed it and whatever names it has.
#[derive(Debug)]
struct Known {
    /// SHA-256 of it, in hexadecimal.
    hash: String,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Known {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let hash = hex(&Sha256::digest(shown));
        if hash.eq_ignore_ascii_case(&self.hash) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, shown, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, shown, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
