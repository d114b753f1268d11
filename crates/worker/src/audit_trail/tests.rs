//! Stories of an audit that leaves the machine: to a folder, to a syslog server, and to one that is away for a while.

use std::sync::Arc;

use bianque_app::audit::checkpoint::Checkpoint;
use bianque_app::testing::{Clinic, Doctor};
use bianque_model::ResourceId;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Destination, SyslogServer, round};

async fn clinic_at_work() -> (Clinic, Doctor, ResourceId) {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let ana = clinic.patient("Ana", &home).await;
    clinic.visit(&doctor, &ana).await;
    (clinic, doctor, ana)
}

/// Sends until nothing is left.
async fn send(clinic: &Clinic, destination: Destination) -> std::io::Result<()> {
    let name = destination.name();
    let mut sink = destination.open();
    while round(&clinic.app, &name, sink.as_mut()).await? {}
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_gets_each_row_once_and_checkpoints_that_hold() {
    let (clinic, doctor, ana) = clinic_at_work().await;
    let folder = tempfile::tempdir().unwrap();
    let there = || Destination::Folder(folder.path().join("audit"));
    send(&clinic, there()).await.unwrap();
    bianque_app::directory::chart::load(&clinic.app, &doctor.context, &ana).await.unwrap();
    send(&clinic, there()).await.unwrap();

    let file = std::fs::read_dir(folder.path().join("audit")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let rows: Vec<_> = lines.iter().filter(|line| line["event"].is_object()).collect();
    let mut sequences: Vec<_> = rows.iter().map(|row| row["sequence"].as_u64().unwrap()).collect();
    let count = sequences.len();
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), count, "each row once");
    assert!(rows.iter().any(|row| row["event"]["subtype"][0]["code"] == "chart.read"));
    let checkpoints: Vec<String> =
        lines.iter().filter_map(|line| Some(line["checkpoint"].as_str()?.to_owned())).collect();
    assert!(checkpoints.iter().all(|line| Checkpoint::read(&clinic.app, line).is_ok()));
    let report = bianque_app::audit::verify::verify(&clinic.app, &checkpoints).await.unwrap();
    assert!(report.sound && report.checkpoints == checkpoints.len(), "{report:?}");
}

/// A server with a certificate of its own, and who trusts it.
fn identities() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate = CertificateDer::from(made.cert.der().to_vec());
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    (Arc::new(server), Arc::new(client))
}

/// Takes one connection, and gives its frames (RFC 5425, 4.3).
async fn frames(listener: TcpListener, tls: Arc<ServerConfig>) -> Vec<String> {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = TlsAcceptor::from(tls).accept(stream).await.unwrap();
    let mut bytes = Vec::new();
    // The other side may just go away.
    let _ = stream.read_to_end(&mut bytes).await;
    let mut frames = Vec::new();
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let blank = rest.iter().position(|byte| *byte == b' ').unwrap();
        let length: usize = std::str::from_utf8(&rest[..blank]).unwrap().parse().unwrap();
        frames.push(String::from_utf8(rest[blank + 1..=blank + length].to_vec()).unwrap());
        rest = &rest[blank + 1 + length..];
    }
    frames
}

#[tokio::test(flavor = "multi_thread")]
async fn a_syslog_server_gets_what_waited_for_it_over_tls() {
    let (clinic, ..) = clinic_at_work().await;
    let (server, client) = identities();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let there =
        || Destination::Syslog(SyslogServer { host: "localhost".into(), port, tls: Arc::clone(&client) });

    drop(listener);
    assert!(send(&clinic, there()).await.is_err(), "the server is away");
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let received = tokio::spawn(frames(listener, server));
    send(&clinic, there()).await.unwrap();
    let received = received.await.unwrap();
    let events: Vec<_> =
        received.iter().filter(|frame| frame.contains(" AuditEvent [bianque@32473 ")).collect();
    assert!(received[0].starts_with("<85>1 ") && !events.is_empty(), "{received:?}");
    assert!(received.last().unwrap().contains(" checkpoint - \u{feff}ey"), "{received:?}");
    let event: Value = serde_json::from_str(events[0].split_once('\u{feff}').unwrap().1).unwrap();
    assert_eq!(event["resourceType"], "AuditEvent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_syslog_server_that_nobody_vouches_for_gets_nothing() {
    let (clinic, ..) = clinic_at_work().await;
    let ((server, _), (_, stranger)) = (identities(), identities());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let _ = TlsAcceptor::from(server).accept(stream).await;
    });
    let there = Destination::Syslog(SyslogServer { host: "localhost".into(), port, tls: stranger });
    assert!(send(&clinic, there).await.is_err());
}
