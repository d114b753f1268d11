//! Lines of HL7 v2: to whom, and who shows what.

use std::sync::Arc;

use bianque_app::ports::lines::{End, Lines};
use bianque_app::ports::outbound::Failure;
use bianque_app::secrets::hex;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{Allowed, Client, roots};

fn made() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["his.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    (made.cert.der().clone(), key)
}

/// A server that says back what it hears, to who shows a certificate if one is wanted; its port and its certificate.
async fn server(wants: Option<CertificateDer<'static>>) -> (u16, String) {
    let (certificate, key) = made();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match wants {
        None => builder.with_no_client_auth(),
        Some(wanted) => {
            let mut store = RootCertStore::empty();
            store.add(wanted).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let hash = hex(&Sha256::digest(&certificate));
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![certificate], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut heard = [0; 64];
            let length = stream.read(&mut heard).await.unwrap_or_default();
            let _ = stream.write_all(&heard[..length]).await;
        }
    });
    (port, hash)
}

fn end(port: u16, certificate: Option<String>) -> End {
    let host = url::Host::Ipv4([127, 0, 0, 1].into());
    End { host, port, plain: false, certificate, inside: true }
}

fn client() -> Client {
    Client::new(Allowed::default(), roots(None).unwrap())
}

async fn talk(client: &Client, end: &End) -> Result<Vec<u8>, Failure> {
    let mut line = client.open(end).await?;
    line.write(b"hear").await?;
    line.read().await
}

#[tokio::test]
async fn a_server_is_known_by_its_certificate_alone() {
    let (port, hash) = server(None).await;
    assert_eq!(talk(&client(), &end(port, Some(hash.to_uppercase()))).await, Ok(b"hear".to_vec()));
    assert_eq!(talk(&client(), &end(port, Some("0".repeat(64)))).await, Err(Failure::Certificate));
    assert_eq!(talk(&client(), &end(port, None)).await, Err(Failure::Certificate), "signed by nobody known");
}

#[tokio::test]
async fn who_asks_for_a_certificate_is_shown_ours() {
    let (certificate, key) = made();
    let (port, hash) = server(Some(certificate.clone())).await;
    let theirs = end(port, Some(hash));
    assert!(talk(&client(), &theirs).await.is_err(), "there is none to show");
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let own = CertifiedKey::from_der(vec![certificate], key, &provider).unwrap();
    let client = client().showing(Arc::new(SingleCertAndKey::from(own)));
    assert_eq!(talk(&client, &theirs).await, Ok(b"hear".to_vec()));
}

#[tokio::test]
async fn a_line_leads_inside_a_network_only_where_it_may() {
    let (port, hash) = server(None).await;
    let inside = End { inside: false, ..end(port, Some(hash)) };
    assert_eq!(talk(&client(), &inside).await, Err(Failure::Forbidden));
    let named = Client::new(Allowed::read(["127.0.0.1"]).unwrap(), roots(None).unwrap());
    assert_eq!(talk(&named, &inside).await, Ok(b"hear".to_vec()));
    let metadata = End { host: url::Host::Ipv4([169, 254, 169, 254].into()), ..end(port, None) };
    assert_eq!(talk(&client(), &metadata).await, Err(Failure::Forbidden), "nobody asks there");
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert_eq!(talk(&client(), &end(nobody, None)).await, Err(Failure::Unreachable));
}
