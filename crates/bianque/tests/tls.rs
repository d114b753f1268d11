//! The TLS side of the running server: versions, and a certificate that changes under open connections.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bianque_testkit::{Server, Setup};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// Puts a new certificate for `localhost` and its key where the server reads them; gives it.
fn put(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let replace = |name: &str, text: String| {
        std::fs::write(folder.join("new"), text).unwrap();
        std::fs::rename(folder.join("new"), folder.join(name)).unwrap();
    };
    replace("chain.pem", made.cert.pem());
    replace("key.pem", made.signing_key.serialize_pem());
    made.cert.der().clone()
}

fn serve(folder: &Path) -> Server {
    let files = ["chain.pem", "key.pem"].map(|name| folder.join(name).display().to_string());
    let [certificate, key] = files;
    Setup::serve(env!("CARGO_BIN_EXE_bianque"))
        .flags(["--tls-cert".to_owned(), certificate, "--tls-key".to_owned(), key])
        .start()
        .unwrap()
}

fn address(server: &Server) -> &str {
    server.base().strip_prefix("https://").unwrap()
}

struct Client(StreamOwned<ClientConnection, TcpStream>);

impl Client {
    /// Connects, trusting this certificate only.
    fn open(
        server: &Server,
        trusted: &CertificateDer<'static>,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> std::io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = TcpStream::connect(address(server))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        while client.is_handshaking() {
            client.complete_io(&mut stream)?;
        }
        Ok(Self(StreamOwned::new(client, stream)))
    }

    fn asks(&mut self) -> bool {
        self.0.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        let mut answer = [0; 4096];
        let length = self.0.read(&mut answer).unwrap();
        answer[..length].starts_with(b"HTTP/1.1 200")
    }
}

/// The first bytes of a client that speaks this version at most, and what the server answers: an alert or a hello.
fn hello(server: &Server, version: [u8; 2]) -> Vec<u8> {
    let mut body = version.to_vec();
    body.extend([7; 32]);
    // No session; suites that TLS 1.2 has, and older ones; no compression.
    body.extend([0, 0, 8, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x09, 0x00, 0x2f, 1, 0]);
    // Groups, point formats, signature schemes; no supported_versions, so that no newer version is named.
    body.extend([0, 24, 0, 10, 0, 4, 0, 2, 0, 0x1d, 0, 11, 0, 2, 1, 0, 0, 13, 0, 6, 0, 4, 4, 3, 8, 4]);
    let length = u8::try_from(body.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(body);
    let mut stream = TcpStream::connect(address(server)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(&record).unwrap();
    let mut answer = vec![0; 512];
    let length = stream.read(&mut answer).unwrap();
    answer.truncate(length);
    answer
}

#[test]
fn nothing_below_tls_1_2_is_spoken() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = put(folder.path());
    let server = serve(folder.path());
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        assert!(Client::open(&server, &certificate, version).unwrap().asks(), "{version:?}");
    }
    // The same words as TLS 1.2 are answered with a hello, so that what follows is about the version.
    assert_eq!(hello(&server, [3, 3]).first(), Some(&22));
    for old in [[3, 0], [3, 1], [3, 2]] {
        let answer = hello(&server, old);
        // A fatal alert (RFC 5246, 7.2): protocol_version.
        assert_eq!(answer.first(), Some(&21), "{old:?}: {answer:?}");
        assert_eq!(answer.get(5..7), Some(&[2, 70][..]), "{old:?}: {answer:?}");
    }
}

/// The same with a client that we did not write, where it is installed.
#[test]
fn openssl_is_refused_below_tls_1_2() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("openssl is not installed: only our own client was tried");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    put(folder.path());
    let server = serve(folder.path());
    for (version, accepted) in [("-tls1", false), ("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)] {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_client", "-connect", address(&server), version, "-cipher", "DEFAULT@SECLEVEL=0"]);
        let output = openssl.stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(text.contains("Server certificate\n-----BEGIN"), accepted, "{version}: {text}");
    }
}

#[test]
fn a_new_certificate_is_shown_to_new_connections_and_open_ones_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let first = put(folder.path());
    let server = serve(folder.path());
    let version = &rustls::version::TLS13;
    let mut open = Client::open(&server, &first, version).unwrap();
    assert!(open.asks());
    let second = put(folder.path());
    let pid = i32::try_from(server.pid()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    let begin = Instant::now();
    while Client::open(&server, &second, version).is_err() {
        assert!(
            begin.elapsed() < Duration::from_secs(5),
            "the new certificate is not shown: {}",
            server.log()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Client::open(&server, &first, version).is_err());
    assert!(open.asks(), "the connection was lost with the old certificate");
    // A pair that does not fit changes nothing.
    std::fs::write(folder.path().join("key.pem"), "not a key").unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(Client::open(&server, &second, version).unwrap().asks());
    assert!(open.asks());
    // Without a signal the files are looked at by themselves.
    let third = put(folder.path());
    let begin = Instant::now();
    while Client::open(&server, &third, version).is_err() {
        assert!(begin.elapsed() < Duration::from_secs(15), "{}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}
