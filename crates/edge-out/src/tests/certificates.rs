//! Who a server is: its certificate, held against public roots and a hospital's own.

use std::sync::Arc;

use bianque_app::ports::outbound::{Failure, Outbound, Request};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::{Allowed, Client, roots};

/// A server with a certificate of its own for `localhost`; its port, and that certificate as PEM.
async fn server() -> (u16, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    (port, made.cert.pem())
}

#[tokio::test]
async fn a_certificate_is_held_against_the_roots_and_the_name() {
    let (port, pem) = server().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    let ask = async |host: &str, extra| {
        let allowed = Allowed::read(["localhost", "127.0.0.1"]).unwrap();
        let client = Client::new(allowed, roots(extra).unwrap());
        let url = Url::parse(&format!("https://{host}:{port}/")).unwrap();
        client.send(Request::get(url)).await.map(|answer| answer.status)
    };
    assert_eq!(ask("localhost", Some(file.path())).await, Ok(204));
    assert_eq!(ask("localhost", None).await, Err(Failure::Certificate), "signed by nobody known");
    assert_eq!(ask("127.0.0.1", Some(file.path())).await, Err(Failure::Certificate), "for another name");
}

#[test]
fn a_file_without_certificates_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(roots(Some(file.path())).is_err());
}
