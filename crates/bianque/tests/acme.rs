//! A certificate by ACME, from Pebble (https://github.com/letsencrypt/pebble), where it is installed.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bianque_testkit::Setup;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme};
use serde_json::json;

const NAME: &str = "visit.clinic.example";

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &str, flags: &[&str], variables: &[(&str, &str)]) -> Running {
    let mut command = Command::new(program);
    command.args(flags).envs(variables.iter().copied()).stdin(Stdio::null());
    Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An authority that finds every name on this machine and asks for proofs at `port`; gives its directory.
fn authority(folder: &Path, port: u16, directory_port: u16) -> [Running; 2] {
    let config = json!({"pebble": {
        "listenAddress": format!("127.0.0.1:{directory_port}"),
        "managementListenAddress": format!("127.0.0.1:{}", free_port()),
        "certificate": folder.join("pebble.pem"), "privateKey": folder.join("pebble.key"),
        "httpPort": free_port(), "tlsPort": port, "ocspResponderURL": "", "externalAccountBindingRequired": false,
    }});
    let path = folder.join("pebble.json");
    std::fs::write(&path, config.to_string()).unwrap();
    let names = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dns = format!("127.0.0.1:{names}");
    let management = format!("127.0.0.1:{}", free_port());
    let nothing = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""];
    let flags = ["-defaultIPv4", "127.0.0.1", "-dns01", &dns, "-management", &management];
    let resolver = start("pebble-challtestsrv", &[&flags[..], &nothing].concat(), &[]);
    let config = path.display().to_string();
    let pebble = start(
        "pebble",
        &["-config", &config, "-dnsserver", &dns],
        &[("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_WFE_NONCEREJECT", "0")],
    );
    [resolver, pebble]
}

/// Takes any certificate, to look at it.
#[derive(Debug)]
struct Curious;

impl ServerCertVerifier for Curious {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let known = &provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// The certificate that is shown, and whether a page comes over it; none: no handshake.
fn shown(address: &str) -> Option<(Vec<u8>, bool)> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config =
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Curious)).with_no_client_auth();
    let name = ServerName::try_from(NAME).unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    while client.is_handshaking() {
        client.complete_io(&mut stream).ok()?;
    }
    let certificate = client.peer_certificates()?.first()?.to_vec();
    let mut stream = rustls::StreamOwned::new(client, stream);
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").ok()?;
    let mut answer = [0; 1024];
    let length = stream.read(&mut answer).ok()?;
    Some((certificate, answer[..length].starts_with(b"HTTP/1.1 200")))
}

#[test]
fn a_certificate_is_asked_for_proved_shown_and_kept() {
    if Command::new("pebble").arg("-version").output().is_err() {
        eprintln!("pebble is not installed (apt-get install pebble): ACME was not tried");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.path().join("pebble.pem"), own.cert.pem()).unwrap();
    std::fs::write(folder.path().join("pebble.key"), own.signing_key.serialize_pem()).unwrap();
    let directory_port = free_port();
    let root = folder.path().join("pebble.pem").display().to_string();
    let directory = format!("https://localhost:{directory_port}/dir");
    let flags = ["--acme-domain", NAME, "--acme-directory", &directory, "--acme-root", &root];
    let mut server = Setup::serve(env!("CARGO_BIN_EXE_bianque")).flags(flags).start().unwrap();
    let http = server.base().trim_start_matches("https://").to_owned();
    // The authority must know the port of the server, which is patient with an authority that is not there yet.
    let port = http.rsplit(':').next().unwrap().parse().unwrap();
    let authority = authority(folder.path(), port, directory_port);
    let begin = Instant::now();
    let certificate = loop {
        if let Some((certificate, true)) = shown(&http) {
            break certificate;
        }
        assert!(begin.elapsed() < Duration::from_mins(1), "{}", server.log());
        std::thread::sleep(Duration::from_millis(200));
    };
    assert!(certificate.windows(NAME.len()).any(|window| window == NAME.as_bytes()));
    // After a restart, with the authority gone, the same one is shown.
    drop(authority);
    server.kill().unwrap();
    server.restart().unwrap();
    let http = server.base().trim_start_matches("https://").to_owned();
    let begin = Instant::now();
    while shown(&http).is_none() {
        assert!(begin.elapsed() < Duration::from_secs(10), "{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(shown(&http).unwrap().0, certificate);
}
